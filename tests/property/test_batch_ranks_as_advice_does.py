"""The best plans of many customers are those that `recommend` ranks for each, in its order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plan_rules.advice import recommend
from plan_rules.assessment import NotEnoughHistory
from plan_rules.batch.book import BatchBook
from plan_rules.batch.columns import CallColumns, CustomerColumns
from plan_rules.batch.ranking import best
from plan_rules.catalog import Catalog, Plan
from plan_rules.money import Money
from plan_rules.periods import Period
from plan_rules.tariff import tariff_book
from plan_rules.testing import calls, catalogs
from plan_rules.usage import Call, Customer

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
def batches(draw: st.DrawFn) -> tuple[Catalog, list[Customer], list[list[Call]]]:
    catalog = draw(offers())
    customer = st.builds(
        Customer,
        id=st.just("generated"),
        home=st.just("US"),
        zone=st.sampled_from(ZONES),
        anchor=st.sampled_from([date(2026, 1, 31), date(2026, 1, 10), date(2025, 6, 1)]),
        plan=st.sampled_from(["", *catalog.plans]),
        since=st.none() | st.sampled_from([date(2026, 1, 31), date(2026, 3, 10)]),
        chosen_country=st.sampled_from(["", "MX", "FR"]),
    )
    who = draw(st.lists(customer, min_size=1, max_size=3))
    return catalog, who, [draw(calls()) for _ in who]


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
    catalog, who, made = batch
    book = BatchBook.of(tariff_book(catalog))
    found = best(
        book,
        customers=CustomerColumns.of(who, plan_ids=book.plan_ids),
        calls=CallColumns.of(made),
        as_of=as_of,
        horizon_cycles=horizon,
        margin_micros=margin,
        threads=threads,
        slice_calls=4,
    )
    for index, (customer, history) in enumerate(zip(who, made, strict=True)):
        open_plans = [
            name
            for name, plan in catalog.plans.items()
            if plan.is_sold(as_of) or name == customer.plan
        ]
        ranked = [book.plan_ids[plan] for plan in found.order[index] if plan >= 0]
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
            continue
        assert ranked == [option.plan.id for option in told.options]
        assert told.advised is not None
        assert book.plan_ids[found.advised[index]] == told.advised.plan.id
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
