from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from plan_rules.batch.intake.door import TABLE
from plan_rules.batch.intake.sources import Chunk, Given, source_of
from plan_rules.errors import InvalidValue
from plan_rules.usage.readers import UnreadableFile

CALLS = pa.table(
    {
        "customer_id": [1, 2, 1, 3, 2, 1],
        "start": pa.array([10, 20, 30, 40, 50, 60]).cast(pa.timestamp("s", "UTC")),
        "number": [525512345678] * 6,
        "seconds": [1, 2, 3, 4, 5, 6],
        "note": ["not read"] * 6,
    }
)
TEXTS = CALLS.set_column(1, "start", pa.array(["2026-03-01T00:00:00Z"] * 6))


def chunks(given: Given) -> list[Chunk]:
    source = source_of(given, TABLE)
    return [chunk for unit in source.units for chunk in unit.chunks()]


def seconds(found: list[Chunk]) -> list[int]:
    return [int(each) for chunk in found for each in chunk.batch.column("seconds").to_pylist()]


def test_a_row_group_is_a_unit_and_rows_are_told_within_it(tmp_path: Path) -> None:
    pq.write_table(CALLS, tmp_path / "calls.parquet", row_group_size=4)
    source = source_of(tmp_path / "calls.parquet", TABLE)
    assert (source.rows, [unit.row_group for unit in source.units]) == (6, [0, 1])
    found = chunks(tmp_path / "calls.parquet")
    assert [list(chunk.place.rows) for chunk in found] == [[0, 1, 2, 3], [0, 1]]
    assert seconds(found) == [1, 2, 3, 4, 5, 6]
    assert "note" not in found[0].batch.schema.names


def test_files_are_taken_by_name_and_once(tmp_path: Path) -> None:
    pq.write_table(CALLS.slice(3), tmp_path / "b.parquet")
    pq.write_table(CALLS.slice(0, 3), tmp_path / "a.parquet")
    assert seconds(chunks([tmp_path / "*.parquet", tmp_path / "a.parquet"])) == [1, 2, 3, 4, 5, 6]
    assert seconds(chunks(tmp_path)) == [1, 2, 3, 4, 5, 6]


def test_arrow_files_and_streams_give_the_same(tmp_path: Path) -> None:
    path = tmp_path / "calls.arrow"
    with pa.ipc.new_file(path, CALLS.schema) as file:
        file.write_table(CALLS, max_chunksize=4)
    assert seconds(chunks(path)) == [1, 2, 3, 4, 5, 6]
    assert seconds(chunks(CALLS)) == [1, 2, 3, 4, 5, 6]
    assert seconds(chunks(CALLS.to_reader())) == [1, 2, 3, 4, 5, 6]


def test_the_tables_of_other_libraries_need_no_copy_in_python() -> None:
    class Foreign:
        """A table that offers nothing but an Arrow stream."""

        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return CALLS.__arrow_c_stream__(requested_schema)

    assert seconds(chunks(Foreign())) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("library", ["polars", "duckdb", "pandas"])
def test_polars_duckdb_and_pandas_offer_such_streams(library: str) -> None:
    module = pytest.importorskip(library)
    given = TEXTS.to_pandas() if library == "pandas" else module.from_arrow(TEXTS)
    assert seconds(chunks(given)) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("packed", [False, True])
def test_a_csv_row_of_other_columns_is_rejected_and_moves_no_other(
    packed: bool,  # noqa: FBT001  a column of cases
    tmp_path: Path,
) -> None:
    rows = ["customer_id,start,number,seconds", "1,s,n,10", "1,s,n", "1,s,n,11", "1,s,n,12,x"]
    rows += ['"a\nb",s,n,13', "", "1,s,n,14"]
    text = "\n".join(rows).encode() + b"\n"
    path = tmp_path / ("calls.csv.gz" if packed else "calls.csv")
    path.write_bytes(gzip.compress(text) if packed else text)
    (chunk,) = chunks(path)
    assert seconds([chunk]) == [10, 11, 13, 14]
    assert list(chunk.place.rows) == [0, 2, 4, 5]
    assert chunk.malformed is not None
    assert chunk.malformed["row"].to_pylist() == [1, 3]
    assert chunk.malformed["code"].to_pylist() == ["column-count"] * 2
    assert chunk.rows == 6


def test_a_fingerprint_is_that_of_the_content_and_the_names(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    pacsv.write_csv(TEXTS, path)
    first = source_of(path, TABLE).fingerprint
    assert first
    assert source_of(path, TABLE).fingerprint == first
    pacsv.write_csv(TEXTS.slice(1), path)
    assert source_of(path, TABLE).fingerprint != first
    assert not source_of(CALLS, TABLE).fingerprint


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue):
        source_of(tmp_path / "*.parquet", TABLE)
    (tmp_path / "calls.xlsx").write_text("x")
    with pytest.raises(InvalidValue):
        source_of(tmp_path / "calls.xlsx", TABLE)
    for name in ("calls.parquet", "calls.arrow", "calls.csv"):
        (tmp_path / name).write_bytes(b"")
        with pytest.raises(UnreadableFile):
            source_of(tmp_path / name, TABLE)


def test_a_damaged_row_group_is_told(tmp_path: Path) -> None:
    path = tmp_path / "calls.parquet"
    pq.write_table(CALLS, path, use_dictionary=False, compression="zstd")
    raw = bytearray(path.read_bytes())
    raw[8:60] = bytes(52)
    path.write_bytes(raw)
    with pytest.raises(UnreadableFile):
        chunks(path)
