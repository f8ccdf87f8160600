"""A longer call never makes a bill smaller before tax, on plans derived to be monotone."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from plan_rules.catalog import Catalog
from plan_rules.loading import load_catalog, sample_catalog_path
from plan_rules.rating import rate
from plan_rules.tariff import is_monotone, tariff_book
from plan_rules.testing import CUSTOMER, calls, catalogs
from plan_rules.usage import Call


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(catalogs(), calls(), st.data())
def test_every_bill_of_a_monotone_plan(
    catalog: Catalog, made: list[Call], data: st.DataObject
) -> None:
    # Of two calls that start together, the shorter comes first: growing must not swap them.
    assume(made and len({call.start for call in made}) == len(made))
    index = data.draw(st.integers(0, len(made) - 1))
    longer = made[index].seconds + data.draw(st.sampled_from([1, 30, 60, 600]))
    grown = [*made[:index], replace(made[index], seconds=longer), *made[index + 1 :]]
    book = tariff_book(catalog)
    for plan_id, tariff in book.plans.items():
        sure = is_monotone(tariff)
        event(f"monotone: {sure}")
        if sure:
            before = rate(catalog=catalog, plan=plan_id, calls=made, customer=CUSTOMER)
            after = rate(catalog=catalog, plan=plan_id, calls=grown, customer=CUSTOMER)
            assert sum(bill.total_micros for bill in before) <= sum(
                bill.total_micros for bill in after
            )


def test_some_real_plans_are_monotone_and_some_are_not() -> None:
    book = tariff_book(load_catalog(sample_catalog_path()))
    verdicts = {plan_id: is_monotone(tariff) for plan_id, tariff in book.plans.items()}
    assert 3 <= sum(verdicts.values()) < len(verdicts), verdicts
