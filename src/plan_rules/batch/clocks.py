"""Time as arrays: when a zone changes its offset, and which band and epoch hold at each second.

Both tables are read from the same clocks as the readable engine's (`zoneinfo`, `BandSet`), for
the years that calls span. Between two entries of a table nothing changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.columns import day_number, day_of
from plan_rules.periods import DAY_SECONDS, BandSet, TimeBand, local_moment, time_zone

QUARTER = 900
"""Seconds of a quarter of an hour, the step of the index into the edges."""

FOREVER = 2**62
"""An instant after every other."""


class ZoneClock(NamedTuple):
    """The UTC offsets of several zones.

    Those of zone z stand at `first[z]` up to `first[z + 1]`: `starts` (instants, ascending; the
    last is `FOREVER`) and `offsets` in seconds.
    """

    first: NDArray[np.int64]
    starts: NDArray[np.int64]
    offsets: NDArray[np.int64]


class BandClock(NamedTuple):
    """Which band of each set, and which epoch, hold from each edge to the next.

    `edges` are instants, the last one `FOREVER`. `quarters[q]` is the edge in force at the start
    of quarter q after `base`. `bands` has the band of every set at every edge, -1 in a gap;
    `codes` numbers the different rows of `bands`; `epochs` the epoch of prices.
    """

    base: int
    quarters: NDArray[np.int32]
    edges: NDArray[np.int64]
    bands: NDArray[np.int16]
    codes: NDArray[np.int32]
    epochs: NDArray[np.int32]


class BandEdges(NamedTuple):
    """The part of a `BandClock` that pricing a call asks for."""

    edges: NDArray[np.int64]
    bands: NDArray[np.int16]


@lru_cache(maxsize=4096)
def offsets_of(zone: str, first_year: int, end_year: int) -> tuple[tuple[int, int], ...]:
    """Return (instant, UTC offset in seconds) of a zone over whole years, changes only.

    No zone changes its offset twice within a day.
    """
    info = time_zone(zone)

    def offset(instant: int) -> int:
        shift = local_moment(instant, zone=info).utcoffset() or timedelta()
        return shift // timedelta(seconds=1)

    start, end = _new_year(first_year), _new_year(end_year)
    found = [(start, offset(start))]
    for instant in range(start, end, DAY_SECONDS):
        if offset(instant) == found[-1][1]:
            continue
        before, after = instant - DAY_SECONDS, instant
        while after - before > 1:
            middle = (before + after) // 2
            if offset(middle) == found[-1][1]:
                before = middle
            else:
                after = middle
        found.append((after, offset(after)))
    return tuple(found)


def _new_year(year: int) -> int:
    return int(
        (datetime(year, 1, 1, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
    )


def years_of(earliest: int, latest: int) -> tuple[int, int]:
    """Return the year before the one of `earliest` and the second after that of `latest`."""
    first, last = (datetime.fromtimestamp(each, UTC).year for each in (earliest, latest))
    return max(1970, first) - 1, last + 2


def zone_clock(zones: Sequence[str], *, first_year: int, end_year: int) -> ZoneClock:
    """Return the offsets of zones over whole years."""
    first, starts, offsets = [0], [], []
    for zone in zones:
        for start, offset in offsets_of(zone, first_year, end_year):
            starts.append(start)
            offsets.append(offset)
        starts.append(FOREVER)
        offsets.append(0)
        first.append(len(starts))
    return ZoneClock(*(np.array(each, np.int64) for each in (first, starts, offsets)))


def band_clock(
    band_sets: Sequence[BandSet],
    epochs: Sequence[date],
    *,
    zone: str,
    first_year: int,
    end_year: int,
) -> BandClock:
    """Return the bands and epochs of a book over whole years, by the wall clock of its zone."""
    pieces = offsets_of(zone, first_year, end_year)
    end = _new_year(end_year)
    ends = [*(start for start, _ in pieces[1:]), end]
    days = _Days(band_sets)
    changes = {day_number(day) for day in epochs[1:]}
    edges: list[int] = []
    rows: list[tuple[int, ...]] = []
    for (start, offset), until in zip(pieces, ends, strict=True):
        for day in range((start + offset) // DAY_SECONDS, (until - 1 + offset) // DAY_SECONDS + 1):
            midnight = day * DAY_SECONDS - offset
            for second, row in days.edges(day):
                at = max(start, midnight + second)
                if at >= until:
                    break
                same = rows and rows[-1] == row and not (day in changes and second == 0)
                if edges and edges[-1] == at:
                    rows[-1] = row
                elif not same or at == start:
                    edges.append(at)
                    rows.append(row)
    numbers = {row: code for code, row in enumerate(dict.fromkeys(rows))}
    offsets = np.array([offset for _, offset in pieces], np.int64)
    starts = np.array([start for start, _ in pieces], np.int64)
    instants = np.array(edges, np.int64)
    local = instants + offsets[np.searchsorted(starts, instants, "right") - 1]
    first_days = np.array([day_number(max(day, date(1800, 1, 1))) for day in epochs], np.int64)
    quarters = np.arange(edges[0], end, QUARTER)
    return BandClock(
        base=edges[0],
        quarters=(np.searchsorted(instants, quarters, "right") - 1).astype(np.int32),
        edges=np.append(instants, FOREVER),
        bands=np.array(rows, np.int16).reshape(len(rows), len(band_sets)),
        codes=np.array([numbers[row] for row in rows], np.int32),
        epochs=(np.searchsorted(first_days, local // DAY_SECONDS, "right") - 1).astype(np.int32),
    )


class _Days:
    """The edges of each local day: days on which the same bands can hold have the same."""

    def __init__(self, band_sets: Sequence[BandSet]) -> None:
        self._sets = band_sets
        self._bands = tuple(band for each in band_sets for band in each.bands)
        clock = {0}.union(*({band.start, band.end} for band in self._bands)) - {DAY_SECONDS}
        self._seconds = sorted(clock)
        self._known: dict[tuple[bool, ...], tuple[tuple[int, tuple[int, ...]], ...]] = {}

    def edges(self, number: int) -> tuple[tuple[int, tuple[int, ...]], ...]:
        """Return (second of the day, band of each set) at every edge of a day."""
        day = day_of(number)
        eve = day - timedelta(days=1)
        key = tuple(_on(band, each) for each in (day, eve) for band in self._bands)
        known = self._known.get(key)
        if known is None:
            midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001  a wall clock
            known = self._known[key] = tuple(
                (
                    second,
                    tuple(
                        each.index_at(midnight + timedelta(seconds=second)) for each in self._sets
                    ),
                )
                for second in self._seconds
            )
        return known


def _on(band: TimeBand, day: date) -> bool:
    """Whether a window of a band may start on a day."""
    if day.isoweekday() not in band.weekdays:
        return False
    return not band.dates or any(day in period for period in band.dates)
