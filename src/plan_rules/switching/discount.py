"""A promotion on a fee, which comes off the full price before anything is prorated."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from plan_rules.errors import InvalidValue
from plan_rules.money import Rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """`percent` of the full price (a fraction of one, at most 1) and then `micros` off it."""

    percent: Fraction = Fraction(0)
    micros: int = 0

    def __post_init__(self) -> None:
        """Refuse a discount that adds to a price."""
        if not 0 <= self.percent <= 1:
            raise InvalidValue(name="percent", value=str(self.percent), expected="0 to 1")
        if self.micros < 0:
            raise InvalidValue(name="micros", value=self.micros, expected="0 or more")

    def net_of(self, *, micros: int, rounding: Rounding) -> int:
        """Return a full price in micros less the discount, at least 0; its percent is rounded once.

        This is the price a bill shows for a full cycle, and what charges and credits are
        prorated from.
        """
        return max(0, micros - self.off(micros=micros, rounding=rounding))

    def off(self, *, micros: int, rounding: Rounding) -> int:
        """Return what comes off a full price in micros, at most the price itself."""
        percent = rounding.apply(
            numerator=micros * self.percent.numerator, denominator=self.percent.denominator
        )
        return min(micros, percent + self.micros)


NO_DISCOUNT = Discount()
