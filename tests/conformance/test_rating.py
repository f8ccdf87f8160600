"""The published rating cases, where the shared folder that holds them is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.rating import run

HERE = Path(__file__).parent
CASES = HERE.parents[1].parent / "shared" / "conformance" / "rating_cases.json"


@pytest.mark.skipif(not CASES.is_file(), reason="the published cases are not beside the checkout")
def test_no_published_case_fails_and_no_more_are_refused_than_reviewed() -> None:
    verdicts = run(CASES)
    listed = (HERE / "refused.txt").read_text("utf-8").splitlines()
    reviewed = {line.split()[0] for line in listed if line and not line.startswith("#")}
    assert [each for each in verdicts if each.outcome == "failed"] == []
    assert {each.case_id for each in verdicts if each.outcome == "refused"} <= reviewed
    assert sum(each.outcome == "passed" for each in verdicts) >= 91
