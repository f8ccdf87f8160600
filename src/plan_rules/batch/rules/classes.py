"""Classes of customers with plans, found again by all that rules see of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.compiled import compiled, compiled_bare, wide

ABSENT = -1
SMALLEST = 1 << 8


class ClassSlots(NamedTuple):
    """Keys of classes, a row each, and a power of two of slots; at most half of them are used."""

    keys: NDArray[np.uint64]
    slots: NDArray[np.int32]


@compiled_bare
def _class_of(table: ClassSlots, key: NDArray[np.uint64]) -> int:
    """Return the class of a key, or `ABSENT` - 1 - the slot that it would take."""
    mixed = np.uint64(0)
    for word in range(len(key)):
        mixed = (mixed ^ key[word]) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    mask = np.uint64(len(table.slots) - 1)
    at = mixed & mask
    while True:
        found = wide(table.slots[at])
        if found == ABSENT:
            return ABSENT - 1 - wide(at)
        same = True
        for word in range(len(key)):
            same &= table.keys[found, word] == key[word]
        if same:
            return found
        at = (at + np.uint64(1)) & mask


@compiled
def find_classes(
    table: ClassSlots,
    subjects: NDArray[np.uint64],
    group: NDArray[np.int64],
    stretch: NDArray[np.int64],
    present: NDArray[np.int32],
    of_plans: NDArray[np.uint64],
    plans: NDArray[np.int64],
    tells_current: bool,
    digits: NDArray[np.int64],
) -> NDArray[np.int32]:
    """Return the class of every subject with every plan, or `ABSENT`.

    `digits` tell, by subject and plan, what depends on both; they are empty where nothing does
    but whether the plan is the `present` one, which only some rules can tell.
    """
    words = subjects.shape[1]
    found = np.empty((len(subjects), len(plans)), np.int32)
    key = np.zeros(words + 1, np.uint64)
    for i in range(len(subjects)):
        for k in range(len(plans)):
            plan = plans[k]
            for word in range(words):
                key[word] = subjects[i, word] & of_plans[group[i], stretch[i], plan, word]
            last = digits[i, k] * 2 if len(digits) else wide(0)
            if tells_current and present[i] == plan:
                last += 1
            key[words] = np.uint64(last)
            at = _class_of(table, key)
            found[i, k] = at if at >= 0 else ABSENT
    return found


@compiled
def _fill(table: ClassSlots, first: int) -> None:
    for number in range(first, len(table.keys)):
        at = _class_of(table, table.keys[number])
        table.slots[-(at + 1 - ABSENT)] = number


class ClassTable:
    """Classes by key, numbered from 0 in the order they were added."""

    def __init__(self, words: int) -> None:
        """Begin with none; a key has so many words."""
        self.slots = ClassSlots(
            np.zeros((0, words), np.uint64), np.full(SMALLEST, ABSENT, np.int32)
        )

    def __len__(self) -> int:
        """Return how many classes there are."""
        return len(self.slots.keys)

    def add(self, keys: NDArray[np.uint64]) -> None:
        """Add classes, none of which is there yet and each once."""
        known = len(self)
        rows = np.concatenate([self.slots.keys, keys])
        slots = self.slots.slots
        if 2 * len(rows) > len(slots):
            slots = np.full(1 << (2 * len(rows)).bit_length() + 1, ABSENT, np.int32)
            known = 0
        self.slots = ClassSlots(rows, slots)
        _fill(self.slots, known)
