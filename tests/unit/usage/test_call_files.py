from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from plan_rules.errors import InvalidValue, UnknownId
from plan_rules.usage import Call, CallsRejected, UnreadableFile, read_calls
from plan_rules.usage.readers import json_rows, lines

HEADER = "start,number,seconds\n"
MEXICO = "+525512345678"
GOOD = f"2026-03-01T12:00:00Z,{MEXICO},95"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CALL = Call(start=NOON, number=MEXICO, seconds=95)


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def written(content: str | bytes, name: str = "calls.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return written


def rejections(path: Path, **options: Any) -> list[tuple[int, str]]:
    return [(row.line, row.code) for row in read_calls(path, **options).rejected]


# What is read


@pytest.mark.parametrize(
    "content",
    [
        HEADER + GOOD,
        "\ufeff" + HEADER.replace("\n", "\r\n") + GOOD + "\r\n\r\n",
        f"\n \nseconds,number,start,notes\n95,{MEXICO},2026-03-01 12:00:00 +0000,a",
        f"Start Time;Called-Number;DURATION\n2026-03-01T06:00-06:00;{MEXICO};94.2",
        f"answer\tdst\tbillsec\tduration\n2026-03-01T12:00:00.5z\t{MEXICO}\t95\t120",
        f'start,number,seconds\n"Sun, 1 Mar 2026 12:00:00 GMT", "{MEXICO}", 95.000',
        "start,number,seconds\n1 Mar 2026 13:00:00 +0100,tel:+52 (55) 1234-5678,95",
    ],
)
def test_csv_with_a_header_is_read(content: str, write: Any) -> None:
    found = read_calls(write(content))
    assert found.calls == (CALL,)
    assert (found.rejected, found.rows, found.unanswered) == ((), 1, 0)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("calls.json", '[{"start":"2026-03-01T12:00:00Z","number":"+525512345678","seconds":95}]'),
        ("calls", ' [\n{"start":"2026-03-01T12:00:00Z","dst":"+525512345678","seconds":"94.1"}]'),
        ("calls.json", '{"start":"2026-03-01T12:00Z","number":"+525512345678","billsec":94.0001}'),
        (
            "x",
            '{"page":0, "calls":[{"start":"2026-03-01T12:00Z","to":"+525512345678","Seconds":95}]}',
        ),
        ("c.jsonl", '\n{"start":"2026-03-01T12:00Z","number":"+525512345678","seconds":95}\n'),
        ("c.ndjson", '{"calls":[{"start":"2026-03-01T12:00Z","to":"+525512345678","seconds":95}]}'),
    ],
)
def test_json_is_read_by_the_same_names(name: str, content: str, write: Any) -> None:
    assert read_calls(write("\ufeff" + content, name)).calls == (CALL,)
    assert read_calls(write(gzip.compress(content.encode()), name)).calls == (CALL,)


def test_one_object_a_line_is_told_by_the_first_two(write: Any) -> None:
    line = '{"start":"2026-03-01T12:00Z","number":"+525512345678","seconds":95}\n'
    found = read_calls(write(line * 2 + "{" + "\n" + line, "calls.txt"))
    assert found.calls == (CALL,) * 3
    assert [(row.line, row.code) for row in found.rejected] == [(3, "bad-json")]


def test_calls_come_in_the_order_they_are_rated_and_twins_are_kept(write: Any) -> None:
    early = "2026-03-01T11:59:59Z,+442071838750,5"
    found = read_calls(write(f"{HEADER}{GOOD}\n{early}\n{GOOD}"))
    assert [call.seconds for call in found.calls] == [5, 95, 95]


def test_calls_of_no_seconds_are_unanswered_calls(write: Any) -> None:
    found = read_calls(write(HEADER + GOOD.replace("95", "0")))
    assert (found.rows, found.unanswered) == (1, 1)


def test_customers_are_told_apart(write: Any) -> None:
    found = read_calls(write(f"customer_id,{HEADER}ada,{GOOD}\n,{GOOD}"))
    assert [call.customer_id for call in found.calls] == ["", "ada"]


