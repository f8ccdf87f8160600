from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from jsonschema import Draft202012Validator

from plan_rules.journey.usage import UsageReport, review_usage
from plan_rules.journey.usage_document import usage_document
from tests.unit.journey.samples import (
    ADA,
    LONDON,
    NOWHERE,
    SATELLITE,
    call_on,
    catalog_of,
    included,
    plan_of,
)

ROOT = Path(__file__).parents[3]
SCHEMA = json.loads((ROOT / "schemas" / "usage.schema.json").read_text("utf-8"))
NOON = datetime(2026, 3, 15, 16, tzinfo=UTC)


def report(*days: str, amount: int | None = 600) -> UsageReport:
    numbers = (LONDON, NOWHERE, SATELLITE)
    calls = [call_on(day, 61, number) for day in days for number in numbers]
    catalog = catalog_of(plan_of(included(amount=amount)))
    return review_usage(catalog=catalog, customer=ADA, calls=calls, as_of=NOON)


def test_a_report_follows_its_schema() -> None:
    validator = Draft202012Validator(SCHEMA)
    for given in (report(), report("2026-03-10"), report("2026-01-10", "2026-03-10", amount=None)):
        for with_calls in (False, True):
            document = json.loads(json.dumps(usage_document(given, with_calls=with_calls)))
            validator.validate(document)
            assert all(("call_list" in cycle) is with_calls for cycle in document["cycles"])


def test_a_report_says_what_its_values_say() -> None:
    document = usage_document(report("2026-02-10", "2026-02-20", "2026-03-10"), with_calls=True)

    assert (document["customer"], document["plan"]) == ("ada", "plan")
    assert document["as_of"] == "2026-03-15T12:00:00-04:00"
    january, february, march = document["cycles"]
    assert (january["total"], february["total"]) == ("5.00", "5.00")
    assert (january["is_over"], march["is_over"]) == (True, False)
    assert (march["calls"], march["refused_calls"], march["seconds"]) == (3, 2, 183)
    (allowance,) = march["allowances"]
    assert (allowance["used"], allowance["left"], allowance["projected"]) == (120, 480, 240)
    assert [row["country"] for row in march["destinations"]] == ["", "001", "GB"]
    assert [call["outcome"] for call in march["call_list"]] == ["rated", "uncovered", "uncovered"]
    assert [line["kind"] for line in february["lines"]][-1] == "fee"
