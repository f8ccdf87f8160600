"""A process that is killed at any point and started again leaves the same bytes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.batch.batches import left_behind, written

ROOT = Path(__file__).parents[2]

CHILD = """
import os, signal, sys
from pathlib import Path
calls, customers, out, fatal = sys.argv[1:]
import plan_rules.batch.run.collecting as collecting
import plan_rules.batch.run.memory as memory
memory.HELD_CALL_BYTES, memory.CELL_BYTES = 1 << 18, 1 << 15
collecting.CHECKPOINT_CALLS = 300
from plan_rules.batch import price_batch
from tests.unit.batch.batches import AS_OF, sample

synced, count = os.fsync, 0

def counted(handle):
    global count
    count += 1
    if count == int(fatal):
        os.kill(os.getpid(), signal.SIGKILL)
    synced(handle)

os.fsync = counted
price_batch(
    catalog=sample(), calls=calls, customers=customers, out=out, as_of=AS_OF, resume=True,
    memory=memory.LIBRARIES + (80 << 20),
)
print(count)
"""
"""Prices a small batch as if memory held little; is killed before a given write to disk."""


def run(calls: Path, customers: Path, out: Path, *, fatal: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  our own program
        [sys.executable, "-c", CHILD, str(calls), str(customers), str(out), str(fatal)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )


def events(out: Path) -> list[str]:
    raw = (out / "journal.jsonl").read_bytes()
    return [json.loads(line)["event"] for line in raw.splitlines()]


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX")
def test_a_batch_that_was_killed_goes_on_with_the_same_bytes(tmp_path: Path) -> None:
    calls, customers = written(tmp_path, row_group=250)
    first = run(calls, customers, tmp_path / "whole", fatal=0)
    assert first.returncode == 0, first.stderr
    writes = int(first.stdout)
    whole = left_behind(tmp_path / "whole")
    assert "spilled" in events(tmp_path / "whole")
    assert not any(name.startswith("spill") for name in whole)
    # While calls are spilled, then once more, and while parts are written.
    for at, fatal in enumerate([(writes // 8, writes // 3), (writes - 2,)]):
        out = tmp_path / f"killed-{at}"
        for each in fatal:
            killed = run(calls, customers, out, fatal=each)
            assert killed.returncode == -signal.SIGKILL, killed.stderr
            assert "done" not in events(out)
        resumed = run(calls, customers, out, fatal=0)
        assert resumed.returncode == 0, resumed.stderr
        assert left_behind(out) == whole
        parts = [name for name in events(out) if name == "part"]
        assert len(parts) == events(tmp_path / "whole").count("part")
