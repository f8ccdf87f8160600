"""What a host developer writes first: it has the types it seems to have, and it runs.

`make check` types it strictly; an ignored error that is none fails there.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import assert_type
from zoneinfo import ZoneInfo

import pytest

import plan_rules
from plan_rules import (
    Bill,
    CatalogInvalid,
    Money,
    PlanRulesError,
    QuoteNotConfirmed,
    Subscription,
    SwitchQuote,
    SwitchRefusal,
    activate,
    bill_usage,
    charge_cycle,
    confirm_switch,
    load_catalog,
    quote_switch,
    read_calls,
    read_customer,
    recommend,
)

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
CATALOG = load_catalog(ROOT / "catalog")
CUSTOMER = read_customer(EXAMPLES / "customer.yaml")
CALLS = read_calls(EXAMPLES / "calls-six-months.csv", home=CUSTOMER.home).calls
NOON = datetime(2026, 6, 18, 12, tzinfo=ZoneInfo(CUSTOMER.zone))


def test_every_public_name_is_there() -> None:
    for name in plan_rules.__all__:
        assert getattr(plan_rules, name).__name__ == name


def test_a_name_that_is_not_there_is_an_error_for_both() -> None:
    with pytest.raises(ImportError):
        from plan_rules import activates  # type: ignore[attr-defined] # noqa: F401, PLC0415
    assert issubclass(CatalogInvalid, PlanRulesError)
    assert issubclass(QuoteNotConfirmed, PlanRulesError)


def test_a_recommendation_is_typed() -> None:
    advice = recommend(catalog=CATALOG, calls=CALLS, customer=CUSTOMER, as_of=date(2026, 7, 1))
    best = advice.advised
    assert best is not None
    assert_type(best.monthly, Money)
    assert best.plan.id == "world-saver"


def test_a_switch_is_quoted_confirmed_and_billed() -> None:
    began = datetime(2026, 6, 1, 9, tzinfo=NOON.tzinfo)
    events = activate(catalog=CATALOG, customer=CUSTOMER, plan="americas-500", as_of=began)
    subscription = Subscription.replay(events)
    quote = quote_switch(
        catalog=CATALOG,
        subscription=subscription,
        customer=CUSTOMER,
        to="unlimited-world",
        as_of=NOON,
        calls=CALLS,
    )
    assert_type(quote, SwitchQuote | SwitchRefusal)
    assert isinstance(quote, SwitchQuote)
    assert_type(quote.due, Money)
    done = confirm_switch(
        quote=quote, subscription=subscription, catalog=CATALOG, as_of=NOON, key="call 4711"
    )
    july = NOON.replace(month=7, day=1)
    after = done.subscription.after(
        charge_cycle(catalog=CATALOG, subscription=done.subscription, customer=CUSTOMER, as_of=july)
    )
    bills = bill_usage(
        catalog=CATALOG, subscription=after, customer=CUSTOMER, calls=CALLS, on=NOON.date()
    )
    assert_type(bills, tuple[Bill, ...])
    assert [each.plan_id for each in bills] == ["americas-500", "unlimited-world"]


def test_a_refusal_cannot_be_confirmed_by_mistake() -> None:
    refusal = SwitchRefusal(customer_id="ada", to="x", refusals=())
    with pytest.raises(TypeError):
        confirm_switch(
            quote=refusal,  # type: ignore[arg-type]
            subscription=None,  # type: ignore[arg-type]
            catalog=CATALOG,
            as_of=NOON,
            key="k",
        )
