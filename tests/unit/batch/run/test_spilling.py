from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from plan_rules.batch.columns import CallColumns
from plan_rules.batch.held import HeldCalls
from plan_rules.batch.run.parts import Division, Gathered, InMemory
from plan_rules.batch.run.spilling import OnDisk, Spill

CUSTOMERS = 23


def drawn(count: int, seed: int = 1) -> CallColumns:
    generator = np.random.default_rng(seed)
    return CallColumns(
        customer=generator.integers(0, CUSTOMERS, count).astype(np.int32),
        start=generator.integers(0, 10**9, count),
        number=generator.integers(10**5, 10**12, count),
        seconds=np.arange(count, dtype=np.int32),
    )


def rows(gathered: Gathered, most: int) -> list[tuple[int, int, int, int]]:
    """All calls, by customer; the customers of a piece are its own and whole."""
    found, before = [], 0
    for part in gathered.division:
        for piece in gathered.pieces(part, most=most):
            assert piece.start == before
            before = piece.end
            calls = piece.between(piece.start, piece.end).columns
            assert len(calls) <= most or piece.end - piece.start == 1 or most > 1000
            found += [
                (int(customer) + piece.start, int(start), int(number), int(seconds))
                for customer, start, number, seconds in zip(
                    calls.customer, calls.start, calls.number, calls.seconds, strict=True
                )
            ]
    assert before == CUSTOMERS
    return sorted(found, key=lambda row: row[0])


def expected(calls: CallColumns) -> list[tuple[int, int, int, int]]:
    every = zip(
        calls.customer.tolist(),
        calls.start.tolist(),
        calls.number.tolist(),
        calls.seconds.tolist(),
        strict=True,
    )
    return sorted(every, key=lambda row: row[0])


@pytest.mark.parametrize("parts", [1, 2, 5, 23, 100])
@pytest.mark.parametrize("most", [3, 40, 5000])
def test_spilled_calls_come_back_by_customer_in_their_order(
    parts: int, most: int, tmp_path: Path
) -> None:
    calls = drawn(400)
    division = Division.of(CUSTOMERS, parts=parts)
    spill = Spill(tmp_path, division)
    for first in range(0, 400, 150):
        kept = slice(first, first + 150)
        spill.add(
            CallColumns(
                customer=calls.customer[kept],
                start=calls.start[kept],
                number=calls.number[kept],
                seconds=calls.seconds[kept],
            )
        )
    spill.checkpoint()
    spill.close()
    assert rows(OnDisk(tmp_path, division), most) == expected(calls)


@pytest.mark.parametrize("parts", [1, 2, 5, 23, 100])
def test_calls_in_memory_come_by_customer_in_their_order(parts: int) -> None:
    calls = drawn(400)
    together = HeldCalls.of(calls, customers=CUSTOMERS)
    division = Division.of(CUSTOMERS, parts=parts)
    assert rows(InMemory(together, division), 10_000) == expected(calls)


def test_a_spill_is_cut_back_to_its_last_checkpoint(tmp_path: Path) -> None:
    division = Division.of(CUSTOMERS, parts=4)
    spill = Spill(tmp_path, division)
    spill.add(drawn(100))
    lengths = spill.checkpoint()
    spill.add(drawn(57, seed=2))
    spill.close()
    again = Spill(tmp_path, division, lengths)
    again.add(drawn(30, seed=3))
    again.checkpoint()
    again.close()
    found = rows(OnDisk(tmp_path, division), 10_000)
    assert sorted(found) == sorted(expected(drawn(100)) + expected(drawn(30, seed=3)))


@pytest.mark.parametrize(("customers", "parts", "widths"), [(10, 3, [4, 4, 2]), (2, 5, [1, 1])])
def test_a_division_covers_every_customer_once(
    customers: int, parts: int, widths: list[int]
) -> None:
    division = Division.of(customers, parts=parts)
    assert [part.customers for part in division] == widths
    numbers = division.part_of(np.arange(customers, dtype=np.int32))
    assert numbers.tolist() == [part.number for part in division for _ in range(part.customers)]
