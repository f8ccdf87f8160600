"""The lines of a file, plain or gzipped, with bounded memory whatever the file holds."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

LINE_LIMIT = 64 * 1024
"""Bytes a line may have; a longer one is no row of calls."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number counted from 1, its text, and what is wrong with it (or empty)."""

    number: int
    text: str
    fault: str = ""
    code: str = ""


def lines_of(path: Path) -> Iterator[Line]:
    """Yield every line of a file that holds more than white space.

    A line that is too long, is not UTF-8 or holds a NUL byte is yielded with its fault; what a
    damaged gzip file still holds is yielded, then its fault.
    """
    with _opened(path) as stream:
        number = 0
        while True:
            number += 1
            try:
                raw = stream.readline(LINE_LIMIT + 1)
                long = len(raw) > LINE_LIMIT
                while long and raw and not raw.endswith(b"\n"):
                    raw = stream.readline(LINE_LIMIT)
            except (OSError, EOFError, zlib.error) as error:
                yield Line(number, "", f"the compressed file is damaged here ({error})", "damaged")
                return
            if not raw and not long:
                return
            if long:
                fault = f"the line is longer than {LINE_LIMIT} bytes"
                yield Line(number, "", fault, "line-too-long")
            elif raw.strip():
                yield _decoded(number, raw)


def first_character(path: Path) -> str:
    """Return the first character of a file that is no white space, or an empty text.

    Only the first lines' worth of bytes is looked at.
    """
    try:
        with _opened(path) as stream:
            head = stream.read(LINE_LIMIT).decode("utf-8-sig", "replace").lstrip()
    except (EOFError, gzip.BadGzipFile, zlib.error):
        return ""
    return head[:1]


def whole_text(path: Path, *, limit: int) -> Line:
    """Return all of a file as one line, with its fault if it is larger than `limit` bytes."""
    try:
        with _opened(path) as stream:
            raw = stream.read(limit + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        return Line(1, "", f"the compressed file is damaged ({error})", "damaged")
    if len(raw) > limit:
        fault = f"the array is larger than {limit} bytes; write one object a line (.jsonl)"
        return Line(1, "", fault, "too-large")
    return _decoded(1, raw)


def _opened(path: Path) -> IO[bytes]:
    if path.suffix == ".gz":
        return cast("IO[bytes]", gzip.open(path, "rb"))
    return path.open("rb")


def _decoded(number: int, raw: bytes) -> Line:
    encoding = "utf-8-sig" if number == 1 else "utf-8"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        shown = raw.decode("utf-8", "replace")
        fault = f"byte {error.start + 1} of the line is not UTF-8; save the file as UTF-8"
        return Line(number, shown.rstrip("\r\n"), fault, "bad-encoding")
    if "\0" in text:
        return Line(
            number, text.replace("\0", "?").rstrip("\r\n"), "the line holds a NUL byte", "nul-byte"
        )
    return Line(number, text.rstrip("\r\n"))
