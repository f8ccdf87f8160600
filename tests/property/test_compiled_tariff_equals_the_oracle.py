"""The engine over the compiled tariff equals the oracle over catalog values, call by call."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plan_rules.catalog import Catalog
from plan_rules.rating import rate
from plan_rules.testing import CUSTOMER, calls, catalogs, oracle_bills
from plan_rules.usage import Call


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    catalogs(),
    calls(),
    st.none() | st.just(date(2026, 1, 31)),
    st.sampled_from(["", "MX", "GB", "US"]),
)
def test_every_call_and_every_cycle_agree(
    catalog: Catalog, made: list[Call], since: date | None, chosen: str
) -> None:
    customer = replace(CUSTOMER, since=since, chosen_country=chosen)
    for plan_id in catalog.plans:
        bills = rate(catalog=catalog, plan=plan_id, calls=made, customer=customer)
        expected = oracle_bills(catalog, plan_id, made, customer)
        assert [bill.cycle.start for bill in bills] == [each.start for each in expected]
        for bill, oracle in zip(bills, expected, strict=True):
            for charge, told in zip(bill.charges, oracle.calls, strict=True):
                assert charge.outcome.value == told.outcome
                assert charge.billed_seconds == told.billed_seconds
                assert charge.paid_seconds == told.paid_seconds
                assert charge.amount_micros == told.amount_micros
                drawn = {(bill.tariff.makers[draw.maker].id, draw.amount) for draw in charge.draws}
                assert drawn == set(told.drawn)
            assert bill.total_micros == oracle.total_micros
