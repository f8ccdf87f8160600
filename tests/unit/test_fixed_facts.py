from __future__ import annotations

from datetime import date

from plan_rules.assessment.facts import facts_of_plan
from plan_rules.assessment.fixed import fixed_facts
from plan_rules.loading.loader import load_catalog
from plan_rules.loading.places import sample_catalog_path
from plan_rules.tariff.compiling import tariff_book
from plan_rules.usage.customer import Customer


def test_they_are_the_facts_of_each_plan_that_no_day_and_customer_changes() -> None:
    catalog = load_catalog(sample_catalog_path())
    book = tariff_book(catalog)
    fixed = fixed_facts(catalog)
    assert len(fixed) == len(catalog.plans)
    assert {len(codes) for codes in fixed} == {7}
    for home, on in (("US", date(2025, 1, 1)), ("DE", date(2026, 12, 31))):
        customer = Customer(id="ada", home=home, zone="UTC", anchor=on)
        for plan, codes in zip(catalog.plans, fixed, strict=True):
            tariff = book.plan(plan)
            known = facts_of_plan(catalog, book, tariff, customer=customer, on=on, eea=frozenset())
            assert codes == {name: known[name] for name in codes}
