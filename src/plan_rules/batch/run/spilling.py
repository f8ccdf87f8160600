"""Calls that do not fit into memory: put on disk by part, so that each part fits.

A part is one file of records of one width, written behind each other. So the files can be cut
back to where they were at the last checkpoint, and reading goes on from there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np

from plan_rules.batch.columns import CallColumns, Int64s
from plan_rules.batch.held import Binned, HeldCalls
from plan_rules.batch.packed import PACKED, SHIFT, PackedCalls
from plan_rules.batch.run.parts import Division, Part, Piece

ROW = 3
"""Whole numbers of a call on disk: those of `PackedCalls`, customers from the first of all."""

ROW_BYTES = 8 * ROW

READ_CALLS = 1 << 18
"""Calls that are read from disk at once."""

MOST_PARTS = 500
"""Files that are open at once; each is a handle of the operating system."""


class Spill:
    """The files of all parts, open for writing."""

    def __init__(self, folder: Path, division: Division, lengths: Sequence[int] = ()) -> None:
        """Make the files anew, or cut them back to the `lengths` in bytes of a checkpoint."""
        folder.mkdir(parents=True, exist_ok=True)
        self._division = division
        self._files: list[BinaryIO] = []
        for part in division:
            path = part_path(folder, part.number)
            path.touch()
            file = path.open("r+b")
            self._files.append(file)
            file.truncate(lengths[part.number] if lengths else 0)
            file.seek(0, os.SEEK_END)

    def close(self) -> None:
        """Close every file."""
        for file in self._files:
            file.close()

    def add(self, calls: CallColumns) -> None:
        """Put calls into the files of their parts, in the order they are given in."""
        parts = self._division.part_of(calls.customer).astype(np.uint16)
        found = Binned.of(calls, parts, count=len(self._division))
        for number, (first, end) in enumerate(pairwise(found.bounds.tolist())):
            if first < end:
                self._files[number].write(found.rows[first:end].data)

    def checkpoint(self) -> tuple[int, ...]:
        """Put everything on disk for good, and return the length of each file in bytes."""
        for file in self._files:
            file.flush()
            os.fsync(file.fileno())
        return tuple(file.tell() for file in self._files)


class OnDisk:
    """Calls that were spilled."""

    def __init__(self, folder: Path, division: Division) -> None:
        """Read the parts of a folder."""
        self._folder = folder
        self._division = division

    @property
    def division(self) -> Division:
        """How the customers are divided."""
        return self._division

    def pieces(self, part: Part, *, most: int) -> Iterator[Piece]:
        """Yield a part in pieces of whole customers of at most `most` calls, if they can be."""
        path = part_path(self._folder, part.number)
        calls = path.stat().st_size // ROW_BYTES
        if calls <= most:
            yield _piece(path, part.start, part.end, expected=calls, whole=True)
            return
        counts = np.zeros(part.customers, dtype=np.int64)
        for rows in _read(path):
            customers = (rows[:, PACKED] >> SHIFT) - part.start
            counts += np.bincount(customers, minlength=part.customers)
        for start, end in _ranges(counts, most):
            expected = int(counts[start:end].sum())
            yield _piece(path, part.start + start, part.start + end, expected=expected, whole=False)


def _piece(path: Path, start: int, end: int, *, expected: int, whole: bool) -> Piece:
    """Return the calls of some customers of a part; `whole` tells that there are no others."""
    held = HeldCalls(end - start, expected=expected)
    for rows in _read(path):
        if not whole:
            customers = rows[:, PACKED] >> SHIFT
            rows = rows[(customers >= start) & (customers < end)]  # noqa: PLW2901  the others
        held.add(PackedCalls.of_rows(rows, base=start).columns)
    return Piece(start=start, end=end, held=held, base=start)


def _read(path: Path) -> Iterator[Int64s]:
    """Yield the rows of a file, some at a time."""
    with path.open("rb") as file:
        while len(numbers := np.fromfile(file, np.int64, count=ROW * READ_CALLS)):
            yield numbers.reshape(-1, ROW)


def _ranges(counts: Int64s, most: int) -> Iterator[tuple[int, int]]:
    """Yield ranges of customers that have at most so many calls, or are a single customer."""
    start, held = 0, 0
    for at, count in enumerate(counts.tolist()):
        if at > start and held + count > most:
            yield start, at
            start, held = at, 0
        held += count
    yield start, len(counts)


def part_path(folder: Path, number: int) -> Path:
    """Return the file of a part."""
    return folder / f"part-{number:05d}.calls"
