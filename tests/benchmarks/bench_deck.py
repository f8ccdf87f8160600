"""How long a deck of tens of thousands of prefixes takes to load, compile and price calls with.

Run `python -m tests.benchmarks.bench_deck [DECK]`; without a deck one of the same shape is made.
The rival prices the same calls in plain Decimal with a dictionary of prefixes; amounts are compared
before a ratio is printed.
"""

from __future__ import annotations

import csv
import random
import shutil
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from time import perf_counter

from plan_rules.destinations import NumberingPlan
from plan_rules.loading import check_catalog, load_catalog
from plan_rules.rating import rate
from plan_rules.tariff import compile_catalog, tariff_book
from plan_rules.usage import Call, Customer

ROWS = 36_000
CALLS = 100_000
COLUMNS = (
    "{prefix: prefix, price: cost_per_min, connection-fee: connect_cost, increment: increment_s}"
)
FILES = {
    "catalog.yaml": "catalog: deck\ncurrency: USD\nzone: UTC\n",
    "rates/deck.yaml": (f"rate-table: deck\ncsv:\n  file: deck.csv\n  columns:\n    {COLUMNS}\n"),
    "plans/deck.yaml": (
        "plan: deck\nname: Deck\nkind: pay-per-minute\nfee: 0\nrates: deck\n"
        "rounding: {each: call, to: 0.000001}\n"
    ),
}


def write_deck(path: Path) -> None:
    """Write a deck of nested prefixes with some thousand prices."""
    seeded = random.Random(7)  # noqa: S311  the same deck in every run
    heads = sorted(NumberingPlan.standard().prefixes)
    prefixes = set(heads)
    while len(prefixes) < ROWS:
        prefixes.add(seeded.choice(heads) + "".join(seeded.choices("0123456789", k=2)))
    lines = ["prefix,cost_per_min,connect_cost,increment_s"]
    lines += [
        f"{prefix},{seeded.randint(1, 3000) / 10_000:.5f},0,6"
        for prefix in sorted(prefixes)[:ROWS]
        if len(prefix) < 13
    ]
    path.write_text("\n".join(lines) + "\n", "ascii")


def main(deck: Path | None) -> None:
    """Measure, compare and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "catalog"
        for path, text in FILES.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, "utf-8")
        target = folder / "rates" / "deck.csv"
        if deck is None:
            write_deck(target)
        else:
            shutil.copy(deck, target)
        start = perf_counter()
        catalog = check_catalog(folder).catalog
        loading = perf_counter() - start
        assert catalog is not None
        start = perf_counter()
        book = compile_catalog(catalog)
        compiling = perf_counter() - start
        cache = Path(name) / "cache"
        load_catalog(folder, cache=cache)
        start = perf_counter()
        tariff_book(load_catalog(folder, cache=cache))
        kept = perf_counter() - start
        start = perf_counter()
        with target.open(encoding="utf-8", newline="") as file:
            rows = {
                row["prefix"]: (
                    Decimal(row["cost_per_min"]),
                    Decimal(row["connect_cost"]),
                    int(row["increment_s"]),
                )
                for row in csv.DictReader(file)
            }
        plain_loading = perf_counter() - start
        calls = make_calls(sorted(rows))
        tariff_book(catalog)
        customer = Customer(id="deck", home="US", zone="UTC", anchor=date(2026, 1, 1))
        start = perf_counter()
        (bill,) = rate(catalog=catalog, plan="deck", calls=calls, customer=customer)
        rating = perf_counter() - start
        start = perf_counter()
        plain = [price(rows, call) for call in calls]
        plain_rating = perf_counter() - start
        found = [charge.amount_micros for charge in bill.charges]
        assert found == [int(each * 1_000_000) for each in plain], "amounts differ"
        prices = len({entry.terms for entry in catalog.rate_tables["deck"].entries})
        print(f"{len(rows):,} prefixes with {prices:,} terms; {book.class_count:,} classes")
        print(f"load and check      {loading:7.3f} s   csv.DictReader alone {plain_loading:.3f} s")
        print(f"compile             {compiling:7.3f} s")
        print(f"both, kept on disk  {kept:7.3f} s   {(loading + compiling) / kept:.1f}x faster")
        ratio = plain_rating / rating
        print(f"{CALLS:,} calls       {rating:7.3f} s   Decimal {plain_rating:.3f} s: {ratio:.2f}x")


def make_calls(prefixes: list[str]) -> list[Call]:
    """Return calls to random numbers below the prefixes."""
    seeded = random.Random(8)  # noqa: S311  the same calls in every run
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        Call(
            start + timedelta(seconds=20 * index),
            "+" + (seeded.choice(prefixes) + "5550123456")[:15],
            seeded.randint(1, 1800),
        )
        for index in range(CALLS)
    ]


def price(rows: dict[str, tuple[Decimal, Decimal, int]], call: Call) -> Decimal:
    """Price a call by the longest prefix in plain Decimal."""
    digits = call.number[1:]
    for length in range(len(digits), 0, -1):
        found = rows.get(digits[:length])
        if found is not None:
            per_minute, fee, step = found
            billed = -(-call.seconds // step) * step
            return (fee + per_minute * billed / 60).quantize(Decimal("0.000001"), ROUND_HALF_UP)
    return Decimal(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
