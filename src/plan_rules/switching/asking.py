"""The catalog's own rules, asked about a plan that a customer might be on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from plan_rules.assessment.assessment import assess_plan
from plan_rules.assessment.eligibility import OPEN, Eligibility
from plan_rules.assessment.history import History, NotEnoughHistory
from plan_rules.assessment.inquiry import Inquiry
from plan_rules.catalog.catalog import Catalog
from plan_rules.errors import InvalidValue
from plan_rules.periods import cycle_at
from plan_rules.rating.rating import billing_anchor, rate_cycle
from plan_rules.rules.effect import WHOLE, Adjust, AdjustmentKind, Base
from plan_rules.switching.fee_adjustment import FeeAdjustment
from plan_rules.switching.subscription import Subscription
from plan_rules.tariff.book import PlanTariff
from plan_rules.tariff.compiling import tariff_book
from plan_rules.usage.call import Call
from plan_rules.usage.customer import Customer


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the rules say of one plan: may the customer have it, and what becomes of its fee."""

    eligibility: Eligibility = OPEN
    adjustments: tuple[FeeAdjustment, ...] = ()


SILENT = Answer()
"""What a catalog without rules answers."""


def ask_rules(
    *,
    catalog: Catalog,
    customer: Customer,
    plan_id: str,
    on: date,
    calls: Iterable[Call] = (),
) -> Answer:
    """Return what the catalog's rules say of a customer and a plan on a day.

    `customer.plan` is the plan they are on, which no rule takes from them. `calls` are the
    history that facts of usage are taken from. Adjustments are those on the fee, of a cycle
    without a call: what calls bring is adjusted when they are billed.

    Raises `UnknownId` for an unknown plan and, by the fact's name, for facts of the customer
    that the catalog does not declare, that are missing or out of range.
    """
    if not catalog.rules.rules:
        return SILENT
    book = tariff_book(catalog)
    tariff = book.plan(plan_id)
    history = History.of(book=book, customer=customer, calls=calls, as_of=on)
    inquiry = Inquiry.of(catalog=catalog, customer=customer, as_of=on, history=history)
    try:
        found = assess_plan(book, plan_id, history, horizon_cycles=1, inquiry=inquiry).eligibility
    except NotEnoughHistory:
        found = inquiry.eligibility(tariff, on=on)
    return Answer(
        eligibility=replace(found, excluded=()) if plan_id == customer.plan else found,
        adjustments=tuple(_fee_adjustments(inquiry, tariff, found, on=on)),
    )


def rules_of(
    catalog: Catalog,
    subscription: Subscription,
    customer: Customer | None,
    *,
    plan_id: str,
    on: date,
    calls: Iterable[Call] = (),
) -> Answer:
    """Return what the catalog's rules say of a subscriber and a plan, as `ask_rules` does.

    The subscription says what the customer is on. Raises `InvalidValue` where the catalog has
    rules and there is no customer to ask them about.
    """
    if not catalog.rules.rules:
        return SILENT
    if customer is None:
        raise InvalidValue(
            name="customer", value=None, expected="the customer whom the catalog's rules ask about"
        )
    present = subscription.on_plan
    on_plan = replace(
        customer,
        plan=present.plan_id,
        since=present.since,
        chosen_country=present.chosen_country,
    )
    return ask_rules(catalog=catalog, customer=on_plan, plan_id=plan_id, on=on, calls=calls)


def _fee_adjustments(
    inquiry: Inquiry, tariff: PlanTariff, found: Eligibility, *, on: date
) -> Iterator[FeeAdjustment]:
    """Yield the discounts and surcharges on the fee of a cycle without a call."""
    length = tariff.plan.billing.length
    cycle = cycle_at(on, anchor=billing_anchor(tariff, inquiry.customer.anchor), length=length)
    bill = rate_cycle(inquiry.book, tariff, cycle=cycle, placed=(), terms_on=on)
    adjusted = inquiry.adjusted(bill, found, on=on)
    if adjusted.decision is None:
        return
    given_way = {(each.rule.id, each.effect) for each in adjusted.displaced}
    for rule, effect in adjusted.decision.effects():
        if isinstance(effect, Adjust) and effect.on is Base.FEE:
            if (rule.id, effect) in given_way:
                continue
            sign = -1 if effect.kind is AdjustmentKind.DISCOUNT else 1
            yield FeeAdjustment(
                rule=rule.id,
                reason=effect.reason.rstrip("."),
                micros=sign * (effect.amount_micros or 0),
                share=sign * (effect.percent or 0) / WHOLE,
                span=effect.span,
            )
