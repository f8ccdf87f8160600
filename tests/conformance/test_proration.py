"""The published proration cases, where the shared folder that holds them is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.proration_models import MODELS, run, verdict

HERE = Path(__file__).parent
CASES = HERE.parents[1].parent / "shared" / "conformance" / "proration_cases.json"


@pytest.mark.skipif(not CASES.is_file(), reason="the published cases are not beside the checkout")
def test_no_published_case_fails_and_no_more_are_refused_than_reviewed() -> None:
    verdicts = run(CASES)
    listed = (HERE / "refused_proration.txt").read_text("utf-8").splitlines()
    reviewed = [line.split()[0] for line in listed if line and not line.startswith("#")]
    assert [each for each in verdicts if each.outcome == "failed"] == []
    assert sorted(each.case_id for each in verdicts if each.outcome == "refused") == sorted(
        reviewed
    )
    assert len(reviewed) <= 21
    assert sum(each.outcome == "passed" for each in verdicts) >= 408


STUB = {
    "id": "stub",
    "kind": "conformance",
    "model": "killbill-stub",
    "verified": True,
    "tags": [],
    "inputs": {
        "plan_price": "249.95",
        "start_date": "2016-06-01",
        "end_date": "2016-06-15",
        "period": "MONTHLY",
        "stub": "leading",
    },
    "expected": {"amount": "112.88"},
}


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({}, "passed"),
        ({"expected": {"amount": "112.87"}}, "failed"),
        ({"expected": {}}, "failed"),
        ({"inputs": {}}, "failed"),
        ({"tags": ["quirk"]}, "refused"),
        ({"verified": False}, "refused"),
        ({"kind": "bug-report"}, "refused"),
        ({"model": "unheard-of"}, "refused"),
    ],
)
def test_a_case_passes_only_by_what_it_expects(change: dict[str, object], outcome: str) -> None:
    assert verdict({**STUB, **change}).outcome == outcome


def test_models_are_told_apart_and_never_cases() -> None:
    source = "".join(path.read_text("utf-8") for path in HERE.glob("proration*.py"))
    listed = (HERE / "refused_proration.txt").read_text("utf-8").splitlines()
    ids = {line.split()[0] for line in listed if line and not line.startswith("#")}
    assert [each for each in ids if each in source] == []
    assert len(MODELS) >= 70
