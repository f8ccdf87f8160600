"""May this customer have this plan: what the rules of a catalog answer, with reasons."""

from __future__ import annotations

from dataclasses import dataclass

from plan_rules.errors import NOWHERE, Span
from plan_rules.rules.decision import Decision
from plan_rules.rules.effect import DenyIntro, Exclude, Note, ProofKind, Require, Warn
from plan_rules.rules.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A sentence for the customer, the id of the rule it comes from, and where it is written."""

    rule: str
    text: str
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """A consent or a document, named by `id`, that the customer has to give first."""

    kind: ProofKind
    id: str
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """What the eligibility rules, or a host in their place, say of one customer and one plan.

    `excluded` holds every reason why the customer may not have the plan; `required` what they
    must give before; `intro_denied` why its intro price is not theirs. `warnings` and `notes`
    are to be told. `tags` are the words set for hosts and for billing rules. `decision` is
    `None` where no rules of a catalog decided.
    """

    excluded: tuple[Reason, ...] = ()
    required: tuple[Requirement, ...] = ()
    intro_denied: tuple[Reason, ...] = ()
    warnings: tuple[Reason, ...] = ()
    notes: tuple[Reason, ...] = ()
    tags: tuple[str, ...] = ()
    decision: Decision | None = None

    @property
    def is_allowed(self) -> bool:
        """Whether the customer may have the plan."""
        return not self.excluded

    @property
    def engine(self) -> str:
        """The engine that decided, or an empty text where there was nothing to decide."""
        return "" if self.decision is None else self.decision.engine


OPEN = Eligibility()
"""What a catalog without rules says of everyone."""


def eligibility_of(decision: Decision) -> Eligibility:
    """Return what the eligibility rules that fired come to, in the order of the catalog."""
    excluded, denied, warnings, notes = [], [], [], []
    required: dict[tuple[ProofKind, str], Requirement] = {}
    for rule, effect in decision.effects():
        match effect:
            case Exclude():
                excluded.append(reason_of(rule, effect))
            case DenyIntro():
                denied.append(reason_of(rule, effect))
            case Warn():
                warnings.append(reason_of(rule, effect))
            case Note():
                notes.append(reason_of(rule, effect))
            case Require():
                needed = Requirement(kind=effect.kind, id=effect.id, reason=reason_of(rule, effect))
                required.setdefault((effect.kind, effect.id), needed)
            case _:
                pass
    return Eligibility(
        excluded=tuple(excluded),
        required=tuple(required.values()),
        intro_denied=tuple(denied),
        warnings=tuple(warnings),
        notes=tuple(notes),
        tags=decision.tags,
        decision=decision,
    )


def reason_of(rule: Rule, effect: Exclude | DenyIntro | Warn | Note | Require) -> Reason:
    """Return the reason of an effect."""
    return Reason(rule=rule.id, text=effect.reason, span=effect.span)
