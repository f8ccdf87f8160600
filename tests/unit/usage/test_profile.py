from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from plan_rules.destinations import Destination, LineType, NumberingPlan
from plan_rules.errors import InvalidValue
from plan_rules.periods import CycleLength, CycleUnit
from plan_rules.usage import Call, Customer, profile

NUMBERING = NumberingPlan.from_prefixes(
    {
        "52": Destination("MX", LineType.FIXED),
        "521": Destination("MX", LineType.MOBILE),
        "44": Destination("GB", LineType.FIXED),
    }
)
ADA = Customer(id="ada", home="US", zone="America/Chicago", anchor=date(2026, 1, 31))


def call(day: str, number: str = "+525512345678", seconds: int = 60) -> Call:
    return Call(
        start=datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC),
        number=number,
        seconds=seconds,
    )


def test_calls_are_counted_by_cycle_and_quiet_cycles_are_kept() -> None:
    late, early = call("2026-05-01"), call("2026-02-10")
    found = profile([late, early], customer=ADA, numbering=NUMBERING, as_of=date(2026, 5, 20))
    assert [each.cycle.start for each in found.cycles] == [
        date(2026, 1, 31),
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
    ]
    assert [each.calls for each in found.cycles] == [(early,), (), (), (late,)]
    assert [each.seconds for each in found.cycles] == [60, 0, 0, 60]
    assert [each.complete for each in found.cycles] == [True, True, True, False]
    assert found.complete_cycles == found.cycles[:3]


def test_a_cycle_that_ends_on_as_of_is_complete() -> None:
    found = profile(
        [call("2026-02-10")], customer=ADA, numbering=NUMBERING, as_of=date(2026, 2, 28)
    )
    assert [each.complete for each in found.cycles] == [True]


def test_a_declared_start_decides_which_cycles_are_complete() -> None:
    calls = [call("2026-02-01"), call("2026-03-01"), call("2026-04-01")]
    found = profile(
        calls,
        customer=ADA,
        numbering=NUMBERING,
        as_of=date(2026, 4, 30),
        start=date(2026, 2, 15),
    )
    assert [each.cycle.start for each in found.complete_cycles] == [
        date(2026, 2, 28),
        date(2026, 3, 31),
    ]
    assert not found.cycles[0].complete
    assert (found.calls, found.earlier) == (2, 1)


def test_a_declared_start_makes_quiet_cycles_known() -> None:
    found = profile(
        [], customer=ADA, numbering=NUMBERING, as_of=date(2026, 3, 31), start=date(2026, 1, 31)
    )
    assert [each.complete for each in found.cycles] == [True, True]
    assert (found.calls, found.destinations) == (0, ())


def test_a_start_lies_before_as_of() -> None:
    with pytest.raises(InvalidValue) as refused:
        profile(
            [], customer=ADA, numbering=NUMBERING, as_of=date(2026, 1, 1), start=date(2026, 1, 1)
        )
    assert refused.value.name == "start"


def test_without_calls_or_start_there_is_no_history() -> None:
    found = profile([], customer=ADA, numbering=NUMBERING, as_of=date(2026, 3, 31))
    assert (found.cycles, found.complete_cycles, found.calls) == ((), (), 0)


def test_calls_from_as_of_on_are_counted_apart() -> None:
    found = profile(
        [call("2026-02-27"), call("2026-02-28"), call("2026-03-02", seconds=0)],
        customer=ADA,
        numbering=NUMBERING,
        as_of=date(2026, 2, 28),
    )
    assert (found.calls, found.later, found.unanswered) == (1, 2, 0)


def test_days_are_the_customers() -> None:
    midnight = Call(
        start=datetime(2026, 2, 28, 5, 59, tzinfo=UTC), number="+525512345678", seconds=1
    )
    found = profile([midnight], customer=ADA, numbering=NUMBERING, as_of=date(2026, 2, 28))
    assert found.calls == 1


def test_unanswered_calls_begin_a_history_and_count_nowhere_else() -> None:
    quiet = call("2026-02-10", seconds=0)
    found = profile([quiet], customer=ADA, numbering=NUMBERING, as_of=date(2026, 3, 31))
    assert [each.calls for each in found.cycles] == [(), ()]
    assert (found.calls, found.unanswered, found.distinct_numbers) == (0, 1, 0)


def test_destinations_come_by_seconds_then_country_then_line() -> None:
    calls = [
        call("2026-02-10", "+525511111111", 30),
        call("2026-02-11", "+525511111111", 30),
        call("2026-02-12", "+525522222222", 60),
        call("2026-02-13", "+521552222222", 50),
        call("2026-02-14", "+442071838750", 50),
        call("2026-02-15", "+881612345678", 500),
    ]
    found = profile(calls, customer=ADA, numbering=NUMBERING, as_of=date(2026, 2, 28))
    assert [
        (each.country, each.line, each.calls, each.seconds, each.numbers)
        for each in found.destinations
    ] == [
        ("MX", LineType.FIXED, 3, 120, 2),
        ("GB", LineType.FIXED, 1, 50, 1),
        ("MX", LineType.MOBILE, 1, 50, 1),
    ]
    assert (found.calls, found.seconds, found.distinct_numbers, found.unknown) == (6, 720, 5, 1)
    assert (found.customer_id, found.as_of) == ("ada", date(2026, 2, 28))


def test_cycles_may_have_any_length() -> None:
    found = profile(
        [call("2026-02-02")],
        customer=ADA,
        numbering=NUMBERING,
        as_of=date(2026, 2, 20),
        length=CycleLength(unit=CycleUnit.WEEK),
    )
    assert [each.cycle.days for each in found.cycles] == [7, 7, 7]
    assert [each.complete for each in found.cycles] == [True, True, False]
