"""The detailed report of calls: every call of a usage report, as a customer may ask for it.

As values, and as CSV. A cell that a spreadsheet could take for a formula is written with an
apostrophe before it, as OWASP advises against CSV injection: an apostrophe makes it text.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from plan_rules.destinations.countries import country_name
from plan_rules.journey.usage import CycleSummary, UsageReport
from plan_rules.money import format_micros
from plan_rules.periods import local_moment, time_zone
from plan_rules.rating.bill import Bill
from plan_rules.rating.charge import Charge, Outcome

COLUMNS = (
    "start",
    "number",
    "country",
    "country_name",
    "line",
    "seconds",
    "included_seconds",
    "paid_seconds",
    "amount",
    "currency",
    "outcome",
    "reason",
    "cycle_start",
)
"""The columns of the CSV, in order."""

FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
"""How a cell begins that a spreadsheet may take for a formula; full-width signs count."""

PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedCall:
    """One call of the report.

    `start` is on the customer's clock, with its offset. `country` and `line` are empty where the
    number leads nowhere known. `included_seconds` were drawn from allowances, `paid_seconds`
    billed by a rate; they may be more than `seconds` where calls are billed by the minute.
    `reason` is what the customer is told of a call that was not carried, or empty.
    """

    start: datetime
    number: str
    country: str
    line: str
    seconds: int
    included_seconds: int
    paid_seconds: int
    amount_micros: int
    outcome: Outcome
    reason: str

    @property
    def country_name(self) -> str:
        """The country's name in English, or empty."""
        return country_name(self.country)


def reported_calls(report: UsageReport, cycle: CycleSummary) -> tuple[ReportedCall, ...]:
    """Return the calls of a cycle in the order they were made, unanswered ones included."""
    zone = time_zone(report.zone)
    return tuple(_reported(cycle.bill, charge, zone) for charge in cycle.bill.charges)


def _reported(bill: Bill, charge: Charge, zone: ZoneInfo) -> ReportedCall:
    place = charge.placed.destination
    return ReportedCall(
        start=local_moment(charge.call.epoch, zone=zone),
        number=charge.call.number,
        country="" if place is None else place.country,
        line="" if place is None else place.line.value,
        seconds=charge.call.seconds,
        included_seconds=charge.billed_seconds - charge.paid_seconds,
        paid_seconds=charge.paid_seconds,
        amount_micros=charge.amount_micros,
        outcome=charge.outcome,
        reason=bill.tariff.makers[charge.reason].reason if charge.reason >= 0 else "",
    )


def calls_csv(report: UsageReport) -> str:
    """Return every call of the report as CSV with the header `COLUMNS`.

    Lines end with CR LF, as RFC 4180 has it. Amounts are decimals of the currency. A number
    begins with an apostrophe before its plus sign, and so does any other cell that a
    spreadsheet might run.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in _rows(report):
        writer.writerow([safe_cell(cell) for cell in row])
    return text.getvalue()


def _rows(report: UsageReport) -> Iterator[tuple[str, ...]]:
    for cycle in report.cycles:
        for call in reported_calls(report, cycle):
            yield (
                call.start.isoformat(),
                call.number,
                call.country,
                call.country_name,
                call.line,
                str(call.seconds),
                str(call.included_seconds),
                str(call.paid_seconds),
                format_micros(call.amount_micros),
                report.currency,
                call.outcome.value,
                call.reason,
                cycle.cycle.start.isoformat(),
            )


def safe_cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; a plain number stays as it is.

    >>> safe_cell("+525512345678"), safe_cell("-0.05"), safe_cell("Cuba")
    ("'+525512345678", '-0.05', 'Cuba')
    """
    if PLAIN_NUMBER.fullmatch(text) or not FORMULA.match(text):
        return text
    return f"'{text}"
