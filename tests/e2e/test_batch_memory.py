"""A limit of memory holds: ten times the calls that fit into it are priced below it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from plan_rules.batch.run.memory import LIBRARIES, MIB, ROOM, MemoryPlan

STATUS = Path("/proc/self/status")
LIMIT = LIBRARIES + ROOM + 8 * MIB
CUSTOMERS = 60_000
ROW_GROUP = 1 << 20

PROGRAM = """
import json, sys
from datetime import date
from pathlib import Path
from plan_rules.batch import price_batch
from tests.unit.batch.test_kernel_pricing import catalog_of

calls, customers, out, memory = sys.argv[1:]
summary = price_batch(
    catalog=catalog_of(), calls=calls, customers=customers, out=out,
    as_of=date(2026, 4, 1), memory=int(memory),
)
lines = Path("/proc/self/status").read_text().splitlines()
peak = next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM"))
print(json.dumps({"peak": peak, "calls": summary.calls, "parts": summary.parts}))
"""


def write_calls(path: Path, count: int, customers: int) -> None:
    """Write calls at random times of three months, in order of time."""
    generator = np.random.default_rng(5)
    first, end = (int(np.datetime64(day, "s").astype(int)) for day in ("2026-01-01", "2026-04-01"))
    schema = pa.schema(
        [
            ("customer_id", pa.int64()),
            ("start", pa.timestamp("s", "UTC")),
            ("number", pa.int64()),
            ("seconds", pa.int32()),
        ]
    )
    with pq.ParquetWriter(path, schema, compression="none") as file:
        for at in range(0, count, ROW_GROUP):
            rows = min(ROW_GROUP, count - at)
            begin, over = (first + (end - first) * n // count for n in (at, at + rows))
            columns = [
                pa.array(generator.integers(0, customers, rows)),
                pa.array(np.sort(generator.integers(begin, over, rows))).cast(schema[1].type),
                pa.array(generator.integers(525_500_000_000, 525_600_000_000, rows)),
                pa.array(generator.integers(0, 600, rows).astype(np.int32)),
            ]
            file.write_table(pa.table(columns, schema=schema))


def write_customers(path: Path, count: int) -> None:
    table = {
        "customer_id": pa.array(range(count), pa.int64()),
        "home": pa.array(["US"] * count, pa.string()),
        "zone": pa.array(["UTC"] * count, pa.string()),
        "anchor": pa.array([20_000] * count, pa.int32()).cast(pa.date32()),
    }
    pq.write_table(pa.table(table), path)


def priced(folder: Path, calls: int, customers: int) -> dict[str, int]:
    """Price so many calls in a process of its own, and return what it tells."""
    folder.mkdir()
    write_calls(folder / "calls.parquet", calls, customers)
    write_customers(folder / "customers.parquet", customers)
    given = [str(folder / name) for name in ("calls.parquet", "customers.parquet", "out")]
    done = subprocess.run(  # noqa: S603  our own program
        [sys.executable, "-c", PROGRAM, *given, str(LIMIT)],
        check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    told: dict[str, int] = json.loads(done.stdout)
    return told


@pytest.mark.skipif(not STATUS.exists(), reason="a process tells its peak in /proc, on Linux")
def test_ten_times_what_fits_is_priced_within_the_limit(tmp_path: Path) -> None:
    fits = MemoryPlan.of(LIMIT, customers_size=0).calls
    # Compiling takes memory of its own, once: of what is done in memory, and on disk.
    priced(tmp_path / "held", 10_000, CUSTOMERS)
    priced(tmp_path / "spilled", 2 * fits, CUSTOMERS)
    told = priced(tmp_path / "priced", 10 * fits, CUSTOMERS)
    assert told["calls"] == 10 * fits
    assert told["parts"] >= 10
    assert told["peak"] <= LIMIT
