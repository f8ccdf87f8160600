"""The compiled question accepts exactly what the full validator accepts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

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
    for kind in ("catalog", "zone", "bands", "rates", "plan"):
        assert acceptance().of(f"{kind}.schema.json")(value) == _validator(kind).is_valid(value)


@settings(max_examples=300)
@given(rows=st.dictionaries(st.one_of(WORDS, KEYS), RATES, min_size=1, max_size=3))
def test_rates_are_judged_alike(rows: dict[str, Any]) -> None:
    table = {"rate-table": "standard", "rates": rows}

    assert acceptance().of("rates.schema.json")(table) == _validator("rates").is_valid(table)


def test_true_is_no_number_and_a_fraction_no_whole_number() -> None:
    for fee in (True, None, "3"):
        plan = {"plan": "a", "name": "A", "kind": "unlimited", "fee": fee}
        assert not acceptance().of("plan.schema.json")(plan)
    tier = {"after": Decimal("1.5"), "price": 1}
    assert not acceptance().of("rates.schema.json", "/$defs/tier")(tier)
