"""Dates as small tables, for those who count them by hand: offsets of zones, months of days.

Everything spans the months around the calls of the mix. A cycle is named by the month its
first day lies in, counted from `FIRST_MONTH`; it starts on the anchor's day of that month, or
on the month's last day where the anchor's is past it.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

EPOCH = date(1970, 1, 1)
FIRST_MONTH = date(2025, 11, 1)
LAST_DAY = date(2026, 6, 30)
HOUR, DAY = 3_600, 86_400

FIRST_DAY_NUMBER = (FIRST_MONTH - EPOCH).days
DAYS = tuple(FIRST_MONTH + timedelta(days=at) for at in range((LAST_DAY - FIRST_MONTH).days + 1))


def month_index(day: date) -> int:
    """Return the months from `FIRST_MONTH` to that of a day."""
    return (day.year - FIRST_MONTH.year) * 12 + day.month - FIRST_MONTH.month


MONTH_OF_DAY = tuple(month_index(day) for day in DAYS)
DAY_OF_MONTH = tuple(day.day for day in DAYS)
MONTHS = range(MONTH_OF_DAY[-1] + 1)
MONTH_YEARS = tuple(divmod(FIRST_MONTH.month - 1 + at, 12) for at in MONTHS)
MONTH_LENGTHS = tuple(
    monthrange(FIRST_MONTH.year + years, month + 1)[1] for years, month in MONTH_YEARS
)
MONTH_STARTS = tuple(
    (date(FIRST_MONTH.year + years, month + 1, 1) - EPOCH).days for years, month in MONTH_YEARS
)
"""Days from 1970-01-01 to the first of each month."""


@dataclass(frozen=True, slots=True)
class Offsets:
    """The UTC offsets of a zone: `seconds[k]` holds from the k-th of `changes` on."""

    changes: tuple[int, ...]
    seconds: tuple[int, ...]


def offsets(zone: str) -> Offsets:
    """Return the offsets of a zone; it may change them at whole hours of UTC."""
    info = ZoneInfo(zone)
    start = int(datetime(FIRST_MONTH.year, FIRST_MONTH.month, 1, tzinfo=UTC).timestamp())
    changes: list[int] = []
    seconds: list[int] = []
    for instant in range(start - DAY, start + DAY * len(DAYS), HOUR):
        shift = datetime.fromtimestamp(instant, info).utcoffset() or timedelta()
        if not seconds or seconds[-1] != int(shift.total_seconds()):
            changes.append(instant)
            seconds.append(int(shift.total_seconds()))
    return Offsets(changes=tuple(changes), seconds=tuple(seconds))


def cycle_start(anchor_day: int, cycle: int) -> int:
    """Return the first day of a cycle, as days since 1970-01-01."""
    return MONTH_STARTS[cycle] + min(anchor_day, MONTH_LENGTHS[cycle]) - 1


def cycle_of(anchor_day: int, day: date) -> int:
    """Return the cycle that holds a day."""
    month = month_index(day)
    return month - (day.day < min(anchor_day, MONTH_LENGTHS[month]))
