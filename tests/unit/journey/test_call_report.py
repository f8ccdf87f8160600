from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest

from plan_rules.catalog import Restriction, RestrictionKind
from plan_rules.destinations import parse_selector
from plan_rules.journey.call_report import COLUMNS, calls_csv, reported_calls, safe_cell
from plan_rules.journey.usage import UsageReport, review_usage
from tests.unit.journey.samples import (
    ADA,
    LONDON,
    MEXICO,
    NOWHERE,
    call_on,
    catalog_of,
    included,
    plan_of,
)

NOON = datetime(2026, 3, 15, 16, tzinfo=UTC)
BLOCK = Restriction(
    id="no-mexico",
    kind=RestrictionKind.BLOCK,
    to=(parse_selector("MX"),),
    reason='=HYPERLINK("https://evil.invalid","Mexico, please")',
)


@pytest.fixture
def report() -> UsageReport:
    plan = plan_of(included(amount=60), restrictions=(BLOCK,))
    calls = [
        call_on("2026-02-28", 60, MEXICO),
        call_on("2026-03-02", 90, LONDON),
        call_on("2026-03-03", 30, NOWHERE),
        call_on("2026-03-04", 0, LONDON),
    ]
    return review_usage(catalog=catalog_of(plan), customer=ADA, calls=calls, as_of=NOON)


def test_every_call_is_reported_on_the_customers_clock(report: UsageReport) -> None:
    _, february, march = report.cycles
    (refused,) = reported_calls(report, february)
    paid, unknown, unanswered = reported_calls(report, march)

    assert refused.start.isoformat() == "2026-02-28T13:00:00-05:00"
    assert (refused.outcome, refused.reason) == ("blocked", BLOCK.reason)
    assert (paid.country, paid.country_name, paid.line) == ("GB", "United Kingdom", "fixed")
    assert (paid.included_seconds, paid.paid_seconds, paid.amount_micros) == (60, 60, 100_000)
    assert (unknown.country, unknown.country_name, unknown.line) == ("", "", "")
    assert (unanswered.seconds, unanswered.amount_micros, unanswered.outcome) == (0, 0, "rated")


def test_the_csv_holds_every_call(report: UsageReport) -> None:
    rows = list(csv.DictReader(io.StringIO(calls_csv(report), newline="")))

    assert [tuple(row) for row in rows] == [COLUMNS] * 4
    assert [row["start"][:10] for row in rows] == [
        "2026-02-28",
        "2026-03-02",
        "2026-03-03",
        "2026-03-04",
    ]
    assert [row["amount"] for row in rows] == ["0.00", "0.10", "0.00", "0.00"]
    assert [row["outcome"] for row in rows] == ["blocked", "rated", "uncovered", "rated"]
    assert {row["currency"] for row in rows} == {"USD"}
    assert [row["cycle_start"] for row in rows] == ["2026-02-01"] + ["2026-03-01"] * 3


def test_no_cell_of_the_csv_can_run(report: UsageReport) -> None:
    rows = list(csv.reader(io.StringIO(calls_csv(report), newline="")))
    assert rows[1][COLUMNS.index("reason")] == f"'{BLOCK.reason}"
    assert rows[1][COLUMNS.index("number")] == f"'{MEXICO}"
    assert not [cell for row in rows for cell in row if cell[:1] in set("=+-@\t\r\n")]


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+1234",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "\uff1d1+1",
        "\uff0b1",
        "\uff0d1",
        "\uff20SUM",
        "-",
        "--1",
        "-1.",
        "-1\n",
        "-\u0661",
    ],
)
def test_a_cell_that_may_be_a_formula_becomes_text(cell: str) -> None:
    assert safe_cell(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "Cuba", "-0.05", "12", "a=1", "2026-03-01", "C\u00f4te"])
def test_a_harmless_cell_stays_as_it_is(cell: str) -> None:
    assert safe_cell(cell) == cell


def test_equal_reports_give_equal_bytes(report: UsageReport) -> None:
    assert calls_csv(report) == calls_csv(report)
    assert calls_csv(report).count("\r\n") == 5
