"""What one call costs: small values that carry their parts, exact and unrounded.

They are values all the same, but not frozen: rating makes thousands of them for one customer,
and a frozen dataclass takes three times as long to make. Nothing writes to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from plan_rules.rating.placing import PlacedCall
from plan_rules.usage.call import Call


class Outcome(StrEnum):
    """What becomes of a call.

    `rated`: paid, included, or both. `blocked`: the plan forbids it. `uncovered`: the plan does
    not reach that destination. `unrated`: reached, but no price is in force.
    """

    RATED = "rated"
    BLOCKED = "blocked"
    UNCOVERED = "uncovered"
    UNRATED = "unrated"


@dataclass(slots=True)
class Part:
    """What one maker adds to a call: `seconds` it billed, and `sixtieths`.

    `sixtieths` is the exact amount before rounding, in sixtieths of a micro (a price per
    minute times seconds). `maker` indexes the makers of the plan.
    """

    maker: int
    seconds: int
    sixtieths: int


@dataclass(slots=True)
class Draw:
    """What a call draws from an allowance: `amount` in the unit of the meter."""

    maker: int
    meter: int
    amount: int


@dataclass(slots=True)
class Charge:
    """One call as one plan rates it.

    `amount_micros` is what the customer pays for it, `rounded_micros` the same before money
    allowances were drawn. `billed_seconds` are `paid_seconds` and the seconds drawn from
    allowances. `reason` is the maker of a refusal, or -1. `parts` sum, exactly and before the
    one rounding, to what `rounded_micros` rounds.
    """

    placed: PlacedCall
    outcome: Outcome
    amount_micros: int = 0
    rounded_micros: int = 0
    billed_seconds: int = 0
    paid_seconds: int = 0
    parts: tuple[Part, ...] = ()
    draws: tuple[Draw, ...] = ()
    reason: int = -1

    @property
    def call(self) -> Call:
        """The call."""
        return self.placed.call
