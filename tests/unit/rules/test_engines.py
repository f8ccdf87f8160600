from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from plan_rules.periods import Period
from plan_rules.rules import durable, engines
from plan_rules.rules.columns import Columns
from plan_rules.rules.condition import All, AnyOf, Condition, Not, Operator
from plan_rules.rules.decision import Engine, decide
from plan_rules.rules.durable import DurableRules
from plan_rules.rules.engines import engine_for
from plan_rules.rules.fact import AS_OF, LARGEST, TAGS, FactType, MissingFact, Stage
from plan_rules.rules.interpreter import Interpreter
from plan_rules.rules.rule import RuleSet
from tests.unit.rules.sample_rules import (
    HOME,
    LAYERED,
    MANY,
    SHEETS,
    compared,
    fact,
    rule,
    rule_set,
    sheet,
    vocabulary,
)


def has_durable_rules() -> bool:
    try:
        durable.load()
    except ImportError:
        return False
    return True


EVERY_ENGINE = [
    pytest.param(Interpreter, id="interpreter"),
    pytest.param(Columns, id="columns"),
    pytest.param(
        DurableRules,
        id="durable-rules",
        marks=pytest.mark.skipif(
            not has_durable_rules(), reason="durable_rules cannot be imported"
        ),
    ),
]
MakeEngine = Callable[[RuleSet], Engine]
each_engine = pytest.mark.parametrize("make", EVERY_ENGINE)


def only_layer(rules: RuleSet) -> tuple[int, ...]:
    (layer,) = rules.layers
    return layer


def fires(make: MakeEngine, condition: Condition, **codes: int | None) -> bool:
    """Whether a rule fires, asked with facts of any integer, home and two that may be unknown."""
    specs = (fact("x", low=-LARGEST), fact("y"), HOME, fact("sure", optional=False))
    rules = rule_set(specs, condition)
    known = {name: code for name, code in codes.items() if code is not None}
    return make(rules).fired(only_layer(rules), sheet({"sure": 0} | known)) == {0}


@each_engine
@pytest.mark.parametrize(
    ("operator", "operands", "code", "expected"),
    [
        (Operator.EQ, (5,), 5, True),
        (Operator.EQ, (5,), 6, False),
        (Operator.NE, (5,), 6, True),
        (Operator.NE, (5,), 5, False),
        (Operator.LT, (5,), 4, True),
        (Operator.LT, (5,), 5, False),
        (Operator.LTE, (5,), 5, True),
        (Operator.LTE, (5,), 6, False),
        (Operator.GT, (5,), 6, True),
        (Operator.GT, (5,), 5, False),
        (Operator.GTE, (5,), 5, True),
        (Operator.GTE, (5,), 4, False),
        (Operator.BETWEEN, (5, 7), 7, True),
        (Operator.BETWEEN, (5, 7), 8, False),
        (Operator.IN, (1, 5, 9), 5, True),
        (Operator.IN, (1, 5, 9), 6, False),
        (Operator.NOT_IN, (1, 5, 9), 6, True),
        (Operator.NOT_IN, (1, 5, 9), 9, False),
        (Operator.KNOWN, (1,), 5, True),
        (Operator.KNOWN, (0,), 5, False),
    ],
)
def test_comparisons_hold_up_to_their_ends(
    make: MakeEngine, operator: Operator, operands: tuple[int, ...], code: int, *, expected: bool
) -> None:
    condition = compared("x", operator, *operands)
    assert fires(make, condition, x=code) is expected
    assert fires(make, Not(condition=condition), x=code) is not expected


@each_engine
@pytest.mark.parametrize("operator", [each for each in Operator if not each.startswith("has")])
def test_a_comparison_with_the_unknown_is_false_and_its_contrary_true(
    make: MakeEngine, operator: Operator
) -> None:
    operands = (1, 2) if operator is Operator.BETWEEN else (1,)
    condition = compared("x", operator, *operands)
    assert not fires(make, condition)
    assert fires(make, Not(condition=condition))


