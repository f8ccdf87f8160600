"""A batch from files to files: gather the calls, price part by part, account for all of it.

Every step that is done is in the journal of the folder, so that a batch that was stopped goes
on where it was; what a step writes appears whole or not at all.
"""

from __future__ import annotations

import json
import shutil
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from plan_rules.batch.book import BatchBook, batch_book
from plan_rules.batch.intake.customers import TABLE as CUSTOMERS_TABLE
from plan_rules.batch.intake.customers import CustomerTable, read_customers
from plan_rules.batch.intake.door import TABLE as CALLS_TABLE
from plan_rules.batch.intake.rejecting import Rejections, RowsRejected
from plan_rules.batch.intake.schemas import REJECTED
from plan_rules.batch.intake.sources import Given, Source, source_of
from plan_rules.batch.run.collecting import Collector
from plan_rules.batch.run.conservation import NOT_RATED, OUTCOMES, Tally, demand
from plan_rules.batch.run.gathering import Intake
from plan_rules.batch.run.journal import Journal
from plan_rules.batch.run.memory import DEFAULT_MEMORY, MemoryPlan
from plan_rules.batch.run.parts import Division, Gathered, Part
from plan_rules.batch.run.progress import Listener, Progress, Stage, nobody
from plan_rules.batch.run.slices import Priced, Pricing
from plan_rules.batch.run.spilling import OnDisk
from plan_rules.batch.run.writing import GROUP_BYTES, TableWriter, parquet_file, write_text
from plan_rules.catalog.catalog import Catalog
from plan_rules.errors import InvalidValue
from plan_rules.tariff.book import TariffBook
from plan_rules.tariff.compiling import tariff_book

VERSION = 1
BILLS, BEST, REJECTED_ROWS, SPILL, SUMMARY = "bills", "best", "rejected", "spill", "summary.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchSummary:
    """What a batch did, accounted for: every row of the calls is in exactly one place.

    `rows` are the rows of calls read: `calls` admitted and those `rejected`. `tally` tells
    what became of the calls on each of `plan_ids`. `customers` were priced; `parts` is into
    how many they were divided, `spilled` whether the calls had to go onto disk.
    """

    plan_ids: tuple[str, ...]
    currency: str
    catalog_digest: str
    as_of: date
    values_on: date | None
    customers: int
    customers_rejected: Rejections
    rows: int
    calls: int
    seconds: int
    rejected: Rejections
    tally: Tally
    best_rows: int
    parts: int
    spilled: bool


def price_batch(
    *,
    catalog: Catalog,
    calls: Given,
    customers: Given,
    out: Path | str,
    as_of: date,
    values_on: date | None = None,
    top: int = 3,
    with_bills: bool = True,
    memory: int = DEFAULT_MEMORY,
    threads: int = 2,
    strict: bool = False,
    resume: bool = False,
    progress: Listener = nobody,
) -> BatchSummary:
    """Price every customer's calls on every plan, into Parquet files below the folder `out`.

    `calls` and `customers` are paths or patterns of files (Parquet, CSV, Arrow), or tables of
    any library that offers Arrow streams; their columns are `CALLS` and `CUSTOMERS`. Below
    `out` there will be `bills` (unless not `with_bills`), `best` (the `top` plans of each
    customer), `rejected` (rows that could not be read), and a summary. Rows go by customer, as
    in the customers table, whatever the order of the calls.

    Plans are compared as `recommend` does at `as_of`. Bills are what `rate` says: each call by
    the values of its own date; with `values_on` all by those of that day, without intro price.
    `memory` is a limit in bytes, kept by putting calls onto disk where there are more. Nothing
    but the time taken depends on it, or on `threads`. With `resume` a batch that was stopped
    goes on; one that was finished gives its summary.

    Raises `WrongSchema`, `UnreadableFile`, `MemoryTooSmall`, `OutputExists`, `ResumeRefused`,
    `BatchRunning`; with `strict`, `RowsRejected` for a row that cannot be read; `InvalidValue`
    for a file of a kind nobody reads, for `top` below 1, and to resume from tables;
    `NotConserved` if calls were lost or counted twice, which would be our fault.
    """
    if top < 1:
        raise InvalidValue(name="top", value=top, expected="at least 1")
    if threads < 1:
        raise InvalidValue(name="threads", value=threads, expected="at least 1")
    book = tariff_book(catalog)
    sources = source_of(calls, CALLS_TABLE), source_of(customers, CUSTOMERS_TABLE)
    if resume and not all(source.fingerprint for source in sources):
        raise InvalidValue(name="resume", value=True, expected="calls and customers from files")
    identity = {
        "version": VERSION,
        "calls": sources[0].fingerprint,
        "customers": sources[1].fingerprint,
        "catalog": book.digest,
        "as of": as_of.isoformat(),
        "values on": None if values_on is None else values_on.isoformat(),
        "top": top,
        "bills": with_bills,
    }
    with Journal(Path(out), identity=identity, resume=resume) as journal:
        run = _Run(
            out=Path(out),
            book=book,
            batch_book=batch_book(catalog),
            source=sources[0],
            journal=journal,
            strict=strict,
            listener=progress,
        )
        return run.run(
            sources[1],
            as_of=as_of,
            values_on=values_on,
            top=top,
            with_bills=with_bills,
            memory=memory,
            threads=threads,
        )


