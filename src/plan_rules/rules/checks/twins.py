"""Rules that do the same wherever they fire."""

from __future__ import annotations

from collections.abc import Iterator

from plan_rules.rules.checks.rivals import (
    Key,
    all_fire,
    are_versions,
)
from plan_rules.rules.effect import (
    Adjust,
    DenyIntro,
    Effect,
    Exclude,
    Note,
    Require,
    SetTag,
    Stack,
    Warn,
)
from plan_rules.rules.finding import Finding, FindingCode
from plan_rules.rules.inclusion import Inclusions
from plan_rules.rules.rule import Rule


def duplicates(inclusions: Inclusions) -> Iterator[Finding]:
    """Yield the rules that do what another one does, for the same customers."""
    for rule, first in twins(inclusions):
        yield Finding(
            code=FindingCode.DUPLICATE,
            rules=(rule.id, first.id),
            spans=(rule.span, first.span),
            message=f"rule `{rule.id}` does the same as rule `{first.id}` for the same customers",
            hint="remove one of them",
            witness=all_fire(inclusions, rule, first),
        )


def twins(inclusions: Inclusions) -> Iterator[tuple[Rule, Rule]]:
    """Yield each rule that says what one before it says, with the first such rule."""
    groups: dict[tuple[str, tuple[Key, ...]], list[Rule]] = {}
    for rule in inclusions.regions.rules:
        key = (rule.stage.value, tuple(sorted(_same(effect) for effect in rule.effects)))
        group = groups.setdefault(key, [])
        first = next((other for other in group if _are_equal(inclusions, rule, other)), None)
        if first is None:
            group.append(rule)
        else:
            yield rule, first


def _are_equal(inclusions: Inclusions, one: Rule, other: Rule) -> bool:
    return (
        not are_versions(one, other)
        and inclusions.whenever(one, other)
        and inclusions.whenever(other, one)
    )


def _same(effect: Effect) -> Key:
    """Return what two effects have to share to be one; reasons tell apart what adds up."""
    match effect:
        case Exclude() | DenyIntro():
            return (type(effect).__name__,)
        case Require():
            return (type(effect).__name__, effect.kind, effect.id)
        case Warn() | Note():
            return (type(effect).__name__, effect.reason)
        case SetTag():
            return (type(effect).__name__, effect.tag)
        case Adjust():
            reason = effect.reason if effect.stack is Stack.ADDITIVE else ""
            size = f"{effect.percent} {effect.amount_micros}"
            return (type(effect).__name__, effect.kind, effect.on, effect.stack, size, reason)
