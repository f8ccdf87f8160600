"""Intervals of a fact's codes within which no comparison of any rule tells two codes apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plan_rules.rules.fact import FactSpec
from plan_rules.rules.literal import Among, Literal
from plan_rules.rules.normal import Alternatives


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Intervals:
    """The intervals of one fact: `cuts` are the least codes of all but the first."""

    fact: str
    low: int
    cuts: NDArray[np.int64]

    @classmethod
    def of(cls, spec: FactSpec, literals: Iterable[Literal]) -> Intervals:
        """Return the intervals that literals of the fact cut its range into."""
        ends: set[int] = set()
        for literal in literals:
            if literal.fact == spec.name and isinstance(literal, Among):
                ends |= {low for low, _ in literal.ranges}
                ends |= {high + 1 for _, high in literal.ranges}
        inner = sorted(each for each in ends if spec.low < each <= spec.high)
        return cls(fact=spec.name, low=spec.low, cuts=np.array(inner, np.int64))

    def __len__(self) -> int:
        """Return how many intervals there are."""
        return len(self.cuts) + 1

    def at(self, codes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the interval of each code; one beyond the range lies in the nearest."""
        return np.searchsorted(self.cuts, codes, "right").astype(np.int64)

    def codes(self, intervals: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return a code of each of some intervals, that stands for all of it."""
        return np.append(np.int64(self.low), self.cuts)[intervals]


def literals_in(forms: Iterable[Alternatives]) -> tuple[Literal, ...]:
    """Return every literal of rules in normal form once."""
    found = (each for alternatives in forms for one in alternatives for each in one.literals)
    return tuple(dict.fromkeys(found))
