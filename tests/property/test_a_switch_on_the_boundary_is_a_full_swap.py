"""On the first day the new plan has the whole cycle; at its end there is nothing to move."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from plan_rules.periods import Cycle, CycleUnit
from plan_rules.switching.convention import CONVENTIONS, ChangeDay, ProrationConvention
from plan_rules.switching.proration import credit, prorate, share_left
from plan_rules.testing import prices
from plan_rules.testing.strategies import cycles

ZONE = ZoneInfo("Asia/Kathmandu")
ALL = st.sampled_from(list(CONVENTIONS.values()))
NEW_PLAN = ALL.filter(lambda each: each.change_day is ChangeDay.NEW_PLAN)


@given(cycles(), NEW_PLAN, prices(90_000_000), prices(90_000_000))
def test_on_the_first_day_all_comes_back_and_all_is_charged(
    cycle: Cycle, convention: ProrationConvention, old: int, new: int
) -> None:
    share = share_left(cycle=cycle, convention=convention, on=cycle.start, zone=ZONE)
    exact = convention.rounding_to(1)
    assert credit(billed_micros=old, share=share, paid_micros=old, rounding=exact) == old
    assert prorate(micros=new, share=share, rounding=exact) == new


@given(cycles(), ALL, prices(90_000_000))
def test_at_the_end_nothing_is_left(
    cycle: Cycle, convention: ProrationConvention, price: int
) -> None:
    share = share_left(cycle=cycle, convention=convention, on=cycle.end, zone=ZONE)
    assert share.fraction == 0
    assert prorate(micros=price, share=share, rounding=convention.rounding_to(1)) == 0


@given(cycles())
def test_the_last_day_is_one_of_them_all_and_goes_to_whom_the_convention_says(
    cycle: Cycle,
) -> None:
    last = cycle.end - timedelta(days=1)

    def left(name: str) -> Fraction:
        return share_left(cycle=cycle, convention=CONVENTIONS[name], on=last, zone=ZONE).fraction

    assert left("calendar-day") == Fraction(1, cycle.days)
    assert left("calendar-day-old-plan") == 0
    assert (left("none") == 0) == (cycle.days > 1)
    if cycle.length.unit is CycleUnit.MONTH:
        whole = 30 * cycle.length.count
        assert left("fixed-30") == Fraction(max(0, whole - cycle.days + 1), whole)
        assert left("actual-over-30") == left("strict-30-360") == Fraction(1, whole)
