"""Published cases about shares of a cycle, by the convention of their source."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

from plan_rules.periods import (
    CycleLength,
    Period,
    cycle_at,
    months_between,
)
from plan_rules.switching.convention import (
    CALENDAR_DAY,
    CONVENTIONS,
    FOREIGN_CONVENTIONS,
    ProrationConvention,
)
from plan_rules.switching.proration import (
    share_left,
    share_of,
)
from plan_rules.switching.share import Share
from tests.conformance.proration_values import (
    CHARGED_ITEM,
    MONTH,
    Case,
    Found,
    day,
    every,
    half_open,
    length_of,
)


def fixed_days(inputs: Case) -> ProrationConvention:
    """Return the convention of the charged item, its months of so many days if any."""
    number = inputs.get("fixed_days_in_month", 0)
    if not number:
        return CHARGED_ITEM
    return replace(FOREIGN_CONVENTIONS["charged-item-30"], month_days=number)


def stub(inputs: Case, start: str, end: str, *, leading: bool) -> Share:
    """Return a partial period's share of the full one that ends with it, or starts with it."""
    part = Period(start=day(start), end=day(end))
    edge = day(end if leading else start)
    cycle = cycle_at(day(start), anchor=edge, length=length_of(inputs["period"]))
    return share_of(part=part, cycle=cycle, convention=fixed_days(inputs))


def run_fraction(case: Case) -> Found:
    inputs = case["inputs"]
    if "start_date" in inputs:
        ends = inputs["start_date"], inputs["next_billing_cycle_date"]
        share = stub(inputs, *ends, leading=True)
    else:
        ends = inputs["previous_bill_through_date"], inputs["end_date"]
        share = stub(inputs, *ends, leading=False)
    yield "fraction", Fraction(case["expected"]["fraction"]), share.fraction


def run_fixed_month_days(case: Case) -> Found:
    inputs = case["inputs"]
    start, end = day(inputs["start_date"]), day(inputs["end_date"])
    length = CycleLength(count=months_between(start, end) + 2)
    exact = replace(fixed_days(inputs), share_decimals=None)
    share = share_of(
        part=Period(start=start, end=end),
        cycle=cycle_at(start, anchor=start, length=length),
        convention=exact,
    )
    yield from every(case["expected"], {"days": share.numerator})


def run_factor(case: Case) -> Found:
    """Return nothing for what is no part but the whole or more, and 0 for a part of no day."""
    inputs, expected = case["inputs"], case["expected"]["factor"]
    full = half_open(inputs["full"])
    start, end = (day(each) for each in inputs["partial"])
    nine = replace(CALENDAR_DAY, share_decimals=9)
    found = None
    if start == end:
        found = share_left(cycle=full, on=full.end, convention=nine).fraction
    elif (end - start).days < full.days:
        part = Period(start=start, end=end)
        found = share_of(part=part, cycle=full, convention=nine).fraction
    yield "factor", None if expected is None else Fraction(expected), found


def run_three_conventions(case: Case) -> Found:
    inputs = case["inputs"]
    start, end = day(inputs["start"]), day(inputs["end_inclusive"]) + timedelta(days=1)
    cycle = cycle_at(start, anchor=start.replace(day=1), length=MONTH)
    if end > cycle.end:
        cycle = cycle_at(start, anchor=start, length=MONTH)
    names = {
        "actual": "calendar-day",
        "actual_30": "actual-over-30",
        "strict_30_360": "strict-30-360",
    }
    for key, expected in case["expected"].items():
        share = share_of(
            part=Period(start=start, end=end), cycle=cycle, convention=CONVENTIONS[names[key]]
        )
        yield key, expected, f"{share.numerator}/{share.denominator}"
