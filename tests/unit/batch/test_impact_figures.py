"""Ranks, ranges and conditions: what a comparison tells, and what can be asked of it."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_rules.batch.impact.conditions import Condition, UnreadableCondition
from plan_rules.batch.impact.exact import demand_room, exact_sum, rounded_ratios
from plan_rules.batch.impact.figures import FIGURES, Value
from plan_rules.batch.impact.histogram import RANGES, range_counts
from plan_rules.batch.impact.spread import Spread, basis_points, nearest_rank
from plan_rules.batch.laying import BeyondBatch
from plan_rules.errors import UnknownId
from plan_rules.money import RoundingMode, round_ratio

NUMBERS = st.integers(-(2**63), 2**63 - 1)


@given(st.lists(NUMBERS))
def test_sums_are_exact_beyond_64_bits(values: list[int]) -> None:
    assert exact_sum(np.array(values, np.int64)) == sum(values)


@given(st.lists(st.tuples(st.integers(-(2**60), 2**60), st.integers(1, 2**60)), min_size=1))
def test_ratios_are_rounded_as_money_is(pairs: list[tuple[int, int]]) -> None:
    numerators, denominators = (np.array(each, np.int64) for each in zip(*pairs, strict=True))
    assert rounded_ratios(numerators, denominators).tolist() == [
        round_ratio(numerator=a, denominator=b, mode=RoundingMode.HALF_UP) for a, b in pairs
    ]


def test_what_64_bits_cannot_hold_is_refused() -> None:
    values = np.array([2**52], np.int64)
    demand_room(values, times=1000)
    with pytest.raises(BeyondBatch):
        demand_room(values, times=10_000)


@pytest.mark.parametrize(
    ("percent", "count", "rank"),
    [(50, 1, 1), (50, 2, 1), (50, 3, 2), (95, 1, 1), (95, 20, 19), (95, 21, 20), (95, 100, 95)],
)
def test_a_rank_is_the_nearest_from_above(percent: int, count: int, rank: int) -> None:
    assert nearest_rank(percent, count) == rank - 1


def test_a_month_that_cost_nothing_has_no_percentage() -> None:
    points = basis_points(np.array([0, 0, 200]), np.array([5, 0, 1]))
    assert Spread.of(points[1:]) == Spread(least=0, p50=0, p95=50, greatest=50)
    assert Spread.of(points) == Spread(least=0, p50=50, p95=None, greatest=None)
    assert Spread.of(points[:0]) == Spread(least=None, p50=None, p95=None, greatest=None)


@pytest.mark.parametrize(
    ("old", "change", "over", "up_to"),
    [
        (100, 0, 0, 0),
        (0, 0, 0, 0),
        (100, 1, 0, 1),
        (100, 5, 1, 5),
        (1000, 51, 5, 10),
        (100, 51, 50, None),
        (100, -5, -5, -1),
        (1000, -51, -10, -5),
        (100, -50, -50, -20),
        (100, -51, None, -50),
    ],
)
def test_a_change_on_an_edge_is_in_the_range_nearer_to_nothing(
    old: int, change: int, over: int | None, up_to: int | None
) -> None:
    counts = range_counts(np.array([old]), np.array([change]))
    (found,) = (each for each, count in zip(RANGES, counts, strict=True) if count)
    assert (found.over, found.up_to, found.from_zero) == (over, up_to, False)


def test_who_paid_nothing_is_in_a_range_of_their_own() -> None:
    counts = range_counts(np.array([0, 10]), np.array([1, 0]))
    assert RANGES[-1].from_zero
    assert (counts[-1], sum(counts)) == (1, 2)


def figures(**known: Value) -> dict[str, Value]:
    return {**dict.fromkeys(FIGURES), **known}


@pytest.mark.parametrize(
    ("text", "value", "holds"),
    [
        ("share_up_5pct>0", Fraction(1, 300), True),
        ("share_up_5pct > 0.5%", Fraction(1, 200), False),
        ("share_up_5pct > 0.5%", Fraction(3, 500), True),
        ("share_up_5pct>=0.005", Fraction(1, 200), True),
        ("max_change_micros>1USD", 1_000_000, False),
        ("max_change_micros>=1.000000USD", 1_000_000, True),
        ("max_change_micros<1000000.5", 1_000_000, True),
        ("difference_month_micros<-5 USD", -5_000_001, True),
        ("p95_change_bp>5%", 501, True),
        ("p95_change_bp<=500", 500, True),
        ("up==3", 3, True),
        ("up==3", 4, False),
        ("up>0", None, None),
    ],
)
def test_conditions_compare_exactly(text: str, value: Value, holds: bool | None) -> None:  # noqa: FBT001
    condition = Condition.parse(text, currency="USD")
    assert condition.holds(figures(**{condition.figure: value})) is holds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "up",
        "up>",
        "up=3",
        "up!=3",
        "up>three",
        "up>3%",
        "up>3USD",
        "up>0 up>1",
        "share_up>5",
        "share_up>-1%",
        "share_up>1USD",
        "max_change_micros>5%",
        "max_change_micros>5EUR",
        "max_change_bp>1USD",
        "up>1e3",
    ],
)
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(UnreadableCondition) as refused:
        Condition.parse(text, currency="USD")
    assert refused.value.text == text


def test_a_figure_that_is_none_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownId) as refused:
        Condition.parse("share_up_5pc>0", currency="USD")
    assert refused.value.kind == "figure"
    assert "share_up_5pct" in refused.value.closest
