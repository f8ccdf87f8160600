"""`plan-rules impact` as a product manager's build runs it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[2]
GIVEN = ("impact", "old", "new", "--calls", "calls.parquet", "--as-of", "2026-04-01")
WHO = ("--customers", "calls-customers.parquet")


def run(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from plan_rules.cli import main; main()", *words]
    return subprocess.run(  # noqa: S603  our own command
        command, cwd=cwd, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def review(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Old and new catalogs, where a price changed, and the calls of the last months."""
    folder = tmp_path_factory.mktemp("review")
    for name in ("old", "new", "euros"):
        shutil.copytree(ROOT / "catalog", folder / name)
    rates = folder / "new" / "rates" / "saver.yaml"
    text = rates.read_text("utf-8")
    assert "  MX: 0.02  " in text
    rates.write_text(text.replace("  MX: 0.02  ", "  MX: 0.03  "), "utf-8")
    root = folder / "euros" / "catalog.yaml"
    root.write_text(root.read_text("utf-8").replace("currency: USD", "currency: EUR"), "utf-8")
    drawn = ("--customers", "120", "--months", "3", "--seed", "11", "--catalog", "old")
    done = run("synth", *drawn, "--out", "calls.parquet", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_document_keeps_its_schema_and_cites_both_catalogs(review: Path) -> None:
    done = run(*GIVEN, *WHO, "--format", "json", "--svg", "out/impact.svg", cwd=review)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    schema = json.loads((ROOT / "schemas" / "impact.schema.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(found)
    figures = found["figures"]
    assert figures["up"] > 0
    assert figures["up"] + figures["down"] + figures["same"] == figures["compared"]
    dearer = [plan["plan"] for plan in found["plans"] if plan["difference_micros"]]
    assert dearer == ["business-world", "world-saver"]  # both name the table that changed
    assert sum(row["difference_micros"] for row in found["months"]) == figures["difference_micros"]
    assert sum(row["customers"] for row in found["ranges"]) == figures["compared"]
    savers = [each for each in found["hurt"] if each["plan"] == "world-saver"]
    assert savers
    for each in savers:
        for line in each["lines"]:
            assert (line["kind"], line["id"]) == ("rate", "MX")
            assert [place.split(":")[0] for place in line["old_written"]] == [
                "old/rates/saver.yaml"
            ]
            assert [place.split(":")[0] for place in line["new_written"]] == [
                "new/rates/saver.yaml"
            ]
    assert (review / "out" / "impact.svg").read_text("utf-8").startswith("<svg")


def test_a_build_fails_if_a_condition_holds(review: Path) -> None:
    conditions = ("--fail-if", "share_up>0", "--fail-if", "down>0")
    failed = run(*GIVEN, *WHO, *conditions, "--format", "json", cwd=review)
    assert failed.returncode == 1
    held = {row["figure"]: row["holds"] for row in json.loads(failed.stdout)["conditions"]}
    assert held == {"share_up": True, "down": False}
    assert len(failed.stderr.splitlines()) == 2
    fine = run(*GIVEN, *WHO, "--fail-if", "down>0", "--format", "markdown", cwd=review)
    assert fine.returncode == 0
    assert fine.stdout.startswith("## ")
    assert "old/rates/saver.yaml:" in fine.stdout


def test_a_condition_that_nobody_can_tell_fails_the_build(review: Path) -> None:
    done = run(*GIVEN, "--fail-if", "share_up>50%", "--format", "json", cwd=review)
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert [row["holds"] for row in found["conditions"]] == [None]
    assert found["figures"]["without_plan"] == found["figures"]["customers"] > 0


@pytest.mark.parametrize(
    "words",
    [
        (*GIVEN, *WHO, "--fail-if", "share_up_5pc>0"),
        (*GIVEN, *WHO, "--fail-if", "up>3%"),
        (*GIVEN, *WHO, "--assume-plan", "world-savr"),
        ("impact", "old", "euros", *GIVEN[3:], *WHO),
        ("impact", "old", "nowhere", *GIVEN[3:], *WHO),
        ("impact", "old", "new", *WHO),
    ],
)
def test_misuse_is_told_before_anything_is_priced(review: Path, words: tuple[str, ...]) -> None:
    done = run(*words, cwd=review)
    assert done.returncode == 2
    assert done.stderr
    assert not done.stdout


def test_text_is_for_people_and_no_change_has_no_impact(review: Path) -> None:
    done = run("impact", "old", "old", *GIVEN[3:], *WHO, "--fail-if", "same<120", cwd=review)
    assert done.returncode == 0, done.stderr
    assert "120 of 120" in done.stdout