def test_national_and_foreign_numbers_are_as_dialed_at_home(write: Any) -> None:
    rows = [GOOD.replace(MEXICO, dialed) for dialed in ("011525512345678", "2025550100")]
    found = read_calls(write("\n".join([HEADER.strip(), *rows])), home="US")
    assert [call.number for call in found.calls] == ["+12025550100", MEXICO]


def test_a_file_with_a_header_alone_has_no_calls(write: Any) -> None:
    assert read_calls(write(HEADER)).rows == 0
    assert read_calls(write("[]", "calls.json")).rows == 0
    assert read_calls(write('{"calls": [], "page": 0}', "calls.json")).rows == 0


def test_progress_is_told_now_and_then_and_at_the_end(write: Any) -> None:
    told: list[int] = []
    read_calls(write(HEADER + (GOOD + "\n") * 2500), progress=told.append)
    assert told == [1000, 2000, 2500]


# Columns of other names


def test_fields_may_be_mapped_to_columns(write: Any) -> None:
    path = write(f"When,Whom,How Long,Who\n{GOOD},ada")
    columns = {"start": "When", "number": "whom", "seconds": "how_long", "customer_id": "who"}
    (call,) = read_calls(path, columns=columns).calls
    assert (call, call.customer_id) == (Call(NOON, MEXICO, 95, "ada"), "ada")


def test_a_mapped_column_must_be_there(write: Any) -> None:
    with pytest.raises(InvalidValue) as refused:
        read_calls(write(HEADER + GOOD), columns={"customer_id": "who"})
    assert refused.value.name == "header"
    assert "`who`" in refused.value.expected
    path = write('[{"start":"2026-03-01T12:00Z","number":"+525512345678","seconds":1}]', "c.json")
    assert rejections(path, columns={"customer_id": "who"}) == [(1, "missing-field")]


def test_columns_of_a_file_without_header_can_be_mapped(write: Any) -> None:
    row = '"acme","1","{}","c","x","x","x","x","x","{}","{}","{}",9,5,"ANSWERED","BILL"'
    path = write(row.format(MEXICO, *["2026-03-01 12:00:00"] * 3))
    mapped = {"customer_id": "accountcode", "seconds": "duration"}
    (call,) = read_calls(path, preset="asterisk", zone="UTC", columns=mapped).calls
    assert (call.customer_id, call.seconds) == ("acme", 9)
    with pytest.raises(InvalidValue) as refused:
        read_calls(path, preset="asterisk", columns={"customer_id": "acountcode"})
    assert "`accountcode`" in refused.value.expected


@pytest.mark.parametrize(
    ("field", "hint"), [("secs", "seconds"), ("destination", "number"), ("", "start")]
)
def test_only_fields_can_be_mapped(field: str, hint: str, write: Any) -> None:
    with pytest.raises(InvalidValue) as refused:
        read_calls(write(HEADER), columns={field: "x"})
    assert refused.value.name == "columns"
    assert hint in refused.value.expected


@pytest.mark.parametrize(
    ("header", "hint"),
    [
        ("start,numbr,seconds", "`numbr`"),
        ("start;numbr;seconds", "`numbr`"),
        ("x,y", "x, y"),
        ('start,"number,seconds', "start"),
        ("x" * 70_000, "65536"),
        ("st\0art,number,seconds", "NUL"),
        ("start,number,seconds,number", "once"),
    ],
)
def test_a_header_without_the_columns_is_refused(header: str, hint: str, write: Any) -> None:
    with pytest.raises(InvalidValue) as refused:
        read_calls(write(header + "\n" + GOOD))
    assert refused.value.name == "header"
    assert hint in refused.value.expected


# Time


def test_a_wall_clock_is_taken_in_the_declared_zone(write: Any) -> None:
    (call,) = read_calls(
        write(HEADER + GOOD.replace("T12:00:00Z", " 06:00:00")), zone="America/Chicago"
    ).calls
    assert call == CALL


def test_of_a_repeated_hour_the_first_is_meant(write: Any) -> None:
    path = write(HEADER + f"2026-11-01 01:30:00,{MEXICO},95")
    (call,) = read_calls(path, zone="America/New_York").calls
    assert call.start.utcoffset() == timedelta(hours=-4)


