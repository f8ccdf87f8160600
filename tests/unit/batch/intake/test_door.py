from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from plan_rules.batch.intake.door import TABLE, Admitted, admit
from plan_rules.batch.intake.ids import IdIndex
from plan_rules.batch.intake.schemas import WrongSchema
from plan_rules.batch.intake.sources import source_of
from plan_rules.usage.readers import read_calls

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOON_EPOCH = 1_772_366_400
INDEX = IdIndex(pa.array(["ada", "bo"]))


def admitted(table: pa.Table, index: IdIndex = INDEX) -> Admitted:
    source = source_of(table, TABLE)
    (chunk,) = [chunk for unit in source.units for chunk in unit.chunks()]
    return admit(chunk, index)


def calls_with(**columns: pa.Array) -> pa.Table:
    """A table of as many sound calls as the columns given are long, which replace its own."""
    rows = len(next(iter(columns.values())))
    sound = {
        "customer_id": pa.array(["ada"] * rows),
        "start": pa.array([NOON] * rows, pa.timestamp("s", "UTC")),
        "number": pa.array([525512345678] * rows),
        "seconds": pa.array([60] * rows, pa.int32()),
    }
    return pa.table({**sound, **columns})


@pytest.mark.parametrize(
    ("unit", "ticks"), [("s", 1), ("ms", 1_000), ("us", 1_000_000), ("ns", 1_000_000_000)]
)
def test_a_start_loses_what_is_less_than_a_second(unit: str, ticks: int) -> None:
    starts = np.array([NOON_EPOCH * ticks, NOON_EPOCH * ticks + ticks - 1])
    found = admitted(calls_with(start=pa.array(starts).cast(pa.timestamp(unit, "UTC"))))
    assert found.calls.start.tolist() == [NOON_EPOCH, NOON_EPOCH]


def test_an_instant_counts_in_whatever_zone_it_is_told() -> None:
    starts = pa.array([NOON], pa.timestamp("us", "America/New_York"))
    assert admitted(calls_with(start=starts)).calls.start.tolist() == [NOON_EPOCH]


@pytest.mark.parametrize(
    "seconds",
    [
        pa.array([Decimal("60.2"), Decimal("60.0"), Decimal(0)], pa.decimal128(9, 3)),
        pa.array([60.2, 60.0, 0.0]),
        pa.array([60_200, 60_000, 0], pa.duration("ms")),
        pa.array([timedelta(seconds=60.2), timedelta(seconds=60), timedelta()], pa.duration("us")),
        pa.array(["60.2", "60.0", "0"]),
        pa.array([b" 60.200", b"60", b"0.0"], pa.binary()),
        pa.array(["60.2", "60.0", "0"], pa.string_view()),
        pa.array(["60.2", "60.0", "0"]).dictionary_encode(),
    ],
)
def test_a_started_second_counts_as_a_whole_one(seconds: pa.Array) -> None:
    assert admitted(calls_with(seconds=seconds)).calls.seconds.tolist() == [61, 60, 0]


@pytest.mark.parametrize("kind", [pa.int64(), pa.uint64(), pa.string(), pa.large_string()])
def test_numbers_are_digits_or_texts(kind: pa.DataType) -> None:
    raw = pa.array(["+525512345678", "+10000", "+999999999999999"])
    column = raw if pa.types.is_string(kind) or pa.types.is_large_string(kind) else None
    if column is None:
        column = pa.array([525512345678, 10_000, 999_999_999_999_999])
    found = admitted(calls_with(number=column.cast(kind)))
    assert found.calls.number.tolist() == [525512345678, 10_000, 999_999_999_999_999]


@pytest.mark.parametrize("ids", [pa.array([7, 9]), pa.array(["7", "9"])])
@pytest.mark.parametrize("given", [pa.array([9, 7]), pa.array(["9", "7"]), pa.array([b"9", b"7"])])
def test_an_id_is_the_same_as_a_number_and_as_a_text(ids: pa.Array, given: pa.Array) -> None:
    found = admitted(calls_with(customer_id=given), IdIndex(ids))
    assert found.calls.customer.tolist() == [1, 0]


