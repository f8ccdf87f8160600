"""What rules say of a customer and a plan, as a switch needs to know it: the seam for rules.

Whoever decides (rules of the operator, a host's own code) hands the outcome in. Nothing here
decides anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from plan_rules.errors import NOWHERE, InvalidValue, Span
from plan_rules.rules.effect import ProofKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something a rule says: its id, the reason in plain words, and where it is written."""

    id: str
    reason: str
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """Something the customer must agree to or show before the switch, with the reason."""

    id: str
    kind: ProofKind
    reason: str
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """A discount (below 0) or surcharge (above 0) on the fee of each cycle.

    `micros` are added as they are, `share` (from -1) as a part of the fee. It comes before any
    proration.
    """

    id: str
    reason: str
    micros: int = 0
    share: Fraction = Fraction(0)
    span: Span = NOWHERE

    def __post_init__(self) -> None:
        """Refuse a discount of more than the whole."""
        if self.share < -1:
            raise InvalidValue(name="share", value=str(self.share), expected="-1 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """The outcome of all rules for one customer and one plan.

    With a reason in `excluded` the customer may not have the plan. `requirements` are needed
    to confirm, `warnings` are told, `intro_denied` keeps the introductory price away, and
    `adjustments` change the fee, in their order.
    """

    excluded: tuple[Notice, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    warnings: tuple[Notice, ...] = ()
    intro_denied: bool = False
    adjustments: tuple[Adjustment, ...] = ()


OPEN = Eligibility()
"""Nobody objects, nothing is needed."""
