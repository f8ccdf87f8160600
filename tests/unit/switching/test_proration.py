from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from plan_rules.errors import InvalidValue
from plan_rules.money import MICROS, RoundingMode, format_micros
from plan_rules.periods import Cycle, CycleLength, CycleUnit, Interval, Period, cycle_at
from plan_rules.switching.convention import (
    CALENDAR_DAY,
    CONVENTIONS,
    FOREIGN_CONVENTIONS,
    DayCount,
    ProrationConvention,
)
from plan_rules.switching.policy import POLICIES, Portion
from plan_rules.switching.proration import (
    capped,
    credit,
    days_bought,
    prorate,
    share_left,
    share_of,
)
from plan_rules.switching.share import WHOLE, Share, SharePart

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
CENT = MICROS // 100
CENTS = CALENDAR_DAY.rounding_to(CENT)
SECOND = CONVENTIONS["second"]
OLD_PLAN = CONVENTIONS["calendar-day-old-plan"]
MARCH = Cycle(start=date(2025, 3, 1), end=date(2025, 4, 1), index=0)

SWITCHES = {
    "S1": (date(2025, 3, 1), datetime(2025, 3, 15, 12, tzinfo=UTC)),
    "S2": (date(2024, 1, 31), datetime(2024, 2, 28, 9, tzinfo=UTC)),
    "S3": (date(2025, 2, 1), datetime(2025, 2, 27, 9, tzinfo=UTC)),
    "S4": (date(2025, 1, 1), datetime(2025, 1, 31, 18, tzinfo=UTC)),
}
"""The anchor and the moment of four switches from 30.00 to 60.00 a month."""


@pytest.mark.parametrize(
    ("name", "nets"),
    [
        ("calendar-day", ("16.45", "1.04", "2.15", "0.97")),
        ("calendar-day-old-plan", ("15.49", "0.00", "1.07", "0.00")),
        ("second", ("15.97", "0.64", "1.74", "0.24")),
        ("fixed-30", ("16.00", "2.00", "4.00", "0.00")),
        ("actual-over-30", ("17.00", "1.00", "2.00", "1.00")),
        ("strict-30-360", ("16.00", "1.00", "4.00", "1.00")),
        ("annualised-365", ("16.76", "0.98", "1.98", "0.98")),
        ("months-first", ("16.45", "1.04", "2.15", "0.97")),
        ("none", ("0.00", "0.00", "0.00", "0.00")),
    ],
)
def test_one_switch_has_as_many_answers_as_conventions(name: str, nets: tuple[str, ...]) -> None:
    convention = CONVENTIONS[name]
    for (anchor, at), net in zip(SWITCHES.values(), nets, strict=True):
        cycle = cycle_at(at.date(), anchor=anchor, length=CycleLength())
        share = share_left(cycle=cycle, convention=convention, at=at, zone=ZoneInfo("UTC"))
        rounding = convention.rounding_to(CENT)
        back = credit(
            billed_micros=30 * MICROS, share=share, paid_micros=30 * MICROS, rounding=rounding
        )
        charge = prorate(micros=60 * MICROS, share=share, rounding=rounding)
        assert format_micros(charge - back) == net


@pytest.mark.parametrize(
    ("name", "nets"),
    [
        ("immediately", ("16.45", "1.04", "2.15", "0.97")),
        ("full-price", ("43.55", "58.97", "57.86", "59.03")),
        ("back-dated", ("30.00", "30.00", "30.00", "30.00")),
        ("cycle-end", ("0.00", "0.00", "0.00", "0.00")),
        ("deferred", ("0.00", "0.00", "0.00", "0.00")),
        ("none", ("0.00", "0.00", "0.00", "0.00")),
    ],
)
def test_one_switch_has_as_many_answers_as_policies(name: str, nets: tuple[str, ...]) -> None:
    policy = POLICIES[name]
    for (anchor, at), net in zip(SWITCHES.values(), nets, strict=True):
        cycle = cycle_at(at.date(), anchor=anchor, length=CycleLength())
        left = share_left(cycle=cycle, convention=CALENDAR_DAY, on=at.date())
        shares = {Portion.SHARE: left, Portion.FULL: WHOLE}
        back, charge = (
            0
            if portion is Portion.NOTHING
            else prorate(micros=price * MICROS, share=shares[portion], rounding=CENTS)
            for portion, price in ((policy.credit, 30), (policy.charge, 60))
        )
        assert format_micros(charge - back) == net


