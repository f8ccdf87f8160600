"""Exact money: integers of a millionth of the currency's major unit, called micros.

No float comes near an amount. `Decimal` appears only where text comes in or goes out.
Between an exact value and a stored amount stands one rounding with a named mode and a
step; what is divided among several is allocated so that nothing is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from plan_rules.errors import CurrencyMismatch, InvalidValue

MICROS = 1_000_000
"""Micros in one major unit of a currency."""

CODE_LETTERS = 3
MICRO_DECIMALS = 6
"""Decimal places a price or an amount may have: a micro is the finest unit there is."""


class RoundingMode(StrEnum):
    """The named ways to round a value that lies between two steps.

    `half-up` sends ties away from zero (the commercial rule), `half-even` sends ties to the
    even step, `up` goes away from zero and `down` towards zero.
    """

    HALF_UP = "half-up"
    HALF_EVEN = "half-even"
    UP = "up"
    DOWN = "down"


def round_ratio(*, numerator: int, denominator: int, mode: RoundingMode) -> int:
    """Return `numerator / denominator` rounded to a whole number by `mode`.

    `denominator` must be positive. Signs are treated alike: the result for -x is minus the
    result for x.
    """
    if denominator <= 0:
        raise InvalidValue(name="denominator", value=denominator, expected="a positive integer")
    whole, rest = divmod(abs(numerator), denominator)
    match mode:
        case RoundingMode.HALF_UP:
            whole += 2 * rest >= denominator
        case RoundingMode.HALF_EVEN:
            whole += 2 * rest > denominator or (2 * rest == denominator and whole % 2 == 1)
        case RoundingMode.UP:
            whole += rest > 0
        case RoundingMode.DOWN:
            pass
    return whole if numerator >= 0 else -whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounding:
    """A declared rounding: to multiples of `step_micros` (at least 1), by `mode`."""

    step_micros: int = 1
    mode: RoundingMode = RoundingMode.HALF_UP

    def __post_init__(self) -> None:
        """Refuse a step below one micro."""
        if self.step_micros < 1:
            raise InvalidValue(
                name="step_micros", value=self.step_micros, expected="at least 1 (one micro)"
            )

    def apply(self, *, numerator: int, denominator: int = 1) -> int:
        """Return `numerator / denominator` micros rounded to a multiple of the step, in micros."""
        if numerator >= 0 and self.mode is RoundingMode.HALF_UP:
            whole = denominator * self.step_micros
            return (2 * numerator + whole) // (2 * whole) * self.step_micros
        return self.step_micros * round_ratio(
            numerator=numerator, denominator=denominator * self.step_micros, mode=self.mode
        )


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An exact amount: `micros` (millionths of the major unit, any sign) of a `currency`.

    `currency` is an ISO 4217 code of three capital letters. Amounts of different currencies
    are never combined nor compared: `CurrencyMismatch`.

    >>> Money.parse("12.50", currency="USD") + Money(250_000, "USD")
    Money(micros=12750000, currency='USD')
    >>> str(Money(-4_670_000, "USD"))
    '-4.67 USD'
    """

    micros: int
    currency: str

    def __post_init__(self) -> None:
        """Refuse a currency that is no ISO 4217 code, and an amount that is no integer."""
        if type(self.micros) is not int:
            raise InvalidValue(name="micros", value=self.micros, expected="an integer of micros")
        code = self.currency
        if len(code) != CODE_LETTERS or not (code.isascii() and code.isalpha() and code.isupper()):
            raise InvalidValue(
                name="currency", value=self.currency, expected="three capital letters, such as USD"
            )

    @classmethod
    def parse(cls, text: str | Decimal, *, currency: str) -> Money:
        """Return the amount written as a decimal in major units; at most six decimals."""
        return cls(parse_micros(text), currency)

    def __add__(self, other: Money) -> Money:
        """Return the sum of two amounts of one currency."""
        return Money(self.micros + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        """Return the difference of two amounts of one currency."""
        return Money(self.micros - self._same(other), self.currency)

    def __neg__(self) -> Money:
        """Return the amount with the other sign."""
        return Money(-self.micros, self.currency)

    def __str__(self) -> str:
        """Return the amount in major units, two decimals at least, with its currency."""
        return f"{format_micros(self.micros)} {self.currency}"

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(expected=self.currency, given=other.currency)
        return other.micros


def parse_micros(text: str | Decimal) -> int:
    """Return the micros of a decimal number of major units.

    Raises `InvalidValue` for anything but a finite decimal with at most six decimals.
    """
    try:
        number = text if isinstance(text, Decimal) else Decimal(text.strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise InvalidValue(name="amount", value=text, expected="a decimal number such as 0.0125")
    sign, digits, exponent = number.as_tuple()
    shift = int(exponent) + MICRO_DECIMALS
    micros = int("".join(map(str, digits)) or "0")
    if shift >= 0:
        micros *= int(10**shift)
    else:
        micros, lost = divmod(micros, int(10**-shift))
        if lost:
            raise InvalidValue(name="amount", value=text, expected="at most six decimals")
    return -micros if sign else micros


def format_micros(micros: int, *, decimals: int = 2) -> str:
    """Return micros as a decimal of major units: `decimals` places at least, more if needed."""
    whole, rest = divmod(abs(micros), MICROS)
    fraction = f"{rest:06d}".rstrip("0").ljust(decimals, "0")
    sign = "-" if micros < 0 else ""
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"


def allocate(micros: int, *, weights: Sequence[int]) -> tuple[int, ...]:
    """Split `micros` in proportion to `weights`, losing nothing: the parts sum to `micros`.

    Each part lies within one micro of its exact share; left-over micros go one by one to the
    parts with the largest remainders, ties to the earlier. Weights are not negative and not
    all zero.
    """
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise InvalidValue(
            name="weights", value=tuple(weights), expected="weights of 0 or more, not all 0"
        )
    size = abs(micros)
    parts = [size * weight // total for weight in weights]
    remainders = [size * weight % total for weight in weights]
    by_need = sorted(range(len(weights)), key=lambda index: (-remainders[index], index))
    for index in by_need[: size - sum(parts)]:
        parts[index] += 1
    return tuple(parts) if micros >= 0 else tuple(-part for part in parts)
