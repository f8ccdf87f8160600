"""Every plan of the sample catalog can be quoted, read aloud and switched to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from plan_rules import load_catalog, read_calls
from plan_rules.catalog import Catalog, Plan
from plan_rules.catalog.catalog import NO_RULES
from plan_rules.switching import (
    LineKind,
    Moment,
    Subscription,
    SwitchQuote,
    TermKind,
    count_usage,
    read_quote,
    read_subscription,
)
from plan_rules.switching.documents import quote_document, subscription_document
from plan_rules.testing import CUSTOMER
from tests.unit.switching.subscribers import asked, charged, confirmed, noon, quoted, subscriber

ROOT = Path(__file__).parents[3]
CATALOG: Catalog = replace(load_catalog(ROOT / "catalog"), rules=NO_RULES)
"""The plans alone: whom rules keep from them is tested elsewhere."""

CALLS = read_calls(ROOT / "docs" / "examples" / "calls-six-months.csv", home="US").calls
TODAY = date(2026, 6, 18)
SOLD = [plan for plan in CATALOG.plans.values() if plan.is_sold(TODAY)]


def present(plan: str) -> Subscription:
    country = "IN" if CATALOG.plan(plan).choose_from else ""
    known = subscriber(CATALOG, plan, date(2026, 4, 15), anchor=date(2026, 1, 31), country=country)
    known = charged(CATALOG, known, TODAY)
    return known.after(
        count_usage(catalog=CATALOG, subscription=known, calls=CALLS, as_of=noon(TODAY))
    )


PRESENT = {plan.id: present(plan.id) for plan in SOLD}


def country(plan: Plan) -> str:
    return "IN" if plan.choose_from else ""


@pytest.mark.parametrize("plan", SOLD, ids=lambda plan: plan.id)
@pytest.mark.parametrize(
    "start", ["americas-500", "world-plus", "business-world", "weekly-ten-calls"]
)
def test_every_plan_can_be_switched_to_at_once(start: str, plan: Plan) -> None:
    before = PRESENT[start]
    quote = quoted(
        CATALOG,
        before,
        plan.id,
        TODAY,
        at=Moment.NOW,
        policy="immediately",
        chosen_country=country(plan),
    )
    after = confirmed(CATALOG, before, quote, TODAY).subscription

    assert quote.lines
    assert after.plan_id == plan.id
    assert read_quote(quote_document(quote)) == quote
    assert read_subscription(subscription_document(after)) == after
    assert charged(CATALOG, after, date(2026, 9, 1)).cycle.end > date(2026, 9, 1)
    if plan.id == start:
        assert quote.gross_micros == 0


@pytest.mark.parametrize("plan", SOLD, ids=lambda plan: plan.id)
def test_terms_say_what_the_plan_is(plan: Plan) -> None:
    before = PRESENT["world-pay-as-you-go"]
    answer = asked(CATALOG, before, plan.id, TODAY, chosen_country=country(plan), calls=CALLS)
    assert isinstance(answer, SwitchQuote)
    kinds = [term.kind for term in answer.terms]

    assert kinds.count(TermKind.ONE_TIME) == len(plan.one_time)
    assert kinds.count(TermKind.RESTRICTION) == len(plan.restrictions)
    assert kinds.count(TermKind.SURCHARGE) == len(plan.surcharges)
    assert kinds.count(TermKind.VOLUME) == len(plan.volumes)
    assert kinds.count(TermKind.ALLOWANCE) == kinds.count(TermKind.OVERAGE) == len(plan.allowances)
    limited = [each for each in plan.allowances if each.limits.limits]
    assert kinds.count(TermKind.FAIR_USE) == len(limited)
    assert (TermKind.INTRO in kinds) is (plan.intro is not None)
    assert (TermKind.COMMITMENT in kinds) is (plan.commitment is not None)
    assert (TermKind.MINIMUM_SPEND in kinds) is bool(plan.billing.minimum_spend.at(TODAY))
    assert kinds.count(TermKind.FEE) == 1 + sum(day > TODAY for day in plan.fee.dates)
    assert answer.comparison.history_cycles > 0
    assert all(term.text.strip().endswith(".") for term in answer.terms)


def test_leaving_world_plus_early_costs_the_fees_left() -> None:
    quote = quoted(CATALOG, PRESENT["world-plus"], "unlimited-world", TODAY)
    (fee,) = [line for line in quote.lines if line.kind is LineKind.EARLY_TERMINATION]
    back = -sum(line.amount_micros for line in quote.lines if line.kind is LineKind.CREDIT)

    whole = 3 * 10_990_000
    last = fee.amount_micros - back - whole
    assert PRESENT["world-plus"].term is not None
    assert (TODAY, PRESENT["world-plus"].term.end) == (TODAY, date(2026, 10, 15))
    assert 0 < last < 10_990_000


def test_a_customer_is_named_by_their_id() -> None:
    other = replace(CUSTOMER, id=PRESENT["americas-500"].customer_id)
    quote = quoted(CATALOG, PRESENT["americas-500"], "world-400", TODAY, customer=other)

    assert quote.customer_id == other.id
