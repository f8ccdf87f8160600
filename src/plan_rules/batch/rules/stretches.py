"""Stretches of days between which neither a rule nor a fact of a plan changes by its date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.columns import FIRST_DATE, day_number
from plan_rules.rules.fact import AS_OF
from plan_rules.rules.literal import Among
from plan_rules.rules.normal import Alternatives

FIRST_ORDINAL = FIRST_DATE.toordinal()
"""The code of day 0 as a date."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stretches:
    """`cuts` are the first days, from 1970-01-01, of all stretches but the first."""

    cuts: NDArray[np.int64]

    @classmethod
    def of(cls, forms: Iterable[Alternatives], days: Iterable[date]) -> Stretches:
        """Return the stretches that the dates of rules in normal form, and some days, cut."""
        ordinals = {day.toordinal() for day in days if day > date.min}
        for alternatives in forms:
            for literal in (each for one in alternatives for each in one.literals):
                if literal.fact == AS_OF and isinstance(literal, Among):
                    ordinals |= {low for low, _ in literal.ranges}
                    ordinals |= {high + 1 for _, high in literal.ranges}
        inner = (each for each in sorted(ordinals) if 1 < each <= date.max.toordinal())
        return cls(cuts=np.array([each - FIRST_ORDINAL for each in inner], np.int64))

    def __len__(self) -> int:
        """Return how many stretches there are."""
        return len(self.cuts) + 1

    def at(self, days: NDArray[np.int32] | NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the stretch of each day."""
        return np.searchsorted(self.cuts, days, "right").astype(np.int64)

    def of_day(self, day: date) -> int:
        """Return the stretch of one day."""
        return int(np.searchsorted(self.cuts, day_number(day), "right"))

    @property
    def days(self) -> tuple[date, ...]:
        """A day of each stretch, that stands for all of it."""
        if not len(self.cuts):
            return (FIRST_DATE,)
        ordinals = [int(self.cuts[0]) - 1, *self.cuts.tolist()]
        return tuple(date.fromordinal(each + FIRST_ORDINAL) for each in ordinals)
