from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from plan_rules.catalog import (
    Allowance,
    AllowanceUnit,
    Catalog,
    Dated,
    Increment,
    Plan,
    PlanKind,
)
from plan_rules.destinations import parse_selector
from plan_rules.errors import InvalidValue, UnknownId
from plan_rules.periods import Period

PLAN = Plan(
    id="world-300",
    name="World",
    kind=PlanKind.UNLIMITED,
    summary="",
    fee=Dated.always(0),
    sold=Period(start=date(2026, 1, 1)),
)


def test_a_dated_value_holds_from_each_date_until_the_next() -> None:
    fee = Dated(((None, 10), (date(2026, 7, 1), 12)))
    assert [fee.at(day) for day in (date(2026, 6, 30), date(2026, 7, 1))] == [10, 12]
    assert fee.dates == (date(2026, 7, 1),)
    assert fee.values == (10, 12)
    assert Dated(((date(2026, 7, 1), 12),)).at(date(2026, 6, 30)) is None


@pytest.mark.parametrize(
    "entries",
    [
        (),
        ((date(2026, 7, 1), 1), (date(2026, 7, 1), 2)),
        ((date(2026, 7, 1), 1), (None, 2)),
    ],
)
def test_dates_ascend(entries: tuple[tuple[date | None, int], ...]) -> None:
    with pytest.raises(InvalidValue):
        Dated(entries)


def test_an_increment_is_a_second_at_least() -> None:
    assert str(Increment(30, 6)) == "30/6"
    with pytest.raises(InvalidValue) as refused:
        Increment(60, 0)
    assert refused.value.value == "60/0"


@pytest.mark.parametrize(
    ("seconds", "increment", "billed"),
    [
        (31, (30, 18), 48),
        (48, (30, 18), 48),
        (49, (30, 18), 66),
        (60, (30, 18), 66),
        (0, (60, 60), 0),
    ],
)
def test_billed_seconds_of_the_field(seconds: int, increment: tuple[int, int], billed: int) -> None:
    assert Increment(*increment).billed(seconds) == billed


def test_an_allowance_is_no_debt_and_reaches_something() -> None:
    everywhere = (parse_selector("default"),)
    with pytest.raises(InvalidValue):
        Allowance(id="a", unit=AllowanceUnit.CALLS, amount=-1, to=everywhere)
    with pytest.raises(InvalidValue):
        Allowance(id="a", unit=AllowanceUnit.CALLS, amount=1, to=())


def test_an_unknown_plan_is_told_with_the_closest() -> None:
    catalog = Catalog(id="c", currency="USD", zone="UTC", plans={PLAN.id: PLAN})
    assert catalog.plan("world-300") is PLAN
    with pytest.raises(UnknownId) as refused:
        catalog.plan("world-30")
    assert refused.value.known == ("world-300",)
    assert "world-300" in refused.value.closest


def test_a_plan_is_sold_from_its_start() -> None:
    assert PLAN.is_sold(date(2026, 1, 1))
    assert not PLAN.is_sold(date(2025, 12, 31))


def test_catalogs_of_equal_values_are_equal_whatever_was_derived_from_them() -> None:
    first = Catalog(id="c", currency="USD", zone="UTC", plans={PLAN.id: PLAN})
    second = replace(first)
    first.memo["something"] = 1
    assert first == second
    assert not second.memo
