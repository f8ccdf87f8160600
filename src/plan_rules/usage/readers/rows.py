"""From lines to rows: named fields of text, from CSV or JSON."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from plan_rules.errors import InvalidValue, did_you_mean
from plan_rules.usage.readers.lines import Line, first_character, lines_of, whole_text
from plan_rules.usage.readers.presets import NEEDED, Preset

JSON_LIMIT = 64 * 1024 * 1024
"""Bytes of a JSON array that is read whole; write one object a line for more."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line, its columns by name, and what is wrong with it (or empty)."""

    line: int
    columns: Mapping[str, str]
    raw: str
    fault: str = ""
    code: str = ""


def rows_of(path: Path, preset: Preset) -> Iterator[Row]:
    """Yield every row of a call file. JSON is told from CSV by the file's name.

    Raises `InvalidValue` if the columns that are needed are not there at all.
    """
    kinds = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    kind = kinds[-1] if kinds else ""
    if kind in {".jsonl", ".ndjson"}:
        return (_json_row(line) for line in lines_of(path))
    return _json_rows(path) if kind == ".json" else _csv_rows(lines_of(path), preset)


def _csv_rows(lines: Iterable[Line], preset: Preset) -> Iterator[Row]:
    header: tuple[str, ...] = preset.header
    at_least = preset.optional_from if header else 0
    for line in lines:
        if line.fault:
            yield Row(line.number, {}, line.text, line.fault, line.code)
            continue
        try:
            cells = next(csv.reader([line.text], strict=True))
        except (csv.Error, StopIteration) as error:
            yield Row(line.number, {}, line.text, f"the line is no CSV ({error})", "bad-csv")
            continue
        if not header:
            header = tuple(cell.strip() for cell in cells)
            at_least = len(header)
            _require_columns(header, preset)
            continue
        if not at_least <= len(cells) <= len(header):
            wanted = str(len(header)) if at_least == len(header) else f"{at_least} to {len(header)}"
            fault = f"the line has {len(cells)} columns; expected {wanted}"
            yield Row(line.number, {}, line.text, fault, "column-count")
            continue
        yield Row(line.number, dict(zip(header, cells, strict=False)), line.text)


def _require_columns(header: tuple[str, ...], preset: Preset) -> None:
    for name in NEEDED:
        if not any(column in header for column in preset.columns[name]):
            wanted = " or ".join(f"`{column}`" for column in preset.columns[name])
            close = [did_you_mean(column, header) for column in preset.columns[name]]
            hint = next((each for each in close if each), f"the file has {', '.join(header[:20])}")
            raise InvalidValue(
                name="header", value=f"no column for {name}", expected=f"{wanted}; {hint}"
            )


def _json_rows(path: Path) -> Iterator[Row]:
    """Yield the objects of an array, counted from 1, or of a file with one object a line."""
    if first_character(path) != "[":
        yield from (_json_row(line) for line in lines_of(path))
        return
    text = whole_text(path, limit=JSON_LIMIT)
    if text.fault:
        yield Row(1, {}, text.text, text.fault, text.code)
        return
    try:
        items = json.loads(text.text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        yield Row(line, {}, text.text, f"the file is no JSON ({error})", "bad-json")
        return
    for number, item in enumerate(items, start=1):
        yield _object_row(number, item, json.dumps(item, default=str))


def _json_row(line: Line) -> Row:
    if line.fault:
        return Row(line.number, {}, line.text, line.fault, line.code)
    try:
        item = json.loads(line.text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        return Row(line.number, {}, line.text, f"the line is no JSON ({error})", "bad-json")
    return _object_row(line.number, item, line.text)


def _object_row(number: int, item: object, raw: str) -> Row:
    if not isinstance(item, dict):
        return Row(number, {}, raw, "the item is no object with named values", "bad-json")
    columns = {
        str(name): "" if value is None else str(value)
        for name, value in item.items()
        if isinstance(value, str | int | Decimal) or value is None
    }
    return Row(number, columns, raw)
