"""All calls of a batch through the door, into memory or, where they do not fit, onto disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Protocol, Self, TypeVar

import pyarrow as pa

from plan_rules.batch.columns import CallColumns
from plan_rules.batch.in_order import in_order
from plan_rules.batch.intake.door import Admitted, admit
from plan_rules.batch.intake.ids import IdIndex
from plan_rules.batch.intake.rejecting import Rejections, RowsRejected
from plan_rules.batch.intake.sources import OpenFiles, Source, Unit
from plan_rules.batch.run.conservation import demand
from plan_rules.batch.run.progress import Listener, Progress, Stage
from plan_rules.batch.spans import Span

T = TypeVar("T")

READERS = 2
"""Threads that read and check row groups; more of them wait for one another."""


@dataclass(slots=True, kw_only=True)
class Intake:
    """What went through the door so far: rows, sound calls and their seconds, rejected rows."""

    rows: int = 0
    calls: int = 0
    seconds: int = 0
    first: int | None = None
    last: int | None = None
    rejected: Rejections = field(default_factory=Rejections.none)

    def add(self, admitted: Admitted) -> None:
        """Count a chunk; raise `NotConserved` if rows of it are neither calls nor rejected."""
        calls = admitted.calls
        lost = 0 if admitted.rejected is None else admitted.rejected.num_rows
        demand("rows of calls", expected=admitted.rows, found=len(calls) + lost)
        self.rows += admitted.rows
        self.calls += len(calls)
        self.seconds += admitted.seconds
        if admitted.rejected is not None:
            self.rejected.add(admitted.rejected)
        if len(calls):
            first, last, _ = admitted.span
            self.first = first if self.first is None else min(self.first, first)
            self.last = last if self.last is None else max(self.last, last)

    def as_line(self) -> dict[str, Any]:
        """Return the counts as plain values."""
        return {
            "rows": self.rows,
            "calls": self.calls,
            "seconds": self.seconds,
            "first": self.first,
            "last": self.last,
            "rejected": self.rejected.as_line(),
        }

    @classmethod
    def of_line(cls, line: Mapping[str, Any]) -> Self:
        """Return the counts that plain values tell."""
        names = ("rows", "calls", "seconds", "first", "last")
        rejected = Rejections.of_line(line["rejected"])
        return cls(**{name: line[name] for name in names}, rejected=rejected)


class Sink(Protocol):
    """Takes what went through the door."""

    def calls(self, calls: CallColumns, span: Span) -> None:
        """Take sound calls, and the times that they lie in."""

    def rejected(self, rows: pa.Table) -> None:
        """Take rejected rows."""

    def unit_done(self, unit: int) -> None:
        """Take note that a unit of the source has been read whole."""


def gather(
    source: Source,
    index: IdIndex,
    *,
    intake: Intake,
    sink: Sink,
    first_unit: int = 0,
    strict: bool = False,
    listener: Listener,
) -> None:
    """Send the calls of a source, from one of its units on, through the door.

    Small row groups are read and checked side by side; of what is larger, a chunk is read while
    the one before it is checked. With `strict` a rejected row raises `RowsRejected`.
    """
    for number, admitted in _admitted(source, index, first_unit):
        if admitted is None:
            sink.unit_done(number)
            continue
        if strict and admitted.rejected is not None:
            raise RowsRejected(admitted.rejected)
        intake.add(admitted)
        if admitted.rejected is not None:
            sink.rejected(admitted.rejected)
        sink.calls(admitted.calls, admitted.span)
        listener(Progress(stage=Stage.READ, done=intake.rows, total=source.rows))


def _admitted(
    source: Source, index: IdIndex, first_unit: int
) -> Iterator[tuple[int, Admitted | None]]:
    """Yield what each unit holds, with its number, and behind it the number alone."""
    units = enumerate(source.units[first_unit:], start=first_unit)
    for is_small, some in groupby(units, key=lambda each: each[1].is_small):
        if is_small:
            yield from _side_by_side(some, index)
            continue
        for number, unit in some:
            yield from ((number, admit(chunk, index)) for chunk in ahead(unit.chunks()))
            yield number, None


def _side_by_side(
    units: Iterable[tuple[int, Unit]], index: IdIndex
) -> Iterator[tuple[int, Admitted | None]]:
    """Yield what units hold, as `_admitted` does, several of which are read at once."""
    with OpenFiles() as files:

        def whole(each: tuple[int, Unit]) -> tuple[int, list[Admitted]]:
            number, unit = each
            return number, [admit(chunk, index) for chunk in unit.chunks(files)]

        for number, found in in_order(whole, units, threads=READERS):
            yield from ((number, each) for each in found)
            yield number, None


def ahead(items: Iterable[T]) -> Iterator[T]:
    """Yield items, each of which was asked for while the one before it was in use."""
    iterator = iter(items)
    done = object()
    with ThreadPoolExecutor(max_workers=1) as reader:
        coming = reader.submit(next, iterator, done)
        while (item := coming.result()) is not done:
            coming = reader.submit(next, iterator, done)
            yield item  # type: ignore[misc]
