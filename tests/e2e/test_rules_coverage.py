"""`plan-rules rules coverage`, run as a product manager runs it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from plan_rules import load_catalog

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
CALLS = ("--calls", str(EXAMPLES / "calls-six-months.csv"), "--as-of", "2026-07-01")
CUSTOMER = ("--customer", str(EXAMPLES / "customer.yaml"))


def run(*words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from plan_rules.cli import main; main()", "rules", "coverage"]
    return subprocess.run(  # noqa: S603  our own command
        [*command, *words], cwd=cwd, capture_output=True, text=True, check=False
    )


def document(*words: str, code: int = 0, cwd: Path = ROOT) -> Any:
    """Run the command for JSON and hold it against its published schema."""
    done = run(*words, "--format", "json", cwd=cwd)
    assert done.returncode == code, done.stderr
    found = json.loads(done.stdout)
    schema = json.loads((ROOT / "schemas" / "coverage.schema.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(found)
    assert_sums(found)
    return found


def assert_sums(found: Any) -> None:
    """Hold that the sums are those of the rows."""
    leaves = [leaf for rule in found["rules"] for leaf in rule["comparisons"]]
    seen = sum(bool(leaf["true"]) + bool(leaf["false"]) for leaf in leaves)
    impossible = sum(not gap["possible"] for leaf in leaves for gap in leaf["gaps"])
    assert found["seen_outcomes"] == seen
    assert found["possible_outcomes"] == 2 * len(leaves) - impossible
    assert found["fired_rules"] == sum(bool(rule["fired"]) for rule in found["rules"])
    assert found["percent"] == 100 * seen // found["possible_outcomes"]
    for leaf in leaves:
        assert len(leaf["gaps"]) == (not leaf["true"]) + (not leaf["false"])


def test_the_cases_of_the_sample_catalog_try_all_of_its_rules() -> None:
    found = document("--tests", "--fail-under", "100")
    assert all(case["passed"] for case in found["cases"])
    assert len(found["cases"]) > 60
    assert found["fired_rules"] == len(found["rules"])
    assert found["percent"] == 100


@pytest.fixture(scope="module")
def by_calls() -> Any:
    return document(*CALLS, *CUSTOMER)


def test_calls_of_a_customer_try_some_rules_and_say_what_the_others_need(by_calls: Any) -> None:
    found = by_calls
    rules = {rule["rule"]: rule for rule in found["rules"]}
    assert rules["students-only"]["fired"] == 1
    loyal = rules["loyalty-two-years"]
    assert (loyal["fired"], loyal["asked"]) == (0, loyal["in_force"])
    assert loyal["needed"] == [
        {"fact": "customer.tenure-months", "value": "24", "unit": "months"},
    ]
    assert loyal["near"]["needs"]
    assert "sample-customer on" in loyal["near"]["sheet"]
    assert rules["winter-offer"]["in_force"] == 0
    assert found["cases"] == []
    assert 0 < found["percent"] < 100


def test_cases_and_calls_add_up(by_calls: Any) -> None:
    by_cases = document("--tests", str(ROOT / "catalog" / "tests" / "2-bills.yaml"))
    both = document(*CALLS, *CUSTOMER, "--tests", str(ROOT / "catalog" / "tests" / "2-bills.yaml"))
    for one, other, sum_of_both in zip(
        by_calls["rules"], by_cases["rules"], both["rules"], strict=True
    ):
        for key in ("asked", "in_force", "fired"):
            assert sum_of_both[key] == one[key] + other[key]
        for left, right, sums in zip(
            one["comparisons"], other["comparisons"], sum_of_both["comparisons"], strict=True
        ):
            assert sums["true"] == left["true"] + right["true"]
            assert sums["false"] == left["false"] + right["false"]


def test_less_than_asked_for_is_told_by_the_exit_code() -> None:
    bills = str(ROOT / "catalog" / "tests" / "2-bills.yaml")
    assert run("--tests", bills, "--fail-under", "99").returncode == 1
    assert run("--tests", bills, "--fail-under", "10").returncode == 0


def test_many_customers_each_have_their_own_calls(tmp_path: Path) -> None:
    rows = (EXAMPLES / "calls-six-months.csv").read_text("utf-8").splitlines()
    tagged = [f"{rows[0]},customer_id"]
    tagged += [f"{row},{'ada' if place % 2 else 'bob'}" for place, row in enumerate(rows[1:])]
    calls = tmp_path / "calls.csv"
    calls.write_text("\n".join(tagged) + "\n", "utf-8")
    about = {"home": "US", "zone": "America/New_York", "anchor": "2026-01-01"}
    people = [
        {"id": "ada", **about, "facts": {"student": True}},
        {"id": "bob", **about, "facts": {"student": False}},
        {"id": "eve", **about},
    ]
    customers = tmp_path / "customers.json"
    customers.write_text(json.dumps(people), "utf-8")
    done = run(
        *("--calls", str(calls), "--customers", str(customers), "--as-of", "2026-07-01"),
        *("--format", "json"),
    )
    assert done.returncode == 0
    rules = {rule["rule"]: rule for rule in json.loads(done.stdout)["rules"]}
    assert rules["students-only"]["fired"] == 1
    assert rules["student-proof"]["fired"] == 1
    assert "customer `eve` is left out" in done.stderr


WRONG = {
    "winter is not in summer": "    facts: {as-of: 2026-07-01}\n    fires: [winter-offer]\n",
    "autopay is not expected": "    facts: {customer.autopay: true}\n    fires: []\n",
}


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """Cases about two rules; both come out otherwise than written."""
    head = "rules: [winter-offer, autopay-discount]\nplan: business-world\n"
    head += "facts: {customer.home: US, as-of: 2026-07-01}\ncases:\n"
    body = "".join(f"  - case: {name}\n{text}" for name, text in WRONG.items())
    path = tmp_path / "cases.yaml"
    path.write_text(head + body, "utf-8")
    return path


def test_a_case_that_fails_says_why(cases: Path) -> None:
    found = document("--tests", str(cases), code=1)
    winter, autopay = found["cases"]
    assert not winter["passed"]
    assert [each["rule"] for each in winter["missing"]] == ["winter-offer"]
    assert winter["missing"][0]["needs"]
    assert winter["written"] == f"{cases}:5:11"
    assert autopay["unsaid"] == []
    assert autopay["fired"] == []

    text = cases.read_text("utf-8").replace("fires: []", "fires: [autopay-discount]")
    cases.write_text(text.replace("fires: [winter-offer]", "fires: []"), "utf-8")
    assert document("--tests", str(cases))["percent"] < 100
    cases.write_text(text.replace("fires: [winter-offer]", "fires: [autopay-discount]"), "utf-8")
    shown = run("--tests", str(cases))
    assert shown.returncode == 1
    assert "winter is not in summer" in shown.stdout


def test_a_rule_that_fires_unexpectedly_fails_its_case(cases: Path) -> None:
    text = cases.read_text("utf-8").replace(
        "facts: {customer.autopay: true}", "facts: {customer.autopay: true, bill.total: 20.00}"
    )
    cases.write_text(text, "utf-8")
    autopay = document("--tests", str(cases), code=1)["cases"][1]
    assert autopay["surplus"] == ["autopay-discount"]


def test_a_case_has_to_say_what_is_always_known(cases: Path) -> None:
    text = cases.read_text("utf-8").replace("plan: business-world\n", "")
    cases.write_text(text, "utf-8")
    winter = document("--tests", str(cases), code=1)["cases"][0]
    assert winter["unsaid"] == ["plan.commitment-cycles", "plan.kind"]


def test_what_is_misspelt_is_told_where_it_is(cases: Path) -> None:
    text = cases.read_text("utf-8").replace("customer.autopay", "customer.autopya")
    cases.write_text(text, "utf-8")
    done = run("--tests", str(cases))
    assert done.returncode == 1
    assert f"{cases}:9:" in done.stderr
    assert "error[unknown-fact]" in done.stderr


def test_a_broken_case_is_no_part_of_the_catalog_but_its_check_tells(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "catalog", tmp_path / "catalog")
    (tmp_path / "catalog" / "tests" / "broken.yaml").write_text("cases: nothing\n", "utf-8")
    command = [sys.executable, "-c", "from plan_rules.cli import main; main()", "check", "catalog"]
    done = subprocess.run(  # noqa: S603  our own command
        command, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout.startswith("catalog/tests/broken.yaml:1:8: error[wrong-type]")
    assert len(load_catalog(tmp_path / "catalog").plans) == len(
        load_catalog(ROOT / "catalog").plans
    )


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--calls", str(EXAMPLES / "calls-six-months.csv")),
        (*CALLS, "--customers", "nowhere.json"),
        ("--tests", "--catalog", "nowhere"),
        ("--tests", "--fail-under", "101"),
        ("--tests", "docs"),
    ],
)
def test_misuse_is_told_on_standard_error(words: tuple[str, ...]) -> None:
    done = run(*words)
    assert done.returncode == 2
    assert done.stderr
    assert not done.stdout