@pytest.mark.parametrize("zone", [None, "America/New_York"])
def test_a_wall_clock_that_does_not_say_when_is_rejected(zone: str | None, write: Any) -> None:
    path = write(HEADER + f"2026-03-08 02:30:00,{MEXICO},95")
    assert rejections(path, zone=zone) == [(2, "skipped-hour" if zone else "naive-start")]
    assert "--zone" in read_calls(path, zone=zone).rejected[0].reason


@pytest.mark.parametrize(
    "start",
    [
        "yesterday",
        "2026-03-01",
        "20260301T120000Z",
        "2026-02-29T12:00:00Z",
        "2026-03-01T24:00:00Z",
        "2026-03-01T23:59:60Z",
        "2026-03-01T12:00:00+25:00",
        "2026-03-01T12:00:00+01:60",
        "1 Foo 2026 12:00:00 GMT",
        "1772366400",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00+01:00",
        "2200-01-01T00:00:00Z",
        "2199-12-31T23:59:59-01:00",
        "0001-01-01 00:00:00",
        "9999-12-31 23:59:59",
        "\u0662\u0660\u0662\u0666-03-01T12:00:00Z",
        "x" * 60_000,
    ],
)
def test_what_is_no_timestamp_of_our_time_is_rejected(start: str, write: Any) -> None:
    found = read_calls(write(HEADER + f"{start},{MEXICO},95"), zone="Pacific/Kiritimati")
    assert [row.code for row in found.rejected] == ["bad-start"]
    assert start[:20] in found.rejected[0].reason
    assert len(found.rejected[0].reason) < 250
    assert len(found.rejected[0].raw) <= 120


# Rows that are no calls


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (f"2026-03-01T12:00:00Z,{MEXICO},", "missing-field"),
        ("2026-03-01T12:00:00Z,,95", "missing-field"),
        (f",{MEXICO},95", "missing-field"),
        (",,", "missing-field"),
        (f"2026-03-01T12:00:00Z,{MEXICO},-1", "bad-seconds"),
        (f"2026-03-01T12:00:00Z,{MEXICO},1e3", "bad-seconds"),
        (f"2026-03-01T12:00:00Z,{MEXICO},1_0", "bad-seconds"),
        (f"2026-03-01T12:00:00Z,{MEXICO},NaN", "bad-seconds"),
        (f"2026-03-01T12:00:00Z,{MEXICO},1:35", "bad-seconds"),
        (f"2026-03-01T12:00:00Z,{MEXICO},2678401", "bad-seconds"),
        (f"2026-03-01T12:00:00Z,{MEXICO},{'9' * 5000}", "bad-seconds"),
        ("2026-03-01T12:00:00Z,mum,95", "bad-number"),
        ("2026-03-01T12:00:00Z,2025550100,95", "bad-number"),
        ("2026-03-01T12:00:00Z,+5255", "column-count"),
        (GOOD + ",1", "column-count"),
        ("," * 60_000, "column-count"),
        (f'2026-03-01T12:00:00Z,"{MEXICO},95', "bad-csv"),
        (f'"2026"x,{MEXICO},95', "bad-csv"),
        (f"2026-03-01T12:00:00Z\rx,{MEXICO},95", "bad-csv"),
        (GOOD + "\0", "nul-byte"),
        (GOOD + " " * 65_536, "line-too-long"),
    ],
)
def test_a_row_that_is_no_call_is_told_and_spoils_no_other(row: str, code: str, write: Any) -> None:
    path = write(f"{HEADER}{GOOD}\n\n{row}\n{GOOD}")
    found = read_calls(path)
    assert found.calls == (CALL, CALL)
    (rejected,) = found.rejected
    assert (rejected.file, rejected.line, rejected.code) == (str(path), 4, code)
    assert str(rejected) == f"{path}:4: {rejected.reason}"
    assert found.rows == 3


def test_a_byte_that_is_not_utf_8_is_named(write: Any) -> None:
    (rejected,) = read_calls(write(HEADER.encode() + b"2026-03-01T12:00:00Z,\xe9t\xe9,95")).rejected
    assert rejected.code == "bad-encoding"
    assert "byte 22" in rejected.reason
    assert "0xE9" in rejected.reason