@dataclass(slots=True, kw_only=True)
class _Run:
    """One batch in one folder."""

    out: Path
    book: TariffBook
    batch_book: BatchBook
    source: Source
    journal: Journal
    strict: bool
    listener: Listener

    def run(
        self,
        customers: Source,
        *,
        as_of: date,
        values_on: date | None,
        top: int,
        with_bills: bool,
        memory: int,
        threads: int,
    ) -> BatchSummary:
        table, lost = self._customers(customers)
        plan = MemoryPlan.of(memory, customers_size=table.size)
        intake, gathered = self._gathered(table, plan)
        pricing = Pricing(
            book=self.book,
            batch_book=self.batch_book,
            customers=table,
            as_of=as_of,
            values_on=values_on,
            top=top,
            with_bills=with_bills,
            memory=plan,
            threads=threads,
        )
        self._price(gathered, pricing)
        summary = self._account(table, lost, intake, gathered, pricing)
        shutil.rmtree(self.out / SPILL, ignore_errors=True)
        if self.journal.last("done") is None:
            self.journal.write("done", {})
        return summary

    def _customers(self, source: Source) -> tuple[CustomerTable, Rejections]:
        read = read_customers(
            source, plan_ids=tuple(self.book.plans), declared=(self.batch_book.declared,)
        )
        lost = Rejections.none()
        if read.rejected is not None:
            if self.strict:
                raise RowsRejected(read.rejected)
            lost.add(read.rejected)
        demand("rows of customers", expected=read.rows, found=len(read.customers) + lost.rows)
        if self.journal.last("customers") is None:
            with parquet_file(self.out / REJECTED_ROWS / "customers.parquet", REJECTED) as file:
                if read.rejected is not None:
                    file.add(read.rejected)
            self.journal.write("customers", {"rows": read.rows, "rejected": lost.rows})
        return read.customers, lost

    def _gathered(self, table: CustomerTable, plan: MemoryPlan) -> tuple[Intake, Gathered]:
        """Return all calls at hand, from the spill if they are there already."""
        known = self.journal.last("gathered")
        if known is not None and known["spilled"]:
            division = Division(customers=len(table), width=known["width"])
            return Intake.of_line(known), OnDisk(self.out / SPILL, division)
        collector = Collector(
            source=self.source,
            table=table,
            plan=plan,
            journal=self.journal,
            rejected=self.out / REJECTED_ROWS,
            spill=self.out / SPILL,
        )
        intake, gathered = collector.collect(strict=self.strict, listener=self.listener)
        if known is None:
            width, spilled = gathered.division.width, isinstance(gathered, OnDisk)
            line = {**intake.as_line(), "width": width, "spilled": spilled}
            self.journal.write("gathered", line)
        else:
            demand("calls", expected=known["calls"], found=intake.calls)
        return intake, gathered

    def _price(self, gathered: Gathered, pricing: Pricing) -> None:
        done = {line["part"] for line in self.journal.all("part")}
        division = gathered.division
        self._tell(0, division)
        for part in division:
            if part.number not in done:
                tally, best_rows = self._price_part(gathered, part, pricing)
                self.journal.write(
                    "part", {"part": part.number, **tally.as_line(), "best_rows": best_rows}
                )
            self._tell(part.end, division)

    def _tell(self, done: int, division: Division) -> None:
        self.listener(Progress(stage=Stage.PRICE, done=done, total=division.customers))

    def _price_part(self, gathered: Gathered, part: Part, pricing: Pricing) -> tuple[Tally, int]:
        """Price a part slice by slice; a slice is written while the next is priced."""
        tally = pricing.nothing()
        name = f"part-{part.number:05d}.parquet"
        with ExitStack() as stack:

            def written(folder: str, schema: pa.Schema) -> TableWriter:
                path = self.out / folder / name
                return stack.enter_context(parquet_file(path, schema, group_bytes=GROUP_BYTES))

            best = written(BEST, pricing.best_schema)
            bills = written(BILLS, pricing.bills_schema) if pricing.with_bills else None
            writer = stack.enter_context(ThreadPoolExecutor(max_workers=1))
            writing: Future[None] | None = None
            for priced in pricing.slices(gathered, part):
                tally += priced.tally
                if writing is not None:
                    writing.result()
                writing = writer.submit(_write, priced, best, bills)
                self._tell(priced.end, gathered.division)
            if writing is not None:
                writing.result()
            if bills is not None:
                demand("bills written", expected=tally.rows, found=bills.rows)
            return tally, best.rows

    def _account(
        self,
        table: CustomerTable,
        lost: Rejections,
        intake: Intake,
        gathered: Gathered,
        pricing: Pricing,
    ) -> BatchSummary:
        """Return the summary, once everything is accounted for."""
        lines = self.journal.all("part")
        parts = len(gathered.division)
        demand("parts", expected=parts, found=len({line["part"] for line in lines}))
        demand("parts", expected=parts, found=len(lines))
        tally = sum((Tally.of_line(each) for each in lines), pricing.nothing())
        best_rows = sum(line["best_rows"] for line in lines)
        demand("rows of calls", expected=intake.rows, found=tally.calls + intake.rejected.rows)
        demand("calls", expected=intake.calls, found=tally.calls)
        demand("seconds", expected=intake.seconds, found=tally.seconds)
        demand("best plans", expected=best_rows, found=_rows_in(self.out / BEST))
        if pricing.with_bills:
            demand("bills", expected=tally.rows, found=_rows_in(self.out / BILLS))
        demand(
            "rejected rows",
            expected=lost.rows + intake.rejected.rows,
            found=_rows_in(self.out / REJECTED_ROWS),
        )
        summary = BatchSummary(
            plan_ids=tuple(self.book.plans),
            currency=self.book.currency,
            catalog_digest=self.book.digest,
            as_of=pricing.as_of,
            values_on=pricing.values_on,
            customers=len(table),
            customers_rejected=lost,
            rows=intake.rows,
            calls=intake.calls,
            seconds=intake.seconds,
            rejected=intake.rejected,
            tally=tally,
            best_rows=best_rows,
            parts=parts,
            spilled=isinstance(gathered, OnDisk),
        )
        text = json.dumps(summary_document(summary), indent=2, ensure_ascii=False)
        write_text(self.out / SUMMARY, text + "\n")
        return summary


