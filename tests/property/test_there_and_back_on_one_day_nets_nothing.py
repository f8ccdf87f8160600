"""A switch and the way back on the same day come to 0, whatever was charged once."""

from __future__ import annotations

from datetime import date

from hypothesis import assume, given
from hypothesis import strategies as st

from plan_rules.catalog import Catalog
from plan_rules.switching import Moment
from tests.property.plans_to_switch import DAYS, catalogs, later, plans
from tests.unit.switching.subscribers import charged, confirmed, quoted, subscriber


@given(catalogs(plans("old"), plans("new")), DAYS, DAYS, st.integers(0, 70))
def test_there_and_back(catalog: Catalog, start: date, anchor: date, days: int) -> None:
    assume(catalog.plan("new").switching.proration != "second")
    today = later(start, days)
    before = charged(catalog, subscriber(catalog, "old", start, anchor=anchor), today)
    there = quoted(catalog, before, "new", today, at=Moment.NOW)
    between = confirmed(catalog, before, there, today, key="there").subscription
    back = quoted(catalog, between, "old", today, at=Moment.NOW)
    after = confirmed(catalog, between, back, today, key="back").subscription
    assert there.net_micros + back.net_micros == 0
    assert there.gross_micros + back.gross_micros == 0
    assert (after.on_plan, after.grid, after.cycle) == (
        before.on_plan,
        before.grid,
        before.cycle,
    )
    assert [each.limit for each in after.counters] == [each.limit for each in before.counters]
    paid = before.due_micros - before.credit_micros
    assert after.due_micros - after.credit_micros == paid
    soon = later(today, 65)
    stayed, returned = charged(catalog, before, soon), charged(catalog, after, soon)
    assert returned.due_micros - returned.credit_micros == (
        stayed.due_micros - stayed.credit_micros
    )
