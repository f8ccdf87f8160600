from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from plan_rules.errors import InvalidValue
from plan_rules.periods import (
    GAP,
    BandSet,
    Cycle,
    CycleLength,
    CycleUnit,
    Interval,
    Period,
    TimeBand,
    add_months,
    anchor_for,
    cycle_at,
    cycles_between,
    days_of_month,
    epoch_seconds,
    interval_at,
    local_day,
    local_moment,
    midnight,
    months_between,
    parse_clock,
    time_zone,
)

NEW_YORK = ZoneInfo("America/New_York")
BERLIN = ZoneInfo("Europe/Berlin")
HOUR = 3600


def seconds_at(text: str) -> int:
    return epoch_seconds(datetime.fromisoformat(text))


def test_a_period_is_half_open_and_may_be_open() -> None:
    june = Period(start=date(2026, 6, 1), end=date(2026, 7, 1))
    assert date(2026, 6, 1) in june
    assert date(2026, 7, 1) not in june
    assert date(1999, 1, 1) in Period(end=date(2026, 7, 1))
    assert date(2099, 1, 1) in Period()


def test_periods_that_touch_do_not_overlap() -> None:
    may = Period(start=date(2026, 5, 1), end=date(2026, 6, 1))
    june = Period(start=date(2026, 6, 1), end=date(2026, 7, 1))
    assert not may.overlaps(june)
    assert not june.overlaps(may)
    assert may.overlaps(Period(start=date(2026, 5, 31)))
    assert Period().overlaps(june)


def test_a_period_holds_at_least_a_day() -> None:
    with pytest.raises(InvalidValue):
        Period(start=date(2026, 6, 1), end=date(2026, 6, 1))


def test_an_anchor_on_the_31st_is_clamped_and_never_drifts() -> None:
    month = CycleLength()
    starts = [month.boundary(date(2026, 1, 31), index) for index in range(-1, 4)]
    assert starts == [
        date(2025, 12, 31),
        date(2026, 1, 31),
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
    ]
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("unit", "count", "day", "start", "end"),
    [
        (CycleUnit.MONTH, 1, date(2026, 2, 28), date(2026, 2, 28), date(2026, 3, 31)),
        (CycleUnit.MONTH, 1, date(2026, 2, 27), date(2026, 1, 31), date(2026, 2, 28)),
        (CycleUnit.MONTH, 3, date(2025, 12, 1), date(2025, 10, 31), date(2026, 1, 31)),
        (CycleUnit.DAY, 28, date(2026, 1, 30), date(2026, 1, 3), date(2026, 1, 31)),
        (CycleUnit.WEEK, 4, date(2026, 2, 28), date(2026, 2, 28), date(2026, 3, 28)),
    ],
)
def test_a_day_lies_in_exactly_one_cycle(
    unit: CycleUnit, count: int, day: date, start: date, end: date
) -> None:
    length = CycleLength(unit=unit, count=count)
    cycle = cycle_at(day, anchor=date(2026, 1, 31), length=length)
    assert (cycle.start, cycle.end) == (start, end)
    assert day in cycle
    assert cycle.days == (end - start).days


def test_cycles_are_listed_in_order_and_say_their_days() -> None:
    cycles = list(
        cycles_between(
            date(2026, 1, 15), date(2026, 3, 2), anchor=date(2026, 1, 1), length=CycleLength()
        )
    )
    assert [cycle.index for cycle in cycles] == [0, 1, 2]
    assert str(cycles[0]) == "2026-01-01 to 2026-01-31"
    assert isinstance(cycles[0], Cycle)


def test_cycles_of_other_lengths_have_an_exact_yearly_count() -> None:
    assert CycleLength().cycles_per_year == (12, 1)
    assert CycleLength(unit=CycleUnit.DAY, count=28).cycles_per_year == (365, 28)
    assert CycleLength(unit=CycleUnit.WEEK, count=4).cycles_per_year == (365, 28)
    with pytest.raises(InvalidValue):
        CycleLength(count=0)


def test_a_cycle_knows_its_length_and_compares_without_it() -> None:
    length = CycleLength(count=2)
    cycle = cycle_at(date(2026, 2, 1), anchor=date(2026, 1, 1), length=length)
    assert cycle.length == length
    assert cycle == Cycle(start=date(2026, 1, 1), end=date(2026, 3, 1), index=0)


