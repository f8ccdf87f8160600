"""Many customers' calls on every plan: from columns to bills."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.bills import CycleBills, CycleTable
from plan_rules.batch.book import BatchBook
from plan_rules.batch.columns import NO_DAY, CallColumns, CustomerColumns, day_number, day_of
from plan_rules.batch.cycles import MONTH_STARTS, Cut, Grid, join_cycles
from plan_rules.batch.fast import look_up, rate_fast
from plan_rules.batch.fast_tables import CallRows, FastState, FastTables
from plan_rules.batch.guards import demand_exact, fits_fast
from plan_rules.batch.held import SLICE_CALLS, HeldCalls
from plan_rules.batch.in_order import in_order
from plan_rules.batch.lanes import NEVER, Measures, Placed, Units, Values, rate_exactly, settle
from plan_rules.batch.placing import PlacedBatch, Range, Rows, called_days, place, rows_of
from plan_rules.batch.rules.adjusted import adjust_bills
from plan_rules.batch.rules.answers import Answers
from plan_rules.batch.rules.asking import answers_of
from plan_rules.batch.rules.needs import NO_NEEDS, Needs
from plan_rules.batch.tables import PLAN_STEP
from plan_rules.errors import UnknownId
from plan_rules.periods import DAY_SECONDS

NO_COUNTRY = -2
"""A chosen country that no number leads to."""

OUTCOMES = 3
"""What becomes of a call that is not rated: blocked, uncovered, unrated."""


def price(
    book: BatchBook,
    *,
    customers: CustomerColumns,
    calls: CallColumns,
    values_on: date | None = None,
    plans: Collection[str] | None = None,
    threads: int = 1,
    detail: bool = True,
    slice_calls: int = SLICE_CALLS,
) -> CycleBills:
    """Return what the calls cost every customer on every plan, cycle by cycle.

    The same micros as `rating`. Without `values_on` as `rate` says it: each call by the values
    in force on its own date, each cycle by those at its start, the intro price from `since`;
    a row for every cycle from that of a customer's first call to that of the last. With
    `values_on` the values of that day hold for all of it, without the intro price. With
    `plans`, some ids of the book, these alone are priced. `detail` adds what became of calls.
    `threads` work on customers side by side, about `slice_calls` calls at a time; neither
    changes a result.

    Raises `InvalidValue` for calls that cannot be, `UnknownId` for a plan the book does not
    have, `BeyondBatch` for calls that could cost more than 64 bits hold.
    """
    held = HeldCalls.of(calls, customers=len(customers))

    def priced(each: Range) -> CycleBills:
        placed = place(book, customers.between(*each), held.between(*each), span=held.span)
        return price_placed(
            book, customers.between(*each), placed, values_on=values_on, plans=plans, detail=detail
        )

    pieces = list(in_order(priced, held.slices(calls=slice_calls), threads=threads))
    if not pieces:
        pieces = [priced((0, 0))]
    return CycleBills.joined(pieces)


def price_placed(
    book: BatchBook,
    customers: CustomerColumns,
    placed: PlacedBatch,
    *,
    values_on: date | None,
    plans: Collection[str] | None = None,
    detail: bool = True,
) -> CycleBills:
    """Return what calls in their places cost, as `price` does."""
    demand_exact(book.ceiling, placed.usage)
    with answers_of(book) as answers:
        pricing = _Pricing(
            book=book,
            customers=customers,
            placed=placed,
            values_on=values_on,
            detail=detail,
            answers=answers,
        )
        return CycleBills(
            plan_ids=book.plan_ids,
            currency=book.currency,
            digest=book.digest,
            customers=len(customers),
            tables=tuple(pricing.table(grid) for grid in _grids(book, plans)),
        )


def _grids(book: BatchBook, plans: Collection[str] | None) -> Iterator[Grid]:
    """Yield the grids of some plans, all if none are told."""
    if plans is None:
        yield from book.grids
        return
    for each in plans:
        if each not in book.plan_ids:
            raise UnknownId(kind="plan", value=each, known=book.plan_ids)
    for grid in book.grids:
        if kept := tuple(plan for plan in grid.plans if book.plan_ids[plan] in plans):
            yield replace(grid, plans=kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pricing:
    """Calls being priced, by the values of one day or of their own."""

    book: BatchBook
    customers: CustomerColumns
    placed: PlacedBatch
    values_on: date | None
    detail: bool
    answers: Answers | None

    @property
    def fixed(self) -> int:
        """The epoch of all values, or -1."""
        return -1 if self.values_on is None else self.book.epoch_index(self.values_on)

    def table(self, grid: Grid) -> CycleTable:
        """Return the bills of the plans of one grid."""
        start, end = called_days(self.placed)
        rows = rows_of(grid, self.customers, self.placed, start=start, end=end, whole=False)
        answers, needs = self.answers, measured_for(self.book)
        detail = self.detail or needs.missed
        measures = new_measures(
            len(rows), len(grid.plans), detail=detail, taxed=self.book.tax.added, needs=needs
        )
        epoch_days = np.array([NO_DAY, *map(day_number, self.book.epochs[1:])], np.int64)
        row_epoch = np.searchsorted(epoch_days, rows.start, "right") - 1
        values = Values(self.fixed, row_epoch.astype(np.int32))
        count = len(self.customers)
        units = Units(
            np.arange(count), chosen_countries(self.book, self.customers), np.zeros(count, np.int64)
        )
        lanes = Lanes.of(self.book, self.placed, grid.plans, fixed=self.fixed)
        rate_units(
            self.book, self.placed, rows, units, lanes, values, measures,
            detail=detail, misses=False,
        )  # fmt: skip
        totals = np.empty((len(rows), len(grid.plans)), np.int64)
        fees = np.empty_like(totals)
        plans = np.array(grid.plans, np.int64)
        settle(
            self.book.flat, self.book.tax, plans, measures, values, rows.customer, rows.index,
            self._joined(grid.cut), self.customers.plan, fees, totals,
        )  # fmt: skip
        table = _table(grid, rows, measures, fees, totals, detail=self.detail)
        if answers is None or not needs.adjusts:
            return table
        adjustments = adjust_bills(
            self.book,
            answers,
            self.customers,
            self.placed,
            rows,
            on=None if self.values_on is None else day_number(self.values_on),
            plans=plans,
            measures=measures,
            values=values,
            fees=fees,
            totals=totals,
        )
        return replace(table, adjustments_micros=adjustments)

    def _joined(self, cut: Cut) -> NDArray[np.int64]:
        """Return the cycle in which each customer's intro price began, or `NEVER`."""
        if self.fixed >= 0:
            return np.full(len(self.customers), NEVER, np.int64)
        return join_cycles(
            cut, self.customers.anchor, self.customers.since, NO_DAY, NEVER, MONTH_STARTS
        )


