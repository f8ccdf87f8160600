"""An allowance is never used beyond its amount, and its meters count what calls drew."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from plan_rules.catalog import Catalog
from plan_rules.periods import cycle_at
from plan_rules.rating import CycleInputs, billing_anchor, place_calls, rate, rate_cycle
from plan_rules.tariff import compile_catalog
from plan_rules.testing import CUSTOMER, calls, catalogs, check_no_overdraw, check_nothing_lost
from plan_rules.usage import Call


@given(catalogs(), calls())
def test_over_a_customers_cycles(catalog: Catalog, made: list[Call]) -> None:
    for plan_id in catalog.plans:
        for bill in rate(catalog=catalog, plan=plan_id, calls=made, customer=CUSTOMER):
            check_no_overdraw(bill)
            check_nothing_lost(bill)


@given(catalogs(max_plans=1), calls(), st.integers(0, 100))
def test_with_limits_made_smaller(catalog: Catalog, made: list[Call], limit: int) -> None:
    book = compile_catalog(catalog)
    placed = place_calls(book, made, zone=CUSTOMER.zone)
    for tariff in book.plans.values():
        anchor = billing_anchor(tariff, CUSTOMER.anchor)
        for each in placed[:1]:
            cycle = cycle_at(each.day, anchor=anchor, length=tariff.plan.billing.length)
            prorated = dict.fromkeys(range(len(tariff.meters)), limit)
            inputs = CycleInputs(limits=prorated)
            bill = rate_cycle(book, tariff, cycle=cycle, placed=placed, inputs=inputs)
            check_no_overdraw(bill)
