"""Rows from JSON: one object a line, an array, or an object with a list of calls."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator
from typing import TypeGuard

from plan_rules.usage.readers.lines import BOM, Line, NotReadable
from plan_rules.usage.readers.presets import column_name
from plan_rules.usage.readers.row import Row

SIZE_LIMIT = 64 * 1024 * 1024
"""Bytes of JSON that is read as one whole; one object a line may go on for longer."""

LIST_KEY = "calls"
"""The key under which an object may hold the list of calls, as pages of an export do."""

SHOWN = 500
"""Characters kept of a row, to be shown if it is rejected."""

SPACE = re.compile(r"[ \t\r\n]*")


class _Doubled(dict[str, object]):
    """An object in which a key stands twice, so that nobody knows which one is meant."""


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _Doubled(found)


DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=str, parse_int=str, parse_constant=str
)
"""Numbers stay the text they are written as: exact, and of any length."""


def begins_with_lines(head: str) -> bool:
    """Whether a text begins with an object that ends on its line and is followed by another."""
    first, _, rest = head.partition("\n")
    if not first.startswith("{") or not rest.lstrip().startswith("{"):
        return False
    try:
        DECODER.decode(first.strip())
    except (ValueError, RecursionError):
        return False
    return True


def rows_of_lines(lines: Iterable[Line]) -> Iterator[Row]:
    """Yield a row a line; a line that is no JSON spoils no other."""
    for line in lines:
        if line.code:
            yield Row(line.number, line.text, code=line.code, fault=line.fault)
            continue
        try:
            value = DECODER.decode(line.text.strip())
        except (ValueError, RecursionError) as error:
            fault = f"the line is no JSON ({str(error)[:100]}); write one object a line"
            yield Row(line.number, line.text, code="bad-json", fault=fault)
            continue
        for item in value[LIST_KEY] if _has_list(value) else (value,):
            yield _row(line.number, line.text, item)


def rows_of_whole(stream: io.BufferedReader) -> Iterator[Row]:
    """Yield the rows of a JSON text that is read as a whole, each with the line it begins on.

    Raises `NotReadable` where the text is no JSON, empty or too long.
    """
    raw = stream.read(SIZE_LIMIT + 1)
    if len(raw) > SIZE_LIMIT:
        limit = SIZE_LIMIT // 2**20
        raise NotReadable(f"it is more than {limit} MiB of JSON; write one object a line (.jsonl)")
    try:
        cursor = _Cursor(raw.decode("utf-8").removeprefix(BOM))
    except UnicodeDecodeError as error:
        raise NotReadable(f"byte {error.start + 1} is not UTF-8; save it as UTF-8") from error
    if cursor.at_end():
        raise NotReadable("it is empty; a customer without calls has a file that says []")
    try:
        while not cursor.at_end():
            yield from cursor.rows()
    except RecursionError as error:
        raise NotReadable(f"line {cursor.line}: the JSON is nested too deep for calls") from error
    except ValueError as error:
        reason = f"line {cursor.line}: it is no JSON ({str(error)[:100]})"
        raise NotReadable(reason) from error


class _Cursor:
    """A place in a JSON text that moves on value by value and knows its line.

    `json` tells where a text is wrong, but not where a good value stood.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.line = 1
        self._go(0)

    def _go(self, place: int) -> None:
        """Go on to `place`, and past the white space behind it."""
        blank = SPACE.match(self.text, place)
        end = blank.end() if blank else place
        self.line += self.text.count("\n", self.place, end)
        self.place = end

    def at_end(self) -> bool:
        return self.place == len(self.text)

    def takes(self, mark: str) -> bool:
        """Go past `mark` if it stands here."""
        found = self.text.startswith(mark, self.place)
        if found:
            self._go(self.place + len(mark))
        return found

    def value(self) -> object:
        value, end = DECODER.raw_decode(self.text, self.place)
        self._go(end)
        return value

    def rows(self) -> Iterator[Row]:
        """Yield the rows of the value that stands here: an array, a page, or one object."""
        if self.text.startswith("[", self.place):
            yield from self._items()
            return
        line, start = self.line, self.place
        value, end = DECODER.raw_decode(self.text, start)
        if _has_list(value):
            yield from self._page()
        else:
            self._go(end)
            yield _row(line, self.text[start : start + SHOWN], value)

    def _items(self) -> Iterator[Row]:
        self.takes("[")
        if self.takes("]"):
            return
        while True:
            line, start = self.line, self.place
            value = self.value()
            yield _row(line, self.text[start : min(self.place, start + SHOWN)], value)
            if self.takes("]"):
                return
            if not self.takes(","):
                raise ValueError("expected , or ] after an item")

    def _page(self) -> Iterator[Row]:
        """Yield the items in the list of calls of an object known to be JSON."""
        self.takes("{")
        while not self.takes("}"):
            key = self.value()
            self.takes(":")
            if key == LIST_KEY:
                yield from self._items()
            else:
                self.value()
            self.takes(",")


def _has_list(value: object) -> TypeGuard[dict[str, list[object]]]:
    return (
        isinstance(value, dict)
        and not isinstance(value, _Doubled)
        and isinstance(value.get(LIST_KEY), list)
    )


def _row(line: int, raw: str, value: object) -> Row:
    if not isinstance(value, dict):
        fault = 'it is no object with names; write {"start": ..., "number": ..., "seconds": ...}'
        return Row(line, raw, code="bad-json", fault=fault)
    given = [(name, item) for name, item in value.items() if item is not None]
    columns = {
        column_name(name): item if isinstance(item, str) else json.dumps(item)
        for name, item in given
    }
    if isinstance(value, _Doubled) or len(columns) < len(given):
        fault = "a name stands twice in the object; write it once"
        return Row(line, raw, code="duplicate-field", fault=fault)
    return Row(line, raw, columns)
