"""How far customers' months change, counted in ranges of percent."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from plan_rules.batch.columns import Int64s
from plan_rules.batch.impact.exact import demand_room

WHOLE = 100

EDGES = (1, 5, 10, 20, 50)
"""Percent at which a range ends and the next begins, upwards and downwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Changes in percent of the old month: more than `over` and at most `up_to`, upwards.

    Downwards, below 0, at least `over` and less than `up_to`; a change of just 5 % so lies in
    the range nearer to 0 either way. `None` is no bound. The range from 0 to 0 is no change.
    `from_zero` are months that cost nothing and now cost something.
    """

    over: int | None
    up_to: int | None
    from_zero: bool = False


_UP = (*(Range(over=low, up_to=high) for low, high in pairwise((0, *EDGES))),)
_DOWN = tuple(Range(over=-(each.up_to or 0), up_to=-(each.over or 0)) for each in reversed(_UP))
RANGES = (
    Range(over=None, up_to=-EDGES[-1]),
    *_DOWN,
    Range(over=0, up_to=0),
    *_UP,
    Range(over=EDGES[-1], up_to=None),
    Range(over=None, up_to=None, from_zero=True),
)
"""The ranges, from the largest fall to the largest rise."""


def range_counts(old: Int64s, difference: Int64s) -> tuple[int, ...]:
    """Count the changes of months in each of `RANGES`, exactly; `old` is not below 0."""
    demand_room(old, times=WHOLE)
    demand_room(difference, times=WHOLE)
    counts = np.bincount(_places(old, difference), minlength=len(RANGES))
    return tuple(counts.tolist())


def _places(old: Int64s, difference: Int64s) -> Int64s:
    """Return the index of the range of each change: how many limits it lies beyond."""
    hundredfold = WHOLE * difference
    places = np.zeros(len(old), np.int64)
    for limit in reversed(EDGES):
        places += hundredfold >= -limit * old
    places += hundredfold >= 0
    places += hundredfold > 0
    for limit in EDGES:
        places += hundredfold > limit * old
    places[(old == 0) & (difference > 0)] = len(RANGES) - 1
    return places