@pytest.mark.parametrize(
    ("convention", "on", "numerator"),
    [
        (CALENDAR_DAY, date(2025, 3, 1), 31),
        (CALENDAR_DAY, date(2025, 3, 31), 1),
        (CALENDAR_DAY, date(2025, 4, 1), 0),
        (OLD_PLAN, date(2025, 3, 1), 30),
        (OLD_PLAN, date(2025, 3, 30), 1),
        (OLD_PLAN, date(2025, 3, 31), 0),
        (OLD_PLAN, date(2025, 4, 1), 0),
    ],
)
def test_the_day_of_the_switch_is_the_new_plans_unless_the_convention_says(
    convention: ProrationConvention, on: date, numerator: int
) -> None:
    assert share_left(cycle=MARCH, convention=convention, on=on).numerator == numerator


def test_the_day_of_a_moment_is_that_of_the_customers_zone() -> None:
    at = datetime(2025, 3, 15, 23, 30, tzinfo=UTC)
    left = [
        share_left(cycle=MARCH, convention=CALENDAR_DAY, at=at, zone=zone).numerator
        for zone in (BERLIN, NEW_YORK)
    ]
    assert left == [16, 17]


def test_seconds_are_those_of_the_customers_clock_which_may_lose_an_hour() -> None:
    share = share_left(
        cycle=MARCH, convention=SECOND, at=datetime(2025, 3, 29, 23, tzinfo=UTC), zone=BERLIN
    )
    assert share.denominator == 31 * 86_400 - 3_600
    assert share.numerator == 2 * 86_400 - 3_600


def test_an_instant_of_an_interval_of_instants_needs_no_zone() -> None:
    whole = Interval(
        start=datetime(2025, 1, 31, 15, tzinfo=UTC), end=datetime(2025, 2, 28, 15, tzinfo=UTC)
    )
    at = datetime(2025, 2, 14, 15, tzinfo=UTC)
    assert share_left(cycle=whole, convention=SECOND, at=at).fraction == Fraction(1, 2)
    assert share_left(cycle=whole, convention=SECOND, at=whole.end).fraction == 0
    assert share_left(cycle=whole, convention=SECOND, at=whole.start).fraction == 1


def test_a_day_where_seconds_count_begins_at_the_customers_midnight() -> None:
    by_day = share_left(cycle=MARCH, convention=SECOND, on=date(2025, 3, 15), zone=NEW_YORK)
    at = datetime(2025, 3, 15, tzinfo=NEW_YORK)
    assert by_day == share_left(cycle=MARCH, convention=SECOND, at=at, zone=NEW_YORK)


@pytest.mark.parametrize("name", list(CONVENTIONS))
@pytest.mark.parametrize("anchor", [date(2025, 1, 31), date(2025, 2, 1), date(2025, 2, 15)])
def test_on_the_first_day_the_whole_cycle_is_left(name: str, anchor: date) -> None:
    cycle = cycle_at(date(2025, 2, 20), anchor=anchor, length=CycleLength())
    if name == "calendar-day-old-plan":
        share = share_left(cycle=cycle, convention=CONVENTIONS[name], on=cycle.start)
        assert share.numerator == cycle.days - 1
        return
    share = share_left(
        cycle=cycle, convention=CONVENTIONS[name], on=cycle.start, zone=ZoneInfo("UTC")
    )
    assert share.fraction == 1


@pytest.mark.parametrize("name", list(CONVENTIONS))
def test_at_the_end_of_a_cycle_nothing_is_left(name: str) -> None:
    share = share_left(cycle=MARCH, convention=CONVENTIONS[name], on=MARCH.end, zone=BERLIN)
    assert share.fraction == 0