@each_engine
@pytest.mark.parametrize("code", [-LARGEST, -LARGEST + 1, -1, 0, 1, LARGEST - 1, LARGEST])
def test_the_largest_numbers_are_told_from_their_neighbours(make: MakeEngine, code: int) -> None:
    assert fires(make, compared("x", Operator.EQ, code), x=code)
    for other in {max(code - 1, -LARGEST), min(code + 1, LARGEST)} - {code}:
        assert not fires(make, compared("x", Operator.EQ, code), x=other)
        assert fires(make, compared("x", Operator.LT, max(code, other)), x=min(code, other))


@each_engine
def test_every_rule_that_holds_fires_and_only_once(make: MakeEngine) -> None:
    same = tuple(compared("x", Operator.GTE, 0) for _ in range(300))
    rules = rule_set((fact("x"),), *same)
    found = make(rules).fired(only_layer(rules), sheet({"x": 1}))
    assert found == frozenset(range(300))
    both = All(conditions=(AnyOf(conditions=same[:3]), AnyOf(conditions=same[:3])))
    assert fires(make, both, x=1)


@each_engine
def test_many_rules_that_differ_fire_together(make: MakeEngine) -> None:
    conditions = tuple(compared("x", Operator.GTE, number) for number in range(150))
    rules = rule_set((fact("x"),), *conditions)
    assert make(rules).fired(only_layer(rules), sheet({"x": 139})) == frozenset(range(140))


@each_engine
def test_the_ends_of_a_facts_own_range_are_codes_as_others(make: MakeEngine) -> None:
    assert not fires(make, compared("y", Operator.GT, 0), y=0)
    assert fires(make, compared("y", Operator.GT, 0), y=1)
    assert not fires(make, compared("y", Operator.LT, LARGEST), y=LARGEST)
    assert fires(make, compared("y", Operator.LT, LARGEST), y=LARGEST - 1)


@each_engine
def test_facts_with_names_of_one_hash_are_told_apart(make: MakeEngine) -> None:
    """The two words have the same 32-bit FNV-1a hash."""
    rules = rule_set(
        (fact("costarring"), fact("liquid")),
        compared("costarring", Operator.EQ, 1),
        compared("liquid", Operator.EQ, 1),
    )
    asked = make(rules)
    assert asked.fired(only_layer(rules), sheet({"costarring": 1})) == {0}
    assert asked.fired(only_layer(rules), sheet({"costarring": 2, "liquid": 1})) == {1}


@each_engine
def test_many_rules_over_many_facts_are_decided(make: MakeEngine) -> None:
    specs = tuple(fact(f"fact-{number}") for number in range(260))
    conditions = tuple(
        compared(spec.name, Operator.EQ, number) for number, spec in enumerate(specs)
    )
    rules = rule_set(specs, *conditions)
    facts = sheet({spec.name: number - number % 2 for number, spec in enumerate(specs)})
    found = make(rules).fired(only_layer(rules), facts)
    assert found == frozenset(range(0, 260, 2))


@each_engine
def test_rules_of_every_kind_are_decided_as_they_read(make: MakeEngine) -> None:
    engine, layer = make(MANY), only_layer(MANY)
    fired = [engine.fired(layer, facts) for facts in SHEETS]
    assert fired == [
        {0, 2, 3, 6, 8},
        {1, 2, 4, 6, 8},
        {1, 5, 6},
        {1, 3, 4, 8},
        {0, 2, 4, 5, 8},
        {1, 2, 4, 6, 8},
    ]


@each_engine
def test_no_rules_are_decided_at_once(make: MakeEngine) -> None:
    rules = rule_set((fact("x"),))
    engine = make(rules)
    found = decide(rules=rules, engine=engine, stage=Stage.ELIGIBILITY, facts=sheet({}))
    assert (found.fired, found.tags) == ((), ())


@each_engine
def test_a_rule_that_needs_nothing_fires_for_no_facts(make: MakeEngine) -> None:
    always = AnyOf(conditions=(compared("x", Operator.KNOWN, 0), compared("x", Operator.KNOWN, 1)))
    rules = rule_set((fact("x"),), always, compared("x", Operator.KNOWN, 0))
    assert make(rules).fired(only_layer(rules), sheet({})) == {0, 1}


