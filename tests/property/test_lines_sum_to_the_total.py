"""Lines sum to the total, meters are never over-drawn, billed seconds keep their bounds."""

from __future__ import annotations

from hypothesis import given

from plan_rules.catalog import Catalog
from plan_rules.rating import rate
from plan_rules.testing import CUSTOMER, calls, catalogs, check_bill
from plan_rules.usage import Call


@given(catalogs(taxed=True), calls())
def test_every_bill_keeps_every_invariant(catalog: Catalog, made: list[Call]) -> None:
    for plan_id in catalog.plans:
        for bill in rate(catalog=catalog, plan=plan_id, calls=made, customer=CUSTOMER):
            check_bill(bill)
            assert bill.total.currency == "USD"
