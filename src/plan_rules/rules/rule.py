"""Rules, and the set of them that a catalog holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from plan_rules.errors import NOWHERE, InvalidValue, Span, UnknownId
from plan_rules.periods import Period
from plan_rules.rules.condition import (
    All,
    Comparison,
    Condition,
    Operator,
    comparisons,
    operators_of,
)
from plan_rules.rules.effect import Effect, SetTag, stages_of
from plan_rules.rules.fact import AS_OF, LARGEST, TAGS, FactSpec, FactType, Stage, Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: where `when` is true on a day of `valid`, its effects hold.

    `replaces` names the rule that this one follows in time, or is empty.

    Raises `InvalidValue` for no effect, and for one that its stage does not have.
    """

    id: str
    stage: Stage
    when: Condition
    effects: tuple[Effect, ...]
    valid: Period = field(default_factory=Period)
    replaces: str = ""
    span: Span = NOWHERE

    def __post_init__(self) -> None:
        """Refuse no effect and effects of another stage."""
        if not self.effects or any(self.stage not in stages_of(each) for each in self.effects):
            raise InvalidValue(
                name="effects", value=self.id, expected=f"effects of the {self.stage} stage"
            )

    @property
    def condition(self) -> Condition:
        """`when`, with the dates of the rule as comparisons of the day asked about."""
        bounds = []
        if self.valid.start is not None:
            bounds.append(_as_of(Operator.GTE, self.valid.start.toordinal(), self.span))
        if self.valid.end is not None:
            bounds.append(_as_of(Operator.LT, self.valid.end.toordinal(), self.span))
        return All(conditions=(*bounds, self.when), span=self.span) if bounds else self.when

    @property
    def sets(self) -> tuple[str, ...]:
        """The tags that the rule sets."""
        return tuple(each.tag for each in self.effects if isinstance(each, SetTag))

    @property
    def reads_tags(self) -> tuple[int, ...]:
        """The places, in the words of the fact `tags`, of the tags that the rule reads."""
        read = (
            each.operands
            for each in comparisons(self.when)
            if each.fact == TAGS and each.operator is not Operator.KNOWN
        )
        return tuple(sorted(set(chain.from_iterable(read))))


def _check(comparison: Comparison, spec: FactSpec) -> None:
    """Refuse an operator of another type, words that are none, and numbers beyond every code."""
    if comparison.operator not in operators_of(spec.type):
        raise InvalidValue(
            name=spec.name, value=comparison.operator.value, expected=f"what a {spec.type} can do"
        )
    words = spec.type is FactType.SET and comparison.operator is not Operator.KNOWN
    low, high = (0, len(spec.values) - 1) if words else (-LARGEST, LARGEST)
    if not all(low <= each <= high for each in comparison.operands):
        raise InvalidValue(
            name=spec.name, value=comparison.operands, expected=f"codes from {low} to {high}"
        )


def _as_of(operator: Operator, ordinal: int, span: Span) -> Comparison:
    return Comparison(fact=AS_OF, operator=operator, operands=(ordinal,), span=span)


@dataclass(frozen=True, kw_only=True)
class RuleSet:
    """The rules of a catalog in the order of files and lines, and the facts they may ask for.

    Raises `UnknownId` for a fact that is not declared, and `InvalidValue` for two rules of one
    id, a comparison that the type of its fact does not have, and tags that depend on themselves.
    """

    rules: tuple[Rule, ...] = ()
    vocabulary: Vocabulary

    def __post_init__(self) -> None:
        """Refuse what no engine could decide."""
        ids = [rule.id for rule in self.rules]
        if len(set(ids)) != len(ids):
            raise InvalidValue(name="rules", value=ids, expected="each id once")
        for rule in self.rules:
            for each in comparisons(rule.when):
                _check(each, self.vocabulary[each.fact])
        for stage in Stage:
            self.strata(stage)

    def __len__(self) -> int:
        return len(self.rules)

    def __iter__(self) -> Iterator[Rule]:
        """Yield the rules in order."""
        return iter(self.rules)

    def rule(self, rule_id: str) -> Rule:
        """Return the rule of that id; raise `UnknownId` with the closest known ids."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise UnknownId(kind="rule", value=rule_id, known=[rule.id for rule in self.rules])

    @property
    def tags(self) -> tuple[str, ...]:
        """The words of the fact `tags`: a bit of its code for each."""
        return self.vocabulary[TAGS].values if TAGS in self.vocabulary else ()

    @cached_property
    def facts_read(self) -> frozenset[str]:
        """The names of the facts that some rule asks for."""
        return frozenset(each.fact for rule in self.rules for each in comparisons(rule.when))

    @cached_property
    def _strata(self) -> dict[Stage, tuple[tuple[int, ...], ...]]:
        return {stage: tuple(self._layers(stage)) for stage in Stage}

    def strata(self, stage: Stage) -> tuple[tuple[int, ...], ...]:
        """Return the indexes of a stage's rules in layers: tags are set in earlier layers.

        A rule lies in the layer after the last one of the same stage that sets a tag it reads.
        """
        return self._strata[stage]

    @property
    def layers(self) -> tuple[tuple[int, ...], ...]:
        """The layers of every stage."""
        return tuple(layer for stage in Stage for layer in self.strata(stage))

    def needs(self, layer: tuple[int, ...]) -> frozenset[str]:
        """Return the facts that are always known and that the rules of a layer ask for."""
        asked = {each.fact for index in layer for each in comparisons(self.rules[index].condition)}
        return frozenset(name for name in asked if not self.vocabulary[name].optional)

    def _layers(self, stage: Stage) -> Iterator[tuple[int, ...]]:
        waiting = [index for index, rule in enumerate(self.rules) if rule.stage is stage]
        while waiting:
            unset = {tag for index in waiting for tag in self.rules[index].sets}
            ready = tuple(
                index
                for index in waiting
                if not unset & {self.tags[bit] for bit in self.rules[index].reads_tags}
            )
            if not ready:
                circle = ", ".join(self.rules[index].id for index in waiting)
                raise InvalidValue(name="tags", value=circle, expected="no tag that needs itself")
            yield ready
            waiting = [index for index in waiting if index not in ready]