@each_engine
def test_tags_are_read_by_the_layers_after(make: MakeEngine) -> None:
    engine = make(LAYERED)

    def decided(codes: dict[str, int]) -> tuple[list[str], tuple[str, ...]]:
        found = decide(rules=LAYERED, engine=engine, stage=Stage.ELIGIBILITY, facts=sheet(codes))
        return [rule.id for rule in found.fired], found.tags

    assert decided({"x": 101}) == (["rule-0", "rule-1", "rule-2", "rule-4"], ("heavy", "vip"))
    assert decided({"x": 100}) == (["rule-3"], ())
    assert decided({"x": 1, TAGS: 0b010}) == (["rule-0", "rule-2", "rule-4"], ("heavy", "vip"))
    assert decided({"x": 1, TAGS: 0b101}) == ([], ("calm", "vip"))


@each_engine
def test_a_rule_holds_from_its_first_day_until_before_its_last(make: MakeEngine) -> None:
    day = fact(AS_OF, FactType.DATE, low=1, high=date.max.toordinal(), optional=False)
    always = compared("x", Operator.KNOWN, 0)
    may = Period(start=date(2026, 5, 1), end=date(2026, 6, 1))
    rules = RuleSet(
        vocabulary=vocabulary(fact("x"), day), rules=(replace(rule(0, always), valid=may),)
    )
    days = [date(2026, 4, 30), date(2026, 5, 1), date(2026, 5, 31), date(2026, 6, 1)]
    fired = [
        make(rules).fired(only_layer(rules), sheet({AS_OF: each.toordinal()})) for each in days
    ]
    assert fired == [set(), {0}, {0}, set()]


@each_engine
def test_a_fact_that_is_always_known_has_to_be_given(make: MakeEngine) -> None:
    unneeded = compared("sure", Operator.KNOWN, 1)
    rules = rule_set((fact("sure", optional=False), fact("x")), unneeded)
    with pytest.raises(MissingFact) as missing:
        make(rules).fired(only_layer(rules), sheet({"x": 1}))
    assert missing.value.name == "sure"


@each_engine
def test_a_fact_that_no_rule_asks_for_need_not_be_given(make: MakeEngine) -> None:
    assert fires(make, compared("x", Operator.EQ, 1), x=1, sure=None)
    rules = rule_set((fact("sure", optional=False), fact("x")), compared("x", Operator.EQ, 1))
    assert make(rules).fired(only_layer(rules), sheet({"x": 1})) == {0}


def test_engines_say_their_names() -> None:
    assert Interpreter(MANY).name == "interpreter"
    assert Columns(MANY).name == "columns"
    assert DurableRules.name == "durable-rules"


@pytest.mark.skipif(not has_durable_rules(), reason="durable_rules cannot be imported")
def test_durable_rules_decide_where_they_can_be_had() -> None:
    assert engine_for(MANY).name == "durable-rules"


def test_the_interpreter_decides_elsewhere_and_the_log_says_so_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def missing() -> durable.Library:
        raise ImportError(name="durable_rules_engine")

    monkeypatch.setattr(durable, "load", missing)
    engines._say.cache_clear()
    with caplog.at_level(logging.WARNING, logger="plan_rules"):
        found = [engine_for(MANY) for _ in range(3)]
    assert [engine.name for engine in found] == ["interpreter"] * 3
    assert len(caplog.records) == 1
    layer = only_layer(MANY)
    assert found[0].fired(layer, SHEETS[0]) == {0, 2, 3, 6, 8}


def test_the_interpreter_decides_what_durable_rules_cannot(
    caplog: pytest.LogCaptureFixture,
) -> None:
    specs = tuple(fact(f"{row}-{column}", FactType.BOOLEAN) for row in "ab" for column in range(9))
    rows = [
        AnyOf(conditions=tuple(compared(f"{row}-{column}", Operator.EQ, 1) for column in range(9)))
        for row in "ab"
    ]
    rules = rule_set(specs, All(conditions=tuple(rows)))
    engines._say.cache_clear()
    with caplog.at_level(logging.WARNING, logger="plan_rules"):
        engine = engine_for(rules)
    assert engine.name == "interpreter"
    assert len(caplog.records) == 1
    assert engine.fired(only_layer(rules), sheet({"a-8": 1, "b-0": 1})) == {0}
