"""Rules and facts that the tests of every engine share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from plan_rules.rules.condition import AnyOf, Comparison, Condition, Not, Operator
from plan_rules.rules.effect import Effect, Note, SetTag
from plan_rules.rules.fact import LARGEST, TAGS, Facts, FactSpec, FactType, Stage, Vocabulary
from plan_rules.rules.rule import Rule, RuleSet

WORDS = ("cu", "gb", "mx", "us")


def fact(
    name: str,
    kind: FactType = FactType.INTEGER,
    *,
    low: int = 0,
    high: int = LARGEST,
    optional: bool = True,
) -> FactSpec:
    values = WORDS if kind in {FactType.ENUM, FactType.SET} else ()
    return FactSpec(
        name=name, type=kind, meaning=name, low=low, high=high, values=values, optional=optional
    )


def vocabulary(*specs: FactSpec) -> Vocabulary:
    return Vocabulary(specs={spec.name: spec for spec in specs})


def compared(name: str, operator: Operator, *operands: int) -> Comparison:
    return Comparison(fact=name, operator=operator, operands=operands)


def rule(number: int, when: Condition, *tags: str) -> Rule:
    effects: tuple[Effect, ...] = (Note(reason="Because."), *(SetTag(tag=tag) for tag in tags))
    return Rule(id=f"rule-{number}", stage=Stage.ELIGIBILITY, when=when, effects=effects)


def rule_set(specs: Iterable[FactSpec], *conditions: Condition) -> RuleSet:
    return RuleSet(
        rules=tuple(rule(number, when) for number, when in enumerate(conditions)),
        vocabulary=vocabulary(*specs),
    )


def sheet(codes: Mapping[str, int]) -> Facts:
    return Facts(codes)


X, Y, HOME, CALLED = (
    fact("x", low=-LARGEST),
    fact("y", low=-LARGEST),
    fact("home", FactType.ENUM),
    fact("called", FactType.SET),
)

MANY = rule_set(
    (X, Y, HOME, CALLED),
    compared("x", Operator.GT, 5),
    Not(condition=compared("x", Operator.GT, 5)),
    AnyOf(conditions=(compared("x", Operator.GTE, 0), compared("y", Operator.LT, 9))),
    compared("home", Operator.IN, 0, 2),
    compared("called", Operator.HAS_ANY, 1, 3),
    compared("y", Operator.KNOWN, 0),
    Not(condition=compared("called", Operator.HAS_ALL, 0, 1)),
    compared("x", Operator.LT, -LARGEST),
    compared("x", Operator.LTE, LARGEST),
)
"""Rules of every kind; one never fires."""

SHEETS = tuple(
    sheet(
        {
            spec.name: code
            for spec, code in zip((X, Y, HOME, CALLED), codes, strict=True)
            if code != -9
        }
    )
    for codes in (
        (6, 0, 0, 0),
        (5, 9, 1, 2),
        (-9, -9, -9, -9),
        (-LARGEST, LARGEST, 2, 15),
        (LARGEST, -9, 3, 3),
        (0, 8, -9, 8),
    )
)

TAG_FACT = FactSpec(
    name=TAGS, type=FactType.SET, meaning="Tags.", values=("calm", "heavy", "vip"), optional=False
)
LAYERED = RuleSet(
    vocabulary=vocabulary(X, TAG_FACT),
    rules=(
        rule(0, compared(TAGS, Operator.HAS, 1)),
        rule(1, compared("x", Operator.GT, 100), "heavy"),
        rule(2, compared(TAGS, Operator.HAS, 1), "vip"),
        rule(3, Not(condition=compared(TAGS, Operator.HAS_ANY, 1, 2))),
        rule(4, compared(TAGS, Operator.HAS_ALL, 1, 2)),
    ),
)
"""Rules in three layers: the second rule first, then the third, then what reads its tag."""
