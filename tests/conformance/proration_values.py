"""What published proration cases are written in, as our values: dates, periods, money, tax."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

from plan_rules.catalog import Tax
from plan_rules.money import MICROS, Rounding, parse_micros
from plan_rules.periods import (
    Cycle,
    CycleLength,
    CycleUnit,
)
from plan_rules.rating.taxing import net_and_gross
from plan_rules.switching.convention import (
    CALENDAR_DAY,
    CONVENTIONS,
    FOREIGN_CONVENTIONS,
)
from plan_rules.switching.proration import (
    credit,
    prorate,
    share_left,
)
from plan_rules.switching.share import Share

Case = dict[str, Any]
Found = Iterator[tuple[str, object, object]]

CENT = MICROS // 100
CENTS = CALENDAR_DAY.rounding_to(CENT)
OLD_PLAN = CONVENTIONS["calendar-day-old-plan"]
CHARGED_ITEM = FOREIGN_CONVENTIONS["charged-item"]
MONTH = CycleLength()
THIRTY_DAYS = Cycle(start=date(2021, 9, 1), end=date(2021, 10, 1), index=0)
"""A month of 30 days, for cases that give a number of days and no date."""

UNITS = {"DAY": CycleUnit.DAY, "WEEK": CycleUnit.WEEK, "MONTH": CycleUnit.MONTH}
LENGTHS = {
    "DAILY": (1, "DAY"),
    "WEEKLY": (1, "WEEK"),
    "BIWEEKLY": (2, "WEEK"),
    "THIRTY_DAYS": (30, "DAY"),
    "THIRTY_ONE_DAYS": (31, "DAY"),
    "SIXTY_DAYS": (60, "DAY"),
    "NINETY_DAYS": (90, "DAY"),
    "MONTHLY": (1, "MONTH"),
    "BIMESTRIAL": (2, "MONTH"),
    "QUARTERLY": (3, "MONTH"),
    "QUARTER": (3, "MONTH"),
    "TRIANNUAL": (4, "MONTH"),
    "BIANNUAL": (6, "MONTH"),
    "SEMIANNUAL": (6, "MONTH"),
    "HALF_YEARLY": (6, "MONTH"),
    "HALF_YEAR": (6, "MONTH"),
    "SESQUIENNIAL": (18, "MONTH"),
    "ANNUAL": (12, "MONTH"),
    "BIENNIAL": (24, "MONTH"),
    "TRIENNIAL": (36, "MONTH"),
    "DAY": (1, "DAY"),
    "WEEK": (1, "WEEK"),
    "MONTH": (1, "MONTH"),
    "YEAR": (12, "MONTH"),
}


class Refused(Exception):
    """A case that asks for something the library does not have; the reason is its text."""


def length_of(period: str, times: int = 1) -> CycleLength:
    count, unit = LENGTHS[period.upper()]
    return CycleLength(unit=UNITS[unit], count=count * times)


def day(text: str) -> date:
    return date.fromisoformat(text)


def moment(value: str | int) -> datetime:
    """Return a moment written with its offset, as a UTC date, or in seconds since 1970."""
    if isinstance(value, int):
        return datetime.fromtimestamp(value, UTC)
    found = datetime.fromisoformat(value)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def money(value: object) -> int:
    return parse_micros(str(value))


def cents(value: int) -> int:
    return int(value) * CENT


def inclusive(start: str, last: str) -> Cycle:
    """Return the period from a first to a last day, both of which belong to it."""
    return Cycle(start=day(start), end=day(last) + timedelta(days=1), index=0)


def half_open(pair: list[str]) -> Cycle:
    return Cycle(start=day(pair[0]), end=day(pair[1]), index=0)


def days_of(days: int, whole: int) -> Share:
    return Share(numerator=days, denominator=whole)


def left_of_30(days: int) -> Share:
    """Return what is left when `days` of a month of 30 are left."""
    on = THIRTY_DAYS.end - timedelta(days=days)
    return share_left(cycle=THIRTY_DAYS, on=on, convention=CONVENTIONS["fixed-30"])


def tax_of(percent: str) -> Tax:
    rate = Fraction(percent) / 100
    return Tax(usage=rate, fee=rate, rounding=CENTS)


def gross(micros: int, percent: str) -> int:
    tax = tax_of(percent)
    return net_and_gross(micros=micros, rate=tax.fee, tax=tax)[1]


def swap(old: int, new: int, share: Share, rounding: Rounding = CENTS) -> tuple[int, int]:
    """Return the credit of a fee that was paid in full, and the charge of the new one."""
    back = credit(billed_micros=old, share=share, paid_micros=old, rounding=rounding)
    return back, prorate(micros=new, share=share, rounding=rounding)


def every(expected: Case, found: Case) -> Found:
    """Yield each expected value beside the one found, published slips aside."""
    for key, value in expected.items():
        if not key.startswith("published_"):
            yield key, value, found[key]


def in_cents(expected: Case, found: dict[str, int]) -> Found:
    yield from every({key: cents(value) for key, value in expected.items()}, found)


def in_units(expected: Case, found: dict[str, int]) -> Found:
    yield from every({key: money(value) for key, value in expected.items()}, found)
