"""Contenders that answer wrongly, by one micro or by one plan, at a place drawn from a seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.benchmarks.rivals.answers import Bills, read_best
from tests.benchmarks.rivals.ours import Ours

SEED = 20


class WrongBill(Ours):
    """Its best plans are right; one bill of one plan is a micro too high."""

    def bills(self) -> Bills:
        rows = super().bills().rows.copy()
        chance = np.random.default_rng(SEED)
        rows[chance.integers(len(rows)), chance.integers(2, rows.shape[1])] += 1
        return Bills(rows)


class WrongPlan(Ours):
    """Its bills are right; one of the best plans is another."""

    def write_best(self, out: Path) -> None:
        super().write_best(out)
        best = read_best(out)
        at = int(np.random.default_rng(SEED).integers(len(best)))
        plans = best["plan"].to_pylist()
        plans[at] = "plan-000" if plans[at] != "plan-000" else "plan-001"
        column = best.schema.get_field_index("plan")
        for path in (out / "best").glob("*.parquet"):
            path.unlink()
        pq.write_table(best.set_column(column, "plan", pa.array(plans)), out / "best.parquet")
