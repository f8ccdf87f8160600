"""Strategies for laws of switching: plans, catalogs, days and shares of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import strategies as st

from plan_rules.catalog import (
    Billing,
    Catalog,
    Commitment,
    Dated,
    EarlyTermination,
    Intro,
    Plan,
    Switching,
    Tax,
)
from plan_rules.periods import CycleLength, CycleUnit
from tests.unit.switching.subscribers import catalog_of, minutes, plan_of, tax_of

PRORATIONS = (
    "calendar-day",
    "calendar-day-old-plan",
    "second",
    "fixed-30",
    "actual-over-30",
    "strict-30-360",
    "annualised-365",
    "months-first",
    "none",
)
FEES = st.integers(0, 9_999).map(lambda cents: cents * 10_000)
DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))
TAXES: st.SearchStrategy[Tax | None] = st.one_of(
    st.none(), st.builds(tax_of, st.integers(0, 30), included=st.booleans())
)


@st.composite
def plans(draw: st.DrawFn, plan_id: str, *, plain: bool = False) -> Plan:
    """Return a plan; a `plain` one has neither one-time fees nor a commitment."""
    given: dict[str, object] = {
        "fee": Dated.always(draw(FEES)),
        "switching": Switching(
            upgrade="immediately",
            downgrade="immediately",
            proration=draw(st.sampled_from(PRORATIONS)),
        ),
        "allowances": tuple(
            minutes(name, amount)
            for name, amount in (("all", draw(st.integers(1, 900))),)
            if draw(st.booleans())
        ),
    }
    if draw(st.booleans()):
        given["intro"] = Intro(cycles=draw(st.integers(1, 4)), fee=draw(FEES))
    if draw(st.booleans()):
        change = draw(DAYS)
        given["fee"] = Dated(((None, draw(FEES)), (change, draw(FEES))))
    if not plain and draw(st.booleans()):
        given["one_time"] = (("activation", draw(FEES)),)
    if not plain and draw(st.booleans()):
        formula = draw(st.sampled_from([EarlyTermination.REMAINING_FEES, EarlyTermination.CANADA]))
        given["commitment"] = Commitment(cycles=draw(st.integers(1, 3)), early_termination=formula)
    return replace(plan_of(plan_id, 0), **given)  # type: ignore[arg-type]


@st.composite
def lengths(draw: st.DrawFn) -> Billing:
    """Return a billing of some cycle length, on the customer's day or on the calendar."""
    unit = draw(st.sampled_from(CycleUnit))
    count = draw(st.integers(1, 3)) if unit is not CycleUnit.DAY else draw(st.integers(7, 40))
    calendar = unit is CycleUnit.MONTH and count == 1 and draw(st.booleans())
    in_advance = draw(st.booleans())
    length = CycleLength(unit=unit, count=count)
    return Billing(length=length, calendar=calendar, fee_in_advance=in_advance)


def catalogs(*strategies: st.SearchStrategy[Plan]) -> st.SearchStrategy[Catalog]:
    """Return catalogs of these plans, with or without a tax."""
    return st.builds(lambda made, tax: catalog_of(*made, tax=tax), st.tuples(*strategies), TAXES)


def later(day: date, days: int) -> date:
    """Return a day so many days later."""
    return day + timedelta(days=days)