def test_months_come_first_in_a_cycle_of_several() -> None:
    year = cycle_at(date(2025, 5, 1), anchor=date(2025, 1, 31), length=CycleLength(count=12))
    months = CONVENTIONS["months-first"]
    left = {
        on: share_left(cycle=year, convention=months, on=on)
        for on in (date(2025, 2, 28), date(2025, 3, 15), date(2025, 12, 31), date(2026, 1, 30))
    }
    assert [share.fraction for share in left.values()] == [
        Fraction(11, 12),
        (10 + Fraction(16, 31)) / 12,
        Fraction(1, 12),
        Fraction(1, 31 * 12),
    ]
    assert [share.words for share in left.values()] == [
        "11 months left of 12 months",
        "10 months and 16 of 31 days left of 12 months",
        "1 month left of 12 months",
        "1 of 31 days left of 12 months",
    ]


def test_a_clamped_start_does_not_move_the_months_of_a_cycle() -> None:
    half = cycle_at(date(2025, 3, 1), anchor=date(2024, 8, 31), length=CycleLength(count=6))
    assert (half.start, half.end) == (date(2025, 2, 28), date(2025, 8, 31))
    share = share_left(cycle=half, convention=CONVENTIONS["months-first"], on=date(2025, 3, 31))
    assert share.fraction == Fraction(5, 6)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (Period(start=date(2025, 1, 1), end=date(2025, 2, 11)), "1 month and 10 of 28 days billed"),
        (Period(start=date(2025, 1, 22), end=date(2025, 3, 1)), "1 month and 10 of 31 days billed"),
        (Period(start=date(2025, 1, 22), end=date(2025, 2, 1)), "10 of 31 days billed"),
        (Period(start=date(2025, 2, 1), end=date(2025, 4, 1)), "2 months billed"),
        (Period(start=date(2025, 1, 17), end=date(2025, 2, 15)), "61/62 months billed"),
    ],
)
def test_months_of_any_part_are_said(part: Period, words: str) -> None:
    quarter = Cycle(
        start=date(2025, 1, 1), end=date(2025, 4, 1), index=0, length=CycleLength(count=3)
    )
    share = share_of(part=part, cycle=quarter, convention=CONVENTIONS["months-first"])
    assert share.words == f"{words} of 3 months"


@pytest.mark.parametrize(
    ("name", "fraction"),
    [
        ("fixed-30", Fraction(80, 90)),
        ("actual-over-30", Fraction(82, 90)),
        ("strict-30-360", Fraction(80, 90)),
        ("annualised-365", Fraction(82 * 4, 365)),
        ("months-first", (2 + Fraction(21, 31)) / 3),
    ],
)
def test_months_of_30_days_add_up_in_a_longer_cycle(name: str, fraction: Fraction) -> None:
    quarter = cycle_at(date(2025, 5, 11), anchor=date(2025, 5, 1), length=CycleLength(count=3))
    share = share_left(cycle=quarter, convention=CONVENTIONS[name], on=date(2025, 5, 11))
    assert share.fraction == fraction


@pytest.mark.parametrize("name", ["actual-over-30", "annualised-365", "strict-30-360"])
def test_no_part_is_more_than_the_whole(name: str) -> None:
    convention = CONVENTIONS[name]
    all_of_march = Period(start=MARCH.start, end=MARCH.end)
    assert share_of(part=all_of_march, cycle=MARCH, convention=convention).fraction == 1
    quarter = cycle_at(date(2025, 7, 1), anchor=date(2025, 7, 1), length=CycleLength(count=3))
    second_day = share_left(cycle=quarter, convention=convention, on=date(2025, 7, 2))
    assert second_day.fraction <= 1


def test_a_cycle_of_more_than_its_months_of_30_days_is_whole_for_longer() -> None:
    quarter = cycle_at(date(2025, 7, 1), anchor=date(2025, 7, 1), length=CycleLength(count=3))
    left = [
        share_left(cycle=quarter, convention=CONVENTIONS["actual-over-30"], on=on).numerator
        for on in (date(2025, 7, 2), date(2025, 7, 3), date(2025, 7, 4))
    ]
    assert left == [90, 90, 89]


