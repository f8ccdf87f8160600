from __future__ import annotations

import pytest

from plan_rules.rules.condition import All, AnyOf, Comparison, Condition, Not, Operator
from plan_rules.rules.effect import Note
from plan_rules.rules.fact import FactSpec, FactType, Stage, Vocabulary
from plan_rules.rules.literal import Among, Literal, Members, Unknown
from plan_rules.rules.normal import (
    ALWAYS,
    NEVER,
    WORKING,
    Alternative,
    TooManyAlternatives,
    alternatives_of,
    normal_form,
    normal_forms,
)
from plan_rules.rules.rule import Rule, RuleSet

WORDS = ("cu", "gb", "mx", "us")


def spec(name: str, kind: FactType, *, optional: bool = True) -> FactSpec:
    worded = kind in {FactType.ENUM, FactType.SET}
    values = WORDS if worded else ()
    return FactSpec(name=name, type=kind, meaning=name, high=9, values=values, optional=optional)


VOCABULARY = Vocabulary(
    specs={
        "age": spec("age", FactType.INTEGER, optional=False),
        "home": spec("home", FactType.ENUM),
        "called": spec("called", FactType.SET),
        "tags": spec("tags", FactType.SET, optional=False),
        "x": spec("x", FactType.INTEGER),
        "y": spec("y", FactType.INTEGER),
    }
)


def compared(fact: str, operator: Operator, *operands: int) -> Comparison:
    return Comparison(fact=fact, operator=operator, operands=operands)


def among(fact: str, *ranges: tuple[int, int]) -> Among:
    return Among(fact=fact, ranges=ranges)


def either(*literals: Literal) -> tuple[Alternative, ...]:
    return tuple(Alternative(literals=(each,)) for each in literals)


ALL_X = among("x", (0, 9))
NO_X = Unknown(fact="x")


@pytest.mark.parametrize(
    ("operator", "operands", "when_true", "when_false"),
    [
        (Operator.EQ, (5,), [(5, 5)], [(0, 4), (6, 9)]),
        (Operator.NE, (5,), [(0, 4), (6, 9)], [(5, 5)]),
        (Operator.LT, (5,), [(0, 4)], [(5, 9)]),
        (Operator.LTE, (5,), [(0, 5)], [(6, 9)]),
        (Operator.GT, (5,), [(6, 9)], [(0, 5)]),
        (Operator.GTE, (5,), [(5, 9)], [(0, 4)]),
        (Operator.BETWEEN, (2, 5), [(2, 5)], [(0, 1), (6, 9)]),
        (Operator.IN, (1, 2, 3, 7), [(1, 3), (7, 7)], [(0, 0), (4, 6), (8, 9)]),
        (Operator.NOT_IN, (0, 1, 9), [(2, 8)], [(0, 1), (9, 9)]),
    ],
)
def test_a_comparison_is_false_of_the_other_codes_and_of_the_unknown(
    operator: Operator,
    operands: tuple[int, ...],
    when_true: list[tuple[int, int]],
    when_false: list[tuple[int, int]],
) -> None:
    condition = compared("x", operator, *operands)
    assert alternatives_of(condition, VOCABULARY) == either(among("x", *when_true))
    found = alternatives_of(Not(condition=condition), VOCABULARY)
    assert found == either(among("x", *when_false), NO_X)
    always_known = compared("age", operator, *operands)
    found = alternatives_of(Not(condition=always_known), VOCABULARY)
    assert found == either(among("age", *when_false))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (compared("x", Operator.GTE, 0), either(ALL_X)),
        (compared("x", Operator.KNOWN, 1), either(ALL_X)),
        (compared("x", Operator.KNOWN, 0), either(NO_X)),
        (Not(condition=compared("x", Operator.KNOWN, 0)), either(ALL_X)),
        (Not(condition=compared("x", Operator.KNOWN, 1)), either(NO_X)),
        (Not(condition=compared("x", Operator.GTE, 0)), either(NO_X)),
        (compared("x", Operator.LT, 0), NEVER),
        (Not(condition=compared("x", Operator.LT, 0)), ALWAYS),
        (compared("age", Operator.KNOWN, 1), ALWAYS),
        (compared("age", Operator.KNOWN, 0), NEVER),
        (compared("age", Operator.LTE, 9), ALWAYS),
        (compared("called", Operator.KNOWN, 1), either(Members(fact="called"))),
        (compared("called", Operator.HAS, 1), either(Members(fact="called", has=2))),
        (compared("called", Operator.HAS_ALL, 0, 2), either(Members(fact="called", has=5))),
        (compared("called", Operator.HAS_ANY, 0, 2), either(Members(fact="called", some=(5,)))),
        (
            Not(condition=compared("called", Operator.HAS_ANY, 0, 2)),
            either(Members(fact="called", lacks=5), Unknown(fact="called")),
        ),
        (
            Not(condition=compared("called", Operator.HAS_ALL, 0, 2)),
            either(
                Members(fact="called", lacks=1),
                Members(fact="called", lacks=4),
                Unknown(fact="called"),
            ),
        ),
        (
            Not(condition=compared("tags", Operator.HAS, 3)),
            either(Members(fact="tags", lacks=8)),
        ),
    ],
)
def test_what_is_known_and_what_sets_hold(
    condition: Condition, expected: tuple[Alternative, ...]
) -> None:
    assert alternatives_of(condition, VOCABULARY) == expected