def chosen_countries(book: BatchBook, customers: CustomerColumns) -> NDArray[np.int64]:
    """Return each customer's chosen country as the book numbers them, `NO_COUNTRY` for none."""
    known = {country: index for index, country in enumerate(book.countries)}
    codes = np.array([*(known.get(each, NO_COUNTRY) for each in customers.countries), NO_COUNTRY])
    return codes[customers.chosen]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """Plans by the lane that rates them; each has its place among what is measured."""

    fast: FastTables | None
    plans: NDArray[np.int64]
    columns: NDArray[np.int64]

    @classmethod
    def of(cls, book: BatchBook, placed: PlacedBatch, plans: Sequence[int], *, fixed: int) -> Lanes:
        """Return the lanes of plans; `fixed` is the epoch of all values, or -1."""
        fast = None
        step = int(book.tables.plans[:, PLAN_STEP].max(initial=1))
        needs = measured_for(book)
        extra = needs.paid or needs.included
        if not extra and not book.tax.added and fits_fast(book.ceiling, placed.usage, step):
            fast = book.fast(placed.clock, plans, _epochs_met(book, placed, fixed))
        plain = set() if fast is None else set(fast.plans.tolist())
        rare = [(column, plan) for column, plan in enumerate(plans) if plan not in plain]
        return cls(
            fast=fast,
            plans=np.array([plan for _, plan in rare], np.int64),
            columns=np.array([column for column, _ in rare], np.int64),
        )


