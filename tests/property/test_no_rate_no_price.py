"""Without a rate there is no price: a call is uncovered or unrated, never rated at nothing."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given

from plan_rules.catalog import Catalog
from plan_rules.rating import Outcome, rate
from plan_rules.testing import CUSTOMER, calls, catalogs
from plan_rules.usage import Call


@given(catalogs(), calls())
def test_a_plan_that_reaches_nothing_prices_nothing(catalog: Catalog, made: list[Call]) -> None:
    bare = {
        plan_id: replace(plan, rates="", overrides=(), allowances=(), volumes=())
        for plan_id, plan in catalog.plans.items()
    }
    for plan_id in bare:
        bills = rate(
            catalog=replace(catalog, plans=bare), plan=plan_id, calls=made, customer=CUSTOMER
        )
        for bill in bills:
            for charge in bill.charges:
                answered = charge.call.seconds > 0
                refused = charge.outcome in {Outcome.UNCOVERED, Outcome.BLOCKED}
                assert refused is answered
                assert charge.amount_micros == 0


@given(catalogs(), calls())
def test_an_unpaid_undrawn_call_of_some_seconds_is_never_rated(
    catalog: Catalog, made: list[Call]
) -> None:
    for plan_id in catalog.plans:
        for bill in rate(catalog=catalog, plan=plan_id, calls=made, customer=CUSTOMER):
            for charge in bill.calls_with(Outcome.RATED):
                assert not charge.call.seconds or charge.paid_seconds or charge.draws
