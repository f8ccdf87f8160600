"""Many customers priced as columns owe, to the micro, what the readable engine says of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from plan_rules.assessment.billing import rate as rate_with_rules
from plan_rules.assessment.coverage import coverage_by_country
from plan_rules.assessment.history import History
from plan_rules.assessment.inquiry import Inquiry
from plan_rules.batch.bills import CycleBills, CycleTable
from plan_rules.batch.book import BatchBook
from plan_rules.batch.columns import CallColumns, CustomerColumns, day_of
from plan_rules.batch.pricing import price
from plan_rules.catalog import (
    Allowance,
    AllowanceUnit,
    Catalog,
    Dated,
    InsidePrice,
    Limit,
    LimitMetric,
    Limits,
    RateEntry,
    RateTerms,
    Reset,
)
from plan_rules.catalog.catalog import NO_RULES
from plan_rules.destinations import parse_selector
from plan_rules.money import Rounding, RoundingMode
from plan_rules.rating import Bill, CycleInputs, Outcome, place_calls, rate, rate_cycle
from plan_rules.rules.rule import RuleSet
from plan_rules.tariff import TariffBook, tariff_book
from plan_rules.testing import calls, catalogs, increments, prices
from plan_rules.usage import Call, Customer
from tests.property.rules_that_decide import deciding, own_facts

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
ZONES = ("America/New_York", "Europe/London", "Asia/Kathmandu", "Pacific/Auckland", "UTC")
ANCHORS = (
    date(2026, 1, 31),
    date(2026, 2, 28),
    date(2024, 2, 29),
    date(2026, 5, 1),
    date(1999, 1, 15),
)
REFUSALS = (Outcome.BLOCKED, Outcome.UNCOVERED, Outcome.UNRATED)


def customers(plan_ids: Sequence[str], rules: RuleSet = NO_RULES) -> st.SearchStrategy[Customer]:
    return st.builds(
        Customer,
        id=st.just("generated"),
        home=st.sampled_from(["US", "FR"]),
        facts=own_facts(rules),
        zone=st.sampled_from(ZONES),
        anchor=st.sampled_from(ANCHORS),
        plan=st.sampled_from(["", *plan_ids]),
        since=st.none() | st.sampled_from([date(2026, 1, 31), date(2026, 2, 20), date(2025, 1, 1)]),
        chosen_country=st.sampled_from(["", "MX", "GB", "US", "FR"]),
    )


def plainly(terms: Dated[RateTerms]) -> Dated[RateTerms]:
    """Terms without what a price a minute and a fee cannot say."""
    rare = {"first_price": None, "minimum": None, "cap": None, "tiers": None}
    entries = tuple((day, replace(each, **rare)) for day, each in terms.entries)
    return Dated(entries)


def plain_rows(rows: Sequence[RateEntry]) -> tuple[RateEntry, ...]:
    return tuple(
        replace(
            row,
            terms=plainly(row.terms),
            by_band=tuple((band, plainly(each)) for band, each in row.by_band),
        )
        for row in rows
    )


@st.composite
def plain_batches(draw: st.DrawFn) -> tuple[Catalog, list[Customer], list[list[Call]]]:
    """A batch whose plans are those of the fast lane: at most one allowance, of seconds."""
    catalog = draw(catalogs(max_plans=3))
    limit = st.builds(
        Limit,
        metric=st.just(LimitMetric.SECONDS),
        per=st.just(Reset.CYCLE),
        amount=st.sampled_from([0, 59, 60, 200, 1000]),
    )
    allowance = st.builds(
        Allowance,
        id=st.just("a"),
        unit=st.just(AllowanceUnit.SECONDS),
        amount=st.none() | st.sampled_from([0, 1, 59, 60, 61, 119, 300, 700, 2000, 1_000_000]),
        to=st.sampled_from(["default", "MX", "GB", "US"]).map(lambda word: (parse_selector(word),)),
        increment=increments(),
        prices=st.just(())
        | st.builds(InsidePrice, selector=st.just(parse_selector("MX")), price=prices()).map(
            lambda each: (each,)
        ),
        limits=st.builds(
            Limits, limits=st.just(()) | limit.map(lambda each: (each,)), needs_all=st.booleans()
        ),
    )
    rounding = st.builds(
        Rounding,
        step_micros=st.sampled_from([1, 100, 10_000]),
        mode=st.sampled_from([RoundingMode.HALF_UP, RoundingMode.UP, RoundingMode.DOWN]),
    )
    plain = {
        name: replace(
            plan,
            allowances=draw(st.just(()) | allowance.map(lambda each: (each,))),
            volumes=(),
            rounding=draw(rounding),
            rates="table",
            choose_from=(),
            overrides=plain_rows(plan.overrides),
        )
        for name, plan in catalog.plans.items()
    }
    table = catalog.rate_tables["table"]
    rows = plain_rows(table.entries)
    catalog = replace(catalog, plans=plain, rate_tables={"table": replace(table, entries=rows)})
    found = draw(st.lists(customers(list(catalog.plans)), min_size=1, max_size=2))
    return catalog, found, [draw(calls(max_size=20)) for _ in found]


@st.composite
def batches(
    draw: st.DrawFn, *, ruled: bool = False
) -> tuple[Catalog, list[Customer], list[list[Call]]]:
    catalog = draw(catalogs(max_plans=3, taxed=draw(st.booleans())))
    if ruled:
        catalog = draw(deciding(catalog))
    one = customers(list(catalog.plans), catalog.rules)
    found = draw(st.lists(one, min_size=2, max_size=3))
    return catalog, found, [draw(calls()) + draw(calls(max_size=24)) for _ in found]


def priced(
    catalog: Catalog,
    who: Sequence[Customer],
    made: Sequence[Sequence[Call]],
    *,
    on: date | None = None,
    plans: set[str] | None = None,
    threads: int = 1,
    slice_calls: int = 1 << 15,
) -> CycleBills:
    book = BatchBook.of(catalog)
    return price(
        book,
        customers=CustomerColumns.of(who, plan_ids=book.plan_ids, rules=catalog.rules),
        calls=CallColumns.of(made),
        values_on=on,
        plans=plans,
        threads=threads,
        slice_calls=slice_calls,
    )


def told(bill: Bill, *, chained: set[int]) -> tuple[object, ...]:
    """What a bill says that a row of columns says too."""
    overage = sum(each.paid_seconds for each in bill.charges if id(each) in chained)
    refused = [
        (len(found), sum(each.call.seconds for each in found))
        for found in map(bill.calls_with, REFUSALS)
    ]
    volumes = sum(
        each.amount_micros
        for each in bill.settlements
        if bill.tariff.makers[each.maker].kind.value == "volume"
    )
    return (
        bill.cycle.start,
        bill.cycle.end,
        bill.cycle.index,
        len(bill.charges),
        sum(each.call.seconds for each in bill.charges),
        bill.total_micros,
        bill.usage_micros,
        volumes,
        bill.fee_micros,
        *refused,
        overage,
    )


def expected(book: TariffBook, bills: Sequence[Bill], on: date | None) -> list[tuple[object, ...]]:
    found = []
    for bill in bills:
        terms = bill.tariff.terms[book.epoch_index(on or bill.cycle.start)]
        chained = {id(each) for each in bill.charges if terms.chains[each.placed.class_index]}
        found.append(told(bill, chained=chained))
    return found


def given_by(table: CycleTable, customer: int, column: int) -> list[tuple[object, ...]]:
    assert table.blocked_calls is not None
    assert table.uncovered_calls is not None
    assert table.unrated_calls is not None
    assert table.blocked_seconds is not None
    assert table.uncovered_seconds is not None
    assert table.unrated_seconds is not None
    assert table.overage_seconds is not None
    return [
        (
            day_of(int(table.start[row])),
            day_of(int(table.end[row])),
            table.index[row],
            table.calls[row],
            table.seconds[row],
            table.total_micros[row, column],
            table.usage_micros[row, column],
            table.volume_micros[row, column],
            table.fee_micros[row, column],
            (table.blocked_calls[row, column], table.blocked_seconds[row, column]),
            (table.uncovered_calls[row, column], table.uncovered_seconds[row, column]),
            (table.unrated_calls[row, column], table.unrated_seconds[row, column]),
            table.overage_seconds[row, column],
        )
        for row in np.flatnonzero(table.customer == customer)
    ]


@settings(suppress_health_check=SLOW)
@given(batches())
def test_every_cycle_costs_what_rate_says(
    batch: tuple[Catalog, list[Customer], list[list[Call]]],
) -> None:
    catalog, who, made = batch
    found = priced(catalog, who, made)
    for table in found.tables:
        for column, plan in enumerate(table.plans):
            for index, (customer, history) in enumerate(zip(who, made, strict=True)):
                bills = rate(
                    catalog=catalog, plan=found.plan_ids[plan], calls=history, customer=customer
                )
                wanted = expected(tariff_book(catalog), bills, None)
                assert given_by(table, index, column) == wanted


def asked_on(
    catalog: Catalog,
    plan: str,
    history: Sequence[Call],
    customer: Customer,
    on: date,
    bills: Sequence[Bill],
) -> list[Bill]:
    """Bills on the values of one day, adjusted by rules that are asked on that day."""
    book = tariff_book(catalog)
    found: list[Bill] = []
    for bill in bills:
        before = History.of(book=book, customer=customer, calls=history, as_of=bill.cycle.start)
        inquiry = Inquiry.of(catalog=catalog, customer=customer, as_of=on, history=before)
        coverage = coverage_by_country(charge for each in found for charge in each.charges)
        eligibility = inquiry.eligibility(book.plan(plan), on=on, coverage=coverage)
        found.append(inquiry.adjusted(bill, eligibility, on=on).bill)
    return found


@settings(suppress_health_check=SLOW)
@given(batches(ruled=True))
def test_every_cycle_is_adjusted_as_rate_says(
    batch: tuple[Catalog, list[Customer], list[list[Call]]],
) -> None:
    catalog, who, made = batch
    found = priced(catalog, who, made)
    adjusted = 0
    for table in found.tables:
        for column, plan in enumerate(table.plans):
            for index, (customer, history) in enumerate(zip(who, made, strict=True)):
                bills = rate_with_rules(
                    catalog=catalog, plan=found.plan_ids[plan], calls=history, customer=customer
                )
                assert given_by(table, index, column) == expected(tariff_book(catalog), bills, None)
                brought = [sum(line.amount_micros for line in bill.adjustments) for bill in bills]
                rows = np.flatnonzero(table.customer == index)
                if table.adjustments_micros is None:
                    assert not any(brought)
                else:
                    assert table.adjustments_micros[rows, column].tolist() == brought
                adjusted += any(brought)
    event(f"adjusted: {adjusted > 0}")


@settings(suppress_health_check=SLOW)
@given(batches() | plain_batches(), st.data())
def test_some_plans_cost_what_rate_says_of_each_and_no_other_is_priced(
    batch: tuple[Catalog, list[Customer], list[list[Call]]], data: st.DataObject
) -> None:
    catalog, who, made = batch
    kept = data.draw(st.sets(st.sampled_from(list(catalog.plans))))
    found = priced(catalog, who, made, plans=kept, slice_calls=5)
    of_plan = [found.plan_ids[plan] for table in found.tables for plan in table.plans]
    assert sorted(of_plan) == sorted(kept)
    for table in found.tables:
        for column, plan in enumerate(table.plans):
            for index, (customer, history) in enumerate(zip(who, made, strict=True)):
                bills = rate(
                    catalog=catalog, plan=found.plan_ids[plan], calls=history, customer=customer
                )
                wanted = expected(tariff_book(catalog), bills, None)
                assert given_by(table, index, column) == wanted


@settings(suppress_health_check=SLOW)
@given(plain_batches())
def test_plain_plans_cost_what_rate_says_in_either_lane(
    batch: tuple[Catalog, list[Customer], list[list[Call]]],
) -> None:
    catalog, who, made = batch
    found = priced(catalog, who, made)
    book = BatchBook.of(catalog)
    event(f"{len(book.plains)} of {len(book.plan_ids)} plans in the fast lane")
    exact = price(
        replace(book, plains=()),
        customers=CustomerColumns.of(who, plan_ids=book.plan_ids),
        calls=CallColumns.of(made),
    )
    brief = price(
        book,
        customers=CustomerColumns.of(who, plan_ids=book.plan_ids),
        calls=CallColumns.of(made),
        detail=False,
    )
    for table, other, short in zip(found.tables, exact.tables, brief.tables, strict=True):
        assert short.total_micros.tolist() == table.total_micros.tolist()
        for column, plan in enumerate(table.plans):
            for index, (customer, history) in enumerate(zip(who, made, strict=True)):
                bills = rate(
                    catalog=catalog, plan=found.plan_ids[plan], calls=history, customer=customer
                )
                wanted = expected(tariff_book(catalog), bills, None)
                assert given_by(table, index, column) == wanted
                assert given_by(other, index, column) == wanted


@settings(suppress_health_check=SLOW)
@given(
    st.booleans().flatmap(lambda ruled: batches(ruled=ruled)),
    st.sampled_from([date(2026, 1, 1), date(2026, 2, 10), date(2026, 6, 1)]),
)
def test_history_on_the_values_of_one_day_costs_what_rating_says(
    batch: tuple[Catalog, list[Customer], list[list[Call]]], on: date
) -> None:
    catalog, who, made = batch
    book = tariff_book(catalog)
    found = priced(catalog, who, made, on=on)
    for table in found.tables:
        for column, plan in enumerate(table.plans):
            for index, (customer, history) in enumerate(zip(who, made, strict=True)):
                placed = place_calls(book, history, zone=customer.zone, values_on=on)
                cycles = [
                    bill.cycle
                    for bill in rate(
                        catalog=catalog, plan=found.plan_ids[plan], calls=history, customer=customer
                    )
                ]
                bills = [
                    rate_cycle(
                        book,
                        book.plan(found.plan_ids[plan]),
                        cycle=cycle,
                        placed=tuple(each for each in placed if each.day in cycle),
                        inputs=CycleInputs(chosen=customer.chosen_country),
                        terms_on=on,
                    )
                    for cycle in cycles
                ]
                if catalog.rules.rules:
                    bills = asked_on(catalog, found.plan_ids[plan], history, customer, on, bills)
                assert given_by(table, index, column) == expected(book, bills, on)


@settings(suppress_health_check=SLOW)
@given(
    batches(),
    st.integers(1, 3),
    st.sampled_from([1, 2, 5, 100]),
    st.randoms(use_true_random=False),
)
def test_order_chunks_and_threads_change_nothing(
    batch: tuple[Catalog, list[Customer], list[list[Call]]],
    threads: int,
    slice_calls: int,
    chance: object,
) -> None:
    catalog, who, made = batch
    shuffled = [list(history) for history in made]
    for history in shuffled:
        chance.shuffle(history)  # type: ignore[attr-defined]
    one = priced(catalog, who, made)
    other = priced(catalog, who, shuffled, threads=threads, slice_calls=slice_calls)
    for first, second in zip(one.tables, other.tables, strict=True):
        for customer in range(len(who)):
            for column in range(len(first.plans)):
                assert given_by(first, customer, column) == given_by(second, customer, column)