@pytest.mark.parametrize(
    "name", ["fixed-30", "actual-over-30", "strict-30-360", "months-first", "calendar-day"]
)
def test_a_cycle_of_days_has_its_own_and_no_months_of_30(name: str) -> None:
    length = CycleLength(unit=CycleUnit.DAY, count=28)
    cycle = cycle_at(date(2025, 3, 8), anchor=date(2025, 3, 1), length=length)
    share = share_left(cycle=cycle, convention=CONVENTIONS[name], on=date(2025, 3, 8))
    assert share.fraction == Fraction(21, 28)


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        (date(2021, 2, 27), date(2021, 3, 1), 4),
        (date(2021, 2, 28), date(2021, 3, 1), 1),
        (date(2021, 2, 1), date(2021, 3, 1), 30),
        (date(2021, 2, 1), date(2021, 2, 11), 10),
    ],
)
def test_the_last_day_of_a_month_is_its_30th(start: date, end: date, days: int) -> None:
    february = Cycle(start=date(2021, 2, 1), end=date(2021, 3, 1), index=0)
    share = share_of(
        part=Period(start=start, end=end),
        cycle=february,
        convention=CONVENTIONS["strict-30-360"],
    )
    assert (share.numerator, share.denominator) == (days, 30)


@pytest.mark.parametrize(
    ("start", "end", "month_days", "days"),
    [
        (date(2023, 5, 23), date(2023, 6, 15), 30, 22),
        (date(2023, 6, 23), date(2023, 7, 15), 28, 20),
        (date(2023, 6, 23), date(2023, 6, 28), 28, 5),
        (date(2023, 5, 31), date(2023, 6, 1), 30, 0),
    ],
)
def test_dates_may_be_read_as_if_months_were_equal(
    start: date, end: date, month_days: int, days: int
) -> None:
    charged = FOREIGN_CONVENTIONS["charged-item-30"]
    convention = replace(charged, month_days=month_days, share_decimals=None)
    cycle = cycle_at(start, anchor=start, length=CycleLength())
    share = share_of(part=Period(start=start, end=end), cycle=cycle, convention=convention)
    assert (share.numerator, share.denominator) == (days, month_days)


def test_dates_of_a_cycle_of_days_are_read_as_they_are() -> None:
    convention = replace(CALENDAR_DAY, day_count=DayCount.DATE_DIFFERENCE)
    length = CycleLength(unit=CycleUnit.DAY, count=40)
    cycle = cycle_at(date(2025, 1, 1), anchor=date(2025, 1, 1), length=length)
    part = Period(start=date(2025, 1, 31), end=date(2025, 2, 10))
    share = share_of(part=part, cycle=cycle, convention=convention)
    assert share.fraction == Fraction(10, 40)


def test_a_share_may_be_rounded_before_it_meets_a_price() -> None:
    charged = FOREIGN_CONVENTIONS["charged-item"]
    cycle = Cycle(start=date(2023, 2, 1), end=date(2023, 3, 1), index=0)
    part = Period(start=date(2023, 2, 27), end=date(2023, 3, 1))
    share = share_of(part=part, cycle=cycle, convention=charged)
    assert (share.numerator, share.denominator) == (71_428_571, 10**9)
    assert share.words == "2 of 28 days billed, to 9 decimals"
    exact = share_of(part=part, cycle=cycle, convention=CALENDAR_DAY)
    prices = [prorate(micros=19_950_000, share=each, rounding=CENTS) for each in (share, exact)]
    assert prices == [1_420_000, 1_430_000]


def test_a_cycle_that_is_never_parted_belongs_to_whoever_began_it() -> None:
    none = CONVENTIONS["none"]
    halves = [
        Period(start=date(2025, 3, 1), end=date(2025, 3, 16)),
        Period(start=date(2025, 3, 16), end=date(2025, 4, 1)),
    ]
    shares = [share_of(part=each, cycle=MARCH, convention=none) for each in halves]
    assert [share.fraction for share in shares] == [1, 0]
    assert shares[1].words == "nothing of a cycle begun before"


