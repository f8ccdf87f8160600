from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_rules.rules import boxes
from plan_rules.rules.boxes import (
    FREE,
    TAGGED_ON,
    Box,
    Numbers,
    TooIntricate,
    Words,
    cell_of,
    outermost,
    whole,
)
from plan_rules.rules.condition import Comparison, Operator, compare, operators_of
from plan_rules.rules.fact import AS_OF, FactSpec, FactType, Vocabulary

SPECS = {
    "count": FactSpec(name="count", type=FactType.INTEGER, meaning="n", low=-2, high=3),
    "size": FactSpec(name="size", type=FactType.INTEGER, meaning="n", high=3, optional=False),
    "flag": FactSpec(name="flag", type=FactType.BOOLEAN, meaning="n"),
    "word": FactSpec(name="word", type=FactType.ENUM, meaning="n", values=("x", "y", "z")),
    "set": FactSpec(name="set", type=FactType.SET, meaning="n", values=("p", "q", "r")),
    "full": FactSpec(
        name="full", type=FactType.SET, meaning="n", values=("p", "q"), optional=False
    ),
}
VOCABULARY = Vocabulary(specs=SPECS)


def codes_of(name: str) -> list[int | None]:
    spec = SPECS[name]
    known: list[int | None] = list(range(spec.low, spec.high + 1))
    return [*known, None] if spec.optional else known


@st.composite
def comparisons_of(draw: st.DrawFn, name: str) -> Comparison:
    """Any comparison, also with numbers that the fact never has."""
    spec = SPECS[name]
    operator = draw(st.sampled_from(operators_of(spec.type)))
    if operator is Operator.KNOWN:
        return Comparison(fact=name, operator=operator, operands=(draw(st.integers(0, 1)),))
    if spec.type is FactType.SET:
        operands = st.integers(0, len(spec.values) - 1)
    else:
        operands = st.integers(spec.low - 1, spec.high + 1)
    most = {Operator.IN: 3, Operator.NOT_IN: 3, Operator.HAS_ANY: 3, Operator.HAS_ALL: 3}
    count = 2 if operator is Operator.BETWEEN else draw(st.integers(1, most.get(operator, 1)))
    return Comparison(
        fact=name, operator=operator, operands=tuple(sorted(draw(operands) for _ in range(count)))
    )


NAMES = st.sampled_from(sorted(SPECS))


@given(data=st.data(), name=NAMES)
def test_a_cell_says_what_its_comparisons_say(data: st.DataObject, name: str) -> None:
    asked = data.draw(st.lists(comparisons_of(name), min_size=1, max_size=4))
    wanted = data.draw(st.lists(st.booleans(), min_size=len(asked), max_size=len(asked)))
    cell = whole(SPECS[name])
    for each, is_wanted in zip(asked, wanted, strict=True):
        cell = boxes.both_of(cell, cell_of(each, VOCABULARY, wanted=is_wanted))
    met = [
        code
        for code in codes_of(name)
        if all(
            compare(each, code) == is_wanted for each, is_wanted in zip(asked, wanted, strict=True)
        )
    ]
    assert [code for code in codes_of(name) if cell.holds(code)] == met
    assert cell.is_empty == (not met)


@given(data=st.data())
def test_boxes_meet_where_they_have_a_sheet_in_common(data: st.DataObject) -> None:
    names = ("count", "flag", "set")
    drawn = []
    for _ in range(2):
        box: Box | None = FREE
        for _ in range(data.draw(st.integers(1, 3))):
            asked = data.draw(comparisons_of(data.draw(st.sampled_from(names))))
            cell = cell_of(asked, VOCABULARY, wanted=data.draw(st.booleans()))
            if box is not None and not cell.is_empty:
                box &= Box({asked.fact: cell})
        drawn.append(box)
    one, other = drawn
    if one is None or other is None:
        return
    sheets = [
        {name: code for name, code in zip(names, codes, strict=True) if code is not None}
        for codes in itertools.product(*map(codes_of, names))
    ]
    shared = [sheet for sheet in sheets if one.holds(sheet) and other.holds(sheet)]
    both = one & other
    assert one.meets(other) == bool(shared) == (both is not None)
    if both is not None:
        assert [sheet for sheet in sheets if both.holds(sheet)] == shared
    if one.lies_in(other):
        assert all(other.holds(sheet) for sheet in sheets if one.holds(sheet))
    kept = outermost((one, other))
    for sheet in sheets:
        held = any(box.holds(sheet) for box in kept)
        assert held == (one.holds(sheet) or other.holds(sheet))


def test_words_are_chosen_so_that_each_clause_is_met() -> None:
    words = Words(
        unknown=False, some=frozenset({0b0011, 0b1100}), short=frozenset({0b0101}), lack=0b0010
    )
    assert words.fewest() == 0b1001


def test_words_that_cannot_be_are_none() -> None:
    words = Words(unknown=False, some=frozenset({0b011}), short=frozenset({0b001, 0b010}))
    assert words.fewest() is None
    assert Words(unknown=True, known=False).fewest() is None


def test_a_question_of_too_many_steps_is_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boxes, "MOST_STEPS", 3)
    pairs = frozenset(0b11 << 2 * place for place in range(8))
    with pytest.raises(TooIntricate):
        Words(unknown=False, some=pairs).fewest()


def day(low: int, high: int) -> Numbers:
    return Numbers(unknown=False, ranges=((low, high),))


def test_tags_are_never_set_after_the_bill_that_reads_them() -> None:
    set_on = Box({TAGGED_ON: day(10, 20)})
    assert set_on.meets(Box({AS_OF: day(5, 10)}))
    assert not set_on.meets(Box({AS_OF: day(5, 9)}))
    assert set_on & Box({AS_OF: day(5, 9)}) is None
    assert not Box({AS_OF: day(5, 9)}).meets(set_on)
