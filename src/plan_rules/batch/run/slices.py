"""Customers priced some at a time, so that their bills fit into memory, whole customers each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import pyarrow as pa

from plan_rules.batch.book import BatchBook
from plan_rules.batch.in_order import in_order
from plan_rules.batch.intake.customers import CustomerTable
from plan_rules.batch.placing import Range, place
from plan_rules.batch.pricing import price_placed
from plan_rules.batch.ranking import Terms, rank_placed
from plan_rules.batch.run.best import best_schema, best_table
from plan_rules.batch.run.conservation import Tally
from plan_rules.batch.run.memory import MemoryPlan
from plan_rules.batch.run.parts import Gathered, Part, Piece
from plan_rules.batch.run.results import bills_schema, bills_table, metadata
from plan_rules.tariff.book import TariffBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """The results of the customers up to `end` (exclusive), and what they hold."""

    end: int
    best: pa.Table
    bills: pa.Table | None
    tally: Tally


@dataclass(frozen=True, kw_only=True)
class Pricing:
    """How customers are priced: by which book and day, into which tables, how many at once."""

    book: TariffBook
    batch_book: BatchBook
    customers: CustomerTable
    as_of: date
    values_on: date | None
    top: int
    with_bills: bool
    memory: MemoryPlan
    threads: int

    @cached_property
    def bills_schema(self) -> pa.Schema:
        """The schema of bills."""
        ids, plans = self.customers.ids.type, len(self.book.plans)
        return bills_schema(
            ids=ids, plans=plans, adjusted=self.batch_book.adjusts, metadata=self._metadata
        )

    @cached_property
    def best_schema(self) -> pa.Schema:
        """The schema of best plans."""
        return best_schema(ids=self.customers.ids.type, metadata=self._metadata)

    @property
    def _metadata(self) -> dict[str, str]:
        return metadata(self.book, as_of=self.as_of, values_on=self.values_on)

    def nothing(self) -> Tally:
        """Return the tally of no customer."""
        return Tally.nothing(len(self.book.plans) if self.with_bills else 0)

    def slices(self, gathered: Gathered, part: Part) -> Iterator[Priced]:
        """Yield the results of a part, in the order of its customers.

        Raises `NotConserved` if the bills of a slice do not hold its calls.
        """
        for piece in gathered.pieces(part, most=self.memory.calls):
            yield from self._piece(piece)

    def _piece(self, piece: Piece) -> Iterator[Priced]:
        step = self.memory.customers_at_once(
            self.book, days=piece.held.span.days, with_bills=self.with_bills
        )
        most = max(1, step // (2 * self.threads))

        def priced(each: Range) -> Priced:
            return self._priced(each, piece)

        yield from in_order(priced, piece.slices(customers=most), threads=self.threads)

    def _priced(self, each: Range, piece: Piece) -> Priced:
        start, end = each
        columns = self.customers.columns.between(start, end)
        placed = place(self.batch_book, columns, piece.between(start, end), span=piece.held.span)
        ids = self.customers.ids.slice(start, end - start)
        terms = Terms(as_of=self.as_of, ranks=self.top)
        found = rank_placed(self.batch_book, columns, placed, terms)
        sums = {"calls": len(placed), "seconds": placed.seconds}
        bills, tally = None, Tally.without_bills(**sums)
        if self.with_bills:
            priced = price_placed(self.batch_book, columns, placed, values_on=self.values_on)
            tally = Tally.of(priced, **sums)
            bills = bills_table(priced, ids=ids, schema=self.bills_schema)
        best_plans = best_table(
            found,
            customers=columns,
            answered=placed.answered,
            ids=ids,
            top=self.top,
            schema=self.best_schema,
        )
        return Priced(end=end, best=best_plans, bills=bills, tally=tally)
