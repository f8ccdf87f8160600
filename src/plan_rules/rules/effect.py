"""What a rule does where it fires: each effect with the reason told to the customer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from plan_rules.errors import NOWHERE, InvalidValue, Span
from plan_rules.rules.fact import Stage

WHOLE = Fraction(100)
"""A hundred percent."""


class Stack(StrEnum):
    """How amounts of one kind (discounts, or surcharges) on one base combine.

    `additive` amounts add up. Of the `largest` ones only the largest counts, beside the
    additive ones. An `exclusive` one takes the place of all others; of several, the largest.
    """

    EXCLUSIVE = "exclusive"
    ADDITIVE = "additive"
    LARGEST = "largest"


class Base(StrEnum):
    """What an amount is taken of: the fee of a cycle, its usage, or both."""

    FEE = "fee"
    USAGE = "usage"
    BILL = "bill"


class ProofKind(StrEnum):
    """What a customer has to give before a plan is theirs."""

    CONSENT = "consent"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclude:
    """The customer may not have the plan."""

    reason: str
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Require:
    """The customer must give a consent or a document, named by `id`, first."""

    kind: ProofKind
    id: str
    reason: str
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class DenyIntro:
    """The intro price of the plan is not for this customer."""

    reason: str
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Warn:
    """Something to be told before the plan is sold."""

    reason: str
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something worth saying that speaks neither for nor against the plan."""

    reason: str
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTag:
    """A word that rules asked later, and hosts, can read; nothing is told to the customer."""

    tag: str
    span: Span = NOWHERE


class AdjustmentKind(StrEnum):
    """Whether an amount is taken off a bill or put on it."""

    DISCOUNT = "discount"
    SURCHARGE = "surcharge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjust:
    """A discount or a surcharge of each cycle.

    Either `percent` of the base (0 to 100 for a discount, exact) or `amount_micros`, above 0,
    is given. The base is taken before any adjustment; discounts of a base never exceed it.
    """

    kind: AdjustmentKind
    on: Base
    stack: Stack
    reason: str
    percent: Fraction | None = None
    amount_micros: int | None = None
    span: Span = NOWHERE

    def __post_init__(self) -> None:
        """Refuse both sizes or none, nothing, and a discount above the whole."""
        if (self.percent is None) == (self.amount_micros is None):
            raise InvalidValue(name="percent", value=self.percent, expected="percent or amount")
        if self.percent is not None and (
            self.percent <= 0 or (self.kind is AdjustmentKind.DISCOUNT and self.percent > WHOLE)
        ):
            raise InvalidValue(
                name="percent", value=self.percent, expected="above 0, and at most 100"
            )
        if self.amount_micros is not None and self.amount_micros <= 0:
            raise InvalidValue(name="amount", value=self.amount_micros, expected="above 0")


Effect = Exclude | Require | DenyIntro | Warn | Note | SetTag | Adjust


def stages_of(effect: Effect) -> tuple[Stage, ...]:
    """Return the stages in which a rule may have the effect."""
    match effect:
        case Exclude() | Require() | DenyIntro() | SetTag():
            return (Stage.ELIGIBILITY,)
        case Adjust():
            return (Stage.BILLING,)
        case Warn() | Note():
            return (Stage.ELIGIBILITY, Stage.BILLING)
