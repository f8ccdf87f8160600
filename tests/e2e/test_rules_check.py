"""`plan-rules rules check`, run as a product manager runs it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from plan_rules.loading.loader import load_catalog
from plan_rules.rules.decision import decide
from plan_rules.rules.fact import TAGS, Facts, Stage
from plan_rules.rules.interpreter import Interpreter

ROOT = Path(__file__).parents[2]

PLANTED = """\
rules:
  - id: seniors
    when: {all: [{customer.late-payments: {gte: 6}}, {customer.late-payments: {lt: 4}}]}
    then: [{exclude: This can never be said.}]
  - id: no-late-payers
    when: {customer.late-payments: {gte: 4}}
    then: [{exclude: Bills have to be paid on time.}]
  - id: no-very-late-payers
    when: {customer.late-payments: {gte: 6}, plan.kind: unlimited}
    then: [{exclude: Bills have to be paid on time.}]
  - id: deposit-of-late-payers
    when: {customer.late-payments: {in: [4, 5]}}
    then: [{require: {document: deposit, reason: Please pay a deposit.}}]
  - id: autumn-offer
    stage: billing
    when: {customer.services: {has: mobile}}
    valid: {start: 2026-09-01, end: 2026-12-24}
    then: [{discount: {percent: 10, on: fee, stack: exclusive, reason: Our autumn offer.}}]
  - id: fee-of-paper
    stage: billing
    when: {customer.paperless: false}
    valid: {end: 2026-07-01}
    then: [{surcharge: {amount: 1.00, on: bill, stack: additive, reason: You get paper.}}]
  - id: fee-of-paper-2026
    replaces: fee-of-paper
    stage: billing
    when: {customer.paperless: false}
    valid: {start: 2026-07-15}
    then: [{surcharge: {amount: 2.00, on: bill, stack: additive, reason: You get paper.}}]
"""
FAULTS = {
    ("never-fires", "seniors"): 2,
    ("shadowed", "no-very-late-payers"): 8,
    ("contradiction", "deposit-of-late-payers"): 13,
    ("exclusive-overlap", "autumn-offer"): 18,
    ("version-gap", "fee-of-paper-2026"): 24,
}
"""The five faults that are planted above, and the line of each; the second offer is a rule of
the sample catalog."""


def run(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from plan_rules.cli import main; main()", *words]
    return subprocess.run(  # noqa: S603  our own command
        command, cwd=cwd, capture_output=True, text=True, check=False
    )


def findings(cwd: Path, *, code: int) -> Any:
    """Run the command for JSON and hold it against its published schema."""
    done = run("rules", "check", "--format", "json", cwd=cwd)
    assert done.returncode == code, done.stderr
    found = json.loads(done.stdout)
    schema = json.loads((ROOT / "schemas" / "findings.schema.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(found)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "catalog", tmp_path / "catalog")
    return tmp_path


def test_the_rules_of_the_sample_catalog_are_clean() -> None:
    found = findings(ROOT, code=0)
    assert found["findings"] == []
    assert found["not_analysed"] == []
    assert found["issues"] == []
    assert found["rules"] > 30


def test_five_planted_faults_are_each_named_with_a_witness(folder: Path) -> None:
    (folder / "catalog" / "rules" / "planted.yaml").write_text(PLANTED, "utf-8")

    found = findings(folder, code=1)

    told = {(each["code"], each["rules"][0]): each for each in found["findings"]}
    assert set(told) == set(FAULTS)
    for key, line in FAULTS.items():
        file, written_at, _ = told[key]["written"][0].split(":")
        assert file == "catalog/rules/planted.yaml"
        assert int(written_at) == line
        assert told[key]["hint"]
        assert told[key]["witness"]["facts"]
        assert_seen(folder, told[key]["witness"])


def assert_seen(folder: Path, witness: Any) -> None:
    """Hold that the interpreter says of the printed customer what the finding says."""
    rules = load_catalog(folder / "catalog").rules
    known = {spec.name: spec.low for spec in rules.vocabulary if not spec.optional}
    for said in witness["facts"]:
        spec = rules.vocabulary[said["fact"]]
        if said["value"] is not None:
            known[spec.name] = code_of(spec.type.value, said["value"], spec)
    facts = Facts({**known, TAGS: 0})
    engine = Interpreter(rules)
    first = decide(rules=rules, engine=engine, stage=Stage.ELIGIBILITY, facts=facts)
    then = decide(rules=rules, engine=engine, stage=Stage.BILLING, facts=first.facts)
    fired = {rule.id for rule in (*first.fired, *then.fired)}
    assert fired.issuperset(witness["fires"])
    assert not fired.intersection(witness["silent"])


def code_of(kind: str, value: str, spec: Any) -> int:
    plain: Any = value
    if kind == "integer":
        plain = int(value)
    elif kind == "boolean":
        plain = value == "true"
    elif kind == "set":
        plain = [word for word in value.strip("[]").split(", ") if word]
    return int(spec.code(plain))


def test_people_read_the_same_as_programs(folder: Path) -> None:
    (folder / "catalog" / "rules" / "planted.yaml").write_text(PLANTED, "utf-8")
    done = run("rules", "check", cwd=folder)
    assert done.returncode == 1
    for code, rule in FAULTS:
        assert f"[{code}]" in done.stdout
        assert rule in done.stdout
    assert done.stdout.count("customer:") == len(FAULTS)


def test_a_note_alone_is_fine(folder: Path) -> None:
    tag = "rules:\n  - {id: many, when: {usage.calls: {gt: 9}}, then: [{tag: many-calls}]}\n"
    (folder / "catalog" / "rules" / "noted.yaml").write_text(tag, "utf-8")
    found = findings(folder, code=0)
    assert [each["severity"] for each in found["findings"]] == ["note"]


def test_issues_of_the_catalog_come_first(folder: Path) -> None:
    wrong = PLANTED.replace("customer.paperless", "customer.paperles")
    (folder / "catalog" / "rules" / "planted.yaml").write_text(wrong, "utf-8")
    found = findings(folder, code=1)
    assert {each["code"] for each in found["issues"]} == {"unknown-fact"}
    assert found["findings"] == []
    done = run("rules", "check", cwd=folder)
    assert done.returncode == 1
    assert "unknown-fact" in done.stderr


def test_a_folder_that_is_not_there_is_misuse(tmp_path: Path) -> None:
    done = run("rules", "check", "nowhere", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr
