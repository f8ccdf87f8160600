"""Calls as rows of three whole numbers: what is moved about lies together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.columns import CallColumns, Int32s, Int64s
from plan_rules.batch.compiled import compiled, wide

START, NUMBER, PACKED = 0, 1, 2
"""Columns of a row: start, number, and something above 32 bits of seconds."""

SHIFT = 32
SECONDS_MASK = (1 << SHIFT) - 1


class Block(NamedTuple):
    """Rows, and the `ranges` of them that are meant: first row and the one after the last."""

    rows: Int64s
    ranges: Int64s

    @classmethod
    def whole(cls, rows: Int64s) -> Block:
        """Return all of some rows."""
        return cls(rows, np.array([[0, len(rows)]]))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PackedCalls:
    """Calls as rows: start, number, and the customer above the seconds.

    They stay where they are held, so they are the ranges of some blocks, one after the other.
    Customers are counted from `base`: it is the first one. A duration below 0 stays what it is.
    """

    blocks: tuple[Block, ...]
    base: int = 0

    def __len__(self) -> int:
        """Return the number of calls."""
        return sum(int((each.ranges[:, 1] - each.ranges[:, 0]).sum()) for each in self.blocks)

    @classmethod
    def of(cls, calls: CallColumns) -> PackedCalls:
        """Return calls as rows."""
        rows = np.empty((len(calls), 3), np.int64)
        rows[:, START], rows[:, NUMBER] = calls.start, calls.number
        seconds = calls.seconds.astype(np.int64) & SECONDS_MASK
        rows[:, PACKED] = calls.customer.astype(np.int64) << SHIFT | seconds
        return cls.of_rows(rows)

    @classmethod
    def of_rows(cls, rows: Int64s, *, base: int = 0) -> PackedCalls:
        """Return calls that are rows already."""
        return cls(blocks=(Block.whole(rows),), base=base)

    @property
    def rows(self) -> Int64s:
        """All rows in one array."""
        found = [
            block.rows[start:end] for block in self.blocks for start, end in block.ranges.tolist()
        ]
        return np.concatenate(found) if found else np.zeros((0, 3), np.int64)

    @property
    def columns(self) -> CallColumns:
        """The calls as columns, customers counted from 0."""
        rows = self.rows
        packed = rows[:, PACKED]
        return CallColumns(
            customer=((packed >> SHIFT) - self.base).astype(np.int32),
            start=np.ascontiguousarray(rows[:, START]),
            number=np.ascontiguousarray(rows[:, NUMBER]),
            seconds=(packed & SECONDS_MASK).astype(np.int32),
        )


@compiled
def rows_by_bin(  # noqa: PLR0917  a kernel
    customer: Int32s,
    start: Int64s,
    number: Int64s,
    seconds: Int32s,
    bins: NDArray[np.uint16],
    count: int,
    rows: Int64s,
) -> Int64s:
    """Write calls as rows, those of one bin after another; return where each begins and ends.

    `bins` is the bin of each call, of `count` bins. The bounds have one entry more than that.
    """
    bounds: NDArray[np.int64] = np.zeros(count + 1, np.int64)
    for k in range(len(bins)):
        bounds[wide(bins[k]) + 1] += 1
    for each in range(count):
        bounds[each + 1] += bounds[each]
    free = bounds[:-1].copy()
    for k in range(len(bins)):
        mine = wide(bins[k])
        at = free[mine]
        free[mine] = at + 1
        rows[at, START] = start[k]
        rows[at, NUMBER] = number[k]
        rows[at, PACKED] = wide(customer[k]) << SHIFT | (wide(seconds[k]) & SECONDS_MASK)
    return bounds