def test_a_part_in_seconds_may_be_given_in_days_or_instants() -> None:
    part = Period(start=date(2025, 3, 1), end=date(2025, 3, 16))
    by_day = share_of(part=part, cycle=MARCH, convention=SECOND, zone=BERLIN)
    instants = Interval(
        start=datetime(2025, 3, 1, tzinfo=BERLIN), end=datetime(2025, 3, 16, tzinfo=BERLIN)
    )
    assert by_day == share_of(part=instants, cycle=MARCH, convention=SECOND, zone=BERLIN)
    assert (by_day.numerator, by_day.part) == (15 * 86_400, SharePart.BILLED)


NAIVE = datetime(2025, 3, 15, 12)  # noqa: DTZ001  the fault under test
AWARE = datetime(2025, 3, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "convention", "when"),
    [
        ("at", CALENDAR_DAY, {"at": NAIVE, "zone": BERLIN}),
        ("at", SECOND, {"at": NAIVE, "zone": BERLIN}),
        ("on", CALENDAR_DAY, {"on": date(2025, 2, 28)}),
        ("on", CALENDAR_DAY, {"on": date(2025, 4, 2)}),
        ("on", OLD_PLAN, {"on": date(2025, 4, 2)}),
        ("on", CALENDAR_DAY, {"at": datetime(2025, 4, 2, tzinfo=UTC), "zone": BERLIN}),
        ("at", SECOND, {"at": datetime(2025, 4, 2, tzinfo=UTC), "zone": BERLIN}),
        ("on", SECOND, {"on": date(2025, 2, 28), "zone": BERLIN}),
        ("zone", CALENDAR_DAY, {"at": AWARE}),
        ("zone", SECOND, {"on": date(2025, 3, 15)}),
        ("zone", SECOND, {"at": AWARE}),
        ("on", CALENDAR_DAY, {}),
        ("on", CALENDAR_DAY, {"on": date(2025, 3, 15), "at": AWARE, "zone": BERLIN}),
        ("on", SECOND, {"zone": BERLIN}),
        ("on", SECOND, {"on": date(2025, 3, 15), "at": AWARE, "zone": BERLIN}),
        ("on", CALENDAR_DAY, {"on": AWARE}),
        ("on", SECOND, {"on": AWARE, "zone": BERLIN}),
    ],
)
def test_a_switch_at_no_time_of_the_cycle_is_refused(
    name: str, convention: ProrationConvention, when: dict[str, Any]
) -> None:
    with pytest.raises(InvalidValue) as refused:
        share_left(cycle=MARCH, convention=convention, **when)
    assert refused.value.name == name


