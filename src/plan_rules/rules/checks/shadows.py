"""Effects that never matter, since wherever they happen a stronger one does."""

from __future__ import annotations

from collections.abc import Iterator

from plan_rules.rules.checks.rivals import (
    Rivals,
    all_fire,
    kind_of,
    outdoes,
    place_of,
    told,
)
from plan_rules.rules.checks.twins import twins
from plan_rules.rules.effect import (
    Effect,
    Exclude,
    Require,
)
from plan_rules.rules.finding import Finding, FindingCode
from plan_rules.rules.inclusion import Inclusions
from plan_rules.rules.rule import Rule
from plan_rules.rules.witness import Witness


def shadowed(inclusions: Inclusions) -> Iterator[Finding]:
    """Yield rules, or single effects of rules, that never matter because others always do.

    A requirement that nothing but an exclusion makes pointless is a contradiction.
    """
    rivals = Rivals(inclusions)
    same = {(rule.id, first.id) for rule, first in twins(inclusions)}
    for rule in inclusions.regions.rules:
        if not inclusions.fires(rule):
            continue
        yield from _contradicts_itself(inclusions, rule)
        found = ((effect, rivals.better(rule, effect)) for effect in rule.effects)
        beaten = [
            (effect, other)
            for effect, other in found
            if other is not None and (rule.id, other.id) not in same
        ]
        vain = [(effect, other) for effect, other in beaten if _is_vain(effect, other)]
        beaten = [pair for pair in beaten if pair not in vain]
        for effect, other in vain:
            yield _contradiction(inclusions, rule, effect, other)
        if len(beaten) == len(rule.effects):
            yield _shadowed_rule(inclusions, rule, beaten)
        else:
            for effect, other in beaten:
                yield _shadowed_effect(inclusions, rule, effect, other)


def _is_vain(effect: Effect, other: Rule) -> bool:
    """Whether an effect that another rule beats is a requirement beaten by an exclusion."""
    return isinstance(effect, Require) and not any(
        isinstance(each, Require) and (each.kind, each.id) == (effect.kind, effect.id)
        for each in other.effects
    )


def _contradicts_itself(inclusions: Inclusions, rule: Rule) -> Iterator[Finding]:
    vocabulary = inclusions.regions.rules.vocabulary
    exclude = next((each for each in rule.effects if isinstance(each, Exclude)), None)
    require = next((each for each in rule.effects if isinstance(each, Require)), None)
    fires = inclusions.fires(rule)
    if exclude is not None and require is not None and fires:
        yield Finding(
            code=FindingCode.CONTRADICTION,
            rules=(rule.id,),
            spans=(place_of(rule, require), place_of(rule, exclude)),
            message=f"rule `{rule.id}` {told(require)} for a plan that it excludes",
            hint="exclude the plan, or require something for it, but not both",
            witness=Witness.of(fires[0], vocabulary=vocabulary, fires=(rule.id,)),
        )


def _contradiction(inclusions: Inclusions, rule: Rule, effect: Effect, other: Rule) -> Finding:
    exclude = next(each for each in other.effects if isinstance(each, Exclude))
    return Finding(
        code=FindingCode.CONTRADICTION,
        rules=(rule.id, other.id),
        spans=(place_of(rule, effect), place_of(other, exclude)),
        message=f"rule `{rule.id}` {told(effect)} only where rule `{other.id}` excludes the plan",
        hint=f"leave these customers out of `{other.id}`, or require nothing of them",
        witness=all_fire(inclusions, rule, other),
    )


def _shadowed_rule(
    inclusions: Inclusions, rule: Rule, beaten: list[tuple[Effect, Rule]]
) -> Finding:
    others = list({other.id: other for _, other in beaten}.values())
    named = " and ".join(f"`{other.id}`" for other in others)
    does = " and ".join(_beats(effect, rule, other) for effect, other in beaten)
    return Finding(
        code=FindingCode.SHADOWED,
        rules=(rule.id, *(other.id for other in others)),
        spans=(rule.span, *(other.span for other in others)),
        message=f"rule `{rule.id}` never matters: wherever it fires, {does}",
        hint=f"remove it, or make it or {named} narrower",
        witness=all_fire(inclusions, rule, *others),
    )


def _shadowed_effect(inclusions: Inclusions, rule: Rule, effect: Effect, other: Rule) -> Finding:
    return Finding(
        code=FindingCode.SHADOWED,
        rules=(rule.id, other.id),
        spans=(place_of(rule, effect), other.span),
        message=f"it never matters that rule `{rule.id}` {told(effect)}: wherever it fires, "
        f"{_beats(effect, rule, other)}",
        hint=f"remove the effect, or make `{other.id}` narrower",
        witness=all_fire(inclusions, rule, other),
    )


def _beats(effect: Effect, rule: Rule, other: Rule) -> str:
    """Return what another rule does that makes an effect pointless, in words."""
    key = kind_of(rule, effect)
    rivals = [each for each in other.effects if outdoes(each, effect)]
    same = [each for each in rivals if kind_of(other, each) == key]
    exclusions = [each for each in rivals if isinstance(each, Exclude)]
    return f"rule `{other.id}` {told((same + exclusions)[0])} too"
