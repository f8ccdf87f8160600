"""What a subscription is charged in a cycle and its usage bill are together what `rate` bills."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from plan_rules import rate
from plan_rules.catalog import Billing, Tax
from plan_rules.rules.rule import Rule
from plan_rules.switching import Subscription, activate, bill_usage, charge_cycle
from tests.property.rules_to_bill import BILLINGS, billing_rules
from tests.unit.assessment.rule_catalogs import (
    calls,
    catalog,
    customer,
)

START = date(2026, 7, 1)


@settings(max_examples=60)
@given(billing_rules(), st.integers(0, 60), BILLINGS)
def test_fee_and_usage_bill_sum_to_the_bill(
    rules: tuple[Rule, ...], minutes: int, billing: Billing
) -> None:
    found = catalog(*rules, billing=billing)
    who = customer(plan="plain", since=START)
    made = calls(minutes, months=[7])
    events = activate(
        catalog=found, customer=who, plan="plain", as_of=datetime(2026, 7, 1, 16, tzinfo=UTC)
    )
    subscription = Subscription.replay(events)
    if not billing.fee_in_advance:
        due = charge_cycle(
            catalog=found,
            subscription=subscription,
            as_of=datetime(2026, 8, 1, 16, tzinfo=UTC),
            customer=who,
        )
        subscription = subscription.after(due)

    (usage,) = bill_usage(
        catalog=found, subscription=subscription, calls=made, on=START, customer=who
    )
    (bill,) = rate(catalog=found, plan="plain", calls=made, customer=who)

    assert usage.fee_micros == 0
    assert subscription.due_micros + usage.net_micros == bill.net_micros


@settings(max_examples=60)
@given(billing_rules(), st.integers(0, 60))
def test_taxes_of_the_usage_bill_are_those_of_its_lines(
    rules: tuple[Rule, ...], minutes: int
) -> None:
    tax = Tax(usage=Fraction(1, 5), fee=Fraction(1, 10), included=False)
    found = catalog(*rules, tax=tax)
    who = customer(plan="plain", since=START)
    events = activate(
        catalog=found, customer=who, plan="plain", as_of=datetime(2026, 7, 1, 16, tzinfo=UTC)
    )
    (usage,) = bill_usage(
        catalog=found,
        subscription=Subscription.replay(events),
        calls=calls(minutes, months=[7]),
        on=START,
        customer=who,
    )
    assert sum(line.gross_micros for line in usage.lines) == usage.total_micros
