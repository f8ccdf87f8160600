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
    without a call: what calls bring is adjusted when they are billed (`bill_usage`).

    Raises `UnknownId` for an unknown plan and, by the fact's name, for facts of the customer
    that the catalog does not declare, that are missing or out of range.
    """
    if not catalog.rules.rules:
        return SILENT
    inquiry, found = inquire(
        catalog=catalog, customer=customer, plan_id=plan_id, on=on, calls=calls
    )
    tariff = inquiry.book.plan(plan_id)
    return Answer(
        eligibility=replace(found, excluded=()) if plan_id == customer.plan else found,
        adjustments=tuple(_fee_adjustments(inquiry, tariff, found, on=on)),
    )


def adjustments_due(
    catalog: Catalog,
    subscription: Subscription,
    customer: Customer | None,
    given: Iterable[FeeAdjustment] | None,
    *,
    on: date,
    calls: Iterable[Call] = (),
) -> tuple[FeeAdjustment, ...]:
    """Return the adjustments of the present plan's fee: those given, else what the rules say.

    A fee never falls due without either: where the catalog has rules and there is nobody to ask
    them about, `InvalidValue`.
    """
    if given is not None:
        return tuple(given)
    plan_id = subscription.plan_id
    return rules_of(
        catalog, subscription, customer, plan_id=plan_id, on=on, calls=calls
    ).adjustments


def inquire(
    *, catalog: Catalog, customer: Customer, plan_id: str, on: date, calls: Iterable[Call]
) -> tuple[Inquiry, Eligibility]:
    """Return the inquiry about a customer on a day, and what the rules say of a plan.

    Where the calls before that day hold a whole cycle of the plan, the rules know by country
    what of them the plan would include.
    """
    book = tariff_book(catalog)
    history = History.of(book=book, customer=customer, calls=calls, as_of=on)
    inquiry = Inquiry.of(catalog=catalog, customer=customer, as_of=on, history=history)
    try:
        found = assess_plan(book, plan_id, history, horizon_cycles=1, inquiry=inquiry).eligibility
    except NotEnoughHistory:
        found = inquiry.eligibility(book.plan(plan_id), on=on)
    return inquiry, found


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
    """Yield the discounts and then the surcharges on the fee of a cycle without a call.

    In this order no discount takes anything off a surcharge, as on a bill.
    """
    length = tariff.plan.billing.length
    cycle = cycle_at(on, anchor=billing_anchor(tariff, inquiry.customer.anchor), length=length)
    bill = rate_cycle(inquiry.book, tariff, cycle=cycle, placed=(), terms_on=on)
    adjusted = inquiry.adjusted(bill, found, on=on, bases=(Base.FEE,))
    if adjusted.decision is None:
        return
    given_way = {(each.rule.id, each.effect) for each in adjusted.displaced}
    for kind, sign in ((AdjustmentKind.DISCOUNT, -1), (AdjustmentKind.SURCHARGE, 1)):
        for rule, effect in adjusted.decision.effects():
            if not isinstance(effect, Adjust) or effect.on is not Base.FEE:
                continue
            if effect.kind is kind and (rule.id, effect) not in given_way:
                yield FeeAdjustment(
                    rule=rule.id,
                    reason=effect.reason.rstrip("."),
                    micros=sign * (effect.amount_micros or 0),
                    share=sign * (effect.percent or 0) / WHOLE,
                    span=effect.span,
                )
