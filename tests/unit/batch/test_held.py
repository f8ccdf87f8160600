from __future__ import annotations

import itertools

import numpy as np
import pytest

from plan_rules.batch.columns import CallColumns
from plan_rules.batch.held import SLICE_CALLS, HeldCalls
from plan_rules.batch.packed import PackedCalls
from plan_rules.batch.spans import Span
from plan_rules.errors import InvalidValue

CUSTOMERS = 1_000


def drawn(count: int, *, customers: int = CUSTOMERS, seed: int = 1) -> CallColumns:
    generator = np.random.default_rng(seed)
    return CallColumns(
        customer=generator.integers(0, customers, count).astype(np.int32),
        start=generator.integers(0, 10**9, count),
        number=generator.integers(10**5, 10**12, count),
        seconds=np.arange(count, dtype=np.int32),
    )


def rows(calls: CallColumns | PackedCalls, base: int = 0) -> list[tuple[int, ...]]:
    """The calls as plain values by customer, those of one in the order they stand in."""
    if isinstance(calls, PackedCalls):
        calls = calls.columns
    columns = (calls.customer + base, calls.start, calls.number, calls.seconds)
    found = zip(*(each.tolist() for each in columns), strict=True)
    return sorted(found, key=lambda row: row[0])


def held_in_pieces(calls: CallColumns, *, expected: int, pieces: int = 7) -> HeldCalls:
    held = HeldCalls(CUSTOMERS, expected=expected)
    bounds = np.linspace(0, len(calls), pieces + 1).astype(int).tolist()
    for start, end in itertools.pairwise(bounds):
        held.add(calls.between(start, end))
    return held


@pytest.mark.parametrize("expected", [0, 5_000, 40 * SLICE_CALLS, 10**9])
@pytest.mark.parametrize("most", [1, 3, 999, None])
def test_slices_give_every_call_back_in_its_order(expected: int, most: int | None) -> None:
    calls = drawn(5_000)
    held = held_in_pieces(calls, expected=expected)
    found: list[tuple[int, ...]] = []
    before = 0
    for start, end in held.slices(customers=most, calls=300):
        assert start == before < end
        assert most is None or end - start <= most
        found += rows(held.between(start, end), start)
        before = end
    assert before == CUSTOMERS
    assert found == rows(calls)
    assert len(held) == len(calls)


def test_slices_have_about_as_many_calls_as_are_asked_for() -> None:
    held = held_in_pieces(drawn(50_000), expected=200 * SLICE_CALLS)
    sizes = [len(held.between(*each)) for each in held.slices(calls=5_000)]
    assert len(sizes) == 11
    assert max(sizes) <= 5_000


def test_what_is_drained_is_held_no_longer() -> None:
    calls = drawn(5_000)
    held = held_in_pieces(calls, expected=10**8)
    found = CallColumns.joined(list(held.drained()))
    assert rows(found) == rows(calls)
    assert len(held) == 0
    assert len(held.between(0, CUSTOMERS)) == 0


def test_the_span_is_that_of_all_calls() -> None:
    calls = drawn(5_000)
    held = held_in_pieces(calls, expected=5_000)
    assert held.span == Span(int(calls.start.min()), int(calls.start.max()), 4_999)
    assert HeldCalls(3, expected=0).span == Span.nothing()
    assert Span.nothing().is_empty
    assert Span.nothing().days == 1


def test_nobody_has_no_slices() -> None:
    held = HeldCalls(0, expected=10)
    held.add(drawn(0))
    assert list(held.slices()) == []
    assert len(held.between(0, 0)) == 0


@pytest.mark.parametrize("customer", [-1, CUSTOMERS])
def test_a_call_of_nobody_is_refused(customer: int) -> None:
    calls = drawn(3)
    calls.customer[1] = customer
    with pytest.raises(InvalidValue) as refused:
        HeldCalls.of(calls, customers=CUSTOMERS)
    assert refused.value.name == "customer"


def test_what_is_packed_comes_out_as_it_was() -> None:
    calls = drawn(50)
    calls.seconds[3] = -5
    packed = PackedCalls.of(calls)
    assert len(packed) == 50
    assert rows(packed) == rows(calls)
    held = HeldCalls.of(calls, customers=CUSTOMERS)
    assert rows(held.between(0, CUSTOMERS)) == rows(calls)
    moved = held.between(400, 1_000)
    assert moved.base == 400
    assert rows(moved, 400) == [row for row in rows(calls) if row[0] >= 400]
