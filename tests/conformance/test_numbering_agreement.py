"""The numbering plan beside a public list of 81,000 network prefixes, where that is there."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from plan_rules.destinations import LineType, NumberingPlan

PREFIXES = Path(__file__).parents[2].parent / "shared" / "data" / "network_prefixes_81k.csv"
LINES = {"Mobile": LineType.MOBILE, "Landline": LineType.FIXED}


@pytest.mark.skipif(not PREFIXES.is_file(), reason="the prefix list is not beside the checkout")
def test_countries_and_lines_agree_with_published_prefixes() -> None:
    plan = NumberingPlan.standard()
    rows = agreeing = lines = agreeing_lines = 0
    with PREFIXES.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found = plan.lookup("+" + row["prefix"][:15].ljust(8, "0"))
            rows += 1
            if found is None or found.country != row["iso2"]:
                continue
            agreeing += 1
            wanted = LINES.get(row["network_type"])
            if wanted is not None:
                lines += 1
                agreeing_lines += found.line in {wanted, LineType.EITHER}
    assert agreeing * 1000 >= rows * 998
    assert agreeing_lines * 100 >= lines * 95
