from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from plan_rules.destinations import LineType
from plan_rules.errors import InvalidValue
from plan_rules.testing import CUSTOMER, UNIVERSE
from plan_rules.usage import Call, Customer, customer_from_mapping, profile, whole_seconds

START = datetime(2026, 2, 10, 15, tzinfo=UTC)
ROW: dict[str, object] = {
    "id": "someone",
    "home": "US",
    "zone": "America/New_York",
    "anchor": "2026-01-31",
}


def test_a_call_is_legal_at_birth() -> None:
    call = Call(START, "+525512345678", 5)
    assert call.epoch == 1_770_735_600
    for start, number, seconds in (
        (datetime(2026, 2, 10), "+525512345678", 5),  # noqa: DTZ001
        (START, "525512345678", 5),
        (START, "+525512345678", -5),
        (START, "+525512345678", True),
        (START, "+525512345678", 5.0),
    ):
        with pytest.raises(InvalidValue):
            Call(start, number, seconds)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [
        (Decimal("0.4"), 1),
        (Decimal("60.001"), 61),
        (Decimal(60), 60),
        (7, 7),
        (timedelta(milliseconds=1500), 2),
        (timedelta(), 0),
    ],
)
def test_a_started_second_counts_whole(duration: Decimal | int | timedelta, seconds: int) -> None:
    assert whole_seconds(duration) == seconds


@pytest.mark.parametrize(
    "duration", [-1, Decimal("-0.5"), timedelta(seconds=-1), Decimal("NaN"), Decimal("inf")]
)
def test_a_duration_is_no_less_than_nothing(duration: Decimal | int | timedelta) -> None:
    with pytest.raises(InvalidValue):
        whole_seconds(duration)


def test_a_customer_is_read_from_a_mapping() -> None:
    facts = {"student": True, "tags": ["a", "b"], "spend": Decimal("1.5")}
    more = {"plan": "p", "since": "2026-01-01", "chosen-country": "MX", "facts": facts}
    customer = customer_from_mapping({**ROW, **more})
    assert customer.since == date(2026, 1, 1)
    assert customer.facts["tags"] == ("a", "b")
    assert customer_from_mapping(ROW).plan == ""


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"home": "QQ"}, "home"),
        ({"home": None}, "home"),
        ({"zone": "Mars"}, "zone"),
        ({"anchor": "soon"}, "anchor"),
        ({"anchor": 5}, "anchor"),
        ({"since": "2026-02-30"}, "since"),
        ({"hom": "US"}, "hom"),
        ({"chosen-country": "Mexico"}, "chosen-country"),
        ({"facts": "none"}, "facts"),
        ({"facts": {"x": {}}}, "facts.x"),
        ({"id": ""}, "id"),
    ],
)
def test_what_is_wrong_with_a_customer_is_named(change: dict[str, object], name: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        customer_from_mapping({**ROW, **change})
    assert refused.value.name == name
    assert refused.value.expected


def test_a_profile_counts_by_cycle_and_by_destination() -> None:
    calls = [
        Call(START, "+525512345678", 60),
        Call(START + timedelta(days=1), "+525512345678", 30),
        Call(START + timedelta(days=1), "+442079460000", 0),
        Call(START + timedelta(days=60), "+999123456", 10),
        Call(START + timedelta(days=300), "+442079460000", 10),
    ]
    found = profile(calls, customer=CUSTOMER, as_of=date(2026, 4, 15), numbering=UNIVERSE)
    assert (found.calls, found.seconds, found.distinct_numbers) == (3, 100, 2)
    assert (found.unanswered, found.later) == (1, 1)
    assert [cycle.calls for cycle in found.cycles] == [2, 0, 1]
    assert found.complete_cycles == 2
    assert [(row.country, row.line, row.numbers) for row in found.destinations] == [
        ("MX", LineType.FIXED, 1),
        ("", None, 1),
    ]
    shuffled = profile(
        reversed(calls), customer=CUSTOMER, as_of=date(2026, 4, 15), numbering=UNIVERSE
    )
    assert shuffled == found


def test_no_calls_make_an_empty_profile() -> None:
    found = profile([], customer=CUSTOMER, as_of=date(2026, 4, 15), numbering=UNIVERSE)
    assert (found.cycles, found.destinations, found.calls) == ((), (), 0)
    assert isinstance(CUSTOMER, Customer)
