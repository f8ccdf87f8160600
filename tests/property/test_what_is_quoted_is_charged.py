"""Confirming charges exactly the quoted lines, once, and a subscription replays to itself."""

from __future__ import annotations

import json
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from plan_rules.catalog import Catalog
from plan_rules.switching import (
    Moment,
    Subscription,
    quote_document,
    read_quote,
    read_subscription,
    subscription_document,
)
from tests.property.plans_to_switch import DAYS, catalogs, later, plans
from tests.unit.switching.subscribers import charged, confirmed, quoted, subscriber

MOMENTS = st.sampled_from([Moment.NOW, Moment.NEXT_CYCLE, Moment.CHEAPEST_DAY])


@given(catalogs(plans("old"), plans("new")), DAYS, DAYS, st.integers(0, 70), MOMENTS)
def test_the_quote_is_the_charge(
    catalog: Catalog, start: date, anchor: date, days: int, moment: Moment
) -> None:
    today = later(start, days)
    before = charged(catalog, subscriber(catalog, "old", start, anchor=anchor), today)
    quote = quoted(catalog, before, "new", today, at=moment)
    done = confirmed(catalog, before, quote, today)
    assert done.lines == quote.lines
    after = done.subscription
    if not done.is_scheduled:
        moved = after.due_micros - before.due_micros
        assert moved == quote.settlement.due_micros
        assert after.credit_micros == quote.settlement.credit_after_micros
        assert after.counters == quote.counters
    else:
        assert (after.due_micros, after.credit_micros) == (
            before.due_micros,
            before.credit_micros,
        )
        arrived = charged(catalog, after, quote.effective)
        assert arrived.plan_id == "new"
        stayed = charged(catalog, before, later(quote.effective, -1))
        assert arrived.due_micros - arrived.credit_micros == (
            stayed.due_micros - stayed.credit_micros + quote.gross_micros
        )
    again = confirmed(catalog, after, quote, today)
    assert again == done


@given(catalogs(plans("old"), plans("new")), DAYS, DAYS, st.integers(0, 70), MOMENTS)
def test_replaying_and_reading_give_the_same_subscription(
    catalog: Catalog, start: date, anchor: date, days: int, moment: Moment
) -> None:
    today = later(start, days)
    before = charged(catalog, subscriber(catalog, "old", start, anchor=anchor), today)
    quote = quoted(catalog, before, "new", today, at=moment)
    after = confirmed(catalog, before, quote, today).subscription
    later_on = charged(catalog, after, later(today, 45))
    assert Subscription.replay(later_on.events) == later_on
    written = json.loads(json.dumps(subscription_document(later_on)))
    assert read_subscription(written) == later_on
    assert read_quote(json.loads(json.dumps(quote_document(quote)))) == quote
