"""What the schemas call the default is what a catalog means that leaves the key out."""

from __future__ import annotations

import copy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from plan_rules import load_catalog
from plan_rules.tariff.compiling import tariff_book
from plan_rules.tariff.digest import catalog_digest
from tools.build_reference import ROOT
from tools.reference.examples import as_yaml
from tools.reference.schemas import Book, Key, Name

BOOK = Book(ROOT / "schemas")
KINDS = {
    "catalog": "catalog.yaml",
    "plan": "plans/plan.yaml",
    "rates": "rates/rates.yaml",
    "bands": "bands/bands.yaml",
    "zone": "zones/zone.yaml",
    "facts": "facts.yaml",
    "rules": "rules/rules.yaml",
}

TIERS = [{"up-to": 100, "price": 1}, {"price": 1}]
FILES: dict[str, Any] = {
    "catalog": {
        "catalog": "example",
        "currency": "USD",
        "zone": "UTC",
        "tax": {"usage": 10, "fee": 10, "rounding": {"to": 1, "mode": "up"}},
    },
    "plan": {
        "plan": "plan",
        "name": "Plan",
        "kind": "unlimited",
        "fee": 10,
        "rates": "rates",
        "billing": {"cycle": "3 months", "usage": "in-advance"},
        "switching": {"proration": "second", "upgrade": "deferred"},
        "allowances": [{"id": "some", "minutes": 100, "to": ["MX"]}],
        "surcharges": [{"id": "cuba", "to": ["CU"], "per-minute": 1, "per-call": 1}],
        "volumes": [{"id": "bulk", "to": ["IN"], "model": "graduated", "tiers": TIERS}],
        "commitment": {"cycles": 12},
        "rounding": {"to": 1, "mode": "up"},
    },
    "rates": {
        "rate-table": "rates",
        "bands": "bands",
        "defaults": {"first-price": 2, "increment": "60/60"},
        "csv": {"file": "deck.csv"},
        "rates": {
            "default": {"price": 1, "increment": "60/60"},
            "MX": {"2026-01-01": {"price": 1, "increment": "60/60"}},
        },
    },
    "bands": {"bands": "bands", "list": [{"id": "peak", "start": "08:00", "end": "19:00"}]},
    "zone": {"zone": "zone", "members": ["DE"]},
    "facts": {
        "facts": {"autopay": {"type": "boolean", "meaning": "Whether bills pay themselves."}}
    },
    "rules": {
        "rules": [{"id": "some", "when": {"plan.fee": 1}, "then": [{"note": "It costs a dollar."}]}]
    },
}
"""A catalog in which everything that has keys with defaults is written."""

OTHER = {"start": "09:00", "end": "18:00"}
"""Values other than the default, where the schema has none among its examples or words."""


def with_defaults() -> list[tuple[str, Key]]:
    return [
        (kind, key)
        for kind in KINDS
        for owner in (Name(kind), *BOOK.forms(kind))
        for key in BOOK.keys(owner)
        if "default" in key.schema
    ]


def place(files: dict[str, Any], kind: str, path: str) -> tuple[Any, str]:
    """Return what holds the key of a path, and the key; the first entry stands for all."""
    stand_ins = {"<selector>.<date>": "MX.2026-01-01", "<selector>": "default", "<id>": "autopay"}
    steps = path
    for placeholder, instead in stand_ins.items():
        steps = steps.replace(placeholder, instead)
    value = files[kind]
    *way, last = steps.split(".")
    for step in way:
        value = value[step.removesuffix("[]")]
        if step.endswith("[]"):
            value = value[0]
    return value, last


def meaning_of(kind: str, folder: Path, files: dict[str, Any]) -> object:
    """Return what a catalog means: its digest, or of a rate what it is once it is complete.

    The values of a catalog keep what an author wrote of a rate apart from what they left out,
    since an override replaces only what it writes.
    """
    for each, name in KINDS.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "\n".join(as_yaml(key, value) for key, value in files[each].items())
        path.write_text(f"{text}\n", "utf-8")
    comma = files["rates"]["csv"].get("decimal") == "comma"
    deck = folder / "rates" / "deck.csv"
    deck.write_text(f"prefix;price\n998;0{',06' if comma else '.05'}\n", "utf-8")
    catalog = load_catalog(folder)
    return tariff_book(catalog).plan("plan").rows if kind == "rates" else catalog_digest(catalog)


def another(key: Key) -> Any:
    """Return a value of the key that is not its default."""
    default = key.schema["default"]
    if key.name in OTHER:
        return OTHER[key.name]
    if isinstance(default, bool):
        return not default
    if isinstance(default, int | Decimal):
        return int(default) + 1
    known = [*key.schema.get("enum", ()), *key.schema.get("examples", ())]
    return next((each for each in known if each != default), None)


@pytest.mark.parametrize(
    ("kind", "key"), with_defaults(), ids=[f"{kind}:{key.path}" for kind, key in with_defaults()]
)
def test_a_default_is_what_holds_unless_written(kind: str, key: Key, tmp_path: Path) -> None:
    silent = copy.deepcopy(FILES)
    where, last = place(silent, kind, key.path)
    where.pop(last, None)
    written, other = copy.deepcopy(silent), copy.deepcopy(silent)
    where, last = place(written, kind, key.path)
    where[last] = key.schema["default"]
    meant = meaning_of(kind, tmp_path / "silent", silent)

    assert meaning_of(kind, tmp_path / "written", written) == meant

    value = another(key)
    if value is not None:
        where, last = place(other, kind, key.path)
        where[last] = value
        assert meaning_of(kind, tmp_path / "other", other) != meant
