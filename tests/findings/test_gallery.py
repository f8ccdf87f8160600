"""The gallery of findings: rules with one fault of meaning each, and the text their author reads.

A case is a folder named by its code: `rules.yaml` stands among the files of `base/`, and
`expected.txt` is every finding as `plan-rules rules check` prints it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from plan_rules.cli.rules import finding_lines
from plan_rules.loading.loader import load_catalog
from plan_rules.rules.analysis import analyse
from plan_rules.rules.finding import FindingCode

GALLERY = Path(__file__).parent
CASES = sorted(path.parent.name for path in GALLERY.glob("*/rules.yaml"))
NOT_FROM_FILES = {FindingCode.VERSION_OVERLAP, FindingCode.UNSET_TAG}
"""What a catalog's own issues refuse before rules are analysed; rules made in Python are not."""


@pytest.mark.parametrize("code", CASES)
def test_an_author_reads_what_the_gallery_shows(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(GALLERY / "base", tmp_path / "catalog")
    (tmp_path / "catalog" / "rules").mkdir()
    shutil.copy(GALLERY / code / "rules.yaml", tmp_path / "catalog" / "rules")
    monkeypatch.chdir(tmp_path)

    findings = analyse(rules=load_catalog("catalog").rules).findings

    assert {each.code for each in findings} == {code}
    shown = "".join(f"{line}\n" for each in findings for line in finding_lines(each))
    assert shown == (GALLERY / code / "expected.txt").read_text("utf-8")


def test_the_gallery_shows_every_code_that_files_can_have() -> None:
    assert set(CASES) == set(FindingCode) - NOT_FROM_FILES
