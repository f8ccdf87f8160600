"""Sums and ratios of columns of whole numbers that stay exact, or are refused."""

from __future__ import annotations

import numpy as np

from plan_rules.batch.columns import Int64s
from plan_rules.batch.laying import BeyondBatch

HALF_WORD = 32
LOW = (1 << HALF_WORD) - 1
MOST = (1 << 62) - 1
"""What a whole number may be before it is doubled once more to round it."""


def exact_sum(values: Int64s) -> int:
    """Return the sum of a column; no sum in between is cut to 64 bits."""
    return (int((values >> HALF_WORD).sum()) << HALF_WORD) + int((values & LOW).sum())


def demand_room(values: Int64s, *, times: int) -> None:
    """Raise `BeyondBatch` unless every value can be multiplied by `times` and doubled."""
    if not len(values):
        return
    most = max(int(values.max()), -int(values.min()))
    if most * times > MOST:
        raise BeyondBatch(
            name="amount", value=most, expected=f"at most {MOST // times} micros a customer"
        )


def rounded_ratios(numerators: Int64s, denominators: Int64s) -> Int64s:
    """Return ratios rounded half-up, away from zero; denominators are positive.

    The caller has seen to it that twice a numerator, and a denominator more, fits 64 bits.
    """
    sizes = (2 * np.abs(numerators) + denominators) // (2 * denominators)
    return np.where(numerators < 0, -sizes, sizes)
