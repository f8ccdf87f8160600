"""The later a switch in a cycle, the less is left: shares, charges and nets never rise."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from plan_rules.periods import Cycle
from plan_rules.switching.convention import (
    CONVENTIONS,
    FOREIGN_CONVENTIONS,
    ProrationConvention,
)
from plan_rules.switching.proration import credit, days_bought, prorate, share_left
from plan_rules.switching.share import Share
from plan_rules.testing import prices
from plan_rules.testing.strategies import cycles, days_within

ZONE = ZoneInfo("Europe/Berlin")
ALL = st.sampled_from([*CONVENTIONS.values(), *FOREIGN_CONVENTIONS.values()])


@st.composite
def two_days(draw: st.DrawFn) -> tuple[Cycle, list[Share], ProrationConvention]:
    """Return a cycle and what is left of it on a day and on the same or a later one."""
    cycle = draw(cycles())
    convention = draw(ALL)
    early, late = sorted(draw(st.tuples(days_within(cycle), days_within(cycle))))
    left = [
        share_left(cycle=cycle, convention=convention, on=on, zone=ZONE) for on in (early, late)
    ]
    return cycle, left, convention


@given(two_days())
def test_less_is_left_on_a_later_day(
    drawn: tuple[Cycle, list[Share], ProrationConvention],
) -> None:
    _, (early, late), _ = drawn
    assert late.fraction <= early.fraction


@given(two_days(), prices(90_000_000), prices(90_000_000))
def test_charge_and_credit_never_rise_with_a_later_day(
    drawn: tuple[Cycle, list[Share], ProrationConvention], old: int, new: int
) -> None:
    cycle, (early, late), convention = drawn
    rounding = convention.rounding_to(10_000)
    charges = [prorate(micros=new, share=share, rounding=rounding) for share in (early, late)]
    backs = [
        credit(billed_micros=old, share=share, paid_micros=old, rounding=rounding)
        for share in (early, late)
    ]
    assert charges[1] <= charges[0]
    assert backs[1] <= backs[0]
    if new:
        bought = [
            days_bought(billed_micros=old, share=share, price_micros=new, cycle_days=cycle.days)
            for share in (early, late)
        ]
        assert bought[1] <= bought[0]


@given(two_days(), prices(90_000_000), st.integers(1, 50_000_000))
def test_the_net_of_an_upgrade_falls_but_for_the_cent_of_its_two_roundings(
    drawn: tuple[Cycle, list[Share], ProrationConvention], old: int, dearer: int
) -> None:
    _, shares, convention = drawn
    rounding = convention.rounding_to(10_000)
    early, late = (
        prorate(micros=old + dearer, share=share, rounding=rounding)
        - credit(billed_micros=old, share=share, paid_micros=old, rounding=rounding)
        for share in shares
    )
    assert late <= early + 10_000


@given(cycles(), ALL, st.integers(0, 86_399))
def test_seconds_of_one_day_are_counted_down_too(
    cycle: Cycle, convention: ProrationConvention, second: int
) -> None:
    whole = cycle.interval(zone=ZONE)
    at = whole.start + timedelta(seconds=min(second, whole.seconds - 1))
    first, later = (
        share_left(cycle=cycle, convention=convention, at=moment, zone=ZONE)
        for moment in (whole.start, at)
    )
    assert later.fraction <= first.fraction
