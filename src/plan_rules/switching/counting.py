"""How many days of a cycle a part of it counts, by each day count; nothing here is a price.

Every count is of `[start, end)` within one full cycle and comes as a `Share` of that cycle.
Parts that touch sum to the whole for `actual`, `fixed-30`, `months-first` and `whole`; the
others are conventions of the trade that do not, and are told apart in `TILING`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from plan_rules.periods import DAYS_PER_YEAR, MONTHS_PER_YEAR, Cycle, CycleUnit, add_months
from plan_rules.switching.convention import DayCount, ProrationConvention
from plan_rules.switching.share import Share

MONTH_DAYS = 30
TILING = frozenset({DayCount.ACTUAL, DayCount.FIXED_30, DayCount.MONTHS_FIRST, DayCount.WHOLE})
"""The day counts by which the parts of a cycle, however it is cut, sum to the whole of it."""


def count_days(start: date, end: date, *, cycle: Cycle, convention: ProrationConvention) -> Share:
    """Return the share of `cycle` that its days `[start, end)` are; of no days it is 0."""
    days, whole = (end - start).days, _whole(cycle)
    match convention.day_count:
        case DayCount.ACTUAL:
            whole = cycle.days
        case DayCount.FIXED_30:
            days = _used(end, cycle) - _used(start, cycle)
        case DayCount.ACTUAL_OVER_30:
            days = min(days, whole)
        case DayCount.STRICT_30_360:
            days = min(_strict(start, end, cycle), whole)
        case DayCount.DATE_DIFFERENCE:
            whole = _whole(cycle, convention.month_days)
            days = min(_difference(start, end, cycle, convention.month_days), whole)
        case DayCount.YEAR_365:
            return _yearly(start, end, cycle)
        case DayCount.MONTHS_FIRST:
            return _months_first(start, end, cycle)
        case DayCount.WHOLE:
            begun = start == cycle.start < end
            return Share(numerator=int(begun), denominator=1, detail=_begun(begun=begun))
    return Share(numerator=days, denominator=whole)


def _whole(cycle: Cycle, month_days: int = MONTH_DAYS) -> int:
    """Return the days of a cycle of months of equal length; one of days or weeks has its own."""
    if cycle.length.unit is CycleUnit.MONTH:
        return month_days * cycle.length.count
    return cycle.days


def _used(day: date, cycle: Cycle) -> int:
    """Return the days of 30-day months used before `day`; at the end of the cycle, all."""
    whole = _whole(cycle)
    return whole if day == cycle.end else min((day - cycle.start).days, whole)


def _strict(start: date, end: date, cycle: Cycle) -> int:
    """Count days of months of 30, first and last day inclusive; a month's last is its 30th."""
    if start >= end:
        return 0
    if cycle.length.unit is not CycleUnit.MONTH:
        return (end - start).days
    last = end - timedelta(days=1)
    return MONTH_DAYS * _months_apart(start, last) + _thirtieth(last) - _thirtieth(start) + 1


def _difference(start: date, end: date, cycle: Cycle, month_days: int) -> int:
    """Count days as two dates read: within a month they are real, and no month has more or less."""
    months = _months_apart(start, end)
    if cycle.length.unit is not CycleUnit.MONTH or not months:
        return (end - start).days
    return max(0, month_days * months + end.day - start.day)


def _months_apart(start: date, end: date) -> int:
    return MONTHS_PER_YEAR * (end.year - start.year) + end.month - start.month


def _thirtieth(day: date) -> int:
    is_last = (day + timedelta(days=1)).month != day.month
    return MONTH_DAYS if is_last else min(day.day, MONTH_DAYS)


def _yearly(start: date, end: date, cycle: Cycle) -> Share:
    cycles, years = cycle.length.cycles_per_year
    days, whole = (end - start).days, DAYS_PER_YEAR * years
    fees = "1 fee" if cycles == 1 else f"{cycles} fees"
    detail = f"{days} days {{part}}, at {fees} for {whole} days"
    return Share(numerator=min(days * cycles, whole), denominator=whole, detail=detail)


@dataclass(frozen=True, slots=True)
class _Place:
    """A day in a cycle of months: after whole `months` and `days` of a month of `month_days`."""

    months: int
    days: int
    month_days: int

    @property
    def exact(self) -> Fraction:
        """How many months lie before the day, the one begun by its days."""
        return self.months + Fraction(self.days, self.month_days)


def _months_first(start: date, end: date, cycle: Cycle) -> Share:
    """Count whole months of the cycle, then days by those of the month they lie in."""
    if cycle.length.unit is not CycleUnit.MONTH:
        return Share(numerator=(end - start).days, denominator=cycle.days)
    first, last = _month_place(start, cycle), _month_place(end, cycle)
    share = (last.exact - first.exact) / cycle.length.count
    words = _month_words(first, last)
    detail = f"{words} {{part}} of {_counted(cycle.length.count)}"
    return Share(numerator=share.numerator, denominator=share.denominator, detail=detail)


def _month_words(first: _Place, last: _Place) -> str:
    """Return whole months, then the days of the one month that is cut."""
    if first.days and last.days:
        return f"{last.exact - first.exact} months"
    whole = last.months - first.months - bool(first.days)
    days, of = (first.month_days - first.days, first) if first.days else (last.days, last)
    parts = [_counted(whole)] if whole or not (first.days or last.days) else []
    if first.days or last.days:
        parts.append(f"{days} of {of.month_days} days")
    return " and ".join(parts)


def _counted(months: int) -> str:
    return f"{months} month" if months == 1 else f"{months} months"


def _month_place(day: date, cycle: Cycle) -> _Place:
    edges = _month_edges(cycle)
    index = max(number for number, edge in enumerate(edges) if edge <= day)
    if index == len(edges) - 1:
        return _Place(index, 0, 1)
    return _Place(index, (day - edges[index]).days, (edges[index + 1] - edges[index]).days)


def _month_edges(cycle: Cycle) -> tuple[date, ...]:
    """Return where the months of a cycle begin and end.

    The day of the month is that of the cycle's start or end, whichever was not clamped.
    """
    day = max(cycle.start.day, cycle.end.day)
    january = cycle.start.replace(month=1, day=day)
    passed = cycle.start.month - 1
    between = (add_months(january, passed + n) for n in range(1, cycle.length.count))
    return (cycle.start, *between, cycle.end)


def _begun(*, begun: bool) -> str:
    return "the whole cycle, which is never parted" if begun else "nothing of a cycle begun before"
