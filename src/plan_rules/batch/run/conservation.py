"""Nothing is lost and nothing counted twice: what went in is what came out, or it is said.

Calls read are calls admitted and rows rejected. Calls admitted are, on every plan, calls rated,
blocked, uncovered and unrated, and their seconds likewise. A customer has each cycle once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
import numpy.typing as npt

from plan_rules.batch.bills import CycleBills, CycleTable
from plan_rules.errors import PlanRulesError

OUTCOMES = ("blocked", "uncovered", "unrated")
"""What may become of a call that is not rated."""

NOT_RATED = tuple(f"{outcome}_{unit}" for outcome in OUTCOMES for unit in ("calls", "seconds"))
"""The columns that count them."""


class NotConserved(PlanRulesError, RuntimeError):
    """Calls, seconds or rows were lost or counted twice; nothing of the batch may be used.

    `what` was counted twice over, `expected` before and `found` after.
    """

    def __init__(self, *, what: str, expected: int, found: int) -> None:
        """Keep both counts."""
        self.what = what
        self.expected = expected
        self.found = found
        super().__init__(f"{what}: {expected} went in and {found} came out; do not use the results")


def demand(what: str, *, expected: int, found: int) -> None:
    """Raise `NotConserved` unless both counts are one."""
    if expected != found:
        raise NotConserved(what=what, expected=int(expected), found=int(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What some customers' bills hold: `rows`, `calls` and their `seconds`, and outcomes.

    `calls` and `seconds` are of the calls priced. The outcomes have a count for each plan, in
    the order of the book: calls and their seconds that were not rated.
    """

    rows: int
    calls: int
    seconds: int
    blocked_calls: tuple[int, ...]
    uncovered_calls: tuple[int, ...]
    unrated_calls: tuple[int, ...]
    blocked_seconds: tuple[int, ...]
    uncovered_seconds: tuple[int, ...]
    unrated_seconds: tuple[int, ...]

    @classmethod
    def nothing(cls, plans: int) -> Self:
        """Return the tally of no calls on so many plans, 0 where there are no bills."""
        none = (0,) * plans
        return cls(rows=0, calls=0, seconds=0, **dict.fromkeys(NOT_RATED, none))

    @classmethod
    def without_bills(cls, *, calls: int, seconds: int) -> Self:
        """Count calls that were ranked by only, so that nobody knows what became of each."""
        return cls(rows=0, calls=calls, seconds=seconds, **dict.fromkeys(NOT_RATED, ()))

    @classmethod
    def of(cls, bills: CycleBills, *, calls: int, seconds: int) -> Self:
        """Count the bills of some calls; raise `NotConserved` if they do not hold them all.

        Without detail the bills tell no outcomes, and all calls count as rated.
        """
        found = {name: [0] * len(bills.plan_ids) for name in NOT_RATED}
        for table in bills.tables:
            demand("calls", expected=calls, found=int(table.calls.sum(dtype=np.int64)))
            demand("seconds", expected=seconds, found=int(table.seconds.sum(dtype=np.int64)))
            _demand_cycles_apart(table)
            for unit in ("calls", "seconds"):
                _add_outcomes(table, unit, found)
        return cls(
            rows=sum(len(table) for table in bills.tables),
            calls=calls,
            seconds=seconds,
            **{name: tuple(each) for name, each in found.items()},
        )

    def __add__(self, other: Self) -> Self:
        """Return the tally of both."""
        return type(self)(
            rows=self.rows + other.rows,
            calls=self.calls + other.calls,
            seconds=self.seconds + other.seconds,
            **{
                name: tuple(
                    a + b for a, b in zip(getattr(self, name), getattr(other, name), strict=True)
                )
                for name in NOT_RATED
            },
        )

    def as_line(self) -> dict[str, object]:
        """Return the tally as plain values."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @classmethod
    def of_line(cls, line: Mapping[str, object]) -> Self:
        """Return the tally that plain values tell."""
        known = {each.name: line[each.name] for each in fields(cls)}
        return cls(**{k: tuple(v) if isinstance(v, list) else v for k, v in known.items()})  # type: ignore[arg-type]


def _add_outcomes(table: CycleTable, unit: str, found: dict[str, list[int]]) -> None:
    """Count the outcomes of a table's plans; there are never more than calls were made."""
    rated = getattr(table, unit)[:, None].astype(np.int64)
    for outcome in OUTCOMES:
        counts = getattr(table, f"{outcome}_{unit}")
        if counts is None:
            return
        rated = rated - counts
        sums = counts.sum(axis=0, dtype=np.int64)
        for plan, more in zip(table.plans, sums.tolist(), strict=True):
            found[f"{outcome}_{unit}"][plan] += more
    if rated.size and rated.min() < 0:
        total = int(getattr(table, unit).sum(dtype=np.int64))
        raise NotConserved(what=f"rated {unit}", expected=total, found=int(rated.min()))


def _demand_cycles_apart(table: CycleTable) -> None:
    """Raise `NotConserved` if a customer has a cycle twice, or two that overlap."""
    if len(table) == 0:
        return
    same = table.customer[1:] == table.customer[:-1]
    later = table.customer[1:] > table.customer[:-1]
    apart: npt.NDArray[np.bool_] = later | (same & (table.start[1:] >= table.end[:-1]))
    distinct = 1 + int(np.count_nonzero(apart))
    demand("cycles of customers", expected=len(table), found=distinct)
