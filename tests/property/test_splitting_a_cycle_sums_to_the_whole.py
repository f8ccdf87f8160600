"""However a cycle is cut, the shares of its parts sum to exactly the whole.

So it is for every convention by which days or seconds tile; the others, which the trade uses
all the same, only promise a share from nothing to all.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from plan_rules.money import Rounding
from plan_rules.periods import Cycle, Period
from plan_rules.switching.convention import (
    CONVENTIONS,
    FOREIGN_CONVENTIONS,
    ProrationConvention,
    ProrationUnit,
)
from plan_rules.switching.counting import TILING
from plan_rules.switching.proration import prorate, share_left, share_of
from plan_rules.switching.share import Share
from plan_rules.testing import prices
from plan_rules.testing.strategies import cycles, days_within

ZONE = ZoneInfo("America/New_York")
ALL = [*CONVENTIONS.values(), *FOREIGN_CONVENTIONS.values()]
TILES = [
    each
    for each in ALL
    if (each.unit is ProrationUnit.SECOND or each.day_count in TILING)
    and each.share_decimals is None
]


@st.composite
def cut_cycles(draw: st.DrawFn) -> tuple[Cycle, list[date]]:
    """Return a cycle and its edges with up to four cuts between them, in order."""
    cycle = draw(cycles())
    cuts = draw(st.lists(days_within(cycle), max_size=4))
    return cycle, sorted({cycle.start, *cuts, cycle.end})


def shares(cycle: Cycle, edges: list[date], convention: ProrationConvention) -> list[Share]:
    return [
        share_of(part=Period(start=start, end=end), cycle=cycle, convention=convention, zone=ZONE)
        for start, end in pairwise(edges)
    ]


@given(cut_cycles(), st.sampled_from(TILES))
def test_the_shares_of_all_parts_are_the_whole(
    cut: tuple[Cycle, list[date]], convention: ProrationConvention
) -> None:
    cycle, edges = cut
    assert sum(share.fraction for share in shares(cycle, edges, convention)) == 1


@given(cut_cycles(), st.sampled_from(TILES), prices(90_000_000), st.sampled_from([1, 10_000]))
def test_rounded_parts_differ_from_the_price_by_less_than_a_step_each(
    cut: tuple[Cycle, list[date]], convention: ProrationConvention, price: int, step: int
) -> None:
    cycle, edges = cut
    whole = price // step * step
    rounding = Rounding(step_micros=step)
    parts = [
        prorate(micros=whole, share=share, rounding=rounding)
        for share in shares(cycle, edges, convention)
    ]
    assert 2 * abs(sum(parts) - whole) <= step * len(parts)
    if len(parts) == 1:
        assert parts == [whole]


@given(cut_cycles(), st.sampled_from(ALL))
def test_a_share_is_never_below_nothing_or_above_all(
    cut: tuple[Cycle, list[date]], convention: ProrationConvention
) -> None:
    cycle, edges = cut
    for share in shares(cycle, edges, convention):
        assert 0 <= share.fraction <= 1
        assert share.fraction + share.rest.fraction == 1


@given(cut_cycles(), st.sampled_from(TILES))
def test_what_is_left_on_a_day_is_the_part_from_then_on(
    cut: tuple[Cycle, list[date]], convention: ProrationConvention
) -> None:
    cycle, edges = cut
    before = CONVENTIONS["calendar-day-old-plan"]
    for on in edges[:-1]:
        left = share_left(cycle=cycle, convention=convention, on=on, zone=ZONE)
        part = Period(start=on, end=cycle.end)
        rest = share_of(part=part, cycle=cycle, convention=convention, zone=ZONE)
        assert (left.fraction == rest.fraction) == (convention != before or rest.fraction == 0)
