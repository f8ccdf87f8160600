"""The numbering plan beside a public list of 81,000 network prefixes, where that is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.numbering import agreement

PREFIXES = Path(__file__).parents[2].parent / "shared" / "data" / "network_prefixes_81k.csv"
LEAST = {
    "Mobile": 0.96,
    "Landline": 0.94,
    "Paging": 0.9,
    "UIFN": 1,
    "Premium-rate, global telecommunication service": 1,
}
"""The share of prefixes of each kind of network whose line agrees."""


@pytest.mark.skipif(not PREFIXES.is_file(), reason="the prefix list is not beside the checkout")
def test_countries_and_lines_agree_with_published_prefixes() -> None:
    found = agreement(PREFIXES)
    assert found.countries * 1000 >= found.rows * 998
    assert sum(found.unknown_kinds.values()) <= 1
    for kind, least in LEAST.items():
        counts = found.by_kind[kind]
        assert counts[True] >= least * counts.total(), kind
