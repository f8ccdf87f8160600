"""The commands about one subscriber, run as an agent runs them."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from plan_rules import load_catalog, read_calls
from plan_rules.cli import main
from plan_rules.switching import Subscription, confirm_switch, read_quote, read_subscription
from plan_rules.switching.documents import subscription_document

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
FILE = EXAMPLES / "subscription.json"
SUBSCRIPTION = ("--subscription", str(FILE))
CALLS = ("--calls", str(EXAMPLES / "calls-six-months.csv"))
CUSTOMER = ("--customer", str(EXAMPLES / "customer.yaml"))
Told = Callable[..., tuple[int, str, str]]
JUNE = "2026-06-18T12:00"
AS_OF = ("--as-of", JUNE)


def run(*words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from plan_rules.cli import main; main()", *words]
    return subprocess.run(  # noqa: S603  our own command
        command, cwd=cwd, capture_output=True, text=True, check=False
    )


def document(*words: str, code: int = 0) -> Any:
    done = run(*words, "--format", "json")
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def follows(kind: str, found: object) -> None:
    schema = json.loads((ROOT / "schemas" / f"{kind}.schema.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(found)


def sample() -> Subscription:
    return read_subscription(json.loads(FILE.read_text("utf-8")))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Told:
    """Return how to run a command within this process: its exit code, and what it says."""

    def run_here(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["plan-rules", *words])
        monkeypatch.chdir(ROOT)
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = int(str(ended.code))
        said = capsys.readouterr()
        return code, said.out, said.err

    return run_here


def test_a_quote_is_printed_in_full_and_can_be_confirmed() -> None:
    found = document("switch", *SUBSCRIPTION, "--to", "world-saver", *AS_OF, *CALLS, *CUSTOMER)
    quote = read_quote(found)

    assert (quote.from_plan, quote.to) == ("americas-500", "world-saver")
    assert quote.subscription_version == sample().pinned_version
    assert quote.comparison.history_cycles > 0
    done = confirm_switch(
        quote=quote,
        subscription=sample(),
        catalog=load_catalog(ROOT / "catalog"),
        as_of=datetime.fromisoformat("2026-06-18T13:00-04:00"),
        key="an agent's decision",
    )
    assert done.lines == quote.lines


@pytest.mark.parametrize(
    ("words", "effective"),
    [
        ((*AS_OF,), "2026-07-01"),
        ((*AS_OF, "--at", "next-cycle"), "2026-07-01"),
        ((*AS_OF, "--on", "2026-07-01"), "2026-07-01"),
        ((*AS_OF, "--at", "now", "--policy", "immediately"), "2026-06-18"),
        ((*AS_OF, "--on", "2026-06-25", "--policy", "immediately"), "2026-06-25"),
        (("--at", JUNE, "--policy", "immediately"), "2026-06-18"),
        (("--at", "2026-06-18T12:00-04:00", "--policy", "immediately"), "2026-06-18"),
    ],
)
def test_the_day_is_the_one_asked_for_or_the_policys(
    words: tuple[str, ...], effective: str, told: Told
) -> None:
    code, out, error = told(
        "switch", *SUBSCRIPTION, *CUSTOMER, "--to", "world-saver", *words, "--format", "json"
    )
    assert code == 0, error
    found = json.loads(out)
    assert found["effective"] == effective
    assert found["quoted"].startswith(JUNE)


def test_who_may_not_switch_is_told_every_reason() -> None:
    words = ("switch", *SUBSCRIPTION, *CUSTOMER, "--to", "classic-long-distance", *AS_OF)
    found = document(*words, code=1)
    follows("switch-refusal", found)
    assert [each["why"] for each in found["refusals"]] == ["excluded", "not-for-sale"]
    excluded, unsold = (each["written"] for each in found["refusals"])
    assert excluded.startswith("catalog/rules/")
    assert unsold.startswith("catalog/plans/classic-long-distance.yaml:")

    text = run(*words)
    assert text.returncode == 1
    assert "Classic Long Distance" in text.stdout


def test_a_quote_for_people_says_what_the_json_says() -> None:
    words = ("switch", *SUBSCRIPTION, *CUSTOMER, "--to", "world-saver", *AS_OF)
    found = document(*words)
    text = run(*words).stdout
    assert found["id"] in text
    for line in found["lines"]:
        assert line["gross"] in text
    for term in found["terms"]:
        assert term["text"][:40] in text
    assert str(found["comparison"]["end"]) in text


def test_usage_is_told_by_cycle_with_a_projection() -> None:
    found = document("usage", *SUBSCRIPTION, *CALLS, *CUSTOMER, *AS_OF)
    follows("usage", found)

    assert [each["plan"] for each in found["cycles"]][-3:] == ["americas-500"] * 3
    april = [each for each in found["cycles"] if each["start"].startswith("2026-04")]
    assert [(each["plan"], each["start"], each["end"]) for each in april] == [
        ("world-pay-as-you-go", "2026-04-01", "2026-04-15"),
        ("americas-500", "2026-04-15", "2026-05-01"),
    ]
    june = found["cycles"][-1]
    assert not june["is_over"]
    assert june["projected_total"] is not None
    assert {each["id"] for each in june["allowances"]} == {"neighbors", "americas"}
    assert found["later_calls"] == 21


def test_usage_of_a_customer_without_a_subscription_is_that_of_their_plan() -> None:
    found = document("usage", *CALLS, *CUSTOMER, *AS_OF, "--show-calls")
    follows("usage", found)
    assert (found["customer"], found["plan"]) == ("sample-customer", "world-pay-as-you-go")
    listed = sum(len(each["call_list"]) for each in found["cycles"])
    assert listed + found["later_calls"] == len(read_calls(CALLS[1], home="US").calls)


def test_the_detailed_report_is_written_to_files(tmp_path: Path) -> None:
    table, page = tmp_path / "calls.csv", tmp_path / "calls.html"
    files = ("--csv", str(table), "--page", str(page))
    found = document("usage", *SUBSCRIPTION, *CALLS, *CUSTOMER, *AS_OF, "--show-calls", *files)

    calls = [call for cycle in found["cycles"] for call in cycle["call_list"]]
    with table.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["number"] for row in rows] == [f"'{call['number']}" for call in calls]
    assert [row["amount"] for row in rows] == [call["amount"] for call in calls]
    text = page.read_text("utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert all(call["number"] in text for call in calls)


def test_a_subscription_is_shown_as_it_was_written() -> None:
    found = document("subscription", "show", *SUBSCRIPTION)
    assert found == subscription_document(sample())
    text = run("subscription", "show", *SUBSCRIPTION).stdout
    assert "americas-500, since 2026-04-15" in text
    assert "sample-subscription" in text


def test_a_history_tells_every_event() -> None:
    found = document("subscription", "history", *SUBSCRIPTION)
    follows("subscription-history", found)
    kinds = [each["kind"] for each in found["events"]]
    assert kinds[0] == "activated"
    assert kinds.count("switched") == 1
    assert len(kinds) == sample().version
    assert found["events"][-1]["plan"] == "americas-500"
    text = run("subscription", "history", *SUBSCRIPTION).stdout
    assert "sample-subscription" in text
    assert text.count("charged") == kinds.count("charged")


def test_text_is_for_people() -> None:
    done = run("usage", *SUBSCRIPTION, *CALLS, *CUSTOMER, *AS_OF, "--show-calls")
    assert done.returncode == 0
    assert "Billing history of sample-customer" in done.stdout
    assert "If calls go on as in the last 4 weeks" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("switch", "--to", "world-saver"),
        ("switch", *SUBSCRIPTION, *CUSTOMER),
        ("switch", *SUBSCRIPTION, *CUSTOMER, "--to", "world-savr", *AS_OF),
        ("switch", *SUBSCRIPTION, *CUSTOMER, "--to", "world-saver", *AS_OF, "--policy", "someday"),
        ("switch", *SUBSCRIPTION, *CUSTOMER, "--to", "world-saver", *AS_OF, "--on", "soon"),
        ("switch", *SUBSCRIPTION, *CUSTOMER, "--to", "world-saver", "--at", "soon"),
        ("switch", *SUBSCRIPTION, *CUSTOMER, "--to", "world-saver", "--as-of", "18 June"),
        ("switch", *SUBSCRIPTION, *CUSTOMER, "--to", "world-saver", "--at", JUNE, *AS_OF),
        (
            "switch",
            *SUBSCRIPTION,
            *CUSTOMER,
            "--to",
            "world-saver",
            "--at",
            "now",
            "--on",
            "2026-07-01",
        ),
        ("switch", *SUBSCRIPTION, *CUSTOMER, "--to", "world-saver", "--as-of", "2026-07-18T12:00"),
        ("switch", *SUBSCRIPTION, "--to", "world-saver", *AS_OF),
        ("switch", "--subscription", "nowhere.json", "--to", "world-saver"),
        ("switch", "--subscription", str(ROOT / "README.md"), "--to", "world-saver"),
        ("switch", "--subscription", str(EXAMPLES), "--to", "world-saver"),
        ("usage", *SUBSCRIPTION, *AS_OF),
        ("usage", *CALLS, *AS_OF),
        ("usage", *CALLS, "--home", "US", *AS_OF),
        ("usage", *SUBSCRIPTION, *CALLS, *CUSTOMER, "--as-of", "2026-08-18T12:00"),
        ("usage", *CALLS, *CUSTOMER, *AS_OF, "--csv", "nowhere/calls.csv"),
        ("subscription", "show"),
        ("subscription", "history", "--subscription", "nowhere.json"),
        ("subscription", "nonsense"),
    ],
)
def test_misuse_is_told_on_standard_error(words: tuple[str, ...], told: Told) -> None:
    code, out, error = told(*words)
    assert code == 2
    assert error
    assert not out


def damaged(change: str, text: str) -> bytes:
    match change:
        case "cut off":
            return text[: len(text) // 2].encode()
        case "an amount":
            return text.replace('"12.99"', '"1.99"', 1).encode()
        case "an event taken out":
            found = json.loads(text)
            del found["events"][3]
            return json.dumps(found).encode()
        case "no UTF-8":
            return text.replace("americas", "am\xe9ricas", 1).encode("latin-1")
        case _:
            return b""


@pytest.mark.parametrize(
    "change", ["cut off", "an amount", "an event taken out", "no UTF-8", "empty"]
)
def test_a_damaged_subscription_is_refused_with_the_remedy(
    change: str, tmp_path: Path, told: Told
) -> None:
    text = FILE.read_text("utf-8")
    file = tmp_path / "subscription.json"
    file.write_bytes(damaged(change, text))
    assert file.read_bytes() != text.encode()
    for words in (
        ("subscription", "show", "--subscription", str(file)),
        ("switch", "--subscription", str(file), "--to", "world-saver", *AS_OF),
    ):
        code, out, error = told(*words)
        assert (code, out) == (2, "")
        assert "restore" in error
