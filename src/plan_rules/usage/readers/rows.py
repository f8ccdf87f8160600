"""From lines to rows: named texts, from CSV or from JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from plan_rules.errors import InvalidValue, did_you_mean
from plan_rules.usage.readers.json_rows import begins_with_lines, rows_of_lines, rows_of_whole
from plan_rules.usage.readers.lines import BOM, Line, NotReadable, lines_of
from plan_rules.usage.readers.presets import Preset, column_name
from plan_rules.usage.readers.row import Row

DELIMITERS = (",", ";", "\t")
LINE_SUFFIXES = frozenset({".jsonl", ".ndjson"})


def rows_of(stream: io.BufferedReader, *, name: str, preset: Preset) -> Iterator[Row]:
    """Yield every row of a call file called `name`.

    JSON is told by the file's suffix, or by its first character. Raises `NotReadable` for a
    file that is empty or, as a whole, no JSON; `InvalidValue` if needed columns are missing.
    """
    suffixes = {suffix.lower() for suffix in PurePath(name).suffixes}
    head = stream.peek(1).decode("utf-8", "replace").removeprefix(BOM).lstrip()
    if suffixes & LINE_SUFFIXES or begins_with_lines(head):
        return rows_of_lines(_some(lines_of(stream)))
    if ".json" in suffixes or head[:1] in {"[", "{"}:
        return rows_of_whole(stream)
    lines = _some(lines_of(stream))
    if preset.header:
        return _csv_rows(lines, preset.header, preset, ",")
    return _headed_rows(lines, preset)


def _some(lines: Iterator[Line]) -> Iterator[Line]:
    """Yield the lines, of which there must be one: an empty file is a mistake of its making."""
    first = next(lines, None)
    if first is None:
        raise NotReadable("it is empty; a customer without calls has a file with a header, or []")
    yield first
    yield from lines


def _headed_rows(lines: Iterator[Line], preset: Preset) -> Iterator[Row]:
    """Yield the rows below the first line, which names the columns."""
    first = next(lines)
    if first.code:
        raise InvalidValue(name="header", value=f"line {first.number}", expected=first.fault)
    found: dict[str, tuple[str, ...]] = {}
    for delimiter in DELIMITERS:
        cells = cells_of(first.text, delimiter) or []
        found[delimiter] = tuple(column_name(cell) for cell in cells)
    best = max(DELIMITERS, key=lambda each: len(found[each]))
    delimiter = next((each for each in DELIMITERS if not _missing(found[each], preset)), best)
    header = found[delimiter]
    for names in preset.columns.values():
        for name in names:
            if header.count(name) > 1:
                raise InvalidValue(name="header", value=name, expected="each column named once")
    yield from _csv_rows(lines, header, preset, delimiter)


def _missing(header: tuple[str, ...], preset: Preset) -> list[tuple[str, ...]]:
    """Return the columns that are needed and not there, each with its other names."""
    needed = [preset.columns[name] for name in preset.needed]
    needed += [(preset.status.column,)] if preset.status else []
    needed += [(preset.direction,)] if preset.direction else []
    return [names for names in needed if not set(names) & set(header)]


def _missing_column(names: tuple[str, ...], header: tuple[str, ...]) -> InvalidValue:
    close = [hint for hint in (did_you_mean(name, header[:200]) for name in names) if hint]
    seen = ", ".join(header[:20])[:200]
    has = close[0] if close else f"there are {seen}"
    wanted = " or ".join(f"`{name}`" for name in names)
    return InvalidValue(name="header", value=seen, expected=f"a column {wanted}; {has}")


def _csv_rows(
    lines: Iterable[Line], header: tuple[str, ...], preset: Preset, delimiter: str
) -> Iterator[Row]:
    """Yield a row a line; a quoted field does not go on to the next line."""
    missing = _missing(header, preset)
    if missing:
        raise _missing_column(missing[0], header)
    most = len(header)
    least = preset.optional_from or most
    wanted = str(most) if least == most else f"{least} to {most}"
    for line in lines:
        if line.code:
            yield Row(line.number, line.text, code=line.code, fault=line.fault)
            continue
        cells = cells_of(line.text, delimiter)
        if cells is None:
            fault = "the line is no CSV; pair its quotes, and double a quote inside of quotes"
            yield Row(line.number, line.text, code="bad-csv", fault=fault)
        elif least <= len(cells) <= most:
            yield Row(line.number, line.text, dict(zip(header, cells, strict=False)))
        else:
            fault = f"the line has {len(cells)} columns; expected {wanted}"
            yield Row(line.number, line.text, code="column-count", fault=fault)


def cells_of(text: str, delimiter: str) -> list[str] | None:
    """Return the cells of a line, or `None` for a line that is no CSV."""
    try:
        return next(
            csv.reader([text], delimiter=delimiter, skipinitialspace=True, strict=True), None
        )
    except csv.Error:
        return None
