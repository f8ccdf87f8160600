"""Billing cycles tile time: every day lies in exactly one, for every anchor and length."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from plan_rules.periods import (
    CycleLength,
    CycleUnit,
    anchor_for,
    cycle_at,
    days_of_month,
    epoch_seconds,
    interval_at,
    local_day,
    midnight,
)
from plan_rules.switching.billing import billed_periods

DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))
LENGTHS = st.one_of(
    st.builds(CycleLength, unit=st.sampled_from(CycleUnit), count=st.integers(1, 36)),
    st.builds(CycleLength, count=st.sampled_from([1, 3, 6, 12])),
)
ENDS_OF_MONTHS = st.sampled_from(
    [
        date(year, month, 1) - timedelta(days=1)
        for year in (2024, 2025, 2100)
        for month in range(1, 13)
    ]
)
ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "America/Sao_Paulo",
        "Africa/Cairo",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Pacific/Chatham",
    ]
).map(ZoneInfo)


@given(DAYS, DAYS, LENGTHS)
def test_every_day_lies_in_its_cycle_and_neighbours_touch(
    day: date, anchor: date, length: CycleLength
) -> None:
    cycle = cycle_at(day, anchor=anchor, length=length)
    assert cycle.start <= day < cycle.end
    after = cycle_at(cycle.end, anchor=anchor, length=length)
    assert after.start == cycle.end
    assert after.index == cycle.index + 1
    before = cycle_at(cycle.start - timedelta(days=1), anchor=anchor, length=length)
    assert before.end == cycle.start


@given(DAYS, LENGTHS)
def test_the_anchor_starts_the_cycle_of_index_0(anchor: date, length: CycleLength) -> None:
    cycle = cycle_at(anchor, anchor=anchor, length=length)
    assert (cycle.start, cycle.index) == (anchor, 0)


@given(DAYS, DAYS, LENGTHS, ZONES)
def test_cycles_tile_real_time_in_every_zone(
    day: date, anchor: date, length: CycleLength, zone: ZoneInfo
) -> None:
    cycle = cycle_at(day, anchor=anchor, length=length)
    after = cycle_at(cycle.end, anchor=anchor, length=length)
    here, there = cycle.interval(zone=zone), after.interval(zone=zone)
    assert epoch_seconds(here.end) == epoch_seconds(there.start)
    assert midnight(day, zone=zone) in here
    second = timedelta(seconds=1)
    assert local_day(here.start, zone=zone) == cycle.start
    assert local_day(here.start.astimezone(UTC) - second, zone=zone) < cycle.start
    assert abs(here.seconds - cycle.days * 86_400) <= 86_400


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=ZONES),  # noqa: DTZ001
    LENGTHS,
    ZONES,
)
def test_every_moment_lies_in_its_interval_and_neighbours_touch(
    moment: datetime, anchor: datetime, length: CycleLength, zone: ZoneInfo
) -> None:
    interval = interval_at(moment, anchor=anchor, length=length, zone=zone)
    assert moment in interval
    after = interval_at(interval.end, anchor=anchor, length=length, zone=zone)
    assert epoch_seconds(after.start) == epoch_seconds(interval.end)


@given(ENDS_OF_MONTHS | DAYS, ENDS_OF_MONTHS | DAYS, LENGTHS)
def test_boundaries_keep_the_stored_day_clamped_and_never_drift(
    start: date, anchor: date, length: CycleLength
) -> None:
    cut = anchor_for(start, anchor=anchor, length=length)
    for index in range(-3, 25):
        boundary = length.boundary(cut, index)
        if length.unit is CycleUnit.MONTH:
            assert boundary.day == min(cut.day, days_of_month(boundary))
    has_longer_months = length.unit is not CycleUnit.MONTH or length.count % 12
    assert cut.day == anchor.day if has_longer_months else cut.day <= anchor.day


@given(
    DAYS,
    DAYS,
    LENGTHS,
    st.integers(0, 1_500),
    st.none() | st.integers(0, 1_500),
    st.booleans(),
)
def test_billed_periods_touch_and_cover_all_that_is_due(
    start: date,
    anchor: date,
    length: CycleLength,
    ahead: int,
    ends: int | None,
    in_advance: bool,  # noqa: FBT001  drawn
) -> None:
    until = start + timedelta(days=ahead)
    end = None if ends is None else start + timedelta(days=ends)
    periods = billed_periods(
        start=start, anchor=anchor, length=length, until=until, in_advance=in_advance, end=end
    )
    for first, second in pairwise(periods):
        assert first.end == second.start
    if not periods:
        assert not in_advance or ends == 0
        return
    assert periods[0].start == start
    last = periods[-1]
    assert end is None or last.end <= end
    assert all(each.cycle.start <= each.start < each.end <= each.cycle.end for each in periods)
    assert all(each.is_whole for each in periods[1:-1])
    if in_advance:
        assert last.start <= until
        assert last.end in {end, last.cycle.end}
        assert last.end > until or last.end == end
    else:
        assert last.end <= until
        following = cycle_at(
            last.end, anchor=anchor_for(start, anchor=anchor, length=length), length=length
        )
        assert last.end == end or following.end > until or (end is not None and end > until)
