"""The machine under the figures: its memory bandwidth, and whether others are using it."""

from __future__ import annotations

import multiprocessing
import os
import platform
import time
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

STREAM_BYTES = 1 << 28
"""Well beyond every cache."""

SPIN = 3_000_000
CONTENDED = 1.15
"""Wall by processor time, of processes that do nothing but count, above which others are there."""

PACKAGES = ("plan-rules", "numpy", "numba", "pyarrow", "duckdb", "polars")


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What was measured beside: GB/s read and copied; `waiting` is wall by processor time."""

    read: float
    copied: float
    waiting: float
    load: float

    @property
    def is_contended(self) -> bool:
        """Whether other processes took processor time that a contender could have had."""
        return self.waiting > CONTENDED

    @property
    def words(self) -> str:
        """The measurement as a line of the report."""
        spun = f"two processes that only count took {self.waiting:.2f}x their processor time"
        flag = "  CONTENDED: compare processor times, not walls" if self.is_contended else ""
        return (
            f"memory: {self.read:.1f} GB/s read, {self.copied:.1f} GB/s copied (read + written); "
            f"{spun}; load {self.load:.1f}{flag}"
        )


def measured() -> Machine:
    """Measure the machine as it is now."""
    read, copied = bandwidth()
    return Machine(read=read, copied=copied, waiting=waiting(), load=os.getloadavg()[0])


def bandwidth(size: int = STREAM_BYTES, repeats: int = 3) -> tuple[float, float]:
    """Return GB/s of reading one large array, and of copying it to another."""
    source = np.ones(size // 8)
    target = np.zeros_like(source)
    reads, copies = [], []
    for _ in range(repeats):
        start = time.perf_counter()
        source.sum()
        reads.append(time.perf_counter() - start)
        start = time.perf_counter()
        np.copyto(target, source)
        copies.append(time.perf_counter() - start)
    return size / min(reads) / 1e9, 2 * size / min(copies) / 1e9


def waiting(processes: int = 2) -> float:
    """Return wall by processor time of processes that only count, the worst of them."""
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        return max(pool.map(_spin, [SPIN] * processes, chunksize=1))


def _spin(count: int) -> float:
    wall, processor = time.perf_counter(), time.process_time()
    total = 0
    for at in range(count):
        total ^= at
    return (time.perf_counter() - wall) / max(1e-9, time.process_time() - processor)


def description() -> dict[str, object]:
    """Return versions and the processor, as the JSON of a run keeps them."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "processors": os.cpu_count(),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "versions": {name: _version(name) for name in PACKAGES},
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    known = Path("/proc/cpuinfo")
    if not known.exists():
        return platform.processor()
    lines = known.read_text(encoding="utf-8").splitlines()
    return next((line.split(":")[1].strip() for line in lines if "model name" in line), "")
