"""A switch on the first day of a cycle gives back the whole of one fee for the whole of another."""

from __future__ import annotations

from datetime import date

from hypothesis import assume, given
from hypothesis import strategies as st

from plan_rules.catalog import Catalog
from plan_rules.switching import LineKind, Moment
from tests.property.plans_to_switch import DAYS, catalogs, later, plans
from tests.unit.switching.subscribers import charged, quoted, subscriber

PART_OF_THE_FIRST_DAY = {"second", "calendar-day-old-plan"}
"""These split the first day at the moment of the switch, or leave it to the old plan."""


@given(catalogs(plans("old"), plans("new")), DAYS, st.integers(0, 3))
def test_a_cycle_charged_today_is_swapped_whole(catalog: Catalog, start: date, cycles: int) -> None:
    assume(catalog.plan("old").switching.proration not in PART_OF_THE_FIRST_DAY)
    today = later(start, 31 * cycles)
    before = charged(catalog, subscriber(catalog, "old", start), today)
    today = before.cycle.start
    before = charged(catalog, subscriber(catalog, "old", start), today)
    (paid,) = before.payments
    quote = quoted(catalog, before, "new", today, at=Moment.NOW)
    back, due = quote.lines[0], quote.lines[1]
    assert (back.kind, back.amount_micros) == (LineKind.CREDIT, -paid.paid_micros)
    assert (back.net_micros, back.gross_micros) == (-paid.paid_net_micros, -paid.paid_gross_micros)
    assert due.amount_micros == due.price_micros
    assert (due.start, due.end) == (before.cycle.start, before.cycle.end)


@given(catalogs(plans("old"), plans("new")), DAYS, DAYS, st.integers(0, 40))
def test_the_next_cycle_is_the_new_plans_alone(
    catalog: Catalog, start: date, anchor: date, days: int
) -> None:
    today = later(start, days)
    before = charged(catalog, subscriber(catalog, "old", start, anchor=anchor), today)
    quote = quoted(catalog, before, "new", today, at=Moment.NEXT_CYCLE)
    assert quote.effective == before.cycle.end
    assert all(line.kind is not LineKind.CREDIT for line in quote.lines)
    fee = quote.lines[0]
    assert (fee.plan_id, fee.amount_micros) == ("new", fee.price_micros)
    assert (fee.start, fee.end) == (quote.cycle.start, quote.cycle.end)
