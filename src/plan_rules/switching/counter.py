"""How much of an allowance a cycle includes, and how much of it was used.

A cycle with a switch in it includes the sum over its parts: of each plan the share of the
cycle that it held. The counter of use goes on through all of them and is never reset, so that
a switch from a plan to itself changes neither what is included nor what is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from plan_rules.errors import InvalidValue
from plan_rules.money import RoundingMode, round_ratio
from plan_rules.tariff.meters import MeterKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """One allowance in the current cycle; amounts are in `unit`: seconds, calls or micros.

    `full` is what a whole cycle of the plan includes (`None`: unlimited), `share` the share of
    the cycle that was left when the plan began, `before` what earlier plans of the same cycle
    included for their own share (exact), `carried` what was used of those, `used` all that was
    used in the cycle. `country` is set where each country has an amount of its own.
    """

    allowance: str
    unit: MeterKind
    full: int | None
    country: str = ""
    share: Fraction = Fraction(1)
    before: Fraction = Fraction(0)
    carried: int = 0
    used: int = 0
    rounding: RoundingMode = RoundingMode.DOWN

    def __post_init__(self) -> None:
        """Refuse what cannot have been counted."""
        if not 0 <= self.share <= 1:
            raise InvalidValue(name="share", value=str(self.share), expected="from 0 to 1")
        if self.before < 0:
            raise InvalidValue(name="before", value=str(self.before), expected="0 or more")
        if not 0 <= self.carried <= self.used:
            raise InvalidValue(
                name="used", value=self.used, expected=f"at least the {self.carried} carried over"
            )

    @property
    def limit(self) -> int | None:
        """What the cycle includes, in whole units, rounded once; `None`: unlimited."""
        if self.full is None:
            return None
        exact = self.before + self.full * self.share
        return round_ratio(
            numerator=exact.numerator, denominator=exact.denominator, mode=self.rounding
        )

    @property
    def left(self) -> int | None:
        """What can still be used; `None`: unlimited."""
        return None if self.limit is None else max(0, self.limit - self.used)

    @property
    def over(self) -> int:
        """What was used beyond the limit that holds now."""
        return 0 if self.limit is None else max(0, self.used - self.limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What an earlier plan of the current cycle included for its share of it, and what was used.

    The plan began with the share `begin` of the cycle left and ended with `end` left; a whole
    cycle of it includes `full` units (`None`: unlimited). A later plan whose allowance reaches the
    same destinations goes on from here. `chosen` is the country chosen with that plan, if any.
    """

    plan_id: str
    allowance: str
    unit: MeterKind
    full: int | None
    begin: Fraction
    end: Fraction
    used: int
    country: str = ""
    chosen: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot have been counted."""
        if self.used < 0:
            raise InvalidValue(name="used", value=self.used, expected="0 or more")
        if not 0 <= self.end <= self.begin <= 1:
            raise InvalidValue(name="end", value=str(self.end), expected=f"0 to {self.begin}")

    def included(self, *, before: Fraction) -> Fraction | None:
        """Return what it included, exactly, until the share `before` of the cycle was left.

        That is less than all of it only where a later plan is dated back. `None`: unlimited.
        """
        if self.full is None:
            return None
        return self.full * max(Fraction(0), self.begin - max(self.end, before))
