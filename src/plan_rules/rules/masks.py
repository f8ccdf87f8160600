"""Masks: where in a column of codes a literal holds.

The code of a row that does not know the fact may be anything, and so may what is said of it here;
`columns` takes such rows out. This module needs numpy.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from plan_rules.rules.fact import FactSpec
from plan_rules.rules.literal import Among, Members, Ranges, without

Codes = NDArray[np.integer]
Mask = NDArray[np.bool_]
Ask = Callable[[Codes], Mask]
"""Answers a literal for a column of codes of any integer type."""

MOST_COMPARISONS = 6
"""With more comparisons than these a literal is looked up in a table, if the table is small."""

MOST_ENTRIES = 65_536
"""The largest table that answers a literal."""


def asking(literal: Among | Members, spec: FactSpec) -> Ask:
    """Return what answers a literal of this fact in the fewest passes over its codes."""
    if isinstance(literal, Members):
        return _of_members(literal)
    gaps = without(literal.ranges, low=spec.low, high=spec.high)
    inside, outside = _of_ranges(literal.ranges, spec), _of_ranges(gaps, spec)
    if min(len(inside), len(outside)) > MOST_COMPARISONS and spec.high - spec.low < MOST_ENTRIES:
        return _of_table(literal, spec)
    if len(outside) < len(inside):
        return lambda codes: ~_any(outside, codes)
    return lambda codes: _any(inside, codes)


def _any(tests: list[Ask], codes: Codes) -> Mask:
    found = tests[0](codes) if tests else np.zeros(codes.shape, dtype=np.bool_)
    for test in tests[1:]:
        found |= test(codes)
    return found


def _of_ranges(ranges: Ranges, spec: FactSpec) -> list[Ask]:
    """Return a test for each range; the ends of the fact's own range need not be compared."""
    return [_of_range(low, high, spec) for low, high in ranges]


def _of_range(low: int, high: int, spec: FactSpec) -> Ask:
    if low == high:
        return lambda codes: codes == low
    if low == spec.low:
        return lambda codes: codes <= high
    if high == spec.high:
        return lambda codes: codes >= low
    return lambda codes: (codes >= low) & (codes <= high)


def _of_table(literal: Among, spec: FactSpec) -> Ask:
    low = spec.low
    entries = np.array([literal.holds(code) for code in range(low, spec.high + 1)], dtype=np.bool_)
    return lambda codes: entries.take(codes.astype(np.int64) - low, mode="clip")


def _of_members(literal: Members) -> Ask:
    has, lacks, some = literal.has, literal.lacks, literal.some

    def ask(codes: Codes) -> Mask:
        words = codes.astype(np.int64, copy=False)
        found: Mask = (words & (has | lacks)) == has
        for mask in some:
            found &= (words & mask) != 0
        return found

    return ask
