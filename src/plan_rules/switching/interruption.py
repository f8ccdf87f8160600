"""A pause of service and its end: days not served are not paid."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from plan_rules.catalog.catalog import Catalog
from plan_rules.catalog.plan import Plan
from plan_rules.periods import Cycle
from plan_rules.switching.asking import adjustments_due
from plan_rules.switching.carrying import carried_counters, fresh_counters, spent_of
from plan_rules.switching.counter import Counter, Spent
from plan_rules.switching.demands import (
    demand_active,
    demand_currency,
    demand_day,
    next_event,
)
from plan_rules.switching.dues import (
    convention_of,
    given_back,
    grid_cycle,
    is_due_afterwards,
    left_of,
)
from plan_rules.switching.events import Event, Paused, Resumed
from plan_rules.switching.fee_adjustment import FeeAdjustment
from plan_rules.switching.line import Line, LineKind
from plan_rules.switching.pricing import Pricer, full_price
from plan_rules.switching.refusal import CommandRefused
from plan_rules.switching.share import WHOLE
from plan_rules.switching.subscription import Status, Subscription
from plan_rules.tariff.compiling import tariff_book
from plan_rules.usage.call import Call
from plan_rules.usage.customer import Customer


def pause(
    *,
    catalog: Catalog,
    subscription: Subscription,
    as_of: datetime,
    customer: Customer | None = None,
    calls: Iterable[Call] = (),
    adjustments: Iterable[FeeAdjustment] | None = None,
) -> tuple[Event, ...]:
    """Stop service today, and give back what was paid for the days still to come of the cycle.

    While it is paused nothing is charged. A switch that is scheduled stands against a pause.
    Where a fee falls due, rules are asked about the `customer` as `charge_cycle` asks them.
    """
    demand_currency(catalog, subscription)
    today = demand_active(subscription, as_of, command="pause")
    if subscription.scheduled is not None:
        raise CommandRefused(
            command="pause",
            field="scheduled",
            fact=f"a switch is scheduled for {subscription.scheduled.on}",
            remedy="cancel it first, and quote it anew after the pause",
        )
    due: tuple[FeeAdjustment, ...] = ()
    if is_due_afterwards(catalog, subscription, until=today):
        day = subscription.segment_start
        due = adjustments_due(catalog, subscription, customer, adjustments, on=day, calls=calls)
    lines = given_back(catalog, subscription, on=today, adjustments=due)
    return (next_event(subscription, as_of, Paused(lines=lines)),)


def resume(
    *,
    catalog: Catalog,
    subscription: Subscription,
    as_of: datetime,
    customer: Customer | None = None,
    calls: Iterable[Call] = (),
    adjustments: Iterable[FeeAdjustment] | None = None,
) -> tuple[Event, ...]:
    """Take service up again today and charge what is left of the cycle.

    A price billed before for the same cycle holds; for a new one rules are asked about the
    `customer` as `charge_cycle` asks them. The minimum term, if any, ends as many days later as
    the pause lasted.
    """
    demand_currency(catalog, subscription)
    today = subscription.day_of(as_of)
    paused = subscription.paused_on
    if subscription.status is not Status.PAUSED or paused is None:
        raise CommandRefused(
            command="resume",
            field="status",
            fact=f"the subscription is {subscription.status.value}",
            remedy="resume only what is paused",
        )
    demand_day(subscription, today, command="resume")
    plan = catalog.plan(subscription.plan_id)
    pricer, convention = Pricer.of(catalog), convention_of(catalog, plan.id)
    same = today < subscription.cycle.end
    cycle = subscription.cycle if same else grid_cycle(subscription.grid, today)
    share = WHOLE
    if cycle.start != today or same:
        share = left_of(cycle, subscription, convention, on=today)
    term = subscription.term
    if term is not None:
        term = replace(term, end=term.end + (today - paused))
    lines: tuple[Line, ...] = ()
    if plan.billing.fee_in_advance:
        billed = [
            each
            for each in subscription.payments
            if each.plan_id == plan.id and each.cycle == cycle
        ]
        if same and billed:
            price = replace(
                full_price(plan, on=today, promotion=subscription.promotion),
                kind=LineKind(billed[-1].id),
                micros=billed[-1].price_micros,
                words="",
            )
        else:
            due = adjustments_due(
                catalog, subscription, customer, adjustments, on=today, calls=calls
            )
            price = full_price(plan, on=today, promotion=subscription.promotion, adjustments=due)
        lines = (
            pricer.fee(
                plan.id, price, start=today, end=cycle.end, convention=convention, share=share
            ),
        )
    counters, spent = _resumed_counters(catalog, subscription, plan, cycle, today)
    change = Resumed(cycle=cycle, lines=lines, counters=counters, spent=spent, term=term)
    return (next_event(subscription, as_of, change),)


def _resumed_counters(
    catalog: Catalog, base: Subscription, plan: Plan, cycle: Cycle, today: date
) -> tuple[tuple[Counter, ...], tuple[Spent, ...]]:
    """Return the counters after a pause: the days of the pause include nothing."""
    book, switching = tariff_book(catalog), plan.switching
    convention = convention_of(catalog, plan.id)
    share = left_of(cycle, base, convention, on=today).fraction
    if cycle != base.cycle:
        part = share if cycle.start != today else WHOLE.fraction
        fresh = fresh_counters(
            book,
            plan.id,
            on=today,
            share=part,
            mode=switching.allowance,
            rounding=switching.allowance_rounding,
        )
        return fresh, ()
    stopped = left_of(cycle, base, convention, on=base.paused_on or today).fraction
    chosen = base.on_plan.chosen_country
    spent = (*base.spent, *spent_of(plan.id, base.counters, share=stopped, chosen=chosen))
    counters = carried_counters(
        book,
        plan.id,
        on=today,
        share=share,
        chosen=chosen,
        spent=spent,
        mode=switching.allowance,
        rounding=switching.allowance_rounding,
    )
    return counters, spent
