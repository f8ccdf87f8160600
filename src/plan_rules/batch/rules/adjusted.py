"""Bills of a slice of customers, adjusted: what calls cost, and what the cycles ahead would."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from plan_rules.batch.book import BatchBook
from plan_rules.batch.columns import CustomerColumns, Int32s, Int64s
from plan_rules.batch.cycles import Cut
from plan_rules.batch.lanes import Measures, Units, Values
from plan_rules.batch.placing import PlacedBatch, Rows
from plan_rules.batch.rules.answers import Answers, Seen
from plan_rules.batch.rules.asking import brought_by, finish, see, share
from plan_rules.batch.rules.billing import (
    Pending,
    RowCounts,
    add_adjustments,
    adjust_rows,
    count_answered,
    runs_ahead,
)
from plan_rules.batch.sums import Horizon
from plan_rules.rules.masks import Mask

NO_COUNTS = np.zeros(0, np.int64)


def adjust_bills(
    book: BatchBook,
    answers: Answers,
    customers: CustomerColumns,
    placed: PlacedBatch,
    rows: Rows,
    *,
    on: int | None,
    plans: Int64s,
    measures: Measures,
    values: Values,
    fees: Int64s,
    totals: Int64s,
) -> Int64s:
    """Add to the totals of rows and plans what rules bring, and return it without added tax.

    Rules are asked on the first day of each cycle, or on the day `on` of all; of the usage they
    know the calls before the cycle.
    """
    history = rows.start.astype(np.int64)
    seen = see(
        book,
        answers,
        customers,
        placed,
        who=rows.customer,
        first=rows.first,
        history=history,
        day=history if on is None else np.full(len(rows), on, np.int64),
    )
    uncovered = included = None
    needs = answers.rules.needs
    if needs.covers:
        since = rows.first[rows.customer]
        whole = _before(rows.seconds[:, None], since)
        if len(measures.seconds[0]):
            uncovered = share(_before(measures.seconds.sum(axis=0), since), whole)
        if len(measures.included):
            included = share(_before(measures.included, since), whole)
    classes = answers.classes(seen, plans, uncovered=uncovered, included=included)
    nets = np.zeros_like(totals)
    pending = Pending.of(*totals.shape, most=1)
    counts = row_counts(answers, placed, rows)
    stretch = answers.rules.stretches.at(rows.start if on is None else np.full(len(rows), on))
    again = True
    while again:
        adjust_rows(
            book.flat, brought_by(answers), plans, values, measures, counts, stretch, classes,
            fees,
            pending, nets, totals,
        )  # fmt: skip
        again = finish(pending, answers, plans, totals, nets)
    return nets


def row_counts(answers: Answers, placed: PlacedBatch, rows: Rows) -> RowCounts:
    """Return what rules ask of the calls of rows, whatever the plan."""
    if not answers.rules.needs.missed:
        return RowCounts(NO_COUNTS, NO_COUNTS)
    return RowCounts(count_answered(placed.records, rows.row_of, len(rows)), rows.seconds)


@dataclass(slots=True, kw_only=True)
class Advice:
    """What rules say of customers and plans on the day that plans are compared on."""

    book: BatchBook
    answers: Answers
    seen: Seen
    placed: PlacedBatch

    @classmethod
    def of(
        cls,
        book: BatchBook,
        answers: Answers,
        customers: CustomerColumns,
        placed: PlacedBatch,
        *,
        as_of: int,
    ) -> Advice:
        """See every customer on the day `as_of`."""
        count = len(customers)
        day = np.full(count, as_of, np.int64)
        seen = see(
            book,
            answers,
            customers,
            placed,
            who=np.arange(count),
            first=np.arange(count + 1),
            history=day,
            day=day,
        )
        return cls(book=book, answers=answers, seen=seen, placed=placed)

    def classes(self, rows: Rows, units: Units, plans: Int64s, measures: Measures) -> Int32s:
        """Return the class of each unit with each plan, by bills on the values of the day."""
        uncovered = included = None
        if self.answers.rules.needs.covers:
            begin, end = rows.first[units.customer], rows.first[units.customer + 1]
            whole = _between(rows.seconds[:, None], begin, end)
            own = begin + units.shift, end + units.shift
            if len(measures.seconds[0]):
                uncovered = share(_between(measures.seconds.sum(axis=0), *own), whole)
            if len(measures.included):
                included = share(_between(measures.included, *own), whole)
        return self.answers.classes(
            self.seen.of(units.customer), plans, uncovered=uncovered, included=included
        )

    def add(
        self,
        cut: Cut,
        horizon: Horizon,
        *,
        plans: Int64s,
        units: Units,
        rows: Rows,
        measures: Measures,
        epoch: int,
        classes: Int32s,
        totals: Int64s,
    ) -> None:
        """Add to totals what rules bring to the cycles ahead that start in an epoch."""
        if not self.answers.rules.needs.adjusts:
            return
        most = 2 * horizon.cycles * int(np.diff(rows.first).max(initial=0))
        pending = Pending.of(*totals.shape, most=most)
        counts = row_counts(self.answers, self.placed, rows)
        denied = self.denied(classes)
        runs, first_run = runs_ahead(
            cut, horizon, self.answers.rules.stretches.cuts, units.customer, epoch
        )
        again = True
        while again:
            add_adjustments(
                self.book.flat, brought_by(self.answers), horizon, runs, first_run, plans,
                units, rows.first, measures, counts, epoch, classes, denied, pending, totals,
            )  # fmt: skip
            again = finish(pending, self.answers, plans, totals)

    def denied(self, classes: Int32s) -> Mask:
        """Return of which classes the intro price is not the customer's."""
        found: Mask = self.answers.denied[classes]
        return found

    def allowed(self, classes: Int32s) -> Mask:
        """Return of which classes the plan may be the customer's."""
        found: Mask = self.answers.allowed[classes]
        return found


def _sums(values: Int64s) -> Int64s:
    """Return the sums of all rows before each, and last of all."""
    found = np.zeros((values.shape[0] + 1, values.shape[1]), np.int64)
    np.cumsum(values, axis=0, out=found[1:])
    return found


def _between(values: Int64s, begin: Int64s, end: Int64s) -> Int64s:
    """Return the sums of the rows from `begin` to `end` (exclusive)."""
    sums = _sums(values)
    return sums[end] - sums[begin]


def _before(values: Int64s, since: Int64s) -> Int64s:
    """Return, for each row, the sum of the rows from `since` to before it."""
    return _between(values, since, np.arange(len(since)))
