"""Whatever the convention, day and price, what comes back of a plan is what it costs anew."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from plan_rules.catalog import AllowanceMode
from plan_rules.money import RoundingMode
from plan_rules.periods import Cycle
from plan_rules.switching.allowances import allowance_after
from plan_rules.switching.convention import CONVENTIONS, ProrationConvention
from plan_rules.switching.proration import credit, days_bought, prorate, share_left
from plan_rules.testing import prices
from plan_rules.testing.strategies import cycles, days_within

ZONE = ZoneInfo("America/Sao_Paulo")
CONVENTION = st.sampled_from(list(CONVENTIONS.values()))
STEP = st.sampled_from([1, 10_000, 1_000_000])


@st.composite
def switch_days(draw: st.DrawFn, most: int = 5) -> tuple[Cycle, list[date]]:
    """Return a cycle and some days of it on which a switch takes effect, in order."""
    cycle = draw(cycles())
    return cycle, sorted(draw(st.lists(days_within(cycle), min_size=1, max_size=most)))


@given(switch_days(), CONVENTION, prices(90_000_000), STEP)
def test_any_number_of_switches_to_itself_costs_exactly_nothing(
    drawn: tuple[Cycle, list[date]], convention: ProrationConvention, price: int, step: int
) -> None:
    cycle, days = drawn
    rounding = convention.rounding_to(step)
    price -= price % step
    paid, net = price, 0
    for on in days:
        share = share_left(cycle=cycle, convention=convention, on=on, zone=ZONE)
        back = credit(billed_micros=price, share=share, paid_micros=paid, rounding=rounding)
        paid = prorate(micros=price, share=share, rounding=rounding)
        net += paid - back
    assert net == 0


@given(switch_days(most=1), CONVENTION, prices(90_000_000), prices(90_000_000), STEP)
def test_there_and_back_on_one_day_costs_nothing(
    drawn: tuple[Cycle, list[date]], convention: ProrationConvention, old: int, new: int, step: int
) -> None:
    cycle, (on,) = drawn
    rounding = convention.rounding_to(step)
    old -= old % step
    share = share_left(cycle=cycle, convention=convention, on=on, zone=ZONE)
    first = credit(billed_micros=old, share=share, paid_micros=old, rounding=rounding)
    charged = prorate(micros=new, share=share, rounding=rounding)
    second = credit(billed_micros=new, share=share, paid_micros=charged, rounding=rounding)
    again = prorate(micros=old, share=share, rounding=rounding)
    assert -first + charged - second + again == 0


@given(switch_days(most=1), st.integers(1, 90_000_000))
def test_what_is_left_of_a_plan_buys_the_days_that_were_left(
    drawn: tuple[Cycle, list[date]], price: int
) -> None:
    cycle, (on,) = drawn
    share = share_left(cycle=cycle, convention=CONVENTIONS["calendar-day"], on=on)
    bought = days_bought(
        billed_micros=price, share=share, price_micros=price, cycle_days=cycle.days
    )
    assert bought == (cycle.end - on).days


@given(
    switch_days(most=1),
    CONVENTION,
    st.integers(0, 100_000),
    st.integers(0, 100_000),
    st.sampled_from([AllowanceMode.PRORATED, AllowanceMode.FULL]),
    st.sampled_from([RoundingMode.DOWN, RoundingMode.HALF_UP]),
)
def test_allowance_and_counter_stay_as_they_were(
    drawn: tuple[Cycle, list[date]],
    convention: ProrationConvention,
    units: int,
    used: int,
    mode: AllowanceMode,
    rounding: RoundingMode,
) -> None:
    cycle, (on,) = drawn
    share = share_left(cycle=cycle, convention=convention, on=on, zone=ZONE)
    after = allowance_after(
        old=units, new=units, used=used, share=share, mode=mode, rounding=rounding
    )
    assert (after.limit, after.used) == (units, used)
