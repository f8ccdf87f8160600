"""The best plans of many customers are those that `recommend` ranks for each, in its order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from plan_rules.advice import Recommendation, recommend
from plan_rules.assessment import NotEnoughHistory
from plan_rules.batch.book import BatchBook
from plan_rules.batch.columns import CallColumns, CustomerColumns
from plan_rules.batch.ranking import best
from plan_rules.catalog import Catalog, Plan
from plan_rules.money import Money
from plan_rules.periods import Period
from plan_rules.testing import calls, catalogs
from plan_rules.usage import Call, Customer
from tests.property.rules_that_decide import deciding, own_facts

DATES = (date(2026, 3, 1), date(2026, 4, 1), date(2026, 4, 20), date(2026, 2, 9))
ZONES = ("America/New_York", "Asia/Kathmandu", "UTC")
MARGINS = (0, 1, 1_000_000, 10**12)


@st.composite
def offers(draw: st.DrawFn) -> Catalog:
    """A catalog whose plans have activation fees, and which stops selling some."""
    catalog = draw(catalogs(max_plans=3, taxed=draw(st.booleans())))
    sold = st.sampled_from([Period(), Period(), Period(end=date(2026, 2, 1))])
    one_time = st.sampled_from([(), (("activation", 5_000_000),), (("a", 1), ("b", 7))])
    offered: dict[str, Plan] = {
        name: replace(plan, sold=draw(sold), one_time=draw(one_time))
        for name, plan in catalog.plans.items()
    }
    return replace(catalog, plans=offered)


@st.composite
def batches(
    draw: st.DrawFn, *, ruled: bool = False
) -> tuple[Catalog, list[Customer], list[list[Call]]]:
    catalog = draw(offers())
    if ruled:
        catalog = draw(deciding(catalog))
    customer = st.builds(
        Customer,
        id=st.just("generated"),
        home=st.sampled_from(["US", "DE"]),
        facts=own_facts(catalog.rules),
        zone=st.sampled_from(ZONES),
        anchor=st.sampled_from([date(2026, 1, 31), date(2026, 1, 10), date(2025, 6, 1)]),
        plan=st.sampled_from(["", *catalog.plans]),
        since=st.none() | st.sampled_from([date(2026, 1, 31), date(2026, 3, 10)]),
        chosen_country=st.sampled_from(["", "MX", "FR"]),
    )
    who = draw(st.lists(customer, min_size=1, max_size=3))
    return catalog, who, [draw(calls()) for _ in who]


def agree(
    batch: tuple[Catalog, list[Customer], list[list[Call]]],
    *,
    as_of: date,
    horizon: int,
    margin: int,
    threads: int = 1,
) -> list[Recommendation]:
    """Assert that `best` says what `recommend` says, and return that."""
    catalog, who, made = batch
    book = BatchBook.of(catalog)
    found = best(
        book,
        customers=CustomerColumns.of(who, plan_ids=book.plan_ids, rules=catalog.rules),
        calls=CallColumns.of(made),
        as_of=as_of,
        horizon_cycles=horizon,
        margin_micros=margin,
        threads=threads,
        slice_calls=4,
    )
    recommended = []
    for index, (customer, history) in enumerate(zip(who, made, strict=True)):
        open_plans = [
            name
            for name, plan in catalog.plans.items()
            if plan.is_sold(as_of) or name == customer.plan
        ]
        ranked = [book.plan_ids[plan] for plan in found.order[index] if plan >= 0]
        excluded = (
            []
            if found.excluded is None
            else [book.plan_ids[plan] for plan in np.flatnonzero(found.excluded[index])]
        )
        try:
            told = (
                recommend(
                    catalog=catalog,
                    calls=history,
                    customer=customer,
                    as_of=as_of,
                    margin=Money(margin, catalog.currency),
                    horizon_cycles=horizon,
                )
                if open_plans
                else None
            )
        except NotEnoughHistory:
            told = None
        if told is None:
            assert (ranked, found.advised[index], found.cycles[index]) == ([], -1, 0)
            assert excluded == []
            continue
        recommended.append(told)
        assert ranked == [option.plan.id for option in told.options]
        assert excluded == [each.plan.id for each in told.excluded]
        advised = found.advised[index]
        assert (book.plan_ids[advised] if advised >= 0 else None) == (
            None if told.advised is None else told.advised.plan.id
        )
        assert found.cycles[index] == told.cycles
        for option in told.options:
            column = book.plan_ids.index(option.plan.id)
            assert found.monthly_micros[index, column] == option.monthly.micros
            assert found.missed_calls[index, column] == option.missed
            code = found.chosen[index, column]
            known = option.assessment.chosen in book.countries
            assert (book.countries[code] if code >= 0 else "") == (
                option.assessment.chosen if known else ""
            )
    return recommended


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    batches(),
    st.sampled_from(DATES),
    st.sampled_from([1, 3, 12]),
    st.sampled_from(MARGINS),
    st.sampled_from([1, 2]),
)
def test_order_costs_and_advice_agree(
    batch: tuple[Catalog, list[Customer], list[list[Call]]],
    as_of: date,
    horizon: int,
    margin: int,
    threads: int,
) -> None:
    agree(batch, as_of=as_of, horizon=horizon, margin=margin, threads=threads)


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(batches(ruled=True), st.sampled_from(DATES), st.sampled_from([1, 3, 12]))
def test_they_agree_on_what_rules_exclude_deny_and_adjust(
    batch: tuple[Catalog, list[Customer], list[list[Call]]], as_of: date, horizon: int
) -> None:
    found = agree(batch, as_of=as_of, horizon=horizon, margin=1_000_000)
    options = [option.assessment for each in found for option in each.options]
    event(f"excluded: {any(each.excluded for each in found)}")
    event(f"intro denied: {any(each.eligibility.intro_denied for each in options)}")
    event(
        f"adjusted: {any(bill.adjustments for assessment in options for bill in assessment.bills)}"
    )
