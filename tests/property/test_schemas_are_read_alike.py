"""The compiled question accepts exactly what the full validator accepts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plan_rules.loading.schema import _validator, acceptance

WORDS = st.sampled_from(
    [
        "MX",
        "MX/mobile",
        "+5255",
        "europe",
        "default",
        "2026-01-01",
        "2026-1-1",
        "60/60",
        "1/0",
        "unlimited",
        "peak",
        "08:00",
        "24:00",
        "US\n",
        "",
        "Bad Id",
        "month",
        "28 days",
        "call",
    ]
)
KEYS = st.sampled_from(
    [
        "plan",
        "name",
        "kind",
        "fee",
        "to",
        "id",
        "minutes",
        "price",
        "increment",
        "bands",
        "dated",
        "rates",
        "rate-table",
        "defaults",
        "zone",
        "members",
        "catalog",
        "currency",
        "limits",
        "any",
        "minutes-per-day",
        "tiers",
        "after",
        "list",
        "start",
        "end",
        "dates",
        "tax",
        "usage",
        "2026-01-01",
        "2026-07-01",
        "MX",
        "+5255",
        "peak",
        "model",
        "package",
        "size",
        "up-to",
    ]
)
NUMBERS = st.one_of(
    st.integers(-2, 200), st.decimals(-2, 200, places=2, allow_nan=False, allow_infinity=False)
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, WORDS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.one_of(KEYS, WORDS), inner, max_size=4)
    ),
    max_leaves=12,
)
RATES = st.recursive(
    st.one_of(NUMBERS, WORDS),
    lambda inner: st.dictionaries(
        st.sampled_from(["price", "bands", "dated", "cap", "2026-01-01", "peak", "increment"]),
        inner,
        min_size=1,
        max_size=3,
    ),
    max_leaves=8,
)


@settings(max_examples=300)
@given(value=VALUES)
def test_any_value_is_judged_alike(value: Any) -> None:
    for kind in ("catalog", "zone", "bands", "rates", "plan", "facts", "rules"):
        assert acceptance().of(f"{kind}.schema.json")(value) == _validator(kind).is_valid(value)


@settings(max_examples=300)
@given(rows=st.dictionaries(st.one_of(WORDS, KEYS), RATES, min_size=1, max_size=3))
def test_rates_are_judged_alike(rows: dict[str, Any]) -> None:
    table = {"rate-table": "standard", "rates": rows}

    assert acceptance().of("rates.schema.json")(table) == _validator("rates").is_valid(table)


RULE_KEYS = st.sampled_from(
    ["all", "any", "not", "usage.minutes", "customer.x", "eq", "in", "between", "has", "known"]
)
CONDITIONS = st.recursive(
    st.one_of(st.booleans(), NUMBERS, WORDS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(RULE_KEYS, inner, max_size=3)
    ),
    max_leaves=8,
)
EFFECTS = st.dictionaries(
    st.sampled_from(["warn", "tag", "require", "discount", "surcharge"]),
    st.one_of(
        WORDS,
        st.none(),
        st.dictionaries(
            st.sampled_from(["percent", "amount", "on", "stack", "reason", "consent"]),
            st.one_of(NUMBERS, WORDS, st.sampled_from(["fee", "additive", " "])),
            max_size=5,
        ),
    ),
    max_size=2,
)


@settings(max_examples=300)
@given(when=CONDITIONS, then=st.lists(EFFECTS, max_size=2))
def test_rules_are_judged_alike(when: Any, then: list[Any]) -> None:
    rules = {"rules": [{"id": "a", "when": when, "then": then}]}

    assert acceptance().of("rules.schema.json")(rules) == _validator("rules").is_valid(rules)


FACTS = st.dictionaries(
    st.sampled_from(["type", "meaning", "unit", "low", "high", "values", "optional"]),
    st.one_of(
        st.sampled_from(["set", "enum", "boolean", "money"]),
        NUMBERS,
        st.lists(WORDS, max_size=2),
        st.booleans(),
    ),
)


@settings(max_examples=300)
@given(fact=FACTS)
def test_facts_are_judged_alike(fact: dict[str, Any]) -> None:
    facts = {"facts": {"age": fact}}

    assert acceptance().of("facts.schema.json")(facts) == _validator("facts").is_valid(facts)


def test_true_is_no_number_and_a_fraction_no_whole_number() -> None:
    for fee in (True, None, "3"):
        plan = {"plan": "a", "name": "A", "kind": "unlimited", "fee": fee}
        assert not acceptance().of("plan.schema.json")(plan)
    tier = {"after": Decimal("1.5"), "price": 1}
    assert not acceptance().of("rates.schema.json", "/$defs/tier")(tier)


@pytest.mark.parametrize("value", [[], ["fee"], {}, {"a": 1}, 1, True, None])
def test_one_of_some_words_is_no_list_and_no_mapping(value: Any) -> None:
    discount = {"amount": 1, "on": value, "stack": "additive", "reason": "Thank you."}
    rules = {"rules": [{"id": "a", "when": {"plan.fee": 1}, "then": [{"discount": discount}]}]}
    facts = {"facts": {"student": {"type": value, "meaning": "Whether they study."}}}

    for kind, document in (("rules", rules), ("facts", facts)):
        assert not acceptance().of(f"{kind}.schema.json")(document)
        assert not _validator(kind).is_valid(document)