def _write(priced: Priced, best: TableWriter, bills: TableWriter | None) -> None:
    best.add(priced.best)
    if bills is not None and priced.bills is not None:
        bills.add(priced.bills)


def _rows_in(folder: Path) -> int:
    """Return the rows of all Parquet files of a folder."""
    return sum(int(pq.read_metadata(path).num_rows) for path in sorted(folder.glob("*.parquet")))


def summary_document(summary: BatchSummary) -> dict[str, Any]:
    """Return a summary as JSON, schema `batch.schema.json`."""
    tally = summary.tally
    not_rated = {name: getattr(tally, name) for name in NOT_RATED}
    return {
        "version": VERSION,
        "currency": summary.currency,
        "catalog_digest": summary.catalog_digest,
        "as_of": summary.as_of.isoformat(),
        "values_on": None if summary.values_on is None else summary.values_on.isoformat(),
        "customers": {
            "rows": summary.customers + summary.customers_rejected.rows,
            "priced": summary.customers,
            "rejected": summary.customers_rejected.rows,
        },
        "calls": {
            "rows": summary.rows,
            "priced": summary.calls,
            "seconds": summary.seconds,
            "rejected": summary.rejected.rows,
        },
        "bills": tally.rows,
        "best": summary.best_rows,
        "parts": summary.parts,
        "spilled": summary.spilled,
        "plans": [
            {
                "plan": plan,
                "rated_calls": tally.calls
                - sum(not_rated[f"{each}_calls"][at] for each in OUTCOMES),
                "rated_seconds": tally.seconds
                - sum(not_rated[f"{each}_seconds"][at] for each in OUTCOMES),
                **{name: counts[at] for name, counts in not_rated.items()},
            }
            for at, plan in enumerate(summary.plan_ids if tally.rows else ())
        ],
        "rejected": {
            "by_code": dict(
                sorted((summary.rejected.counts + summary.customers_rejected.counts).items())
            ),
            "first": [*summary.customers_rejected.first, *summary.rejected.first],
        },
    }
