"""The normal form of a rule: alternatives of literals, of which one must hold.

A condition with `not`, `any` and `all` in any depth says the same as a list of alternatives, each
with at most one literal for a fact. Negation is three-state and exact: where `x > 5` is false,
`x` is at most 5 *or not known*, unless the fact is always known. Codes outside the range of a
fact do not exist here. The form is what durable_rules and columns decide by and what analysis
compares; the interpreter does without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from plan_rules.errors import PlanRulesError
from plan_rules.rules.condition import All, AnyOf, Comparison, Condition, Not, Operator
from plan_rules.rules.fact import Facts, FactSpec, FactType, Vocabulary
from plan_rules.rules.literal import (
    Among,
    Literal,
    Members,
    Ranges,
    Unknown,
    common,
    implies,
    joined,
    meet,
    members,
    without,
)
from plan_rules.rules.rule import Rule, RuleSet

MOST_ALTERNATIVES = 64
"""The most alternatives a rule may have."""

WORKING = 512
"""The most alternatives that a part of a condition may have before they are joined with others."""


class TooManyAlternatives(PlanRulesError, ValueError):
    """A rule that says too much at once; `rule` is its id.

    `count` is the number of its alternatives, or of those of a part of it when that alone was
    beyond all bounds.
    """

    def __init__(self, *, rule: str, count: int) -> None:
        """Keep the facts; the sentence is made from them."""
        self.rule = rule
        self.count = count
        super().__init__(
            f"the rule `{rule}` has {count} alternatives of which one must hold; at most "
            f"{MOST_ALTERNATIVES} are possible, so make several rules of it"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """Literals that must all hold, one for a fact, in the order of facts; none of them: always."""

    literals: tuple[Literal, ...] = ()

    def holds(self, facts: Facts) -> bool:
        """Whether every literal holds for these facts."""
        return all(each.holds(facts.get(each.fact)) for each in self.literals)


Alternatives = tuple[Alternative, ...]
"""What a condition comes to: one of them must hold; none of them: never."""

ALWAYS: Alternatives = (Alternative(),)
NEVER: Alternatives = ()


def normal_form(*, rule: Rule, vocabulary: Vocabulary) -> Alternatives:
    """Return the alternatives of a rule, its dates included, in the order of writing.

    None contradicts itself, none holds only where another one does, and those that differ in one
    range of one fact are one. Raises `TooManyAlternatives` above `MOST_ALTERNATIVES`.
    """
    try:
        found = alternatives_of(rule.condition, vocabulary)
    except _Beyond as beyond:
        raise TooManyAlternatives(rule=rule.id, count=beyond.count) from None
    if len(found) > MOST_ALTERNATIVES:
        raise TooManyAlternatives(rule=rule.id, count=len(found))
    return found


def normal_forms(rules: RuleSet) -> tuple[Alternatives, ...]:
    """Return the normal form of every rule, in order; raises as `normal_form` does."""
    return tuple(normal_form(rule=rule, vocabulary=rules.vocabulary) for rule in rules)


class _Beyond(Exception):
    """More alternatives than are worth joining."""

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__(count)


def alternatives_of(
    condition: Condition, vocabulary: Vocabulary, *, holds: bool = True
) -> Alternatives:
    """Return when a condition is true, or, if it should not hold, when it is false."""
    match condition:
        case Comparison():
            spec = vocabulary[condition.fact]
            found = _truth(condition, spec) if holds else _falsity(condition, spec)
            return _plain(found, vocabulary)
        case Not():
            return alternatives_of(condition.condition, vocabulary, holds=not holds)
        case All() | AnyOf():
            parts = [
                alternatives_of(each, vocabulary, holds=holds) for each in condition.conditions
            ]
            join = _both if isinstance(condition, All) == holds else _either
            return join(parts, vocabulary)


def _truth(comparison: Comparison, spec: FactSpec) -> Alternatives:
    """Return when a comparison is true: always with a known fact, but for `known: false`."""
    fact, operands = spec.name, comparison.operands
    match comparison.operator:
        case Operator.KNOWN if not operands[0]:
            return _unknown(spec)
        case Operator.KNOWN:
            return _known(spec)
        case Operator.HAS | Operator.HAS_ALL:
            return _set(members(fact=fact, has=_mask(operands)))
        case Operator.HAS_ANY:
            return _set(members(fact=fact, some=(_mask(operands),)))
        case _:
            return _within(spec, _ranges(comparison, spec))


def _falsity(comparison: Comparison, spec: FactSpec) -> Alternatives:
    """Return when a comparison is false: also where its fact is not known."""
    fact, operands = spec.name, comparison.operands
    match comparison.operator:
        case Operator.KNOWN:
            return _known(spec) if not operands[0] else _unknown(spec)
        case Operator.HAS | Operator.HAS_ALL:
            missing = (_set(members(fact=fact, lacks=1 << bit)) for bit in operands)
            return (*chain.from_iterable(missing), *_unknown(spec))
        case Operator.HAS_ANY:
            return (*_set(members(fact=fact, lacks=_mask(operands))), *_unknown(spec))
        case _:
            others = without(_ranges(comparison, spec), low=spec.low, high=spec.high)
            return (*_within(spec, others), *_unknown(spec))


def _ranges(comparison: Comparison, spec: FactSpec) -> Ranges:
    """Return the codes for which a comparison other than with words of a set is true."""
    low, high, operands = spec.low, spec.high, comparison.operands
    match comparison.operator:
        case Operator.EQ | Operator.IN:
            return joined(tuple((code, code) for code in operands))
        case Operator.NE | Operator.NOT_IN:
            return without(joined(tuple((code, code) for code in operands)), low=low, high=high)
        case Operator.LT | Operator.LTE:
            return ((low, operands[0] - (comparison.operator is Operator.LT)),)
        case Operator.GT | Operator.GTE:
            return ((operands[0] + (comparison.operator is Operator.GT), high),)
        case _:
            return ((operands[0], operands[1]),)


def _within(spec: FactSpec, ranges: Ranges) -> Alternatives:
    inside = common(ranges, ((spec.low, spec.high),))
    if inside == ((spec.low, spec.high),):
        return _known(spec)
    return _only(Among(fact=spec.name, ranges=inside)) if inside else NEVER


def _known(spec: FactSpec) -> Alternatives:
    if not spec.optional:
        return ALWAYS
    if spec.type is FactType.SET:
        return _only(Members(fact=spec.name))
    return _only(Among(fact=spec.name, ranges=((spec.low, spec.high),)))


def _unknown(spec: FactSpec) -> Alternatives:
    return _only(Unknown(fact=spec.name)) if spec.optional else NEVER


def _set(literal: Members | None) -> Alternatives:
    return _only(literal) if literal is not None else NEVER


def _only(literal: Literal) -> Alternatives:
    return (Alternative(literals=(literal,)),)


def _mask(bits: Iterable[int]) -> int:
    mask = 0
    for bit in bits:
        mask |= 1 << bit
    return mask


def _both(parts: Iterable[Alternatives], vocabulary: Vocabulary) -> Alternatives:
    """Return when every part holds, the plainest parts joined first."""
    found = ALWAYS
    for part in sorted(parts, key=len):
        pairs = (_joined(one, other) for one in found for other in part)
        found = _plain((each for each in pairs if each is not None), vocabulary)
    return found


def _either(parts: Iterable[Alternatives], vocabulary: Vocabulary) -> Alternatives:
    """Return when at least one part holds."""
    return _plain((each for part in parts for each in part), vocabulary)


def _joined(one: Alternative, other: Alternative) -> Alternative | None:
    """Return when both hold, or `None` if they contradict each other."""
    literals = {each.fact: each for each in one.literals}
    for each in other.literals:
        shared = meet(literals[each.fact], each) if each.fact in literals else each
        if shared is None:
            return None
        literals[each.fact] = shared
    return Alternative(literals=tuple(literals[fact] for fact in sorted(literals)))


def _plain(alternatives: Iterable[Alternative], vocabulary: Vocabulary) -> Alternatives:
    """Return the same in fewer alternatives: none twice, none within another, ranges made one."""
    found = tuple(dict.fromkeys(alternatives))
    if len(found) > WORKING:
        raise _Beyond(len(found))
    count = 0
    while len(found) > 1 and len(found) != count:
        count = len(found)
        facts = {each.fact for one in found for each in one.literals}
        for fact in sorted(facts):
            found = tuple(dict.fromkeys(_merged(found, vocabulary[fact])))
    return tuple(
        each
        for each in found
        if not any(other is not each and _covers(other, each) for other in found)
    )


def _merged(alternatives: Alternatives, spec: FactSpec) -> Iterator[Alternative]:
    """Make one of the alternatives that differ in the ranges of this fact only."""
    alike: dict[tuple[Literal, ...], list[Literal]] = {}
    for one in alternatives:
        for literal in one.literals:
            if literal.fact == spec.name and not isinstance(literal, Members):
                alike.setdefault(_rest(one, literal), []).append(literal)
                break
        else:
            yield one
    for rest, literals in alike.items():
        for each in _union(literals, spec):
            both = rest if each is None else (*rest, each)
            yield Alternative(literals=tuple(sorted(both, key=lambda literal: literal.fact)))


def _rest(alternative: Alternative, literal: Literal) -> tuple[Literal, ...]:
    return tuple(each for each in alternative.literals if each is not literal)


def _union(literals: Iterable[Literal], spec: FactSpec) -> tuple[Literal | None, ...]:
    """Return what holds if one of these does: one literal, two, or `None` for no demand at all."""
    ranges: Ranges = ()
    unknown: tuple[Literal, ...] = ()
    for each in literals:
        if isinstance(each, Among):
            ranges = joined((*ranges, *each.ranges))
        else:
            unknown = (each,)
    if ranges == ((spec.low, spec.high),) and (unknown or not spec.optional):
        return (None,)
    return (*((Among(fact=spec.name, ranges=ranges),) if ranges else ()), *unknown)


def _covers(wider: Alternative, narrower: Alternative) -> bool:
    """Whether an alternative holds wherever another, not equal to it, does."""
    literals = {each.fact: each for each in narrower.literals}
    return all(
        each.fact in literals and implies(literals[each.fact], each) for each in wider.literals
    )
