from __future__ import annotations

import json
from dataclasses import replace

import pytest

from plan_rules.catalog import Switching
from plan_rules.catalog.plan import PRORATIONS, SWITCH_POLICIES
from plan_rules.errors import InvalidValue, UnknownId
from plan_rules.loading import schemas_path
from plan_rules.money import Rounding, RoundingMode
from plan_rules.switching.convention import (
    CALENDAR_DAY,
    CONVENTIONS,
    FOREIGN_CONVENTIONS,
    ChangeDay,
    CreditBasis,
    DayCount,
    ProrationConvention,
    ProrationUnit,
    StubCycle,
    convention_named,
)
from plan_rules.switching.policy import (
    CYCLE_END,
    IMMEDIATELY,
    POLICIES,
    Effect,
    Portion,
    policy_named,
)


def words_of(key: str) -> list[str]:
    """Return the words that the schema of plans allows for a key of `switching`."""
    plan = json.loads((schemas_path() / "plan.schema.json").read_text("utf-8"))
    words: list[str] = plan["properties"]["switching"]["properties"][key]["enum"]
    return words


def test_every_convention_a_plan_can_name_is_declared_and_no_other() -> None:
    assert tuple(CONVENTIONS) == PRORATIONS
    assert list(CONVENTIONS) == words_of("proration")
    assert [each.id for each in CONVENTIONS.values()] == list(CONVENTIONS)


def test_every_policy_a_plan_can_name_is_declared_and_no_other() -> None:
    assert tuple(POLICIES) == SWITCH_POLICIES
    assert list(POLICIES) == words_of("upgrade") == words_of("downgrade")
    assert [each.id for each in POLICIES.values()] == list(POLICIES)


def test_the_defaults_of_a_plan_are_the_defaults_declared() -> None:
    switching = Switching()
    assert convention_named(switching.proration) is CALENDAR_DAY
    assert policy_named(switching.upgrade) is IMMEDIATELY
    assert policy_named(switching.downgrade) is CYCLE_END


def test_a_plan_names_only_conventions_by_which_a_switch_to_itself_is_free() -> None:
    for each in CONVENTIONS.values():
        assert each.credit_basis is CreditBasis.FULL_PRICE
        assert each.stub_cycle is StubCycle.ENCLOSING
        assert each.share_decimals is None
    assert not CONVENTIONS.keys() & FOREIGN_CONVENTIONS.keys()


def test_conventions_differ_where_their_names_say_so() -> None:
    assert CONVENTIONS["calendar-day-old-plan"].change_day is ChangeDay.OLD_PLAN
    assert CONVENTIONS["second"].unit is ProrationUnit.SECOND
    assert CONVENTIONS["none"].day_count is DayCount.WHOLE
    assert FOREIGN_CONVENTIONS["charged-item"].credit_basis is CreditBasis.CHARGED_ITEM
    assert FOREIGN_CONVENTIONS["second-half-even"].rounding is RoundingMode.HALF_EVEN
    assert len({replace(each, id="") for each in CONVENTIONS.values()}) == len(CONVENTIONS)


def test_policies_differ_in_when_and_how_much() -> None:
    assert len({replace(each, id="") for each in POLICIES.values()}) == len(POLICIES)
    assert POLICIES["deferred"].effect is Effect.COMMITMENT_END
    assert POLICIES["back-dated"].effect is Effect.CYCLE_START
    assert POLICIES["none"].charge is Portion.NOTHING
    assert POLICIES["full-price"].new_cycle
    assert POLICIES["value-to-days"].buys_days


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownId) as convention:
        convention_named("calender-day")
    assert "`calendar-day`" in convention.value.closest
    with pytest.raises(UnknownId) as policy:
        policy_named("cycle-ends")
    assert "`cycle-end`" in policy.value.closest


@pytest.mark.parametrize(
    ("field", "value", "nearest"),
    [
        ("proration", "fixed-31", "`fixed-30`"),
        ("upgrade", "imediately", "`immediately`"),
        ("downgrade", "cycle_end", "`cycle-end`"),
    ],
)
def test_a_plan_made_in_python_cannot_name_what_nobody_declares(
    field: str, value: str, nearest: str
) -> None:
    with pytest.raises(UnknownId) as refused:
        replace(Switching(), **{field: value})  # type: ignore[arg-type]
    assert nearest in refused.value.closest


def test_an_allowance_is_rounded_down_or_half_up() -> None:
    with pytest.raises(InvalidValue) as refused:
        Switching(allowance_rounding=RoundingMode.UP)
    assert refused.value.name == "allowance_rounding"


@pytest.mark.parametrize(
    ("name", "convention"),
    [
        ("day_count", {"unit": ProrationUnit.SECOND, "day_count": DayCount.FIXED_30}),
        ("month_days", {"month_days": 27}),
        ("month_days", {"month_days": 32}),
        ("share_decimals", {"share_decimals": 0}),
        ("share_decimals", {"share_decimals": 19}),
    ],
)
def test_what_cannot_be_counted_is_refused(name: str, convention: dict[str, object]) -> None:
    with pytest.raises(InvalidValue) as refused:
        replace(CALENDAR_DAY, **convention)  # type: ignore[arg-type]
    assert refused.value.name == name


def test_a_line_is_rounded_by_the_mode_of_its_convention() -> None:
    even = ProrationConvention(id="even", rounding=RoundingMode.HALF_EVEN)
    expected = Rounding(step_micros=10_000, mode=RoundingMode.HALF_EVEN)
    assert even.rounding_to(10_000) == expected
