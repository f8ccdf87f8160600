"""Every single-fault mutation of a valid catalog yields an issue at the right line."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import event, given, settings

from plan_rules.loading import check_catalog, sample_catalog_path
from plan_rules.testing import InvalidCatalog, invalid_catalogs, read_files
from plan_rules.testing.faults import FAULTS, spoiled

SOUND = read_files(sample_catalog_path())


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        for file, text in SOUND.items():
            path = place / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        yield place


@settings(max_examples=150)
@given(invalid=invalid_catalogs())
def test_a_spoiled_line_of_the_sample_catalog(folder: Path, invalid: InvalidCatalog) -> None:
    event(invalid.fault)
    path = folder / invalid.file
    path.write_text(invalid.files[invalid.file], "utf-8")
    try:
        loaded = check_catalog(folder)
    finally:
        path.write_text(SOUND[invalid.file], "utf-8")
    assert loaded.catalog is None
    places = {(each.code, Path(each.span.file), each.span.line) for each in loaded.issues}
    assert (invalid.code, path, invalid.line) in places, (invalid.fault, invalid.line, places)


def test_every_fault_finds_a_line_of_the_sample_catalog() -> None:
    assert {each.fault for each in spoiled(SOUND)} == {fault.name for fault in FAULTS}


def test_a_catalog_of_ones_own_is_spoiled_and_written(tmp_path: Path) -> None:
    files = {"catalog.yaml": "catalog: own\ncurrency: USD\nzone: UTC\n"}
    found = list(spoiled(files))
    assert {each.fault for each in found} >= {"a misspelt key", "a key given twice"}
    found[0].write(tmp_path)
    assert (tmp_path / "catalog.yaml").read_text("utf-8") == found[0].files["catalog.yaml"]
