"""Texts and numbers of a file as typed values: amounts, dates, increments, clocks, lengths.

The schema has checked the form before; what it cannot say (a 30th of February, a seventh
decimal) is noted here. Each function returns a harmless stand-in where it notes an issue, so
that building goes on and every issue is found; a file with errors yields no value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from plan_rules.catalog.dated import Dated
from plan_rules.catalog.rate import Increment
from plan_rules.errors import InvalidValue, Severity
from plan_rules.loading.page import Page
from plan_rules.loading.reader import Steps
from plan_rules.money import MICROS, Rounding, RoundingMode, parse_micros
from plan_rules.periods import CycleLength, CycleUnit, Period

T = TypeVar("T")

STAND_IN_DATE = date(2000, 1, 1)
PERCENT = 100


def micros(page: Page, value: int | Decimal | dict[str, Any], path: Steps) -> int:
    """Return an amount in micros of the currency's major unit.

    A mapping by what are no dates stands where one belongs; that is told already.
    """
    if isinstance(value, dict):
        return MICROS
    if isinstance(value, int):
        return value * MICROS
    try:
        return parse_micros(value)
    except InvalidValue:
        hint = "round it; a millionth is the finest unit there is"
        page.note("too-many-decimals", path, f"`{value}` has more than six decimals", hint=hint)
        return MICROS


def day(page: Page, text: str, path: Steps, *, at_key: bool = False) -> date:
    """Return the day written as YYYY-MM-DD."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        hint = "check the month and the day"
        page.note("bad-date", path, f"there is no day `{text}`", hint=hint, at_key=at_key)
        return STAND_IN_DATE


def is_dated(value: Any) -> bool:
    """Whether a value is a mapping by dates rather than one of named fields."""
    return isinstance(value, dict) and bool(value) and all(key[:1].isdigit() for key in value)


def dated(page: Page, value: Any, path: Steps, of: Callable[[Page, Any, Steps], T]) -> Dated[T]:
    """Return a value, or the values of a mapping by date in the order of their dates."""
    if not is_dated(value):
        return Dated.always(of(page, value, path))
    return dated_entries(page, value, path, of)


def dated_entries(
    page: Page, value: Mapping[str, Any], path: Steps, of: Callable[[Page, Any, Steps], T]
) -> Dated[T]:
    """Return the values of a mapping by date in the order of their dates."""
    entries = {
        day(page, text, (*path, text), at_key=True): of(page, each, (*path, text))
        for text, each in value.items()
    }
    return Dated(tuple((start, entries[start]) for start in sorted(entries)))


def increment(page: Page, value: int | str, path: Steps) -> Increment:
    """Return the increment written `first/next`, or as one number for both."""
    first, _, following = str(value).partition("/")
    found = Increment(int(first), int(following or first))
    if found.first % found.next:
        page.note(
            "uneven-increment",
            path,
            f"in `{value}` the next increment does not divide the first",
            hint=f"calls bill {found.first}, then {found.first + found.next} seconds and so on; "
            "check that this is meant",
            severity=Severity.WARNING,
        )
    return found


def period(page: Page, value: Mapping[str, str], path: Steps) -> Period:
    """Return the days from `start` to before `end`, either of which may be left open."""
    noted = len(page.issues)
    start = day(page, value["start"], (*path, "start")) if "start" in value else None
    end = day(page, value["end"], (*path, "end")) if "end" in value else None
    if len(page.issues) > noted:
        return Period()
    try:
        return Period(start=start, end=end)
    except InvalidValue:
        hint = "the end is the first day that no longer belongs; write a later one"
        message = f"the period from `{start}` to `{end}` holds no day"
        page.note("empty-period", (*path, "end"), message, hint=hint)
        return Period()


def single_day(page: Page, text: str, path: Steps) -> Period:
    """Return the period of one day."""
    start = day(page, text, path)
    return Period(start=start, end=start + timedelta(days=1))


def cycle_length(text: str) -> CycleLength:
    """Return the length written as `month`, `28 days` or `3 months`."""
    count, _, unit = text.rpartition(" ")
    return CycleLength(unit=CycleUnit(unit.removesuffix("s")), count=int(count or 1))


def share(value: int | Decimal) -> Fraction:
    """Return a percentage as a fraction of one."""
    return Fraction(value) / PERCENT


def rounding(page: Page, value: Mapping[str, Any], path: Steps, *, usual: int) -> Rounding:
    """Return a rounding; `usual` is the step in micros where none is written."""
    step = micros(page, value["to"], (*path, "to")) if "to" in value else usual
    return Rounding(step_micros=step, mode=RoundingMode(value.get("mode", "half-up")))
