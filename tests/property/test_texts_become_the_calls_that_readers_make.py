"""A text is a number, a duration or an instant to the batch exactly if it is to the readers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import example, given
from hypothesis import strategies as st

from plan_rules.batch.intake.buffers import texts_of
from plan_rules.batch.intake.parsing import (
    NAIVE,
    UNREADABLE,
    read_dates,
    read_numbers,
    read_seconds,
    read_starts,
)
from plan_rules.periods import epoch_seconds
from plan_rules.usage.call import LAST_EPOCH
from plan_rules.usage.customer import customer_from_mapping
from plan_rules.usage.readers.fields import ISO, MAX_SECONDS, Refused, _seconds, _start

DIGITS = st.text("0123456789", max_size=17)
ANYTHING = st.text("0123456789+-.:TZz e\t", max_size=28)


def many(read: object, texts: list[str]) -> list[int]:
    columns = texts_of(pa.array(texts, pa.string()))
    return read(columns.offsets, columns.data).tolist()  # type: ignore[operator,no-any-return]


@given(st.lists(st.tuples(DIGITS, st.sampled_from(["", "."]), DIGITS).map("".join) | ANYTHING))
@example(["95.", "95.0", "95.000000000000001", "2678401", "2678400.1", "1e3", ".5", "-1", ""])
def test_durations(texts: list[str]) -> None:
    for text, found in zip(texts, many(read_seconds, texts), strict=True):
        try:
            expected = _seconds(text.strip(" \t"))
        except Refused:
            expected = UNREADABLE
        assert (found if found <= MAX_SECONDS else UNREADABLE) == expected


def instant(text: str) -> tuple[str, int]:
    """What the readers make of a timestamp: why they refuse it, or its seconds."""
    try:
        return "", epoch_seconds(_start(text, None))
    except Refused as refused:
        return refused.code, 0


STAMPS = st.builds(
    "{:%Y-%m-%d}{}{:%H:%M:%S}{}{}".format,
    st.dates(),
    st.sampled_from(["T", " "]),
    st.times(),
    st.sampled_from(["", ".5", ".999999", "."]),
    st.sampled_from(["Z", "", "+05:30", "-0330", " +00", "+24:00", "+12:60", "x"]),
)


@given(st.lists(STAMPS | ANYTHING))
@example(
    ["2026-02-29T00:00Z", "2024-02-29 23:59:59.9-12:00", "2100-02-29T00:00Z", "0001-01-01T00:00Z"]
)
@example(["2026-03-01T24:00:00Z", "2026-03-01T12:60Z", "2026-03-01T12:00:60Z", "2026-13-01T00:00Z"])
def test_instants(texts: list[str]) -> None:
    for text, found in zip(texts, many(read_starts, texts), strict=True):
        stripped = text.strip(" \t")
        if not ISO.fullmatch(stripped):
            assert found == UNREADABLE
            continue
        code, expected = instant(stripped)
        if code:
            is_instant = 0 <= found < LAST_EPOCH
            assert found == NAIVE if code == "naive-start" else not is_instant
        else:
            assert found == expected


@given(st.lists(st.tuples(st.sampled_from(["+", "", "-", "++"]), DIGITS).map("".join) | ANYTHING))
def test_numbers(texts: list[str]) -> None:
    for text, found in zip(texts, many(read_numbers, texts), strict=True):
        stripped = text.strip(" \t")
        digits = stripped[1:]
        sound = stripped[:1] == "+" and digits.isdigit() and len(digits) <= 15 and digits[0] != "0"
        assert found == (int(digits) if sound else UNREADABLE)


@given(st.lists(st.dates().map(str) | ANYTHING))
def test_days(texts: list[str]) -> None:
    for text, found in zip(texts, many(read_dates, texts), strict=True):
        sound = {"id": "x", "home": "US", "zone": "UTC", "anchor": text.strip(" \t")}
        try:
            anchor = customer_from_mapping(sound).anchor
        except ValueError:
            continue
        assert found == int(np.datetime64(anchor, "D").astype(np.int64))
