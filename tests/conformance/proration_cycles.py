"""Published cases about cycles: boundaries, days, and what is billed by when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from plan_rules.errors import InvalidValue
from plan_rules.periods import (
    CycleLength,
    CycleUnit,
    add_months,
    anchor_for,
    cycle_at,
    interval_at,
    local_day,
    months_between,
    time_zone,
)
from plan_rules.switching.billing import BilledPeriod, billed_periods
from tests.conformance.proration_values import (
    CHARGED_ITEM,
    MONTH,
    Case,
    Found,
    Refused,
    day,
    every,
    inclusive,
    length_of,
    moment,
)


def grid_of(inputs: Case, start: date) -> tuple[CycleLength, date]:
    """Return the length of cycles and a date with the billing day, or the start for weeks."""
    length = length_of(inputs["period"])
    if length.unit is not CycleUnit.MONTH:
        return length, start
    key = "billing_cycle_day" if "billing_cycle_day" in inputs else "billing_day"
    return length, date(2000, 1, int(inputs[key]))


def boundary_from(start: date, length: CycleLength, anchor: date) -> date:
    """Return the first boundary on or after `start`."""
    cycle = cycle_at(start, anchor=anchor_for(start, anchor=anchor, length=length), length=length)
    return start if cycle.start == start else cycle.end


def billed(inputs: Case) -> tuple[BilledPeriod, ...]:
    start = day(inputs["start_date"])
    length, anchor = grid_of(inputs, start)
    return billed_periods(
        start=start,
        end=day(inputs["end_date"]) if inputs["end_date"] else None,
        anchor=anchor,
        length=length,
        until=day(inputs["target_date"]),
        in_advance=inputs["mode"] == "IN_ADVANCE",
    )


def run_billed_items(case: Case) -> Found:
    expected = case["expected"]
    if "error" in expected:
        try:
            billed(case["inputs"])
        except InvalidValue:
            yield "refused", True, True
            return
        raise Refused("asked before its start, a subscription owes nothing; that is no error")
    items = billed(case["inputs"])
    shares = [each.share(convention=CHARGED_ITEM).fraction for each in items]
    if "number_of_cycles" in expected:
        yield "cycles", Fraction(expected["number_of_cycles"]), sum(shares)
    if "items" in expected:
        dates = [[each.start.isoformat(), each.end.isoformat()] for each in items]
        yield "items", expected["items"], dates
    if "derived_items" in case:
        yield (
            "derived items",
            [[start, end, Fraction(share)] for start, end, share in case["derived_items"]],
            [
                [each.start.isoformat(), each.end.isoformat(), share]
                for each, share in zip(items, shares, strict=True)
            ],
        )


def run_billing_interval(case: Case) -> Found:
    inputs = case["inputs"]
    if inputs.get("greedy"):
        raise Refused("a fee in arrears is not billed before its cycle has ended")
    start = day(inputs["start_date"])
    length, anchor = grid_of(inputs, start)
    first = boundary_from(start, length, anchor)
    items = billed(inputs)
    end = items[-1].end if items else None
    if end is None and first == start <= day(inputs["target_date"]):
        end = start
    cut = anchor_for(start, anchor=anchor, length=length)
    last = None
    if end is not None and end >= first:
        last = cycle_at(end, anchor=cut, length=length)
    opening = cycle_at(first, anchor=cut, length=length)
    found = {
        "first_billing_cycle_date": first,
        "effective_end_date": end,
        "last_billing_cycle_date": last and last.start,
        "next_billing_cycle_date": first if last is None else last.end,
        "whole_billing_periods": 0 if last is None else last.index - opening.index,
        "has_something_to_bill": end is not None and inputs["end_date"] != inputs["start_date"],
    }
    text = {key: str(value) if isinstance(value, date) else value for key, value in found.items()}
    yield from every(case["expected"], text)


def run_aligned(case: Case) -> Found:
    inputs = case["inputs"]
    on = day(inputs["date"])
    length, anchor = grid_of(inputs, on)
    if length.unit is CycleUnit.MONTH:
        on = add_months(anchor, months_between(date(2000, 1, 1), on))
    yield from every(case["expected"], {"date": on.isoformat()})


def run_aligned_to_next(case: Case) -> Found:
    inputs = case["inputs"]
    on = day(inputs["date"])
    length, anchor = grid_of(inputs, day(inputs["previous"] or inputs["date"]))
    yield from every(case["expected"], {"date": boundary_from(on, length, anchor).isoformat()})


def run_new_billing_day(case: Case) -> Found:
    inputs = case["inputs"]
    anchor = date(2000, 1, inputs["new_billing_cycle_day"])
    on = boundary_from(day(inputs["not_before"]), MONTH, anchor)
    yield from every(case["expected"], {"effective_date": on.isoformat()})


def run_billing_day(case: Case) -> Found:
    inputs = case["inputs"]
    local = local_day(moment(inputs["instant"]), zone=time_zone(inputs["account_time_zone"]))
    yield from every(case["expected"], {"billing_cycle_day": local.day})


def run_advance(case: Case) -> Found:
    inputs = case["inputs"]
    on = length_of(inputs["period"]).boundary(day(inputs["start_date"]), inputs["n"])
    yield from every(case["expected"], {"date": on.isoformat()})


def run_whole_periods(case: Case) -> Found:
    inputs = case["inputs"]
    start, length = day(inputs["start_date"]), length_of(inputs["period"])
    cycle = cycle_at(day(inputs["end_date"]), anchor=start, length=length)
    yield from every(case["expected"], {"billing_periods": cycle.index})


def run_next_billing_date(case: Case) -> Found:
    """Advance by whole cycles; a month begun before the anchor's day ends on it first."""
    inputs = case["inputs"]
    zone = time_zone(inputs["timezone"])
    start, anchor = (
        moment(inputs[key]).astimezone(zone) for key in ("current_period_start", "billing_anchor")
    )
    length = length_of(inputs["period"], inputs["unit"])
    if length.unit is CycleUnit.MONTH:
        cut = anchor_for(start.date(), anchor=anchor.date(), length=length)
        on = cycle_at(start.date(), anchor=cut, length=length).end
    elif length.unit is CycleUnit.WEEK:
        week = CycleLength(unit=CycleUnit.WEEK)
        on = length.boundary(cycle_at(start.date(), anchor=anchor.date(), length=week).start, 1)
    else:
        on = length.boundary(start.date(), 1)
    found = datetime.combine(on, anchor.time(), zone)
    yield "next", moment(case["expected"]["next_billing_date_utc"]), found.astimezone(UTC)


