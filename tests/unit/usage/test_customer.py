from __future__ import annotations

import copy
import gzip
import json
import pickle
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from plan_rules.errors import InvalidValue
from plan_rules.usage import Customer, UnreadableFile, customer_from_mapping, read_customer
from plan_rules.usage.customer import KEYS

ROOT = Path(__file__).parents[3]
ADA: dict[str, Any] = {
    "id": "ada",
    "home": "US",
    "zone": "America/Chicago",
    "anchor": "2026-01-31",
    "plan": "world-300",
    "since": "2025-11-30",
    "chosen-country": "MX",
    "facts": {"segment": "family", "lines": 3, "vip": True, "spend": 12, "tags": ["a", "b"]},
}
NEEDED = {key: ADA[key] for key in ("id", "home", "zone", "anchor")}


SCHEMA: dict[str, Any] = json.loads((ROOT / "schemas" / "customer.schema.json").read_text("utf-8"))


def accepts(customer: dict[str, Any]) -> bool:
    return Draft202012Validator(SCHEMA).is_valid(customer)


def test_a_customer_is_read_from_all_keys() -> None:
    customer = customer_from_mapping(ADA)
    assert customer.anchor == date(2026, 1, 31)
    assert customer.since == date(2025, 11, 30)
    assert (customer.id, customer.home, customer.zone) == ("ada", "US", "America/Chicago")
    assert (customer.plan, customer.chosen_country) == ("world-300", "MX")
    assert dict(customer.facts) == {
        "segment": "family",
        "lines": 3,
        "vip": True,
        "spend": 12,
        "tags": ("a", "b"),
    }


def test_four_keys_are_enough() -> None:
    bare = customer_from_mapping(NEEDED)
    nulls = {key: None for key in KEYS if key not in NEEDED}
    assert bare == customer_from_mapping({**NEEDED, **nulls})
    assert (bare.plan, bare.since, bare.chosen_country, dict(bare.facts)) == ("", None, "", {})


def test_dates_may_be_dates() -> None:
    assert customer_from_mapping({**NEEDED, "anchor": date(2026, 1, 31)}).anchor.day == 31


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", ""),
        ("id", 7),
        ("id", None),
        ("home", "us"),
        ("home", "001"),
        ("home", "XX"),
        ("home", False),
        ("zone", "America/Gotham"),
        ("zone", "../etc"),
        ("anchor", None),
        ("anchor", "20260131"),
        ("anchor", "2026-02-30"),
        ("anchor", "1899-12-31"),
        ("anchor", "2200-01-01"),
        ("anchor", datetime(2026, 1, 31, tzinfo=UTC)),
        ("since", "soon"),
        ("plan", 300),
        ("chosen-country", "Mexico"),
        ("facts", ["a"]),
        ("facts.lines", 1.5),
        ("facts.lines", Decimal("NaN")),
        ("facts.lines", ["a", 1]),
        ("facts.lines", {"a": 1}),
        ("facts.lines", None),
    ],
)
def test_a_bad_value_is_named_by_its_key(key: str, value: object) -> None:
    name, _, fact = key.partition(".")
    mapping = {**ADA, name: {fact: value} if fact else value}
    with pytest.raises(InvalidValue) as refused:
        customer_from_mapping(mapping)
    assert refused.value.name == key


@pytest.mark.parametrize("name", ["", 7])
def test_a_fact_has_a_name(name: object) -> None:
    with pytest.raises(InvalidValue) as refused:
        customer_from_mapping({**ADA, "facts": {name: 1}})
    assert refused.value.name == "facts"


@pytest.mark.parametrize(("key", "hint"), [("chosen_country", "chosen-country"), ("shoe", "id")])
def test_an_unknown_key_is_refused_with_the_keys_there_are(key: str, hint: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        customer_from_mapping({**ADA, key: "MX"})
    assert refused.value.name == key
    assert hint in refused.value.expected


def test_a_customer_cannot_be_changed_and_can_be_copied() -> None:
    facts: dict[str, Any] = {"lines": 3}
    ada = Customer(
        id="ada",
        home="US",
        zone="UTC",
        anchor=date(2026, 1, 31),
        facts=facts,
        since=date(2026, 2, 1),
    )
    facts["lines"] = 4
    assert ada.facts["lines"] == 3
    with pytest.raises(TypeError):
        ada.facts["lines"] = 5  # type: ignore[index]
    twin = pickle.loads(pickle.dumps(ada))  # noqa: S301 - our own bytes
    assert twin == ada == copy.deepcopy(ada)
    assert hash(twin) == hash(ada)


def test_python_makes_no_customer_that_a_file_could_not() -> None:
    with pytest.raises(InvalidValue) as refused:
        Customer(id="", home="US", zone="UTC", anchor=date(2026, 1, 31))
    assert refused.value.name == "id"


def test_a_json_file_is_read_exactly(tmp_path: Path) -> None:
    path = tmp_path / "ada.json"
    path.write_text("\ufeff" + json.dumps(ADA).replace("12", "12.10"), "utf-8")
    assert read_customer(path).facts["spend"] == Decimal("12.10")
    packed = tmp_path / "ada.json.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert read_customer(str(packed)) == read_customer(path)


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"\xff", b"[" * 200_000, b'{"id": ' + b"9" * 5000 + b"}", b" " * (2**20 + 1)],
)
def test_what_is_no_json_is_refused(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "customer.json"
    path.write_bytes(raw)
    with pytest.raises(UnreadableFile) as refused:
        read_customer(path)
    assert refused.value.path == path


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read_customer(tmp_path / "nobody.json")
    assert refused.value.path.name == "nobody.json"


@pytest.mark.parametrize(("text", "name"), [("[]", "customer.json"), ('{"id":"a","id":"b"}', "id")])
def test_json_that_is_no_customer_is_refused(text: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / "customer.json"
    path.write_text(text, "utf-8")
    with pytest.raises(InvalidValue) as refused:
        read_customer(path)
    assert refused.value.name.endswith(name)


def test_the_schema_is_sound_and_knows_the_same_keys() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert tuple(SCHEMA["properties"]) == KEYS
    assert set(SCHEMA["required"]) == set(NEEDED)
    for key, each in SCHEMA["properties"].items():
        assert each["description"], key


def test_the_schema_accepts_what_is_read() -> None:
    assert accepts(ADA)
    assert accepts(NEEDED)


@pytest.mark.parametrize(
    "change",
    [
        {"id": ""},
        {"home": "us"},
        {"zone": 5},
        {"anchor": "20260131"},
        {"since": "31.1.2026"},
        {"chosen-country": "Mexico"},
        {"facts": {"lines": [1]}},
        {"facts": {"lines": {}}},
        {"shoe": 1},
    ],
)
def test_the_schema_refuses_what_cannot_be_read(change: dict[str, Any]) -> None:
    assert not accepts({**ADA, **change})
    with pytest.raises(InvalidValue):
        customer_from_mapping({**ADA, **change})
