from __future__ import annotations

import pytest

from plan_rules.catalog import AllowanceMode
from plan_rules.errors import InvalidValue
from plan_rules.money import RoundingMode
from plan_rules.switching.allowances import allowance_after, prorate_allowance
from plan_rules.switching.counter import Counter
from plan_rules.switching.share import Share
from plan_rules.tariff.meters import MeterKind

MINUTE = 60
HALF = Share(numerator=15, denominator=30)
SHARE = Share(numerator=16, denominator=31)


@pytest.mark.parametrize(
    ("mode", "step", "units"),
    [
        (RoundingMode.DOWN, 1, 15_483),
        (RoundingMode.HALF_UP, 1, 15_484),
        (RoundingMode.DOWN, MINUTE, 15_480),
        (RoundingMode.HALF_UP, MINUTE, 15_480),
    ],
)
def test_a_share_of_an_allowance_comes_to_whole_units(
    mode: RoundingMode, step: int, units: int
) -> None:
    assert prorate_allowance(units=500 * MINUTE, share=SHARE, mode=mode, step=step) == units


@pytest.mark.parametrize(
    ("mode", "limit", "used"),
    [
        (AllowanceMode.PRORATED, 150, 90),
        (AllowanceMode.FULL, 200, 90),
        (AllowanceMode.RESET, 200, 0),
        (AllowanceMode.SUM, 250, 90),
    ],
)
def test_each_mode_makes_its_own_allowance_of_both_plans(
    mode: AllowanceMode, limit: int, used: int
) -> None:
    after = allowance_after(old=100, new=200, used=90, share=HALF, mode=mode)
    assert (after.limit, after.used) == (limit, used)
    assert (after.left, after.over) == (limit - used, 0)


@pytest.mark.parametrize("mode", [AllowanceMode.PRORATED, AllowanceMode.FULL])
@pytest.mark.parametrize("used", [0, 177, 500])
def test_a_switch_to_the_same_plan_changes_nothing(mode: AllowanceMode, used: int) -> None:
    after = allowance_after(old=500, new=500, used=used, share=SHARE, mode=mode)
    assert (after.limit, after.used) == (500, used)


def test_what_was_used_beyond_the_new_limit_is_told() -> None:
    after = allowance_after(old=100, new=0, used=90, share=HALF, mode=AllowanceMode.PRORATED)
    assert (after.limit, after.left, after.over) == (50, 0, 40)


def test_the_sum_of_both_shares_is_rounded_once() -> None:
    thirds = Share(numerator=1, denominator=3)
    down = allowance_after(old=1, new=1, used=0, share=thirds, mode=AllowanceMode.PRORATED)
    up = allowance_after(
        old=2,
        new=0,
        used=0,
        share=thirds,
        mode=AllowanceMode.PRORATED,
        rounding=RoundingMode.HALF_UP,
    )
    assert (down.limit, up.limit) == (1, 1)
    minutes = allowance_after(
        old=200 * MINUTE,
        new=100 * MINUTE,
        used=0,
        share=Share(numerator=4, denominator=30),
        mode=AllowanceMode.PRORATED,
        step=MINUTE,
    )
    assert minutes.limit == 186 * MINUTE


@pytest.mark.parametrize(("old", "new"), [(-1, 1), (1, -1)])
def test_a_negative_allowance_is_refused(old: int, new: int) -> None:
    with pytest.raises(InvalidValue) as refused:
        allowance_after(old=old, new=new, used=0, share=HALF, mode=AllowanceMode.PRORATED)
    assert refused.value.name == "units"
    with pytest.raises(InvalidValue):
        prorate_allowance(units=-1, share=HALF)


@pytest.mark.parametrize("rounding", [RoundingMode.DOWN, RoundingMode.HALF_UP])
def test_the_counter_of_a_subscription_comes_to_the_same(rounding: RoundingMode) -> None:
    for old, new in ((500, 1000), (1000, 500), (7, 7), (0, 1)):
        counter = Counter(
            allowance="a",
            unit=MeterKind.SECONDS,
            full=new,
            share=SHARE.fraction,
            before=old * SHARE.rest.fraction,
            carried=5,
            used=5,
            rounding=rounding,
        )
        after = allowance_after(
            old=old, new=new, used=5, share=SHARE, mode=AllowanceMode.PRORATED, rounding=rounding
        )
        assert (counter.limit, counter.left, counter.over) == (after.limit, after.left, after.over)
