"""Splitting an amount loses nothing, and rounding stays within its step."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from plan_rules.money import (
    Rounding,
    RoundingMode,
    allocate,
    format_micros,
    parse_micros,
    round_ratio,
)

AMOUNTS = st.integers(-(10**18), 10**18)


@given(AMOUNTS, st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any))
def test_the_parts_of_an_allocation_sum_to_the_whole_and_are_fair(
    micros: int, weights: list[int]
) -> None:
    parts = allocate(micros, weights=weights)
    assert sum(parts) == micros
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(micros * weight, sum(weights))) < 1


@given(AMOUNTS, st.integers(1, 10**9), st.sampled_from(RoundingMode))
def test_rounding_is_the_nearest_step_its_mode_allows(
    numerator: int, denominator: int, mode: RoundingMode
) -> None:
    exact = Fraction(numerator, denominator)
    rounded = round_ratio(numerator=numerator, denominator=denominator, mode=mode)
    assert abs(rounded - exact) < 1
    if mode in {RoundingMode.HALF_UP, RoundingMode.HALF_EVEN}:
        assert abs(rounded - exact) <= Fraction(1, 2)
    if mode is RoundingMode.HALF_EVEN:
        assert rounded == round(exact)
    if mode is RoundingMode.UP:
        assert abs(rounded) >= abs(exact)
    if mode is RoundingMode.DOWN:
        assert abs(rounded) <= abs(exact)


@given(AMOUNTS, st.integers(1, 10**7), st.sampled_from(RoundingMode))
def test_a_rounded_amount_is_a_multiple_of_its_step(
    micros: int, step: int, mode: RoundingMode
) -> None:
    assert Rounding(step_micros=step, mode=mode).apply(numerator=micros) % step == 0


@given(AMOUNTS)
def test_writing_and_reading_an_amount_is_the_identity(micros: int) -> None:
    assert parse_micros(format_micros(micros)) == micros
