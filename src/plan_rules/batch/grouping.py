"""Calls put by customer, in the order of rating, each with its place.

One pass looks every number up and moves the call to its customer (a stable counting sort:
calls that came in order of time are then in order already). A second pass puts right the few
customers whose calls were not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.clocks import QUARTER, BandClock, ZoneClock
from plan_rules.batch.compiled import compiled, wide
from plan_rules.batch.lookup import Trie, place_of
from plan_rules.batch.packed import NUMBER, PACKED, SECONDS_MASK, SHIFT, START
from plan_rules.destinations.number import MAX_DIGITS
from plan_rules.periods import DAY_SECONDS

MOST_SECONDS = 2**31 - 1
"""Seconds that a call can last; those of a negative duration look like more."""

FEW = 16
"""Calls that are put in order by insertion."""


@compiled
def count_calls(
    rows: NDArray[np.int64], ranges: NDArray[np.int64], base: int, counts: NDArray[np.int64]
) -> None:
    """Add the calls of each customer that are in ranges of rows to the counts."""
    for each in range(len(ranges)):
        for k in range(ranges[each, 0], ranges[each, 1]):
            counts[(rows[k, PACKED] >> SHIFT) - base] += 1


@compiled
def scatter(
    rows: NDArray[np.int64],
    ranges: NDArray[np.int64],
    base: int,
    trie: Trie,
    free: NDArray[np.int64],
    records: NDArray[np.int64],
) -> int:
    """Write calls by customer, with the place instead of the customer above the seconds.

    `free` is where the next call of each customer goes. Returns the index of a row that is no
    call, or -1.
    """
    for each in range(len(ranges)):
        for k in range(ranges[each, 0], ranges[each, 1]):
            packed = rows[k, PACKED]
            c = (packed >> SHIFT) - base
            seconds = packed & SECONDS_MASK
            place = place_of(rows[k, NUMBER], trie)
            if place < 0 or seconds > MOST_SECONDS:
                return k
            position = free[c]
            free[c] = position + 1
            records[position, START] = rows[k, START]
            records[position, NUMBER] = rows[k, NUMBER]
            records[position, PACKED] = place << SHIFT | seconds
    return -1


@compiled
def _padded(number: int) -> int:
    """Return a number in the order of its digits: padded, then by length."""
    length = MAX_DIGITS
    while number < 10 ** (MAX_DIGITS - 1):
        number *= 10
        length -= 1
    return number << 4 | length


@compiled
def _comes_before(records: NDArray[np.int64], one: int, other: int) -> bool:
    """Whether a record is rated before another: by start, number, seconds."""
    if records[one, START] != records[other, START]:
        return records[one, START] < records[other, START]
    if records[one, NUMBER] != records[other, NUMBER]:
        return _padded(records[one, NUMBER]) < _padded(records[other, NUMBER])
    return records[one, PACKED] & SECONDS_MASK < records[other, PACKED] & SECONDS_MASK


@compiled
def put_in_order(records: NDArray[np.int64], first: int, end: int) -> None:
    """Put the records of one customer in the order of rating."""
    unordered = False
    for k in range(first + 1, end):
        if _comes_before(records, k, k - 1):
            unordered = True
            break
    if not unordered:
        return
    if end - first > FEW:
        order = np.argsort(records[first:end, START], kind="mergesort")
        records[first:end] = records[first:end][order]
    for k in range(first + 1, end):
        j = k
        while j > first and _comes_before(records, j, j - 1):
            for column in range(3):
                kept = records[j, column]
                records[j, column] = records[j - 1, column]
                records[j - 1, column] = kept
            j -= 1


@compiled
def order_and_date(
    records: NDArray[np.int64],
    first: NDArray[np.int64],
    zone: NDArray[np.int32],
    zones: ZoneClock,
    clock: BandClock,
    days: NDArray[np.int32],
    edges: NDArray[np.int32],
    answered: NDArray[np.int32],
) -> tuple[int, int, int, int]:
    """Order the calls of every customer; write local day and edge of each, and who answered.

    Returns the most calls and the most seconds of any customer, the longest call, and the
    seconds of all.
    """
    most_calls, most_seconds, longest, all_seconds = 0, 0, wide(0), wide(0)
    for c in range(len(first) - 1):
        begin, end = first[c], first[c + 1]
        if begin == end:
            continue
        put_in_order(records, begin, end)
        piece = zones.first[zone[c]]
        # A day is counted from the one before 1970, so that nothing is below 0.
        offset, until = zones.offsets[piece] + DAY_SECONDS, zones.starts[piece + 1]
        total, heard = 0, 0
        for k in range(begin, end):
            start = records[k, START]
            while until <= start:
                piece += 1
                offset, until = zones.offsets[piece] + DAY_SECONDS, zones.starts[piece + 1]
            days[k] = wide(np.uint64(start + offset) // np.uint64(DAY_SECONDS)) - 1
            edge = wide(clock.quarters[np.uint64(start - clock.base) // np.uint64(QUARTER)])
            while clock.edges[edge + 1] <= start:
                edge += 1
            edges[k] = edge
            seconds = records[k, PACKED] & SECONDS_MASK
            total += seconds
            longest = max(longest, seconds)
            heard += seconds > 0
        answered[c] = heard
        most_calls = max(most_calls, end - begin)
        most_seconds = max(most_seconds, total)
        all_seconds += total
    return most_calls, most_seconds, longest, all_seconds


@compiled
def tell_numbers(
    records: NDArray[np.int64],
    first: NDArray[np.int64],
    numbers: NDArray[np.int32],
) -> None:
    """Write which of a customer's different numbers each call went to, counted from 0."""
    for c in range(len(first) - 1):
        begin = first[c]
        order = np.argsort(records[begin : first[c + 1], NUMBER])
        found = -1
        last = wide(-1)
        for k in order:
            number = records[begin + k, NUMBER]
            if number != last:
                found += 1
                last = number
            numbers[begin + k] = found
