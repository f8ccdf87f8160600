from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pytest

from plan_rules.batch.columns import NO_DAY, day_number
from plan_rules.batch.intake.customers import CustomersRead, read_customers
from plan_rules.batch.intake.schemas import WrongSchema

PLANS = ("basic", "world")
ADA: dict[str, object] = {
    "customer_id": "ada",
    "home": "US",
    "zone": "America/Chicago",
    "anchor": date(2026, 1, 31),
    "plan": "world",
    "since": date(2025, 7, 1),
    "chosen_country": "MX",
}
BO: dict[str, object] = {
    **ADA,
    "customer_id": "bo",
    "plan": "",
    "since": None,
    "chosen_country": None,
    "zone": "Europe/Berlin",
    "home": "DE",
}


def read(*rows: dict[str, object]) -> CustomersRead:
    return read_customers(pa.Table.from_pylist(list(rows)), plan_ids=PLANS)


def codes(found: CustomersRead) -> list[tuple[int, str]]:
    assert found.rejected is not None
    return [(row["row"], row["code"]) for row in found.rejected.to_pylist()]


def test_customers_are_columns_in_the_order_of_their_table() -> None:
    found = read(ADA, BO)
    columns = found.customers.columns
    assert found.rejected is None
    assert [columns.zones[at] for at in columns.zone] == ["America/Chicago", "Europe/Berlin"]
    assert found.customers.homes.to_pylist() == ["US", "DE"]
    assert columns.plan.tolist() == [1, -1]
    assert columns.anchor.tolist() == [day_number(date(2026, 1, 31))] * 2
    assert columns.since.tolist() == [day_number(date(2025, 7, 1)), NO_DAY]
    assert [columns.countries[at] if at >= 0 else "" for at in columns.chosen] == ["MX", ""]
    assert found.customers.index.codes(pa.array(["bo", "ada", "eve"])).tolist() == [1, 0, -1]


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("customer_id", None, "missing-customer-id"),
        ("customer_id", "", "missing-customer-id"),
        ("home", "Mars", "unknown-country"),
        ("home", "001", "unknown-country"),
        ("home", None, "unknown-country"),
        ("zone", "Mars/Olympus", "unknown-zone"),
        ("zone", "../zone", "unknown-zone"),
        ("zone", None, "unknown-zone"),
        ("anchor", None, "bad-anchor"),
        ("anchor", date(1899, 12, 31), "bad-anchor"),
        ("since", date(2200, 1, 1), "bad-since"),
        ("plan", "gone", "unknown-plan"),
        ("chosen_country", "XX", "unknown-chosen-country"),
    ],
)
def test_a_row_that_is_no_customer_is_told(key: str, value: object, code: str) -> None:
    found = read(ADA, {**BO, key: value})
    assert codes(found) == [(1, code)]
    assert found.customers.ids.to_pylist() == ["ada"]


def test_of_rows_with_one_id_none_is_taken() -> None:
    found = read(ADA, BO, {**ADA, "plan": "basic"})
    assert codes(found) == [(0, "repeated-customer"), (2, "repeated-customer")]
    assert found.customers.ids.to_pylist() == ["bo"]
    assert found.customers.index.codes(pa.array(["ada"])).tolist() == [-1]


def test_a_repeated_id_in_two_files_is_seen(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        pacsv.write_csv(pa.Table.from_pylist([ADA, {**BO, "customer_id": name}]), tmp_path / name)
    found = read_customers(tmp_path / "*.csv", plan_ids=PLANS)
    assert codes(found) == [(0, "repeated-customer"), (0, "repeated-customer")]
    assert found.customers.ids.to_pylist() == ["a.csv", "b.csv"]


def test_facts_are_kept_and_a_misspelt_column_is_refused() -> None:
    found = read({**ADA, "facts.age": 42}, {**BO, "facts.age": None})
    assert found.customers.facts.to_pylist() == [{"age": 42}, {"age": None}]
    with pytest.raises(WrongSchema) as refused:
        read({**ADA, "chosen-country": "MX"})
    assert refused.value.column == "chosen-country"
    assert "chosen_country" in refused.value.expected


def test_there_may_be_no_customers() -> None:
    table = pa.Table.from_pylist([ADA]).slice(0, 0)
    assert len(read_customers(table, plan_ids=PLANS).customers) == 0


def test_bytes_that_are_no_text_are_no_id(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    header = b"customer_id,home,zone,anchor\n"
    path.write_bytes(header + b"ok,US,UTC,2026-01-01\n\xff\xfe,US,UTC,2026-01-01\n")
    found = read_customers(path, plan_ids=PLANS)
    assert codes(found) == [(1, "missing-customer-id")]
