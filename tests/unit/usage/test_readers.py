from __future__ import annotations

import gzip
import json
from datetime import datetime
from pathlib import Path

import pytest

from plan_rules.errors import InvalidValue, UnknownId
from plan_rules.usage import CallFile, CallsRejected, UnreadableFile, read_calls

HEADER = "start,number,seconds\n"
GOOD = "2026-03-01T18:30:00-05:00,+525512345678,95\n"


def read(tmp_path: Path, text: str | bytes, name: str = "calls.csv", **given: object) -> CallFile:
    path = tmp_path / name
    data = text.encode() if isinstance(text, str) else text
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    settings: dict[str, object] = {"home": "US", "zone": "America/New_York", **given}
    return read_calls(path, **settings)  # type: ignore[arg-type]


def test_rows_become_calls(tmp_path: Path) -> None:
    found = read(tmp_path, HEADER + GOOD + "2026-03-01 18:30:00,011 44 20 7946 0000,0.2\n")
    assert [call.number for call in found.calls] == ["+525512345678", "+442079460000"]
    assert [call.seconds for call in found.calls] == [95, 1]
    assert (found.rows, found.unanswered, found.rejected) == (2, 0, ())


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("yesterday,+525512345678,95", "bad-start"),
        ("2026-03-08 02:30:00,+525512345678,95", "skipped-hour"),
        ("2026-03-01 18:30:00,mum,95", "bad-number"),
        ("2026-03-01 18:30:00,+525512345678,-1", "bad-duration"),
        ("2026-03-01 18:30:00,+525512345678,nan", "bad-duration"),
        ("2026-03-01 18:30:00,+525512345678,long", "bad-duration"),
        ("2026-03-01 18:30:00,+525512345678,9999999", "bad-duration"),
        ("2026-03-01 18:30:00,,95", "missing-field"),
        (",+525512345678,95", "missing-field"),
        ("2026-03-01 18:30:00,+525512345678", "column-count"),
        ('2026-03-01 18:30:00,"+525512345678,95', "bad-csv"),
        ("2026-03-01 18:30:00,+5255\x0012345678,95", "nul-byte"),
        ("x" * 70_000, "line-too-long"),
    ],
)
def test_a_bad_row_is_reported_with_its_line(tmp_path: Path, row: str, code: str) -> None:
    found = read(tmp_path, HEADER + GOOD + row + "\n" + GOOD)
    assert len(found.calls) == 2
    (rejected,) = found.rejected
    assert (rejected.line, rejected.code) == (3, code)
    assert rejected.reason
    with pytest.raises(CallsRejected) as refused:
        read(tmp_path, HEADER + row + "\n", strict=True)
    assert len(refused.value.rejected) == 1


def test_bytes_that_are_no_text_are_reported(tmp_path: Path) -> None:
    found = read(tmp_path, HEADER.encode() + b"2026-03-01 18:30:00,\xff,5\n")
    assert [row.code for row in found.rejected] == ["bad-encoding"]


def test_a_naive_timestamp_needs_a_zone(tmp_path: Path) -> None:
    found = read(tmp_path, HEADER + "2026-03-01 18:30:00,+525512345678,95\n", zone=None)
    assert [row.code for row in found.rejected] == ["naive-start"]


def test_of_a_repeated_hour_the_first_is_meant(tmp_path: Path) -> None:
    found = read(tmp_path, HEADER + "2026-11-01 01:30:00,+525512345678,95\n")
    assert (
        found.calls[0].start.utcoffset()
        == datetime.fromisoformat("2026-11-01T01:30:00-04:00").utcoffset()
    )


@pytest.mark.parametrize("name", ["calls.json", "calls.jsonl", "calls.json.gz", "lines.json"])
def test_json_says_the_same(tmp_path: Path, name: str) -> None:
    rows = [
        {"start": "2026-03-01T18:30:00Z", "number": "+525512345678", "seconds": 1.5},
        {"start": "2026-03-01T18:30:00Z", "number": None, "seconds": 1},
        "no object",
    ]
    text = json.dumps(rows)
    if name in {"calls.jsonl", "lines.json"}:
        text = "\n".join(json.dumps(row) for row in rows)
    found = read(tmp_path, text, name)
    assert [call.seconds for call in found.calls] == [2]
    assert [row.code for row in found.rejected] == ["missing-field", "bad-json"]


