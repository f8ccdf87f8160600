"""What a plan includes in a cycle in which a switch takes effect, in whole units.

Units are the smallest an allowance is counted in (seconds, calls, micros). The usage counter
is carried over the switch; only the mode `reset` sets it back.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from plan_rules.errors import InvalidValue
from plan_rules.money import Rounding, RoundingMode
from plan_rules.switching.share import Share


class AllowanceMode(StrEnum):
    """How the allowances of both plans make that of the cycle of the switch.

    `prorated`: each plan's by its share of the cycle. `full`: the new plan's, whole.
    `reset`: the new plan's, whole, and the counter back at 0. `sum`: both, whole.
    """

    PRORATED = "prorated"
    FULL = "full"
    RESET = "reset"
    SUM = "sum"


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
    if units < 0:
        raise InvalidValue(name="units", value=units, expected="an allowance of 0 or more")
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
    `prorated` (up to a step) and `full`. Both parts are rounded once, apart.
    """
    match mode:
        case AllowanceMode.PRORATED:
            kept = prorate_allowance(units=old, share=share.rest, mode=rounding, step=step)
            given = prorate_allowance(units=new, share=share, mode=rounding, step=step)
            return AllowanceAfter(limit=kept + given, used=used)
        case AllowanceMode.FULL:
            return AllowanceAfter(limit=new, used=used)
        case AllowanceMode.RESET:
            return AllowanceAfter(limit=new, used=0)
        case AllowanceMode.SUM:
            return AllowanceAfter(limit=old + new, used=used)
