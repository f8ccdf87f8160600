from __future__ import annotations

import sys
from pathlib import Path

import pytest

from plan_rules.batch.run.journal import (
    NAME,
    BatchRunning,
    Journal,
    OutputExists,
    ResumeRefused,
)

IDENTITY = {"calls": "abc", "top": 3}


def test_what_was_written_is_there_again(tmp_path: Path) -> None:
    with Journal(tmp_path / "out", identity=IDENTITY, resume=False) as journal:
        journal.write("part", {"part": 0})
        journal.write("part", {"part": 1})
    with Journal(tmp_path / "out", identity=IDENTITY, resume=True) as journal:
        assert [line["part"] for line in journal.all("part")] == [0, 1]
        assert journal.last("part") == {"event": "part", "part": 1}
        assert journal.last("done") is None


@pytest.mark.parametrize("cut", [1, 5, 10, 20])
def test_a_line_cut_short_was_never_written(cut: int, tmp_path: Path) -> None:
    with Journal(tmp_path, identity=IDENTITY, resume=False) as journal:
        journal.write("part", {"part": 0})
        journal.write("part", {"part": 1})
    raw = (tmp_path / NAME).read_bytes()
    (tmp_path / NAME).write_bytes(raw[:-cut])
    with Journal(tmp_path, identity=IDENTITY, resume=True) as journal:
        assert [line["part"] for line in journal.all("part")] == [0]
        journal.write("part", {"part": 1})
    assert (tmp_path / NAME).read_bytes() == raw


def test_a_first_line_cut_short_begins_anew(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b'{"event":"batch","ca')
    with Journal(tmp_path, identity=IDENTITY, resume=True) as journal:
        assert len(journal.lines) == 1


def test_another_batch_is_not_gone_on_with(tmp_path: Path) -> None:
    with Journal(tmp_path, identity=IDENTITY, resume=False):
        pass
    with pytest.raises(ResumeRefused) as refused:
        Journal(tmp_path, identity={**IDENTITY, "calls": "other"}, resume=True)
    assert refused.value.differs == ("calls",)


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    with Journal(tmp_path, identity=IDENTITY, resume=False):
        pass
    with pytest.raises(OutputExists):
        Journal(tmp_path, identity=IDENTITY, resume=False)
    other = tmp_path / "other"
    other.mkdir()
    (other / "precious.txt").write_text("keep me")
    with pytest.raises(OutputExists):
        Journal(other, identity=IDENTITY, resume=True)
    assert [each.name for each in other.iterdir()] == ["precious.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such locks")
def test_only_one_process_has_a_journal(tmp_path: Path) -> None:
    with Journal(tmp_path, identity=IDENTITY, resume=False), pytest.raises(BatchRunning):
        Journal(tmp_path, identity=IDENTITY, resume=True)
    with Journal(tmp_path, identity=IDENTITY, resume=True):
        pass
