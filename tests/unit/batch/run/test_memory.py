from __future__ import annotations

import pytest

from plan_rules.batch.run.memory import (
    BILLS_ROOM,
    HELD_CALL_BYTES,
    LIBRARIES,
    MIB,
    ROOM,
    MemoryPlan,
    MemoryTooSmall,
)
from plan_rules.tariff.compiling import tariff_book
from tests.unit.batch.batches import sample


def test_more_memory_holds_more() -> None:
    small = MemoryPlan.of(LIBRARIES + ROOM, customers_size=0)
    large = MemoryPlan.of(LIBRARIES + 10 * ROOM, customers_size=0)
    assert large.calls >= 10 * small.calls
    assert large.bills > small.bills
    assert small.parts(10 * small.calls) == 10
    assert large.parts(10 * small.calls) == 1
    assert large.parts(0) == 1


def test_bills_take_no_more_than_they_need() -> None:
    plan = MemoryPlan.of(LIBRARIES + 1000 * ROOM, customers_size=0)
    assert plan.bills <= BILLS_ROOM
    assert plan.calls * HELD_CALL_BYTES >= 1000 * ROOM - BILLS_ROOM - HELD_CALL_BYTES


def test_the_customers_are_part_of_what_is_held() -> None:
    limit = LIBRARIES + ROOM + 10 * MIB
    assert MemoryPlan.of(limit, customers_size=10 * MIB).calls > 0
    with pytest.raises(MemoryTooSmall) as refused:
        MemoryPlan.of(limit, customers_size=11 * MIB)
    assert (refused.value.limit, refused.value.needed) == (limit, limit + MIB)


def test_longer_histories_and_bills_leave_room_for_fewer_customers() -> None:
    plan = MemoryPlan.of(LIBRARIES + ROOM, customers_size=0)
    book = tariff_book(sample())
    short = plan.customers_at_once(book, days=90, with_bills=False)
    assert plan.customers_at_once(book, days=900, with_bills=False) < short
    assert plan.customers_at_once(book, days=90, with_bills=True) < short
    assert plan.customers_at_once(book, days=10**6, with_bills=True) >= 1
