"""The commands, run as their users run them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
CALLS = ("--calls", str(EXAMPLES / "calls-six-months.csv"))
CUSTOMER = ("--customer", str(EXAMPLES / "customer.yaml"))


def run(*words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from plan_rules.cli import main; main()", *words]
    return subprocess.run(  # noqa: S603  our own command
        command, cwd=cwd, capture_output=True, text=True, check=False
    )


def document(kind: str, *words: str) -> Any:
    """Run a command for JSON and hold it against its published schema."""
    done = run(*words, "--format", "json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    schema = json.loads((ROOT / "schemas" / f"{kind}.schema.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(found)
    return found


def test_the_sample_catalog_is_clean() -> None:
    assert document("issues", "check", "catalog") == {"issues": []}


def test_a_recommendation_ranks_every_plan_on_sale() -> None:
    found = document("recommendation", "recommend", *CALLS, *CUSTOMER, "--as-of", "2026-07-01")
    ranks = [option["rank"] for option in found["options"]]
    assert ranks == list(range(1, len(ranks) + 1))
    assert sum(option["stay"] for option in found["options"]) == 1
    assert [option["plan"] for option in found["options"] if option["why_not"] is None] == [
        found["advised"]
    ]
    covering = [option["covers"] for option in found["options"]]
    assert covering == sorted(covering, reverse=True)
    assert found["not_for_sale"] == ["classic-long-distance"]
    assert (found["cycles"], found["confidence"]) == (6, "high")


def test_bills_cite_where_each_line_is_written() -> None:
    found = document("bills", "explain", "--plan", "americas-500", *CALLS, *CUSTOMER)
    assert len(found["bills"]) == 6
    for bill in found["bills"]:
        for line in bill["lines"]:
            assert line["written"].startswith("catalog/")
        assert len(bill["calls"]) > 30


def test_asterisk_records_price_as_the_same_calls_in_the_generic_form() -> None:
    generic = document("bills", "rate", "--plan", "world-saver", *CALLS, *CUSTOMER)["bills"]
    master = ("--calls", str(EXAMPLES / "Master.csv"), "--preset", "asterisk")
    asterisk = document("bills", "rate", "--plan", "world-saver", *master, *CUSTOMER)["bills"]
    (june,) = [bill for bill in generic if bill["start"] == "2026-06-01"]
    assert [bill["total"] for bill in asterisk] == [june["total"]]


def test_numbers_are_looked_up_with_the_catalogs_own_prefixes() -> None:
    found = document(
        "numbers", "numbering", "lookup", "+37744123456", "011 52 55 1234 5678", "--home", "US"
    )
    assert [row["country"] for row in found["numbers"]] == ["XK", "MX"]


@pytest.mark.parametrize("command", ["rate", "explain"])
def test_text_is_for_people(command: str) -> None:
    done = run(command, "--plan", "world-saver", *CALLS, *CUSTOMER)
    assert done.returncode == 0
    assert "World Saver" in done.stdout
    assert run("numbering", "lookup", "+525512345678").stdout.startswith("+525512345678")
    assert run("recommend", *CALLS, *CUSTOMER, "--as-of", "2026-07-01").returncode == 0


def test_rows_that_cannot_be_read_are_told_and_counted() -> None:
    faults = ("--calls", str(EXAMPLES / "calls-with-faults.csv"))
    found = document("bills", "rate", "--plan", "world-saver", *faults, *CUSTOMER)
    assert len(found["rejected"]) == 6
    loose = run("rate", "--plan", "world-saver", *faults, *CUSTOMER)
    assert loose.returncode == 0
    assert loose.stderr
    assert run("rate", "--plan", "world-saver", *faults, *CUSTOMER, "--strict").returncode == 1


@pytest.mark.parametrize(
    "words",
    [
        ("rate", "--plan", "world-savr", *CALLS, *CUSTOMER),
        ("rate", "--plan", "world-saver", *CALLS),
        ("rate", "--plan", "world-saver", "--calls", "nowhere.csv", *CUSTOMER),
        ("rate", "--plan", "world-saver", *CALLS, *CUSTOMER, "--map", "start"),
        ("recommend", *CALLS, *CUSTOMER, "--current", "nothing"),
        ("recommend", *CALLS, *CUSTOMER, "--as-of", "2026-01-02"),
        ("check", "nowhere"),
        ("numbering", "lookup", "call-mum"),
        ("nonsense",),
    ],
)
def test_misuse_is_told_on_standard_error(words: tuple[str, ...]) -> None:
    done = run(*words)
    assert done.returncode == 2
    assert done.stderr
    assert not done.stdout


FAULTS = {
    "duplicate-key": ("rates/world.yaml", "rate-table: world", "rate-table: w\nrate-table: world"),
    "unknown-key": ("plans/world-saver.yaml", "summary:", "sumary:"),
    "unknown-rate-table": ("plans/world-saver.yaml", "rates: saver", "rates: savers"),
    "unknown-value": ("plans/world-saver.yaml", "pay-per-minute", "pay-by-minute"),
    "tab-indentation": ("catalog.yaml", "currency: USD", "currency: USD\n\tzone: UTC"),
}


@pytest.mark.parametrize("code", sorted(FAULTS))
def test_a_fault_is_named_at_its_line(code: str, tmp_path: Path) -> None:
    for path in sorted((ROOT / "catalog").rglob("*.yaml")):
        copy = tmp_path / "catalog" / path.relative_to(ROOT / "catalog")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    name, before, after = FAULTS[code]
    file = tmp_path / "catalog" / name
    text = file.read_text("utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), "utf-8")
    done = run("check", "catalog", "--format", "json", cwd=tmp_path)
    assert done.returncode == 1
    found = [issue for issue in json.loads(done.stdout)["issues"] if issue["code"] == code]
    line = text[: text.index(before)].count("\n") + 1
    assert found
    assert line <= found[0]["line"] <= line + 1
    assert found[0]["file"] == file.relative_to(tmp_path).as_posix()
    assert code in run("check", "catalog", cwd=tmp_path).stdout
