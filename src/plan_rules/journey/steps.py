"""The guide's seven steps, each a function from a journey to the journey after it.

A step may be taken again until the switch is confirmed: what later steps left behind is then
gone, since it rested on what is said anew. Nothing here stores anything and nothing reads a
clock: `as_of` is passed in. Confirming needs a store, and is in `keeping`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime

from plan_rules.assessment.eligibility import Eligibility
from plan_rules.catalog.catalog import Catalog
from plan_rules.errors import InvalidValue
from plan_rules.journey.journey import (
    FIELDS,
    Agreed,
    Journey,
    NotPresented,
    OtherSubscription,
    OutOfOrder,
    Presented,
    Receipt,
    Reviewed,
    ReviewedAllowance,
    ReviewedCycle,
    Step,
)
from plan_rules.journey.needs import StatedNeeds
from plan_rules.journey.options import options_for
from plan_rules.journey.subscription_usage import review_subscription
from plan_rules.journey.usage import UsageReport
from plan_rules.switching.confirming import Confirmation
from plan_rules.switching.follow_up import follow_ups
from plan_rules.switching.quote import Moment
from plan_rules.switching.quoting import quote_switch
from plan_rules.switching.refusal import MissingConsent, SwitchRefusal
from plan_rules.switching.subscription import Subscription
from plan_rules.usage.call import Call
from plan_rules.usage.customer import Customer


def open_journey(*, id: str, subscription: Subscription, agent: str, as_of: datetime) -> Journey:  # noqa: A002
    """Access the account: begin a journey about a subscription.

    `id` is the host's and names the journey in a store, `agent` is who takes it.
    """
    return Journey(
        id=id,
        subscription_id=subscription.id,
        customer_id=subscription.customer_id,
        agent=agent,
        opened=as_of,
    )


def review_plan(
    journey: Journey,
    *,
    catalog: Catalog,
    subscription: Subscription,
    calls: Iterable[Call],
    as_of: datetime,
    customer: Customer | None = None,
) -> tuple[Journey, UsageReport]:
    """Review the present plan with its usage and billing history.

    The report, to be shown, comes back beside the journey, which keeps a summary of it. Where
    the catalog has rules they are asked about the `customer`.
    """
    _demand(journey, Step.REVIEW)
    demand_same(journey, subscription)
    report = review_subscription(
        catalog=catalog,
        subscription=subscription,
        calls=calls,
        as_of=as_of,
        customer=None if customer is None else customer_on(journey, subscription, customer),
    )
    current = report.current
    projected = current.projected_total
    reviewed = Reviewed(
        as_of=as_of,
        plan_id=subscription.plan_id,
        subscription_version=subscription.version,
        cycles=tuple(
            ReviewedCycle(
                plan_id=each.plan.id,
                start=each.cycle.start,
                end=each.cycle.end,
                is_over=each.is_over,
                calls=each.calls,
                seconds=each.seconds,
                total_micros=each.total.micros,
            )
            for each in report.cycles
        ),
        allowances=tuple(
            ReviewedAllowance(
                id=each.id,
                unit=each.unit,
                used=each.used,
                left=each.left,
                overage=each.overage,
                projected=each.projected,
            )
            for each in current.allowances
        ),
        projected_total_micros=None if projected is None else projected.micros,
    )
    return _taken(journey, Step.REVIEW, reviewed=reviewed), report


def discuss_needs(journey: Journey, *, needs: StatedNeeds) -> Journey:
    """Keep what the customer says of their habits and needs."""
    _demand(journey, Step.NEEDS)
    return _taken(journey, Step.NEEDS, needs=needs)


def present_options(
    journey: Journey,
    *,
    catalog: Catalog,
    subscription: Subscription,
    customer: Customer,
    calls: Iterable[Call],
    as_of: datetime,
    eligibility: Mapping[str, Eligibility] | None = None,
) -> Journey:
    """Present the plans that the customer could be on, with rates and restrictions.

    `eligibility` is what rules say of the customer, by plan.
    """
    _demand(journey, Step.OPTIONS)
    if journey.needs is None:
        raise OutOfOrder(step=Step.OPTIONS, first=Step.NEEDS)
    options = options_for(
        catalog=catalog,
        customer=customer_on(journey, subscription, customer),
        calls=calls,
        needs=journey.needs,
        as_of=subscription.day_of(as_of),
        eligibility=eligibility,
    )
    presented = Presented(as_of=as_of, options=options)
    return _taken(journey, Step.OPTIONS, presented=presented)


def quote_option(
    journey: Journey,
    *,
    catalog: Catalog,
    subscription: Subscription,
    customer: Customer,
    calls: Iterable[Call],
    to: str,
    as_of: datetime,
    on: date | None = None,
    at: Moment | None = None,
    policy: str | None = None,
    chosen_country: str = "",
    eligibility: Eligibility | None = None,
) -> Journey | SwitchRefusal:
    """Quote the switch to one of the options presented, or say why the customer may not.

    The arguments are those of `quote_switch`. Raises `NotPresented` for any other plan.
    """
    _demand(journey, Step.QUOTE)
    known = customer_on(journey, subscription, customer)
    shown = () if journey.presented is None else journey.presented.options
    if to not in {each.plan_id for each in shown}:
        raise NotPresented(plan_id=to, presented=tuple(each.plan_id for each in shown))
    quote = quote_switch(
        catalog=catalog,
        subscription=subscription,
        to=to,
        as_of=as_of,
        on=on,
        at=at,
        policy=policy,
        customer=known,
        calls=calls,
        chosen_country=chosen_country,
        eligibility=eligibility,
    )
    if isinstance(quote, SwitchRefusal):
        return quote
    return _taken(journey, Step.QUOTE, quote=quote)


def agree_to_terms(journey: Journey, *, consents: Iterable[str] = (), as_of: datetime) -> Journey:
    """Keep that the terms of the quote were read aloud and that the customer agreed to them.

    `consents` are the ids of what the customer consented to or showed. Raises `MissingConsent`
    if the quote demands more.
    """
    _demand(journey, Step.TERMS)
    if journey.quote is None:
        raise OutOfOrder(step=Step.TERMS, first=Step.QUOTE)
    given = tuple(sorted(set(consents)))
    missing = [each.id for each in journey.quote.requirements if each.id not in given]
    if missing:
        raise MissingConsent(missing=missing)
    agreed = Agreed(as_of=as_of, quote_id=journey.quote.id, consents=given)
    return _taken(journey, Step.TERMS, agreed=agreed)


def confirmed(journey: Journey, confirmation: Confirmation, *, as_of: datetime) -> Journey:
    """Keep that the switch is confirmed, with what the customer is told of it.

    A host that keeps subscriptions in a store calls `keeping.confirm`, which does this and
    keeps everything in one act.
    """
    _demand(journey, Step.CONFIRM)
    if journey.quote is None or confirmation.quote_id != journey.quote.id:
        quoted = "" if journey.quote is None else journey.quote.id
        raise InvalidValue(name="quote_id", value=confirmation.quote_id, expected=repr(quoted))
    settlement = confirmation.settlement
    receipt = Receipt(
        quote_id=confirmation.quote_id,
        key=confirmation.key,
        subscription_id=journey.subscription_id,
        version=confirmation.subscription.version,
        from_plan=journey.quote.from_plan,
        to=journey.quote.to,
        currency=journey.quote.currency,
        effective=confirmation.effective,
        is_scheduled=confirmation.is_scheduled,
        gross_micros=settlement.gross_micros,
        due_micros=settlement.due_micros,
        credit_after_micros=settlement.credit_after_micros,
        confirmed=as_of,
    )
    return _taken(journey, Step.CONFIRM, receipt=receipt)


def schedule_follow_ups(
    journey: Journey, *, subscription: Subscription, as_of: datetime
) -> Journey:
    """Keep when to speak with the customer again. It may be asked again at any time after."""
    _demand(journey, Step.FOLLOW_UP)
    demand_same(journey, subscription)
    found = follow_ups(subscription, as_of=subscription.day_of(as_of))
    return _taken(journey, Step.FOLLOW_UP, follow_ups=found)


def customer_on(journey: Journey, subscription: Subscription, customer: Customer) -> Customer:
    """Return the customer as the subscription knows them: plan, zone, anchor, chosen country.

    Raises `OtherSubscription` if either is not the one the journey is about.
    """
    demand_same(journey, subscription)
    if customer.id != journey.customer_id:
        raise OtherSubscription(field="customer", expected=journey.customer_id, given=customer.id)
    return replace(
        customer,
        zone=subscription.zone,
        anchor=subscription.grid.anchor,
        plan=subscription.plan_id,
        since=subscription.on_plan.since,
        chosen_country=subscription.on_plan.chosen_country,
    )


def demand_same(journey: Journey, subscription: Subscription) -> None:
    """Raise `OtherSubscription` if the journey is about another subscription or customer."""
    for field, expected, given in (
        ("subscription", journey.subscription_id, subscription.id),
        ("subscription.customer_id", journey.customer_id, subscription.customer_id),
    ):
        if expected != given:
            raise OtherSubscription(field=field, expected=expected, given=given)


def _demand(journey: Journey, step: Step) -> None:
    """Refuse a step before its turn, and any but the last once the switch is confirmed."""
    if journey.is_confirmed and step is not Step.FOLLOW_UP:
        raise OutOfOrder(step=step, first=journey.next_step)
    order = list(Step)
    first = journey.next_step
    if first is not None and order.index(step) > order.index(first):
        raise OutOfOrder(step=step, first=first)


def _taken(journey: Journey, step: Step, **left: object) -> Journey:
    """Return the journey after a step; what later steps left behind is gone."""
    order = list(Step)
    later = {FIELDS[each]: None for each in order[order.index(step) + 1 :]}
    return replace(journey, **{**later, **left})  # type: ignore[arg-type]