def test_what_is_shown_cannot_disturb_a_terminal(write: Any) -> None:
    (rejected,) = read_calls(write(HEADER + "\x1b[2J,+5255,1")).rejected
    assert "\x1b" not in rejected.reason + rejected.raw


def test_strictly_any_rejected_row_is_refused_with_all_of_them(write: Any) -> None:
    path = write(HEADER + "x,y,z\n" + GOOD + "\n,,\n")
    with pytest.raises(CallsRejected) as refused:
        read_calls(path, strict=True)
    assert [row.line for row in refused.value.rejected] == [2, 4]
    assert read_calls(write(HEADER + GOOD), strict=True).calls == (CALL,)


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ("5", "bad-json"),
        ("null", "bad-json"),
        ("[]", "bad-json"),
        ("{}", "missing-field"),
        ('{"start":null,"number":"+525512345678","seconds":5}', "missing-field"),
        ('{"start":"2026-03-01T12:00Z","number":"+525512345678","seconds":true}', "bad-seconds"),
        ('{"start":"2026-03-01T12:00Z","number":"+525512345678","seconds":NaN}', "bad-seconds"),
        ('{"start":"2026-03-01T12:00Z","number":["+5255"],"seconds":5}', "bad-number"),
        (
            '{"start":"2026-03-01T12:00Z","number":"+52551234","seconds":5,"seconds":6}',
            "duplicate-field",
        ),
        (
            '{"start":"2026-03-01T12:00Z","number":"+52551234","seconds":5,"Seconds":6}',
            "duplicate-field",
        ),
    ],
)
def test_an_item_that_is_no_call_is_told_by_its_line(item: str, code: str, write: Any) -> None:
    good = '{"start":"2026-03-01T12:00:00Z",\n "number":"+525512345678","seconds":95}'
    array = f"[\n{good},\n\n{item}\n,{good}\n]"
    found = read_calls(write(array, "calls.json"))
    assert found.calls == (CALL, CALL)
    assert [(row.line, row.code) for row in found.rejected] == [(5, code)]
    page = f'{{"next": {{"a": []}},\n"calls":\n{array}, "end": [1]}}'
    found = read_calls(write(page, "calls.json"))
    assert found.calls == (CALL, CALL)
    assert [(row.line, row.code) for row in found.rejected] == [(7, code)]
    one_line = good.replace("\n", "")
    found = read_calls(write(f"{one_line}\n{item}\n{one_line}", "calls.jsonl"))
    assert found.calls == (CALL, CALL)
    assert [(row.line, row.code) for row in found.rejected] == [(2, code)]


# Files that cannot be read


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("blank.csv", b"\xef\xbb\xbf \r\n\n"),
        ("empty.json", b" \n"),
        ("empty.jsonl", b""),
        ("half.json", b'[{"start": "2026'),
        ("half.json", b"[1, 2"),
        ("half", b'{"start": 1,\n{'),
        ("half.json", b"[1 2]"),
        ("no.json", b"start,number,seconds"),
        ("latin.json", b'["\xe9"]'),
        ("deep.json", b"[" + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"]"),
        ("twice.json", b'{"calls":[],"calls":[}'),
        ("damaged.csv.gz", gzip.compress(HEADER.encode() * 1000, mtime=0)[:-20]),
        ("damaged.csv.gz", b"\x1f\x8b" + b"\0" * 40),
    ],
)
def test_a_file_that_is_no_call_file_is_refused(name: str, content: bytes, write: Any) -> None:
    path = write(content, name)
    with pytest.raises(UnreadableFile) as refused:
        read_calls(path)
    assert refused.value.path == path
    assert refused.value.reason


def test_an_object_that_holds_its_calls_twice_is_rejected(write: Any) -> None:
    assert rejections(write('{"calls":[],"calls":[]}', "c.json")) == [(1, "duplicate-field")]


def test_an_empty_asterisk_file_is_refused(write: Any) -> None:
    with pytest.raises(UnreadableFile):
        read_calls(write("", "Master.csv"), preset="asterisk")


