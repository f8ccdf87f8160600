"""A discount or surcharge on the fee of a plan, which comes before any proration."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from plan_rules.errors import NOWHERE, InvalidValue, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeAdjustment:
    """A discount (below 0) or surcharge (above 0) on the fee of each cycle.

    `micros` are added as they are, `share` (from -1) as a part of the fee. `rule` is the id of
    the rule that brings it.
    """

    rule: str
    reason: str
    micros: int = 0
    share: Fraction = Fraction(0)
    span: Span = NOWHERE

    def __post_init__(self) -> None:
        """Refuse a discount of more than the whole."""
        if self.share < -1:
            raise InvalidValue(name="share", value=str(self.share), expected="-1 or more")
