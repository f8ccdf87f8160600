"""The beginning of a subscription: its first plan, and what is left of its first cycle."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from plan_rules.assessment.eligibility import Eligibility
from plan_rules.catalog.catalog import Catalog
from plan_rules.catalog.plan import Plan
from plan_rules.periods import anchor_for, cycle_at, local_day, time_zone
from plan_rules.switching.asking import ask_rules
from plan_rules.switching.carrying import fresh_counters
from plan_rules.switching.dues import convention_of, once_lines, term_from
from plan_rules.switching.events import Activated, Charged, Event, Grid, OnPlan, Promotion
from plan_rules.switching.fee_adjustment import FeeAdjustment
from plan_rules.switching.pricing import Pricer, full_price
from plan_rules.switching.proration import share_left
from plan_rules.switching.refusal import CommandRefused
from plan_rules.switching.share import WHOLE
from plan_rules.tariff.compiling import tariff_book
from plan_rules.usage.customer import Customer


def activate(
    *,
    catalog: Catalog,
    customer: Customer,
    plan: str,
    as_of: datetime,
    on: date | None = None,
    subscription_id: str = "",
    chosen_country: str = "",
    eligibility: Eligibility | None = None,
    adjustments: Iterable[FeeAdjustment] | None = None,
) -> tuple[Event, ...]:
    """Begin a subscription `on` a day (today unless said) and charge what is left of its cycle.

    Cycles are cut from the customer's anchor date. The id is the customer's unless given.
    The catalog's rules are asked about the customer; a host that decides otherwise hands in
    whether the customer may have the plan (`eligibility`), or the discounts and surcharges on
    its fee (`adjustments`).
    Raises `UnknownId` for an unknown plan, `CommandRefused` for one that is not sold that day,
    that rules exclude, or that needs a country to be chosen, `InvalidValue` for a naive `as_of`.
    """
    chosen = catalog.plan(plan)
    zone = time_zone(customer.zone)
    day = on or local_day(as_of, zone=zone)
    if eligibility is None or adjustments is None:
        newcomer = replace(customer, plan="", since=None, chosen_country="")
        answer = ask_rules(catalog=catalog, customer=newcomer, plan_id=plan, on=day)
        eligibility = answer.eligibility if eligibility is None else eligibility
        adjustments = answer.adjustments if adjustments is None else adjustments
    _demand_open(chosen, day, chosen_country, eligibility)
    billing = chosen.billing
    anchor = customer.anchor
    if billing.length.count > 1:
        anchor = anchor_for(day, anchor=anchor, length=billing.length)
    grid = Grid(anchor=anchor, length=billing.length, calendar=billing.calendar)
    cycle = cycle_at(day, anchor=grid.origin, length=grid.length)
    promotion = None
    if chosen.intro is not None and not eligibility.intro_denied:
        promotion = Promotion(fee_micros=chosen.intro.fee, cycles=chosen.intro.cycles)
    pricer, convention = Pricer.of(catalog), convention_of(catalog, plan)
    share = WHOLE
    if cycle.start != day:
        share = share_left(cycle=cycle, convention=convention, on=day, zone=zone)
    lines = list(once_lines(chosen, pricer))
    if billing.fee_in_advance:
        price = full_price(chosen, on=day, promotion=promotion, adjustments=adjustments)
        lines.insert(
            0,
            pricer.fee(plan, price, start=day, end=cycle.end, convention=convention, share=share),
        )
    counters = fresh_counters(
        tariff_book(catalog),
        plan,
        on=day,
        share=share.fraction,
        mode=chosen.switching.allowance,
        rounding=chosen.switching.allowance_rounding,
    )
    began = Activated(
        subscription_id=subscription_id or customer.id,
        customer_id=customer.id,
        currency=catalog.currency,
        zone=customer.zone,
        on_plan=OnPlan(
            plan_id=plan,
            since=day,
            chosen_country=chosen_country,
            promotion=promotion,
            term=term_from(chosen, day),
        ),
        grid=grid,
        cycle=cycle,
        counters=counters,
    )
    charged = Charged(cycle=cycle, lines=tuple(lines), counters=counters)
    return (
        Event(sequence=1, effective=day, recorded=as_of, change=began),
        Event(sequence=2, effective=day, recorded=as_of, change=charged),
    )


def _demand_open(plan: Plan, day: date, chosen: str, eligibility: Eligibility) -> None:
    if not plan.is_sold(day):
        raise CommandRefused(
            command="activate",
            field="plan",
            fact=f"`{plan.id}` is not sold on {day}",
            remedy="choose a plan that is sold that day",
        )
    if eligibility.excluded:
        raise CommandRefused(
            command="activate",
            field="plan",
            fact="; ".join(reason.text for reason in eligibility.excluded),
            remedy="choose a plan that the customer may have",
        )
    if plan.choose_from and not chosen:
        raise CommandRefused(
            command="activate",
            field="chosen_country",
            fact=f"`{plan.id}` holds for one country that the customer chooses",
            remedy="pass the country",
        )
