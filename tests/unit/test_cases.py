"""Cases of rules, answered without calls."""

from __future__ import annotations

from datetime import date

import pytest

from plan_rules.assessment.cases import CaseAnswer, answer_case
from plan_rules.catalog.catalog import Catalog
from plan_rules.loading.loader import load_catalog
from plan_rules.loading.places import sample_catalog_path
from plan_rules.rules.case import RuleCase
from plan_rules.rules.fact import AS_OF

DAY = date(2026, 7, 1)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(sample_catalog_path())


def answer(
    catalog: Catalog,
    *fires: str,
    plan: str = "world-400",
    about: tuple[str, ...] = (),
    on: date = DAY,
    **facts: object,
) -> CaseAnswer:
    """Return the answer to a case; `customer__student=True` says the fact `customer.student`."""
    said: dict[str, object] = {"as-of": on, "customer.home": "US"}
    said |= {name.replace("__", ".").replace("_", "-"): value for name, value in facts.items()}
    vocabulary = catalog.rules.vocabulary
    codes = {
        name: None if value is None else vocabulary[name].code(value)
        for name, value in said.items()
    }
    case = RuleCase(name="case", fires=fires, codes=codes, plan=plan, about=about)
    return answer_case(catalog=catalog, case=case)


def test_facts_of_a_plan_are_those_of_the_catalog(catalog: Catalog) -> None:
    found = answer(catalog, "student-proof", plan="student-world", customer__student=True)
    assert found.is_passed
    assert found.fired == ("student-proof",)


def test_they_are_those_of_the_day(catalog: Catalog) -> None:
    limit = {
        "plan": "unlimited-world",
        "customer__credit_limit": 19,
        "about": ("small-credit-limit",),
    }
    assert answer(catalog, "small-credit-limit", **limit).is_passed  # type: ignore[arg-type]
    assert answer(catalog, "retired-plans", plan="classic-long-distance").is_passed
    assert answer(catalog, plan="classic-long-distance", on=date(2024, 6, 30)).is_passed


def test_what_a_case_says_takes_the_place_of_what_its_plan_says(catalog: Catalog) -> None:
    assert answer(catalog, "retired-plans", plan__on_sale=False).is_passed
    assert answer(catalog, "half-uncovered", plan__uncovered_share=51).is_passed


def test_a_fact_of_the_plan_can_be_said_to_be_unknown(catalog: Catalog) -> None:
    """From Germany, World 400 costs more than consumers may be charged."""
    cap = ("eu-call-cap",)
    assert answer(catalog, *cap, about=cap, customer__home="DE").is_passed
    assert answer(catalog, about=cap, customer__home="DE", plan__highest_rate_eu=None).is_passed
    assert answer(catalog, about=cap, customer__home="DE", plan__highest_rate_eu="0.19").is_passed


def test_the_present_plan_is_known_by_its_name(catalog: Catalog) -> None:
    stays = answer(catalog, plan="classic-long-distance", customer__plan="classic-long-distance")
    assert stays.is_passed


def test_billing_rules_are_asked_where_a_bill_is_spoken_of(catalog: Catalog) -> None:
    loyal = ("loyalty-two-years",)
    silent = answer(catalog, customer__tenure_months=30)
    assert silent.is_passed
    assert set(silent.coverage.by_rule) == {
        rule.id for rule in catalog.rules if rule.stage.value == "eligibility"
    }
    expected = answer(catalog, *loyal, about=loyal, customer__tenure_months=30)
    assert expected.is_passed
    spoken = answer(catalog, about=loyal, customer__tenure_months=30, bill__total=10)
    assert [rule.id for rule in spoken.surplus] == list(loyal)


def test_tags_are_set_by_the_rules_that_set_them(catalog: Catalog) -> None:
    found = answer(
        catalog, "fair-use", plan="unlimited-world", about=("fair-use",), usage__minutes=2501
    )
    assert found.is_passed
    assert found.fired == ("fair-use",)
    assert found.coverage.of(catalog.rules.rules[0]).asked == 0
    heavy = next(rule for rule in catalog.rules if rule.id == "heavy-callers")
    assert found.coverage.of(heavy).fired == 1


def test_a_rule_that_was_to_fire_says_what_it_lacks(catalog: Catalog) -> None:
    found = answer(catalog, "half-uncovered", plan__uncovered_share=50)
    assert not found.is_passed
    (missing,) = found.missing
    assert missing.rule.id == "half-uncovered"
    assert [(need.fact.name, need.have, need.target) for need in missing.needs] == [
        ("plan.uncovered-share", 50, 51)
    ]


def test_without_a_plan_its_facts_have_to_be_said(catalog: Catalog) -> None:
    about = ("half-uncovered",)
    found = answer(catalog, plan="", about=about)
    assert found.unsaid == ("plan.uncovered-share",)
    assert not found.is_passed
    assert answer(catalog, plan="", about=about, plan__uncovered_share=0).is_passed


def test_a_plan_needs_a_day_and_a_home(catalog: Catalog) -> None:
    case = RuleCase(name="case", fires=(), plan="world-400", about=("half-uncovered",))
    assert answer_case(catalog=catalog, case=case).unsaid == (
        AS_OF,
        "customer.home",
        "plan.uncovered-share",
    )