@pytest.mark.parametrize(
    ("start", "anchor", "length", "boundaries"),
    [
        (date(2026, 2, 10), date(2020, 7, 31), CycleLength(), ["2026-02-28", "2026-03-31"]),
        (date(2026, 3, 31), date(2020, 7, 30), CycleLength(), ["2026-04-30", "2026-05-30"]),
        (date(2026, 3, 30), date(2020, 7, 30), CycleLength(), ["2026-04-30", "2026-05-30"]),
        (date(2026, 1, 31), date(2026, 1, 30), CycleLength(count=12), ["2027-01-30"]),
        (date(2026, 1, 16), date(2026, 1, 17), CycleLength(count=12), ["2026-01-17"]),
        (date(2026, 2, 3), date(2026, 1, 31), CycleLength(count=3), ["2026-02-28", "2026-05-31"]),
        (date(2099, 2, 3), date(2020, 2, 29), CycleLength(count=12), ["2099-02-28", "2100-02-28"]),
        (
            date(2026, 1, 8),
            date(2026, 1, 5),
            CycleLength(unit=CycleUnit.WEEK),
            ["2026-01-12", "2026-01-19"],
        ),
    ],
)
def test_the_first_boundary_is_the_stored_day_if_still_to_come_else_a_cycle_later(
    start: date, anchor: date, length: CycleLength, boundaries: list[str]
) -> None:
    cut = anchor_for(start, anchor=anchor, length=length)
    cycle = cycle_at(start, anchor=cut, length=length)
    found = []
    for _ in boundaries:
        found.append(cycle.end.isoformat())
        cycle = cycle_at(cycle.end, anchor=cut, length=length)
    assert found == boundaries


def test_an_anchor_of_29_february_comes_back_in_leap_years() -> None:
    length = CycleLength(count=12)
    cut = anchor_for(date(2101, 2, 1), anchor=date(2000, 2, 29), length=length)
    assert (cut.month, cut.day) == (2, 29)
    assert length.boundary(cut, 2104 - cut.year) == date(2104, 2, 29)
    assert length.boundary(cut, 2101 - cut.year) == date(2101, 2, 28)


def test_months_between_are_whole_and_clamped() -> None:
    start = date(2026, 1, 31)
    ends = [date(2026, 1, 31), date(2026, 2, 27), date(2026, 2, 28), date(2027, 1, 30)]
    assert [months_between(start, end) for end in ends] == [0, 0, 1, 11]
    assert [days_of_month(date(year, 2, 1)) for year in (2023, 2024, 2100)] == [28, 29, 28]


def test_an_interval_counts_real_seconds() -> None:
    night = Interval(
        start=midnight(date(2024, 10, 27), zone=BERLIN),
        end=midnight(date(2024, 10, 28), zone=BERLIN),
    )
    assert night.seconds == 90_000
    assert datetime(2024, 10, 27, 22, 59, 59, tzinfo=UTC) in night
    assert night.end not in night
    assert night.start in night
    assert datetime(2024, 10, 26, 21, 59, 59, tzinfo=UTC) not in night
    assert str(night) == "2024-10-27T00:00:00+02:00 to before 2024-10-28T00:00:00+01:00"


def test_an_interval_is_of_aware_moments_and_of_some_length() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(InvalidValue) as refused:
        Interval(start=start, end=start)
    assert refused.value.name == "end"
    with pytest.raises(InvalidValue):
        Interval(start=start, end=datetime(2026, 1, 2))  # noqa: DTZ001


def test_a_day_without_midnight_begins_when_the_clock_has_moved() -> None:
    zone = ZoneInfo("America/Sao_Paulo")
    day = midnight(date(2018, 11, 4), zone=zone)
    assert day.astimezone(UTC) == datetime(2018, 11, 4, 3, tzinfo=UTC)
    assert local_day(day, zone=zone) == date(2018, 11, 4)
    assert local_day(day - timedelta(hours=1), zone=ZoneInfo("UTC")) == date(2018, 11, 4)


def test_a_cycle_lasts_from_midnight_to_midnight_of_the_customer() -> None:
    march = Cycle(start=date(2025, 3, 1), end=date(2025, 4, 1), index=0)
    assert march.interval(zone=BERLIN).seconds == 31 * 86_400 - 3_600
    assert march.interval(zone=ZoneInfo("UTC")).seconds == 31 * 86_400


@pytest.mark.parametrize(
    ("moment", "start", "end"),
    [
        ("2025-08-13T20:00:00+00:00", "2025-07-31T15:00:00", "2025-08-31T15:00:00"),
        ("2025-02-28T15:00:00+00:00", "2025-02-28T15:00:00", "2025-03-31T15:00:00"),
        ("2025-02-28T14:59:59+00:00", "2025-01-31T15:00:00", "2025-02-28T15:00:00"),
        ("2024-12-31T15:00:00+00:00", "2024-12-31T15:00:00", "2025-01-31T15:00:00"),
    ],
)
def test_intervals_are_cut_at_the_clock_of_the_anchor(moment: str, start: str, end: str) -> None:
    found = interval_at(
        datetime.fromisoformat(moment),
        anchor=datetime(2025, 1, 31, 15, tzinfo=UTC),
        length=CycleLength(),
        zone=ZoneInfo("UTC"),
    )
    assert found.start.replace(tzinfo=None).isoformat() == start
    assert found.end.replace(tzinfo=None).isoformat() == end


def test_an_interval_keeps_its_hour_when_the_clock_moves() -> None:
    found = interval_at(
        datetime(2025, 3, 20, tzinfo=UTC),
        anchor=datetime(2025, 1, 15, 9, 30, tzinfo=BERLIN),
        length=CycleLength(),
        zone=BERLIN,
    )
    assert [(each.hour, each.minute) for each in (found.start, found.end)] == [(9, 30), (9, 30)]
    assert found.seconds == 31 * 86_400 - 3_600


