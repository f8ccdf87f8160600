from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from plan_rules.advice import WhyNot, recommend
from plan_rules.advice.explaining import explain
from plan_rules.advice.recommendation import Recommendation
from plan_rules.assessment.history import History
from plan_rules.assessment.inquiry import Inquiry, rule_engine
from plan_rules.catalog import Catalog
from plan_rules.errors import UnknownId
from plan_rules.periods import Period
from plan_rules.rules.effect import DenyIntro, Exclude, Note, ProofKind, Require, SetTag, Warn
from plan_rules.rules.fact import InvalidFact
from plan_rules.rules.interpreter import Interpreter
from plan_rules.rules.rule import Rule
from plan_rules.tariff.compiling import tariff_book
from plan_rules.usage import Customer
from tests.unit.assessment.rule_catalogs import (
    AS_OF,
    DOLLAR,
    calls,
    catalog,
    customer,
    discount,
    is_,
    rule,
)

NO_STUDENTS = rule(
    "grown-ups", Exclude(reason="Not for students."), when=is_("customer.student", "eq", 1)
)
STUDENT = customer(facts={"student": True})


def of_plan(plan: str) -> Rule:
    """Return a rule that keeps everyone from one plan; `intro` has the first word."""
    index = ["intro", "plain"].index(plan)
    return rule(f"no-{plan}", Exclude(reason="Closed."), when=is_("plan.id", "eq", index))


def advise(found: Catalog, who: Customer, *, minutes: int = 10) -> Recommendation:
    return recommend(catalog=found, calls=calls(minutes), customer=who, as_of=AS_OF)


def test_an_excluded_plan_stays_visible_with_its_reasons() -> None:
    advice = advise(catalog(of_plan("intro")), customer())
    assert [option.plan.id for option in advice.options] == ["plain"]
    (rejection,) = advice.excluded
    assert (rejection.plan.id, rejection.why_not) == ("intro", WhyNot.EXCLUDED)
    (reason,) = rejection.eligibility.excluded
    assert (reason.rule, reason.text) == ("no-intro", "Closed.")
    assert rejection.assessment is not None


def test_nobody_loses_their_present_plan_by_asking() -> None:
    advice = advise(catalog(of_plan("intro")), customer(plan="intro", since=date(2025, 1, 1)))
    assert {option.plan.id for option in advice.options} == {"plain", "intro"}
    assert advice.stay is not None
    assert not advice.stay.assessment.eligibility.is_allowed


def test_a_customer_who_may_have_nothing_is_advised_nothing() -> None:
    advice = advise(catalog(NO_STUDENTS), STUDENT)
    assert (advice.options, advice.advised, advice.stay) == ((), None, None)
    assert len(advice.excluded) == 2


def test_what_is_required_and_told_comes_in_the_order_of_the_catalog() -> None:
    consent = Require(kind=ProofKind.CONSENT, id="premium", reason="Premium numbers are dear.")
    rules = (
        rule("first", Warn(reason="One."), consent),
        rule("second", consent, Note(reason="Two."), Warn(reason="Three.")),
    )
    advice = advise(catalog(*rules), customer())
    assert advice.advised is not None
    found = advice.advised.assessment.eligibility
    assert [each.text for each in found.warnings] == ["One.", "Three."]
    assert [each.text for each in found.notes] == ["Two."]
    assert [(each.kind, each.id, each.reason.rule) for each in found.required] == [
        (ProofKind.CONSENT, "premium", "first")
    ]


def test_an_intro_price_denied_is_not_counted_on() -> None:
    deny = rule("once", DenyIntro(reason="Once per customer."), when=is_("plan.has-intro", "eq", 1))
    allowed, denied = (
        {each.plan.id: each for each in advise(found, customer()).options}
        for found in (catalog(), catalog(deny))
    )
    assert denied["plain"].monthly == allowed["plain"].monthly
    two_cycles_of_eight_dollars = denied["intro"].monthly.micros - allowed["intro"].monthly.micros
    assert two_cycles_of_eight_dollars == 1_333_333
    assert [each.rule for each in denied["intro"].assessment.eligibility.intro_denied] == ["once"]
    assert denied["plain"].assessment.eligibility.intro_denied == ()


def test_an_intro_price_that_runs_goes_on() -> None:
    deny = rule("once", DenyIntro(reason="Once per customer."))
    present = customer(plan="intro", since=date(2026, 7, 1))
    allowed, denied = (advise(found, present).stay for found in (catalog(), catalog(deny)))
    assert allowed is not None
    assert denied is not None
    assert denied.monthly == allowed.monthly


