"""Dates, billing cycles, intervals and time bands, all half-open: `start` belongs, `end` does not.

Two clocks are kept apart. Cycles and days are dates in the customer's time zone; bands are
wall-clock windows in the tariff's zone, while elapsed time is counted in real seconds, so
that daylight saving moves a window but never stretches a call.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from plan_rules.errors import NOWHERE, InvalidValue, Span

DAY_SECONDS = 86_400
ALL_WEEKDAYS = frozenset(range(1, 8))
"""ISO weekdays: Monday is 1, Sunday is 7."""


@lru_cache(maxsize=256)
def time_zone(name: str) -> ZoneInfo:
    """Return the IANA time zone `name`; raise `InvalidValue` if there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidValue(
            name="zone", value=name, expected="an IANA time zone, such as America/New_York"
        ) from error


def epoch_seconds(moment: datetime) -> int:
    """Return the whole seconds from 1970-01-01 UTC to an aware `moment`, rounded down.

    A naive moment raises `InvalidValue`: the zone of a timestamp is never guessed.
    """
    if moment.utcoffset() is None:
        raise InvalidValue(
            name="moment", value=moment, expected="a timestamp with a time zone or UTC offset"
        )
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)


def local_moment(epoch: int, *, zone: ZoneInfo) -> datetime:
    """Return the wall clock of `zone` at `epoch` seconds since 1970-01-01 UTC."""
    return datetime.fromtimestamp(epoch, zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Days from `start` (inclusive) to `end` (exclusive); `None` leaves that side open."""

    start: date | None = None
    end: date | None = None

    def __post_init__(self) -> None:
        """Refuse a period that holds no day."""
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise InvalidValue(
                name="end", value=self.end.isoformat(), expected=f"a date after {self.start}"
            )

    def __contains__(self, day: date) -> bool:
        """Whether `day` lies in the period."""
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)

    def overlaps(self, other: Period) -> bool:
        """Whether some day lies in both periods."""
        return (self.start is None or other.end is None or self.start < other.end) and (
            other.start is None or self.end is None or other.start < self.end
        )


class CycleUnit(StrEnum):
    """What a billing cycle is counted in."""

    MONTH = "month"
    DAY = "day"
    WEEK = "week"


MONTHS_PER_YEAR = 12
DAYS_PER_YEAR = 365
DAYS_PER_WEEK = 7
PHASES = 8
"""Cycles back within which some month is as long as months of one phase ever are: a leap year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleLength:
    """How long a billing cycle is: `count` (at least 1) months, days or weeks."""

    unit: CycleUnit = CycleUnit.MONTH
    count: int = 1

    def __post_init__(self) -> None:
        """Refuse a length below one unit."""
        if self.count < 1:
            raise InvalidValue(name="count", value=self.count, expected="at least 1")

    @property
    def cycles_per_year(self) -> tuple[int, int]:
        """Cycles in a year as an exact (numerator, denominator); a year counts 365 days."""
        if self.unit is CycleUnit.MONTH:
            return MONTHS_PER_YEAR, self.count
        return DAYS_PER_YEAR, self.count * (DAYS_PER_WEEK if self.unit is CycleUnit.WEEK else 1)

    def boundary(self, anchor: date, index: int) -> date:
        """Return the first day of the cycle `index` counted from `anchor` (index 0).

        Every boundary is computed from the stored anchor and clamped to the month's end, never
        chained, so that 31 January leads to 28 February and then to 31 March.
        """
        if self.unit is CycleUnit.MONTH:
            return add_months(anchor, index * self.count)
        days = self.count * (DAYS_PER_WEEK if self.unit is CycleUnit.WEEK else 1)
        return anchor + timedelta(days=index * days)


def add_months(day: date, months: int) -> date:
    """Return the same day `months` later (or earlier), clamped to the end of that month."""
    year, month = divmod(day.year * MONTHS_PER_YEAR + day.month - 1 + months, MONTHS_PER_YEAR)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def months_between(start: date, end: date) -> int:
    """Return how many whole months lie from `start` to `end`, which is not before it."""
    months = (end.year - start.year) * MONTHS_PER_YEAR + end.month - start.month
    return months - (add_months(start, months) > end)


def days_of_month(day: date) -> int:
    """Return how many days the month of `day` has."""
    return calendar.monthrange(day.year, day.month)[1]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Interval:
    """Real time from `start` (inclusive) to `end` (exclusive), both aware; at least a second.

    Compared and counted by real seconds, so that a day on which the clock is put back has
    90,000 of them.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        """Refuse naive moments, and an interval of less than a second."""
        if self.seconds < 1:
            raise InvalidValue(name="end", value=self.end, expected=f"a moment after {self.start}")

    def __contains__(self, moment: datetime) -> bool:
        """Whether an aware `moment` lies in the interval."""
        return epoch_seconds(self.start) <= epoch_seconds(moment) < epoch_seconds(self.end)

    @property
    def seconds(self) -> int:
        """Real seconds from start to end."""
        return epoch_seconds(self.end) - epoch_seconds(self.start)

    def __str__(self) -> str:
        """Return both moments, the second of which no longer belongs."""
        return f"{self.start.isoformat()} to before {self.end.isoformat()}"


def midnight(day: date, *, zone: ZoneInfo) -> datetime:
    """Return the moment a local `day` begins; where there is no midnight, the first one after."""
    return datetime.combine(day, time(), zone)


def local_day(moment: datetime, *, zone: ZoneInfo) -> date:
    """Return the day an aware `moment` falls on in `zone`; a naive one raises `InvalidValue`."""
    return local_moment(epoch_seconds(moment), zone=zone).date()


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Cycle:
    """One billing cycle: days from `start` to `end`, `index` cycles after the anchor.

    `length` is how long a cycle is by contract, of which `start` and `end` are one instance.
    """

    start: date
    end: date
    index: int
    length: CycleLength = field(default_factory=CycleLength, compare=False, repr=False)

    def __contains__(self, day: date) -> bool:
        """Whether `day` lies in the cycle."""
        return self.start <= day < self.end

    @property
    def days(self) -> int:
        """Days in the cycle, at least 1."""
        return (self.end - self.start).days

    def interval(self, *, zone: ZoneInfo) -> Interval:
        """Return the real time of the cycle, from midnight to midnight in `zone`."""
        return Interval(start=midnight(self.start, zone=zone), end=midnight(self.end, zone=zone))

    def __str__(self) -> str:
        """Return the first and the last day, both inclusive, as people say it."""
        return f"{self.start} to {self.end - timedelta(days=1)}"


def cycle_at(day: date, *, anchor: date, length: CycleLength) -> Cycle:
    """Return the billing cycle that holds `day`, before the anchor as well as after it."""
    if length.unit is CycleUnit.MONTH:
        months = (day.year - anchor.year) * MONTHS_PER_YEAR + day.month - anchor.month
        index = months // length.count
    else:
        span = length.boundary(anchor, 1) - anchor
        index = (day - anchor) // span
    while length.boundary(anchor, index) > day:
        index -= 1
    return Cycle(
        start=length.boundary(anchor, index),
        end=length.boundary(anchor, index + 1),
        index=index,
        length=length,
    )


def anchor_for(start: date, *, anchor: date, length: CycleLength) -> date:
    """Return the date from which the cycles of something that begins on `start` are cut.

    Cycles of months keep the day of the month of the stored `anchor`, and their phase comes
    from `start`: the first boundary is that day in the month of `start` if still to come, else
    one full cycle later. Cycles of days and weeks are cut from `anchor` itself.

    The date returned may lie years before `start`: it is in a month that has the day, so that
    31 stays 31 although `start` is in February.
    """
    if length.unit is not CycleUnit.MONTH:
        return anchor
    first = start.replace(day=1)
    earlier = (add_months(first, -count * length.count) for count in range(PHASES))
    month = max(earlier, key=lambda day: min(days_of_month(day), anchor.day))
    return month.replace(day=min(days_of_month(month), anchor.day))


def interval_at(
    moment: datetime, *, anchor: datetime, length: CycleLength, zone: ZoneInfo
) -> Interval:
    """Return the billing interval that holds `moment`, cut at the wall clock of `anchor`.

    Each boundary is the clamped day of a cycle at the anchor's time of day in `zone`, so that
    daylight saving changes the seconds of an interval and never its hour. Naive moments raise
    `InvalidValue`.
    """
    wall = local_moment(epoch_seconds(anchor), zone=zone)
    now = epoch_seconds(moment)

    def boundary(index: int) -> datetime:
        return datetime.combine(length.boundary(wall.date(), index), wall.time(), zone)

    day = local_moment(now, zone=zone).date()
    index = cycle_at(day, anchor=wall.date(), length=length).index
    if epoch_seconds(boundary(index)) > now:
        index -= 1
    return Interval(start=boundary(index), end=boundary(index + 1))


def cycles_between(start: date, end: date, *, anchor: date, length: CycleLength) -> Iterator[Cycle]:
    """Yield, in order, every cycle that has at least one day in `[start, end)`."""
    day = start
    while day < end:
        cycle = cycle_at(day, anchor=anchor, length=length)
        yield cycle
        day = cycle.end


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeBand:
    """A window of the wall clock: on `weekdays` and `dates`, from `start` to `end` o'clock.

    `start` and `end` are seconds since local midnight, 0 to 86,400, half-open; a window that
    ends before it starts runs over midnight and belongs, whole, to the day it starts on.
    `dates` limits the band to those days (holidays). Where bands overlap, the highest
    `precedence` wins, then the one declared first.
    """

    id: str
    weekdays: frozenset[int] = ALL_WEEKDAYS
    start: int = 0
    end: int = DAY_SECONDS
    dates: tuple[Period, ...] = ()
    precedence: int = 0
    span: Span = NOWHERE

    def __post_init__(self) -> None:
        """Refuse a window outside the day, of no length, or on no weekday."""
        if not 0 <= self.start < DAY_SECONDS or not 0 < self.end <= DAY_SECONDS:
            raise InvalidValue(
                name="start", value=(self.start, self.end), expected="00:00 to 24:00"
            )
        if self.start == self.end or not self.weekdays or not self.weekdays <= ALL_WEEKDAYS:
            raise InvalidValue(name="weekdays", value=self.id, expected="a window of some length")

    def holds(self, wall: datetime) -> bool:
        """Whether the wall clock `wall` lies in the band."""
        second = wall.hour * 3600 + wall.minute * 60 + wall.second
        if self.start < self.end:
            return self.start <= second < self.end and self._on(wall.date())
        if second >= self.start:
            return self._on(wall.date())
        return second < self.end and self._on(wall.date() - timedelta(days=1))

    def _on(self, day: date) -> bool:
        if day.isoweekday() not in self.weekdays:
            return False
        return not self.dates or any(day in period for period in self.dates)


GAP = -1
"""The band index of a moment that no band holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BandSet:
    """The bands of one clock: at any moment at most one is in force, or none in a gap."""

    id: str
    bands: tuple[TimeBand, ...]
    span: Span = NOWHERE

    def index_at(self, wall: datetime) -> int:
        """Return the index of the band in force at the wall clock `wall`, or `GAP`."""
        best = GAP
        for index, band in enumerate(self.bands):
            wins = best == GAP or band.precedence > self.bands[best].precedence
            if wins and band.holds(wall):
                best = index
        return best

    def runs(self, epoch: int, seconds: int, *, zone: ZoneInfo) -> tuple[tuple[int, int], ...]:
        """Return which band is in force during a call, as (elapsed second, band index) runs.

        The call starts at `epoch` and lasts `seconds`. The first run starts at 0; each run
        lasts until the next one or the end of the call. Elapsed seconds are real seconds: a
        window that daylight saving shortens or repeats on the wall clock is found by asking
        the clock again after every edge.
        """
        runs: list[tuple[int, int]] = []
        elapsed = 0
        while elapsed < seconds:
            wall = local_moment(epoch + elapsed, zone=zone)
            index = self.index_at(wall)
            if not runs or runs[-1][1] != index:
                runs.append((elapsed, index))
            elapsed += self._until_next_look(wall, epoch + elapsed)
        return tuple(runs)

    def _until_next_look(self, wall: datetime, epoch: int) -> int:
        """Return real seconds until the next edge on the clock, the next hour at the latest.

        Zones change their offset on a whole quarter of an hour of UTC, so that looking again
        at each such quarter misses no change of the clock.
        """
        second = wall.hour * 3600 + wall.minute * 60 + wall.second
        edges = {edge - second for band in self.bands for edge in (band.start, band.end)}
        until_midnight = DAY_SECONDS - second
        quarter = 900 - epoch % 900
        return min([edge for edge in edges if edge > 0] + [until_midnight, quarter])


def parse_clock(text: str) -> int:
    """Return seconds since midnight of `HH:MM` or `HH:MM:SS`, 00:00 to 24:00.

    Raises `InvalidValue` for anything else.
    """
    if text in {"24:00", "24:00:00"}:
        return DAY_SECONDS
    try:
        clock = time.fromisoformat(text)
    except ValueError:
        clock = None
    if clock is None or clock.tzinfo is not None or clock.microsecond or ":" not in text:
        raise InvalidValue(name="time", value=text, expected="HH:MM from 00:00 to 24:00")
    return clock.hour * 3600 + clock.minute * 60 + clock.second
