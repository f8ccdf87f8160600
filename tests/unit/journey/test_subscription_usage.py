from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from plan_rules.catalog import Billing, Dated
from plan_rules.errors import CurrencyMismatch, InvalidValue
from plan_rules.journey.subscription_usage import review_subscription
from plan_rules.journey.usage import UsageReport
from plan_rules.journey.usage_document import usage_document
from plan_rules.periods import CycleLength
from plan_rules.switching import Subscription, count_usage, pause, resume
from plan_rules.switching.ending import cancel
from plan_rules.switching.line import gross_of
from plan_rules.switching.refusal import CommandRefused
from plan_rules.switching.stays import stays
from plan_rules.usage import Call
from tests.unit.switching.subscribers import (
    call_on,
    catalog_of,
    charged,
    minutes,
    noon,
    plan_of,
    subscriber,
    switched_to,
)

START = date(2026, 1, 1)
CATALOG = catalog_of(
    plan_of("basic", 10_000_000, allowances=(minutes("included", 100),)),
    plan_of("dear", 31_000_000, allowances=(minutes("included", 310),)),
)


def basic(on: date, *, start: date = START) -> Subscription:
    return charged(CATALOG, subscriber(CATALOG, "basic", start, anchor=START), on)


def report(subscription: Subscription, on: date, *calls: Call) -> UsageReport:
    return review_subscription(
        catalog=CATALOG, subscription=subscription, calls=calls, as_of=noon(on)
    )


def test_every_cycle_is_told_with_what_was_charged_for_it() -> None:
    found = report(basic(date(2026, 3, 10)), date(2026, 3, 10), call_on(date(2026, 2, 3), 110))
    assert [(each.cycle.start.month, each.total.micros) for each in found.cycles] == [
        (1, 10_000_000),
        (2, 11_000_000),
        (3, 10_000_000),
    ]
    assert [each.is_over for each in found.cycles] == [True, True, False]
    assert (found.customer_id, found.plan.id) == ("generated", "basic")


def test_a_first_part_of_a_cycle_is_told_as_it_was_charged() -> None:
    found = report(basic(date(2026, 1, 20), start=date(2026, 1, 17)), date(2026, 1, 20))
    (first,) = found.cycles
    assert (first.cycle.start, first.cycle.end) == (date(2026, 1, 17), date(2026, 2, 1))
    assert first.total.micros == 4_840_000
    (allowance,) = first.allowances
    assert allowance.limit == 60 * 100 * 15 // 31


def test_a_cycle_with_a_switch_is_told_in_two_parts() -> None:
    day = date(2026, 3, 11)
    calls = [call_on(date(2026, 3, 5), 20), call_on(date(2026, 3, 12), 7)]
    before = basic(day)
    counted = before.after(
        count_usage(catalog=CATALOG, subscription=before, calls=calls, as_of=noon(day))
    )
    after = switched_to(CATALOG, counted, "dear", day)

    old, new = report(after, date(2026, 3, 13), *calls).cycles[-2:]

    assert [(each.plan.id, each.cycle.start.day, each.is_over) for each in (old, new)] == [
        ("basic", 1, True),
        ("dear", 11, False),
    ]
    assert (old.total.micros, new.total.micros) == (
        10_000_000,
        gross_of(after.events[-1].change.lines),  # type: ignore[union-attr]
    )
    (given,) = new.allowances
    assert old.allowances[0].used == 60 * 20
    assert given.used == 60 * 27
    assert given.limit == (6_000 * 10 + 18_600 * 21) // 31
    assert given.left == 14_535 - 60 * 27


def test_calls_of_the_day_of_a_switch_are_told_once() -> None:
    day = date(2026, 3, 11)
    early, late = call_on(day, 5), later(call_on(day, 6), hours=4)
    before = basic(day)
    counted = before.after(
        count_usage(catalog=CATALOG, subscription=before, calls=[early], as_of=noon(day))
    )
    after = switched_to(CATALOG, counted, "dear", day)

    found = report(after, date(2026, 3, 13), early, late)

    assert [each.calls for each in found.cycles[-2:]] == [1, 1]
    assert found.current.allowances[0].used == 60 * 11
    counted = after.after(
        count_usage(
            catalog=CATALOG, subscription=after, calls=[early, late], as_of=noon(date(2026, 3, 13))
        )
    )
    assert found.current.allowances[0].used == counted.counters[0].used


def later(call: Call, *, hours: int) -> Call:
    return Call(call.start + timedelta(hours=hours), call.number, call.seconds)


def test_a_switch_on_the_first_day_of_a_cycle_leaves_no_empty_part() -> None:
    day = date(2026, 3, 1)
    after = switched_to(CATALOG, basic(day), "dear", day)
    found = report(after, day)
    assert [each.plan.id for each in found.cycles] == ["basic", "basic", "dear"]
    assert found.current.total.micros == 31_000_000
    assert len(found.current.charged or ()) == 3


