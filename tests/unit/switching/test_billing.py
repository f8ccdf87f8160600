from __future__ import annotations

from datetime import date
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from plan_rules.errors import InvalidValue
from plan_rules.periods import CycleLength, CycleUnit, Period
from plan_rules.switching.billing import billed_periods
from plan_rules.switching.convention import CALENDAR_DAY, CONVENTIONS, FOREIGN_CONVENTIONS

MONTH = CycleLength()
ANCHOR = date(2026, 1, 15)
CHARGED_ITEM = FOREIGN_CONVENTIONS["charged-item"]


def billed(
    until: date,
    *,
    in_advance: bool = True,
    start: date = date(2026, 3, 10),
    end: date | None = None,
    anchor: date = ANCHOR,
    length: CycleLength = MONTH,
) -> list[tuple[date, date]]:
    periods = billed_periods(
        start=start, anchor=anchor, length=length, until=until, in_advance=in_advance, end=end
    )
    return [(each.start, each.end) for each in periods]


def test_a_fee_in_advance_is_due_when_its_cycle_begins() -> None:
    assert billed(date(2026, 3, 9)) == []
    assert billed(date(2026, 3, 10)) == [(date(2026, 3, 10), date(2026, 3, 15))]
    assert billed(date(2026, 3, 14)) == [(date(2026, 3, 10), date(2026, 3, 15))]
    assert billed(date(2026, 3, 15))[1:] == [(date(2026, 3, 15), date(2026, 4, 15))]


def test_a_fee_in_arrears_is_due_when_its_cycle_has_ended() -> None:
    assert billed(date(2026, 3, 14), in_advance=False) == []
    first = (date(2026, 3, 10), date(2026, 3, 15))
    assert billed(date(2026, 3, 15), in_advance=False) == [first]
    assert billed(date(2026, 4, 14), in_advance=False) == [first]
    assert billed(date(2026, 4, 15), in_advance=False)[1] == (date(2026, 3, 15), date(2026, 4, 15))


def test_nothing_is_billed_beyond_a_known_end() -> None:
    end = date(2026, 4, 20)
    stubs = [
        (date(2026, 3, 10), date(2026, 3, 15)),
        (date(2026, 3, 15), date(2026, 4, 15)),
        (date(2026, 4, 15), end),
    ]
    assert billed(date(2026, 12, 1), end=end) == stubs
    assert billed(end, end=end, in_advance=False) == stubs
    assert billed(date(2026, 4, 19), end=end, in_advance=False) == stubs[:2]
    assert billed(date(2026, 3, 12), end=date(2026, 3, 12)) == [
        (date(2026, 3, 10), date(2026, 3, 12))
    ]
    assert billed(date(2026, 3, 12), end=date(2026, 3, 10)) == []


def test_an_end_before_the_start_is_refused() -> None:
    with pytest.raises(InvalidValue) as refused:
        billed(date(2026, 3, 12), end=date(2026, 3, 9))
    assert refused.value.name == "end"


@pytest.mark.parametrize(
    ("start", "anchor", "length", "boundaries"),
    [
        (
            date(2026, 1, 31),
            date(2026, 1, 31),
            MONTH,
            [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)],
        ),
        (
            date(2026, 2, 10),
            date(2020, 1, 31),
            MONTH,
            [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)],
        ),
        (date(2026, 1, 31), date(2020, 1, 30), MONTH, [date(2026, 2, 28), date(2026, 3, 30)]),
        (
            date(2026, 1, 10),
            date(2020, 1, 1),
            CycleLength(count=3),
            [date(2026, 4, 1), date(2026, 7, 1)],
        ),
        (
            date(2026, 2, 7),
            date(2020, 1, 15),
            CycleLength(count=3),
            [date(2026, 2, 15), date(2026, 5, 15)],
        ),
        (
            date(2023, 3, 1),
            date(2020, 2, 29),
            CycleLength(count=12),
            [date(2023, 3, 29), date(2024, 3, 29)],
        ),
        (
            date(2023, 2, 5),
            date(2020, 2, 29),
            CycleLength(count=12),
            [date(2023, 2, 28), date(2024, 2, 29), date(2025, 2, 28)],
        ),
        (
            date(2026, 1, 10),
            date(2026, 1, 1),
            CycleLength(unit=CycleUnit.WEEK),
            [date(2026, 1, 15), date(2026, 1, 22)],
        ),
        (
            date(2026, 1, 10),
            date(2026, 1, 10),
            CycleLength(unit=CycleUnit.DAY, count=30),
            [date(2026, 2, 9), date(2026, 3, 11)],
        ),
    ],
)
def test_boundaries_keep_the_stored_day_and_begin_with_the_start(
    start: date, anchor: date, length: CycleLength, boundaries: list[date]
) -> None:
    found = billed(boundaries[-1], in_advance=False, start=start, anchor=anchor, length=length)
    assert found[0][0] == start
    assert [end for _, end in found] == boundaries


def test_a_partial_cycle_is_measured_by_the_full_one_it_lies_in() -> None:
    stub, whole = billed_periods(
        start=date(2026, 3, 10),
        anchor=ANCHOR,
        length=MONTH,
        until=date(2026, 3, 15),
        in_advance=True,
    )
    assert stub.share(convention=CALENDAR_DAY).fraction == Fraction(5, 28)
    assert stub.share(convention=CALENDAR_DAY).words == "5 of 28 days billed"
    assert stub.period == Period(start=date(2026, 3, 10), end=date(2026, 3, 15))
    assert (stub.is_whole, whole.is_whole) == (False, True)
    second = CONVENTIONS["second"]
    assert stub.share(convention=second, zone=ZoneInfo("UTC")).fraction == Fraction(5, 28)


@pytest.mark.parametrize("name", list(CONVENTIONS))
def test_a_whole_cycle_costs_its_fee_by_every_convention(name: str) -> None:
    (_, whole) = billed_periods(
        start=date(2026, 2, 1),
        anchor=ANCHOR,
        length=MONTH,
        until=date(2026, 2, 15),
        in_advance=True,
    )
    assert whole.share(convention=CONVENTIONS[name]).fraction == 1


@pytest.mark.parametrize(
    ("start", "end", "anchor", "days", "whole"),
    [
        (date(2016, 6, 1), date(2016, 6, 15), date(2016, 1, 15), 14, 31),
        (date(2016, 6, 1), date(2016, 6, 15), date(2016, 1, 1), 14, 30),
        (date(2016, 6, 2), date(2016, 6, 10), date(2016, 1, 15), 8, 31),
        (date(2011, 2, 10), date(2011, 2, 28), date(2011, 1, 31), 18, 31),
        (date(2011, 2, 28), date(2011, 3, 10), date(2011, 1, 31), 10, 28),
    ],
)
def test_other_systems_measure_a_partial_cycle_from_its_own_edge(
    start: date, end: date, anchor: date, days: int, whole: int
) -> None:
    (stub,) = billed_periods(
        start=start, end=end, anchor=anchor, length=MONTH, until=end, in_advance=False
    )
    share = stub.share(convention=CHARGED_ITEM)
    assert share.numerator == round(Fraction(days, whole) * 10**9)
    measured = stub.measure(convention=CHARGED_ITEM)
    assert measured.days == whole
