"""The gallery: one small broken catalog for each issue code, with the text its author reads.

A case is a folder named by its code: `catalog/` is what was written, `expected.txt` is every
issue as it is printed, and `limits.yaml`, where there is one, bounds what is read.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from plan_rules.loading import CODES, check_catalog, render_issue
from plan_rules.loading.reader import Limits

GALLERY = Path(__file__).parent
CASES = sorted(path.name for path in GALLERY.iterdir() if (path / "expected.txt").is_file())


@pytest.mark.parametrize("code", CASES)
def test_an_author_reads_what_the_gallery_shows(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(GALLERY / code)
    bounds = Path("limits.yaml")
    limits = Limits(**yaml.safe_load(bounds.read_text("utf-8"))) if bounds.exists() else None

    loaded = check_catalog("catalog", limits=limits)

    assert code in {issue.code for issue in loaded.issues}
    shown = "".join(f"{render_issue(issue)}\n" for issue in loaded.issues)
    assert shown == Path("expected.txt").read_text("utf-8")


def test_the_gallery_shows_every_code_and_no_other() -> None:
    assert set(CASES) == set(CODES)


@pytest.mark.parametrize("code", CASES)
def test_every_code_that_is_emitted_is_declared(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(GALLERY / code)

    assert {issue.code for issue in check_catalog("catalog").issues} <= set(CODES)
