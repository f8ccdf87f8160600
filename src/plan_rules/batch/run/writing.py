"""Parquet files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

COMPRESSION = "zstd"
LEVEL = 1


GROUP_BYTES = 2 << 20
"""Bytes of tables that are worth a row group, where many small ones are written."""


class TableWriter:
    """Writes the tables it is given behind each other, as row groups of some bytes at least."""

    def __init__(self, writer: pq.ParquetWriter, *, group_bytes: int) -> None:
        """Write with an open writer."""
        self._writer, self._group_bytes = writer, group_bytes
        self._waiting: list[pa.Table] = []
        self._size = 0
        self.rows = 0

    def add(self, table: pa.Table) -> None:
        """Take a table that has the schema of the file; an empty one adds nothing."""
        self.rows += table.num_rows
        self._waiting.append(table)
        self._size += table.nbytes
        if self._size >= self._group_bytes:
            self.flush()

    def flush(self) -> None:
        """Write what was taken."""
        if self._waiting:
            group = pa.concat_tables(self._waiting)
            self._waiting, self._size = [], 0
            if group.num_rows:
                self._writer.write_table(group, row_group_size=group.num_rows)


@contextmanager
def parquet_file(path: Path, schema: pa.Schema, *, group_bytes: int = 0) -> Iterator[TableWriter]:
    """Yield a writer of a Parquet file, which appears when all went well.

    What is written goes to a file beside it, is put on disk for good, and is then renamed, so
    that whoever looks sees the whole file or none. Tables are a row group each, or together
    until they have `group_bytes`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    words = [field.name for field in schema if pa.types.is_dictionary(field.type)]
    try:
        with pq.ParquetWriter(
            draft,
            schema,
            compression=COMPRESSION,
            compression_level=LEVEL,
            use_dictionary=words,
            write_statistics=[field.name for field in schema if not pa.types.is_nested(field.type)],
        ) as writer:
            tables = TableWriter(writer, group_bytes=group_bytes)
            yield tables
            tables.flush()
        sync(draft)
        draft.replace(path)
        sync(path.parent)
    finally:
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()


def write_parquet(path: Path, table: pa.Table) -> None:
    """Write one table as a Parquet file, at once or not at all."""
    with parquet_file(path, table.schema) as writer:
        writer.add(table)


def write_text(path: Path, text: str) -> None:
    """Write a text file, at once or not at all."""
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(text, "utf-8")
    sync(draft)
    draft.replace(path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Put a file or folder on disk for good, where the system can."""
    flags = os.O_RDONLY if path.is_file() or os.name == "posix" else None
    if flags is None:  # pragma: no cover  folders cannot be opened on Windows
        return
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
