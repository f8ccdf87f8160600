"""A wholesale deck of 36,206 rows, where the shared folder that holds it is there."""

from __future__ import annotations

import csv
import random
import shutil
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from plan_rules.loading import check_catalog
from plan_rules.money import RoundingMode, round_ratio
from plan_rules.rating import rate
from plan_rules.usage import Call, Customer

DECK = Path(__file__).parents[2].parent / "shared" / "data" / "deck_wholesale_36k.csv"
CALLS = 100_000
FILES = {
    "catalog.yaml": "catalog: deck\ncurrency: USD\nzone: UTC\n",
    "rates/wholesale.yaml": (
        "rate-table: wholesale\n"
        "csv:\n"
        "  file: wholesale.csv\n"
        "  columns:\n"
        "    {prefix: prefix, price: cost_per_min, connection-fee: connect_cost,"
        " increment: increment_s, note: destination}\n"
    ),
    "plans/wholesale.yaml": (
        "plan: wholesale\nname: Wholesale\nkind: pay-per-minute\nfee: 0\nrates: wholesale\n"
        "rounding: {each: call, to: 0.000001}\n"
    ),
}


@pytest.mark.skipif(not DECK.is_file(), reason="the wholesale deck is not beside the checkout")
def test_a_real_deck_prices_calls_as_brute_force_does(tmp_path: Path) -> None:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    shutil.copy(DECK, tmp_path / "rates" / "wholesale.csv")

    loaded = check_catalog(tmp_path)

    assert [(each.code, each.is_error) for each in loaded.issues] == [("repeated-prefix", False)]
    assert loaded.catalog is not None
    assert len(loaded.catalog.rate_tables["wholesale"].entries) == 36_205
    rows = _rows()
    seeded = random.Random(36_205)  # noqa: S311  the same calls in every run
    prefixes = sorted(rows)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    calls = []
    for index in range(CALLS):
        rest = "".join(seeded.choices("0123456789", k=9))
        # One number in ten begins with nothing the deck says.
        head = seeded.choice(prefixes) if index % 10 else str(seeded.randint(1, 9))
        calls.append(
            Call(
                number="+" + (head + rest)[: seeded.randint(max(len(head), 7), 15)],
                start=start + timedelta(seconds=20 * index),
                seconds=seeded.choice((0, 1, 6, 7, 59, 60, 61, 599, 3_600)),
            )
        )
    # Calls twenty seconds apart, all within the first cycle.
    customer = Customer(id="deck", home="US", zone="UTC", anchor=date(2026, 1, 1))
    [bill] = rate(catalog=loaded.catalog, plan="wholesale", calls=calls, customer=customer)
    assert len(bill.charges) == CALLS
    uncovered = 0
    for call, charge in zip(calls, bill.charges, strict=True):
        expected = _brute_force(rows, call)
        uncovered += expected is None
        assert charge.amount_micros == (expected or 0), call
        assert (charge.outcome == "uncovered") == (expected is None), call
    assert 0 < uncovered < CALLS // 10


def _rows() -> dict[str, tuple[Fraction, Fraction, int]]:
    with DECK.open(encoding="utf-8", newline="") as file:
        return {
            row["prefix"]: (
                Fraction(row["cost_per_min"]),
                Fraction(row["connect_cost"]),
                int(row["increment_s"]),
            )
            for row in csv.DictReader(file)
        }


def _brute_force(rows: dict[str, tuple[Fraction, Fraction, int]], call: Call) -> int | None:
    if not call.seconds:
        return 0
    digits = call.number[1:]
    found = next((rows[digits[:n]] for n in range(len(digits), 0, -1) if digits[:n] in rows), None)
    if found is None:
        return None
    price, fee, step = found
    steps = -(-call.seconds // step)
    exact = (fee + price * steps * step / 60) * 1_000_000
    return round_ratio(
        numerator=exact.numerator, denominator=exact.denominator, mode=RoundingMode.HALF_UP
    )
