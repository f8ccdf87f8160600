"""Whatever bytes a file holds, reading it gives calls or an error of ours."""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from plan_rules.errors import PlanRulesError
from plan_rules.usage import PRESETS, CallFile, read_calls, read_customer

PIECES = (
    b"start,number,seconds\n",
    b"start;number;seconds\r\n",
    b"2026-03-01T12:00:00Z,+525512345678,5\n",
    b"2026-03-08 02:30:00,5512345678,5.5\n",
    b"0001-01-01 00:00:00,9,1e9\n",
    b'"a","b","c","d","e","f","g","h","i","2026-03-01 12:00:00",,"",1,1,"BUSY","x"\n',
    b'{"calls":[',
    b'{"start":"2026-03-01T12:00:00+23:59","number":"+525512345678","seconds":1e999999999}',
    b'{"to":"+525512345678","status":"completed","direction":"outbound-api","duration":7}',
    b'{"id":"a","home":"US","zone":"UTC","anchor":"2026-01-31","facts":{"a":1.5}}',
    b"[",
    b"]",
    b"}",
    b",",
    b'"',
    b"\n",
    b"\0",
    b"\xef\xbb\xbf",
    b"\xff",
    b"\x1f\x8b",
)
CONTENTS = st.lists(st.sampled_from(PIECES) | st.binary(max_size=8), max_size=12).map(b"".join)
NAMES = st.sampled_from(["calls.csv", "calls.json", "calls.jsonl", "calls.csv.gz", "calls"])


@given(
    raw=CONTENTS,
    name=NAMES,
    preset=st.sampled_from(sorted(PRESETS)),
    home=st.sampled_from([None, "US", "IT", "RU"]),
    zone=st.sampled_from([None, "America/New_York", "Pacific/Kiritimati", "Africa/Monrovia"]),
    cut=st.none() | st.integers(0, 40),
)
def test_reading_calls_gives_calls_or_an_error_of_ours(
    raw: bytes, name: str, preset: str, home: str | None, zone: str | None, cut: int | None
) -> None:
    content = raw if cut is None else gzip.compress(raw)[: -cut or None]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        found: CallFile | PlanRulesError
        try:
            found = read_calls(path, preset=preset, home=home, zone=zone)
        except PlanRulesError as error:
            found = error
    if isinstance(found, CallFile):
        assert all(row.code and row.reason and row.line >= 1 for row in found.rejected)
        lines = raw.count(b"\n") + 1
        assert all(row.line <= lines for row in found.rejected)
    else:
        assert str(found)


@given(raw=CONTENTS)
def test_reading_a_customer_gives_a_customer_or_an_error_of_ours(raw: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "customer.json"
        path.write_bytes(raw)
        try:
            assert read_customer(path).id == "a"
        except PlanRulesError as error:
            assert str(error)  # noqa: PT017 - either way it ends well
