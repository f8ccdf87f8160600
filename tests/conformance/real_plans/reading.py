"""The plans, the cases worked out by hand, and the reviewed list of what is not said.

A file of cases belongs to the catalog of its name. Each case is one plan, its calls with what
each of them costs, and the bills of the cycles they fall into, before tax.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from plan_rules.catalog import Catalog
from plan_rules.loading import load_catalog
from plan_rules.loading.reader import read_yaml_file
from plan_rules.money import parse_micros
from plan_rules.rating import Outcome
from plan_rules.usage import Call, Customer

HERE = Path(__file__).parent
CATALOGS = tuple(sorted(path.name for path in (HERE / "catalogs").iterdir()))


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What becomes of one call, and what it costs in micros."""

    call: Call
    outcome: Outcome
    micros: int


@dataclass(frozen=True, kw_only=True)
class Case:
    """Calls on one plan with the bills that were worked out by hand; amounts in micros."""

    catalog: str
    plan: str
    says: str
    because: str
    customer: Customer
    calls: tuple[Expected, ...]
    totals: tuple[int, ...]
    nets: tuple[int, ...] | None
    grosses: tuple[int, ...] | None
    used: dict[str, int]

    def __str__(self) -> str:
        """Return the plan and what the case says of it."""
        return f"{self.plan}: {self.says}"


@cache
def catalog(name: str) -> Catalog:
    """Return one of the catalogs of real plans."""
    return load_catalog(HERE / "catalogs" / name)


def plan_texts() -> Iterator[tuple[str, str, str]]:
    """Yield catalog, plan id and text of every plan file."""
    for name in CATALOGS:
        for path in sorted((HERE / "catalogs" / name / "plans").iterdir()):
            yield name, path.stem, path.read_text("utf-8")


def real_plan(text: str) -> str:
    """Return the id of the real plan that a plan file names."""
    named = re.search(r"(?m)^# real plan: (\S+)$", text)
    return named[1] if named else ""


def features(text: str) -> set[int]:
    """Return the numbers of the structural features that a plan file shows."""
    listed = re.search(r"(?m)^# features: ([\d ]+)$", text)
    return {int(each) for each in listed[1].split()} if listed else set()


@cache
def not_said() -> dict[str, tuple[str, ...]]:
    """Return the ids of the reviewed list, in order, by the heading they stand under.

    The ids of an item stand before its colon; what follows is the reason.
    """
    found: dict[str, tuple[str, ...]] = {}
    text = (HERE / "not_said.md").read_text("utf-8")
    for section in re.split(r"(?m)^## ", text)[1:]:
        heading, _, body = section.partition("\n")
        items = re.findall(r"(?m)^- (`[^:]*`): \S", body)
        assert len(items) == body.count("\n- ")
        found[heading] = tuple(each for item in items for each in re.findall(r"`([^`]+)`", item))
    return found


@cache
def cases() -> tuple[Case, ...]:
    """Return every case of every catalog."""
    return tuple(case for name in CATALOGS for case in _cases_of(name))


def _cases_of(name: str) -> Iterator[Case]:
    document, issues = read_yaml_file(HERE / "cases" / f"{name}.yaml", shown_as=name)
    assert document is not None
    assert not issues
    value: Any = document.value
    zone = ZoneInfo(catalog(name).zone)
    for row in value["cases"]:
        yield Case(
            catalog=name,
            plan=row["plan"],
            says=row["says"],
            because=row["because"],
            customer=Customer(
                id="someone",
                home=value["home"],
                zone=zone.key,
                anchor=date.fromisoformat(row.get("anchor", value["anchor"])),
                since=date.fromisoformat(row["since"]) if "since" in row else None,
                chosen_country=row.get("chosen", ""),
            ),
            calls=tuple(each for call in row["calls"] for each in _expected(call, zone)),
            totals=_amounts(row.get("totals", [row.get("total")])),
            nets=_amounts(row["nets"]) if "nets" in row else None,
            grosses=_amounts(row["grosses"]) if "grosses" in row else None,
            used=row.get("used", {}),
        )


def _expected(row: dict[str, Any], zone: ZoneInfo) -> Iterator[Expected]:
    """Yield a call, or `times` of them a minute apart, each to the next higher number."""
    start = datetime.fromisoformat(row["at"]).replace(tzinfo=zone)
    for index in range(row.get("times", 1)):
        yield Expected(
            call=Call(
                start=start + timedelta(minutes=index),
                number=f"+{int(row['to'][1:]) + index}",
                seconds=row["seconds"],
            ),
            outcome=Outcome(row.get("becomes", "rated")),
            micros=parse_micros(Decimal(row.get("costs", 0))),
        )


def _amounts(values: list[int | Decimal]) -> tuple[int, ...]:
    return tuple(parse_micros(Decimal(value)) for value in values)