INSTANTS = Interval(start=datetime(2025, 3, 1, tzinfo=UTC), end=datetime(2025, 4, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("name", "convention", "part", "cycle"),
    [
        ("part", CALENDAR_DAY, Period(start=date(2025, 3, 1), end=date(2025, 4, 2)), MARCH),
        ("part", CALENDAR_DAY, Period(start=date(2025, 2, 28), end=date(2025, 3, 2)), MARCH),
        ("part", CALENDAR_DAY, Period(start=date(2025, 3, 1)), MARCH),
        ("part", CALENDAR_DAY, Period(end=date(2025, 3, 1)), MARCH),
        ("part", CALENDAR_DAY, INSTANTS, MARCH),
        ("cycle", CALENDAR_DAY, Period(start=date(2025, 3, 1), end=date(2025, 3, 2)), INSTANTS),
        ("part", SECOND, Period(start=date(2025, 3, 1)), INSTANTS),
        ("zone", SECOND, Period(start=date(2025, 3, 1), end=date(2025, 3, 2)), INSTANTS),
        (
            "part",
            SECOND,
            Interval(start=INSTANTS.start, end=datetime(2025, 4, 1, 0, 0, 1, tzinfo=UTC)),
            INSTANTS,
        ),
        (
            "part",
            SECOND,
            Interval(start=datetime(2025, 2, 28, tzinfo=UTC), end=INSTANTS.end),
            INSTANTS,
        ),
    ],
)
def test_what_is_no_part_of_the_cycle_is_refused(
    name: str,
    convention: ProrationConvention,
    part: Period | Interval,
    cycle: Cycle | Interval,
) -> None:
    with pytest.raises(InvalidValue) as refused:
        share_of(part=part, cycle=cycle, convention=convention)
    assert refused.value.name == name


def test_a_share_of_a_price_is_rounded_once_and_half_up() -> None:
    half = Share(numerator=15, denominator=30)
    assert prorate(micros=9_990_000, share=half, rounding=CENTS) == 5_000_000
    even = replace(CALENDAR_DAY, rounding=RoundingMode.HALF_EVEN).rounding_to(CENT)
    assert prorate(micros=9_990_000, share=half, rounding=even) == 5_000_000
    assert prorate(micros=9_970_000, share=half, rounding=even) == 4_980_000
    assert prorate(micros=9_970_000, share=half, rounding=CENTS) == 4_990_000
    yen = CALENDAR_DAY.rounding_to(MICROS)
    assert prorate(
        micros=1_000 * MICROS, share=Share(numerator=10, denominator=31), rounding=yen
    ) == (323 * MICROS)
    assert prorate(micros=7_123_456, share=WHOLE, rounding=CENTS) == 7_120_000


def test_a_negative_price_is_refused() -> None:
    half = Share(numerator=1, denominator=2)
    with pytest.raises(InvalidValue) as refused:
        prorate(micros=-1, share=half, rounding=CENTS)
    assert refused.value.name == "micros"
    with pytest.raises(InvalidValue):
        credit(billed_micros=-1, share=half, paid_micros=0, rounding=CENTS)


@pytest.mark.parametrize(
    ("micros", "paid", "credited", "found"),
    [(100, 200, 50, 100), (300, 200, 50, 150), (-50, 200, 50, 0), (100, 200, 250, 0), (9, 0, 0, 0)],
)
def test_a_credit_is_at_most_what_was_paid_and_not_yet_given_back(
    micros: int, paid: int, credited: int, found: int
) -> None:
    assert capped(micros=micros, paid_micros=paid, credited_micros=credited) == found


def test_a_credit_is_a_share_of_what_was_billed_and_capped_at_what_was_paid() -> None:
    share = Share(numerator=16, denominator=31)
    paid = {
        paid: credit(billed_micros=15 * MICROS, share=share, paid_micros=paid, rounding=CENTS)
        for paid in (15 * MICROS, 7_740_000, 5_000_000)
    }
    assert paid == {15 * MICROS: 7_740_000, 7_740_000: 7_740_000, 5_000_000: 5_000_000}
    again = credit(
        billed_micros=15 * MICROS,
        share=share,
        paid_micros=15 * MICROS,
        credited_micros=10 * MICROS,
        rounding=CENTS,
    )
    assert again == 5 * MICROS


def test_what_is_left_of_a_fee_buys_days_and_a_day_begun_is_bought() -> None:
    half = Share(numerator=15, denominator=30)
    assert (
        days_bought(billed_micros=30_000_000, share=half, price_micros=60_000_000, cycle_days=30)
        == 8
    )
    third = Share(numerator=20, denominator=30)
    same = days_bought(
        billed_micros=10_000_000, share=third, price_micros=10_000_000, cycle_days=30
    )
    assert same == 20
    assert days_bought(billed_micros=0, share=half, price_micros=1, cycle_days=30) == 0
    with pytest.raises(InvalidValue) as refused:
        days_bought(billed_micros=1, share=half, price_micros=0, cycle_days=30)
    assert refused.value.name == "price_micros"
    with pytest.raises(InvalidValue):
        days_bought(billed_micros=-1, share=half, price_micros=1, cycle_days=30)
