"""Compiled kernels on disk are the right ones, whoever else keeps some at the same time."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numba
import pytest

from plan_rules.batch import kernel_files
from plan_rules.batch.kernel_files import KernelFiles

MODULE = """
from plan_rules.batch.compiled import compiled

@compiled
def doubled(values):
    return values * 2
"""

PROGRAM = """
import sys
import numpy as np
from doubling import doubled

for kind in sys.argv[1:]:
    assert list(doubled(np.array([1, 2], kind))) == [2, 4]
print(sum(doubled.stats.cache_misses.values()))
"""

KINDS = ("int16", "int32", "int64", "float64")


def test_what_is_kept_is_found_by_its_key_only(tmp_path: Path) -> None:
    files = KernelFiles(tmp_path, "module.function")
    files.save(("int64",), [1, 2])
    assert files.load(("int64",)) == [1, 2]
    assert files.load(("int32",)) is None
    assert KernelFiles(tmp_path, "module.other").load(("int64",)) is None


def test_what_other_sources_made_is_not_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = KernelFiles(tmp_path, "module.function")
    files.save(("int64",), 1)
    monkeypatch.setattr(kernel_files, "sources", lambda: "others")
    assert files.load(("int64",)) is None
    files.save(("int64",), 2)
    files.save(("int32",), 3)
    assert len(list(tmp_path.iterdir())) == 2
    monkeypatch.undo()
    # Sources that were replaced do not come back.
    assert files.load(("int64",)) is None
    files.flush()
    assert list(tmp_path.iterdir()) == []


def test_a_file_for_another_key_is_not_taken(tmp_path: Path) -> None:
    files = KernelFiles(tmp_path, "module.function")
    files.save(("int64",), 1)
    (path,) = tmp_path.iterdir()
    files.save(("int32",), 2)
    (other,) = set(tmp_path.iterdir()) - {path}
    other.replace(path)
    assert files.load(("int64",)) is None


def test_a_damaged_file_counts_as_none_and_is_written_anew(tmp_path: Path) -> None:
    files = KernelFiles(tmp_path, "module.function")
    files.save(("int64",), [1, 2])
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    for damaged in (b"", whole[:20], whole[:-1], whole[:-1] + bytes([whole[-1] ^ 1])):
        path.write_bytes(damaged)
        assert files.load(("int64",)) is None
    files.save(("int64",), [1, 2])
    assert files.load(("int64",)) == [1, 2]


def test_what_cannot_be_kept_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(TypeError), (tmp_path / "open").open("wb") as file:
        KernelFiles(tmp_path, "module.function").save(("int64",), file)
    assert [path.name for path in tmp_path.iterdir()] == ["open"]


def test_forms_saved_at_once_are_all_kept(tmp_path: Path) -> None:
    def kept(number: int) -> object:
        files = KernelFiles(tmp_path, "module.function")
        files.save((number,), number)
        return files.load((number,))

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(kept, range(200))) == list(range(200))
    files = KernelFiles(tmp_path, "module.function")
    assert [files.load((number,)) for number in range(200)] == list(range(200))


def test_digest_is_of_the_sources_and_the_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    before = kernel_files.sources.__wrapped__()
    assert before == kernel_files.sources()
    monkeypatch.setattr(numba, "__version__", "0.1")
    assert kernel_files.sources.__wrapped__() != before


def test_hosts_that_compile_at_once_keep_what_they_made(tmp_path: Path) -> None:
    (tmp_path / "doubling.py").write_text(MODULE)

    def run(*kinds: str) -> int:
        """Return how many forms a process of its own had to compile."""
        done = subprocess.run(  # noqa: S603  our own program
            [sys.executable, "-c", PROGRAM, *kinds],
            check=True,
            capture_output=True,
            text=True,
            cwd=tmp_path,
        )
        return int(done.stdout)

    with ThreadPoolExecutor(len(KINDS)) as hosts:
        assert list(hosts.map(run, KINDS)) == [1] * len(KINDS)
    assert run(*KINDS) == 0
