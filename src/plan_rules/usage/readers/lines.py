"""The lines of a file, plain or gzipped, with bounded memory and time whatever it holds."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LINE_LIMIT = 64 * 1024
"""Bytes a line may have; a longer one is no row of calls."""

SKIP_LIMIT = 128 * 1024 * 1024
"""Bytes of one line that are passed over before the file is given up."""

LINE_COUNT_LIMIT = 2_000_000
"""Lines a file may have, empty ones included: its calls are held in memory."""

GZIP_MAGIC = b"\x1f\x8b"
BOM = "\ufeff"
BLANK = b"\xef\xbb\xbf \t\r\n"
"""What a line may hold and still be empty; the first three are the byte order mark."""


class NotReadable(Exception):
    """The rest of a file cannot be read; `reason` says why, and the remedy."""

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number counted from 1, its text, and what is wrong with it (or empty)."""

    number: int
    text: str
    code: str = ""
    fault: str = ""


@contextmanager
def opened(path: Path) -> Iterator[io.BufferedReader]:
    """Open a file for reading bytes; one that begins like gzip is decompressed.

    Raises `OSError` as the system does, and `NotReadable` for compressed data that is damaged,
    wherever in the block it shows.
    """
    if "\0" in str(path):
        raise NotReadable("no file has a NUL in its name")
    with path.open("rb") as file:
        try:
            if file.peek(2)[:2] == GZIP_MAGIC:
                with gzip.GzipFile(fileobj=file) as unzipped:
                    yield io.BufferedReader(unzipped)
            else:
                yield file
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            reason = f"the compressed data is damaged ({error}); fetch the file again"
            raise NotReadable(reason) from error


def lines_of(stream: io.BufferedReader) -> Iterator[Line]:
    """Yield every line that holds more than white space.

    A line that is too long, is not UTF-8 or holds a NUL byte is yielded with its fault. Raises
    `NotReadable` for a line that does not end and for too many lines.
    """
    number = 0
    while raw := stream.readline(LINE_LIMIT + 1):
        number += 1
        if number > LINE_COUNT_LIMIT:
            raise NotReadable(
                f"it has more than {LINE_COUNT_LIMIT} lines; split it by customer or month"
            )
        if len(raw) > LINE_LIMIT:
            _pass_over(stream, raw, number)
            fault = f"the line is longer than {LINE_LIMIT} bytes; no row is that long"
            shown = raw[:LINE_LIMIT].decode("utf-8", "replace")
            yield Line(number, shown, "line-too-long", fault)
        elif raw.strip(BLANK):
            yield _decoded(number, raw)


def _pass_over(stream: io.BufferedReader, raw: bytes, number: int) -> None:
    """Read to the end of a line of which `raw` is the beginning."""
    passed = len(raw)
    while raw and not raw.endswith(b"\n"):
        raw = stream.readline(LINE_LIMIT)
        passed += len(raw)
        if passed > SKIP_LIMIT:
            limit = SKIP_LIMIT // 2**20
            raise NotReadable(f"line {number} is longer than {limit} MiB; is it a table?")


def _decoded(number: int, raw: bytes) -> Line:
    try:
        text = raw.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        shown = raw.decode("utf-8", "replace").rstrip("\r\n")
        byte = f"byte {error.start + 1} of the line, 0x{raw[error.start]:02X},"
        return Line(number, shown, "bad-encoding", f"{byte} is not UTF-8; save the file as UTF-8")
    if "\0" in text:
        byte = f"byte {raw.index(0) + 1} of the line is NUL"
        return Line(number, text, "nul-byte", f"{byte}; save the file as plain text in UTF-8")
    return Line(number, text.removeprefix(BOM) if number == 1 else text)
