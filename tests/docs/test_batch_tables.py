from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa

from plan_rules.batch.intake.rejecting import REASONS
from plan_rules.batch.intake.schemas import CALLS, CUSTOMERS, REJECTED
from plan_rules.batch.run.best import best_schema
from plan_rules.batch.run.results import bills_schema

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "batch-tables.md"


def section(heading: str) -> str:
    text = PAGE.read_text("utf-8")
    return text.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def first_cells(text: str) -> list[str]:
    return re.findall(r"^\| `([a-z_.]+)` \|", text, re.MULTILINE)


def test_every_column_that_is_read_is_told_as_it_is_declared() -> None:
    for heading, columns in (("Calls", CALLS), ("Customers", CUSTOMERS)):
        text = section(heading)
        assert first_cells(text) == list(columns)
        for name, accepted in columns.items():
            needed = "" if heading == "Calls" else f" {'yes' if accepted.needed else 'no'} |"
            assert f"| `{name}` |{needed} {accepted.words} | {accepted.meaning} |" in text


def test_every_column_that_is_written_is_told() -> None:
    ids = pa.string()
    assert first_cells(section("Bills")) == bills_schema(ids=ids, plans=1, adjusted=True).names
    assert first_cells(section("Best plans")) == best_schema(ids=ids).names
    assert first_cells(section("Rejected rows")) == REJECTED.names


def test_every_code_of_a_rejected_row_is_told() -> None:
    told = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", section("Rejected rows")))
    assert told == set(REASONS) - {""}
