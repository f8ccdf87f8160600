"""Results as JSON documents, each under a published schema in `schemas/`.

Amounts are decimal texts in the catalog's currency, so that no reader makes floats of them.
Seconds are integers; dates are ISO texts; a place is `file:line:column`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from plan_rules.advice.recommendation import Option, Recommendation, WhyNot
from plan_rules.assessment.coverage import CountryCoverage
from plan_rules.assessment.eligibility import Eligibility, Reason
from plan_rules.money import format_micros
from plan_rules.rating.bill import Bill, BillLine
from plan_rules.rating.charge import Charge
from plan_rules.tariff.book import Maker
from plan_rules.usage.readers.calls import CallFile, RejectedRow

VERSION = 1
Document = dict[str, Any]


def bills_document(bills: Iterable[Bill], *, calls: CallFile, with_calls: bool) -> Document:
    """Return bills as JSON, schema `bills.schema.json`; `with_calls` shows every call."""
    return {
        "version": VERSION,
        "bills": [_bill(bill, with_calls=with_calls) for bill in bills],
        "rejected": [_rejected(row) for row in calls.rejected],
    }


def _bill(bill: Bill, *, with_calls: bool) -> Document:
    document: Document = {
        "plan": bill.plan_id,
        "start": bill.cycle.start.isoformat(),
        "end": bill.cycle.end.isoformat(),
        "currency": bill.currency,
        "net": format_micros(bill.net_micros),
        "total": format_micros(bill.total_micros),
        "lines": [_line(line) for line in bill.lines],
        "allowances": [
            {
                "id": usage.maker.id,
                "country": usage.country,
                "unit": usage.unit.value,
                "used": usage.used,
                "limit": usage.limit,
            }
            for usage in bill.allowances
        ],
    }
    if with_calls:
        document["calls"] = [_charge(bill, charge) for charge in bill.charges]
    return document


def _line(line: BillLine) -> Document:
    return {
        **_maker(line.maker),
        "outcome": line.outcome.value,
        "calls": line.calls,
        "seconds": line.seconds,
        "net": format_micros(line.net_micros),
        "tax": format_micros(line.tax_micros),
        "gross": format_micros(line.gross_micros),
    }


def _charge(bill: Bill, charge: Charge) -> Document:
    destination = charge.placed.destination
    return {
        "start": charge.call.start.isoformat(),
        "number": charge.call.number,
        "destination": "" if destination is None else str(destination),
        "seconds": charge.call.seconds,
        "outcome": charge.outcome.value,
        "billed_seconds": charge.billed_seconds,
        "amount": format_micros(charge.amount_micros),
        "parts": [
            {**_maker(maker), "seconds": seconds, "amount": format_micros(micros)}
            for maker, seconds, micros in bill.parts_of(charge)
        ],
    }


def _maker(maker: Maker) -> Document:
    written = str(maker.span) if maker.span.line else ""
    return {"kind": maker.kind.value, "id": maker.id, "reason": maker.reason, "written": written}


def _rejected(row: RejectedRow) -> Document:
    return {"file": row.file, "line": row.line, "code": row.code, "reason": row.reason}


def recommendation_document(advice: Recommendation, *, rejected: Iterable[RejectedRow]) -> Document:
    """Return a recommendation as JSON, schema `recommendation.schema.json`."""
    return {
        "version": VERSION,
        "customer": advice.customer_id,
        "as_of": advice.as_of.isoformat(),
        "currency": advice.currency,
        "policy": advice.policy.value,
        "catalog_digest": advice.catalog_digest,
        "cycles": advice.cycles,
        "calls": advice.calls,
        "confidence": advice.confidence.value,
        "margin": format_micros(advice.margin.micros),
        "engine": advice.engine,
        "advised": None if advice.advised is None else advice.advised.plan.id,
        "options": [_option(option) for option in advice.options],
        "not_for_sale": [
            rejection.plan.id
            for rejection in advice.rejected
            if rejection.why_not is WhyNot.NOT_FOR_SALE
        ],
        "excluded": [
            {
                "plan": rejection.plan.id,
                "name": rejection.plan.name,
                "reasons": [_reason(reason) for reason in rejection.eligibility.excluded],
            }
            for rejection in advice.excluded
        ],
        "rejected": [_rejected(row) for row in rejected],
    }


def _option(option: Option) -> Document:
    assessment = option.assessment
    return {
        "rank": option.rank,
        "plan": option.plan.id,
        "name": option.plan.name,
        "kind": option.plan.kind.value,
        "stay": option.stay,
        "monthly": format_micros(option.monthly.micros),
        "saving": None if option.saving is None else format_micros(option.saving.micros),
        "one_time": format_micros(assessment.one_time_micros),
        "steady": format_micros(assessment.steady_micros),
        "chosen_country": assessment.chosen,
        "covers": option.covers,
        "missed": option.missed,
        "missed_countries": list(option.missed_countries),
        "why_not": None if option.why_not is None else option.why_not.value,
        "dearer_by": None if option.dearer_by is None else format_micros(option.dearer_by.micros),
        "coverage": [_coverage(row) for row in assessment.coverage],
        "bites": [
            {
                **_maker(bite.maker),
                "bite": bite.kind.value,
                "cycles": bite.cycles,
                "calls": bite.calls,
            }
            for bite in assessment.bites
        ],
        **_eligibility(assessment.eligibility),
        "cycle_totals": [
            {"start": cost.cycle.start.isoformat(), "total": format_micros(cost.total_micros)}
            for cost in assessment.cycle_costs
        ],
    }


def _eligibility(eligibility: Eligibility) -> Document:
    return {
        "required": [
            {"kind": each.kind.value, "id": each.id, **_reason(each.reason)}
            for each in eligibility.required
        ],
        "excluded": [_reason(each) for each in eligibility.excluded],
        "intro_denied": [_reason(each) for each in eligibility.intro_denied],
        "warnings": [_reason(each) for each in eligibility.warnings],
        "notes": [_reason(each) for each in eligibility.notes],
        "tags": list(eligibility.tags),
    }


def _reason(reason: Reason) -> Document:
    return {"rule": reason.rule, "reason": reason.text, "written": str(reason.span)}


def _coverage(row: CountryCoverage) -> Document:
    return {
        "country": row.country,
        "included_calls": row.included_calls,
        "included_seconds": row.included_seconds,
        "paid_calls": row.paid_calls,
        "paid_seconds": row.paid_seconds,
        "missed_calls": row.missed_calls,
        "missed_seconds": row.missed_seconds,
    }
