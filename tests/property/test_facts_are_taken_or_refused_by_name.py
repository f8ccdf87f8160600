"""Whatever a host says of a customer becomes a code within range, or is refused by its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from plan_rules.catalog.vocabulary import OWN, customer_facts, vocabulary_of
from plan_rules.errors import PlanRulesError, UnknownId
from plan_rules.rules.fact import FactSpec, FactType, InvalidFact, MissingFact
from plan_rules.rules.rule import RuleSet
from plan_rules.testing.catalog_rules import declared_facts

VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.integers(0, 12),
        st.floats(),
        st.decimals(),
        st.decimals(0, 5, places=2),
        st.dates(),
        st.datetimes(),
        st.text(max_size=12),
        st.binary(max_size=3),
        st.sampled_from(["business", "student", "Business", "2026-02-10", "1.5", "1e9", "NaN"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.text(max_size=2), inner, max_size=2),
    ),
    max_leaves=4,
)


def rules_of(declared: Sequence[FactSpec]) -> RuleSet:
    return RuleSet(vocabulary=vocabulary_of(plans=(), declared=declared))


def refused(rules: RuleSet, given_facts: Mapping[str, object]) -> PlanRulesError | None:
    try:
        codes = customer_facts(rules=rules, given=given_facts)
    except PlanRulesError as error:
        return error
    assert set(codes) == {
        f"{OWN}{name}" for name, value in given_facts.items() if value is not None
    }
    for name, code in codes.items():
        spec = rules.vocabulary[name]
        assert spec.low <= code <= spec.high
    return None


@given(declared_facts(), st.data())
def test_a_fact_has_a_code_within_range_or_is_refused_by_its_name(
    declared: Sequence[FactSpec], data: st.DataObject
) -> None:
    names = [spec.name.removeprefix(OWN) for spec in declared] or ["other"]
    names = data.draw(st.sampled_from([names, names, names, [*names, "other"]]))
    given_facts = {name: data.draw(VALUES) for name in names}
    rules = rules_of(declared)
    error = refused(rules, given_facts)
    event(type(error).__name__)
    match error:
        case InvalidFact():
            assert error.name in given_facts
        case MissingFact():
            assert given_facts.get(error.name) is None
        case UnknownId():
            assert f"{OWN}{error.value}" not in rules.vocabulary
        case _:
            assert error is None


@pytest.mark.parametrize(
    "value",
    [Decimal("sNaN"), Decimal("-Infinity"), 10**6000, -(10**6000)],
    ids=["not a number", "without end", "6001 digits", "6001 digits below 0"],
)
def test_numbers_that_are_hard_to_show_are_refused(value: object) -> None:
    for kind in (FactType.INTEGER, FactType.MONEY):
        spec = FactSpec(name=f"{OWN}some", type=kind, meaning="Of the test.")
        error = refused(rules_of([spec]), {"some": value})
        assert isinstance(error, InvalidFact)
        assert error.name == "some"


@given(declared_facts(), st.data())
def test_a_code_in_words_is_the_code_again(
    declared: Sequence[FactSpec], data: st.DataObject
) -> None:
    for spec in declared:
        code = data.draw(st.integers(spec.low, spec.high))
        as_given: dict[FactType, object] = {
            FactType.INTEGER: code,
            FactType.BOOLEAN: bool(code),
            FactType.SET: [word for bit, word in enumerate(spec.values) if code >> bit & 1],
        }
        assert spec.code(as_given.get(spec.type, spec.words(code))) == code
