"""Customer ids as small integers: each id is its row in the customers table."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from plan_rules.batch.bits import counted
from plan_rules.batch.compiled import compiled
from plan_rules.batch.intake.buffers import Mask, Texts, is_text, missing_of, numbers_of, texts_of

Codes = npt.NDArray[np.int32]
Slots = npt.NDArray[np.int32]
Integers = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Bytes = npt.NDArray[np.uint8]

UNKNOWN = -1
"""The code of an id that no customer has."""

DENSE = 32
"""Whole numbers are looked up by position while at most one position in so many is used."""

DENSE_FREE = 1 << 20
"""Positions that may stay unused however few ids there are."""

WORD_BITS = 64

SHORT = 15
"""Bytes of a text that a slot can hold."""

LONG = np.uint64(0xFF)
"""What stands in place of the length of a text that a slot cannot hold."""

SLOT_WORDS = 3
BLOCK = 2048


class IdIndex:
    """Which row of the customers table an id stands in; ids are whole numbers or texts.

    Whole numbers and texts are told alike: `7` finds the customer `"7"`. `repeated` are the
    rows whose id stands in an earlier row too.
    """

    def __init__(self, ids: pa.Array) -> None:
        """Index ids of which none is null."""
        self._ids = ids
        self._texts: _TextSlots | None = None
        self._numbers: _NumberSlots | None = None
        if is_text(ids.type):
            self._texts = _TextSlots(texts_of(ids))
            self.repeated = self._texts.repeated
        else:
            self._numbers = _NumberSlots(numbers_of(ids).astype(np.int64, copy=False))
            self.repeated = self._numbers.repeated

    @property
    def size(self) -> int:
        """Return the bytes that the index takes beside the ids."""
        return sum(each.size for each in (self._texts, self._numbers) if each is not None)

    def codes(self, ids: pa.Array) -> Codes:
        """Return the row of each id, `UNKNOWN` where no customer has it or it is null."""
        if pa.types.is_dictionary(ids.type):
            words = np.append(self.codes(ids.dictionary), np.int32(UNKNOWN))
            found = words[numbers_of(ids.indices)] if len(words) > 1 else None
        elif self._numbers is not None and not is_text(ids.type):
            found = self._numbers.find(numbers_of(ids).astype(np.int64, copy=False))
        else:
            if self._texts is None:
                self._texts = _TextSlots(texts_of(self._ids))
            found = self._texts.find(texts_of(ids))
        if found is None:
            return np.full(len(ids), UNKNOWN, dtype=np.int32)
        missing = missing_of(ids)
        return found if missing is None else np.where(missing, np.int32(UNKNOWN), found)


class _NumberSlots:
    """Whole numbers by position where they lie close together, else in a hash table."""

    def __init__(self, ids: npt.NDArray[np.int64]) -> None:
        self._ids = ids
        low = int(ids.min()) if len(ids) else 0
        span = int(ids.max()) - low + 1 if len(ids) else 0
        self._positions: _Positions | None = None
        self._slots = np.zeros(0, np.int32)
        if span <= DENSE * len(ids) + DENSE_FREE:
            self._positions = _Positions(ids, low=low, span=span)
            self.repeated = self._positions.repeated
        else:
            self._slots = np.full(_slot_count(len(ids)), UNKNOWN, dtype=np.int32)
            self.repeated = np.flatnonzero(_fill_numbers(self._slots, ids))

    @property
    def size(self) -> int:
        return int(self._slots.nbytes) if self._positions is None else self._positions.size

    def find(self, ids: npt.NDArray[np.int64]) -> Codes:
        if self._positions is not None:
            return self._positions.find(ids)
        return _find_numbers(self._slots, self._ids, ids)


class _Positions:
    """A bit for each number from the least to the greatest, set where it is an id.

    How many bits are set before one tells which id it is in the order of numbers, and `rows`
    which row that is. A table of this kind stays in a processor's cache.
    """

    def __init__(self, ids: npt.NDArray[np.int64], *, low: int, span: int) -> None:
        self._low, self._span = low, span
        self._words = np.zeros((-(-span // WORD_BITS) + 1, 2), np.uint64)
        self.repeated = np.flatnonzero(_set_positions(self._words, ids, low))
        count = len(ids) - len(self.repeated)
        self._rows = np.empty(count, np.int32)
        _number_rows(self._words, self._rows, ids, low)
        self._in_order = bool((self._rows == np.arange(count)).all())

    @property
    def size(self) -> int:
        return int(self._words.nbytes + self._rows.nbytes)

    def find(self, ids: npt.NDArray[np.int64]) -> Codes:
        found = _find_positions(self._words, self._low, self._span, ids)
        if self._in_order:
            return found
        return np.where(found < 0, np.int32(UNKNOWN), self._rows[found])


class _TextSlots:
    """Texts in a hash table whose slots hold the short ones themselves.

    A slot is three words: the key, which is the text itself up to 15 bytes and else a hash
    with the length, and the row. So a short text is found by looking at one place in memory.
    """

    def __init__(self, ids: Texts) -> None:
        self._ids = ids
        self._slots = np.zeros((_slot_count(len(ids)), SLOT_WORDS), dtype=np.uint64)
        keys = _keys(ids.offsets, ids.data)
        self.repeated = np.flatnonzero(_fill_texts(self._slots, keys, ids.offsets, ids.data))

    @property
    def size(self) -> int:
        return int(self._slots.nbytes + self._ids.offsets.nbytes)

    def find(self, ids: Texts) -> Codes:
        mine = self._ids
        return _find_texts(self._slots, mine.offsets, mine.data, ids.offsets, ids.data)


def _slot_count(count: int) -> int:
    """Return a power of two of at least twice as many slots as there are ids."""
    return 1 << max(4, (2 * count - 1).bit_length())


@compiled
def _set_positions(words: Words, ids: Integers, low: int) -> Mask:
    """Set the bit of every id and count those before each word; return which ids came before."""
    repeated = np.zeros(len(ids), dtype=np.bool_)
    for row in range(len(ids)):
        at = np.uint64(ids[row] - low)
        bit = np.uint64(1) << (at & np.uint64(63))
        word = at >> np.uint64(6)
        repeated[row] = words[word, 0] & bit != np.uint64(0)
        words[word, 0] |= bit
    before = 0
    for each in range(len(words)):
        words[each, 1] = before
        before += counted(words[each, 0])
    return repeated


@compiled
def _number_rows(words: Words, rows: Codes, ids: Integers, low: int) -> None:
    """Write the first row of every id, in the order of ids."""
    found = _find_positions(words, low, (len(words) - 1) * 64, ids)
    for row in range(len(ids) - 1, -1, -1):
        rows[found[row]] = row


@compiled
def _find_positions(words: Words, low: int, span: int, wanted: Integers) -> Codes:
    """Return which id each number is in the order of ids, `UNKNOWN` for none."""
    found = np.empty(len(wanted), dtype=np.int32)
    end = np.uint64(span)
    for row in range(len(wanted)):
        at = np.uint64(wanted[row] - low)
        at = min(at, end)
        bit = np.uint64(1) << (at & np.uint64(63))
        word = at >> np.uint64(6)
        bits = words[word, 0]
        rank = np.int64(words[word, 1]) + counted(bits & (bit - np.uint64(1)))
        found[row] = rank if bits & bit else UNKNOWN
    return found


@compiled
def _mixed(value: int) -> np.uint64:
    """Return bits in which every bit of the value counts (the finalizer of SplitMix64)."""
    bits = np.uint64(value)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


@compiled
def _fill_numbers(slots: Slots, ids: Integers) -> Mask:
    repeated = np.zeros(len(ids), dtype=np.bool_)
    mask = np.uint64(len(slots) - 1)
    for row in range(len(ids)):
        at = _mixed(ids[row]) & mask
        while slots[at] >= 0 and ids[slots[at]] != ids[row]:
            at = (at + np.uint64(1)) & mask
        if slots[at] >= 0:
            repeated[row] = True
        else:
            slots[at] = row
    return repeated


@compiled
def _find_numbers(slots: Slots, ids: Integers, wanted: Integers) -> Codes:
    found = np.empty(len(wanted), dtype=np.int32)
    mask = np.uint64(len(slots) - 1)
    for row in range(len(wanted)):
        at = _mixed(wanted[row]) & mask
        while slots[at] >= 0 and ids[slots[at]] != wanted[row]:
            at = (at + np.uint64(1)) & mask
        found[row] = slots[at]
    return found


@compiled
def _key(data: Bytes, start: int, end: int) -> tuple[Any, Any]:
    """Return two words that are equal for equal texts, and for short ones only for these."""
    length = end - start
    low, high = np.uint64(0), np.uint64(0)
    if length <= SHORT:
        for at in range(start, min(end, start + 8)):
            low = (low << np.uint64(8)) | np.uint64(data[at])
        for at in range(start + 8, end):
            high = (high << np.uint64(8)) | np.uint64(data[at])
        return low, (high << np.uint64(8)) | np.uint64(length)
    low = np.uint64(0xCBF29CE484222325)
    for at in range(start, end):
        low = (low ^ np.uint64(data[at])) * np.uint64(0x100000001B3)
    return low, (np.uint64(length) << np.uint64(8)) | LONG


@compiled
def _keys(offsets: Integers, data: Bytes) -> Words:
    keys = np.empty((len(offsets) - 1, 2), dtype=np.uint64)
    for row in range(len(keys)):
        keys[row, 0], keys[row, 1] = _key(data, offsets[row], offsets[row + 1])
    return keys


@compiled
def _alike(data: Bytes, start: int, end: int, other: Bytes, first: int) -> bool:
    same = True
    for at in range(end - start):
        same &= data[start + at] == other[first + at]
    return same


@compiled
def _fill_texts(slots: Words, keys: Words, offsets: Integers, data: Bytes) -> Mask:
    repeated = np.zeros(len(keys), dtype=np.bool_)
    mask = np.uint64(len(slots) - 1)
    for row in range(len(keys)):
        low, high = keys[row, 0], keys[row, 1]
        at = _mixed(low ^ _mixed(high)) & mask
        while slots[at, 2]:
            held = np.int64(slots[at, 2]) - 1
            if (
                slots[at, 0] == low
                and slots[at, 1] == high
                and _alike(data, offsets[row], offsets[row + 1], data, offsets[held])
            ):
                repeated[row] = True
                break
            at = (at + np.uint64(1)) & mask
        if not repeated[row]:
            slots[at, 0], slots[at, 1], slots[at, 2] = low, high, np.uint64(row + 1)
    return repeated


@compiled
def _find_texts(
    slots: Words, offsets: Integers, data: Bytes, wanted_offsets: Integers, wanted: Bytes
) -> Codes:
    """Find texts block by block: first their keys, then, close together, their places."""
    count = len(wanted_offsets) - 1
    found = np.full(count, UNKNOWN, dtype=np.int32)
    mask = np.uint64(len(slots) - 1)
    lows, highs = np.empty(BLOCK, dtype=np.uint64), np.empty(BLOCK, dtype=np.uint64)
    for block in range(0, count, BLOCK):
        size = min(BLOCK, count - block)
        for near in range(size):
            row = block + near
            lows[near], highs[near] = _key(wanted, wanted_offsets[row], wanted_offsets[row + 1])
        for near in range(size):
            row = block + near
            low, high = lows[near], highs[near]
            at = _mixed(low ^ _mixed(high)) & mask
            while slots[at, 2]:
                held = np.int64(slots[at, 2]) - 1
                if slots[at, 0] == low and slots[at, 1] == high:
                    start, end = wanted_offsets[row], wanted_offsets[row + 1]
                    if high & np.uint64(0xFF) != LONG or _alike(
                        wanted, start, end, data, offsets[held]
                    ):
                        found[row] = held
                        break
                at = (at + np.uint64(1)) & mask
    return found
