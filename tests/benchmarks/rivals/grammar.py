"""The full grammar timed alone: the sample catalog, which no rival's tables can say.

The columnar engine prices all calls, file to file; the readable engine prices some customers
beside it, and every bill of theirs has to be equal before anything is printed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from plan_rules import rate
from plan_rules.batch import price_batch
from plan_rules.catalog import Catalog
from plan_rules.loading import load_catalog
from plan_rules.tariff import tariff_book
from plan_rules.usage import Call, Customer
from tests.benchmarks import mix
from tests.benchmarks.rivals.answers import AnswersDiffer
from tests.benchmarks.rivals.ours import MEMORY, THREADS
from tests.benchmarks.rivals.world import AS_OF, ZONES, World, write_files

CATALOG = Path(__file__).parents[3] / "catalog"
SAMPLE = 6
"""Customers that the readable engine prices too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrammarTold:
    """Calls x plans per second of processor of both engines, and the bills that were equal."""

    calls: int
    plans: int
    wall: float
    processor: float
    readable_rate: float
    equal_bills: int

    @property
    def rate(self) -> float:
        """Calls x plans per second of processor of the columnar engine, file to file."""
        return self.calls * self.plans / self.processor


def full_grammar(folder: Path, *, calls: int) -> GrammarTold:
    """Price calls on every plan of the sample catalog; raises `AnswersDiffer`."""
    catalog = load_catalog(CATALOG)
    book = tariff_book(catalog)
    world = World(folder=folder)
    folder.mkdir()
    write_files(world, *mix.calls(calls, seed=11, zones=ZONES))
    passes = []
    for at in range(2):
        wall, processor = time.perf_counter(), time.process_time()
        price_batch(
            catalog=catalog,
            calls=world.calls,
            customers=world.customers,
            out=folder / f"pass-{at}",
            as_of=AS_OF,
            memory=MEMORY,
            threads=THREADS,
            strict=True,
        )
        passes.append((time.perf_counter() - wall, time.process_time() - processor))
    bills = pa.concat_tables(
        pq.read_table(each) for each in sorted((folder / "pass-1" / "bills").glob("*.parquet"))
    )
    equal, readable = _held_against_readable(catalog, world, bills)
    return GrammarTold(
        calls=world.call_count(),
        plans=len(book.plans),
        wall=passes[1][0],
        processor=passes[1][1],
        readable_rate=readable,
        equal_bills=equal,
    )


def _held_against_readable(catalog: Catalog, world: World, bills: pa.Table) -> tuple[int, float]:
    """Return how many bills are equal, and the readable engine's calls x plans a second."""
    customers, calls = pq.read_table(world.customers), pq.read_table(world.calls)
    plans = tuple(tariff_book(catalog).plans)
    equal = work = 0
    spent = 0.0
    for at in np.linspace(0, len(customers) - 1, SAMPLE).astype(int).tolist():
        row = customers.slice(at, 1).to_pylist()[0]
        customer = Customer(
            id=str(row["customer_id"]), home="US", zone=row["zone"], anchor=row["anchor"]
        )
        made = _calls_of(calls, row["customer_id"])
        given = _bills_of(bills, row["customer_id"])
        for column, plan in enumerate(plans):
            start = time.process_time()
            told = rate(catalog=catalog, plan=plan, calls=made, customer=customer)
            totals = {bill.cycle.start: bill.total_micros for bill in told}
            spent += time.process_time() - start
            work += len(made)
            mine = {day: row[column] for day, row in given if row[column] is not None}
            if mine != totals:
                raise AnswersDiffer(
                    contender="the columnar engine",
                    other="the readable engine",
                    where=f"customer {customer.id}, plan {plan}: {mine}, {totals}",
                )
            equal += len(totals)
    return equal, work / spent


def _calls_of(calls: pa.Table, customer: int) -> list[Call]:
    mine = calls.filter(pa.compute.equal(calls["customer_id"], customer)).to_pylist()
    return [Call(row["start"].astimezone(UTC), f"+{row['number']}", row["seconds"]) for row in mine]


def _bills_of(bills: pa.Table, customer: int) -> list[tuple[date, list[int | None]]]:
    mine = bills.filter(pa.compute.equal(bills["customer_id"], customer)).to_pylist()
    return [(row["start"], row["total_micros"]) for row in mine]
