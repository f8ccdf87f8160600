"""Shards: customers divided among machines by whatever schedules work there.

A shard is a folder with a table of customers and the calls of exactly these. `write_shards`
makes them, `price_shard` prices one, wherever and however often a scheduler runs it, and
`account_shards` sees to it that all of them are there and nothing was lost.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from plan_rules.batch.book import declared_by
from plan_rules.batch.columns import CallColumns
from plan_rules.batch.held import Binned
from plan_rules.batch.intake.customers import TABLE as CUSTOMERS_TABLE
from plan_rules.batch.intake.customers import CustomerTable, read_customers
from plan_rules.batch.intake.door import TABLE as CALLS_TABLE
from plan_rules.batch.intake.rejecting import RowsRejected
from plan_rules.batch.intake.schemas import REJECTED
from plan_rules.batch.intake.sources import Given, source_of
from plan_rules.batch.packed import PackedCalls
from plan_rules.batch.run.conservation import demand
from plan_rules.batch.run.gathering import Intake, gather
from plan_rules.batch.run.job import BatchSummary, price_batch
from plan_rules.batch.run.journal import OutputExists
from plan_rules.batch.run.memory import DEFAULT_MEMORY
from plan_rules.batch.run.parts import Division
from plan_rules.batch.run.progress import Listener, nobody
from plan_rules.batch.run.writing import TableWriter, parquet_file, write_text
from plan_rules.batch.spans import Span
from plan_rules.catalog.catalog import Catalog
from plan_rules.errors import InvalidValue
from plan_rules.tariff.compiling import tariff_book

CALLS, CUSTOMERS, LEDGER = "calls.parquet", "customers.parquet", "shards.json"
REJECTED_CALLS, REJECTED_CUSTOMERS = "rejected-calls.parquet", "rejected-customers.parquet"

MOST_SHARDS = 500
"""Shards that are written at once; each is an open file."""


def write_shards(
    *,
    catalog: Catalog,
    calls: Given,
    customers: Given,
    out: Path | str,
    shards: int,
    strict: bool = False,
    progress: Listener = nobody,
) -> tuple[Path, ...]:
    """Divide customers and their calls into folders below `out`, and return these.

    Rows that cannot be read stand in files beside the shards, and in none of them. The
    customers keep their order, so that the results of the shards behind each other are those
    of one batch.

    Raises as `price_batch` does; `InvalidValue` for fewer than 1 shard or more than 500.
    """
    if not 1 <= shards <= MOST_SHARDS:
        raise InvalidValue(name="shards", value=shards, expected=f"1 to {MOST_SHARDS}")
    folder = Path(out)
    if folder.exists() and any(folder.iterdir()):
        raise OutputExists(path=folder)
    source = source_of(calls, CALLS_TABLE)
    plan_ids = tuple(tariff_book(catalog).plans)
    read = read_customers(
        source_of(customers, CUSTOMERS_TABLE), plan_ids=plan_ids, declared=(declared_by(catalog),)
    )
    if strict and read.rejected is not None:
        raise RowsRejected(read.rejected)
    division = Division.of(len(read.customers), parts=shards)
    places = tuple(folder / f"shard-{part.number:05d}" for part in division)
    table = customers_table(read.customers)
    intake = Intake()
    with ExitStack() as stack:
        lost = stack.enter_context(parquet_file(folder / REJECTED_CUSTOMERS, REJECTED))
        if read.rejected is not None:
            lost.add(read.rejected)
        for part, place in zip(division, places, strict=True):
            with parquet_file(place / CUSTOMERS, table.schema) as file:
                file.add(table.slice(part.start, part.customers))
        schema = pa.schema(
            [
                pa.field("customer_id", read.customers.ids.type),
                pa.field("start", pa.timestamp("s", "UTC")),
                pa.field("number", pa.int64()),
                pa.field("seconds", pa.int32()),
            ]
        )
        files = [stack.enter_context(parquet_file(place / CALLS, schema)) for place in places]
        sink = _Dividing(
            division=division,
            ids=read.customers.ids,
            schema=schema,
            files=files,
            lost=stack.enter_context(parquet_file(folder / REJECTED_CALLS, REJECTED)),
        )
        gather(
            source,
            read.customers.index,
            intake=intake,
            sink=sink,
            strict=strict,
            listener=progress,
        )
        sink.flush()
        demand("calls", expected=intake.calls, found=sum(file.rows for file in files))
    ledger = {
        "version": 1,
        "shards": [place.name for place in places],
        "customers": len(read.customers),
        "rows": intake.rows,
        "calls": intake.calls,
        "seconds": intake.seconds,
        "rejected": intake.rejected.rows,
    }
    write_text(folder / LEDGER, json.dumps(ledger, indent=2) + "\n")
    return places


def price_shard(
    src: Path | str,
    dst: Path | str,
    *,
    catalog: Catalog,
    as_of: date,
    values_on: date | None = None,
    top: int = 3,
    with_bills: bool = True,
    memory: int = DEFAULT_MEMORY,
    threads: int = 1,
) -> BatchSummary:
    """Price the shard in the folder `src` into the folder `dst`, and return what it did.

    May be run anywhere and again: what was done before a stop is not done twice, and a shard
    that was finished gives its summary. Raises as `price_batch` does.
    """
    folder = Path(src)
    return price_batch(
        catalog=catalog,
        calls=folder / CALLS,
        customers=folder / CUSTOMERS,
        out=dst,
        as_of=as_of,
        values_on=values_on,
        top=top,
        with_bills=with_bills,
        memory=memory,
        threads=threads,
        strict=True,
        resume=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardsSummary:
    """What all shards hold together: customers, and rows of calls, priced or rejected before."""

    shards: int
    customers: int
    rows: int
    calls: int
    seconds: int
    rejected: int


def account_shards(src: Path | str, summaries: Mapping[str, BatchSummary]) -> ShardsSummary:
    """Return what the shards below `src` hold, once all of them were priced.

    `summaries` are what `price_shard` returned, by the name of the shard's folder.

    Raises `NotConserved` if a shard is missing, or calls were lost or counted twice.
    """
    ledger: dict[str, Any] = json.loads((Path(src) / LEDGER).read_text("utf-8"))
    demand("shards", expected=len(ledger["shards"]), found=len(summaries))
    known = set(ledger["shards"])
    demand("shards", expected=len(known), found=len(known & set(summaries)))
    for name in ("customers", "calls", "seconds"):
        total = sum(getattr(each, name) for each in summaries.values())
        demand(name, expected=ledger[name], found=total)
    return ShardsSummary(
        shards=len(known),
        customers=ledger["customers"],
        rows=ledger["rows"],
        calls=ledger["calls"],
        seconds=ledger["seconds"],
        rejected=ledger["rejected"],
    )


def customers_table(customers: CustomerTable) -> pa.Table:
    """Return customers as a table that can be read again."""
    columns = customers.columns
    words = pa.array([*columns.countries, ""], pa.string())
    found = {
        "customer_id": customers.ids,
        "home": customers.homes.dictionary_decode(),
        "zone": pa.array(columns.zones, pa.string()).take(pa.array(columns.zone)),
        "anchor": pa.array(columns.anchor).cast(pa.date32()),
        "plan": pa.array([*customers.plan_ids, ""], pa.string()).take(
            pa.array(np.where(columns.plan < 0, len(customers.plan_ids), columns.plan))
        ),
        "since": customers.since(),
        "chosen_country": words.take(
            pa.array(np.where(columns.chosen < 0, len(columns.countries), columns.chosen))
        ),
    }
    for name in customers.facts.column_names:
        found[f"facts.{name}"] = customers.facts[name]
    return pa.table(found)


class _Dividing:
    """Puts calls into the files of their shards, a row group each time enough are at hand."""

    AT_ONCE = 4_000_000

    def __init__(
        self,
        *,
        division: Division,
        ids: pa.Array,
        schema: pa.Schema,
        files: list[TableWriter],
        lost: TableWriter,
    ) -> None:
        self._division, self._ids, self._schema = division, ids, schema
        self._files, self._lost = files, lost
        self._held: list[CallColumns] = []
        self._count = 0

    def calls(self, calls: CallColumns, span: Span) -> None:
        del span
        self._held.append(calls)
        self._count += len(calls)
        if self._count >= self.AT_ONCE:
            self.flush()

    def rejected(self, rows: pa.Table) -> None:
        self._lost.add(rows)

    def unit_done(self, unit: int) -> None:
        """Nothing has to be done."""

    def flush(self) -> None:
        """Write what is at hand."""
        calls, self._held, self._count = CallColumns.joined(self._held), [], 0
        shards = self._division.part_of(calls.customer).astype(np.uint16)
        found = Binned.of(calls, shards, count=len(self._files))
        for file, (start, end) in zip(self._files, pairwise(found.bounds.tolist()), strict=True):
            file.add(self._table(PackedCalls.of_rows(found.rows[start:end]).columns))

    def _table(self, calls: CallColumns) -> pa.Table:
        return pa.table(
            [
                self._ids.take(pa.array(calls.customer)),
                pa.array(calls.start).cast(pa.timestamp("s", "UTC")),
                pa.array(calls.number),
                pa.array(calls.seconds),
            ],
            schema=self._schema,
        )