def test_an_unknown_zone_and_a_naive_moment_are_refused() -> None:
    with pytest.raises(InvalidValue) as refused:
        time_zone("Mars/Olympus")
    assert refused.value.name == "zone"
    with pytest.raises(InvalidValue):
        epoch_seconds(datetime(2026, 1, 1))  # noqa: DTZ001
    assert epoch_seconds(datetime(1970, 1, 2, tzinfo=UTC)) == 86_400
    assert local_moment(0, zone=NEW_YORK).isoformat() == "1969-12-31T19:00:00-05:00"


OFFICE = BandSet(
    id="office",
    bands=(
        TimeBand(id="peak", weekdays=frozenset({1, 2, 3, 4, 5}), start=8 * HOUR, end=19 * HOUR),
        TimeBand(
            id="holiday",
            dates=(Period(start=date(2026, 12, 25), end=date(2026, 12, 26)),),
            precedence=5,
        ),
        TimeBand(id="night", start=22 * HOUR, end=6 * HOUR),
    ),
)


@pytest.mark.parametrize(
    ("wall", "band"),
    [
        ("2026-11-23T08:00:00", 0),
        ("2026-11-23T18:59:59", 0),
        ("2026-11-23T19:00:00", GAP),
        ("2026-11-23T22:00:00", 2),
        ("2026-11-24T05:59:59", 2),
        ("2026-11-24T06:00:00", GAP),
        ("2026-11-22T12:00:00", GAP),
        ("2026-12-25T12:00:00", 1),
    ],
)
def test_bands_are_half_open_and_precedence_wins(wall: str, band: int) -> None:
    assert OFFICE.index_at(datetime.fromisoformat(wall)) == band


def test_a_window_over_midnight_belongs_to_the_day_it_starts_on() -> None:
    friday = TimeBand(id="friday", weekdays=frozenset({5}), start=22 * HOUR, end=6 * HOUR)
    assert friday.holds(datetime.fromisoformat("2026-11-28T05:00:00"))
    assert not friday.holds(datetime.fromisoformat("2026-11-27T05:00:00"))


def test_of_overlapping_bands_of_one_precedence_the_first_declared_wins() -> None:
    both = BandSet(id="both", bands=(TimeBand(id="a"), TimeBand(id="b")))
    assert both.index_at(datetime.fromisoformat("2026-01-01T00:00:00")) == 0


@pytest.mark.parametrize(
    ("start", "end", "weekdays"),
    [(0, 0, {1}), (-1, 5, {1}), (0, 86_401, {1}), (86_400, 5, {1}), (0, 5, set()), (0, 5, {8})],
)
def test_an_impossible_window_is_refused(start: int, end: int, weekdays: set[int]) -> None:
    with pytest.raises(InvalidValue):
        TimeBand(id="bad", start=start, end=end, weekdays=frozenset(weekdays))


def test_a_call_over_an_edge_runs_through_both_bands() -> None:
    start = seconds_at("2026-11-23T18:59:30-05:00")
    assert OFFICE.runs(start, 90, zone=NEW_YORK) == ((0, 0), (30, GAP))
    assert OFFICE.runs(start, 30, zone=NEW_YORK) == ((0, 0),)
    assert OFFICE.runs(start, 0, zone=NEW_YORK) == ()


NIGHT = BandSet(
    id="night",
    bands=(TimeBand(id="night", end=3 * HOUR), TimeBand(id="day", start=3 * HOUR)),
)


@pytest.mark.parametrize(
    ("start", "edges"),
    [
        ("2024-03-30T23:00:00+01:00", ((0, 1), (HOUR, 0), (3 * HOUR, 1))),
        ("2024-10-26T23:00:00+02:00", ((0, 1), (HOUR, 0), (5 * HOUR, 1))),
    ],
)
def test_daylight_saving_moves_a_window_and_not_the_elapsed_time(
    start: str, edges: tuple[tuple[int, int], ...]
) -> None:
    assert NIGHT.runs(seconds_at(start), 6 * HOUR, zone=BERLIN) == edges


@pytest.mark.parametrize(
    ("text", "seconds"), [("00:00", 0), ("08:30", 30_600), ("24:00", 86_400), ("23:59:59", 86_399)]
)
def test_a_clock_time_is_read(text: str, seconds: int) -> None:
    assert parse_clock(text) == seconds


@pytest.mark.parametrize("text", ["", "8", "25:00", "08:30+01:00", "08:30:00.5", "noon", "24:01"])
def test_what_is_no_clock_time_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        parse_clock(text)


def test_midnight_starts_a_new_day_of_bands() -> None:
    monday = BandSet(id="monday", bands=(TimeBand(id="monday", weekdays=frozenset({1})),))
    start = seconds_at("2026-11-22T23:59:00+00:00")
    assert monday.runs(start, 120, zone=ZoneInfo("UTC")) == ((0, GAP), (60, 0))
    assert timedelta(days=1).total_seconds() == 86_400
