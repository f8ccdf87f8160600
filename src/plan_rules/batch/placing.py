"""Calls put in their places once for all plans: customer, order, class, day, band, cycle."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.book import BatchBook
from plan_rules.batch.clocks import BandClock, years_of, zone_clock
from plan_rules.batch.columns import CallColumns, CustomerColumns
from plan_rules.batch.cycles import MONTH_STARTS, Cut, Grid, count_rows, place_in_cycles
from plan_rules.batch.grouping import (
    PACKED,
    count_calls,
    most_usage,
    order_and_date,
    scatter,
    tell_numbers,
)
from plan_rules.batch.guards import Usage
from plan_rules.batch.tables import PLAN_SLOTS
from plan_rules.errors import InvalidValue
from plan_rules.usage.call import LAST_EPOCH

CHUNK_CALLS = 1 << 15
"""Calls that one task works on at a time, about; customers are never split."""

Range = tuple[int, int]
Runner = Callable[[Callable[[Range], None], Sequence[Range]], None]
"""Runs one task for each range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedBatch:
    """The calls of a batch by customer, in the order of rating.

    `records` are start, number, and place above seconds; customer c has the records `first[c]`
    up to `first[c + 1]`. `days` are local days, `edges` entries of the clock; `numbers` are the
    customer's different numbers, where a plan of the book counts them. `chunks` are ranges of
    customers of about as many calls each; `usage` is the most of any customer.
    """

    records: NDArray[np.int64]
    first: NDArray[np.int64]
    days: NDArray[np.int32]
    edges: NDArray[np.int32]
    numbers: NDArray[np.int32]
    clock: BandClock
    chunks: tuple[Range, ...]
    usage: Usage


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


@contextmanager
def runner(threads: int) -> Iterator[Runner]:
    """Give what runs tasks, on as many threads; 1 runs them here, one by one."""
    if threads < 1:
        raise InvalidValue(name="threads", value=threads, expected="at least 1")
    if threads == 1:
        yield _one_by_one
        return
    with ThreadPoolExecutor(max_workers=threads) as pool:

        def run(task: Callable[[Range], None], ranges: Sequence[Range]) -> None:
            for done in pool.map(task, ranges):
                assert done is None  # noqa: S101  a task that failed raises here

        yield run


def _one_by_one(task: Callable[[Range], None], ranges: Sequence[Range]) -> None:
    for each in ranges:
        task(each)


def place_batch(
    book: BatchBook,
    customers: CustomerColumns,
    calls: CallColumns,
    *,
    run: Runner,
    threads: int,
    chunk_calls: int,
) -> PlacedBatch:
    """Return the calls of all customers in their places.

    Raises `InvalidValue` for a call of a customer, a time, a number or a duration that cannot
    be.
    """
    clock_years = _years(calls)
    clock = book.clock(clock_years)
    zones = zone_clock(customers.zones, first_year=clock_years[0], end_year=clock_years[1])
    first = count_calls(calls.customer, len(customers))
    if first[0] < 0:
        raise InvalidValue(
            name="customer",
            value=(int(calls.customer.min()), int(calls.customer.max())),
            expected=f"indexes of the {len(customers)} customers",
        )
    records = np.empty((len(calls), 3), np.int64)

    def scatter_some(each: Range) -> None:
        bad = scatter(
            calls.customer, calls.start, calls.number, calls.seconds, book.trie, first, *each,
            records,
        )  # fmt: skip
        if bad >= 0:
            _refuse(calls, bad)

    run(scatter_some, _chunks(first, -(-len(calls) // threads)))
    days = np.empty(len(calls), np.int32)
    edges = np.empty(len(calls), np.int32)
    chunks = _chunks(first, chunk_calls)

    def order_some(each: Range) -> None:
        order_and_date(records, first, *each, customers.zone, zones, clock, days, edges)

    run(order_some, chunks)
    counts = bool(book.tables.plans[:, PLAN_SLOTS].any())
    numbers = np.empty(len(calls) if counts else 0, np.int32)
    if counts:

        def tell_some(each: Range) -> None:
            tell_numbers(records, first, *each, numbers)

        run(tell_some, chunks)
    most_calls, most_seconds, longest = most_usage(records, first)
    return PlacedBatch(
        records=records,
        first=first,
        days=days,
        edges=edges,
        numbers=numbers,
        clock=clock,
        chunks=chunks,
        usage=Usage(calls=most_calls, seconds=most_seconds, longest=longest),
    )


def _years(calls: CallColumns) -> Range:
    """Return the years that the calls lie in, with room around for zones and long calls."""
    if not len(calls):
        return years_of(0, 0)
    earliest, latest = int(calls.start.min()), int(calls.start.max())
    if earliest < 0 or latest >= LAST_EPOCH:
        raise InvalidValue(
            name="start", value=(earliest, latest), expected="instants from 1970 to 2199"
        )
    longest = max(0, int(calls.seconds.max()))
    return years_of(earliest, latest + longest)


def _refuse(calls: CallColumns, index: int) -> None:
    if calls.seconds[index] < 0:
        raise InvalidValue(
            name="seconds", value=int(calls.seconds[index]), expected="whole seconds, 0 or more"
        )
    raise InvalidValue(
        name="number",
        value=int(calls.number[index]),
        expected="5 to 15 digits, as 525512345678",
    )


def _chunks(first: NDArray[np.int64], calls: int) -> tuple[Range, ...]:
    """Cut the customers into ranges of about as many calls each."""
    customers = len(first) - 1
    if not customers:
        return ()
    count = max(1, -(-int(first[-1]) // max(1, calls)))
    goals = np.arange(1, count) * (int(first[-1]) / count)
    inner = np.searchsorted(first, goals).tolist()
    bounds = sorted({0, *(min(max(0, each), customers) for each in inner), customers})
    return tuple(pairwise(bounds))


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
) -> tuple[Rows, NDArray[np.int64]]:
    """Return room for the cycles of a grid, and the index of each customer's first.

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
    return rows, first_index


def fill_rows(
    cut: Cut,
    customers: CustomerColumns,
    placed: PlacedBatch,
    rows: Rows,
    first_index: NDArray[np.int64],
    each: Range,
) -> None:
    """Write the cycles of some customers, and the row of each of their calls."""
    place_in_cycles(
        cut, customers.anchor, *each, rows.first, first_index, MONTH_STARTS, placed.first,
        placed.days, placed.records[:, PACKED], rows.customer, rows.index, rows.start, rows.end,
        rows.calls, rows.seconds, rows.row_of,
    )  # fmt: skip
