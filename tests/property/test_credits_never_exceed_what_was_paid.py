"""A chain of switches in one cycle never gives back more of a line than was paid for it."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from plan_rules.periods import Cycle
from plan_rules.switching.convention import (
    CONVENTIONS,
    FOREIGN_CONVENTIONS,
    ProrationConvention,
)
from plan_rules.switching.proration import capped, credit, prorate, share_left
from plan_rules.testing import prices
from plan_rules.testing.strategies import cycles, days_within

ZONE = ZoneInfo("Europe/Berlin")
ALL = st.sampled_from([*CONVENTIONS.values(), *FOREIGN_CONVENTIONS.values()])


@st.composite
def chains(draw: st.DrawFn) -> tuple[Cycle, list[tuple[date, int]]]:
    """Return a cycle and the plans entered in it: the day and the price of each, in order."""
    cycle = draw(cycles())
    days = sorted(draw(st.lists(days_within(cycle), min_size=2, max_size=6)))
    return cycle, [(on, draw(prices(90_000_000))) for on in days]


@given(chains(), ALL, st.integers(0, 100))
def test_each_line_gives_back_at_most_what_was_paid(
    chain: tuple[Cycle, list[tuple[date, int]]], convention: ProrationConvention, percent: int
) -> None:
    cycle, entered = chain
    rounding = convention.rounding_to(10_000)
    billed = paid = charged = returned = 0
    for on, price in entered:
        share = share_left(cycle=cycle, convention=convention, on=on, zone=ZONE)
        back = credit(billed_micros=billed, share=share, paid_micros=paid, rounding=rounding)
        assert 0 <= back <= paid
        returned += back
        billed = price
        due = prorate(micros=price, share=share, rounding=rounding)
        paid = due * percent // 100
        charged += paid
    assert returned <= charged


@given(chains(), ALL, prices(90_000_000), st.lists(st.integers(0, 90_000_000), max_size=4))
def test_all_credits_of_one_line_together_stay_within_it(
    chain: tuple[Cycle, list[tuple[date, int]]],
    convention: ProrationConvention,
    paid: int,
    before: list[int],
) -> None:
    cycle, entered = chain
    rounding = convention.rounding_to(10_000)
    credited = sum(before)
    for on, price in entered:
        share = share_left(cycle=cycle, convention=convention, on=on, zone=ZONE)
        back = credit(
            billed_micros=price,
            share=share,
            paid_micros=paid,
            credited_micros=credited,
            rounding=rounding,
        )
        credited += back
        assert back >= 0
        assert credited <= max(paid, sum(before))


@given(st.integers(), st.integers(), st.integers(0))
def test_the_cap_takes_nothing_from_a_credit_that_was_paid_for(
    due: int, paid: int, credited: int
) -> None:
    found = capped(micros=due, paid_micros=paid, credited_micros=credited)
    assert found == (due if 0 <= due <= paid - credited else max(0, min(due, paid - credited)))
    assert found >= 0
