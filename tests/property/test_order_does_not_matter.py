"""The order of calls, of plans and of rows, and the hash seed, change nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from plan_rules.catalog import Catalog
from plan_rules.rating import Bill, rate
from plan_rules.tariff import catalog_digest
from plan_rules.testing import CUSTOMER, calls, catalogs
from plan_rules.usage import Call

ROOT = Path(__file__).parents[2]


def told(bills: tuple[Bill, ...]) -> list[object]:
    return [
        (bill.cycle, bill.total_micros, [(line.maker, line.amount_micros) for line in bill.lines])
        for bill in bills
    ]


@given(catalogs(), calls(), st.randoms(use_true_random=False))
def test_shuffled_calls_give_the_same_bills(
    catalog: Catalog, made: list[Call], chance: object
) -> None:
    shuffled = list(made)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    for plan_id in catalog.plans:
        first = rate(catalog=catalog, plan=plan_id, calls=made, customer=CUSTOMER)
        second = rate(catalog=catalog, plan=plan_id, calls=shuffled, customer=CUSTOMER)
        assert told(first) == told(second)


@given(catalogs(min_plans=2, max_plans=3))
def test_the_order_of_plans_and_rows_is_no_part_of_the_meaning(catalog: Catalog) -> None:
    turned = replace(catalog, plans=dict(reversed(list(catalog.plans.items()))))
    assert catalog_digest(turned) == catalog_digest(catalog)


def test_the_hash_seed_changes_no_byte_of_a_recommendation() -> None:
    command = [
        sys.executable,
        "-c",
        "from plan_rules.cli import main; main()",
        "recommend",
        "--calls=docs/examples/calls-six-months.csv",
        "--customer=docs/examples/customer.yaml",
        "--as-of=2026-07-01",
        "--format=json",
    ]
    answers = {
        subprocess.run(  # noqa: S603  our own command
            command,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("0", "1")
    }
    (answer,) = answers
    assert json.loads(answer)["options"]
