"""One contender in a fresh process: what it took, cold and warm, and its answers on disk.

Run as `python -m tests.benchmarks.rivals.trial`, which reads a `Trial` as JSON from its
arguments and prints a `Told` as JSON.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from tests.benchmarks.rivals.answers import Bills
from tests.benchmarks.rivals.world import World

ROOT = Path(__file__).parents[3]
THREADS = "2"
PASSES = "pass-*"
"""The folders of best plans below the answers of a contender."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A contender in the race: what it is called, where it lives, and what it needs."""

    name: str
    home: str
    package: str

    @property
    def is_installed(self) -> bool:
        """Whether what it needs can be imported."""
        return find_spec(self.package) is not None


OURS = Entry("plan_rules", "tests.benchmarks.rivals.ours:Ours", "plan_rules")
RIVALS = (
    Entry("DuckDB", "tests.benchmarks.rivals.duck:Duck", "duckdb"),
    Entry("Polars", "tests.benchmarks.rivals.polars_frames:PolarsFrames", "polars"),
)


class Contender(Protocol):
    """What every contender can do."""

    def __init__(self, world: World) -> None:
        """Get ready: read the price list, which is not timed."""

    def write_best(self, out: Path) -> None:
        """Write the best plans; this is what is timed."""

    def bills(self) -> Bills:
        """Return every bill; this is what is compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One pass from raw Parquet to the best plans: seconds on the wall and of processor."""

    wall: float
    processor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a contender took: the first pass, the best of the later ones, and peak memory.

    `peak` is in bytes, of the whole process; `ready` the seconds until it could begin.
    """

    ready: float
    cold: Pass
    warm: Pass
    peak: int
    checksum: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Warm:
    """How many passes follow the first one: at least `passes`, more until `seconds` are over.

    Who is done sooner is then not judged by a shorter stretch of a machine that others use, too.
    """

    passes: int
    seconds: float = 0.0
    most: int = 20

    def is_enough(self, passes: Sequence[Pass]) -> bool:
        """Whether these are enough."""
        if len(passes) < self.passes:
            return False
        return len(passes) >= self.most or sum(each.wall for each in passes) >= self.seconds


def run(entry: Entry, world: World, out: Path, *, warm: Warm) -> Told:
    """Run one contender in a fresh process; its answers are below `out`."""
    threads = dict.fromkeys(("POLARS_MAX_THREADS", "OMP_NUM_THREADS"), THREADS)
    done = subprocess.run(  # noqa: S603  our own module
        [
            sys.executable,
            "-m",
            __name__,
            entry.home,
            *map(str, (world.folder, out, warm.passes, warm.seconds)),
        ],
        cwd=ROOT,
        env={**os.environ, **threads},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        message = f"{entry.name} failed:\n{done.stderr}"
        raise RuntimeError(message)
    return told(json.loads(done.stdout.splitlines()[-1]))


def told(document: Mapping[str, object]) -> Told:
    """Return what a process printed."""
    values = dict(document)
    passes = {name: Pass(**values.pop(name)) for name in ("cold", "warm")}  # type: ignore[arg-type]
    return Told(**passes, **values)  # type: ignore[arg-type]


def contend(contender: Contender, out: Path, *, warm: Warm, began: float) -> Told:
    """Let a contender write its best plans, then again, and at last all of its bills."""
    ready = time.perf_counter() - began
    passes = [timed(contender, out / "pass-0")]
    while not warm.is_enough(passes[1:]):
        passes.append(timed(contender, out / f"pass-{len(passes)}"))
    peak = peak_memory()
    bills = contender.bills()
    bills.save(out)
    return Told(
        ready=ready,
        cold=passes[0],
        warm=Pass(
            wall=min(each.wall for each in passes[1:]),
            processor=min(each.processor for each in passes[1:]),
        ),
        peak=peak,
        checksum=bills.checksum,
    )


def peak_memory() -> int:
    """Return the most memory this process ever held, in bytes.

    Linux hands the peak of `getrusage` down from the process that started this one, which may
    have held more; its own is in `/proc`.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def timed(contender: Contender, out: Path) -> Pass:
    """Time one pass, which makes the folder `out`."""
    out.parent.mkdir(parents=True, exist_ok=True)
    wall, processor = time.perf_counter(), time.process_time()
    contender.write_best(out)
    return Pass(wall=time.perf_counter() - wall, processor=time.process_time() - processor)


def main() -> None:
    home, folder, out, passes, seconds = sys.argv[1:]
    began = time.perf_counter()
    module, name = home.split(":")
    contender: Contender = getattr(import_module(module), name)(World(folder=Path(folder)))
    warm = Warm(passes=int(passes), seconds=float(seconds))
    found = contend(contender, Path(out), warm=warm, began=began)
    print(json.dumps(asdict(found)))


if __name__ == "__main__":
    main()
