"""Write `docs/examples/subscription.json`: the sample customer, as a subscription in June 2026.

They came on 1 November 2025 to pay by the minute, and changed to Americas 500 on 15 April 2026;
every cycle was charged. Run it when the form of subscriptions changes:
`python tools/make_example_subscription.py`.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from plan_rules import load_catalog, read_calls, read_customer
from plan_rules.periods import time_zone
from plan_rules.switching import (
    Subscription,
    SwitchRefusal,
    activate,
    charge_cycle,
    confirm_switch,
    count_usage,
    quote_switch,
    subscription_document,
)

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "docs" / "examples"


def sample_subscription() -> Subscription:
    catalog = load_catalog(ROOT / "catalog")
    customer = read_customer(EXAMPLES / "customer.yaml")
    zone = time_zone(customer.zone)
    begun = activate(
        catalog=catalog,
        customer=customer,
        plan=customer.plan,
        as_of=datetime(2025, 11, 1, 9, tzinfo=zone),
        subscription_id="sample-subscription",
    )
    calls = read_calls(EXAMPLES / "calls-six-months.csv", home=customer.home).calls
    switch = datetime(2026, 4, 15, 9, tzinfo=zone)
    known = Subscription.replay(begun)
    known = known.after(charge_cycle(catalog=catalog, subscription=known, as_of=switch))
    known = known.after(count_usage(catalog=catalog, subscription=known, calls=calls, as_of=switch))
    quote = quote_switch(catalog=catalog, subscription=known, to="americas-500", as_of=switch)
    if isinstance(quote, SwitchRefusal):
        raise SystemExit(str(quote))
    known = confirm_switch(
        quote=quote, subscription=known, catalog=catalog, as_of=switch, key="april"
    ).subscription
    june = datetime(2026, 6, 1, 6, tzinfo=zone)
    return known.after(charge_cycle(catalog=catalog, subscription=known, as_of=june))


if __name__ == "__main__":
    text = json.dumps(subscription_document(sample_subscription()), indent=1, ensure_ascii=False)
    (EXAMPLES / "subscription.json").write_text(f"{text}\n", "utf-8")
