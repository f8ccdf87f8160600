"""Some customers compared: their calls put in place once, then priced and ranked by either side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.columns import CallColumns, CustomerColumns, FactColumns, Int32s, Int64s
from plan_rules.batch.impact.present import (
    PresentCosts,
    Run,
    present_costs,
    with_idle,
)
from plan_rules.batch.impact.sides import Side, Sides
from plan_rules.batch.impact.sums import BestChanges, Compared
from plan_rules.batch.placing import PlacedBatch, place
from plan_rules.batch.ranking import Terms, rank_placed
from plan_rules.batch.spans import Span, span_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedSlice:
    """What customers from `start` to `end` (exclusive) pay by either side, and are advised.

    `calls` are those the customers made, and one of nobody's for each who made none.
    """

    start: int
    end: int
    made: int
    calls: CallColumns
    compared: Compared
    old: PresentCosts
    new: PresentCosts
    best: BestChanges


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparer:
    """How customers are compared: by which catalogs, on which day, by the values of which.

    `customers` are all; `facts` is what each catalog knows of them; `on_both` tells which of
    them are on a plan that both catalogs have.
    """

    sides: Sides
    customers: CustomerColumns
    facts: tuple[FactColumns | None, ...]
    on_both: NDArray[np.bool_]
    as_of: date
    values_on: date

    def compare(self, start: int, end: int, calls: CallColumns, *, span: Span) -> ComparedSlice:
        """Compare some customers, whose calls count them from `start`.

        `span` is that of these calls or more. Raises what `place`, `price` and `best` raise.
        """
        columns = self.customers.between(start, end)
        billed, idle = with_idle(columns, calls, on=self.values_on)
        if len(idle):
            span = span.with_(span_of(billed))
        is_idle = np.zeros(end - start, np.bool_)
        is_idle[idle] = True
        on_both = self.on_both[start:end]
        order = _Order.of(np.where(on_both, columns.plan, -1), is_idle)
        mine = columns.taken(order.order)
        facts = [
            None if each is None else each.between(start, end).taken(order.order)
            for each in self.facts
        ]
        placed = _placed(self.sides, mine, order.moved(billed), span)

        def costs(side: Side, calls: PlacedBatch) -> PresentCosts:
            return present_costs(
                side,
                customers=side.customers(mine, facts[side.number]),
                placed=calls,
                runs=order.runs,
                values_on=self.values_on,
            )

        def advised(side: Side, calls: PlacedBatch) -> Int32s:
            everyone = side.customers(mine, facts[side.number])
            return self._advised(side, everyone.between(0, order.callers), calls)

        old, new = _by_both(self.sides, placed, costs)
        kept = np.flatnonzero(on_both)
        there = order.place_of[kept]
        compared = Compared(
            customer=kept + start,
            plan=columns.plan[kept].astype(np.int64),
            is_idle=is_idle[kept].astype(np.int64),
            old_bills=old.cycles[there],
            new_bills=new.cycles[there],
            old_total=old.total_micros[there],
            new_total=new.total_micros[there],
            old_month=old.month_micros[there],
            new_month=new.month_micros[there],
        )
        return ComparedSlice(
            start=start,
            end=end,
            made=len(calls),
            calls=billed,
            compared=compared,
            old=old,
            new=new,
            best=_best_changes(
                self.sides, *_by_both(self.sides, placed, advised), customers=end - start
            ),
        )

    def _advised(self, side: Side, callers: CustomerColumns, placed: PlacedBatch) -> Int32s:
        """Return which plan a side advises to the first customers, those who made calls."""
        found = rank_placed(
            side.batch_book,
            callers,
            placed.between(0, len(callers)),
            Terms(as_of=self.as_of, ranks=1),
        )
        return found.advised


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """Customers in the order of comparing: the `callers` who made calls first, each by plan.

    `order` are the customers by their new place, `place_of` the places by customer. `runs` are
    the customers who are beside each other on one plan.
    """

    order: Int64s
    place_of: Int32s
    callers: int
    runs: tuple[Run, ...]

    @classmethod
    def of(cls, plan: Int32s, is_idle: NDArray[np.bool_]) -> _Order:
        """Return the order of customers on such plans, -1 for none that is priced."""
        order = np.lexsort((plan, is_idle))
        place_of = np.empty(len(order), np.int32)
        place_of[order] = np.arange(len(order), dtype=np.int32)
        plans, idle = plan[order], is_idle[order]
        breaks = 1 + np.flatnonzero((np.diff(plans) != 0) | (idle[1:] != idle[:-1]))
        runs = pairwise([0, *breaks.tolist(), len(order)])
        return cls(
            order=order,
            place_of=place_of,
            callers=int(np.count_nonzero(~is_idle)),
            runs=tuple((int(plans[at]), at, end) for at, end in runs if plans[at] >= 0),
        )

    def moved(self, calls: CallColumns) -> CallColumns:
        """Return the calls of the customers at their places."""
        return replace(calls, customer=self.place_of[calls.customer])


def _placed(
    sides: Sides, customers: CustomerColumns, calls: CallColumns, span: Span
) -> tuple[PlacedBatch, PlacedBatch]:
    """Return calls in their places by either side, which are often the same."""
    old = place(sides.old.batch_book, customers, calls, span=span)
    if sides.place_alike:
        return old, old
    return old, place(sides.new.batch_book, customers, calls, span=span)


def _by_both(
    sides: Sides,
    placed: tuple[PlacedBatch, PlacedBatch],
    work: Callable[[Side, PlacedBatch], T],
) -> tuple[T, T]:
    """Return what work finds by either side; what is one catalog is worked on once."""
    old = work(sides.old, placed[0])
    return old, old if sides.are_one else work(sides.new, placed[1])


def _best_changes(sides: Sides, old: Int32s, new: Int32s, *, customers: int) -> BestChanges:
    """Count who is advised which plan; who made no call is advised none."""
    known = np.flatnonzero((old >= 0) & (new >= 0))
    pairs, counts = np.unique(np.stack([old[known], new[known]]), axis=1, return_counts=True)
    before, after = sides.old.batch_book.plan_ids, sides.new.batch_book.plan_ids
    moves = Counter(
        {
            (before[one], after[other]): count
            for one, other, count in zip(*pairs.tolist(), counts.tolist(), strict=True)
        }
    )
    return BestChanges(moves=moves, undecided=customers - len(known))
