"""The commands for many customers, run as their users run them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[2]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from plan_rules.cli import main; main()", *words]
    return subprocess.run(  # noqa: S603  our own command
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with calls and their customers, as Parquet and as CSV."""
    folder = tmp_path_factory.mktemp("drawn")
    for name in ("calls.parquet", "calls.csv"):
        words = ("--customers", "30", "--months", "2", "--seed", "7", "--catalog", "catalog")
        done = run("synth", *words, "--out", str(folder / name))
        assert (done.returncode, done.stderr) == (0, "")
        assert "30 customers" in done.stdout
    return folder


def batch(folder: Path, out: str, *words: str, suffix: str = "parquet") -> tuple[str, ...]:
    return (
        "batch",
        "--calls",
        str(folder / f"calls.{suffix}"),
        "--customers",
        str(folder / f"calls-customers.{suffix}"),
        "--out",
        str(folder / out),
        "--as-of",
        "2026-03-01",
        *words,
    )


def test_a_batch_ends_with_an_account_of_all_calls(drawn: Path) -> None:
    done = run(*batch(drawn, "text"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "every call is accounted for" in done.stdout
    rows = pq.read_metadata(drawn / "calls.parquet").num_rows
    assert f"{rows:,} priced, 0 rejected" in done.stdout


def test_json_is_the_summary_and_csv_gives_the_same_as_parquet(drawn: Path) -> None:
    schema = json.loads((ROOT / "schemas" / "batch.schema.json").read_text("utf-8"))
    found = []
    for suffix in ("parquet", "csv"):
        done = run(*batch(drawn, suffix, "--format", "json", "--top", "2", suffix=suffix))
        assert (done.returncode, done.stderr) == (0, "")
        document = json.loads(done.stdout)
        Draft202012Validator(schema).validate(document)
        assert json.loads((drawn / suffix / "summary.json").read_text("utf-8")) == document
        best = pq.read_table(drawn / suffix / "best")
        assert set(best["rank"].to_pylist()) == {1, 2}
        found.append((document, best["monthly_micros"].to_pylist()))
    assert found[0] == found[1]


def test_rejected_rows_are_told_and_make_the_command_end_with_1(drawn: Path) -> None:
    table = pq.read_table(drawn / "calls.parquet")
    numbers = pa.array([1, *table["number"].to_pylist()[1:]])
    pq.write_table(table.set_column(2, "number", numbers), drawn / "bad.parquet")
    words = list(batch(drawn, "bad"))
    words[2] = str(drawn / "bad.parquet")
    done = run(*words, "--best-only", "--format", "json")
    assert done.returncode == 1
    document = json.loads(done.stdout)
    assert document["rejected"]["by_code"] == {"bad-number": 1}
    assert (document["bills"], document["plans"]) == (0, [])
    assert not (drawn / "bad" / "bills").exists()
    words[6] = str(drawn / "strict")
    strict = run(*words, "--strict")
    assert strict.returncode == 1
    assert "row 0" in strict.stderr


def test_a_batch_is_resumed_only_if_asked_for_and_only_the_same(drawn: Path) -> None:
    assert run(*batch(drawn, "again", "--best-only")).returncode == 0
    assert run(*batch(drawn, "again", "--best-only")).returncode == 2
    assert run(*batch(drawn, "again", "--best-only", "--resume")).returncode == 0
    other = run(*batch(drawn, "again", "--best-only", "--resume", "--top", "1"))
    assert other.returncode == 2
    assert "top" in other.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("--memory", "much"),
        ("--memory", "1MB"),
        ("--top", "0"),
        ("--engine", "abacus"),
        ("--calls", "nowhere/*.parquet"),
    ],
)
def test_misuse_ends_with_2(words: tuple[str, ...], drawn: Path) -> None:
    done = run(*batch(drawn, "misuse", *words))
    assert done.returncode == 2
    assert done.stderr


def test_misuse_of_synth_ends_with_2(tmp_path: Path) -> None:
    words = ("synth", "--customers", "3", "--seed", "1", "--out")
    assert run(*words, str(tmp_path / "calls.xlsx")).returncode == 2
    assert run(*words, str(tmp_path / "c.csv"), "--start", "2026-01-02").returncode == 2


def test_a_drawn_file_is_one_that_rate_reads(drawn: Path, tmp_path: Path) -> None:
    header, first, *others = (drawn / "calls.csv").read_text("utf-8").splitlines()
    customer = first.split(",")[0]
    mine = [line for line in others if line.startswith(customer + ",")]
    (tmp_path / "mine.csv").write_text("\n".join([header, first, *mine]) + "\n", "utf-8")
    words = ("rate", "--plan", "world-saver", "--calls", str(tmp_path / "mine.csv"))
    done = run(*words, "--home", "US", "--format", "json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert (bool(document["bills"]), document["rejected"]) == (True, [])
