"""The columnar kernel on the mix of fifty plans: rates per CPU-second, stage by stage.

Every plan of a sample of customers is first priced by both engines, and the amounts have to be
equal; so have those of the fast and the exact lane. Each stage is then repeated and the best
time counts, in seconds of processor. An idle machine is needed: the two threads of
one core share its units. `python -m tests.benchmarks.bench_kernel 1000000` names the calls.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date
from pathlib import Path

import numpy as np

from plan_rules.batch.book import BatchBook
from plan_rules.batch.columns import CallColumns, CustomerColumns, day_of
from plan_rules.batch.grouping import order_and_date
from plan_rules.batch.lanes import Measures, Units, Values
from plan_rules.batch.lookup import places_of
from plan_rules.batch.placing import PlacedBatch, Rows, called_days, place, rows_of
from plan_rules.batch.pricing import NO_COUNTRY, Lanes, new_measures, price, rate_units
from plan_rules.batch.ranking import best
from plan_rules.catalog import Catalog, Dated, Plan
from plan_rules.catalog.catalog import NO_RULES
from plan_rules.loading import load_catalog
from plan_rules.rating import rate
from plan_rules.tariff import compile_catalog, tariff_book
from plan_rules.usage import Call, Customer
from tests.benchmarks import mix

ROOT = Path(__file__).parents[2]
CALLS, REPEATS, SAMPLE = 1_000_000, 5, 8
ONE_CUSTOMER = 100


def best_of(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the least processor time of a few runs, after one that compiles."""
    work()
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def read_back(who: CustomerColumns, calls: CallColumns, index: int) -> tuple[Customer, list[Call]]:
    """Return one customer and their calls as the readable engine takes them."""
    customer = Customer(
        id=str(index),
        home="US",
        zone=who.zones[who.zone[index]],
        anchor=day_of(int(who.anchor[index])),
    )
    made = calls.customer == index
    rows = zip(calls.start[made], calls.number[made], calls.seconds[made], strict=True)
    found = [
        Call(np.datetime64(int(start), "s").item().replace(tzinfo=UTC), f"+{number}", int(long))
        for start, number, long in rows
    ]
    return customer, found


def demand_equal(
    catalog: Catalog, book: BatchBook, who: CustomerColumns, calls: CallColumns
) -> int:
    """Hold the columnar bills of some customers against the readable engine's."""
    bills = price(book, customers=who, calls=calls)
    cells = 0
    for index in np.linspace(0, len(who) - 1, SAMPLE).astype(int).tolist():
        customer, made = read_back(who, calls, index)
        for table in bills.tables:
            mine = table.customer == index
            for column, plan in enumerate(table.plans):
                told = rate(
                    catalog=catalog, plan=book.plan_ids[plan], calls=made, customer=customer
                )
                given = table.total_micros[mine, column].tolist()
                if given != [bill.total_micros for bill in told]:
                    message = f"engines differ: customer {index}, plan {book.plan_ids[plan]}"
                    raise SystemExit(message)
                cells += len(told)
    return cells


def many_plans(catalog: Catalog, count: int = mix.PLANS) -> Catalog:
    """Return a catalog with its plans again and again, each time dearer, until there are enough."""
    given = list(catalog.plans.values())
    made: dict[str, Plan] = {}
    for index in range(count):
        plan = given[index % len(given)]
        dearer = index // len(given) * 1_000_000
        fees = tuple((start, fee + dearer) for start, fee in plan.fee.entries)
        plan_id = f"{plan.id}-{index}"
        made[plan_id] = replace(plan, id=plan_id, fee=Dated(fees))
    return replace(catalog, plans=made, rules=NO_RULES)


class Kernel:
    """One book over one batch, ready to be rated again and again."""

    def __init__(self, book: BatchBook, who: CustomerColumns, calls: CallColumns) -> None:
        self.book, self.who, self.calls = book, who, calls
        self.placed = self.place()
        grid = book.grids[0]
        self.rows = self.cycles()
        self.plans = grid.plans
        self.lanes = Lanes.of(book, self.placed, grid.plans, fixed=-1)
        self.units = Units(
            np.arange(len(who)), np.full(len(who), NO_COUNTRY), np.zeros(len(who), np.int64)
        )
        self.values = Values(-1, np.zeros(len(self.rows), np.int32))
        self.measures = self.room()

    def place(self) -> PlacedBatch:
        return place(self.book, self.who, self.calls)

    def tell_days(self) -> None:
        """Tell day and band of every call again; they are in order already."""
        placed = self.placed
        zones = self.book.zone_clock(self.who.zones, placed.span.years)
        order_and_date(
            placed.records, placed.first, self.who.zone, zones, placed.clock, placed.days,
            placed.edges, placed.answered,
        )  # fmt: skip

    def cycles(self) -> Rows:
        start, end = called_days(self.placed)
        return rows_of(self.book.grids[0], self.who, self.placed, start=start, end=end, whole=False)

    def room(self) -> Measures:
        taxed = self.book.tax.added
        return new_measures(len(self.rows), len(self.plans), detail=True, taxed=taxed)

    def rate(self, *, detail: bool) -> Measures:
        rate_units(
            self.book,
            self.placed,
            self.rows,
            self.units,
            self.lanes,
            self.values,
            self.measures,
            detail=detail,
            misses=False,
        )
        return self.measures


