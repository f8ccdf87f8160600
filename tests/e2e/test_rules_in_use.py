"""What the sample catalog's rules do to advice and bills, run as their users run it."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.e2e.test_command_line import CALLS, CUSTOMER, EXAMPLES, document, run

AS_OF = ("--as-of", "2026-07-01")


def customer_file(folder: Path, **facts: object) -> tuple[str, str]:
    """Write the sample customer with other facts; a fact of `None` is taken away."""
    written = yaml.safe_load((EXAMPLES / "customer.yaml").read_text("utf-8"))
    for name, value in facts.items():
        written["facts"][name.replace("_", "-")] = value
    written["facts"] = {name: each for name, each in written["facts"].items() if each is not None}
    path = folder / "customer.yaml"
    path.write_text(yaml.safe_dump(written), "utf-8")
    return "--customer", str(path)


def test_excluded_plans_are_told_with_the_place_of_their_rule() -> None:
    found = document("recommendation", "recommend", *CALLS, *CUSTOMER, *AS_OF)
    excluded = {each["plan"]: each["reasons"] for each in found["excluded"]}
    assert set(excluded) == {"business-world", "student-world"}
    (reason,) = excluded["business-world"]
    assert reason["rule"] == "business-only"
    path, line, _ = reason["written"].split(":")
    written = Path(path).read_text("utf-8").splitlines()[int(line) - 1]
    assert reason["reason"] in written
    assert found["engine"] in {"durable-rules", "interpreter"}
    assert not {option["plan"] for option in found["options"]} & set(excluded)


def test_a_student_has_to_show_a_card(tmp_path: Path) -> None:
    student = customer_file(tmp_path, student=True)
    found = document("recommendation", "recommend", *CALLS, *student, *AS_OF)
    (option,) = [each for each in found["options"] if each["plan"] == "student-world"]
    assert [(each["kind"], each["id"]) for each in option["required"]] == [
        ("document", "student-card")
    ]


def test_a_discount_is_a_line_of_the_bill_with_its_place(tmp_path: Path) -> None:
    paperless = customer_file(tmp_path, paperless=True)
    found = document("bills", "rate", "--plan", "world-saver", *CALLS, *paperless)
    for bill in found["bills"]:
        (line,) = [each for each in bill["lines"] if each["kind"] == "discount"]
        assert (line["id"], line["gross"]) == ("paperless-discount", "-0.50")
        assert line["written"].startswith("catalog/rules/")
    plain = document("bills", "rate", "--plan", "world-saver", *CALLS, *CUSTOMER)
    assert len(plain["bills"][0]["lines"]) == len(found["bills"][0]["lines"]) - 1


def test_every_plan_is_explained_rule_by_rule() -> None:
    found = document("explanation", "explain", *CALLS, *CUSTOMER, *AS_OF)
    plans = {each["plan"]: each for each in found["plans"]}
    assert plans["business-world"]["why_not"] == "excluded"
    assert plans["classic-long-distance"]["rules"] == []
    by_rule = {each["rule"]: each for each in plans["business-world"]["rules"]}
    assert (by_rule["business-only"]["fired"], by_rule["business-only"]["needs"]) == (1, [])
    assert [each["fact"] for each in by_rule["business-only"]["readings"]] == [
        "plan.labels",
        "customer.segment",
    ]
    (need,) = by_rule["heavy-callers"]["needs"]
    assert need["fact"].startswith("usage.")
    assert int(need["nearest"]) > int(need["value"])


def test_text_says_why_and_how_near() -> None:
    done = run("explain", *CALLS, *CUSTOMER, *AS_OF)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    (start,) = [at for at, line in enumerate(lines) if line.startswith("Business World (")]
    assert "business-only at catalog/rules/" in lines[start + 1]
    assert any("would have to be" in line for line in lines[start:])


def test_one_plan_is_explained_with_its_bills() -> None:
    done = run("explain", "--plan", "world-saver", *CALLS, *CUSTOMER, *AS_OF)
    assert done.returncode == 0, done.stderr
    assert "calls of 2026-06-01 to 2026-06-30" in done.stdout
    assert "World Saver (world-saver): number" in done.stdout
    assert "Mexico Packs" not in done.stdout


def test_one_rule_is_explained_over_all_plans() -> None:
    words = ("rules", "explain", "business-only", *CALLS, *CUSTOMER, *AS_OF)
    found = document("explanation", *words)
    asked = [each for each in found["plans"] if each["rules"]]
    assert {rule["rule"] for each in asked for rule in each["rules"]} == {"business-only"}
    assert [each["plan"] for each in asked if each["rules"][0]["fired"]] == ["business-world"]
    refused = run("rules", "explain", "busines-only", *CALLS, *CUSTOMER, *AS_OF)
    assert refused.returncode == 2
    assert "`business-only`" in refused.stderr


def test_facts_of_a_customer_are_refused_by_name(tmp_path: Path) -> None:
    for facts, named in (
        ({"studdent": True}, "studdent"),
        ({"late_payments": 99}, "late-payments"),
        ({"segment": "housеhold"}, "segment"),  # noqa: RUF001  a Cyrillic letter
        ({"late_payments": 1.5}, "late-payments"),
    ):
        refused = run("recommend", *CALLS, *customer_file(tmp_path, **facts), *AS_OF)
        assert refused.returncode == 2, refused.stdout
        assert named in refused.stderr
