"""What a plan includes in a cycle in which a switch takes effect, in whole units.

Units are the smallest an allowance is counted in (seconds, calls, micros). The usage counter
is carried over the switch; only the mode `reset` sets it back.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from plan_rules.catalog.plan import AllowanceMode
from plan_rules.errors import InvalidValue
from plan_rules.money import Rounding, RoundingMode
from plan_rules.switching.share import Share

__all__ = ["AllowanceAfter", "AllowanceMode", "allowance_after", "prorate_allowance"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowanceAfter:
    """An allowance after a switch: its `limit` for the cycle and what is `used` of it so far."""

    limit: int
    used: int

    @property
    def left(self) -> int:
        """Units that are still included."""
        return max(0, self.limit - self.used)

    @property
    def over(self) -> int:
        """Units used before the switch beyond the limit after it."""
        return max(0, self.used - self.limit)


def prorate_allowance(
    *, units: int, share: Share, mode: RoundingMode = RoundingMode.DOWN, step: int = 1
) -> int:
    """Return the share of an allowance, rounded once to whole steps of units: down unless said.

    `step` is 60 for whole minutes of an allowance in seconds. A negative amount raises
    `InvalidValue`.
    """
    _demand_units(units)
    rounding = Rounding(step_micros=step, mode=mode)
    return rounding.apply(numerator=units * share.numerator, denominator=share.denominator)


def allowance_after(
    *,
    old: int,
    new: int,
    used: int,
    share: Share,
    mode: AllowanceMode,
    rounding: RoundingMode = RoundingMode.DOWN,
    step: int = 1,
) -> AllowanceAfter:
    """Return the allowance of the cycle in which a switch from `old` to `new` units happens.

    `share` is what is left of the cycle for the new plan and `used` the counter at the
    switch. A switch from a plan to itself leaves limit and counter as they were in the modes
    `prorated` and `full`: the sum of both shares is rounded once.
    """
    _demand_units(old)
    _demand_units(new)
    before = old * share.rest.fraction
    match mode:
        case AllowanceMode.PRORATED:
            exact = before + new * share.fraction
        case AllowanceMode.SUM:
            exact = before + new
        case _:
            exact = Fraction(new)
    limit = Rounding(step_micros=step, mode=rounding).apply(
        numerator=exact.numerator, denominator=exact.denominator
    )
    return AllowanceAfter(limit=limit, used=0 if mode is AllowanceMode.RESET else used)


def _demand_units(units: int) -> None:
    if units < 0:
        raise InvalidValue(name="units", value=units, expected="an allowance of 0 or more")