LOW, HIGH = compared("x", Operator.LT, 3), compared("x", Operator.GT, 6)
CUBA = compared("called", Operator.HAS, 0)
ZERO, SMALL = compared("y", Operator.EQ, 0), compared("y", Operator.LTE, 4)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (All(conditions=(LOW, HIGH)), NEVER),
        (All(conditions=(LOW, LOW)), either(among("x", (0, 2)))),
        (AnyOf(conditions=(LOW, HIGH)), either(among("x", (0, 2), (7, 9)))),
        (AnyOf(conditions=(LOW, Not(condition=LOW))), ALWAYS),
        (AnyOf(conditions=(LOW, compared("x", Operator.GTE, 3))), either(ALL_X)),
        (
            AnyOf(
                conditions=(
                    CUBA,
                    All(conditions=(CUBA, compared("age", Operator.LTE, 4))),
                    All(conditions=(CUBA, compared("age", Operator.GT, 4))),
                )
            ),
            either(Members(fact="called", has=1)),
        ),
        (AnyOf(conditions=(ZERO, SMALL)), either(among("y", (0, 4)))),
        (
            AnyOf(conditions=(All(conditions=(LOW, ZERO)), LOW)),
            either(among("x", (0, 2))),
        ),
        (
            All(conditions=(LOW, ZERO)),
            (Alternative(literals=(among("x", (0, 2)), among("y", (0, 0)))),),
        ),
        (
            Not(condition=AnyOf(conditions=(Not(condition=LOW), Not(condition=ZERO)))),
            (Alternative(literals=(among("x", (0, 2)), among("y", (0, 0)))),),
        ),
        (
            All(conditions=(AnyOf(conditions=(LOW, ZERO)), AnyOf(conditions=(LOW, SMALL)))),
            either(among("x", (0, 2)), among("y", (0, 0))),
        ),
        (
            AnyOf(
                conditions=(
                    compared("age", Operator.EQ, 1),
                    All(conditions=(LOW, compared("age", Operator.LTE, 4))),
                    All(conditions=(LOW, compared("age", Operator.GT, 4))),
                )
            ),
            either(among("age", (1, 1)), among("x", (0, 2))),
        ),
    ],
)
def test_contradictions_doubles_and_what_others_hold_are_dropped(
    condition: Condition, expected: tuple[Alternative, ...]
) -> None:
    found = alternatives_of(condition, VOCABULARY)
    assert set(found) == set(expected)
    assert len(found) == len(expected)


def wide(*widths: int) -> tuple[Condition, Vocabulary]:
    """Choices among so many facts each: as many alternatives as their product."""
    names = [[f"f{row}-{column}" for column in range(width)] for row, width in enumerate(widths)]
    specs = {name: spec(name, FactType.BOOLEAN) for row in names for name in row}
    rows = tuple(
        AnyOf(conditions=tuple(compared(name, Operator.EQ, 1) for name in row)) for row in names
    )
    return All(conditions=rows), Vocabulary(specs=specs)


def rule(when: Condition) -> Rule:
    return Rule(id="wide", stage=Stage.ELIGIBILITY, when=when, effects=(Note(reason="Because."),))


def test_a_rule_has_at_most_sixty_four_alternatives() -> None:
    when, vocabulary = wide(8, 8)
    assert len(normal_form(rule=rule(when), vocabulary=vocabulary)) == 64
    when, vocabulary = wide(13, 5)
    with pytest.raises(TooManyAlternatives) as refused:
        normal_forms(RuleSet(rules=(rule(when),), vocabulary=vocabulary))
    assert (refused.value.rule, refused.value.count) == ("wide", 65)


def test_a_rule_beyond_all_bounds_is_given_up_early() -> None:
    when, vocabulary = wide(*[8] * 12)
    with pytest.raises(TooManyAlternatives) as refused:
        normal_form(rule=rule(when), vocabulary=vocabulary)
    assert refused.value.rule == "wide"
    assert WORKING < refused.value.count <= WORKING * 8


def test_a_list_of_many_is_one_alternative() -> None:
    scattered = compared("x", Operator.IN, 0, 2, 4, 6, 8)
    others = compared("home", Operator.NOT_IN, 0, 2)
    found = alternatives_of(All(conditions=(scattered, others)), VOCABULARY)
    assert len(found) == 1
