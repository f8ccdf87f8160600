"""However often a subscriber switches, no payment is given back more than once."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from plan_rules.catalog import Catalog
from plan_rules.switching import Subscription, SwitchQuote
from plan_rules.switching.events import lines_of
from tests.property.plans_to_switch import DAYS, catalogs, later, plans
from tests.unit.switching.subscribers import asked, charged, confirmed, subscriber

POLICIES = ("immediately", "full-price", "none", "value-to-days", "back-dated")
STEPS = st.lists(
    st.tuples(
        st.integers(0, 12), st.sampled_from(["one", "two", "three"]), st.sampled_from(POLICIES)
    ),
    min_size=1,
    max_size=6,
)


@given(catalogs(plans("one"), plans("two"), plans("three")), DAYS, DAYS, STEPS)
def test_no_payment_is_given_back_twice(
    catalog: Catalog, start: date, anchor: date, steps: list[tuple[int, str, str]]
) -> None:
    known, today = subscriber(catalog, "one", start, anchor=anchor), start
    for days, to, policy in steps:
        today = later(today, days)
        known = charged(catalog, known, today)
        quote = asked(catalog, known, to, today, policy=policy)
        if isinstance(quote, SwitchQuote):
            known = confirmed(catalog, known, quote, today).subscription
        assert all(each.is_possible for each in known.payments)
        assert known.credit_micros >= 0
    _demand_paid_before_given(known)


def _demand_paid_before_given(known: Subscription) -> None:
    """Sum what was paid for and given back of each plan's days, by the end of those days."""
    left: defaultdict[tuple[str, date | None], int] = defaultdict(int)
    for event in known.events:
        for line in lines_of(event.change):
            if line.end is not None:
                left[line.plan_id, line.end] += line.gross_micros
    assert all(each >= 0 for each in left.values())
