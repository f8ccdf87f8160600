"""Numbers found again by a key of 64 bits: a table that grows, read by kernels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.compiled import compiled, compiled_bare, wide

NO_KEY = -1
"""Keys are 0 or more; an empty slot has this one."""

ABSENT = -1
"""The number of a key that nobody gave one."""

SMALLEST = 1 << 10


class Slots(NamedTuple):
    """A power of two of slots, each with a key and its number; at most half of them are used."""

    keys: NDArray[np.int64]
    numbers: NDArray[np.int32]


@compiled_bare
def _slot(slots: Slots, key: int) -> int:
    """Return the slot of a key, or the empty one it would take."""
    mask = np.uint64(len(slots.keys) - 1)
    mixed = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)
    at = (mixed >> np.uint64(29)) & mask
    while slots.keys[at] != NO_KEY and slots.keys[at] != key:
        at = (at + np.uint64(1)) & mask
    return wide(at)


@compiled_bare
def number_of(slots: Slots, key: int) -> int:
    """Return the number of a key, or `ABSENT`."""
    at = _slot(slots, key)
    return wide(slots.numbers[at]) if slots.keys[at] == key else ABSENT


@compiled
def numbers_of(slots: Slots, keys: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return the number of each key, or `ABSENT`."""
    found = np.empty(len(keys), np.int32)
    for index in range(len(keys)):
        found[index] = number_of(slots, keys[index])
    return found


@compiled
def _insert(slots: Slots, keys: NDArray[np.int64], numbers: NDArray[np.int32]) -> None:
    for index in range(len(keys)):
        at = _slot(slots, keys[index])
        slots.keys[at] = keys[index]
        slots.numbers[at] = numbers[index]


class KeyTable:
    """Numbers by key."""

    def __init__(self) -> None:
        """Begin with none."""
        self.slots = _empty(SMALLEST)
        self._count = 0

    def __len__(self) -> int:
        """Return how many keys have a number."""
        return self._count

    def add(self, keys: NDArray[np.int64], numbers: NDArray[np.int32]) -> None:
        """Give keys, none of which has one yet and each once, their numbers."""
        self._count += len(keys)
        if 2 * self._count > len(self.slots.keys):
            held = self.slots.keys != NO_KEY
            old = self.slots.keys[held], self.slots.numbers[held]
            self.slots = _empty(1 << (2 * self._count).bit_length() + 1)
            _insert(self.slots, *old)
        _insert(self.slots, keys, numbers)


def _empty(size: int) -> Slots:
    return Slots(np.full(size, NO_KEY, np.int64), np.zeros(size, np.int32))
