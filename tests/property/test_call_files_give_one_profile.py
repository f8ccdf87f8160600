"""A profile counts every call once, in whatever order the calls come."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from plan_rules.destinations import NumberingPlan
from plan_rules.periods import CycleLength, CycleUnit
from plan_rules.usage import Call, Customer, profile

NUMBERS = ("+525512345678", "+5215512345678", "+442071838750", "+12025550100", "+999123456")
FIRST = datetime(2025, 12, 15, tzinfo=UTC)
CALLS = st.lists(
    st.builds(
        Call,
        start=st.integers(0, 200 * 86_400).map(lambda second: FIRST + timedelta(seconds=second)),
        number=st.sampled_from(NUMBERS),
        seconds=st.integers(0, 7200),
    ),
    max_size=30,
)
CUSTOMERS = st.builds(
    Customer,
    id=st.just("ada"),
    home=st.just("US"),
    zone=st.sampled_from(["UTC", "America/New_York", "Asia/Tokyo"]),
    anchor=st.dates(date(2024, 1, 1), date(2027, 12, 31)),
)
LENGTHS = st.none() | st.builds(
    CycleLength, unit=st.sampled_from(CycleUnit), count=st.integers(1, 3)
)
AS_OF = date(2026, 6, 1)
STARTS = st.none() | st.dates(date(2025, 11, 1), AS_OF - timedelta(days=1))
NUMBERING = NumberingPlan.standard()


@given(
    calls=CALLS,
    customer=CUSTOMERS,
    length=LENGTHS,
    start=STARTS,
    random=st.randoms(use_true_random=False),
)
def test_the_order_of_calls_does_not_matter(
    calls: list[Call],
    customer: Customer,
    length: CycleLength | None,
    start: date | None,
    random: Random,
) -> None:
    shuffled = list(calls)
    random.shuffle(shuffled)
    first, second = (
        profile(
            each, customer=customer, numbering=NUMBERING, as_of=AS_OF, length=length, start=start
        )
        for each in (calls, shuffled)
    )
    assert first == second


@given(calls=CALLS, customer=CUSTOMERS, length=LENGTHS, start=STARTS)
def test_every_call_is_counted_once(
    calls: list[Call], customer: Customer, length: CycleLength | None, start: date | None
) -> None:
    found = profile(
        calls, customer=customer, numbering=NUMBERING, as_of=AS_OF, length=length, start=start
    )
    assert found.calls + found.unanswered + found.earlier + found.later == len(calls)
    assert sum(each.calls for each in found.destinations) + found.unknown == found.calls
    in_cycles = [call for each in found.cycles for call in each.calls]
    assert in_cycles == sorted(in_cycles)
    assert len(in_cycles) == found.calls
    assert not Counter(in_cycles) - Counter(calls)
    assert sum(each.seconds for each in found.cycles) == found.seconds
    assert len({call.number for call in in_cycles}) == found.distinct_numbers


@given(calls=CALLS, customer=CUSTOMERS, length=LENGTHS, start=STARTS)
def test_complete_cycles_lie_within_the_history_and_without_gaps(
    calls: list[Call], customer: Customer, length: CycleLength | None, start: date | None
) -> None:
    found = profile(
        calls, customer=customer, numbering=NUMBERING, as_of=AS_OF, length=length, start=start
    )
    for each, following in zip(found.cycles, found.cycles[1:], strict=False):
        assert each.cycle.end == following.cycle.start
    for each in found.cycles:
        within = start is None or start <= each.cycle.start
        assert each.complete == (within and each.cycle.end <= AS_OF)
    whole = found.complete_cycles
    if whole:
        first = found.cycles.index(whole[0])
        assert found.cycles[first : first + len(whole)] == whole
