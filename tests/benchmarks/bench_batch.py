"""A batch from Parquet to Parquet, stage by stage: how fast, and in how much memory.

`SIZE` calls (1,000,000 if not said) of a drawn population are priced on the fifty plans of the
researched mix. Each way runs in a process of its own, twice, and the second pass is told: what
is compiled once and read from disk once is not what a batch costs. Before any rate is printed
the results of all ways are compared with each other, and some bills with those of the readable
engine. `LIMIT` (512 MB if not said) is the memory of the way that has to spill.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from plan_rules import rate
from plan_rules.batch import price_batch
from plan_rules.batch.book import BatchBook
from plan_rules.batch.columns import CallColumns
from plan_rules.batch.held import HeldCalls
from plan_rules.batch.intake.customers import read_customers
from plan_rules.batch.intake.door import TABLE, admit
from plan_rules.batch.intake.sources import source_of
from plan_rules.batch.pricing import price
from plan_rules.batch.ranking import best
from plan_rules.batch.run import collecting
from plan_rules.batch.run.best import best_schema, best_table
from plan_rules.batch.run.parts import Division
from plan_rules.batch.run.progress import Progress, Stage
from plan_rules.batch.run.results import bills_schema, bills_table
from plan_rules.batch.run.spilling import Spill
from plan_rules.batch.run.writing import write_parquet
from plan_rules.batch.synth import Habits, Population, customers_path, write_population
from plan_rules.tariff.compiling import tariff_book
from plan_rules.usage import Call, Customer
from tests.benchmarks import mix

SIZE = int(os.environ.get("SIZE", "1000000"))
LIMIT = int(os.environ.get("LIMIT", "512")) << 20
THREADS = 2
AS_OF = date(2026, 4, 1)
CHECKED = 3
"""Customers whose bills are compared with the readable engine."""


@dataclass(slots=True)
class Told:
    """What a way tells: seconds by stage, the digest of its best plans, its peak memory."""

    seconds: dict[str, float] = field(default_factory=dict)
    digest: str = ""
    peak: int = 0
    spilled: bool = False


def population() -> Population:
    return Population(
        customers=max(1, SIZE // 120),
        months=3,
        seed=7,
        start=date(2026, 1, 1),
        plans=tuple(mix.catalog().plans),
        habits=Habits(calls_a_month=40.0),
    )


def digest_of(best_plans: pa.Table) -> str:
    """Return a digest of the best plans, whatever row groups and dictionaries they are in."""
    names = ("customer_id", "rank", "plan", "monthly_micros", "missed_calls")
    columns = [str(best_plans[name].to_pylist()) for name in names]
    return hashlib.sha256("".join(columns).encode()).hexdigest()


def stages(calls: Path, customers: Path) -> Told:
    """Take the stages apart, one after the other, all in memory."""
    told = Told()
    catalog = mix.catalog()
    book = tariff_book(catalog)
    batch_book = BatchBook.of(catalog)

    def timed(name: str, work: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        found = work()
        told.seconds[name] = time.perf_counter() - start
        return found

    source = source_of(calls, TABLE)
    people = timed(
        "customers", lambda: read_customers(customers, plan_ids=tuple(book.plans))
    ).customers
    chunks = timed("read", lambda: [each for unit in source.units for each in unit.chunks()])
    admitted = timed("check", lambda: [admit(each, people.index) for each in chunks])
    pieces: list[CallColumns] = [each.calls for each in admitted]
    with tempfile.TemporaryDirectory() as folder:
        timed("spill", lambda: _spilled(Path(folder), pieces, len(people)))
    held = timed("hold by customers", lambda: _held(pieces, len(people)))
    together = held.between(0, len(people)).columns
    answered = np.bincount(together.customer[together.seconds > 0], minlength=len(people))
    given = {"customers": people.columns, "calls": together, "threads": THREADS}
    ranked = timed("rank", lambda: best(batch_book, as_of=AS_OF, **given))
    schema = best_schema(ids=people.ids.type)
    table = timed(
        "lay out best",
        lambda: best_table(
            ranked,
            customers=people.columns,
            answered=answered.astype(np.int32),
            ids=people.ids,
            top=3,
            schema=schema,
        ),
    )
    bills = timed("price", lambda: price(batch_book, **given))
    wide = bills_schema(ids=people.ids.type, plans=len(book.plans))
    laid = timed("lay out bills", lambda: bills_table(bills, ids=people.ids, schema=wide))
    with tempfile.TemporaryDirectory() as folder:
        timed("write best", lambda: write_parquet(Path(folder) / "best.parquet", table))
        timed("write bills", lambda: write_parquet(Path(folder) / "bills.parquet", laid))
    told.digest = digest_of(table)
    return told


def _held(pieces: list[CallColumns], customers: int) -> HeldCalls:
    held = HeldCalls(customers, expected=sum(map(len, pieces)))
    for each in pieces:
        held.add(each)
    return held


def _spilled(folder: Path, pieces: list[CallColumns], customers: int) -> None:
    spill = Spill(folder, Division.of(customers, parts=16))
    for each in pieces:
        spill.add(each)
    spill.checkpoint()
    spill.close()


def whole(calls: Path, customers: Path, *, with_bills: bool, memory: int) -> Told:
    """Run a batch as users do."""
    told = Told()
    since = time.perf_counter()

    def listen(progress: Progress) -> None:
        told.seconds[progress.stage.value] = time.perf_counter() - since

    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        summary = price_batch(
            catalog=mix.catalog(),
            calls=calls,
            customers=customers,
            out=out,
            as_of=AS_OF,
            with_bills=with_bills,
            memory=memory,
            threads=THREADS,
            progress=listen,
        )
        told.seconds["whole"] = time.perf_counter() - since
        told.seconds["price"] -= told.seconds[Stage.READ.value]
        told.digest = digest_of(pq.read_table(sorted((out / "best").glob("*.parquet"))))
    told.spilled = summary.spilled
    return told


WAYS: dict[str, Callable[[Path, Path], Told]] = {
    "stages": stages,
    "best only": lambda *files: whole(*files, with_bills=False, memory=8 << 30),
    "with bills": lambda *files: whole(*files, with_bills=True, memory=8 << 30),
    "bounded": lambda *files: whole(*files, with_bills=False, memory=LIMIT),
}


def run(name: str, calls: Path, customers: Path, out: Any) -> None:
    """Run a way twice, and tell its second pass."""
    collecting.PART_CALLS = max(collecting.PART_CALLS, SIZE)
    mix.catalog = _once(mix.catalog)  # type: ignore[assignment]
    WAYS[name](calls, customers)
    told = WAYS[name](calls, customers)
    told.peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    out.send(told)


def _once(make: Callable[[], Any]) -> Callable[[], Any]:
    made = make()
    return lambda: made


def in_process(name: str, calls: Path, customers: Path) -> Told:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=run, args=(name, calls, customers, theirs))
    process.start()
    theirs.close()
    try:
        told: Told = ours.recv()
    except EOFError:
        raise SystemExit(f"{name} failed") from None
    process.join()
    return told


def demand_equal(calls: Path, customers: Path) -> None:
    """Compare the bills of some customers with those of the readable engine."""
    catalog = mix.catalog()
    people = pq.read_table(customers).slice(0, CHECKED)
    rows = pq.read_table(calls, filters=[("customer_id", "in", people["customer_id"].to_pylist())])
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        price_batch(catalog=catalog, calls=rows, customers=people, out=out, as_of=AS_OF)
        found = pq.read_table(sorted((out / "bills").glob("*.parquet"))).to_pylist()
    plans = json.loads(json.dumps(list(catalog.plans)))
    for person in people.to_pylist():
        names = ("home", "zone", "anchor", "plan", "since", "chosen_country")
        customer = Customer(id=str(person["customer_id"]), **{name: person[name] for name in names})
        mine = [
            Call(row["start"], f"+{row['number']}", row["seconds"])
            for row in rows.to_pylist()
            if row["customer_id"] == person["customer_id"]
        ]
        bills = [row for row in found if row["customer_id"] == person["customer_id"]]
        for at, plan in enumerate(plans):
            expected = [
                bill.total_micros
                for bill in rate(catalog=catalog, plan=plan, calls=mine, customer=customer)
            ]
            if [row["total_micros"][at] for row in bills] != expected:
                raise SystemExit(f"bills of {person['customer_id']} on {plan} do not agree")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        calls = Path(folder) / "calls.parquet"
        start = time.perf_counter()
        count = write_population(population(), calls)
        drawn = time.perf_counter() - start
        customers = customers_path(calls)
        demand_equal(calls, customers)
        found = {name: in_process(name, calls, customers) for name in WAYS}
    if len({told.digest for told in found.values()}) != 1:
        raise SystemExit("the ways do not agree on the best plans; there is nothing to compare")
    plans = len(mix.catalog().plans)
    print(f"{count:,} calls x {plans} plans, {THREADS} threads; best plans of all ways equal,")
    print(f"bills of {CHECKED} customers equal to the readable engine's; load {os.getloadavg()[0]}")
    print(f"{'drawn and written in':<28}{drawn:>10.2f} s")
    for name, told in found.items():
        print(f"-- {name}: peak {told.peak >> 20:,} MB{', spilled' if told.spilled else ''}")
        for stage, seconds in told.seconds.items():
            print(f"{stage:<28}{seconds:>10.3f} s{count / seconds / 1e6:>12.1f} million calls/s")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
