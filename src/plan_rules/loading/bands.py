"""Band files: hours with prices of their own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

from plan_rules.errors import Severity
from plan_rules.loading.page import Page
from plan_rules.loading.reader import Steps
from plan_rules.loading.scalars import period, single_day
from plan_rules.periods import ALL_WEEKDAYS, DAY_SECONDS, BandSet, Period, TimeBand, parse_clock

WEEKDAYS = {"mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6, "sun": 7}
MONDAY = datetime(2024, 1, 1)  # noqa: DTZ001  a wall clock, of no zone
DAYS_OF_WEEK = 7


def build_bands(page: Page) -> BandSet:
    """Return the bands of a file."""
    value = page.value
    seen: dict[str, int] = {}
    bands: list[TimeBand] = []
    for index, each in enumerate(value["list"]):
        path: Steps = ("list", index)
        if each["id"] in seen:
            line = page.span(("list", seen[each["id"]], "id")).line
            message = f"two bands have the id `{each['id']}`"
            hint = f"the other is on line {line}; rename one of them"
            page.note("duplicate-id", (*path, "id"), message, hint=hint)
        seen.setdefault(each["id"], index)
        bands.append(_band(page, each, path))
    _note_overlaps(page, bands)
    return BandSet(id=value["bands"], bands=tuple(bands), span=page.span(("bands",)))


def has_gap(bands: BandSet) -> bool:
    """Whether an ordinary week has a moment that no band holds; holidays do not count."""
    weekly = tuple(band for band in bands.bands if not band.dates)
    clock = BandSet(id=bands.id, bands=weekly)
    return any(clock.index_at(moment) < 0 for moment in _moments(weekly))


def _band(page: Page, value: Mapping[str, Any], path: Steps) -> TimeBand:
    start = parse_clock(value.get("start", "00:00")) % DAY_SECONDS
    end = parse_clock(value.get("end", "24:00")) or DAY_SECONDS
    if start == end:
        message = f"band `{value['id']}` ends when it starts"
        hint = "leave `start` and `end` out for the whole day"
        page.note("empty-period", (*path, "end"), message, hint=hint)
        start, end = 0, DAY_SECONDS
    weekdays = value.get("weekdays", list(WEEKDAYS))
    return TimeBand(
        id=value["id"],
        weekdays=frozenset(WEEKDAYS[each] for each in weekdays) or ALL_WEEKDAYS,
        start=start,
        end=end,
        dates=_dates(page, value.get("dates", []), (*path, "dates")),
        precedence=value.get("precedence", 0),
        span=page.span(path),
    )


def _dates(page: Page, values: list[Any], path: Steps) -> tuple[Period, ...]:
    found: list[Period] = []
    for index, each in enumerate(values):
        here = (*path, index)
        days = single_day(page, each, here) if isinstance(each, str) else period(page, each, here)
        if any(days.overlaps(other) for other in found):
            message = "these days are listed already"
            hint = "take them out; the end of a period does not belong to it"
            page.note("overlapping-period", here, message, hint=hint, severity=Severity.WARNING)
        found.append(days)
    return tuple(found)


def _note_overlaps(page: Page, bands: list[TimeBand]) -> None:
    """Warn of two bands between which only their order in the list decides."""
    weekly = [(index, band) for index, band in enumerate(bands) if not band.dates]
    for (_, first), (index, later) in combinations(weekly, 2):
        if first.precedence != later.precedence or first.id == later.id:
            continue
        if any(first.holds(each) and later.holds(each) for each in _moments((first, later))):
            page.note(
                "overlapping-bands",
                ("list", index, "id"),
                f"bands `{first.id}` and `{later.id}` overlap and have the same precedence",
                hint=f"the first listed, `{first.id}`, holds; say so with a higher `precedence`",
                severity=Severity.WARNING,
            )


def _moments(bands: tuple[TimeBand, ...]) -> list[datetime]:
    """Return every moment of a week at which some band may begin or end, and midnights."""
    edges = {0} | {edge % DAY_SECONDS for band in bands for edge in (band.start, band.end)}
    return [
        MONDAY + timedelta(days=day, seconds=edge)
        for day in range(DAYS_OF_WEEK)
        for edge in sorted(edges)
    ]