FAULTS = [
    ("missing-field", {"customer_id": pa.array([None], pa.string())}),
    ("missing-field", {"customer_id": pa.array([""])}),
    ("missing-field", {"start": pa.array([None], pa.timestamp("s", "UTC"))}),
    ("missing-field", {"number": pa.array([None], pa.int64())}),
    ("missing-field", {"number": pa.array([""])}),
    ("missing-field", {"seconds": pa.array([None], pa.int32())}),
    ("unknown-customer", {"customer_id": pa.array(["eve"])}),
    ("unknown-customer", {"customer_id": pa.array([7])}),
    ("bad-start", {"start": pa.array([-1]).cast(pa.timestamp("s", "UTC"))}),
    ("bad-start", {"start": pa.array([7_258_118_400]).cast(pa.timestamp("s", "UTC"))}),
    ("bad-start", {"start": pa.array(["yesterday"])}),
    ("bad-start", {"start": pa.array(["2026-02-29T00:00:00Z"])}),
    ("naive-start", {"start": pa.array(["2026-02-28T00:00:00"])}),
    ("bad-number", {"number": pa.array([9_999])}),
    ("bad-number", {"number": pa.array([10**15])}),
    ("bad-number", {"number": pa.array([2**64 - 1], pa.uint64())}),
    ("bad-number", {"number": pa.array([-525512345678])}),
    ("bad-number", {"number": pa.array(["525512345678"])}),
    ("bad-number", {"number": pa.array(["+52551234567x"])}),
    ("bad-number", {"number": pa.array(["+1234"])}),
    ("bad-seconds", {"seconds": pa.array([-1], pa.int32())}),
    ("bad-seconds", {"seconds": pa.array([31 * 86_400 + 1])}),
    ("bad-seconds", {"seconds": pa.array([float("nan")])}),
    ("bad-seconds", {"seconds": pa.array([float("inf")])}),
    ("bad-seconds", {"seconds": pa.array([-0.5])}),
    ("bad-seconds", {"seconds": pa.array([Decimal("-0.5")], pa.decimal128(4, 2))}),
    ("bad-seconds", {"seconds": pa.array([-1], pa.duration("ms"))}),
    ("bad-seconds", {"seconds": pa.array(["1e3"])}),
    ("bad-seconds", {"seconds": pa.array([-1], pa.duration("s"))}),
]


@pytest.mark.parametrize(("code", "columns"), FAULTS)
def test_a_row_at_fault_is_told_with_its_place_and_reason(
    code: str, columns: dict[str, pa.Array]
) -> None:
    found = admitted(calls_with(**columns))
    assert found.rejected is not None
    assert len(found.calls) == 0
    (row,) = found.rejected.to_pylist()
    assert (row["table"], row["source"], row["row_group"], row["row"]) == ("calls", "stream", 0, 0)
    assert row["code"] == code
    assert row["reason"]


def test_of_many_rows_only_those_at_fault_are_rejected() -> None:
    numbers = pa.array([525512345678, 3, 525512345678, None, 442079460000])
    found = admitted(calls_with(number=numbers))
    assert found.rows == 5
    assert found.calls.number.tolist() == [525512345678, 525512345678, 442079460000]
    assert found.seconds == 180
    assert found.rejected is not None
    assert found.rejected["row"].to_pylist() == [1, 3]
    assert found.rejected["code"].to_pylist() == ["bad-number", "missing-field"]
    assert found.rejected["value"].to_pylist() == ["3", None]
    assert found.rejected["seconds"].to_pylist() == [60, 60]


def test_a_column_of_nulls_does_not_hide_behind_a_slice() -> None:
    table = calls_with(number=pa.array([None, 525512345678, None])).slice(1, 1)
    found = admitted(table)
    assert found.rejected is None
    assert found.calls.number.tolist() == [525512345678]


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("start", pa.timestamp("us")),
        ("start", pa.date32()),
        ("number", pa.float64()),
        ("customer_id", pa.float64()),
        ("seconds", pa.bool_()),
    ],
)
def test_a_column_of_a_wrong_type_is_refused(column: str, kind: pa.DataType) -> None:
    with pytest.raises(WrongSchema) as refused:
        admitted(calls_with(**{column: pa.nulls(1, kind)}))
    assert (refused.value.column, refused.value.given) == (column, str(kind))


def test_a_missing_column_is_refused_with_the_nearest_name() -> None:
    table = calls_with(number=pa.array([525512345678])).rename_columns(
        ["customer_id", "start", "numbr", "seconds"]
    )
    with pytest.raises(WrongSchema) as refused:
        admitted(table)
    assert refused.value.column == "number"
    assert "numbr" in refused.value.expected


def test_a_call_file_is_read_as_the_readers_of_call_files_do(tmp_path: Path) -> None:
    given = Path(__file__).parents[4] / "docs" / "examples" / "calls-six-months.csv"
    text = given.read_text("utf-8").splitlines()
    rows = ["customer_id," + text[0], *("ada," + line for line in text[1:])]
    path = tmp_path / "calls.csv"
    path.write_text("\n".join(rows) + "\n", "utf-8")
    source = source_of(path, TABLE)
    found = [admit(chunk, INDEX).calls for unit in source.units for chunk in unit.chunks()]
    mine = sorted(
        (start, f"+{number}", seconds)
        for each in found
        for start, number, seconds in zip(
            each.start.tolist(), each.number.tolist(), each.seconds.tolist(), strict=True
        )
    )
    known = [(call.epoch, call.number, call.seconds) for call in read_calls(given).calls]
    assert mine == known
