"""Rules, and parts of rules, that never hold, and rules that always hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from plan_rules.errors import Span
from plan_rules.rules.boxes import Box, TooIntricate
from plan_rules.rules.condition import All, AnyOf, Comparison, Condition, Not
from plan_rules.rules.finding import Finding, FindingCode
from plan_rules.rules.inclusion import Inclusions
from plan_rules.rules.regions import EVERYWHERE, Boxes, common_of
from plan_rules.rules.rule import Rule
from plan_rules.rules.witness import Witness
from plan_rules.rules.written import as_written


def never_fires(inclusions: Inclusions) -> Iterator[Finding]:
    """Yield the rules for which there is no customer, each with one who comes close."""
    for rule in inclusions.regions.rules:
        if inclusions.fires(rule) == ():
            yield _never_fires(inclusions, rule)


def _never_fires(inclusions: Inclusions, rule: Rule) -> Finding:
    vocabulary = inclusions.regions.rules.vocabulary
    parts = _Parts.of(inclusions, rule)
    clash = parts.clash()
    near = parts.near()
    said = " and ".join(f"`{as_written(each, vocabulary=vocabulary)}`" for each in clash)
    what = "cannot hold together" if len(clash) > 1 else "can never be true"
    return Finding(
        code=FindingCode.NEVER_FIRES,
        rules=(rule.id,),
        spans=(rule.span, *(each.span for each in clash)),
        message=f"rule `{rule.id}` never fires: {said} {what}",
        hint="change one of them, or remove the rule",
        witness=Witness.of(near, vocabulary=vocabulary, silent=(rule.id,)),
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    """The conditions of a rule that must all hold, each with where it does."""

    parts: tuple[tuple[Condition, Boxes], ...]

    @classmethod
    def of(cls, inclusions: Inclusions, rule: Rule) -> _Parts:
        found = []
        for part in _conjuncts(rule.condition):
            boxes = inclusions.regions.where(part, stage=rule.stage, holds=True)
            found.append((part, boxes))
        return cls(tuple(found))

    def clash(self) -> tuple[Condition, ...]:
        """Return conditions that cannot hold together, none of which could be spared."""
        kept = list(self.parts)
        for part in self.parts:
            rest = [each for each in kept if each is not part]
            if rest and _is_nowhere(rest):
                kept = rest
        return tuple(condition for condition, _ in kept)

    def near(self) -> Box:
        """Return a box in which as many of the conditions hold, taken in order, as can."""
        found = EVERYWHERE
        for _, boxes in self.parts:
            with suppress(TooIntricate):
                found = common_of((found, boxes)) or found
        return found[0]


def _is_nowhere(parts: Iterable[tuple[Condition, Boxes]]) -> bool:
    """Whether it is certain that the conditions cannot hold together."""
    try:
        return not common_of(boxes for _, boxes in parts)
    except TooIntricate:
        return False


def _conjuncts(condition: Condition) -> Iterator[Condition]:
    if isinstance(condition, All):
        for each in condition.conditions:
            yield from _conjuncts(each)
    else:
        yield condition


def always_fires(inclusions: Inclusions) -> Iterator[Finding]:
    """Yield the rules that fire for every customer on all days on which they are valid."""
    vocabulary = inclusions.regions.rules.vocabulary
    for rule in inclusions.regions.rules:
        fires = inclusions.fires(rule)
        if not fires or not _holds_while_valid(inclusions, rule):
            continue
        days = " on the days on which it is valid" if rule.condition is not rule.when else ""
        yield Finding(
            code=FindingCode.ALWAYS_FIRES,
            rules=(rule.id,),
            spans=(rule.span, rule.when.span),
            message=f"rule `{rule.id}` fires for every customer and plan{days}",
            hint="its conditions leave nobody out: narrow them",
            witness=Witness.of(fires[0], vocabulary=vocabulary, fires=(rule.id,)),
        )


def _holds_while_valid(inclusions: Inclusions, rule: Rule) -> bool:
    """Whether `when` is true wherever the dates of the rule let it be asked."""
    opposite = replace(rule, when=Not(condition=rule.when)).condition
    try:
        return not inclusions.regions.where(opposite, stage=rule.stage, holds=True)
    except TooIntricate:
        inclusions.intricate[rule.id] = rule
        return False


def dead_branches(inclusions: Inclusions) -> Iterator[Finding]:
    """Yield the alternatives of `any` that are never the reason why a rule fires.

    Only alternatives that no customer can meet along with the rest of their rule.
    """
    for rule in inclusions.regions.rules:
        if inclusions.fires(rule):
            yield from _dead_within(inclusions, rule, rule.when, lambda part: part)


def _dead_within(
    inclusions: Inclusions, rule: Rule, part: Condition, around: Callable[[Condition], Condition]
) -> Iterator[Finding]:
    """Yield the dead alternatives of a part; `around` gives the condition with another part."""
    match part:
        case AnyOf():
            for branch in part.conditions:
                narrowed = around(branch)
                if len(part.conditions) > 1 and _cannot_fire(inclusions, rule, narrowed):
                    yield _dead_branch(inclusions, rule, branch, narrowed)
                else:
                    yield from _dead_within(inclusions, rule, branch, around)
        case All():
            for place, inner in enumerate(part.conditions):
                yield from _dead_within(
                    inclusions, rule, inner, partial(_beside, part, place, around)
                )
        case Not() | Comparison():
            return


def _beside(
    part: All, place: int, around: Callable[[Condition], Condition], inner: Condition
) -> Condition:
    """Return the whole condition with `inner` at a place of a part of it."""
    conditions = (*part.conditions[:place], inner, *part.conditions[place + 1 :])
    return around(replace(part, conditions=conditions))


def _cannot_fire(inclusions: Inclusions, rule: Rule, when: Condition) -> bool:
    narrowed = replace(rule, when=when)
    try:
        return not inclusions.regions.where(narrowed.condition, stage=rule.stage, holds=True)
    except TooIntricate:
        return False


def _dead_branch(
    inclusions: Inclusions, rule: Rule, branch: Condition, narrowed: Condition
) -> Finding:
    vocabulary = inclusions.regions.rules.vocabulary
    parts = _Parts.of(inclusions, replace(rule, when=narrowed))
    others = [each for each in parts.clash() if each is not branch]
    said = as_written(branch, vocabulary=vocabulary)
    beside = [f"`{as_written(each, vocabulary=vocabulary)}`" for each in others]
    along = f" beside {' and '.join(beside)}" if beside else ""
    fires = inclusions.fires(rule) or ()
    return Finding(
        code=FindingCode.DEAD_BRANCH,
        rules=(rule.id,),
        spans=(_place(branch, rule), *(_place(each, rule) for each in others)),
        message=f"`{said}` can never be true in rule `{rule.id}`{along}",
        hint="the rule fires by its other alternatives alone: change this one or remove it",
        witness=Witness.of(fires[0], vocabulary=vocabulary, fires=(rule.id,)),
    )


def _place(condition: Condition, rule: Rule) -> Span:
    return condition.span if condition.span.line else rule.span