def run_recurrence(case: Case) -> Found:
    inputs = case["inputs"]
    found = interval_at(
        moment(inputs["time"]),
        anchor=moment(inputs["anchor"]),
        length=length_of(inputs["interval"]),
        zone=time_zone("UTC"),
    )
    yield "from", moment(case["expected"]["period_from"]), found.start
    yield "to", moment(case["expected"]["period_to"]), found.end


def run_day_count(case: Case) -> Found:
    inputs = case["inputs"]
    zone = time_zone(inputs["timezone"])
    first, last = (local_day(moment(inputs[key]), zone=zone) for key in ("start", "end"))
    yield from every(case["expected"], {"days": (last - first).days})


def run_inclusive_day_count(case: Case) -> Found:
    inputs = case["inputs"]
    zone = time_zone(inputs["timezone"])
    first, last = (local_day(moment(inputs[key]), zone=zone) for key in ("from_", "to"))
    yield from every(case["expected"], {"days": inclusive(str(first), str(last)).days})


def run_anniversary(case: Case) -> Found:
    inputs = case["inputs"]
    on = day(inputs["billing_at"])
    anchor = day(inputs["subscription_at"])
    cycle = cycle_at(on, anchor=anchor, length=MONTH)
    if not inputs["in_advance"] and not inputs["terminated"]:
        cycle = cycle_at(cycle.start - timedelta(days=1), anchor=anchor, length=MONTH)
    last = on if inputs["terminated"] else cycle.end - timedelta(days=1)
    found = {"period_start": cycle.start.isoformat(), "period_last_day": last.isoformat()}
    yield from every(case["expected"], found)


def run_calendar_period(case: Case) -> Found:
    inputs = case["inputs"]
    zone = time_zone(inputs["customer_timezone"])
    on = add_months(local_day(moment(inputs["billing_at"]), zone=zone), -1)
    found = cycle_at(on, anchor=on.replace(day=1), length=MONTH).interval(zone=zone)
    yield "from", moment(case["expected"]["from_utc"]), found.start.astimezone(UTC)
    last = found.end.astimezone(UTC) - timedelta(seconds=1)
    yield "to", moment(case["expected"]["to_utc"]), last


def run_invoice_in_advance(case: Case) -> Found:
    inputs = case["inputs"]
    on = day(inputs["invoice_date"])
    length, anchor = grid_of(inputs, on)
    found = billed_periods(start=on, anchor=anchor, length=length, until=on, in_advance=True)[0]
    yield from period_of(case, found)


def run_invoice_in_arrears(case: Case) -> Found:
    inputs = case["inputs"]
    found = closed(inputs, until=day(inputs["invoice_date"]))[-1]
    yield from period_of(case, found)


def closed(inputs: Case, *, until: date) -> tuple[BilledPeriod, ...]:
    start = day(inputs["billing_start"])
    length, anchor = grid_of(inputs, start)
    return billed_periods(start=start, anchor=anchor, length=length, until=until, in_advance=False)


def period_of(case: Case, found: BilledPeriod) -> Found:
    dates = {"start": found.start.isoformat(), "end": found.end.isoformat()}
    yield from every(case["expected"], dates)


def run_elapsed(case: Case) -> Found:
    inputs = case["inputs"]
    yield from every(case["expected"], {"cycles": len(closed(inputs, until=day(inputs["target"])))})


def run_containing(case: Case) -> Found:
    inputs = case["inputs"]
    start, until = day(inputs["billing_start"]), day(inputs["target"])
    length, anchor = grid_of(inputs, start)
    found = billed_periods(start=start, anchor=anchor, length=length, until=until, in_advance=True)
    yield from period_of(case, found[-1])
