"""A call priced by one multiplication costs what walking its increments costs."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given

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
from plan_rules.money import Rounding
from plan_rules.rating import rate
from plan_rules.testing import CUSTOMER, UNIVERSE, calls, increments, prices, roundings
from plan_rules.usage import Call


@given(prices(), prices(500_000), increments(), roundings(), calls())
def test_an_empty_allowance_changes_nothing(
    price: int, fee: int, increment: Increment, rounding: Rounding, made: list[Call]
) -> None:
    everywhere = parse_selector("default")
    terms = RateTerms(price=price, connection_fee=fee, increment=increment)
    table = RateTable(
        id="table", entries=(RateEntry(selector=everywhere, terms=Dated.always(terms)),)
    )
    simple = Plan(
        id="simple",
        name="",
        kind=PlanKind.PAY_PER_MINUTE,
        summary="",
        fee=Dated.always(0),
        rates="table",
        rounding=rounding,
    )
    empty = Allowance(id="empty", unit=AllowanceUnit.SECONDS, amount=0, to=(everywhere,))
    walked = replace(simple, id="walked", allowances=(empty,))
    catalog = Catalog(
        id="c",
        currency="USD",
        zone="UTC",
        plans={"simple": simple, "walked": walked},
        rate_tables={"table": table},
        base_numbering=UNIVERSE,
    )
    first, second = (
        rate(catalog=catalog, plan=plan, calls=made, customer=CUSTOMER)
        for plan in ("simple", "walked")
    )
    told = [
        [(c.outcome, c.amount_micros, c.billed_seconds) for bill in bills for c in bill.charges]
        for bills in (first, second)
    ]
    assert told[0] == told[1]
