"""Calls held in memory by ranges of customers, so that those of some customers are soon found.

A range is a bin. Calls are sorted into bins chunk by chunk as they come in, while they are in
the processor's cache; within a bin they stay in the order they came in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.columns import CallColumns, Int64s
from plan_rules.batch.packed import PACKED, SHIFT, Block, PackedCalls, rows_by_bin
from plan_rules.batch.spans import Span, demand_customers, span_of

BIN_CALLS = 1 << 15
"""Calls of a bin, about."""

SLICE_CALLS = 3 << 16
"""Calls that are priced together at most, if a bin has no more.

More of them would not stay in a processor's cache, with fewer what is done once takes longer.
"""

MOST_BINS = 512
"""Bins at most; with more of them, every chunk would leave but crumbs in each."""


BLOCK_CALLS = 1 << 24
"""Calls of a block at most; memory is had sooner in large blocks than in small ones."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Binned:
    """Calls by bin: those of bin b are `rows[bounds[b]:bounds[b + 1]]`, in the order they came."""

    rows: Int64s
    bounds: Int64s

    @classmethod
    def of(
        cls,
        calls: CallColumns,
        bins: NDArray[np.uint16],
        *,
        count: int,
        room: Int64s | None = None,
    ) -> Binned:
        """Return calls by the bin of each, of `count` bins; in the `room` for rows, if given."""
        rows = np.empty((len(calls), 3), np.int64) if room is None else room
        bounds = rows_by_bin(
            calls.customer, calls.start, calls.number, calls.seconds, bins, count, rows
        )
        return cls(rows=rows, bounds=bounds)


@dataclass(slots=True, eq=False)
class _Block:
    """Room for rows, of which `used` are taken, and the bounds of every chunk in them."""

    room: Int64s
    used: int = 0
    bounds: list[Int64s] = field(default_factory=list)

    def add(self, calls: CallColumns, bins: NDArray[np.uint16], *, count: int) -> Int64s:
        """Take a chunk for which there is room, and return how many calls each bin has of it."""
        end = self.used + len(calls)
        chunk = Binned.of(calls, bins, count=count, room=self.room[self.used : end])
        self.bounds.append(chunk.bounds + self.used)
        self.used = end
        return np.diff(chunk.bounds)


class HeldCalls:
    """Calls of customers numbered from 0, taken as they come and given back by customers.

    `customers` is how many there are; `span` are the times that their calls lie in.
    """

    def __init__(self, customers: int, *, expected: int) -> None:
        """Make room for calls, `expected` of them or thereabouts."""
        self.customers = customers
        self.span = Span.nothing()
        bins = min(MOST_BINS, max(1, expected // BIN_CALLS))
        self._shift = (-(-customers // bins) - 1).bit_length() if customers else 0
        self._counts = np.zeros(-(-customers >> self._shift) if customers else 0, np.int64)
        self._expected = expected
        self._blocks: list[_Block] = []

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

    def add(self, calls: CallColumns, *, span: Span | None = None) -> None:
        """Take more calls; raises as `of` does.

        With `span`, which is theirs, they are calls of these customers that were looked at.
        """
        if not len(calls):
            return
        if span is None:
            demand_customers(calls, self.customers)
            span = span_of(calls)
        self.span = self.span.with_(span)
        bins = calls.customer >> self._shift
        block = self._block_for(len(calls))
        self._counts += block.add(calls, bins.astype(np.uint16), count=len(self._counts))

    def _block_for(self, count: int) -> _Block:
        """Return a block with room for a chunk: the last one, or else a new one."""
        if not self._blocks or len(self._blocks[-1].room) - self._blocks[-1].used < count:
            held = len(self)
            coming = self._expected - held if held < self._expected else held
            size = max(count, min(BLOCK_CALLS, coming))
            self._blocks.append(_Block(np.empty((size, 3), np.int64)))
        return self._blocks[-1]

    def drained(self) -> Iterator[CallColumns]:
        """Yield all calls in the order of chunks, and hold them no longer."""
        blocks, self._blocks = self._blocks[::-1], []
        self._counts[:] = 0
        while blocks:
            block = blocks.pop()
            for bounds in block.bounds:
                yield PackedCalls.of_rows(block.room[bounds[0] : bounds[-1]]).columns

    def between(self, start: int, end: int) -> PackedCalls:
        """Return the calls of the customers from `start` to `end` (exclusive)."""
        first, last = start >> self._shift, -(-end >> self._shift)
        found = PackedCalls(
            blocks=tuple(
                Block(block.room, np.array([(each[first], each[last]) for each in block.bounds]))
                for block in self._blocks
            ),
            base=start,
        )
        if start != first << self._shift or end != min(last << self._shift, self.customers):
            rows = found.rows
            customer = rows[:, PACKED] >> SHIFT
            rows = rows[(customer >= start) & (customer < end)]
            return PackedCalls.of_rows(rows, base=start)
        return found

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
