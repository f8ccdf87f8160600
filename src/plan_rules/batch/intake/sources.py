"""Where tables come from: Parquet, CSV and Arrow files, and anything that offers Arrow streams.

A source is read unit by unit (a row group, or a file without row groups), and a unit in chunks
of bounded size, so that no source has to fit into memory.
"""

from __future__ import annotations

import glob
import hashlib
import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from plan_rules.batch.intake.rejecting import Place, malformed_rows
from plan_rules.batch.intake.schemas import Accepted, WrongSchema, check_columns
from plan_rules.errors import InvalidValue
from plan_rules.usage.readers.calls import UnreadableFile

CHUNK_ROWS = 1 << 19
"""Rows of a chunk at most."""

SMALL_ROWS = 1 << 18
"""Rows of a unit of which a few may be held at once."""

CSV_BLOCK = 1 << 24
"""Bytes of a CSV file that are read at once."""

HEAD = 1 << 16
"""Bytes at either end of a file that its fingerprint holds."""

STREAM = "stream"

PARQUET, CSV, ARROW = (
    (".parquet", ".pq"),
    (".csv", ".csv.gz", ".txt"),
    (".arrow", ".ipc", ".feather"),
)
SUFFIXES = (*PARQUET, *CSV, *ARROW)


class ArrowStream(Protocol):
    """What offers its rows as an Arrow stream: tables of pyarrow, polars, pandas, DuckDB."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return the stream as a PyCapsule."""


