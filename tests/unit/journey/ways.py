"""A journey up to each step, for tests."""

from __future__ import annotations

from datetime import date

from plan_rules.catalog import Catalog
from plan_rules.journey.journey import Journey, Step
from plan_rules.journey.needs import StatedNeeds
from plan_rules.journey.steps import (
    agree_to_terms,
    confirmed,
    discuss_needs,
    open_journey,
    present_options,
    quote_option,
    review_plan,
    schedule_follow_ups,
)
from plan_rules.switching import Subscription
from plan_rules.switching.confirming import Confirmation, confirm_switch
from plan_rules.testing import CUSTOMER
from plan_rules.usage import Call
from tests.unit.switching.subscribers import call_on, catalog_of, charged, noon, plan_of, subscriber

START, TODAY = date(2026, 1, 31), date(2026, 3, 10)
CATALOG = catalog_of(plan_of("basic", 10_000_000), plan_of("dear", 31_000_000))
CALLS = tuple(call_on(day, 10) for day in (date(2026, 2, 3), date(2026, 3, 3), date(2026, 3, 5)))


def basic(catalog: Catalog = CATALOG) -> Subscription:
    """Return a subscription on the basic plan, charged up to today."""
    return charged(catalog, subscriber(catalog, "basic", START), TODAY)


def opened(subscription: Subscription, *, name: str = "journey-1") -> Journey:
    return open_journey(id=name, subscription=subscription, agent="eve", as_of=noon(TODAY))


def way_to(  # noqa: PLR0911  one for each step
    step: Step | None,
    *,
    catalog: Catalog = CATALOG,
    to: str = "dear",
    name: str = "journey-1",
    calls: tuple[Call, ...] = CALLS,
) -> Journey:
    """Return a journey whose next step is `step`; all the way to the end for `None`."""
    subscription = basic(catalog)
    journey = opened(subscription, name=name)
    if step is Step.REVIEW:
        return journey
    journey, _ = review_plan(
        journey, catalog=catalog, subscription=subscription, calls=calls, as_of=noon(TODAY)
    )
    if step is Step.NEEDS:
        return journey
    journey = discuss_needs(journey, needs=StatedNeeds())
    if step is Step.OPTIONS:
        return journey
    journey = present_options(
        journey,
        catalog=catalog,
        subscription=subscription,
        customer=CUSTOMER,
        calls=calls,
        as_of=noon(TODAY),
    )
    if step is Step.QUOTE:
        return journey
    journey = asked(journey, catalog=catalog, to=to, calls=calls)
    if step is Step.TERMS:
        return journey
    journey = agree_to_terms(journey, as_of=noon(TODAY))
    if step is Step.CONFIRM:
        return journey
    done = confirmation(journey, catalog=catalog)
    journey = confirmed(journey, done, as_of=noon(TODAY))
    if step is Step.FOLLOW_UP:
        return journey
    return schedule_follow_ups(journey, subscription=done.subscription, as_of=noon(TODAY))


def asked(
    journey: Journey,
    *,
    catalog: Catalog = CATALOG,
    to: str = "dear",
    calls: tuple[Call, ...] = CALLS,
) -> Journey:
    quoted = quote_option(
        journey,
        catalog=catalog,
        subscription=basic(catalog),
        customer=CUSTOMER,
        calls=calls,
        to=to,
        as_of=noon(TODAY),
    )
    assert isinstance(quoted, Journey), quoted
    return quoted


def confirmation(journey: Journey, *, catalog: Catalog = CATALOG) -> Confirmation:
    assert journey.quote is not None
    return confirm_switch(
        quote=journey.quote,
        subscription=basic(catalog),
        catalog=catalog,
        as_of=noon(TODAY),
        key="decision-1",
    )
