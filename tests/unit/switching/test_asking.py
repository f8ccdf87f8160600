from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from plan_rules import rate
from plan_rules.assessment.inquiry import rule_engine
from plan_rules.catalog import Dated
from plan_rules.errors import InvalidValue
from plan_rules.rules.effect import (
    AdjustmentKind,
    DenyIntro,
    Exclude,
    ProofKind,
    Require,
    Stack,
    Warn,
)
from plan_rules.switching import (
    OPEN,
    Subscription,
    SwitchQuote,
    SwitchRefusal,
    WhyRefused,
    quote_switch,
)
from plan_rules.switching.activation import activate
from plan_rules.switching.asking import SILENT, ask_rules
from plan_rules.switching.charging import charge_cycle
from plan_rules.switching.refusal import CommandRefused
from tests.unit.assessment.rule_catalogs import (
    DOLLAR,
    calls,
    catalog,
    customer,
    discount,
    is_,
    rule,
)

DAY = date(2026, 7, 1)
NOON = datetime(2026, 7, 1, 16, tzinfo=UTC)
STUDENT = customer(facts={"student": True})
NO_STUDENTS = rule(
    "grown-ups", Exclude(reason="Not for students."), when=is_("customer.student", "eq", 1)
)


def test_a_catalog_without_rules_asks_nothing() -> None:
    assert ask_rules(catalog=catalog(), customer=customer(), plan_id="plain", on=DAY) is SILENT


def test_what_rules_say_is_what_a_switch_needs() -> None:
    found = catalog(
        NO_STUDENTS,
        rule("card", Require(kind=ProofKind.DOCUMENT, id="card", reason="Show it.")),
        rule("told", Warn(reason="Careful."), DenyIntro(reason="Once.")),
    )
    said = ask_rules(catalog=found, customer=STUDENT, plan_id="plain", on=DAY).eligibility
    assert [(each.rule, each.text) for each in said.excluded] == [
        ("grown-ups", "Not for students.")
    ]
    assert [(each.id, each.kind) for each in said.required] == [("card", ProofKind.DOCUMENT)]
    assert [each.rule for each in said.warnings] == ["told"]
    assert [each.text for each in said.intro_denied] == ["Once."]
    assert said.engine == rule_engine(found).name


def test_the_present_plan_is_never_taken_away() -> None:
    present = replace(STUDENT, plan="plain")
    answer = ask_rules(catalog=catalog(NO_STUDENTS), customer=present, plan_id="plain", on=DAY)
    assert answer.eligibility.is_allowed


def test_facts_of_usage_come_from_the_calls() -> None:
    found = catalog(
        rule("heavy", Exclude(reason="Too much."), when=is_("usage.minutes", "gte", 20))
    )
    few, many = (
        ask_rules(catalog=found, customer=customer(), plan_id="plain", on=DAY, calls=calls(minutes))
        for minutes in (10, 30)
    )
    assert (few.eligibility.is_allowed, many.eligibility.is_allowed) == (True, False)


def test_adjustments_of_the_fee_are_those_that_count() -> None:
    found = catalog(
        discount("tenth", percent="10", stack=Stack.LARGEST),
        discount("fifth", percent="20", stack=Stack.LARGEST),
        discount("dollar", amount=DOLLAR),
        discount("calls", percent="50", when=is_("bill.calls", "gt", 0)),
    )
    answer = ask_rules(catalog=found, customer=customer(), plan_id="plain", on=DAY)
    assert [(each.rule, each.micros, each.share) for each in answer.adjustments] == [
        ("fifth", 0, Fraction(-1, 5)),
        ("dollar", -DOLLAR, 0),
    ]


def test_no_discount_takes_anything_off_a_surcharge() -> None:
    found = catalog(
        discount("a-surcharge", amount=DOLLAR, kind=AdjustmentKind.SURCHARGE),
        discount("b-most", percent="60"),
        discount("c-more", percent="60"),
    )
    events = activate(catalog=found, customer=customer(), plan="plain", as_of=NOON)
    subscription = Subscription.replay(events)
    (bill,) = rate(catalog=found, plan="plain", calls=calls(0, months=[7]), customer=customer())
    assert subscription.due_micros == bill.total_micros == DOLLAR


def test_a_subscription_begins_with_what_rules_take_off() -> None:
    found = catalog(discount("half", percent="50"))
    events = activate(catalog=found, customer=customer(), plan="plain", as_of=NOON)
    subscription = Subscription.replay(events)
    assert [each.paid_micros for each in subscription.payments] == [5 * DOLLAR]
    august = datetime(2026, 8, 2, tzinfo=UTC)
    later = subscription.after(
        charge_cycle(catalog=found, subscription=subscription, as_of=august, customer=customer())
    )
    assert [each.paid_micros for each in later.payments] == [5 * DOLLAR]
    with pytest.raises(InvalidValue) as refused:
        charge_cycle(catalog=found, subscription=subscription, as_of=august)
    assert refused.value.name == "customer"


def test_a_plan_that_rules_exclude_is_not_begun() -> None:
    with pytest.raises(CommandRefused):
        activate(catalog=catalog(NO_STUDENTS), customer=STUDENT, plan="plain", as_of=NOON)


def test_a_quote_asks_the_rules_of_the_catalog() -> None:
    found = catalog(NO_STUDENTS, discount("half", percent="50"), fee=Dated.always(4 * DOLLAR))
    events = activate(catalog=found, customer=customer(), plan="plain", as_of=NOON)
    subscription = Subscription.replay(events)

    def quoted(who: object) -> SwitchQuote | SwitchRefusal:
        return quote_switch(
            catalog=found,
            subscription=subscription,
            to="intro",
            as_of=NOON,
            customer=who,  # type: ignore[arg-type]
        )

    refused = quoted(STUDENT)
    assert isinstance(refused, SwitchRefusal)
    assert [(each.why, each.rule) for each in refused.refusals] == [
        (WhyRefused.EXCLUDED, "grown-ups")
    ]
    quote = quoted(customer())
    assert isinstance(quote, SwitchQuote)
    assert [line.price_micros for line in quote.lines] == [2 * DOLLAR, DOLLAR // 2]
    with pytest.raises(InvalidValue) as unasked:
        quoted(None)
    assert unasked.value.name == "customer"


def test_a_host_decides_one_thing_and_the_rules_the_rest() -> None:
    found = catalog(NO_STUDENTS, discount("half", percent="50"), fee=Dated.always(4 * DOLLAR))
    events = activate(catalog=found, customer=STUDENT, plan="plain", as_of=NOON, eligibility=OPEN)
    subscription = Subscription.replay(events)
    assert [each.paid_micros for each in subscription.payments] == [2 * DOLLAR]

    def prices(**given: object) -> list[int]:
        quote = quote_switch(
            catalog=found,
            subscription=subscription,
            to="intro",
            as_of=NOON,
            eligibility=OPEN,
            **given,  # type: ignore[arg-type]
        )
        assert isinstance(quote, SwitchQuote)
        return [line.price_micros for line in quote.lines]

    assert prices(customer=STUDENT) == [2 * DOLLAR, DOLLAR // 2]
    assert prices(customer=STUDENT, adjustments=()) == [2 * DOLLAR, DOLLAR]
    assert prices(adjustments=(), present_adjustments=()) == [2 * DOLLAR, DOLLAR]
    with pytest.raises(InvalidValue) as unasked:
        prices()
    assert unasked.value.name == "customer"
