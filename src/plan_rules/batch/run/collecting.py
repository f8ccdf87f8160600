"""Calls collected in memory while they fit, and on disk from then on, with checkpoints."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa

from plan_rules.batch.columns import CallColumns
from plan_rules.batch.held import HeldCalls
from plan_rules.batch.intake.customers import CustomerTable
from plan_rules.batch.intake.schemas import REJECTED
from plan_rules.batch.intake.sources import Source
from plan_rules.batch.run.gathering import Intake, gather
from plan_rules.batch.run.journal import Journal
from plan_rules.batch.run.memory import MemoryPlan
from plan_rules.batch.run.parts import Division, Gathered, InMemory
from plan_rules.batch.run.progress import Listener
from plan_rules.batch.run.spilling import MOST_PARTS, OnDisk, Spill
from plan_rules.batch.run.writing import TableWriter, parquet_file
from plan_rules.batch.spans import Span

CHECKPOINT_CALLS = 8_000_000
"""Calls between two checkpoints of what is spilled: what a stop may cost again."""

PART_CALLS = 8_000_000
"""Calls of a part at most, however much memory there is: what a stop may cost again."""

USUAL_CALLS = 120
"""Calls of a customer, where nobody knows how many will come: forty a month."""

UNKNOWN_PARTS = 64
"""Parts where nobody knows how many calls will come."""


class Collector:
    """Takes what goes through the door, for one batch in one folder.

    Rejected rows go into files below `rejected`, one for each span between two checkpoints
    that has any.
    """

    def __init__(
        self,
        *,
        source: Source,
        table: CustomerTable,
        plan: MemoryPlan,
        journal: Journal,
        rejected: Path,
        spill: Path,
    ) -> None:
        """Collect the calls of a source for the customers of a table."""
        self._source, self._table, self._plan = source, table, plan
        self._journal, self._rejected, self._folder = journal, rejected, spill
        expected = source.rows or len(table) * USUAL_CALLS
        self._held = HeldCalls(len(table), expected=min(expected, plan.calls))
        self._spill: Spill | None = None
        self._division = Division.of(len(table), parts=1)
        self._intake = Intake()
        self._span, self._span_calls = 0, 0
        self._stack, self._file = ExitStack(), None

    _file: TableWriter | None

    def collect(self, *, strict: bool, listener: Listener) -> tuple[Intake, Gathered]:
        """Read all calls, going on from the last checkpoint if there is one."""
        first_unit = 0
        known = self._journal.last("spilled")
        if known is not None:
            first_unit = known["unit"] + 1
            self._intake = Intake.of_line(known)
            self._span = known["span"] + 1
            division = Division(customers=len(self._table), width=known["width"])
            self._open(division, known["lengths"])
        elif (self._source.rows or 0) > self._plan.calls:
            self._open(self._divided(self._source.rows or 0))
        try:
            gather(
                self._source,
                self._table.index,
                intake=self._intake,
                sink=self,
                first_unit=first_unit,
                strict=strict,
                listener=listener,
            )
            self._close_span()
            if self._spill is not None:
                self._spill.checkpoint()
        finally:
            self._stack.close()
            if self._spill is not None:
                self._spill.close()
        pa.default_memory_pool().release_unused()
        return self._intake, self._gathered()

    def calls(self, calls: CallColumns, span: Span) -> None:
        """Take sound calls; where they become too many for memory, all go onto disk."""
        self._span_calls += len(calls)
        if self._spill is not None:
            self._spill.add(calls)
            return
        self._held.add(calls, span=span)
        if self._intake.calls > self._plan.calls:
            expected = self._source.rows or self._plan.calls * UNKNOWN_PARTS
            spill = self._open(self._divided(expected))
            for chunk in self._held.drained():
                spill.add(chunk)

    def rejected(self, rows: pa.Table) -> None:
        """Take rejected rows."""
        if self._file is None:
            path = self._rejected / f"calls-{self._span:05d}.parquet"
            self._file = self._stack.enter_context(parquet_file(path, REJECTED))
        self._file.add(rows)

    def unit_done(self, unit: int) -> None:
        """Make a checkpoint if enough was spilled since the last one."""
        if self._spill is None or self._span_calls < CHECKPOINT_CALLS:
            return
        self._close_span()
        self._journal.write(
            "spilled",
            {
                "unit": unit,
                "span": self._span,
                "width": self._division.width,
                "lengths": self._spill.checkpoint(),
                **self._intake.as_line(),
            },
        )
        self._span, self._span_calls = self._span + 1, 0

    def _close_span(self) -> None:
        self._stack.close()
        self._stack, self._file = ExitStack(), None

    def _open(self, division: Division, lengths: Sequence[int] = ()) -> Spill:
        self._division = division
        self._spill = Spill(self._folder, division, lengths)
        return self._spill

    def _divided(self, calls: int) -> Division:
        parts = max(self._plan.parts(calls), -(-calls // PART_CALLS))
        return Division.of(len(self._table), parts=min(MOST_PARTS, parts))

    def _gathered(self) -> Gathered:
        if self._spill is not None:
            return OnDisk(self._folder, self._division)
        parts = -(-self._intake.calls // PART_CALLS)
        division = Division.of(len(self._table), parts=parts)
        return InMemory(self._held, division)