Given = str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | ArrowStream
"""Paths or patterns of files, or one object that offers an Arrow stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Some rows of a table, where they were read, and the rows that had no columns to read."""

    batch: pa.RecordBatch
    place: Place
    malformed: pa.Table | None = None

    @property
    def rows(self) -> int:
        """Rows read, malformed ones included."""
        more = 0 if self.malformed is None else self.malformed.num_rows
        return int(self.batch.num_rows) + more


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What is read as one: a row group of a Parquet file, or another file, or a stream.

    `metadata` is what the Parquet file says of itself, read once for all its row groups.
    """

    source: str
    row_group: int
    rows: int | None
    table: Table = field(repr=False)
    stream: ArrowStream | None = None
    metadata: pq.FileMetaData | None = field(default=None, repr=False, compare=False)

    @property
    def is_small(self) -> bool:
        """Whether it is a row group that a few of may be held at once."""
        return self.metadata is not None and self.rows is not None and self.rows <= SMALL_ROWS

    def chunks(self, files: OpenFiles | None = None) -> Iterator[Chunk]:
        """Yield the rows in chunks of bounded size; raise `UnreadableFile`.

        With `files`, the file of a row group stays open for the next one.
        """
        if self.stream is not None:
            reader = pa.RecordBatchReader.from_stream(self.stream)
            yield from self._placed(self._chosen(each) for each in reader)
            return
        try:
            if self.source.endswith(PARQUET):
                yield from self._placed(self._of_parquet(files))
            elif self.source.endswith(ARROW):
                with pa.memory_map(self.source) as file, pa.ipc.open_file(file) as reader:
                    found = (reader.get_batch(at) for at in range(reader.num_record_batches))
                    yield from self._placed(self._chosen(each) for each in found)
            else:
                yield from self._of_csv()
        except (OSError, pa.ArrowInvalid) as error:
            raise unreadable(self.source, error) from error

    def _of_parquet(self, files: OpenFiles | None) -> Iterator[pa.RecordBatch]:
        with ExitStack() as stack:
            file = (files or stack.enter_context(OpenFiles())).of(self)
            present = [name for name in file.schema_arrow.names if self.table.reads(name)]
            yield from file.iter_batches(
                batch_size=CHUNK_ROWS,
                row_groups=[self.row_group],
                columns=present,
                use_threads=False,
            )

    def _chosen(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        return batch.select([name for name in batch.schema.names if self.table.reads(name)])

    def _placed(self, batches: Iterable[pa.RecordBatch]) -> Iterator[Chunk]:
        row = 0
        for batch in batches:
            for start in range(0, batch.num_rows, CHUNK_ROWS):
                piece = batch.slice(start, CHUNK_ROWS)
                rows = range(row, row + piece.num_rows)
                place = Place(source=self.source, row_group=self.row_group, rows=rows)
                yield Chunk(batch=piece, place=place)
                row += piece.num_rows

    def _of_csv(self) -> Iterator[Chunk]:
        bad: list[tuple[int, str]] = []
        read = taken = 0
        with _opened_csv(self.source, self.table, bad) as reader:
            for batch in reader:
                ready, taken = bad[taken:], len(bad)
                rows = _rows_between(np.array([row for row, _ in bad]), read, batch.num_rows)
                read += batch.num_rows
                place = Place(source=self.source, row_group=0, rows=rows)
                yield Chunk(batch=batch, place=place, malformed=self._malformed(ready))
            if bad[taken:]:
                none = pa.RecordBatch.from_pylist([], schema=reader.schema)
                place = Place(source=self.source, row_group=0, rows=np.arange(0))
                yield Chunk(batch=none, place=place, malformed=self._malformed(bad[taken:]))

    def _malformed(self, found: list[tuple[int, str]]) -> pa.Table | None:
        if not found:
            return None
        return malformed_rows(table=self.table.name, source=self.source, found=found)


def _rows_between(bad: npt.NDArray[np.int64], read: int, count: int) -> npt.NDArray[np.int64]:
    """Return the positions in the file of the good rows from the `read`-th on."""
    good = np.arange(read, read + count)
    if not len(bad):
        return good
    return good + np.searchsorted(bad - np.arange(len(bad)), good, side="right")


class OpenFiles:
    """Parquet files that stay open while their row groups are read, one for each thread."""

    def __init__(self) -> None:
        """Open nothing yet."""
        self._mine = threading.local()
        self._open: set[pq.ParquetFile] = set()

    def of(self, unit: Unit) -> pq.ParquetFile:
        """Return the file of a row group, for this thread; it closes the one it had before."""
        source, file = getattr(self._mine, "file", ("", None))
        if source != unit.source:
            if file is not None:
                self._open.remove(file)
                file.close()
            file = pq.ParquetFile(unit.source, pre_buffer=False, metadata=unit.metadata)
            self._open.add(file)
            self._mine.file = unit.source, file
        return file

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close every file."""
        for file in self._open:
            file.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What a source is read as: its name, its columns, and whether it may have others."""

    name: str
    columns: Mapping[str, Accepted]
    others: bool

    def reads(self, column: str) -> bool:
        """Whether a column is read."""
        return not self.others or column in self.columns

    def check(self, schema: pa.Schema) -> None:
        """Refuse a schema that cannot be read; raise `WrongSchema`."""
        check_columns(schema, self.columns, table=self.name, others=self.others)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """All units of a table, with what is known of them before they are read.

    `rows` is `None` where only reading tells. `size` is in bytes, 0 for a stream.
    `fingerprint` tells whether the files are still the same; it is empty for a stream.
    """

    units: tuple[Unit, ...]
    rows: int | None
    size: int
    fingerprint: str


def source_of(given: Given, table: Table) -> Source:
    """Return the source of a table; its schema is checked, its rows are not read.

    Files are taken in the order of their names, whatever order they are given in.

    Raises `InvalidValue` for a pattern that matches no file and for a suffix nobody reads,
    `UnreadableFile`, and `WrongSchema`.
    """
    if hasattr(given, "__arrow_c_stream__"):
        # The schema of a stream is known only once it is open, and it can be open only once.
        reader = pa.RecordBatchReader.from_stream(given)
        table.check(reader.schema)
        rows = getattr(given, "num_rows", None)
        unit = Unit(source=STREAM, row_group=0, rows=rows, table=table, stream=reader)
        return Source(units=(unit,), rows=rows, size=0, fingerprint="")
    units: list[Unit] = []
    seal = hashlib.sha256()
    size = 0
    for path in _files(given, table):
        try:
            found = _units_of(str(path), table)
            size += path.stat().st_size
            seal.update(_fingerprint(path))
        except (OSError, pa.ArrowInvalid) as error:
            raise unreadable(str(path), error) from error
        units += found
    counts = [unit.rows for unit in units]
    known = None if None in counts else sum(count or 0 for count in counts)
    return Source(units=tuple(units), rows=known, size=size, fingerprint=seal.hexdigest())


def _files(given: Given, table: Table) -> list[Path]:
    many = isinstance(given, Sequence) and not isinstance(given, str)
    patterns = [os.fspath(each) for each in (given if many else (given,))]  # type: ignore[union-attr,arg-type]
    found: set[str] = set()
    for pattern in patterns:
        matches = [pattern] if Path(pattern).is_file() else glob.glob(pattern, recursive=True)  # noqa: PTH207  patterns may be absolute
        if not matches:
            raise InvalidValue(
                name=table.name, value=pattern, expected="a file, or a pattern of some"
            )
        for match in matches:
            inside = sorted(str(each) for each in Path(match).rglob("*") if each.is_file())
            found.update(inside if Path(match).is_dir() else [match])
    for name in found:
        if not name.endswith(SUFFIXES):
            raise InvalidValue(
                name=table.name, value=name, expected=f"a file with one of {', '.join(SUFFIXES)}"
            )
    return sorted(map(Path, found))


def _units_of(name: str, table: Table) -> list[Unit]:
    if name.endswith(PARQUET):
        with pq.ParquetFile(name) as file:
            table.check(file.schema_arrow)
            metadata = file.metadata
        return [
            Unit(
                source=name,
                row_group=at,
                rows=metadata.row_group(at).num_rows,
                table=table,
                metadata=metadata,
            )
            for at in range(metadata.num_row_groups)
        ]
    if name.endswith(ARROW):
        with pa.memory_map(name) as mapped, pa.ipc.open_file(mapped) as reader:
            table.check(reader.schema)
        return [Unit(source=name, row_group=0, rows=None, table=table)]
    with _opened_csv(name, table, []) as reader:
        table.check(reader.schema)
    return [Unit(source=name, row_group=0, rows=None, table=table)]


def _opened_csv(name: str, table: Table, bad: list[tuple[int, str]]) -> pacsv.CSVStreamingReader:
    """Open a CSV file; rows whose columns are not those of the header are added to `bad`."""

    def passed_over(row: pacsv.InvalidRow) -> str:
        # Rows are counted from 1, and the header is the first.
        bad.append((row.number - 2, row.text))
        return "skip"

    names = _header(name)
    wanted = [each for each in names if table.reads(each)]
    return pacsv.open_csv(
        name,
        read_options=pacsv.ReadOptions(block_size=CSV_BLOCK, use_threads=False),
        parse_options=pacsv.ParseOptions(newlines_in_values=True, invalid_row_handler=passed_over),
        convert_options=pacsv.ConvertOptions(
            include_columns=wanted,
            column_types={each: pa.binary() for each in wanted},
            strings_can_be_null=True,
            null_values=[""],
            quoted_strings_can_be_null=True,
        ),
    )


def _header(name: str) -> list[str]:
    options = pacsv.ReadOptions(block_size=HEAD)
    kept = pacsv.ParseOptions(invalid_row_handler=lambda _: "skip")
    with pacsv.open_csv(name, read_options=options, parse_options=kept) as reader:
        return list(reader.schema.names)


def _fingerprint(path: Path) -> bytes:
    """Return a digest of a file's name, size, time of change, and of its first and last bytes."""
    status = path.stat()
    seal = hashlib.sha256(f"{path.name} {status.st_size} {status.st_mtime_ns}".encode())
    with path.open("rb") as file:
        seal.update(file.read(HEAD))
        file.seek(max(0, status.st_size - HEAD))
        seal.update(file.read(HEAD))
    return seal.digest()


def unreadable(name: str, error: Exception) -> UnreadableFile:
    """Return the refusal of a file that is not there, or damaged."""
    reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
    return UnreadableFile(path=Path(name), reason=reason)


__all__ = ["ArrowStream", "Chunk", "Given", "Source", "Table", "Unit", "WrongSchema", "source_of"]
