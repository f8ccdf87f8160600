"""What a usage report says a cycle comes to is what its bills come to, rules included."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from plan_rules import rate
from plan_rules.catalog import Billing
from plan_rules.journey.subscription_usage import review_subscription
from plan_rules.journey.usage import review_usage
from plan_rules.rules.rule import Rule
from plan_rules.switching import (
    Subscription,
    SwitchQuote,
    activate,
    bill_usage,
    charge_cycle,
    confirm_switch,
    quote_switch,
)
from tests.property.rules_to_bill import BILLINGS, billing_rules
from tests.unit.assessment.rule_catalogs import calls, catalog, customer

JULY = datetime(2026, 7, 1, 16, tzinfo=UTC)
MINUTES = st.integers(0, 60)


@settings(max_examples=60)
@given(billing_rules(), MINUTES, BILLINGS)
def test_cycles_of_a_report_are_bills(
    rules: tuple[Rule, ...], minutes: int, billing: Billing
) -> None:
    found = catalog(*rules, billing=billing)
    who = customer(plan="plain")
    made = calls(minutes, months=[5, 6])
    bills = {
        each.cycle: each.total_micros
        for each in rate(catalog=found, plan="plain", calls=made, customer=who)
    }
    report = review_usage(catalog=found, customer=who, calls=made, as_of=JULY)
    told = {each.cycle: each.total.micros for each in report.cycles}
    assert {cycle: told[cycle] for cycle in bills} == bills


@settings(max_examples=30)
@given(billing_rules(), MINUTES, BILLINGS, st.integers(2, 30))
def test_a_subscriber_reads_what_was_charged_and_what_is_due(
    rules: tuple[Rule, ...], minutes: int, billing: Billing, day: int
) -> None:
    found = catalog(*rules, billing=billing)
    who = customer()
    made = (*calls(minutes, months=[6]), *calls(minutes, months=[7]))
    june, on = (datetime(2026, 6, each, 16, tzinfo=UTC) for each in (1, day))
    known = Subscription.replay(activate(catalog=found, customer=who, plan="plain", as_of=june))
    quote = quote_switch(
        catalog=found,
        subscription=known,
        customer=who,
        to="intro",
        as_of=on,
        policy="immediately",
    )
    assert isinstance(quote, SwitchQuote)
    known = confirm_switch(
        quote=quote, subscription=known, catalog=found, as_of=on, key="once"
    ).subscription
    known = known.after(charge_cycle(catalog=found, subscription=known, customer=who, as_of=JULY))
    report = review_subscription(
        catalog=found, subscription=known, customer=who, calls=made, as_of=JULY
    )
    bills = [
        bill
        for on_day in (date(2026, 6, 1), date(2026, 7, 1))
        for bill in bill_usage(
            catalog=found,
            subscription=known,
            customer=who,
            calls=[call for call in made if call.start < JULY],
            on=on_day,
        )
    ]
    told = sum(each.total.micros for each in report.cycles)
    assert told == known.due_micros - known.credit_micros + sum(bill.total_micros for bill in bills)
