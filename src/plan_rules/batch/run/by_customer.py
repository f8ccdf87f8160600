"""Calls brought together by customer, so that a range of customers is a range of calls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from plan_rules.batch.columns import CallColumns, Int32s, Int64s
from plan_rules.batch.compiled import compiled


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsByCustomer:
    """Calls by customer: those of customer `i` are `calls[offsets[i]:offsets[i + 1]]`.

    The calls of one customer stand in the order they were given in.
    """

    calls: CallColumns
    offsets: Int64s

    @classmethod
    def of(cls, calls: CallColumns, *, customers: int) -> CallsByCustomer:
        """Bring calls together; `customers` is how many of them there are."""
        offsets = np.zeros(customers + 1, dtype=np.int64)
        np.cumsum(np.bincount(calls.customer, minlength=customers), out=offsets[1:])
        columns = _scattered(
            calls.customer, calls.start, calls.number, calls.seconds, offsets.copy()
        )
        found = CallColumns(
            customer=columns[0], start=columns[1], number=columns[2], seconds=columns[3]
        )
        return cls(calls=found, offsets=offsets)

    def between(self, start: int, end: int) -> CallColumns:
        """Return the calls of the customers from `start` to `end` (exclusive), `start` being 0."""
        kept = slice(int(self.offsets[start]), int(self.offsets[end]))
        return CallColumns(
            customer=self.calls.customer[kept] - np.int32(start),
            start=self.calls.start[kept],
            number=self.calls.number[kept],
            seconds=self.calls.seconds[kept],
        )


@compiled
def _scattered(
    customer: Int32s, start: Int64s, number: Int64s, seconds: Int32s, free: Int64s
) -> tuple[Int32s, Int64s, Int64s, Int32s]:
    """Put every call into the next free place of its customer."""
    customers, starts = np.empty_like(customer), np.empty_like(start)
    numbers, lengths = np.empty_like(number), np.empty_like(seconds)
    for row in range(len(customer)):
        mine = customer[row]
        at = free[mine]
        free[mine] = at + 1
        customers[at] = mine
        starts[at] = start[row]
        numbers[at] = number[row]
        lengths[at] = seconds[row]
    return customers, starts, numbers, lengths
