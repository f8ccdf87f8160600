from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from plan_rules.errors import InvalidValue, UnknownId
from plan_rules.rules import columns
from plan_rules.rules.columns import Column, Columns
from plan_rules.rules.condition import All, AnyOf, Comparison, Condition, Not, Operator
from plan_rules.rules.decision import decide
from plan_rules.rules.fact import TAGS, FactSpec, FactType, MissingFact, Stage
from plan_rules.rules.interpreter import Interpreter
from plan_rules.rules.rule import RuleSet
from tests.unit.rules.sample_rules import LAYERED, MANY, SHEETS, compared, fact, rule_set, sheet


def table_of(rules: RuleSet, rows: Sequence[Mapping[str, int]]) -> dict[str, Column]:
    return {
        spec.name: Column(
            codes=np.array([row.get(spec.name, -1) for row in rows], dtype=np.int64),
            known=np.array([spec.name in row for row in rows]),
        )
        for spec in rules.vocabulary
    }


def fired(rules: RuleSet, table: Mapping[str, Column], rows: int) -> list[frozenset[int]]:
    firings = Columns(rules).decide(stage=Stage.ELIGIBILITY, table=table, rows=rows)
    return [firings.of(row) for row in range(rows)]


@pytest.mark.parametrize("chunk", [1, 8, 13, 64])
def test_chunks_make_no_difference(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "CHUNK", chunk)
    rows = [dict(facts.codes) for facts in SHEETS] * 7
    interpreter = Interpreter(MANY)
    expected = [interpreter.fired(MANY.layers[0], sheet(row)) for row in rows]
    assert fired(MANY, table_of(MANY, rows), len(rows)) == expected


@pytest.mark.parametrize("chunk", [3, 8, 64])
def test_layers_are_asked_in_every_chunk(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "CHUNK", chunk)
    rows: list[Mapping[str, int]] = [{"x": x, TAGS: tags} for x in (100, 101) for tags in range(8)]
    firings = Columns(LAYERED).decide(
        stage=Stage.ELIGIBILITY, table=table_of(LAYERED, rows), rows=len(rows)
    )
    for at, row in enumerate(rows):
        expected = decide(
            rules=LAYERED,
            engine=Interpreter(LAYERED),
            stage=Stage.ELIGIBILITY,
            facts=sheet(row),
        )
        assert [LAYERED.rules[index] for index in sorted(firings.of(at))] == list(expected.fired)
        assert int(firings.tags[at]) == expected.facts.get(TAGS)


def test_tags_that_are_not_given_are_not_set() -> None:
    table = {"x": Column(codes=np.array([100, 101]))}
    firings = Columns(LAYERED).decide(stage=Stage.ELIGIBILITY, table=table, rows=2)
    assert firings.of(0) == {3}
    assert firings.of(1) == {0, 1, 2, 4}
    assert firings.tags.tolist() == [0, 0b110]


def test_more_than_a_word_of_rules_has_a_bit_each() -> None:
    conditions = tuple(compared("x", Operator.EQ, number) for number in range(150))
    rules = rule_set((fact("x"),), *conditions)
    table = {"x": Column(codes=np.arange(150, dtype=np.int16))}
    firings = Columns(rules).decide(stage=Stage.ELIGIBILITY, table=table, rows=150)
    assert firings.words.shape == (3, 150)
    assert firings.words.dtype == np.uint64
    for index in range(150):
        assert firings.of(index) == {index}
        assert firings.rule(index).tolist() == [row == index for row in range(150)]


