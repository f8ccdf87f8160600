"""A usage report as JSON, under the published schema `usage.schema.json`.

Amounts are decimal texts in the catalog's currency; seconds are integers; dates are ISO texts.
What an allowance counts is an integer of its unit.
"""

from __future__ import annotations

from typing import Any

from plan_rules.journey.call_report import ReportedCall, reported_calls
from plan_rules.journey.standing import AllowanceStanding
from plan_rules.journey.usage import CycleSummary, DestinationSummary, UsageReport
from plan_rules.money import format_micros
from plan_rules.periods import time_zone
from plan_rules.rating.bill import FEES, BillLine
from plan_rules.switching.line import Line

VERSION = 1
Document = dict[str, Any]


def usage_document(report: UsageReport, *, with_calls: bool = False) -> Document:
    """Return a report as JSON; with `with_calls` each cycle lists its calls."""
    zone = time_zone(report.zone)
    return {
        "version": VERSION,
        "customer": report.customer_id,
        "plan": report.plan.id,
        "plan_name": report.plan.name,
        "zone": report.zone,
        "as_of": report.as_of.astimezone(zone).isoformat(),
        "currency": report.currency,
        "repeated_weeks": report.repeated_weeks,
        "unserved_calls": report.unserved_calls,
        "later_calls": report.later_calls,
        "cycles": [_cycle(report, cycle, with_calls=with_calls) for cycle in report.cycles],
    }


def _cycle(report: UsageReport, cycle: CycleSummary, *, with_calls: bool) -> Document:
    projected = cycle.projected_total
    document: Document = {
        "plan": cycle.plan.id,
        "start": cycle.cycle.start.isoformat(),
        "end": cycle.cycle.end.isoformat(),
        "is_over": cycle.is_over,
        "calls": cycle.calls,
        "seconds": cycle.seconds,
        "unanswered": cycle.unanswered,
        "refused_calls": cycle.refused_calls,
        "total": format_micros(cycle.total.micros),
        "projected_total": None if projected is None else format_micros(projected.micros),
        "lines": [_line(line) for line in cycle.bill.lines if _counts(cycle, line)],
        "charged": [_charged(line) for line in cycle.charged or ()],
        "destinations": [_destination(each) for each in cycle.destinations],
        "allowances": [_allowance(each) for each in cycle.allowances],
    }
    if with_calls:
        document["call_list"] = [_call(call) for call in reported_calls(report, cycle)]
    return document


def _line(line: BillLine) -> Document:
    return {
        "kind": line.maker.kind.value,
        "id": line.maker.id,
        "outcome": line.outcome.value,
        "calls": line.calls,
        "seconds": line.seconds,
        "gross": format_micros(line.gross_micros),
    }


def _counts(cycle: CycleSummary, line: BillLine) -> bool:
    """Whether a line is part of the total: the fee of a subscription is among what was charged."""
    return cycle.charged is None or line.maker.kind not in FEES


def _charged(line: Line) -> Document:
    return {
        "kind": line.kind.value,
        "plan": line.plan_id,
        "id": line.id,
        "gross": format_micros(line.gross_micros),
        "derivation": line.derivation,
    }


def _destination(each: DestinationSummary) -> Document:
    return {
        "country": each.country,
        "line": "" if each.line is None else each.line.value,
        "calls": each.calls,
        "seconds": each.seconds,
        "included_seconds": each.included_seconds,
        "paid_seconds": each.paid_seconds,
        "refused_calls": each.refused_calls,
        "amount": format_micros(each.amount_micros),
    }


def _allowance(each: AllowanceStanding) -> Document:
    return {
        "id": each.id,
        "country": each.country,
        "unit": each.unit.value,
        "limit": each.limit,
        "used": each.used,
        "left": each.left,
        "overage": each.overage,
        "refused_calls": each.refused_calls,
        "projected": each.projected,
        "projected_overage": each.projected_overage,
        "used_up_on": None if each.used_up_on is None else each.used_up_on.isoformat(),
    }


def _call(call: ReportedCall) -> Document:
    return {
        "start": call.start.isoformat(),
        "number": call.number,
        "country": call.country,
        "line": call.line,
        "seconds": call.seconds,
        "included_seconds": call.included_seconds,
        "paid_seconds": call.paid_seconds,
        "amount": format_micros(call.amount_micros),
        "outcome": call.outcome.value,
        "reason": call.reason,
    }
