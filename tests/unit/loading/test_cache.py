"""Compiled catalogs on disk: found while nothing changed, never trusted from others."""

from __future__ import annotations

import os
import pickle
import shutil
from pathlib import Path

import pytest

from plan_rules.errors import CatalogInvalid
from plan_rules.loading import cache as cache_module
from plan_rules.loading import load_catalog
from plan_rules.loading.cache import UnsafeCache
from plan_rules.loading.checking import read_catalog
from plan_rules.tariff import tariff_book

FILES = {
    "catalog.yaml": "catalog: small\ncurrency: USD\nzone: UTC\nnumbering: {+37744: XK/mobile}\n",
    "rates/standard.yaml": (
        "rate-table: standard\ndefaults: {increment: 60/60}\nrates: {default: 0.10}\n"
    ),
    "plans/basic.yaml": "plan: basic\nname: B\nkind: pay-per-minute\nfee: 1\nrates: standard\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "catalog" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path / "catalog"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def test_an_entry_is_the_catalog_and_its_book(
    folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = load_catalog(folder, cache=cache)
    assert len(list(cache.iterdir())) == 1

    def never(*_: object) -> None:
        pytest.fail("the files were read again")

    monkeypatch.setattr("plan_rules.loading.checking.read_catalog", never)
    monkeypatch.setattr("plan_rules.tariff.compiling.compile_catalog", never)
    again = load_catalog(folder, cache=cache)

    assert again == fresh
    assert again.plans["basic"].span == fresh.plans["basic"].span
    assert tariff_book(again) == tariff_book(fresh)
    assert again.numbering_plan().digest == fresh.numbering_plan().digest


def test_a_changed_file_is_read_again(folder: Path, cache: Path) -> None:
    load_catalog(folder, cache=cache)
    plan = folder / "plans" / "basic.yaml"
    plan.write_text(plan.read_text("utf-8").replace("fee: 1", "fee: 2"), "utf-8")
    dearer = load_catalog(folder, cache=cache)
    assert dearer.plans["basic"].fee.values == (2_000_000,)


def test_a_new_file_is_read(folder: Path, cache: Path) -> None:
    load_catalog(folder, cache=cache)
    shutil.copy(folder / "plans" / "basic.yaml", folder / "plans" / "more.yaml")
    with pytest.raises(CatalogInvalid):
        load_catalog(folder, cache=cache)


@pytest.mark.parametrize("damage", [b"", b"short", None])
def test_a_damaged_entry_is_as_good_as_none(
    folder: Path, cache: Path, damage: bytes | None
) -> None:
    fresh = load_catalog(folder, cache=cache)
    [entry] = cache.iterdir()
    content = entry.read_bytes()
    entry.write_bytes(content[:-1] if damage is None else damage)
    assert load_catalog(folder, cache=cache) == fresh
    assert entry.read_bytes() == content


@pytest.mark.parametrize("target", ["folder", "entry"])
def test_what_others_could_have_written_is_not_read(folder: Path, cache: Path, target: str) -> None:
    load_catalog(folder, cache=cache)
    [entry] = cache.iterdir()
    (cache if target == "folder" else entry).chmod(0o777)
    with pytest.raises(UnsafeCache):
        load_catalog(folder, cache=cache)


def test_a_cache_of_another_user_is_not_read(
    folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_catalog(folder, cache=cache)
    someone = os.getuid() + 1
    monkeypatch.setattr("os.getuid", lambda: someone)
    with pytest.raises(UnsafeCache):
        load_catalog(folder, cache=cache)


def test_a_write_that_fails_leaves_nothing(
    folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="no space"):
        load_catalog(folder, cache=cache)
    assert list(cache.iterdir()) == []


def test_old_entries_go(folder: Path, cache: Path) -> None:
    plan = folder / "plans" / "basic.yaml"
    text = plan.read_text("utf-8")
    for fee in range(cache_module.KEPT + 3):
        plan.write_text(text.replace("fee: 1", f"fee: {fee}"), "utf-8")
        load_catalog(folder, cache=cache)
    assert len(list(cache.iterdir())) == cache_module.KEPT


def test_a_faulty_catalog_leaves_no_entry(folder: Path, cache: Path) -> None:
    (folder / "catalog.yaml").write_text("catalog: x\n", "utf-8")
    with pytest.raises(CatalogInvalid):
        load_catalog(folder, cache=cache)
    assert not cache.exists()


def test_a_catalog_with_its_own_numbering_can_be_pickled(folder: Path) -> None:
    catalog, _ = read_catalog(folder)
    assert catalog is not None
    again = pickle.loads(pickle.dumps(catalog))  # noqa: S301  written a moment ago
    assert again == catalog
