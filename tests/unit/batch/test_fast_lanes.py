"""However plain plans stand in lanes, the fast lane says what the exact lane says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from plan_rules.batch.book import BatchBook
from plan_rules.batch.columns import CallColumns, CustomerColumns
from plan_rules.batch.fast_tables import MOST_KINDS, TOGETHER, FastTables
from plan_rules.batch.placing import place
from plan_rules.batch.pricing import Lanes, price
from plan_rules.batch.ranking import best
from plan_rules.batch.vectors import WIDTH
from plan_rules.catalog import (
    Allowance,
    AllowanceUnit,
    Catalog,
    Dated,
    Increment,
    Plan,
    PlanKind,
    RateEntry,
    RateTable,
    RateTerms,
)
from plan_rules.destinations import parse_selector
from plan_rules.testing import UNIVERSE
from plan_rules.usage import Customer

CUSTOMERS, CALLS = 7, 900
NUMBERS = (447_700_900_000, 525_512_345_678, 525_500_000_000, 12_025_550_100)
FIRSTS = (60, 1, 30, 30, 60, 6, 15, 20, 45, 10, 12, 90)
NEXTS = (60, 1, 6, 30, 1, 6, 15, 10, 5, 10, 3, 30)
STEPS = tuple(map(Increment, FIRSTS, NEXTS))


@dataclass(frozen=True)
class Shape:
    """Some plans: their increments, which of them have an allowance, and a price.

    With `abroad` Mexico has increments of its own.
    """

    steps: Sequence[Increment]
    plans: int
    limited: Sequence[bool]
    price: int = 123_457
    abroad: Increment | None = None


SHAPES = {
    "one kind": Shape(STEPS[:1], 20, (True, False)),
    "three kinds": Shape(STEPS[:3], 9, (True,)),
    "as many as are billed at once": Shape(STEPS[:MOST_KINDS], 40, (True, False, True)),
    "more than are billed at once": Shape(STEPS, 40, (True, False, True)),
    "several patterns": Shape(STEPS[:2], 12, (True, False), abroad=STEPS[2]),
    "all free": Shape(STEPS[:2], 9, (False,)),
    "all limited": Shape(STEPS[:5], 17, (True,)),
    "dear": Shape(STEPS[:5], 17, (True, False), 33_554_433),
}


def catalog_of(shape: Shape) -> Catalog:
    plans, tables = {}, {}
    for index in range(shape.plans):
        name = f"plan-{index:02d}"
        terms = RateTerms(
            price=shape.price + 7 * index,
            increment=shape.steps[index % len(shape.steps)],
            connection_fee=10_001 if index % 4 == 0 else None,
        )
        entries = [RateEntry(selector=parse_selector("default"), terms=Dated.always(terms))]
        if shape.abroad is not None:
            there = Dated.always(replace(terms, increment=shape.abroad))
            entries.append(RateEntry(selector=parse_selector("MX"), terms=there))
        tables[name] = RateTable(id=name, entries=tuple(entries))
        allowance = Allowance(
            id="minutes",
            unit=AllowanceUnit.SECONDS,
            amount=900 + 600 * index,
            to=(parse_selector("GB"), parse_selector("GB/mobile")),
        )
        plans[name] = Plan(
            id=name,
            name=name,
            kind=PlanKind.PAY_PER_MINUTE,
            summary="",
            fee=Dated.always(1_000_000 * index),
            rates=name,
            allowances=(allowance,) if shape.limited[index % len(shape.limited)] else (),
        )
    return Catalog(
        id="c", currency="USD", zone="UTC", plans=plans, rate_tables=tables, base_numbering=UNIVERSE
    )


def drawn() -> CallColumns:
    generator = np.random.default_rng(11)
    begin, end = (int(datetime(2026, month, 1, tzinfo=UTC).timestamp()) for month in (1, 4))
    long = generator.integers(0, 1_500, CALLS) * (generator.random(CALLS) > 0.1)
    return CallColumns(
        customer=generator.integers(0, CUSTOMERS, CALLS).astype(np.int32),
        start=np.sort(generator.integers(begin, end, CALLS)),
        number=np.array(NUMBERS)[generator.integers(0, len(NUMBERS), CALLS)],
        seconds=long.astype(np.int32),
    )


def people(book: BatchBook) -> CustomerColumns:
    return CustomerColumns.of(
        [
            Customer(id=str(index), home="US", zone="UTC", anchor=date(2026, 1, 1 + index))
            for index in range(CUSTOMERS)
        ],
        plan_ids=book.plan_ids,
    )


def laid_out(book: BatchBook) -> FastTables:
    placed = place(book, people(book), drawn())
    found = Lanes.of(book, placed, range(len(book.plan_ids)), fixed=-1).fast
    assert found is not None
    return found


@pytest.mark.parametrize("name", SHAPES)
def test_the_lanes_agree_however_plans_stand_in_them(name: str) -> None:
    book = BatchBook.of(catalog_of(SHAPES[name]))
    slow = replace(book, plains=())
    who, calls = people(book), drawn()
    for detail in (True, False):
        (fast_table,) = price(book, customers=who, calls=calls, detail=detail).tables
        (slow_table,) = price(slow, customers=who, calls=calls, detail=detail).tables
        for column in ("usage_micros", "total_micros", *(("overage_seconds",) if detail else ())):
            assert np.array_equal(getattr(fast_table, column), getattr(slow_table, column))
    as_of = date(2026, 4, 2)
    assert np.array_equal(
        best(book, customers=who, calls=calls, as_of=as_of).monthly_micros,
        best(slow, customers=who, calls=calls, as_of=as_of).monthly_micros,
    )


def test_the_shapes_stand_in_lanes_in_every_way() -> None:
    laid = {name: laid_out(BatchBook.of(catalog_of(shape))) for name, shape in SHAPES.items()}
    counts = {name: fast.kinds.counts[fast.patterns[0, 0]].tolist() for name, fast in laid.items()}
    assert set(counts["one kind"]) == {1}
    assert max(counts["three kinds"]) == TOGETHER
    assert max(counts["as many as are billed at once"]) > TOGETHER
    assert (laid["as many as are billed at once"].kinds.lanes[0] >= 0).all()
    assert set(counts["more than are billed at once"]) == {TOGETHER + 1}
    assert len(laid["several patterns"].kinds.counts) > 1
    assert not laid["all free"].limited.any()
    assert laid["all limited"].limited.all()
    kinds = {name: fast.cells.dtype for name, fast in laid.items()}
    assert kinds.pop("dear") == np.float64
    assert set(kinds.values()) == {np.dtype(np.float32)}


@pytest.mark.parametrize("name", SHAPES)
def test_every_plan_has_one_lane_and_those_with_an_allowance_come_first(name: str) -> None:
    fast = laid_out(BatchBook.of(catalog_of(SHAPES[name])))
    assert sorted(fast.plans.tolist()) == list(range(SHAPES[name].plans))
    limited = (fast.meters[:, 0] >= 0).tolist()
    assert limited == sorted(limited, reverse=True)
    vectors = -(-len(limited) // WIDTH)
    assert fast.limited.tolist() == [any(limited[at * WIDTH :][:WIDTH]) for at in range(vectors)]