def line(what: str, rate: float, unit: str) -> None:
    print(f"{what:<58}{rate:>10.3f} {unit}")


def tell_placing(kernel: Kernel, small: Kernel) -> None:
    """Tell how fast calls are placed: many of them, and a slice that stays in the cache."""
    millions, tenth = len(kernel.calls) / 1e6, len(small.calls) / 1e6
    trie = kernel.book.trie
    line("number to place", millions / best_of(lambda: places_of(kernel.calls.number, trie)), "M/s")
    line("placed: number, customer, order, day, band", millions / best_of(kernel.place), "M/s")
    looking = best_of(lambda: places_of(small.calls.number, trie))
    dating, cycles = best_of(small.tell_days), best_of(small.cycles)
    line("day and band of each call", tenth / dating, "M/s")
    line("cycle of each call", tenth / cycles, "M/s")
    line("number, band and cycle", tenth / (looking + dating + cycles), "M/s")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else CALLS
    catalog = mix.catalog()
    start = time.process_time()
    compiled = tariff_book(catalog)
    compiling = time.process_time() - start
    book = BatchBook.of(catalog)
    who, calls = mix.calls(count)
    cells = demand_equal(catalog, book, who, calls)
    kernel = Kernel(book, who, calls)
    exact_calls = mix.calls(max(1, count // 10))
    slow = Kernel(replace(book, plains=()), *exact_calls)
    fast = Kernel(book, *exact_calls)
    rated, again = fast.rate(detail=True), slow.rate(detail=True)
    for name in Measures._fields:
        if not np.array_equal(getattr(rated, name), getattr(again, name)):
            message = "the two lanes differ"
            raise SystemExit(message)
    plans = len(book.plan_ids)
    print(
        f"{count} calls of {len(who)} customers x {plans} plans, {compiled.class_count} classes; "
        f"{len(book.plains)} plans in the fast lane; {cells} bills equal the readable engine's; "
        f"load {os.getloadavg()[0]:.1f}"
    )
    giga = count * plans / 1e9
    line("catalog compiled", compiling, "s")
    line("book laid out", best_of(lambda: BatchBook.of(catalog)) * 1000, "ms")
    sample = load_catalog(ROOT / "catalog")
    for each in (sample, many_plans(sample)):
        named = f"sample catalog, {len(each.plans)} plans"
        line(f"{named}: compiled", best_of(lambda: compile_catalog(each)), "s")  # noqa: B023  asked at once
        tariff_book(each)
        line(f"{named}: laid out", best_of(lambda: BatchBook.of(each)) * 1000, "ms")  # noqa: B023  asked at once
    laid = best_of(lambda: Lanes.of(replace(book), kernel.placed, book.grids[0].plans, fixed=-1))
    line("fast lane laid out, once for the dates of a batch", laid * 1000, "ms")
    tell_placing(kernel, fast)
    line("fast lane", giga / best_of(lambda: kernel.rate(detail=False)), "G calls x plans/s")
    line(
        "fast lane, with detail",
        giga / best_of(lambda: kernel.rate(detail=True)),
        "G calls x plans/s",
    )
    tenth = len(exact_calls[1]) / 1e6
    line(
        "exact lane",
        tenth * plans / best_of(lambda: slow.rate(detail=True), 1),
        "M calls x plans/s",
    )
    whole = best_of(lambda: price(book, customers=who, calls=calls, detail=False), 3)
    line("price, all stages", giga / whole, "G calls x plans/s")
    as_of = date(2026, 4, 1)
    ranked = best_of(lambda: best(book, customers=who, calls=calls, as_of=as_of), 3)
    line("best, all stages", giga / ranked, "G calls x plans/s")
    one_who = CustomerColumns.of(
        [Customer(id="one", home="US", zone="America/New_York", anchor=mix.ANCHOR)],
        plan_ids=book.plan_ids,
    )
    kept = slice(0, ONE_CUSTOMER)
    one_calls = CallColumns(
        customer=np.zeros(ONE_CUSTOMER, np.int32),
        start=calls.start[kept],
        number=calls.number[kept],
        seconds=calls.seconds[kept],
    )
    single = Kernel(book, one_who, one_calls)
    named = f"one customer, {ONE_CUSTOMER} calls x {plans} plans"
    line(f"{named}: rated", best_of(lambda: single.rate(detail=False), 200) * 1000, "ms")
    alone = best_of(lambda: price(book, customers=one_who, calls=one_calls, detail=False), 50)
    line(f"{named}: priced from columns", alone * 1000, "ms")


if __name__ == "__main__":
    main()
