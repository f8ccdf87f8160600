"""From a number to its place: a trie of digits instead of a search.

A number is padded to 15 digits; five are read at once, then two at a time. Most numbers are
decided after five or seven, and all nodes together stay small enough for a processor's cache.
The order of numbers is that of `destinations.number.sort_key`: digits first, then length, so
that a number shorter than a prefix does not begin with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.columns import Int64s
from plan_rules.batch.compiled import compiled, compiled_bare, wide
from plan_rules.destinations.number import LENGTH_BITS, MAX_DIGITS, MIN_DIGITS

TOP = 10**5
"""Entries of the first level."""

TOP_WIDTH = 10**10
"""Padded numbers that one entry of the first level stands for."""

FANOUT = 100
SMALL = 2**15
"""Entries that fit 16 bits."""

LENGTH_MASK = (1 << LENGTH_BITS) - 1
LEAST_NUMBER = 10 ** (MIN_DIGITS - 1)
BEYOND_NUMBERS = 10**MAX_DIGITS


class Trie(NamedTuple):
    """Which place each number has.

    An entry of `cells` of 0 or more is a place; -1 - n leads on: to node n, whose hundred entries
    stand behind the first level and n other nodes, or, from `nodes` on, to a check: numbers of
    at least `lengths[n - nodes]` digits have the place `checked[n - nodes]`, shorter ones are
    searched. `starts` (sort keys) and `places` are the intervals themselves, for numbers that
    have to be searched.
    """

    cells: NDArray[np.int16] | NDArray[np.int32]
    nodes: int
    lengths: NDArray[np.int64]
    checked: NDArray[np.int64]
    starts: NDArray[np.int64]
    places: NDArray[np.int64]


def trie_of(starts: Sequence[int] | Int64s, places: Sequence[int] | Int64s) -> Trie:
    """Return the trie of intervals of sort keys, the first of which starts at 0.

    Neighbours of one place are joined. A number has at least five digits, so that a length
    asked for below that decides nothing.
    """
    keys = np.array(starts, np.int64)
    where = np.array(places, np.int64)
    kept = np.append(True, where[1:] != where[:-1])
    keys, where = keys[kept], where[kept]
    cells, nodes, lengths, checked = _painted(keys, where)
    is_small = int(where.max()) < SMALL and nodes + len(lengths) < SMALL
    return Trie(
        cells=cells.astype(np.int16) if is_small else cells,
        nodes=nodes,
        lengths=lengths,
        checked=checked,
        starts=keys,
        places=where,
    )


@compiled
def _painted(
    keys: NDArray[np.int64], places: NDArray[np.int64]
) -> tuple[NDArray[np.int32], int, NDArray[np.int64], NDArray[np.int64]]:
    """Paint every interval over the cells it covers, splitting cells it covers in part."""
    cells = np.zeros(TOP, np.int32)
    used = TOP
    checks_lengths = np.zeros(len(keys) + 1, np.int64)
    checks_places = np.zeros(len(keys) + 1, np.int64)
    checks_at = np.zeros(len(keys) + 1, np.int64)
    checks = 0
    for k in range(len(keys)):
        start = keys[k] >> LENGTH_BITS
        end = keys[k + 1] >> LENGTH_BITS if k + 1 < len(keys) else BEYOND_NUMBERS
        at = start
        while at < end:
            base, width, position, room = 0, TOP_WIDTH, at // TOP_WIDTH, TOP
            while at % width or at + width > end:
                value = cells[base + position]
                if value >= 0:
                    if used + FANOUT > len(cells):
                        grown = np.zeros(2 * len(cells), np.int32)
                        grown[:used] = cells[:used]
                        cells = grown
                    cells[used : used + FANOUT] = value
                    cells[base + position] = -1 - (used - TOP) // FANOUT
                    base = used
                    used += FANOUT
                else:
                    base = TOP + FANOUT * (-1 - value)
                width //= FANOUT
                position = at // width % FANOUT
                room = FANOUT
            # Later cells of the node are whole still: what they stand for comes later.
            count = min((end - at) // width, room - position)
            cells[base + position : base + position + count] = places[k]
            at += count * width
        least = keys[k] & LENGTH_MASK
        if least > MIN_DIGITS:
            if checks and checks_at[checks - 1] == start:
                checks -= 1
            checks_at[checks] = start
            checks_lengths[checks] = least
            checks_places[checks] = places[k]
            checks += 1
    cells = cells[:used].copy()
    nodes = (used - TOP) // FANOUT
    for k in range(checks):
        base, width, position = 0, TOP_WIDTH, checks_at[k] // TOP_WIDTH
        while cells[base + position] < 0:
            base = TOP + FANOUT * (-1 - wide(cells[base + position]))
            width //= FANOUT
            position = checks_at[k] // width % FANOUT
        checks_places[k] = cells[base + position]
        cells[base + position] = -1 - nodes - k
    return cells, nodes, checks_lengths[:checks].copy(), checks_places[:checks].copy()


@compiled_bare
def place_of(number: int, trie: Trie) -> int:
    """Return the place of a number of 5 to 15 digits, or -1 for any other."""
    if number < LEAST_NUMBER or number >= BEYOND_NUMBERS:
        return -1
    padded = np.uint64(number)
    if padded < np.uint64(10_000_000):
        padded *= np.uint64(100_000_000)
    if padded < np.uint64(100_000_000_000):
        padded *= np.uint64(10_000)
    if padded < np.uint64(10_000_000_000_000):
        padded *= np.uint64(100)
    if padded < np.uint64(100_000_000_000_000):
        padded *= np.uint64(10)
    seven = np.uint32(padded // np.uint64(100_000_000))
    value = wide(trie.cells[seven // np.uint32(FANOUT)])
    if value >= 0:
        return value
    node = -1 - value
    pair = wide(seven % np.uint32(FANOUT))
    rest = np.uint32(padded % np.uint64(100_000_000))
    width = np.uint32(1_000_000)
    while node < trie.nodes:
        value = wide(trie.cells[TOP + FANOUT * node + pair])
        if value >= 0:
            return value
        node = -1 - value
        pair = wide(rest // width % np.uint32(FANOUT))
        width //= np.uint32(FANOUT)
    return _checked(number, node - trie.nodes, trie)


@compiled_bare
def _checked(number: int, check: int, trie: Trie) -> int:
    """Return the place of a number whose length may decide."""
    digits, padded = MAX_DIGITS, number
    while padded < BEYOND_NUMBERS // 10:
        padded *= 10
        digits -= 1
    if digits >= trie.lengths[check]:
        return trie.checked[check]
    key = padded << LENGTH_BITS | digits
    low, high = 0, len(trie.starts)
    while high - low > 1:
        middle = (low + high) // 2
        if trie.starts[middle] <= key:
            low = middle
        else:
            high = middle
    return trie.places[low]


@compiled
def places_of(numbers: NDArray[np.int64], trie: Trie) -> NDArray[np.int32]:
    """Return the place of every number, -1 for what is no number."""
    found = np.empty(len(numbers), np.int32)
    for index in range(len(numbers)):
        found[index] = place_of(numbers[index], trie)
    return found
