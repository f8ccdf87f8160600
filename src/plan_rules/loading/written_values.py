"""Single values as files write them: the way back from `scalars`."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from plan_rules.errors import InvalidValue
from plan_rules.money import MICROS
from plan_rules.periods import Period


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