def test_calls_during_a_pause_are_on_no_bill() -> None:
    paused_on, resumed_on = date(2026, 3, 5), date(2026, 3, 20)
    subscription = basic(paused_on)
    subscription = subscription.after(
        pause(catalog=CATALOG, subscription=subscription, as_of=noon(paused_on))
    )
    stopped = report(subscription, date(2026, 3, 10), call_on(date(2026, 3, 8), 5))
    assert (stopped.unserved_calls, stopped.current.is_over) == (1, True)
    assert stopped.current.projected is None

    subscription = subscription.after(
        resume(catalog=CATALOG, subscription=subscription, as_of=noon(resumed_on))
    )
    calls = [call_on(date(2026, 3, day), 5) for day in (4, 8, 21)]
    found = report(subscription, date(2026, 3, 22), *calls)
    assert found.unserved_calls == 1
    assert [(each.cycle.start.day, each.calls) for each in found.cycles[-2:]] == [(1, 1), (20, 1)]
    assert sum(each.total.micros for each in found.cycles[-2:]) < 10_000_000


def test_a_subscription_that_has_ended_is_told_to_its_end() -> None:
    day = date(2026, 3, 10)
    subscription = basic(day)
    ended = subscription.after(
        cancel(catalog=CATALOG, subscription=subscription, as_of=noon(day), on=day)
    )
    found = report(ended, date(2026, 6, 1), call_on(date(2026, 3, 9), 1), call_on(day, 1))
    assert found.current.cycle.end == day
    assert (found.current.calls, found.unserved_calls) == (1, 1)


def test_stays_never_overlap_and_are_in_order() -> None:
    day = date(2026, 3, 11)
    after = switched_to(CATALOG, basic(day), "dear", day)
    after = switched_to(CATALOG, after, "basic", date(2026, 3, 20))
    found = stays(after)
    assert [(each.start.day, each.end.day, each.is_whole) for each in found] == [
        (1, 1, True),
        (1, 1, True),
        (1, 11, False),
        (11, 20, False),
        (20, 1, False),
    ]
    lines = [line for each in found for line in each.lines]
    assert gross_of(lines) == sum(
        each.total.micros for each in report(after, date(2026, 3, 21)).cycles
    )


def test_a_minimum_spend_is_asked_for_the_share_of_the_cycle() -> None:
    billing = Billing(minimum_spend=Dated.always(3_000_000))
    catalog = catalog_of(plan_of("basic", 0, billing=billing), plan_of("dear", 0, billing=billing))
    day = date(2026, 2, 11)
    subscription = charged(catalog, subscriber(catalog, "basic", START), day)
    after = switched_to(catalog, subscription, "dear", day)
    found = review_subscription(
        catalog=catalog, subscription=after, calls=(), as_of=noon(date(2026, 2, 12))
    )
    assert [each.total.micros for each in found.cycles] == [3_000_000, 1_071_429, 1_928_571]


def test_plans_of_other_lengths_cut_other_cycles() -> None:
    weekly = Billing(length=CycleLength(count=3))
    catalog = catalog_of(plan_of("basic", 30_000_000, billing=weekly))
    subscription = charged(catalog, subscriber(catalog, "basic", START), date(2026, 5, 1))
    found = review_subscription(
        catalog=catalog, subscription=subscription, calls=(), as_of=noon(date(2026, 5, 1))
    )
    assert [each.cycle.start.month for each in found.cycles] == [1, 4]


def test_the_document_lists_what_was_charged_in_place_of_the_fee() -> None:
    day = date(2026, 3, 11)
    after = switched_to(CATALOG, basic(day), "dear", day)
    document = usage_document(report(after, day))
    last = document["cycles"][-1]
    assert (last["plan"], last["start"]) == ("dear", "2026-03-11")
    assert [line["kind"] for line in last["charged"]] == ["credit", "fee"]
    assert last["charged"][0]["gross"].startswith("-")
    assert [line["kind"] for line in last["lines"]] == []


def test_what_cannot_be_reviewed_is_refused() -> None:
    subscription = basic(date(2026, 1, 10))
    with pytest.raises(CommandRefused) as refused:
        report(subscription, date(2026, 2, 10))
    assert refused.value.field == "as_of"
    with pytest.raises(InvalidValue):
        review_subscription(
            catalog=CATALOG,
            subscription=subscription,
            calls=(),
            as_of=noon(START).replace(tzinfo=None),
        )
    with pytest.raises(CurrencyMismatch):
        review_subscription(
            catalog=replace(CATALOG, currency="EUR"),
            subscription=subscription,
            calls=(),
            as_of=noon(date(2026, 1, 10)),
        )
