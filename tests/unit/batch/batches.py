"""Small batches to price, and what they leave behind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from plan_rules.batch.synth import Population, customers_path, write_population
from plan_rules.catalog.catalog import Catalog
from plan_rules.loading import load_catalog

ROOT = Path(__file__).parents[3]
AS_OF = date(2026, 4, 1)
CUSTOMERS = 40


@cache
def sample() -> Catalog:
    """The sample catalog, loaded and compiled once."""
    return load_catalog(ROOT / "catalog")


def population(customers: int = CUSTOMERS, seed: int = 3) -> Population:
    """A few customers and three months of their calls."""
    return Population(
        customers=customers,
        months=3,
        seed=seed,
        start=date(2026, 1, 1),
        plans=tuple(sample().plans),
    )


def written(folder: Path, *, row_group: int | None = None) -> tuple[Path, Path]:
    """The files of the calls and of the customers, below a folder."""
    path = folder / "given" / "calls.parquet"
    write_population(population(), path)
    if row_group is not None:
        pq.write_table(pq.read_table(path), path, row_group_size=row_group)
    return path, customers_path(path)


def spoilt(calls: pa.Table) -> pa.Table:
    """The calls, of which every hundredth has a number that is none, or nobody's id."""
    rows = range(calls.num_rows)
    numbers = [0 if at % 100 == 7 else None for at in rows]
    ids = [1 if at % 100 == 50 else None for at in rows]
    for name, changed in (("number", numbers), ("customer_id", ids)):
        mask = pa.array([each is not None for each in changed])
        column = calls[name].combine_chunks()
        column = pa.compute.if_else(mask, pa.array(changed, column.type), column)
        calls = calls.set_column(calls.schema.get_field_index(name), name, column)
    return calls


def left_behind(out: Path) -> Mapping[str, bytes]:
    """Every file of results with its content, by its name."""
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name != "journal.jsonl"
    }


def tables(out: Path) -> Mapping[str, pa.Table]:
    """The results as tables, whatever files they are in."""
    return {
        name: pq.read_table(sorted((out / name).glob("*.parquet")))
        for name in ("bills", "best", "rejected")
        if (out / name).exists()
    }