@pytest.mark.parametrize("text", ["[1,", "[" * 100_000, "{]"])
def test_what_is_no_json_is_reported(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, text, "calls.json")
    assert {row.code for row in found.rejected} <= {"bad-json", "line-too-long"}
    assert found.rejected


def test_an_array_on_one_long_line_is_read_whole(tmp_path: Path) -> None:
    row = {"start": "2026-03-01T18:30:00Z", "number": "+525512345678", "seconds": 1}
    found = read(tmp_path, json.dumps([row] * 3000), "calls.json")
    assert len(found.calls) == 3000
    damaged = tmp_path / "calls.json.gz"
    damaged.write_bytes(gzip.compress(json.dumps([row] * 3000).encode())[:-9])
    assert [each.code for each in read_calls(damaged).rejected] == ["damaged"]


def test_a_long_last_line_is_reported_too(tmp_path: Path) -> None:
    found = read(tmp_path, HEADER + GOOD + "x" * 200_000)
    assert [row.code for row in found.rejected] == ["line-too-long"]


def test_a_damaged_gzip_file_gives_what_it_holds_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv.gz"
    whole = gzip.compress((HEADER + GOOD * 2000).encode())
    path.write_bytes(whole[: len(whole) - 12])
    found = read_calls(path)
    assert [row.code for row in found.rejected] == ["damaged"]
    path.write_bytes(b"no gzip at all")
    assert [row.code for row in read_calls(path).rejected] == ["damaged"]


def test_columns_can_be_named(tmp_path: Path) -> None:
    text = "when,to,for\n2026-03-01T18:30:00Z,+525512345678,7\n"
    columns = {"start": "when", "number": "to", "seconds": "for"}
    assert read(tmp_path, text, columns=columns).calls[0].seconds == 7
    with pytest.raises(InvalidValue) as missing:
        read(tmp_path, text)
    assert missing.value.name == "header"
    with pytest.raises(InvalidValue):
        read(tmp_path, text, columns={"when": "start"})


def test_misuse_is_an_exception(tmp_path: Path) -> None:
    with pytest.raises(UnknownId) as preset:
        read(tmp_path, HEADER, preset="asterix")
    assert "asterisk" in preset.value.closest
    with pytest.raises(UnreadableFile):
        read_calls(tmp_path / "nowhere.csv")
    with pytest.raises(UnreadableFile):
        read_calls(tmp_path)
    with pytest.raises(InvalidValue):
        read(tmp_path, HEADER + GOOD, zone="Mars/Olympus")
    with pytest.raises(InvalidValue) as home:
        read(tmp_path, HEADER + "2026-03-01 18:30:00,5551234567,1\n", home="QQ")
    assert home.value.name == "home"


MASTER = (
    '"","100","01152{number}","from-internal","""Anna, at home"" <100>","PJSIP/1","PJSIP/2","Dial",'
    '"PJSIP/x,60","2026-06-01 18:29:52","{answer}","2026-06-01 18:31:35",103,95,"{outcome}",'
    '"DOCUMENTATION"'
)


@pytest.mark.parametrize("more", ["", ',"1780000000.1"', ',"a","b","c","d",5'])
def test_asterisk_master_csv_is_read(tmp_path: Path, more: str) -> None:
    answered = MASTER.format(number="5512345678", answer="2026-06-01 18:30:00", outcome="ANSWERED")
    missed = MASTER.format(number="5512345678", answer="", outcome="NO ANSWER")
    text = "\n".join((answered + more, missed + more, '"too","short"'))
    found = read(tmp_path, text, "Master.csv", preset="asterisk")
    assert [call.seconds for call in found.calls] == [95, 0]
    assert [call.start.isoformat() for call in found.calls] == [
        "2026-06-01T18:30:00-04:00",
        "2026-06-01T18:29:52-04:00",
    ]
    assert found.unanswered == 1
    assert [row.code for row in found.rejected] == ["column-count"]


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[int] = []
    read(tmp_path, HEADER + GOOD * 2500, progress=told.append)
    assert told == [1000, 2000]


def test_empty_lines_and_a_byte_order_mark_are_passed_over(tmp_path: Path) -> None:
    found = read(tmp_path, "\ufeff" + HEADER + "\r\n\n" + GOOD)
    assert found.rows == 1
    assert read(tmp_path, "").rows == 0
