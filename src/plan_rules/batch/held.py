"""Calls held in memory by ranges of customers, so that those of some customers are soon found.

A range is a bin. Calls are sorted into bins chunk by chunk as they come in, while they are in
the processor's cache; within a bin they stay in the order they came in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.columns import CallColumns, Int64s
from plan_rules.batch.packed import PACKED, SHIFT, PackedCalls, rows_by_bin
from plan_rules.batch.placing import Span, demand_customers, span_of

SLICE_CALLS = 1 << 16
"""Calls that are priced together, about: they and their bills stay in a processor's cache."""

MOST_BINS = 512
"""Bins at most; with more of them, every chunk would leave but crumbs in each."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Binned:
    """Calls by bin: those of bin b are `rows[bounds[b]:bounds[b + 1]]`, in the order they came."""

    rows: Int64s
    bounds: Int64s

    @classmethod
    def of(cls, calls: CallColumns, bins: NDArray[np.uint16], *, count: int) -> Binned:
        """Return calls by the bin of each, of `count` bins."""
        rows, bounds = rows_by_bin(
            calls.customer, calls.start, calls.number, calls.seconds, bins, count
        )
        return cls(rows=rows, bounds=bounds)


class HeldCalls:
    """Calls of customers numbered from 0, taken as they come and given back by customers.

    `customers` is how many there are; `span` are the times that their calls lie in.
    """

    def __init__(self, customers: int, *, expected: int) -> None:
        """Make room for calls, `expected` of them or thereabouts."""
        self.customers = customers
        self.span = Span.nothing()
        bins = min(MOST_BINS, max(1, expected // SLICE_CALLS))
        self._shift = (-(-customers // bins) - 1).bit_length() if customers else 0
        self._counts = np.zeros(-(-customers >> self._shift) if customers else 0, np.int64)
        self._chunks: list[Binned] = []

    @classmethod
    def of(cls, calls: CallColumns, *, customers: int) -> HeldCalls:
        """Return calls at hand, held.

        Raises `InvalidValue` for a call of no customer, or at a time that cannot be.
        """
        held = cls(customers, expected=len(calls))
        held.add(calls)
        return held

    def __len__(self) -> int:
        """Return how many calls are held."""
        return int(self._counts.sum())

    def add(self, calls: CallColumns) -> None:
        """Take more calls; raises as `of` does."""
        if not len(calls):
            return
        demand_customers(calls, self.customers)
        self.span = self.span.with_(span_of(calls))
        bins = calls.customer >> self._shift
        chunk = Binned.of(calls, bins.astype(np.uint16), count=len(self._counts))
        self._counts += np.diff(chunk.bounds)
        self._chunks.append(chunk)

    def drained(self) -> Iterator[CallColumns]:
        """Yield all calls in the order of chunks, and hold them no longer."""
        chunks, self._chunks = self._chunks[::-1], []
        self._counts[:] = 0
        while chunks:
            yield PackedCalls(rows=chunks.pop().rows).columns

    def between(self, start: int, end: int) -> PackedCalls:
        """Return the calls of the customers from `start` to `end` (exclusive)."""
        first, last = start >> self._shift, -(-end >> self._shift)
        pieces = [each.rows[each.bounds[first] : each.bounds[last]] for each in self._chunks]
        rows = np.concatenate(pieces) if pieces else np.zeros((0, 3), np.int64)
        if start != first << self._shift or end != min(last << self._shift, self.customers):
            customer = rows[:, PACKED] >> SHIFT
            rows = rows[(customer >= start) & (customer < end)]
        return PackedCalls(rows=rows, base=start)

    def slices(
        self, *, customers: int | None = None, calls: int = SLICE_CALLS
    ) -> Iterator[tuple[int, int]]:
        """Yield ranges of customers, in order, that have about so many calls each.

        None has more than `customers` customers.
        """
        width = 1 << self._shift
        most = self.customers if customers is None else customers
        start, held = 0, 0
        for at, count in enumerate(self._counts.tolist()):
            begin, end = at * width, min((at + 1) * width, self.customers)
            if begin > start and (held + count > calls or end - start > most):
                yield start, begin
                start, held = begin, 0
            if end - start > most:
                pieces = -(-(end - start) // most)
                step = -(-(end - start) // pieces)
                for cut in range(start, end - step, step):
                    yield cut, cut + step
                    start, held = cut + step, 0
            held += count
        if start < self.customers:
            yield start, self.customers
