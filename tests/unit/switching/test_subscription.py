from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from plan_rules.errors import InvalidValue
from plan_rules.switching import (
    Cancelled,
    Charged,
    Counter,
    Credited,
    Event,
    Line,
    LineKind,
    Paused,
    Promotion,
    Resumed,
    ScheduleCancelled,
    Settlement,
    Subscription,
    Term,
    UsageCounted,
)
from plan_rules.switching.counter import Spent
from plan_rules.tariff.meters import MeterKind
from tests.unit.switching.subscribers import catalog_of, noon, plan_of, subscriber

MAY = date(2026, 5, 1)
CATALOG = catalog_of(plan_of("small", 10_000_000))
SMALL = subscriber(CATALOG, "small", MAY)
LINE = Line(
    kind=LineKind.CREDIT,
    plan_id="small",
    id="fee",
    amount_micros=-1_000_000,
    net_micros=-1_000_000,
    gross_micros=-1_000_000,
    price_micros=10_000_000,
    credits=0,
)


def event(change: object, **given: object) -> Event:
    settings: dict[str, object] = {"sequence": 3, "effective": MAY, "recorded": noon(MAY)}
    return Event(**{**settings, **given}, change=change)  # type: ignore[arg-type]


def refused(*events: Event) -> InvalidValue:
    with pytest.raises(InvalidValue) as caught:
        SMALL.after(events)
    return caught.value


def test_a_subscription_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        SMALL.credit_micros = 1  # type: ignore[misc]


def test_events_have_to_be_in_order_and_possible() -> None:
    gift = Credited(gross_micros=1, reason="sorry")

    assert refused(event(gift, sequence=4)).name == "events[3].sequence"
    assert refused(event(gift, effective=date(2026, 4, 30))).name == "events[3].effective"
    assert refused(event(SMALL.events[0].change)).name == "events[3].kind"
    assert refused(event(ScheduleCancelled())).name == "events[3].kind"
    assert refused(event(Resumed(cycle=SMALL.cycle))).name == "events[3].kind"
    away = event(Paused())
    assert refused(away, event(ScheduleCancelled(), sequence=4)).name == "events[4].kind"
    over = event(Cancelled())
    assert refused(over, event(Paused(), sequence=4)).name == "events[4].kind"
    assert SMALL.after((over, event(gift, sequence=4))).credit_micros == 1


def test_no_more_can_be_given_back_than_was_paid() -> None:
    charged = Charged(cycle=SMALL.cycle, lines=(LINE,))
    assert SMALL.after((event(charged),)).payments[0].credited_micros == 1_000_000

    too_much = replace(LINE, amount_micros=-10_000_001)
    found = refused(event(replace(charged, lines=(too_much,))))
    assert found.name == "events[3].lines[0].amount"
    taxed = replace(LINE, gross_micros=-10_000_001)
    assert refused(event(replace(charged, lines=(taxed,)))).name == "events[3].lines[0].amount"
    nothing = replace(LINE, credits=5)
    assert refused(event(replace(charged, lines=(nothing,)))).name == "events[3].lines[0].credits"


@pytest.mark.parametrize("count", [0, 1])
def test_a_history_begins_with_an_activation(count: int) -> None:
    with pytest.raises(InvalidValue):
        Subscription.replay(SMALL.events[count:] if count else ())
    with pytest.raises(InvalidValue) as caught:
        Subscription.replay((replace(SMALL.events[1], sequence=1),))
    assert caught.value.name == "events[1].kind"


@pytest.mark.parametrize(
    ("credit", "gross", "used", "due", "after"),
    [(0, 5, 0, 5, 0), (3, 5, 3, 2, 0), (9, 5, 5, 0, 4), (9, -5, 0, 0, 14), (0, 0, 0, 0, 0)],
)
def test_lines_are_paid_from_credit_first(
    credit: int, gross: int, used: int, due: int, after: int
) -> None:
    line = replace(LINE, gross_micros=gross)
    found = Settlement.of((line,), credit_micros=credit)

    assert (found.from_credit_micros, found.due_micros, found.credit_after_micros) == (
        used,
        due,
        after,
    )


def test_impossible_values_cannot_be_made() -> None:
    counter = Counter(allowance="all", unit=MeterKind.SECONDS, full=600)
    spent = Spent(
        plan_id="p",
        allowance="all",
        unit=MeterKind.SECONDS,
        full=600,
        begin=Fraction(1),
        end=Fraction(0),
        used=0,
    )
    naive = datetime(2026, 5, 1)  # noqa: DTZ001
    for value, change in (
        (counter, {"share": Fraction(3, 2)}),
        (counter, {"before": Fraction(-1)}),
        (counter, {"carried": 1}),
        (spent, {"used": -1}),
        (spent, {"begin": Fraction(0), "end": Fraction(1)}),
        (LINE, {"share": Fraction(-1)}),
        (LINE, {"kind": LineKind.FEE}),
        (Promotion(fee_micros=1, cycles=2), {"used": 3}),
        (Promotion(fee_micros=1, cycles=2), {"cycles": 0}),
        (Term(start=MAY, end=date(2026, 6, 1), cycles=1), {"end": MAY}),
        (event(Paused()), {"sequence": 0}),
        (event(Paused()), {"recorded": naive}),
        (Credited(gross_micros=1, reason=""), {"gross_micros": 0}),
        (UsageCounted(until=noon(MAY), counters=()), {"until": naive}),
    ):
        with pytest.raises(InvalidValue):
            replace(value, **change)


def test_days_are_those_of_the_customer() -> None:
    assert SMALL.day_of(datetime(2026, 5, 2, 3, 59, tzinfo=UTC)) == MAY
    assert SMALL.day_of(datetime(2026, 5, 2, 4, tzinfo=UTC)) == date(2026, 5, 2)
