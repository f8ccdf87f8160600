from __future__ import annotations

from pathlib import Path

import pytest

from plan_rules.errors import CatalogInvalid, InvalidValue
from plan_rules.loading.customers import read_customers
from plan_rules.usage.readers.calls import UnreadableFile

ADA = "- {id: ada, home: US, zone: America/Chicago, anchor: 2026-01-31, facts: {limit: 9.99}}\n"
BOB = "- {id: bob, home: DE, zone: Europe/Berlin, anchor: 2026-01-01}\n"


def test_customers_are_read_in_order(tmp_path: Path) -> None:
    path = tmp_path / "customers.yaml"
    path.write_text(BOB + ADA, "utf-8")
    assert [(each.id, each.home) for each in read_customers(path)] == [("bob", "DE"), ("ada", "US")]


def test_json_holds_the_same(tmp_path: Path) -> None:
    yaml, json = tmp_path / "customers.yaml", tmp_path / "customers.json"
    yaml.write_text(ADA, "utf-8")
    json.write_text(
        '[{"id": "ada", "home": "US", "zone": "America/Chicago", "anchor": "2026-01-31",'
        ' "facts": {"limit": 9.99}}]',
        "utf-8",
    )
    assert read_customers(json) == read_customers(yaml)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("ada", "customers.yaml"),
        ("[]\n", "customers.yaml"),
        ("- ada\n", "customer 1"),
        (ADA + BOB.replace("DE", "XX"), "home of customer bob"),
        (ADA + ADA, "id"),
    ],
)
def test_what_is_no_list_of_customers_is_refused(text: str, named: str, tmp_path: Path) -> None:
    path = tmp_path / "customers.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(InvalidValue) as refused:
        read_customers(path)
    assert named in refused.value.name


def test_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        read_customers(tmp_path / "nowhere.json")
    broken = tmp_path / "broken.json"
    broken.write_text("[", "utf-8")
    with pytest.raises(UnreadableFile):
        read_customers(broken)
    with pytest.raises(CatalogInvalid):
        read_customers(tmp_path / "nowhere.yaml")
