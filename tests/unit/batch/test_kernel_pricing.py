from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import numpy as np
import pytest

from plan_rules.batch.book import BatchBook
from plan_rules.batch.columns import CallColumns, CustomerColumns
from plan_rules.batch.cycles import LONGEST
from plan_rules.batch.guards import Usage, demand_exact, demand_sums, fits_fast
from plan_rules.batch.laying import BeyondBatch
from plan_rules.batch.pricing import price
from plan_rules.batch.ranking import best
from plan_rules.catalog import (
    Allowance,
    AllowanceUnit,
    Billing,
    Catalog,
    Dated,
    Increment,
    Plan,
    PlanKind,
    RateEntry,
    RateTable,
    RateTerms,
    Tax,
)
from plan_rules.destinations import parse_selector
from plan_rules.errors import InvalidValue, UnknownId
from plan_rules.periods import CycleLength
from plan_rules.rating import rate
from plan_rules.testing import CUSTOMER, UNIVERSE
from plan_rules.usage import Call

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
CALLS = [Call(START, "+447700900000", 61), Call(START, "+525512345678", 200)]


def catalog_of(price: int = 150_000, **changes: object) -> Catalog:
    terms = RateTerms(price=price, increment=Increment(60, 60))
    entry = RateEntry(selector=parse_selector("default"), terms=Dated.always(terms))
    plan = Plan(
        id="plan",
        name="plan",
        kind=PlanKind.PAY_PER_MINUTE,
        summary="",
        fee=Dated.always(1_000_000),
        rates="table",
        allowances=(
            Allowance(
                id="minutes",
                unit=AllowanceUnit.SECONDS,
                amount=60,
                to=(parse_selector("GB"), parse_selector("GB/mobile")),
            ),
        ),
    )
    return Catalog(
        id="c",
        currency="USD",
        zone="UTC",
        plans={"plan": replace(plan, **changes)},  # type: ignore[arg-type]
        rate_tables={"table": RateTable(id="table", entries=(entry,))},
        base_numbering=UNIVERSE,
    )


def book_of(catalog: Catalog) -> BatchBook:
    return BatchBook.of(catalog)


WHO = CustomerColumns.of([CUSTOMER], plan_ids=("plan",))
COLUMNS = CallColumns.of([CALLS])


def changed(name: str, values: list[int]) -> CallColumns:
    kind = getattr(COLUMNS, name).dtype
    return replace(COLUMNS, **{name: np.array(values, kind)})


def test_a_book_sent_elsewhere_prices_alike() -> None:
    book = book_of(catalog_of())
    first = price(book, customers=WHO, calls=COLUMNS)
    again = pickle.loads(pickle.dumps(book))  # noqa: S301  our own bytes
    assert again.memo == {}
    second = price(again, customers=WHO, calls=COLUMNS)
    assert first.tables[0].total_micros.tolist() == second.tables[0].total_micros.tolist()
    assert (second.digest, second.currency) == (book.digest, "USD")


@pytest.mark.parametrize("detail", [True, False])
def test_the_fast_lane_draws_an_allowance_only_where_it_holds(*, detail: bool) -> None:
    catalog = catalog_of()
    book = book_of(catalog)
    assert [each.plan for each in book.plains] == [0]
    abroad = "+525512345678"
    calls = [
        Call(START + timedelta(hours=hour), abroad, seconds)
        for hour, seconds in enumerate((200, 61))
    ]
    found = price(book, customers=WHO, calls=CallColumns.of([calls]), detail=detail)
    told = rate(catalog=catalog, plan="plan", calls=calls, customer=CUSTOMER)
    assert found.tables[0].total_micros.tolist() == [[bill.total_micros] for bill in told]
    # The minute that is included holds for another country, and stays unused.
    assert told[0].total_micros == 1_000_000 + 6 * 150_000


def test_without_detail_only_amounts_are_told() -> None:
    found = price(book_of(catalog_of()), customers=WHO, calls=COLUMNS, detail=False)
    assert found.tables[0].blocked_calls is None
    assert found.tables[0].overage_seconds is None
    assert found.tables[0].total_micros.tolist() == [[1_000_000 + 150_000 + 600_000]]


def test_nobody_and_no_calls_have_no_rows() -> None:
    book = book_of(catalog_of())
    nothing = CallColumns.of([])
    assert len(price(book, customers=WHO, calls=nothing).tables[0]) == 0
    nobody = CustomerColumns.of([], plan_ids=book.plan_ids)
    assert len(price(book, customers=nobody, calls=nothing).tables[0]) == 0
    assert len(best(book, customers=nobody, calls=nothing, as_of=date(2026, 6, 1))) == 0


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("customer", [0, 1]),
        ("customer", [-1, 0]),
        ("number", [447700900000, 1234]),
        ("number", [447700900000, 10**15]),
        ("seconds", [-1, 5]),
        ("start", [-1, 0]),
        ("start", [0, 2**40]),
    ],
)
def test_a_call_that_cannot_be_is_refused(name: str, values: list[int]) -> None:
    with pytest.raises(InvalidValue) as caught:
        price(book_of(catalog_of()), customers=WHO, calls=changed(name, values))
    assert caught.value.name == name


