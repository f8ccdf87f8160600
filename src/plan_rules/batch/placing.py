"""Calls put in their places once for all plans: customer, order, class, day, band, cycle."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.book import BatchBook
from plan_rules.batch.clocks import BandClock
from plan_rules.batch.columns import CallColumns, CustomerColumns, Int64s
from plan_rules.batch.cycles import MONTH_STARTS, Grid, count_rows, place_in_cycles
from plan_rules.batch.grouping import (
    count_calls,
    order_and_date,
    scatter,
    tell_numbers,
)
from plan_rules.batch.guards import Usage
from plan_rules.batch.lookup import Trie
from plan_rules.batch.packed import PACKED, SECONDS_MASK, PackedCalls
from plan_rules.batch.spans import Span, demand_customers, span_of
from plan_rules.batch.tables import PLAN_SLOTS
from plan_rules.errors import InvalidValue

Range = tuple[int, int]
"""The first, and the one after the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedBatch:
    """The calls of a batch by customer, in the order of rating.

    `records` are start, number, and place above seconds; customer c has the records `first[c]`
    up to `first[c + 1]`. `days` are local days, `edges` entries of the clock; `numbers` are the
    customer's different numbers, where a plan of the book counts them. `usage` is the most of
    any customer. `answered` counts each customer's answered calls, `seconds` those of all
    calls. `span` is that of the batch which these calls are a part of.
    """

    records: NDArray[np.int64]
    first: NDArray[np.int64]
    days: NDArray[np.int32]
    edges: NDArray[np.int32]
    numbers: NDArray[np.int32]
    clock: BandClock
    usage: Usage
    answered: NDArray[np.int32]
    seconds: int
    span: Span

    def __len__(self) -> int:
        """Return the number of calls."""
        return len(self.records)

    def between(self, start: int, end: int) -> PlacedBatch:
        """Return the calls of some customers, counted from `start`."""
        first, last = int(self.first[start]), int(self.first[end])
        records = self.records[first:last]
        return replace(
            self,
            records=records,
            first=self.first[start : end + 1] - first,
            days=self.days[first:last],
            edges=self.edges[first:last],
            numbers=self.numbers[first:last],
            answered=self.answered[start:end],
            seconds=int((records[:, PACKED] & SECONDS_MASK).sum()),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The cycles of every customer in one grid, as in `CycleTable`.

    Those of customer c are the rows `first[c]` up to `first[c + 1]`; `row_of` is each call's.
    """

    first: NDArray[np.int64]
    customer: NDArray[np.int32]
    index: NDArray[np.int32]
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    calls: NDArray[np.int32]
    seconds: NDArray[np.int64]
    row_of: NDArray[np.int32]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.customer)


def place(
    book: BatchBook,
    customers: CustomerColumns,
    calls: CallColumns | PackedCalls,
    *,
    span: Span | None = None,
) -> PlacedBatch:
    """Return the calls of all customers in their places.

    With `span` they are part of a batch that has been looked at as a whole, whose parts share
    one clock. Raises `InvalidValue` for a call of a customer, a time, a number or a duration
    that cannot be.
    """
    if isinstance(calls, CallColumns):
        span = span_of(calls) if span is None else span
        demand_customers(calls, len(customers))
        calls = PackedCalls.of(calls)
    whole = span_of(calls.columns) if span is None else span
    clock = book.clock(whole.years)
    first, records = _by_customer(calls, len(customers), book.trie)
    days = np.empty(len(calls), np.int32)
    edges = np.empty(len(calls), np.int32)
    answered = np.zeros(len(customers), np.int32)
    zones = book.zone_clock(customers.zones, whole.years)
    most_calls, most_seconds, longest, seconds = order_and_date(
        records, first, customers.zone, zones, clock, days, edges, answered
    )
    counts = bool(book.tables.plans[:, PLAN_SLOTS].any())
    numbers = np.empty(len(calls) if counts else 0, np.int32)
    if counts:
        tell_numbers(records, first, numbers)
    return PlacedBatch(
        records=records,
        first=first,
        days=days,
        edges=edges,
        numbers=numbers,
        clock=clock,
        usage=Usage(calls=most_calls, seconds=most_seconds, longest=longest),
        answered=answered,
        seconds=seconds,
        span=whole,
    )


def _by_customer(calls: PackedCalls, customers: int, trie: Trie) -> tuple[Int64s, Int64s]:
    """Return where the calls of each customer start, and the calls with their places."""
    first = np.zeros(customers + 1, np.int64)
    for rows, ranges in calls.blocks:
        count_calls(rows, ranges, calls.base, first[1:])
    np.cumsum(first, out=first)
    free = first[:-1].copy()
    records = np.empty((int(first[-1]), 3), np.int64)
    for rows, ranges in calls.blocks:
        bad = scatter(rows, ranges, calls.base, trie, free, records)
        if bad >= 0:
            _refuse(rows[bad])
    return first, records


def _refuse(row: Int64s) -> NoReturn:
    """Raise for a row that is no call."""
    call = PackedCalls.of_rows(row[None]).columns
    if call.seconds[0] < 0:
        raise InvalidValue(
            name="seconds", value=int(call.seconds[0]), expected="whole seconds, 0 or more"
        )
    raise InvalidValue(
        name="number", value=int(call.number[0]), expected="5 to 15 digits, as 525512345678"
    )


def called_days(placed: PlacedBatch) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return each customer's first day with a call, and the day after the last; equal if none."""
    customers = len(placed.first) - 1
    start = np.zeros(customers, np.int32)
    end = np.zeros(customers, np.int32)
    calls = np.diff(placed.first) > 0
    start[calls] = placed.days[placed.first[:-1][calls]]
    end[calls] = placed.days[placed.first[1:][calls] - 1] + 1
    return start, end


def rows_of(
    grid: Grid,
    customers: CustomerColumns,
    placed: PlacedBatch,
    *,
    start: NDArray[np.int32],
    end: NDArray[np.int32],
    whole: bool,
) -> Rows:
    """Return the cycles of a grid.

    Rows are the cycles with some day from `start` up to `end`; with `whole`, those within.
    """
    first_index = np.zeros(len(customers), np.int64)
    first = count_rows(grid.cut, customers.anchor, start, end, whole, MONTH_STARTS, first_index)
    count = int(first[-1])
    rows = Rows(
        first=first,
        customer=np.empty(count, np.int32),
        index=np.empty(count, np.int32),
        start=np.empty(count, np.int32),
        end=np.empty(count, np.int32),
        calls=np.zeros(count, np.int32),
        seconds=np.zeros(count, np.int64),
        row_of=np.empty(len(placed.days), np.int32),
    )
    place_in_cycles(
        grid.cut, customers.anchor, first, first_index, MONTH_STARTS, placed.first, placed.days,
        placed.records, rows.customer, rows.index, rows.start, rows.end, rows.calls,
        rows.seconds, rows.row_of,
    )  # fmt: skip
    return rows
