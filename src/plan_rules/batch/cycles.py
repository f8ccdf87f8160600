"""Billing cycles of many customers, by the same calendar as `periods`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.columns import day_number
from plan_rules.batch.compiled import compiled, wide
from plan_rules.batch.packed import PACKED, SECONDS_MASK
from plan_rules.periods import DAYS_PER_WEEK, MONTHS_PER_YEAR, CycleLength, CycleUnit

FIRST_YEAR = 1600
END_YEAR = 3000
"""Years for which the first days of months are kept; cycles reach less far."""

LONGEST = 1200
"""Months of the longest cycle, a hundred years."""

MONTH_STARTS = np.array(
    [
        day_number(date(year, month, 1))
        for year in range(FIRST_YEAR, END_YEAR)
        for month in range(1, MONTHS_PER_YEAR + 1)
    ],
    np.int64,
)
"""Days from 1970-01-01 to the first of each month since `FIRST_YEAR`."""

DAYS_PER_400_YEARS = 146_097
MONTHS_PER_400_YEARS = 4_800


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Plans that cut their cycles alike: their indexes in the book, length and calendar."""

    length: CycleLength
    calendar: bool
    plans: tuple[int, ...]

    @property
    def cut(self) -> Cut:
        """The grid as kernels read it."""
        months = self.length.count if self.length.unit is CycleUnit.MONTH else 0
        week = DAYS_PER_WEEK if self.length.unit is CycleUnit.WEEK else 1
        return Cut(months, self.length.count * week, int(self.calendar))


class Cut(NamedTuple):
    """How long a cycle is: in `months`, or, where that is 0, in `days`; `calendar` is 0 or 1."""

    months: int
    days: int
    calendar: int


@compiled
def month_of(day: int, starts: NDArray[np.int64]) -> int:
    """Return the index of the month that holds a day."""
    month = (day - starts[0]) * MONTHS_PER_400_YEARS // DAYS_PER_400_YEARS
    while starts[month] > day:
        month -= 1
    while starts[month + 1] <= day:
        month += 1
    return month


@compiled
def anchor_of(cut: Cut, anchor: int, starts: NDArray[np.int64]) -> int:
    """Return the day a customer's cycles are cut from: the anchor, or the first of its month."""
    return starts[month_of(anchor, starts)] if cut.calendar else anchor


@compiled
def boundary(cut: Cut, anchor: int, index: int, starts: NDArray[np.int64]) -> int:
    """Return the first day of the cycle `index` after the anchor's, clamped to its month."""
    if cut.months == 0:
        return anchor + index * cut.days
    month = month_of(anchor, starts)
    day = anchor - starts[month]
    month += index * cut.months
    return starts[month] + min(day, starts[month + 1] - starts[month] - 1)


@compiled
def cycle_index(cut: Cut, anchor: int, day: int, starts: NDArray[np.int64]) -> int:
    """Return the index of the cycle that holds a day."""
    if cut.months == 0:
        return (day - anchor) // cut.days
    index = (month_of(day, starts) - month_of(anchor, starts)) // cut.months
    while boundary(cut, anchor, index, starts) > day:
        index -= 1
    return index


@compiled
def count_rows(
    cut: Cut,
    anchors: NDArray[np.int32],
    start: NDArray[np.int32],
    end: NDArray[np.int32],
    whole: bool,
    starts: NDArray[np.int64],
    first_index: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return where the rows of each customer start, and write the index of their first cycle.

    Rows are the cycles that hold some day of `start` up to `end`; with `whole` only those that
    lie within. A customer whose days are none has none.
    """
    rows = np.zeros(len(anchors) + 1, np.int64)
    for c in range(len(anchors)):
        count = 0
        if start[c] < end[c]:
            anchor = anchor_of(cut, wide(anchors[c]), starts)
            index = cycle_index(cut, anchor, wide(start[c]), starts)
            last = cycle_index(cut, anchor, wide(end[c]) - 1, starts)
            if whole and boundary(cut, anchor, index, starts) < start[c]:
                index += 1
            if whole and boundary(cut, anchor, last + 1, starts) > end[c]:
                last -= 1
            first_index[c] = index
            count = max(0, last - index + 1)
        rows[c + 1] = rows[c] + count
    return rows


@compiled
def place_in_cycles(
    cut: Cut,
    anchors: NDArray[np.int32],
    rows: NDArray[np.int64],
    first_index: NDArray[np.int64],
    starts: NDArray[np.int64],
    first: NDArray[np.int64],
    days: NDArray[np.int32],
    records: NDArray[np.int64],
    row_customer: NDArray[np.int32],
    row_index: NDArray[np.int32],
    row_start: NDArray[np.int32],
    row_end: NDArray[np.int32],
    row_calls: NDArray[np.int32],
    row_seconds: NDArray[np.int64],
    row_of: NDArray[np.int32],
) -> None:
    """Write the cycles of every customer, and the row of each of their calls.

    A call outside every row has row -1.
    """
    for c in range(len(first) - 1):
        anchor = anchor_of(cut, wide(anchors[c]), starts)
        for row in range(rows[c], rows[c + 1]):
            index = first_index[c] + row - rows[c]
            row_customer[row] = c
            row_index[row] = index
            row_start[row] = boundary(cut, anchor, index, starts)
            row_end[row] = boundary(cut, anchor, index + 1, starts)
        if rows[c] == rows[c + 1]:
            row_of[first[c] : first[c + 1]] = -1
            continue
        row, last = rows[c], rows[c + 1] - 1
        start, end = wide(row_start[row]), wide(row_end[row])
        calls, seconds = 0, 0
        for k in range(first[c], first[c + 1]):
            day = wide(days[k])
            while (day >= end and row < last) or (day < start and row > rows[c]):
                row_calls[row] += calls
                row_seconds[row] += seconds
                row += 1 if day >= end else -1
                start, end = wide(row_start[row]), wide(row_end[row])
                calls, seconds = 0, 0
            if start <= day < end:
                row_of[k] = row
                calls += 1
                seconds += records[k, PACKED] & SECONDS_MASK
            else:
                row_of[k] = -1
        row_calls[row] += calls
        row_seconds[row] += seconds


@compiled
def join_cycles(
    cut: Cut,
    anchors: NDArray[np.int32],
    since: NDArray[np.int32],
    no_day: int,
    never: int,
    starts: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return the index of the cycle that holds the day each customer joined, `never` if unknown."""
    found = np.full(len(anchors), never, np.int64)
    for c in range(len(anchors)):
        if since[c] != no_day:
            anchor = anchor_of(cut, wide(anchors[c]), starts)
            found[c] = cycle_index(cut, anchor, wide(since[c]), starts)
    return found


@compiled
def start_cycles(
    cut: Cut, anchors: NDArray[np.int32], days: NDArray[np.int32], starts: NDArray[np.int64]
) -> NDArray[np.int32]:
    """Return the first day of the cycle that holds a day, for each customer."""
    found = np.empty(len(anchors), np.int32)
    for c in range(len(anchors)):
        anchor = anchor_of(cut, wide(anchors[c]), starts)
        index = cycle_index(cut, anchor, wide(days[c]), starts)
        found[c] = boundary(cut, anchor, index, starts)
    return found
