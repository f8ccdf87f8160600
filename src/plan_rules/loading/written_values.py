"""Single values as files write them: the way back from `scalars`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from plan_rules.catalog.dated import Dated
from plan_rules.destinations.selector import Selector
from plan_rules.errors import InvalidValue
from plan_rules.loading.scalars import PERCENT
from plan_rules.money import MICROS, Rounding
from plan_rules.periods import Period

T = TypeVar("T")
Document = dict[str, Any]
"""A file, or a part of one, as plain values."""


def written_amount(micros: int) -> int | Decimal:
    """Return micros in major units."""
    whole, rest = divmod(micros, MICROS)
    return Decimal(micros).scaleb(-6).normalize() if rest else whole


def written_number(value: Fraction) -> int | Decimal:
    """Return an exact number; raise `InvalidValue` for one that is no finite decimal."""
    if value.denominator == 1:
        return value.numerator
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    if Fraction(exact) != value:
        raise InvalidValue(name="percent", value=str(value), expected="a finite decimal")
    return exact


def written_period(period: Period) -> dict[str, str]:
    """Return the days of a period; nothing for an end that is open."""
    edges = {"start": period.start, "end": period.end}
    return {key: edge.isoformat() for key, edge in edges.items() if edge is not None}


def written_percent(share: Fraction) -> int | Decimal:
    """Return a part of one in percent."""
    return written_number(share * PERCENT)


def written_selectors(found: Iterable[Selector]) -> list[str]:
    """Return selectors as their texts."""
    return [str(each) for each in found]


def written_dated(value: Dated[T], of: Callable[[T], Any]) -> Any:
    """Return a value, or values by the dates from which they hold; each is written by `of`."""
    first, only = value.entries[0]
    if first is None and len(value.entries) == 1:
        return of(only)
    if first is None:
        raise InvalidValue(name="dated", value=str(only), expected="a date for the first value")
    return {start.isoformat(): of(each) for start, each in value.entries if start is not None}


def written_rounding(rounding: Rounding) -> Document:
    """Return a rounding as its step and its mode."""
    return {"to": written_amount(rounding.step_micros), "mode": rounding.mode.value}
