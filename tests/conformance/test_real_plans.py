"""Real plans in our own YAML: what the grammar says of them, and what it cannot say.

The facts of 170 real plans stand in two files of the shared folder. Those re-expressed here are
rated and compared twice: with the oracle over a month of calls, and with bills worked out by
hand. `not_said.md` names all others with the reason.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from plan_rules.catalog import LimitMetric
from plan_rules.loading import check_catalog
from plan_rules.money import format_micros, parse_micros
from plan_rules.rating import Outcome, rate
from plan_rules.testing import check_bill, oracle_bills
from tests.conformance.real_plans.month import month_of
from tests.conformance.real_plans.reading import (
    CATALOGS,
    HERE,
    Case,
    cases,
    catalog,
    features,
    not_said,
    plan_texts,
    real_plan,
)

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
FACTS = (SHARED / "real_plans.json", SHARED / "real_plans_es_2012.json")
FEATURES = set(range(1, 36))
"""The structural features that a schema of a fee and rates by country misses, as numbered there."""

beside = pytest.mark.skipif(
    not all(each.is_file() for each in FACTS), reason="the facts are not beside the checkout"
)
every_plan = pytest.mark.parametrize(
    ("name", "plan_id"), [(name, plan_id) for name, plan_id, _ in plan_texts()]
)


def facts_of(path: Path) -> dict[str, dict[str, Any]]:
    rows = json.loads(path.read_text("utf-8"), parse_float=Decimal)["plans"]
    return {each.get("id") or Path(each["source_file"]).stem: each for each in rows}


@pytest.mark.parametrize("name", CATALOGS)
def test_a_catalog_has_no_error_and_no_warning_that_was_not_reviewed(name: str) -> None:
    loaded = check_catalog(HERE / "catalogs" / name)
    assert [issue for issue in loaded.issues if issue.is_error] == []
    listed = (HERE / "warnings.md").read_text("utf-8")
    reviewed = set(re.findall(r"(?m)^- `(\S+) (\S+) (\S+)`: \S", listed))
    found = {
        (name, issue.code, issue.path.removeprefix("rates."))
        for issue in loaded.issues
        if not issue.is_error
    }
    assert found == {each for each in reviewed if each[0] == name}


@every_plan
def test_a_month_of_calls_costs_what_the_oracle_says(name: str, plan_id: str) -> None:
    whole = catalog(name)
    case = next(each for each in cases() if each.plan == plan_id)
    start = case.calls[0].call.start.date().replace(day=1)
    plan = whole.plans[plan_id]
    calls = month_of(name, plan, start=start, chosen=case.customer.chosen_country)

    bills = rate(catalog=whole, plan=plan_id, calls=calls, customer=case.customer)
    expected = oracle_bills(whole, plan_id, calls, case.customer)

    assert [bill.cycle.start for bill in bills] == [each.start for each in expected]
    for bill, oracle in zip(bills, expected, strict=True):
        check_bill(bill)
        for charge, told in zip(bill.charges, oracle.calls, strict=True):
            assert charge.outcome.value == told.outcome
            assert charge.billed_seconds == told.billed_seconds
            assert charge.paid_seconds == told.paid_seconds
            assert charge.amount_micros == told.amount_micros
            drawn = {(bill.tariff.makers[draw.maker].id, draw.amount) for draw in charge.draws}
            assert drawn == set(told.drawn)
        assert sum(line.amount_micros for line in bill.lines) == oracle.total_micros
    for allowance in plan.allowances:
        used = max(
            each.used for bill in bills for each in bill.allowances if each.maker.id == allowance.id
        )
        assert used > 0
        # A month of calls at all hours does not use up minutes of some hours.
        assert allowance.amount in {None, used} or allowance.hours is not None


@pytest.mark.parametrize("case", cases(), ids=str)
def test_bills_are_those_worked_out_by_hand(case: Case) -> None:
    bills = rate(
        catalog=catalog(case.catalog),
        plan=case.plan,
        calls=[each.call for each in case.calls],
        customer=case.customer,
    )
    charges = [charge for bill in bills for charge in bill.charges]
    told = [(each.call, each.outcome, each.micros) for each in case.calls]
    assert [(each.call, each.outcome, each.amount_micros) for each in charges] == told
    sums = [sum(line.amount_micros for line in bill.lines) for bill in bills]
    assert tuple(sums) == case.totals
    if case.nets is not None:
        assert tuple(bill.net_micros for bill in bills) == case.nets
    if case.grosses is not None:
        assert tuple(bill.total_micros for bill in bills) == case.grosses
    used = {each.maker.id: each.used for bill in bills for each in bill.allowances}
    assert {name: used[name] for name in case.used} == case.used


@every_plan
def test_two_calls_at_least_were_worked_out_for_a_plan(name: str, plan_id: str) -> None:
    own = [case for case in cases() if (case.catalog, case.plan) == (name, plan_id)]
    rated = {each.call for case in own for each in case.calls if each.outcome is Outcome.RATED}
    assert len(rated) >= 2
    assert all(case.because for case in own)


def test_every_structural_feature_is_shown_by_a_plan_or_listed_as_not_said() -> None:
    shown = set().union(*(features(text) for _, _, text in plan_texts()))
    listed = {int(each) for each in not_said()["Features of the world that no plan here shows"]}
    assert shown | listed == FEATURES
    assert shown & listed == set()


@beside
def test_every_real_plan_is_re_expressed_or_listed_with_a_reason() -> None:
    known = {each for path in FACTS for each in facts_of(path)}
    said = {real_plan(text) for _, _, text in plan_texts()}
    lists = {heading: ids for heading, ids in not_said().items() if "Features" not in heading}
    partly = lists.pop("Said, but for something")
    listed = [each for ids in lists.values() for each in ids]
    assert len(known) == 170
    assert set(partly) <= said
    assert sorted([*said, *listed]) == sorted(known)


@beside
@pytest.mark.parametrize(
    ("plan_id", "source"), [(p, real_plan(t)) for n, p, t in plan_texts() if n == "spain"]
)
def test_spanish_plans_hold_the_figures_of_their_facts(plan_id: str, source: str) -> None:
    facts = facts_of(FACTS[1])[source]
    whole = catalog("spain")
    plan = whole.plans[plan_id]
    minimum = plan.billing.minimum_spend.values[0]
    assert plan.fee.values == (micros(facts["monthly_fee"]),)
    assert minimum == micros(facts["minimum_monthly_spend"])
    seconds = sum(each.amount or 0 for each in plan.allowances)
    assert seconds == (facts["included_seconds_month"] or 0)
    numbers = {
        limit.amount
        for each in plan.allowances
        for limit in each.limits.limits
        if limit.metric is LimitMetric.NUMBERS
    }
    assert numbers == {facts["fair_use_max_distinct_numbers"]} - {None}
    if not plan.rates:
        assert facts["price_per_min"] is None
        return
    table = whole.rate_tables[plan.rates]
    rows = [*plan.overrides, *(each for each in table.entries if each.selector.line is None)]
    terms = [rows[0].terms, *(dated for _, dated in rows[0].by_band)]
    prices = {price for each in terms for price in (each.values[0].price,) if price is not None}
    assert micros(facts["price_per_min"]) in prices | {each.values[0].first_price for each in terms}
    fee = rows[0].terms.values[0].over(table.defaults).connection_fee
    assert fee == micros(facts["connect_fee"])


@beside
@pytest.mark.parametrize(
    ("name", "plan_id", "source"), [(n, p, real_plan(t)) for n, p, t in plan_texts()]
)
def test_a_plan_has_the_currency_and_the_fee_of_its_facts(
    name: str, plan_id: str, source: str
) -> None:
    facts = {**facts_of(FACTS[0]), **facts_of(FACTS[1])}[source]
    assert catalog(name).currency == facts.get("currency", catalog(name).currency) or (
        facts["currency"] is None
    )
    fee = re.fullmatch(r"[\d.]+", str(facts["monthly_fee"]))
    if fee:
        assert catalog(name).plans[plan_id].fee.values == (micros(fee[0]),)


@beside
@pytest.mark.parametrize(
    ("name", "zone", "source"),
    [
        ("europe", "eu-cap", "eu-cap"),
        ("europe", "cyta-eu", "cyta-intl-packages"),
        ("europe", "base-eu", "base-eu-call-options"),
        ("denmark", "lebara", "lebara-dk-packages"),
    ],
)
def test_a_zone_holds_the_countries_that_the_source_lists(
    name: str, zone: str, source: str
) -> None:
    coverage = facts_of(FACTS[0])[source]["coverage"]
    members = {str(each) for each in catalog(name).zones[zone].members.values[0].members}
    assert members == set(coverage.get("countries") or coverage["dest"])


@beside
def test_honest_mobile_has_the_price_of_each_country_the_source_lists() -> None:
    table = catalog("united-kingdom").rate_tables["honest"]
    prices = {str(each.selector): each.terms.values[0].price for each in table.entries}
    for row in facts_of(FACTS[0])["honest-mobile"]["rates"]:
        if isinstance(row["dest"], list):
            zone = next(each for each in prices if prices[each] == micros(row["per_minute"]))
            members = catalog("united-kingdom").zones[zone].members.values[0].members
            assert {str(each) for each in members} == set(row["dest"])
    assert prices["default"] == micros("0.42")
    assert {prices[f"{each}/mobile"] for each in ("GG", "JE", "IM")} == {micros("0.21")}


@beside
def test_ephone_has_every_price_of_its_card() -> None:
    rows = {
        each["dest"]: each["per_minute"] for each in facts_of(FACTS[0])["ephone-world"]["rates"]
    }
    card: dict[str, set[str]] = {}
    for entry in catalog("united-states").rate_tables["ephone"].entries:
        selector = entry.selector
        prefix = selector.prefix and catalog("united-states").numbering_plan().lookup(
            f"+{selector.prefix}0000"
        )
        country = prefix.country if prefix else selector.country
        what = entry.note.rstrip(".").replace("Satellite", "satellite")
        line = what or (selector.line or "").replace("fixed", "")
        price = entry.terms.values[0].price
        card.setdefault(f"{country} {line}".strip(), set()).add(format_micros(price or 0))
    assert card == {dest: {prices[0]} for dest, prices in rows.items()}
    unlimited = {dest for dest, prices in rows.items() if prices[3] == "UNLIMITED"}
    assert {each.split()[0] for each in unlimited} == {"AR", "AT", "AU"}


def micros(amount: object) -> int:
    return parse_micros(Decimal(str(amount or 0)))


def test_the_price_a_real_page_forgets_is_found(tmp_path: Path) -> None:
    for path in (HERE / "catalogs" / "united-states").rglob("*.yaml"):
        copy = tmp_path / path.relative_to(HERE / "catalogs" / "united-states")
        copy.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text("utf-8").replace("  CA: 0.039 # stand-in\n", "")
        copy.write_text(text, "utf-8")

    found = {
        (Path(issue.span.file).stem, issue.code)
        for issue in check_catalog(tmp_path).issues
        if issue.is_error
    }

    assert ("iconnecthere-na-1000", "allowance-without-rate") in found