@pytest.mark.parametrize("kind", ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", ">i4"])
def test_codes_may_be_of_any_integer_type(kind: str) -> None:
    specs = (fact("x", high=100), fact("home", FactType.ENUM), fact("called", FactType.SET))
    conditions: tuple[Condition, ...] = (
        compared("x", Operator.GT, 50),
        compared("x", Operator.LTE, 5_000),
        compared("x", Operator.LT, 0),
        compared("x", Operator.IN, *range(0, 100, 7)),
        compared("home", Operator.NOT_IN, 1),
        compared("called", Operator.HAS_ALL, 0, 3),
    )
    rules = rule_set(specs, *conditions)
    rows: list[Mapping[str, int]] = [
        {"x": x, "home": x % 4, "called": x % 16} for x in range(0, 101, 3)
    ]
    table = {
        name: Column(codes=np.array([row[name] for row in rows]).astype(kind)) for name in rows[0]
    }
    interpreter = Interpreter(rules)
    expected = [interpreter.fired(rules.layers[0], sheet(row)) for row in rows]
    assert fired(rules, table, len(rows)) == expected


SCATTERED = FactSpec(name="x", type=FactType.INTEGER, meaning="x", low=-50, high=50)
LARGE = FactSpec(name="x", type=FactType.INTEGER, meaning="x", low=-50, high=10**9)


@pytest.mark.parametrize("spec", [SCATTERED, LARGE])
def test_long_lists_are_answered_alike_from_a_table_or_not(spec: FactSpec) -> None:
    listed = compared("x", Operator.IN, *range(-49, 50, 3))
    conditions = (listed, Not(condition=listed), compared("x", Operator.NOT_IN, -3, 0, 7))
    rules = rule_set((spec,), *conditions)
    codes = np.arange(-50, 51)
    table = {"x": Column(codes=codes, known=codes % 5 != 0)}
    interpreter = Interpreter(rules)
    expected = [
        interpreter.fired(rules.layers[0], sheet({"x": code} if code % 5 else {}))
        for code in codes.tolist()
    ]
    assert fired(rules, table, len(codes)) == expected


def test_what_is_said_of_an_unknown_row_is_not_read() -> None:
    specs = (SCATTERED, FactSpec(name="y", type=FactType.INTEGER, meaning="y", high=9))
    listed = compared("x", Operator.IN, *range(-49, 50, 3))
    rules = rule_set(specs, listed, compared("y", Operator.LTE, 5), compared("y", Operator.NE, 0))
    table = {
        "x": Column(codes=np.array([2**62, -(2**62)]), known=np.array([False, False])),
        "y": Column(codes=np.array([-(2**62), 2**62]), known=np.array([False, False])),
    }
    assert fired(rules, table, 2) == [frozenset(), frozenset()]


def test_what_is_the_same_in_every_row_may_be_one_number() -> None:
    both = All(conditions=(compared("x", Operator.GT, 5), compared("home", Operator.EQ, 2)))
    either = AnyOf(conditions=(compared("x", Operator.GT, 5), compared("home", Operator.EQ, 2)))
    unknown = Comparison(fact="home", operator=Operator.KNOWN, operands=(0,))
    rules = rule_set((fact("x"), fact("home", FactType.ENUM)), both, either, unknown)
    codes = np.array([5, 6])
    x = Column(codes=codes)
    cases = [
        (Column(codes=2), [{1}, {0, 1}]),
        (Column(codes=1), [set(), {1}]),
        (Column(codes=2, known=False), [{2}, {1, 2}]),
        (Column(codes=2, known=np.array([True, False])), [{1}, {1, 2}]),
        (Column(codes=np.array([1, 2]), known=False), [{2}, {1, 2}]),
    ]
    for home, expected in cases:
        assert fired(rules, {"x": x, "home": home}, 2) == expected
    assert fired(rules, {"x": x}, 2) == [{2}, {1, 2}]
    assert fired(rules, {"x": Column(codes=6), "home": Column(codes=2)}, 3) == [{0, 1}] * 3


def test_a_table_of_no_rows_is_decided() -> None:
    firings = Columns(MANY).decide(stage=Stage.ELIGIBILITY, table={}, rows=0)
    assert firings.words.shape == (1, 0)


def test_a_stage_without_rules_fires_nothing() -> None:
    firings = Columns(MANY).decide(stage=Stage.BILLING, table={}, rows=2)
    assert firings.words.tolist() == [[0, 0]]


@pytest.mark.parametrize(
    ("column", "names"),
    [
        (Column(codes=np.array([1, 2, 3])), "x"),
        (Column(codes=np.array([1.0, 2.0])), "x"),
        (Column(codes=np.array([1, 2]), known=np.array([True])), "x"),
        (Column(codes=np.array([1, 2]), known=np.array([1, 0])), "x"),
    ],
)
def test_columns_of_another_length_or_type_are_refused(column: Column, names: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        fired(MANY, {"x": column}, 2)
    assert refused.value.name == names


def test_columns_nobody_declared_are_refused() -> None:
    with pytest.raises(UnknownId) as refused:
        fired(MANY, {"hom": Column(codes=1)}, 2)
    assert "home" in refused.value.closest


@pytest.mark.parametrize(
    "table",
    [
        {},
        {"sure": Column(codes=1, known=False)},
        {"sure": Column(codes=np.array([1, 2]), known=np.array([True, False]))},
    ],
)
def test_a_fact_that_is_always_known_has_to_be_known_in_every_row(
    table: dict[str, Column],
) -> None:
    rules = rule_set((fact("sure", optional=False),), compared("sure", Operator.GT, 1))
    with pytest.raises(MissingFact) as missing:
        fired(rules, table, 2)
    assert missing.value.name == "sure"


def test_tags_of_a_row_that_knows_none_are_not_set() -> None:
    tags = Column(codes=np.array([7, 7]), known=np.array([False, True]))
    table = {"x": Column(codes=100), TAGS: tags}
    firings = Columns(LAYERED).decide(stage=Stage.ELIGIBILITY, table=table, rows=2)
    assert firings.tags.tolist() == [0, 7]
    assert firings.of(0) == {3}


def test_a_word_beyond_the_type_of_a_column_is_in_no_row() -> None:
    words = tuple(f"word-{number}" for number in range(12))
    many = FactSpec(name="many", type=FactType.SET, meaning="many", values=words)
    rules = rule_set((many,), compared("many", Operator.HAS, 11), compared("many", Operator.HAS, 1))
    assert fired(rules, {"many": Column(codes=np.array([2, 3], dtype=np.int8))}, 2) == [{1}, {1}]


def test_a_table_is_read_right_for_the_smallest_codes() -> None:
    spec = FactSpec(name="x", type=FactType.INTEGER, meaning="x", low=-100, high=100)
    rules = rule_set((spec,), compared("x", Operator.IN, *range(-100, 101, 3)))
    codes = range(-100, 101)
    table = {"x": Column(codes=np.array(codes, dtype=np.int8))}
    expected = [{0} if (code + 100) % 3 == 0 else set() for code in codes]
    assert fired(rules, table, len(codes)) == expected
