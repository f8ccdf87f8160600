"""Every row of a call file is a call or a rejected row, whatever else stands in the file."""

from __future__ import annotations

import gzip
import json
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from plan_rules.usage import Call, CallFile, read_calls

HEADER = "start,number,seconds"
DAMAGED = (
    b"2026-13-01T12:00:00Z,+525512345678,5",
    b"2026-03-01T12:00:00,+525512345678,5",
    b"2026-03-01T12:00:00Z,mum,5",
    b"2026-03-01T12:00:00Z,+525512345678,-5",
    b"2026-03-01T12:00:00Z,+525512345678",
    b"2026-03-01T12:00:00Z,+525512345678,5,5",
    b'"2026-03-01T12:00:00Z,+525512345678,5',
    b"2026-03-01T12:00:00Z,\xff,5",
    b"2026-03-01T12:00:00Z,\0,5",
    b"," * 70_000,
    b"NaN",
)


@st.composite
def calls(draw: st.DrawFn) -> Call:
    start = draw(
        st.datetimes(
            min_value=datetime(1970, 1, 2),  # noqa: DTZ001 - the zone comes below
            max_value=datetime(2199, 12, 30),  # noqa: DTZ001
        )
    )
    return Call(
        start=start.replace(tzinfo=UTC, microsecond=0),
        number="+" + draw(st.from_regex(r"[1-9][0-9]{4,14}", fullmatch=True)),
        seconds=draw(st.integers(0, 31 * 86_400)),
    )


def written(call: Call) -> bytes:
    return f"{call.start.isoformat()},{call.number},{call.seconds}".encode()


def read(raw: bytes, *, name: str = "calls.csv") -> CallFile:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(raw)
        return read_calls(path)


@given(
    rows=st.lists(calls() | st.sampled_from(DAMAGED) | st.sampled_from([b"", b" \t"])),
    end=st.sampled_from([b"\n", b"\r\n"]),
    packed=st.booleans(),
)
def test_every_row_is_a_call_or_told_with_its_line(
    rows: list[Call | bytes], end: bytes, *, packed: bool
) -> None:
    texts = [written(row) if isinstance(row, Call) else row for row in rows]
    raw = end.join([HEADER.encode(), *texts])
    found = read(gzip.compress(raw, 1) if packed else raw)
    assert list(found.calls) == sorted(row for row in rows if isinstance(row, Call))
    assert [row.line for row in found.rejected] == [
        line for line, row in enumerate(rows, start=2) if isinstance(row, bytes) and row.strip()
    ]
    assert found.rows == len(found.calls) + len(found.rejected)


@given(rows=st.lists(calls()), random=st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows: list[Call], random: Random) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    texts = [b"\n".join([HEADER.encode(), *map(written, each)]) for each in (rows, shuffled)]
    assert read(texts[0]) == read(texts[1])


@given(rows=st.lists(calls(), min_size=1), indent=st.sampled_from([None, 1]))
def test_json_and_csv_hold_the_same_calls(rows: list[Call], indent: int | None) -> None:
    items = [
        {"start": call.start.isoformat(), "number": call.number, "seconds": call.seconds}
        for call in rows
    ]
    lines = "\n".join(json.dumps(item) for item in items).encode()
    assert read(json.dumps(items, indent=indent).encode(), name="calls.json").calls == tuple(
        sorted(rows)
    )
    assert (
        read(lines, name="calls.jsonl")
        == read(lines, name="calls")
        == read(json.dumps({"calls": items}, indent=indent).encode(), name="calls.json")
    )


@given(call=calls(), away=st.integers(-14 * 60, 14 * 60))
def test_the_zone_a_start_is_written_in_does_not_matter(call: Call, away: int) -> None:
    sign = "-" if away < 0 else "+"
    wall = (call.start + timedelta(minutes=away)).replace(tzinfo=None)
    offset = f"{sign}{abs(away) // 60:02}:{abs(away) % 60:02}"
    row = f"{wall.isoformat()}{offset},{call.number},{call.seconds}"
    assert read(f"{HEADER}\n{row}".encode()).calls == (call,)