def _epochs_met(book: BatchBook, placed: PlacedBatch, fixed: int) -> list[tuple[int, int]]:
    """Return the pairs of epochs, of the cycle and of the call, that calls can meet."""
    if fixed >= 0:
        return [(fixed, fixed)]
    if placed.span.is_empty:
        return []
    # A day may begin earlier or later in the zone of the catalog than in the customer's.
    first_day = day_of(placed.span.earliest // DAY_SECONDS - 1)
    last_day = day_of(placed.span.latest // DAY_SECONDS + 1)
    longest = max(grid.cut.months * 31 + grid.cut.days for grid in book.grids)
    least = book.epoch_index(first_day - timedelta(days=longest))
    first, last = book.epoch_index(first_day), book.epoch_index(last_day)
    return [(terms, epoch) for epoch in range(first, last + 1) for terms in range(least, last + 1)]


def rate_units(
    book: BatchBook,
    placed: PlacedBatch,
    rows: Rows,
    units: Units,
    lanes: Lanes,
    values: Values,
    measures: Measures,
    *,
    detail: bool,
    misses: bool,
) -> None:
    """Rate units on plans, each plan into its column of the measures."""
    calls = Placed(
        placed.records,
        placed.first,
        placed.days,
        placed.edges,
        placed.numbers,
        rows.row_of,
        book.place_class,
        book.place_country,
    )
    state = book.state_sizes.state(placed.usage.calls)
    if lanes.fast is not None:
        found = CallRows.room(len(placed))
        look_up(lanes.fast, placed.clock, calls, found, units, values, measures, misses)
        rate_fast(
            lanes.fast, book.flat, placed.clock, calls, state, found, FastState.new(lanes.fast),
            units, values, measures, detail, misses,
        )  # fmt: skip
    if len(lanes.plans):
        rate_exactly(
            book.flat, book.tax, placed.clock, calls, state, units, lanes.plans, lanes.columns,
            values, measures, detail, misses,
        )  # fmt: skip


def measured_for(book: BatchBook) -> Needs:
    """Return what the rules of a book need to be measured."""
    return NO_NEEDS if book.rules is None else book.rules.needs


def new_measures(
    rows: int, plans: int, *, detail: bool, taxed: bool, needs: Needs = NO_NEEDS
) -> Measures:
    """Return room for what is measured of rows and plans, all 0."""
    none = np.zeros((0, 0), np.int64)
    usage = np.zeros((rows, plans), np.int64)
    volume = np.zeros((rows, plans), np.int64)
    told = (rows, plans) if detail else (0, 0)
    return Measures(
        usage=usage,
        usage_gross=np.zeros((rows, plans), np.int64) if taxed else usage,
        volume=volume,
        volume_gross=np.zeros((rows, plans), np.int64) if taxed else volume,
        calls=np.zeros((OUTCOMES, *told), np.int32),
        seconds=np.zeros((OUTCOMES, *told), np.int64),
        overage=np.zeros(told, np.int64),
        missed=np.zeros((0, 0), np.uint64),
        paid=np.zeros((rows, plans), np.int64) if needs.paid else none,
        included=np.zeros((rows, plans), np.int64) if needs.included else none,
    )


def _table(
    grid: Grid,
    rows: Rows,
    measures: Measures,
    fees: NDArray[np.int64],
    totals: NDArray[np.int64],
    *,
    detail: bool,
) -> CycleTable:
    blocked, uncovered, unrated = measures.calls if detail else (None, None, None)
    blocked_s, uncovered_s, unrated_s = measures.seconds if detail else (None, None, None)
    return CycleTable(
        length=grid.length,
        calendar=grid.calendar,
        plans=grid.plans,
        customer=rows.customer,
        index=rows.index,
        start=rows.start,
        end=rows.end,
        calls=rows.calls,
        seconds=rows.seconds,
        total_micros=totals,
        usage_micros=measures.usage,
        usage_gross_micros=measures.usage_gross,
        volume_micros=measures.volume,
        volume_gross_micros=measures.volume_gross,
        fee_micros=fees,
        blocked_calls=blocked,
        uncovered_calls=uncovered,
        unrated_calls=unrated,
        blocked_seconds=blocked_s,
        uncovered_seconds=uncovered_s,
        unrated_seconds=unrated_s,
        overage_seconds=measures.overage if detail else None,
    )
