from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from plan_rules.errors import InvalidValue
from plan_rules.usage import Call, whole_seconds

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MEXICO = "+525512345678"


def test_a_call_knows_its_instant() -> None:
    eastern = NOON.astimezone(timezone(timedelta(hours=-5)))
    call = Call(start=eastern, number=MEXICO, seconds=1)
    assert call.start.utcoffset() == timedelta(hours=-5)
    assert call.epoch == 1_772_366_400
    assert call == Call(start=NOON, number=MEXICO, seconds=1)
    assert hash(call) == hash(Call(start=NOON, number=MEXICO, seconds=1))


def test_an_instant_counts_from_its_whole_second() -> None:
    late = Call(start=NOON.replace(microsecond=999_999), number=MEXICO, seconds=1)
    assert late == Call(start=NOON, number=MEXICO, seconds=1)


def test_the_two_hours_of_an_autumn_night_are_told_apart() -> None:
    wall = datetime(2026, 11, 1, 1, 30, tzinfo=ZoneInfo("America/New_York"))
    first = Call(start=wall, number=MEXICO, seconds=1)
    second = Call(start=wall.replace(fold=1), number=MEXICO, seconds=1)
    assert second.epoch - first.epoch == 3600
    assert first != second
    assert first < second


def test_calls_are_ordered_as_they_are_rated() -> None:
    later = NOON + timedelta(seconds=1)
    calls = [
        Call(start=start, number=number, seconds=seconds, customer_id=customer)
        for start, number, seconds, customer in [
            (NOON, "+12025550100", 5, "b"),
            (NOON, "+12025550100", 6, "a"),
            (NOON, "+525512345678", 1, ""),
            (later, "+12025550100", 0, ""),
        ]
    ]
    shuffled = [calls[index] for index in (2, 0, 3, 1)]
    assert sorted(shuffled) == calls


@pytest.mark.parametrize("seconds", [-1, 1.0, True, "5"])
def test_seconds_are_whole_and_not_negative(seconds: object) -> None:
    with pytest.raises(InvalidValue) as refused:
        Call(start=NOON, number=MEXICO, seconds=seconds)  # type: ignore[arg-type]
    assert refused.value.name == "seconds"


@pytest.mark.parametrize("number", ["", "+", "525512345678", "+0525512345678", "+52 55", "+5255x"])
def test_a_number_is_e164(number: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        Call(start=NOON, number=number, seconds=1)
    assert refused.value.name == "number"


@pytest.mark.parametrize(
    "start",
    [
        datetime(2026, 3, 1, 12),  # noqa: DTZ001 - the naive one is the point
        datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2200, 1, 1, tzinfo=UTC),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))),
    ],
)
def test_a_start_is_aware_and_of_our_time(start: datetime) -> None:
    with pytest.raises(InvalidValue) as refused:
        Call(start=start, number=MEXICO, seconds=1)
    assert refused.value.name == "start"


def test_calls_survive_pickling() -> None:
    call = Call(start=NOON.astimezone(ZoneInfo("Europe/Berlin")), number=MEXICO, seconds=1)
    copy = pickle.loads(pickle.dumps(call))  # noqa: S301 - our own bytes
    assert (copy, copy.epoch, copy.start.tzinfo) == (call, call.epoch, call.start.tzinfo)


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [
        (0, 0),
        (95, 95),
        (Decimal(0), 0),
        (Decimal("94.000001"), 95),
        (Decimal("95.000"), 95),
        (timedelta(seconds=94, microseconds=1), 95),
        (timedelta(minutes=2), 120),
        (10**12, 10**12),
    ],
)
def test_a_started_second_is_a_whole_one(duration: Decimal | int | timedelta, seconds: int) -> None:
    assert whole_seconds(duration) == seconds


@pytest.mark.parametrize(
    "duration",
    [
        -1,
        Decimal("-0.1"),
        Decimal("-1e999999"),
        timedelta(microseconds=-1),
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("Infinity"),
        Decimal("1e999999"),
        10**12 + 1,
    ],
)
def test_what_is_no_duration_is_refused(duration: Decimal | int | timedelta) -> None:
    with pytest.raises(InvalidValue) as refused:
        whole_seconds(duration)
    assert refused.value.name == "seconds"
