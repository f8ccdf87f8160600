"""Customers priced some at a time, so that their bills fit into memory, whole customers each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from plan_rules.batch.book import BatchBook
from plan_rules.batch.columns import CallColumns
from plan_rules.batch.intake.customers import CustomerTable
from plan_rules.batch.pricing import price
from plan_rules.batch.run.best import best_schema, best_table
from plan_rules.batch.run.conservation import Tally
from plan_rules.batch.run.memory import MemoryPlan
from plan_rules.batch.run.parts import Gathered, Part, Piece, customers_between
from plan_rules.batch.run.results import bills_schema, bills_table
from plan_rules.periods import DAY_SECONDS
from plan_rules.tariff.book import TariffBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """The results of the customers up to `end` (exclusive), and what they hold."""

    end: int
    best: pa.Table
    bills: pa.Table | None
    tally: Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Pricing:
    """How customers are priced: by which book and day, into which tables, how many at once."""

    book: TariffBook
    batch_book: BatchBook
    customers: CustomerTable
    as_of: date | None
    top: int
    with_bills: bool
    memory: MemoryPlan
    threads: int

    @property
    def bills_schema(self) -> pa.Schema:
        """The schema of bills."""
        return bills_schema(self.book, ids=self.customers.ids.type, as_of=self.as_of)

    @property
    def best_schema(self) -> pa.Schema:
        """The schema of best plans."""
        return best_schema(self.book, ids=self.customers.ids.type, as_of=self.as_of)

    def slices(self, gathered: Gathered, part: Part) -> Iterator[Priced]:
        """Yield the results of a part, in the order of its customers.

        Raises `NotConserved` if the bills of a slice do not hold its calls.
        """
        for piece in gathered.pieces(part, most=self.memory.calls):
            yield from self._piece(piece)

    def _piece(self, piece: Piece) -> Iterator[Priced]:
        days = _days(piece.between(piece.start, piece.end))
        step = self.memory.customers_at_once(self.book, days=days)
        for start in range(piece.start, piece.end, step):
            end = min(piece.end, start + step)
            yield self._priced(start, end, piece.between(start, end))

    def _priced(self, start: int, end: int, calls: CallColumns) -> Priced:
        columns = customers_between(self.customers.columns, start, end)
        ids = self.customers.ids.slice(start, end - start)
        bills = price(
            self.batch_book,
            customers=columns,
            calls=calls,
            values_on=self.as_of,
            threads=self.threads,
        )
        return Priced(
            end=end,
            best=best_table(
                bills,
                customers=columns,
                ids=ids,
                as_of=self.as_of,
                top=self.top,
                schema=self.best_schema,
            ),
            bills=bills_table(bills, ids=ids, schema=self.bills_schema)
            if self.with_bills
            else None,
            tally=Tally.of(bills, calls),
        )


def _days(calls: CallColumns) -> int:
    """Return how many days lie between the first call and the last, both included."""
    if not len(calls):
        return 1
    return int(calls.start.max() - calls.start.min()) // DAY_SECONDS + 1