@pytest.mark.parametrize("name", ["missing.csv", "", "a\0b"])
def test_a_file_that_is_not_there_is_told(name: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read_calls(tmp_path / name)
    assert refused.value.path == tmp_path / name


def test_options_are_checked_before_the_file() -> None:
    with pytest.raises(UnknownId) as preset:
        read_calls("nowhere.csv", preset="asterix")
    assert preset.value.closest == "did you mean `asterisk`?"
    with pytest.raises(InvalidValue) as home:
        read_calls("nowhere.csv", home="us")
    assert home.value.name == "home"
    with pytest.raises(InvalidValue) as zone:
        read_calls("nowhere.csv", zone="Mars/Olympus")
    assert zone.value.name == "zone"


def test_a_line_without_end_is_passed_over_within_bounds(
    write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "SKIP_LIMIT", 300_000)
    assert rejections(write(HEADER + "," * 200_000 + "\n" + GOOD)) == [(2, "line-too-long")]
    assert rejections(write(HEADER + "," * 200_000)) == [(2, "line-too-long")]
    with pytest.raises(UnreadableFile):
        read_calls(write(gzip.compress(b"," * 400_000)))


def test_a_file_has_so_many_lines_and_no_more(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LINE_COUNT_LIMIT", 3)
    assert read_calls(write(HEADER + GOOD + "\n\n")).rows == 1
    with pytest.raises(UnreadableFile):
        read_calls(write(HEADER + GOOD + "\n\n\n"))


def test_json_is_read_whole_up_to_a_size(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_rows, "SIZE_LIMIT", 10)
    assert read_calls(write("[]" + " " * 8, "calls.json")).rows == 0
    with pytest.raises(UnreadableFile):
        read_calls(write("[]" + " " * 9, "calls.json"))


# Presets


def asterisk(
    disposition: str = "ANSWERED", *, answer: str = "2026-03-01 12:00:08", more: str = ""
) -> str:
    answered = f'"{answer}"' if answer else ""
    return (
        '"home","16465550100","011525512345678","from-internal",'
        '"""Ada, at home"" <16465550100>","SIP/a-1","SIP/b-1","Dial","SIP/b/5255,60,r",'
        f'"2026-03-01 12:00:00",{answered},"2026-03-01 12:01:43",103,95,'
        f'"{disposition}","DOCUMENTATION"{more}'
    )


@pytest.mark.parametrize(
    "more", ["", ',"1772366400.1"', ',"1772366400.1",""', ',"a","b, c","d","e",5']
)
def test_asterisk_writes_sixteen_columns_and_up_to_five_more(more: str, write: Any) -> None:
    (call,) = read_calls(write(asterisk(more=more)), preset="asterisk", home="US", zone="UTC").calls
    assert (call.start, call.number, call.seconds) == (
        datetime(2026, 3, 1, 12, 0, 8, tzinfo=UTC),
        MEXICO,
        95,
    )


@pytest.mark.parametrize("word", ["NO ANSWER", "BUSY", "FAILED", "CONGESTION", "UNKNOWN"])
def test_asterisk_calls_nobody_answered_are_of_no_seconds(word: str, write: Any) -> None:
    path = write(asterisk(word, answer=""))
    (call,) = read_calls(path, preset="asterisk", home="US", zone="UTC").calls
    assert (call.start, call.seconds) == (NOON, 0)


def test_asterisk_words_nobody_knows_are_not_guessed(write: Any) -> None:
    path = write(f"{asterisk('ANSWERD')}\n{asterisk('')}\n{asterisk()},1,2,3,4,5,6\n{asterisk()}")
    assert rejections(path, preset="asterisk", home="US") == [
        (1, "unknown-status"),
        (2, "unknown-status"),
        (3, "column-count"),
        (4, "naive-start"),
    ]


def freeswitch(answer: str = "2026-03-01 12:00:00", billsec: int = 95, more: str = "") -> str:
    return (
        '"Ada, at home","1001","0052 55 1234 5678","default","2026-03-01 11:59:50",'
        f'"{answer}","2026-03-01 12:01:35","105","{billsec}","NORMAL_CLEARING",'
        f'"a5c9f6c0","", "ada","PCMU","PCMU"{more}'
    )


def test_freeswitch_templates_are_read(write: Any) -> None:
    rows = [freeswitch(), freeswitch("", 0), freeswitch(more=',"snom/8"' + ',""' * 4)]
    found = read_calls(write("\n".join(rows)), preset="freeswitch", home="DE", zone="UTC")
    assert [call.seconds for call in found.calls] == [0, 95, 95]
    assert found.calls[0].start == NOON - timedelta(seconds=10)
    assert found.calls[1] == CALL


def test_freeswitch_templates_of_other_columns_are_rejected(write: Any) -> None:
    sql = f"INSERT INTO cdr VALUES ({freeswitch()});"  # noqa: S608 - a template, not a query
    asterisk_like = ",".join(["x"] * 18)
    path = write(f"{sql[:120]}\n{asterisk_like}")
    assert [row.line for row in read_calls(path, preset="freeswitch", zone="UTC").rejected] == [
        1,
        2,
    ]


def twilio(**changes: object) -> dict[str, object]:
    return {
        "sid": "CA1",
        "to": MEXICO,
        "from": "+12025550100",
        "status": "completed",
        "direction": "outbound-api",
        "start_time": "Sun, 01 Mar 2026 12:00:00 +0000",
        "date_created": "Sun, 01 Mar 2026 11:59:50 +0000",
        "duration": "95",
        "price": None,
        **changes,
    }


def test_twilio_pages_arrays_and_lines_are_read(write: Any) -> None:
    page = {"first_page_uri": "/x?Page=0", "calls": [twilio(), twilio()], "page": 0}
    for name, content in [
        ("page.json", json.dumps(page, indent=2)),
        ("page.json", json.dumps(page)),
        ("calls.json", json.dumps([twilio(), twilio()])),
        ("calls.jsonl", f"{json.dumps(twilio())}\n" * 2),
        ("pages.json", f"{json.dumps({'calls': [twilio()]})}\n" * 2),
    ]:
        assert read_calls(write(content, name), preset="twilio").calls == (CALL, CALL)


@pytest.mark.parametrize("status", ["busy", "failed", "no-answer", "canceled"])
def test_twilio_calls_nobody_answered_are_of_no_seconds(status: str, write: Any) -> None:
    row = twilio(status=status, duration=None, start_time=None)
    (call,) = read_calls(write(json.dumps([row]), "c.json"), preset="twilio").calls
    assert (call.seconds, call.start) == (0, NOON - timedelta(seconds=10))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": "in-progress"}, "unfinished-call"),
        ({"status": "gone"}, "unknown-status"),
        ({"status": None}, "unknown-status"),
        ({"direction": "inbound"}, "incoming-call"),
        ({"direction": "trunking-originating"}, "incoming-call"),
        ({"direction": None}, "missing-field"),
        ({"to": "client:ada"}, "bad-number"),
        ({"to": "sip:ada@example.com"}, "bad-number"),
        ({"duration": None}, "missing-field"),
        ({"start_time": None, "date_created": None}, "bad-start"),
    ],
)
def test_twilio_rows_that_are_no_calls_of_the_customer_are_told(
    changes: dict[str, object], code: str, write: Any
) -> None:
    path = write(json.dumps([twilio(**changes)]), "calls.json")
    assert rejections(path, preset="twilio") == [(1, code)]


def test_twilio_rows_in_csv_need_the_columns_that_say_what_became_of_them(write: Any) -> None:
    with pytest.raises(InvalidValue) as refused:
        read_calls(write(f"start_time,to,duration,status\n{GOOD},completed"), preset="twilio")
    assert "`direction`" in refused.value.expected
    path = write(f"start_time,to,duration,status,direction\n{GOOD},completed,outbound-dial")
    assert read_calls(path, preset="twilio").calls == (CALL,)


def test_a_line_of_json_that_is_not_utf_8_spoils_no_other(write: Any) -> None:
    line = b'{"start":"2026-03-01T12:00Z","number":"+525512345678","seconds":95}\n'
    found = read_calls(write(line + b'{"start":"\xe9"}\n' + line, "calls.jsonl"))
    assert found.calls == (CALL, CALL)
    assert [(row.line, row.code) for row in found.rejected] == [(2, "bad-encoding")]
