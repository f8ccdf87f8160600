"""Billing cycles tile time: every day lies in exactly one, for every anchor and length."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from plan_rules.periods import CycleLength, CycleUnit, cycle_at

DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))
LENGTHS = st.builds(CycleLength, unit=st.sampled_from(CycleUnit), count=st.integers(1, 36))


@given(DAYS, DAYS, LENGTHS)
def test_every_day_lies_in_its_cycle_and_neighbours_touch(
    day: date, anchor: date, length: CycleLength
) -> None:
    cycle = cycle_at(day, anchor=anchor, length=length)
    assert cycle.start <= day < cycle.end
    after = cycle_at(cycle.end, anchor=anchor, length=length)
    assert after.start == cycle.end
    assert after.index == cycle.index + 1
    before = cycle_at(cycle.start - timedelta(days=1), anchor=anchor, length=length)
    assert before.end == cycle.start


@given(DAYS, LENGTHS)
def test_the_anchor_starts_the_cycle_of_index_0(anchor: date, length: CycleLength) -> None:
    cycle = cycle_at(anchor, anchor=anchor, length=length)
    assert (cycle.start, cycle.index) == (anchor, 0)
