"""Ours: one call of the library, from files to files."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from plan_rules.batch import price_batch
from tests.benchmarks.rivals.answers import Bills
from tests.benchmarks.rivals.world import AS_OF, World

THREADS = 2
MEMORY = 16 << 30
"""Enough that nothing goes onto disk in between, as nothing does with the others."""


class Ours:
    """The contender."""

    name = "plan_rules"

    def __init__(self, world: World) -> None:
        self._world = world
        self._catalog = world.catalog()

    def write_best(self, out: Path) -> None:
        """Write the three best plans of every customer."""
        self._run(out, with_bills=False)

    def bills(self) -> Bills:
        """Return every bill."""
        with TemporaryDirectory(dir=self._world.folder) as folder:
            self._run(Path(folder), with_bills=True)
            table = pa.concat_tables(
                pq.read_table(path, columns=["customer_id", "start", "total_micros"])
                for path in sorted((Path(folder) / "bills").glob("*.parquet"))
            )
        totals = table["total_micros"].combine_chunks()
        flat = totals.flatten().to_numpy().reshape(len(table), -1)
        starts = table["start"].cast(pa.int32()).to_numpy().astype(np.int64)
        return Bills.of(table["customer_id"].to_numpy(), starts, flat)

    def _run(self, out: Path, *, with_bills: bool) -> None:
        price_batch(
            catalog=self._catalog,
            calls=self._world.calls,
            customers=self._world.customers,
            out=out,
            as_of=AS_OF,
            top=3,
            with_bills=with_bills,
            memory=MEMORY,
            threads=THREADS,
            strict=True,
        )
