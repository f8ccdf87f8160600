"""The same batch on Apache Spark: customers whole in every group, results as data frames.

Calls and customers are grouped by a bucket of the customer's id, so that each call meets its
customer and no customer is divided, whatever files and partitions the rows came in. What runs
on the workers is what runs on one machine. A task that is lost is run again and gives the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as sf
from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema

from plan_rules.batch.book import BatchBook, batch_book
from plan_rules.batch.intake.customers import TABLE as CUSTOMERS_TABLE
from plan_rules.batch.intake.door import TABLE as CALLS_TABLE
from plan_rules.batch.intake.schemas import REJECTED
from plan_rules.batch.run.best import best_schema
from plan_rules.batch.run.conservation import Tally, demand
from plan_rules.batch.run.in_memory import price_with_book
from plan_rules.batch.run.results import bills_schema
from plan_rules.catalog.catalog import Catalog
from plan_rules.errors import InvalidValue
from plan_rules.tariff.book import TariffBook
from plan_rules.tariff.compiling import tariff_book

BUCKET = "plan_rules_bucket"

TALLY = pa.schema([pa.field("rows", pa.int64()), pa.field("tally", pa.string())])
"""How many rows of calls a bucket had, and what became of them, as JSON."""

KINDS = ("bills", "best", "rejected", "tally")


@dataclass(frozen=True, slots=True, kw_only=True)
class SparkTables:
    """The results of a batch as data frames; lists are in the order of `plan_ids`.

    They are computed once, when first needed, and kept until `close`.
    """

    plan_ids: tuple[str, ...]
    currency: str
    catalog_digest: str
    bills: DataFrame
    best: DataFrame
    rejected: DataFrame
    _plans: int
    _tallies: DataFrame = field(repr=False)
    _held: DataFrame = field(repr=False)
    _calls: DataFrame = field(repr=False)

    def account(self) -> Tally:
        """Return what became of all calls, once everything is accounted for.

        Raises `NotConserved` if rows were lost or counted twice, or a customer has a cycle
        twice.
        """
        rows, total = 0, Tally.nothing(self._plans)
        for line in self._tallies.collect():
            rows += line["rows"]
            total += Tally.of_line(json.loads(line["tally"]))
        rejected = self.rejected.where(sf.col("table") == CALLS_TABLE.name).count()
        demand("rows of calls", expected=self._calls.count(), found=rows)
        demand("rows of calls", expected=rows, found=total.calls + rejected)
        keys = self.bills.select("customer_id", "cut", "start")
        demand("bills", expected=keys.count(), found=keys.distinct().count())
        return total

    def close(self) -> None:
        """Let go of the results that are kept."""
        self._held.unpersist()


def price_frames(
    *,
    catalog: Catalog,
    calls: DataFrame,
    customers: DataFrame,
    buckets: int,
    as_of: date,
    values_on: date | None = None,
    top: int = 3,
    with_bills: bool = True,
) -> SparkTables:
    """Return what every customer's calls cost on every plan, as data frames.

    As `price_tables`, on Spark; columns and results are the same, where a list stands for a
    list of fixed size. `buckets` is into how many groups the customers are divided: a group
    has to fit into the memory of a worker, with its calls four million at most as a rule.

    Raises `WrongSchema` for columns that cannot be read, and `InvalidValue` for `buckets` or
    `top` below 1. A customer whose row is rejected, or missing, has its calls rejected.
    """
    for name, number in (("buckets", buckets), ("top", top)):
        if number < 1:
            raise InvalidValue(name=name, value=number, expected="at least 1")
    CALLS_TABLE.check(to_arrow_schema(calls.schema, timezone="UTC"))
    CUSTOMERS_TABLE.check(to_arrow_schema(customers.schema, timezone="UTC"))
    book = tariff_book(catalog)
    laid_out = batch_book(catalog)
    union = _union_schema(book, adjusted=laid_out.adjusts)
    work = _work(
        book,
        laid_out,
        as_of=as_of,
        values_on=values_on,
        top=top,
        with_bills=with_bills,
        union=union,
    )
    needed = calls.select(*CALLS_TABLE.columns)
    grouped = _bucketed(needed, buckets).cogroup(_bucketed(customers, buckets))
    held = grouped.applyInArrow(work, schema=from_arrow_schema(union))
    held = held.persist(StorageLevel.DISK_ONLY)
    frames = {name: held.where(sf.col(name).isNotNull()).select(f"{name}.*") for name in KINDS}
    return SparkTables(
        plan_ids=tuple(book.plans),
        currency=book.currency,
        catalog_digest=book.digest,
        bills=frames["bills"],
        best=frames["best"],
        rejected=frames["rejected"],
        _plans=len(book.plans) if with_bills else 0,
        _tallies=frames["tally"],
        _held=held,
        _calls=needed,
    )


def _bucketed(frame: DataFrame, buckets: int) -> Any:  # noqa: ANN401  a group of either API
    """Return a frame grouped by bucket; an id is told as a text, whatever its type."""
    key = sf.pmod(sf.xxhash64(sf.col("customer_id").cast("string")), sf.lit(buckets))
    return frame.withColumn(BUCKET, key).groupBy(BUCKET)


def _union_schema(book: TariffBook, *, adjusted: bool) -> pa.Schema:
    """Return one schema for rows of every kind: a row has one of the columns, the others null."""
    ids = pa.string()
    schemas = (
        _plain(bills_schema(ids=ids, plans=len(book.plans), adjusted=adjusted)),
        _plain(best_schema(ids=ids)),
        _plain(REJECTED),
        _plain(TALLY),
    )
    return pa.schema(
        [pa.field(name, pa.struct(list(each))) for name, each in zip(KINDS, schemas, strict=True)]
    )


def _plain(schema: pa.Schema) -> pa.Schema:
    """Return a schema in types that Spark has: no dictionaries, no lists of fixed size."""
    fields = []
    for each in schema:
        kind = each.type
        if pa.types.is_dictionary(kind):
            kind = kind.value_type
        elif pa.types.is_fixed_size_list(kind):
            kind = pa.list_(kind.value_type)
        fields.append(pa.field(each.name, kind))
    return pa.schema(fields)


def _work(
    book: TariffBook,
    laid_out: BatchBook,
    *,
    as_of: date,
    values_on: date | None,
    top: int,
    with_bills: bool,
    union: pa.Schema,
) -> Callable[[pa.Table, pa.Table], pa.Table]:
    """Return what a worker does with the calls and customers of one bucket."""

    def priced(calls: pa.Table, customers: pa.Table) -> pa.Table:
        found = price_with_book(
            book,
            laid_out,
            calls=_without_bucket(calls),
            customers=_texts(_without_bucket(customers)),
            as_of=as_of,
            values_on=values_on,
            top=top,
            with_bills=with_bills,
        )
        line = json.dumps(found.tally.as_line())
        tally = pa.table({"rows": [found.rows], "tally": [line]}, schema=TALLY)
        tables = (found.bills, found.best, found.rejected, tally)
        return pa.concat_tables(
            [_as_union(each, name, union) for name, each in zip(KINDS, tables, strict=True)]
        )

    return priced


def _without_bucket(table: pa.Table) -> pa.Table:
    return table.drop_columns([BUCKET]) if BUCKET in table.column_names else table


def _texts(customers: pa.Table) -> pa.Table:
    """Return customers with their ids as texts, so that results have one type for all."""
    at = customers.schema.get_field_index("customer_id")
    ids = pc.cast(customers.column(at), pa.string())
    return customers.set_column(at, pa.field("customer_id", pa.string()), ids)


def _as_union(table: pa.Table, name: str, union: pa.Schema) -> pa.Table:
    kind = union.field(name).type
    columns = [table[each.name].cast(each.type).combine_chunks() for each in kind]
    values = pa.StructArray.from_arrays(columns, fields=list(kind))
    others = {each.name: pa.nulls(table.num_rows, each.type) for each in union}
    return pa.table({**others, name: values}, schema=union)