@pytest.mark.parametrize(("option", "value"), [("threads", 0), ("horizon_cycles", 0)])
def test_less_than_one_is_refused(option: str, value: int) -> None:
    with pytest.raises(InvalidValue) as caught:
        best(
            book_of(catalog_of()),
            customers=WHO,
            calls=COLUMNS,
            as_of=date(2026, 6, 1),
            **{option: value},
        )
    assert caught.value.name == option


def test_columns_of_other_types_or_codes_are_refused() -> None:
    with pytest.raises(InvalidValue):
        replace(COLUMNS, seconds=np.array([1, 2], np.int64))
    with pytest.raises(InvalidValue):
        replace(COLUMNS, number=np.array([1], np.int64))
    with pytest.raises(InvalidValue):
        replace(WHO, zone=np.array([7], np.int32))
    with pytest.raises(InvalidValue):
        CustomerColumns.of([replace(CUSTOMER, plan="other")], plan_ids=("plan",))
    with pytest.raises(InvalidValue):
        CallColumns.of([[Call(START, "+447700900000", 2**31)]])


@pytest.mark.parametrize(
    ("micros", "lane"),
    [
        (10**6, "fast"),
        (10**12, "fast"),
        (10**13, "exact"),  # dearer than floats are exact for
        (10**14, "exact"),
    ],
)
def test_dear_prices_leave_the_fast_lane_and_stay_exact(micros: int, lane: str) -> None:
    catalog = catalog_of(price=micros)
    book = book_of(catalog)
    most = Usage(calls=2, seconds=261, longest=200)
    assert fits_fast(book.ceiling, most, 1) == (lane == "fast")
    found = price(book, customers=WHO, calls=COLUMNS)
    (bill,) = rate(catalog=catalog, plan="plan", calls=CALLS, customer=CUSTOMER)
    assert found.tables[0].total_micros.tolist() == [[bill.total_micros]]


def test_amounts_beyond_64_bits_are_refused_and_never_wrong() -> None:
    for amount in (2**56, 2**70):
        with pytest.raises(BeyondBatch):
            book_of(catalog_of(price=amount))
    with pytest.raises(BeyondBatch):
        book_of(catalog_of(fee=Dated.always(2**56)))
    with pytest.raises(BeyondBatch):
        price(book_of(catalog_of(price=2**54)), customers=WHO, calls=COLUMNS)
    ceiling = book_of(catalog_of(price=10**13)).ceiling
    with pytest.raises(BeyondBatch):
        demand_exact(ceiling, Usage(calls=10**6, seconds=10**8, longest=100))
    tax = book_of(catalog_of()).tax
    usage = Usage(calls=1, seconds=60, longest=60)
    with pytest.raises(BeyondBatch):
        demand_sums(ceiling, usage, tax, cycles=10_000, horizon=10_000)


def test_what_the_tables_cannot_hold_is_refused() -> None:
    long = Billing(length=CycleLength(count=LONGEST + 1))
    with pytest.raises(BeyondBatch):
        book_of(catalog_of(billing=long))
    fine = Tax(usage=Fraction(1, 3 * 10**11), fee=Fraction(0))
    with pytest.raises(BeyondBatch):
        book_of(replace(catalog_of(), tax=fine))


def test_a_negative_price_is_refused() -> None:
    with pytest.raises(BeyondBatch):
        book_of(catalog_of(price=-1))


@pytest.mark.parametrize("amount", [0, 1, 100_000, 899_999, 900_000, 10_000_000])
def test_money_is_drawn_up_to_what_is_left(amount: int) -> None:
    credit = Allowance(
        id="credit",
        unit=AllowanceUnit.MICROS,
        amount=amount,
        to=(parse_selector("default"),),
    )
    catalog = catalog_of(allowances=(credit,))
    found = price(book_of(catalog), customers=WHO, calls=COLUMNS)
    (bill,) = rate(catalog=catalog, plan="plan", calls=CALLS, customer=CUSTOMER)
    assert found.tables[0].total_micros.tolist() == [[bill.total_micros]]
    assert bill.usage_micros == max(0, 900_000 - amount)


def test_a_plan_that_the_book_does_not_have_is_not_priced() -> None:
    with pytest.raises(UnknownId) as refused:
        price(book_of(catalog_of()), customers=WHO, calls=COLUMNS, plans={"plann"})
    assert (refused.value.kind, refused.value.value) == ("plan", "plann")
