"""From a number to its place: a trie of digits instead of a search.

A number is padded to 15 digits and read four, three, then two digits at a time. Most numbers
are decided after seven. The order of numbers is that of `destinations.number.sort_key`: digits
first, then length, so that a number shorter than a prefix does not begin with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.compiled import compiled
from plan_rules.destinations.number import LENGTH_BITS, MAX_DIGITS, MIN_DIGITS

TOP = 10**4
"""Entries of the first level."""

SECOND = 10**3
OTHER = 10**2
TOP_WIDTH = 10**11
"""Padded numbers that one entry of the first level stands for."""

LENGTH_MASK = (1 << LENGTH_BITS) - 1
LEAST_NUMBER = 10 ** (MIN_DIGITS - 1)
BEYOND_NUMBERS = 10**MAX_DIGITS


class Trie(NamedTuple):
    """Which place each number has.

    An entry of `cells` of 0 or more is a place; one below 0 leads on: -1 - n to the node that
    starts at n, or, where n is no node's start but `len(cells)` + k, to check k: numbers of at
    least `lengths[k]` digits have the place `checked[k]`, shorter ones are searched. `starts`
    (sort keys) and `places` are the intervals themselves, for numbers that have to be searched.
    """

    cells: NDArray[np.int32]
    lengths: NDArray[np.int64]
    checked: NDArray[np.int64]
    starts: NDArray[np.int64]
    places: NDArray[np.int64]


def trie_of(starts: Sequence[int], places: Sequence[int]) -> Trie:
    """Return the trie of intervals of sort keys, the first of which starts at 0.

    Neighbours of one place are joined. A number has at least five digits, so that a length
    asked for below that decides nothing.
    """
    keys = np.array(starts, np.int64)
    where = np.array(places, np.int64)
    kept = np.append(True, where[1:] != where[:-1])  # noqa: FBT003  the first is always kept
    keys, where = keys[kept], where[kept]
    cells, lengths, checked = _painted(keys, where)
    return Trie(cells=cells, lengths=lengths, checked=checked, starts=keys, places=where)


@compiled
def _painted(
    keys: NDArray[np.int64], places: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
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
            base, width, position = 0, TOP_WIDTH, at // TOP_WIDTH
            while at % width or at + width > end:
                value = cells[base + position]
                fanout = SECOND if width == TOP_WIDTH else OTHER
                if value >= 0:
                    if used + fanout > len(cells):
                        grown = np.zeros(2 * len(cells) + fanout, np.int32)
                        grown[:used] = cells[:used]
                        cells = grown
                    cells[used : used + fanout] = value
                    cells[base + position] = -1 - used
                    base = used
                    used += fanout
                else:
                    base = -1 - value
                width //= fanout
                position = at // width % fanout
            cells[base + position] = places[k]
            at += width
        least = keys[k] & LENGTH_MASK
        if least > MIN_DIGITS:
            if checks and checks_at[checks - 1] == start:
                checks -= 1
            checks_at[checks] = start
            checks_lengths[checks] = least
            checks_places[checks] = places[k]
            checks += 1
    cells = cells[:used].copy()
    for k in range(checks):
        base, width, position = 0, TOP_WIDTH, checks_at[k] // TOP_WIDTH
        while cells[base + position] < 0:
            base = -1 - cells[base + position]
            fanout = SECOND if width == TOP_WIDTH else OTHER
            width //= fanout
            position = checks_at[k] // width % fanout
        checks_places[k] = cells[base + position]
        cells[base + position] = -1 - used - k
    return cells, checks_lengths[:checks].copy(), checks_places[:checks].copy()


@compiled
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
    rest = np.uint32(padded // np.uint64(100_000_000))
    value = trie.cells[rest // np.uint32(1_000)]
    if value >= 0:
        return np.int64(value)
    size = len(trie.cells)
    node = np.int64(-1 - value)
    if node < size:
        value = trie.cells[node + np.int64(rest % np.uint32(1_000))]
        low = np.uint32(padded % np.uint64(100_000_000))
        width = np.uint32(1_000_000)
        while value < 0:
            node = np.int64(-1 - value)
            if node >= size:
                break
            value = trie.cells[node + np.int64(low // width % np.uint32(100))]
            width //= np.uint32(100)
        if value >= 0:
            return np.int64(value)
    return _checked(number, node - size, trie)


@compiled
def _checked(number: int, check: int, trie: Trie) -> int:
    """Return the place of a number whose length may decide."""
    digits, padded = MAX_DIGITS, number
    while padded < BEYOND_NUMBERS // 10:
        padded *= 10
        digits -= 1
    if digits >= trie.lengths[check]:
        return trie.checked[check]
    key = padded << LENGTH_BITS | digits
    return trie.places[np.searchsorted(trie.starts, key, "right") - 1]


@compiled
def places_of(numbers: NDArray[np.int64], trie: Trie) -> NDArray[np.int32]:
    """Return the place of every number, -1 for what is no number."""
    found = np.empty(len(numbers), np.int32)
    for index in range(len(numbers)):
        found[index] = place_of(numbers[index], trie)
    return found
