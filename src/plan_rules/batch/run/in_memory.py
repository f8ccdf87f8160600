"""A batch from tables to tables, all in memory: Arrow in, Arrow out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from plan_rules.batch.book import BatchBook, batch_book
from plan_rules.batch.columns import CallColumns
from plan_rules.batch.held import HeldCalls
from plan_rules.batch.intake.customers import TABLE as CUSTOMERS_TABLE
from plan_rules.batch.intake.customers import read_customers
from plan_rules.batch.intake.door import TABLE as CALLS_TABLE
from plan_rules.batch.intake.rejecting import RowsRejected
from plan_rules.batch.intake.schemas import REJECTED
from plan_rules.batch.intake.sources import Given, source_of
from plan_rules.batch.run.collecting import USUAL_CALLS
from plan_rules.batch.run.conservation import Tally, demand
from plan_rules.batch.run.gathering import Intake, gather
from plan_rules.batch.run.memory import LIBRARIES, MIB, MemoryPlan
from plan_rules.batch.run.parts import Division, InMemory
from plan_rules.batch.run.progress import Listener, Progress, Stage, nobody
from plan_rules.batch.run.slices import Pricing
from plan_rules.batch.spans import Span
from plan_rules.catalog.catalog import Catalog
from plan_rules.errors import InvalidValue
from plan_rules.tariff.book import TariffBook
from plan_rules.tariff.compiling import tariff_book

WORKING_MEMORY = LIBRARIES + 512 * MIB
"""Bytes beside the tables that pricing in memory may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchTables:
    """The results of a batch as Arrow tables, accounted for.

    `bills` has a row for each customer and cycle, empty unless they were asked for; `best` the
    best plans of each customer; `rejected` the rows that could not be read. `rows` are the
    rows of calls, `tally` what became of them.
    """

    bills: pa.Table
    best: pa.Table
    rejected: pa.Table
    rows: int
    tally: Tally


def price_tables(
    *,
    catalog: Catalog,
    calls: Given,
    customers: Given,
    as_of: date,
    values_on: date | None = None,
    top: int = 3,
    with_bills: bool = True,
    threads: int = 1,
    strict: bool = False,
    progress: Listener = nobody,
) -> BatchTables:
    """Return what every customer's calls cost on every plan, and which plans are best.

    As `price_batch`, with all of it in memory: what it does and raises is said there.
    """
    return price_with_book(
        tariff_book(catalog),
        batch_book(catalog),
        calls=calls,
        customers=customers,
        as_of=as_of,
        values_on=values_on,
        top=top,
        with_bills=with_bills,
        threads=threads,
        strict=strict,
        progress=progress,
    )


class _Held:
    """Takes all of it into memory."""

    def __init__(self, calls: HeldCalls) -> None:
        self.held = calls
        self.lost: list[pa.Table] = []

    def calls(self, calls: CallColumns, span: Span) -> None:
        self.held.add(calls, span=span)

    def rejected(self, rows: pa.Table) -> None:
        self.lost.append(rows)

    def unit_done(self, unit: int) -> None:
        """Nothing has to be done."""


def price_with_book(
    book: TariffBook,
    batch_book: BatchBook,
    *,
    calls: Given,
    customers: Given,
    as_of: date,
    values_on: date | None,
    top: int,
    with_bills: bool,
    threads: int = 1,
    strict: bool = False,
    progress: Listener = nobody,
) -> BatchTables:
    """Return the results of a batch by a catalog that has been compiled and laid out."""
    if top < 1:
        raise InvalidValue(name="top", value=top, expected="at least 1")
    source = source_of(calls, CALLS_TABLE)
    read = read_customers(
        source_of(customers, CUSTOMERS_TABLE),
        plan_ids=tuple(book.plans),
        declared=(batch_book.declared,),
    )
    expected = source.rows or len(read.customers) * USUAL_CALLS
    sink, intake = _Held(HeldCalls(len(read.customers), expected=expected)), Intake()
    if read.rejected is not None:
        if strict:
            raise RowsRejected(read.rejected)
        sink.lost.append(read.rejected)
    gather(source, read.customers.index, intake=intake, sink=sink, strict=strict, listener=progress)
    gathered = InMemory(sink.held, Division.of(len(read.customers), parts=1))
    pricing = Pricing(
        book=book,
        batch_book=batch_book,
        customers=read.customers,
        as_of=as_of,
        values_on=values_on,
        top=top,
        with_bills=with_bills,
        memory=MemoryPlan.of(WORKING_MEMORY, customers_size=0),
        threads=threads,
    )
    tally = pricing.nothing()
    bills, best = [pricing.bills_schema.empty_table()], [pricing.best_schema.empty_table()]
    for part in gathered.division:
        for priced in pricing.slices(gathered, part):
            tally += priced.tally
            best.append(priced.best)
            if priced.bills is not None:
                bills.append(priced.bills)
            progress(Progress(stage=Stage.PRICE, done=priced.end, total=len(read.customers)))
    demand("calls", expected=intake.calls, found=tally.calls)
    demand("seconds", expected=intake.seconds, found=tally.seconds)
    return BatchTables(
        bills=pa.concat_tables(bills),
        best=pa.concat_tables(best),
        rejected=pa.concat_tables([REJECTED.empty_table(), *sink.lost]),
        rows=intake.rows,
        tally=tally,
    )
