"""The rules of the sample catalog over many customers: best plans and bills as told one by one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date
from decimal import Decimal

import numpy as np
import pytest

from plan_rules.advice import recommend
from plan_rules.assessment import NotEnoughHistory
from plan_rules.assessment.billing import rate
from plan_rules.batch.book import batch_book
from plan_rules.batch.columns import CallColumns, CustomerColumns
from plan_rules.batch.pricing import price
from plan_rules.batch.ranking import best
from plan_rules.batch.synth import Population
from plan_rules.batch.synth.habits import Habits
from plan_rules.usage import Call, Customer
from plan_rules.usage.customer import Fact
from tests.unit.batch.batches import sample

AS_OF = date(2026, 6, 20)
MANY = 200
FEW = 15
Batch = tuple[list[Customer], list[list[Call]]]


def facts_of(chance: np.random.Generator) -> Mapping[str, Fact]:
    """What the operator knows of a customer; often nothing."""
    values: dict[str, list[Fact]] = {
        "segment": ["household", "business", "wholesale"],
        "student": [True, False],
        "account": ["prepaid", "post-paid"],
        "autopay": [True, False],
        "paperless": [True, False],
        "late-payments": [0, 1, 2, 3, 6, 12],
        "credit-limit": [Decimal(5), Decimal("19.99"), Decimal(20), Decimal(1000)],
        "last-intro": ["2025-01-01"],
        "services": [(), ("mobile",), ("mobile", "broadband"), ("broadband", "television")],
    }
    return {
        name: options[chance.integers(len(options))]
        for name, options in values.items()
        if chance.random() < 0.5
    }


@pytest.fixture(scope="module")
def drawn() -> Batch:
    """Customers of every kind that rules tell apart, each with a few calls."""
    people = Population(
        customers=MANY,
        months=3,
        seed=11,
        start=date(2026, 3, 1),
        plans=tuple(sample().plans),
        habits=Habits(calls_a_month=4.0),
    )
    chance = np.random.default_rng(7)
    who = [
        Customer(
            id=str(row["customer_id"]),
            home=chance.choice([row["home"], "DE", "FR"]),
            zone=row["zone"],
            anchor=row["anchor"],
            plan=row["plan"] if chance.random() < 0.8 else "",
            since=date.fromordinal(int(chance.integers(736_000, AS_OF.toordinal()))),
            facts=facts_of(chance),
        )
        for row in people.customers_table().to_pylist()
    ]
    made: list[list[Call]] = [[] for _ in who]
    place = {each.id: index for index, each in enumerate(who)}
    for batch in people.calls():
        for row in batch.to_pylist():
            made[place[str(row["customer_id"])]].append(
                Call(
                    start=row["start"].astimezone(UTC),
                    number=f"+{row['number']}",
                    seconds=row["seconds"],
                )
            )
    return who, made


def test_many_customers_are_advised_what_recommend_advises(drawn: Batch) -> None:
    who, made = drawn
    catalog = sample()
    book = batch_book(catalog)
    found = best(
        book,
        customers=CustomerColumns.of(who, plan_ids=book.plan_ids, rules=catalog.rules),
        calls=CallColumns.of(made),
        as_of=AS_OF,
    )
    assert found.excluded is not None
    excluded = adjusted = 0
    for index, (customer, calls) in enumerate(zip(who, made, strict=True)):
        ranked = [book.plan_ids[plan] for plan in found.order[index] if plan >= 0]
        try:
            told = recommend(catalog=catalog, calls=calls, customer=customer, as_of=AS_OF)
        except NotEnoughHistory:
            assert (ranked, found.cycles[index]) == ([], 0)
            continue
        assert ranked == [option.plan.id for option in told.options]
        kept = [book.plan_ids[plan] for plan in np.flatnonzero(found.excluded[index])]
        assert kept == [each.plan.id for each in told.excluded]
        assert [int(found.monthly_micros[index, book.plan_ids.index(name)]) for name in ranked] == [
            option.monthly.micros for option in told.options
        ]
        excluded += len(kept)
        adjusted += any(
            bill.adjustments for option in told.options for bill in option.assessment.bills
        )
    assert excluded > MANY
    assert adjusted > MANY // 2


def test_some_bills_are_what_rate_says(drawn: Batch) -> None:
    who, made = drawn[0][:FEW], drawn[1][:FEW]
    catalog = sample()
    book = batch_book(catalog)
    found = price(
        book,
        customers=CustomerColumns.of(who, plan_ids=book.plan_ids, rules=catalog.rules),
        calls=CallColumns.of(made),
    )
    for table in found.tables:
        assert table.adjustments_micros is not None
        for column, plan in enumerate(table.plans):
            for index, (customer, calls) in enumerate(zip(who, made, strict=True)):
                rows = np.flatnonzero(table.customer == index)
                bills = rate(
                    catalog=catalog, plan=book.plan_ids[plan], calls=calls, customer=customer
                )
                brought = [sum(line.amount_micros for line in each.adjustments) for each in bills]
                assert table.adjustments_micros[rows, column].tolist() == brought
                assert table.total_micros[rows, column].tolist() == [
                    each.total_micros for each in bills
                ]
