from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from plan_rules.batch.bills import CycleBills, CycleTable
from plan_rules.batch.run.conservation import NotConserved, Tally
from plan_rules.periods import CycleLength


def table() -> CycleTable:
    """Customer 0 calls in two cycles, customer 1 in one; two plans, of which one blocks."""
    money = np.zeros((3, 2), np.int64)
    none = np.zeros((3, 2), np.int32)
    blocked = np.array([[0, 1], [0, 0], [0, 1]], np.int32)
    return CycleTable(
        length=CycleLength(),
        calendar=False,
        plans=(0, 1),
        customer=np.array([0, 0, 1], np.int32),
        index=np.array([0, 1, 0], np.int32),
        start=np.array([0, 30, 0], np.int32),
        end=np.array([30, 61, 30], np.int32),
        calls=np.array([1, 1, 1], np.int32),
        seconds=np.array([5, 6, 7], np.int64),
        total_micros=money,
        usage_micros=money,
        usage_gross_micros=money,
        volume_micros=money,
        volume_gross_micros=money,
        fee_micros=money,
        blocked_calls=blocked,
        uncovered_calls=none,
        unrated_calls=none,
        blocked_seconds=blocked * np.array([[5], [6], [7]]),
        uncovered_seconds=money,
        unrated_seconds=money,
        overage_seconds=money,
    )


def bills(one: CycleTable) -> CycleBills:
    return CycleBills(plan_ids=("a", "b"), currency="USD", digest="", customers=3, tables=(one,))


def test_outcomes_are_counted_by_plan() -> None:
    tally = Tally.of(bills(table()), calls=3, seconds=18)
    assert (tally.rows, tally.calls, tally.seconds) == (3, 3, 18)
    assert tally.blocked_calls == (0, 2)
    assert tally.blocked_seconds == (0, 12)
    assert tally.uncovered_calls == (0, 0)


def test_tallies_add_up_and_are_the_same_again_from_plain_values() -> None:
    tally = Tally.of(bills(table()), calls=3, seconds=18)
    both = tally + tally
    assert (both.calls, both.blocked_calls) == (6, (0, 4))
    assert Tally.of_line(both.as_line()) == both
    assert Tally.nothing(2) + tally == tally


FAULTS: list[tuple[str, Callable[[CycleTable], CycleTable]]] = [
    ("calls", lambda one: replace(one, calls=one.calls - np.array([1, 0, 0], np.int32))),
    ("calls", lambda one: replace(one, calls=one.calls * 2)),
    ("seconds", lambda one: replace(one, seconds=one.seconds + 1)),
    ("cycles of customers", lambda one: replace(one, customer=np.array([0, 0, 0], np.int32))),
    ("cycles of customers", lambda one: replace(one, customer=np.array([0, 1, 0], np.int32))),
    ("cycles of customers", lambda one: replace(one, start=np.array([0, 0, 0], np.int32))),
    ("cycles of customers", lambda one: replace(one, end=np.array([31, 61, 30], np.int32))),
    ("rated calls", lambda one: replace(one, unrated_calls=np.ones((3, 2), np.int32))),
]


@pytest.mark.parametrize(("what", "spoilt"), FAULTS)
def test_calls_lost_or_counted_twice_are_seen(
    what: str, spoilt: Callable[[CycleTable], CycleTable]
) -> None:
    with pytest.raises(NotConserved) as refused:
        Tally.of(bills(spoilt(table())), calls=3, seconds=18)
    assert refused.value.what == what
