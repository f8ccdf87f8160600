"""The middle and the ends of how customers' months change: exact, by nearest rank."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from plan_rules.batch.columns import Int64s
from plan_rules.batch.impact.exact import demand_room, rounded_ratios

BASIS_POINTS = 10_000
"""Basis points in a whole: one is a hundredth of a percent."""

HUNDRED = 100
P50, P95 = 50, 95
FROM_NOTHING = np.iinfo(np.int64).max
"""The change of a month that cost nothing and now costs something: beyond every other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Changes in order: least, median (`p50`), `p95` and greatest; `None` where nobody can tell.

    By nearest rank: `p95` is the change that 95 of 100 customers do not exceed, and somebody
    has just that change.
    """

    least: int | None
    p50: int | None
    p95: int | None
    greatest: int | None

    @classmethod
    def of(cls, changes: Int64s) -> Spread:
        """Return the spread of changes, in any order."""
        count = len(changes)
        if not count:
            return cls(least=None, p50=None, p95=None, greatest=None)
        ranks = [0, nearest_rank(P50, count), nearest_rank(P95, count), count - 1]
        ordered = np.partition(changes, ranks)
        found = [None if ordered[rank] == FROM_NOTHING else int(ordered[rank]) for rank in ranks]
        return cls(least=found[0], p50=found[1], p95=found[2], greatest=found[3])


def nearest_rank(percent: int, count: int) -> int:
    """Return the index, from 0, of a percentile among so many values in order."""
    return max(1, -(-percent * count // HUNDRED)) - 1


def basis_points(old: Int64s, difference: Int64s) -> Int64s:
    """Return changes in basis points of the old month, each rounded half-up once.

    A rank of rounded changes is the rounded change of that rank. Where the old month cost
    nothing, the change is 0 or `FROM_NOTHING`.
    """
    demand_room(difference, times=BASIS_POINTS)
    demand_room(old, times=2)
    found = rounded_ratios(BASIS_POINTS * difference, np.maximum(old, 1))
    return np.where(old > 0, found, np.where(difference > 0, FROM_NOTHING, 0))
