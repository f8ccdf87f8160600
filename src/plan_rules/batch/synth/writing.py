"""Drawn customers and calls as files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from plan_rules.batch.run.writing import parquet_file
from plan_rules.batch.synth.population import Population
from plan_rules.errors import InvalidValue

PARQUET, CSV = ".parquet", ".csv"

ROW_GROUP = 1 << 20
"""Calls of a row group."""

Write = Callable[[pa.Table], None]


def customers_path(calls: Path) -> Path:
    """Return where the customers stand that make the calls of a file: beside it."""
    return calls.with_name(f"{calls.stem}-customers{calls.suffix}")


def write_population(
    population: Population, path: Path, *, progress: Callable[[int], None] | None = None
) -> int:
    """Write calls as Parquet or CSV, by the suffix of `path`, and customers beside them.

    Returns how many calls there are; `progress` is told so far after each month. In CSV numbers
    are E.164 texts and starts are ISO 8601. Raises `InvalidValue` for another suffix.
    """
    if path.suffix not in {PARQUET, CSV}:
        expected = f"a file with one of {PARQUET}, {CSV}"
        raise InvalidValue(name="out", value=str(path), expected=expected)
    path.parent.mkdir(parents=True, exist_ok=True)
    customers = population.customers_table()
    with _file(customers_path(path), customers.schema) as write:
        write(customers)
    months = population.calls()
    batch: pa.RecordBatch | None = next(months)
    count = 0
    with _file(path, batch.schema) as write:  # type: ignore[union-attr]
        while batch is not None:
            for start in range(0, batch.num_rows, ROW_GROUP):
                write(pa.table(batch.slice(start, ROW_GROUP)))
            count += batch.num_rows
            if progress is not None:
                progress(count)
            batch = next(months, None)
    return count


@contextmanager
def _file(path: Path, schema: pa.Schema) -> Iterator[Write]:
    if path.suffix == PARQUET:
        with parquet_file(path, schema) as file:
            yield file.add
        return
    with pacsv.CSVWriter(path, _spelled(schema.empty_table()).schema) as writer:
        yield lambda table: writer.write_table(_spelled(table))


def _spelled(table: pa.Table) -> pa.Table:
    """Return a table as CSV tells it: numbers with their plus sign, texts not encoded."""
    columns = {}
    for field in table.schema:
        column = table[field.name]
        if field.name == "number":
            column = pc.binary_join_element_wise("+", column.cast(pa.string()), "")
        elif pa.types.is_dictionary(field.type):
            column = column.cast(pa.string())
        elif pa.types.is_timestamp(field.type):
            column = pc.strftime(column, format="%Y-%m-%dT%H:%M:%SZ")
        columns[field.name] = column
    return pa.table(columns)
