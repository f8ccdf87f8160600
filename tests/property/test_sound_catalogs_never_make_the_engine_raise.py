"""Whatever is done to the files, checking never raises; and what it passes, the engine rates."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from plan_rules.loading import CODES, check_catalog, render_issue, sample_catalog_path
from plan_rules.rating import rate
from plan_rules.tariff import tariff_book
from plan_rules.usage import Call, Customer

SAMPLE = sample_catalog_path()
FILES = sorted(path.relative_to(SAMPLE) for path in SAMPLE.rglob("*.yaml"))
SCRAPS = st.sampled_from(
    [
        "",
        "0",
        "-1",
        "null",
        "[]",
        "{}",
        "true",
        "MX",
        "europe",
        "chosen",
        "2026-02-30",
        "x" * 70,
        "1/7",
        "unlimited",
        "default",
        "0.0000001",
        ":",
        "- ",
        "#",
        "'",
        "&a",
        "*a",
        "\t",
        "\n",
        "premium",
        "+5255",
        "[MX, CU]",
        "{2026-01-01: 3}",
        "{price: 1}",
        "days",
        "24:00",
        "\x00",
    ]
)
EDITS = st.lists(
    st.tuples(st.sampled_from(FILES), st.integers(0, 10_000), st.integers(0, 12), SCRAPS),
    min_size=1,
    max_size=3,
)
NUMBERS = ("+525512345678", "+4915112345678", "+442071234567", "+5355512345", "+870773111111")
CALLS = tuple(
    Call(datetime(2026, 3, 1 + index, 17, 59, 30, tzinfo=UTC), number, 95)
    for index, number in enumerate(NUMBERS * 2)
)
CUSTOMER = Customer(id="c", home="US", zone="America/New_York", anchor=date(2026, 1, 31))


@settings(max_examples=60, deadline=None)
@given(edits=EDITS)
def test_edited_catalogs_are_refused_or_rated(edits: list[tuple[Path, int, int, str]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "catalog"
        shutil.copytree(SAMPLE, folder)
        for file, place, length, scrap in edits:
            text = (folder / file).read_text("utf-8")
            words = text.split(" ")
            at = place % len(words)
            words[at : at + max(1, length % 3)] = [scrap]
            (folder / file).write_text(" ".join(words), "utf-8")

        loaded = check_catalog(folder)

        assert {issue.code for issue in loaded.issues} <= set(CODES)
        assert all(render_issue(issue) for issue in loaded.issues)
        assert (loaded.catalog is None) == any(issue.is_error for issue in loaded.issues)
        if loaded.catalog is not None:
            tariff_book(loaded.catalog)
            for plan in loaded.catalog.plans.values():
                assert rate(catalog=loaded.catalog, plan=plan.id, calls=CALLS, customer=CUSTOMER)
