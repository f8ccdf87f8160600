"""Hypothesis strategies for facts, conditions and sets of rules, near the edges of every engine.

Vocabularies have a fact of every type, optional or always known; operands lie on the ends of a
fact's range, beyond them and between; sheets of facts lie on the operands of the rules and beside
them, with some facts unknown. Rules are dated, and set and read tags in layers. Trees are drawn
number by number and not from strategies of strategies, which take most of a long search.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import TypeVar

from hypothesis import strategies as st

from plan_rules.periods import Period
from plan_rules.rules.condition import (
    LISTED,
    All,
    AnyOf,
    Comparison,
    Condition,
    Not,
    Operator,
    comparisons,
    operators_of,
)
from plan_rules.rules.effect import Effect, Note, SetTag
from plan_rules.rules.fact import AS_OF, LARGEST, TAGS, Facts, FactSpec, FactType, Stage, Vocabulary
from plan_rules.rules.rule import Rule, RuleSet

WORDS = ("mx", "us", "gb", "de", "cu", "fr", "in", "br", "ng", "pl", "ke", "vn")
TAG_WORDS = ("heavy", "loyal", "staff", "vip")
DAYS = tuple(date(2026, month, day) for month in (1, 6, 12) for day in (1, 2, 30))
RANGES = ((0, 9), (-5, 5), (0, 60_000), (-LARGEST, LARGEST), (0, 2**31), (7, 7))
KINDS = tuple(FactType)
NOTE = Note(reason="Because.")
MOST_NESTED = 3
"""How deep conditions are nested."""

FLIP = st.booleans()

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCase:
    """Rules, and sheets of facts to ask them about, each with every fact that is always known."""

    rules: RuleSet
    sheets: tuple[Facts, ...]


@st.composite
def vocabularies(draw: st.DrawFn) -> Vocabulary:
    """Return one to six facts of any type, the day asked about and the tags."""
    specs = [_spec(draw, f"fact-{letter}") for letter in "abcdef"[: draw(st.integers(1, 6))]]
    day = FactSpec(
        name=AS_OF, type=FactType.DATE, meaning="The day asked about.", low=1, optional=False
    )
    tags = FactSpec(name=TAGS, type=FactType.SET, meaning="Tags.", values=TAG_WORDS, optional=False)
    return Vocabulary(specs={spec.name: spec for spec in (*specs, day, tags)})


@st.composite
def conditions(draw: st.DrawFn, vocabulary: Vocabulary) -> Condition:
    """Return a tree of `all`, `any` and `not` over comparisons of these facts, tags left out."""
    return _condition(draw, _plain(vocabulary), MOST_NESTED)


@st.composite
def rule_sets(draw: st.DrawFn, *, most: int = 8) -> RuleSet:
    """Return rules of one stage: dated or not, some of them in layers.

    A rule reads only tags that stand before all those it sets, so that none needs itself.
    """
    vocabulary = draw(vocabularies())
    rules = tuple(_rule(draw, number, vocabulary) for number in range(draw(st.integers(1, most))))
    return RuleSet(rules=rules, vocabulary=vocabulary)


@st.composite
def sheets(draw: st.DrawFn, rules: RuleSet) -> Facts:
    """Return facts near the operands of the rules; some are unknown, and tags may be set."""
    return _sheet(draw, rules)


@st.composite
def rule_cases(
    draw: st.DrawFn, *, most_rules: int = 8, least_sheets: int = 4, most_sheets: int = 8
) -> RuleCase:
    """Return rules with sheets of facts to ask them about."""
    rules = draw(rule_sets(most=most_rules))
    count = draw(st.integers(least_sheets, most_sheets))
    return RuleCase(rules=rules, sheets=tuple(_sheet(draw, rules) for _ in range(count)))


@cache
def _between(low: int, high: int) -> st.SearchStrategy[int]:
    """Return the strategy made once: looking it up takes as long as drawing from it."""
    return st.integers(low, high)


def _one_of(draw: st.DrawFn, choices: Sequence[T]) -> T:
    return choices[draw(_between(0, len(choices) - 1))]


def _spec(draw: st.DrawFn, name: str) -> FactSpec:
    kind = _one_of(draw, KINDS)
    low, high = _one_of(draw, RANGES)
    if kind is FactType.DATE:
        low, high = DAYS[0].toordinal(), DAYS[-1].toordinal()
    worded = kind in {FactType.ENUM, FactType.SET}
    return FactSpec(
        name=name,
        type=kind,
        meaning="Generated.",
        low=low,
        high=high,
        values=WORDS[: draw(_between(1, len(WORDS)))] if worded else (),
        optional=draw(FLIP),
    )


def _plain(vocabulary: Vocabulary) -> tuple[FactSpec, ...]:
    return tuple(spec for spec in vocabulary if spec.name != TAGS)


def _condition(draw: st.DrawFn, specs: tuple[FactSpec, ...], depth: int) -> Condition:
    form = draw(_between(0, 5)) if depth else 0
    match form:
        case 3:
            return Not(condition=_condition(draw, specs, depth - 1))
        case 4 | 5:
            count = draw(_between(1, 3))
            inner = tuple(_condition(draw, specs, depth - 1) for _ in range(count))
            return All(conditions=inner) if form == 4 else AnyOf(conditions=inner)  # noqa: PLR2004
        case _:
            return _comparison(draw, _one_of(draw, specs))


def _comparison(draw: st.DrawFn, spec: FactSpec) -> Comparison:
    operator = _one_of(draw, operators_of(spec.type))
    count = 2 if operator is Operator.BETWEEN else 1
    if operator in LISTED:
        count = draw(_between(1, 8))
    operands = sorted(_operand(draw, spec, operator) for _ in range(count))
    if operator in LISTED:
        operands = sorted(set(operands))
    return Comparison(fact=spec.name, operator=operator, operands=tuple(operands))


def _operand(draw: st.DrawFn, spec: FactSpec, operator: Operator) -> int:
    if operator is Operator.KNOWN:
        return draw(_between(0, 1))
    if spec.type is FactType.SET:
        return draw(_between(0, len(spec.values) - 1))
    low, high = max(spec.low - 1, -LARGEST), min(spec.high + 1, LARGEST)
    return _code(draw, low, high, (spec.low, spec.high))


def _code(draw: st.DrawFn, low: int, high: int, near: tuple[int, ...]) -> int:
    """Return an end, something near a number given, or anything from one end to the other."""
    if draw(_between(0, 3)):
        code = _one_of(draw, (low, high, *near)) + draw(_between(-1, 1))
        return min(max(code, low), high)
    return draw(st.integers(low, high))


def _period(draw: st.DrawFn) -> Period:
    days = (None, None, None, *DAYS)
    start, end = _one_of(draw, days), _one_of(draw, days)
    if start is not None and end is not None and end <= start:
        end = start + timedelta(days=1)
    return Period(start=start, end=end)


def _rule(draw: st.DrawFn, number: int, vocabulary: Vocabulary) -> Rule:
    sets = {draw(_between(0, len(TAG_WORDS) - 1)) for _ in range(draw(_between(0, 2)))}
    readable = min(sets, default=len(TAG_WORDS))
    when = _condition(draw, _plain(vocabulary), MOST_NESTED)
    if readable and draw(FLIP):
        both = (_reading(draw, readable), when)
        when = All(conditions=both) if draw(FLIP) else AnyOf(conditions=both)
    effects: tuple[Effect, ...] = (NOTE, *(SetTag(tag=TAG_WORDS[bit]) for bit in sorted(sets)))
    return Rule(
        id=f"rule-{number}",
        stage=Stage.ELIGIBILITY,
        when=when,
        effects=effects,
        valid=_period(draw),
    )


def _reading(draw: st.DrawFn, readable: int) -> Condition:
    """Return a comparison with the first tags, or its contrary."""
    operator = _one_of(draw, (Operator.HAS, Operator.HAS_ANY, Operator.HAS_ALL))
    count = 1 if operator is Operator.HAS else 2
    bits = {draw(_between(0, readable - 1)) for _ in range(count)}
    reading = Comparison(fact=TAGS, operator=operator, operands=tuple(sorted(bits)))
    return Not(condition=reading) if draw(FLIP) else reading


def _sheet(draw: st.DrawFn, rules: RuleSet) -> Facts:
    asked = [each for rule in rules for each in comparisons(rule.condition)]
    known: dict[str, int] = {}
    for spec in rules.vocabulary:
        near = tuple(
            operand
            for each in asked
            if each.fact == spec.name and spec.type is not FactType.SET
            for operand in each.operands
        )
        if not spec.optional or draw(_between(0, 3)):
            known[spec.name] = _code(draw, spec.low, spec.high, near)
    return Facts(known)