def test_dated_rules_hold_from_the_cycles_they_are_dated_for() -> None:
    half = discount("half", percent="50")
    later = replace(half, valid=Period(start=date(2026, 10, 1)))
    whole, dated, never = (
        next(o.monthly.micros for o in advise(found, customer()).options if o.plan.id == "plain")
        for found in (catalog(half), catalog(later), catalog())
    )
    assert never - whole == 5 * DOLLAR
    assert never - dated == 5 * DOLLAR * 9 // 12


def test_tags_of_eligibility_are_known_to_billing() -> None:
    tagged = rule("heavy", SetTag(tag="heavy"), when=is_("usage.minutes", "gte", 20))
    thanks = discount("thanks", amount=DOLLAR, when=is_("tags", "has", 0))
    found = catalog(tagged, thanks)
    few, many = (advise(found, customer(), minutes=minutes) for minutes in (10, 30))
    for advice, count in ((few, 0), (many, 1)):
        assert advice.advised is not None
        bills = advice.advised.assessment.bills
        assert [len(bill.adjustments) for bill in bills] == [count] * 6
        assert advice.advised.assessment.eligibility.tags == ("heavy",) * count


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        ({"points": 1001}, "points"),
        ({"points": "many"}, "points"),
        ({"student": "yes"}, "student"),
    ],
)
def test_facts_outside_their_range_are_refused_by_name(
    facts: dict[str, str | int | bool], named: str
) -> None:
    with pytest.raises(InvalidFact) as refused:
        advise(catalog(NO_STUDENTS), customer(facts=facts))
    assert refused.value.name == named


def test_facts_nobody_declared_are_refused_with_the_closest_name() -> None:
    with pytest.raises(UnknownId) as refused:
        advise(catalog(NO_STUDENTS), customer(facts={"studnet": True}))
    assert "student" in refused.value.closest


def test_facts_of_usage_are_means_of_complete_months() -> None:
    found = catalog(
        rule("mexico", Note(reason="."), when=is_("usage.minutes-to.MX", "gt", 0)),
        rule("britain", Note(reason="."), when=is_("usage.minutes-to.GB", "gt", 0)),
    )
    book = tariff_book(found)
    given = (
        *calls(30, months=[1, 2]),
        *calls(61, months=[3]),
        *calls(100, months=[3], number="+447400123456"),
        *calls(500, months=[7]),
    )
    history = History.of(book=book, customer=customer(), calls=given, as_of=date(2026, 4, 15))
    codes = Inquiry.of(
        catalog=found, customer=customer(), as_of=date(2026, 4, 15), history=history
    ).codes
    countries = found.rules.vocabulary["usage.top-country"]
    assert codes["usage.cycles"] == 3
    assert codes["usage.calls"] == 1
    assert codes["usage.minutes"] == 74
    assert codes["usage.minutes-to.MX"] == 40
    assert codes["usage.minutes-to.GB"] == 33
    assert countries.words(codes["usage.top-country"]) == "MX"
    assert codes["usage.top-country-share"] == 55
    assert codes["usage.mobile-share"] == 45


def test_the_engine_is_made_once_for_a_catalog() -> None:
    found = catalog(NO_STUDENTS)
    assert rule_engine(found) is rule_engine(found)


def test_every_plan_is_explained_with_every_rule() -> None:
    found = catalog(
        NO_STUDENTS,
        of_plan("plain"),
        discount("big", amount=DOLLAR, when=is_("bill.total", "gt", 12 * DOLLAR)),
    )
    advice = recommend(
        catalog=found,
        calls=(*calls(10, months=[1, 2, 3]), *calls(50, months=[4, 5, 6])),
        customer=customer(),
        as_of=AS_OF,
    )
    answers = {each.plan.id: each for each in explain(catalog=found, advice=advice)}
    assert list(answers) == ["intro", "plain"]
    by_rule = {each.rule.id: each for each in answers["intro"].rules}
    assert (by_rule["big"].fired, by_rule["big"].asked) == (3, 6)
    assert (by_rule["grown-ups"].fired, by_rule["grown-ups"].asked) == (0, 1)
    (need,) = by_rule["grown-ups"].explanation.needs
    assert (need.fact.name, need.have, need.target) == ("customer.student", None, 1)
    assert by_rule["no-plain"].is_about_others
    assert not by_rule["grown-ups"].is_about_others
    assert answers["plain"].rejection is not None
    assert {each.rule.id: each.fired for each in answers["plain"].rules}["no-plain"] == 1


def test_any_engine_may_decide() -> None:
    found = catalog(NO_STUDENTS)
    inquiry = Inquiry.of(
        catalog=found, customer=STUDENT, as_of=AS_OF, engine=Interpreter(found.rules)
    )
    eligibility = inquiry.eligibility(tariff_book(found).plan("plain"), on=AS_OF)
    assert (eligibility.is_allowed, eligibility.engine) == (False, "interpreter")
