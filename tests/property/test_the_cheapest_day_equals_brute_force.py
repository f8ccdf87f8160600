"""The cheapest day is the one that living through every day would have found.

Each day is lived with commands alone: cycles are charged until that day, the switch is quoted
and confirmed on it, cycles are charged to the end, and all that was paid is added up.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from plan_rules.catalog import Catalog
from plan_rules.switching import Moment, Subscription, SwitchQuote
from plan_rules.switching.events import lines_of
from tests.property.plans_to_switch import DAYS, catalogs, later, plans
from tests.unit.switching.subscribers import charged, confirmed, quoted, subscriber

QUARTER = settings().max_examples // 4
"""Living every day takes long; a quarter of the examples is lived."""


@settings(max_examples=QUARTER)
@given(catalogs(plans("old"), plans("new")), DAYS, st.integers(0, 28), st.integers(0, 70))
def test_the_cheapest_day(catalog: Catalog, start: date, early: int, days: int) -> None:
    assume(catalog.plan("old").switching.proration != "second")
    today = later(start, days)
    before = charged(catalog, subscriber(catalog, "old", start, anchor=later(start, -early)), today)
    quote = quoted(catalog, before, "new", today, at=Moment.CHEAPEST_DAY)
    shown = quote.comparison
    lived = {}
    day = today
    while day <= shown.searched_until:
        lived[day] = _lived(catalog, before, day, shown.end)
        day = later(day, 1)
    for option in shown.options:
        assert abs(option.total_micros - lived[option.on]) <= Fraction(1, 2)
    best = min(lived.values())
    assert shown.cheapest is not None
    assert abs(shown.cheapest.total_micros - best) <= Fraction(1, 2)
    assert quote.effective == shown.cheapest.on
    assert abs(shown.stay_micros - _stayed(catalog, before, shown.end)) <= Fraction(1, 2)


def _lived(catalog: Catalog, before: Subscription, day: date, end: date) -> Fraction:
    known = charged(catalog, before, later(day, -1)) if day > before.cycle.start else before
    if day < known.cycle.end:
        quote = quoted(catalog, known, "new", day, policy="immediately")
        known = confirmed(catalog, known, quote, day).subscription
    else:
        quote = _agreed(catalog, known, day)
        known = confirmed(catalog, known, quote, later(day, -1)).subscription
    return _paid(catalog, before, known, end)


def _agreed(catalog: Catalog, known: Subscription, day: date) -> SwitchQuote:
    """Return the quote, a day before, of a switch that takes effect with the next cycle."""
    return quoted(catalog, known, "new", later(day, -1), policy="immediately", on=day)


def _stayed(catalog: Catalog, before: Subscription, end: date) -> Fraction:
    return _paid(catalog, before, before, end)


def _paid(catalog: Catalog, before: Subscription, known: Subscription, end: date) -> Fraction:
    """Add up what was paid since, and take off what was paid for days beyond the end."""
    known = charged(catalog, known, later(end, -1))
    total = Fraction(0)
    for event in known.events[before.version :]:
        total += sum(line.gross_micros for line in lines_of(event.change))
    for payment in known.payments:
        beyond = max(0, (payment.end - end).days)
        whole = (payment.end - payment.start).days
        total -= Fraction(payment.left_gross_micros * beyond, whole)
    return total
