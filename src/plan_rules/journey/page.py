"""The detailed report as a page to read and to print: one HTML text that needs nothing else.

No script, no image, no font and no address outside of it: the page forbids itself to load
anything. Every word that comes from a catalog, a customer or a call is escaped. Tables have
captions and header cells with scopes, so that a screen reader can tell what a figure means.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape

from plan_rules.destinations.countries import country_name
from plan_rules.destinations.line_type import LineType
from plan_rules.journey.call_report import ReportedCall, reported_calls
from plan_rules.journey.standing import AllowanceStanding
from plan_rules.journey.usage import CycleSummary, DestinationSummary, UsageReport
from plan_rules.money import format_micros
from plan_rules.periods import time_zone
from plan_rules.rating.bill import FEES, BillLine
from plan_rules.rating.charge import Outcome
from plan_rules.switching.line import Line
from plan_rules.tariff.meters import MeterKind

STYLE = """
:root { color-scheme: light; }
body { font: 1rem/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff;
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 2rem; }
caption { text-align: left; font-weight: 600; padding: 0.5rem 0; }
th, td { padding: 0.3rem 0.6rem; border-bottom: 1px solid #767676; text-align: left;
  vertical-align: top; }
thead th { border-bottom: 2px solid #1a1a1a; }
tbody th { font-weight: 400; white-space: nowrap; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.wide { overflow-x: auto; }
.wide:focus-visible { outline: 3px solid #0b5cad; }
@media (max-width: 40rem) {
  h1 { font-size: 1.5rem; }
  h2 { font-size: 1.25rem; }
  table { font-size: 0.875rem; }
}
@media print {
  @page { margin: 15mm; @bottom-right { content: counter(page) " of " counter(pages);
    font: 8pt system-ui, sans-serif; color: #1a1a1a; } }
  body { font-size: 9pt; max-width: none; margin: 0; padding: 0; }
  .wide { overflow: visible; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
  h1, h2, caption { break-after: avoid; }
}
"""

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""What the page lets itself load: nothing but its own style."""

UNKNOWN = "unknown number"
LINES = {LineType.FIXED: "landline", LineType.EITHER: "landline or mobile"}
"""How customers call types of line; the others are called by their own names."""

Row = tuple[str, ...]


def calls_page(report: UsageReport) -> str:
    """Return the report as one HTML page in English: a summary, then each cycle with its calls.

    The newest cycle comes first. All text is escaped, and the bytes depend on nothing but the
    report.
    """
    return "\n".join((*_head(report), *_body(report), "</main>", "</body>", "</html>", ""))


def _head(report: UsageReport) -> Iterator[str]:
    yield "<!DOCTYPE html>"
    yield '<html lang="en">'
    yield "<head>"
    yield '<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>Calls of {escape(report.customer_id)}</title>"
    yield f"<style>{STYLE}</style>"
    yield "</head>"
    yield "<body>"
    yield "<main>"


def _body(report: UsageReport) -> Iterator[str]:
    asked = report.as_of.astimezone(time_zone(report.zone))
    tax = "" if report.current.bill.tax is None else ", tax included"
    yield f"<h1>Calls of {escape(report.customer_id)}</h1>"
    yield (
        f"<p>Plan: {escape(report.plan.name)}. Calls before {asked:%Y-%m-%d %H:%M}, on the clock "
        f"of {escape(report.zone)}. Amounts are in {escape(report.currency)}{tax}.</p>"
    )
    yield from _table(
        "Billing history",
        ("Cycle", "Plan", "Calls", "Minutes", f"Total, {report.currency}"),
        [_history_row(cycle) for cycle in reversed(report.cycles)],
        figures=3,
    )
    for cycle in reversed(report.cycles):
        yield from _cycle(report, cycle)


def _cycle(report: UsageReport, cycle: CycleSummary) -> Iterator[str]:
    name = f"{cycle.cycle}, {cycle.plan.name}"
    yield f"<h2>{escape(name)}{'' if cycle.is_over else ', so far'}</h2>"
    if cycle.projected_total is not None:
        yield (
            f"<p>If calls go on as in the last {report.repeated_weeks} weeks, this cycle comes to "
            f"{escape(str(cycle.projected_total))}.</p>"
        )
    if cycle.allowances:
        yield from _table(
            f"Allowances of {name}",
            ("Allowance", "Unit", "Used", "Left", "Beyond it", "Expected by the end"),
            [_allowance_row(each) for each in cycle.allowances],
            figures=4,
        )
    if cycle.charged:
        names = {each.plan.id: each.plan.name for each in report.cycles}
        yield from _table(
            f"Charged for {name}",
            ("For", "Plan", "How it came about", f"Amount, {report.currency}"),
            [_charged_row(line, names) for line in cycle.charged],
            figures=1,
        )
    others = [_other_row(line) for line in _beside_calls(cycle)]
    if others:
        yield from _table(
            f"Beside the calls of {name}",
            ("For", "Why", f"Amount, {report.currency}"),
            others,
            figures=1,
        )
    if not cycle.bill.charges:
        yield "<p>No calls.</p>"
        return
    yield from _table(
        f"Destinations of {name}",
        ("Destination", "Line", "Calls", "Minutes", f"Amount, {report.currency}"),
        [_destination_row(each) for each in cycle.destinations],
        figures=3,
    )
    yield from _table(
        f"Calls of {name}",
        (
            "Start",
            "Number",
            "Destination",
            "What became of it",
            "Minutes",
            f"Amount, {report.currency}",
        ),
        [_call_row(call) for call in reported_calls(report, cycle)],
        figures=2,
    )


def _history_row(cycle: CycleSummary) -> Row:
    so_far = "" if cycle.is_over else " (so far)"
    return (
        f"{cycle.cycle}{so_far}",
        cycle.plan.name,
        str(cycle.calls),
        clock(cycle.seconds),
        format_micros(cycle.total.micros),
    )


def _charged_row(line: Line, names: Mapping[str, str]) -> Row:
    kind = line.kind.value.replace("-", " ")
    plan = names.get(line.plan_id, line.plan_id)
    return (kind, plan, line.derivation, format_micros(line.gross_micros))


def _beside_calls(cycle: CycleSummary) -> Iterator[BillLine]:
    """Yield the lines of a bill that no single call makes; its fee, unless that was charged."""
    for line in cycle.bill.lines:
        is_told = line.maker.kind in FEES and cycle.charged is not None
        if not line.calls and line.gross_micros and not is_told:
            yield line


def _other_row(line: BillLine) -> Row:
    kind = line.maker.kind.value.replace("-", " ")
    return (kind, line.maker.reason, format_micros(line.gross_micros))


def _allowance_row(each: AllowanceStanding) -> Row:
    def shown(amount: int | None, *, unknown: str) -> str:
        if amount is None:
            return unknown
        match each.unit:
            case MeterKind.SECONDS:
                return clock(amount)
            case MeterKind.MICROS:
                return format_micros(amount)
            case _:
                return str(amount)

    units = {MeterKind.SECONDS: "minutes", MeterKind.MICROS: "money"}
    return (
        each.id + (f", {country_name(each.country)}" if each.country else ""),
        units.get(each.unit, "calls"),
        shown(each.used, unknown=""),
        shown(each.left, unknown="unlimited"),
        shown(each.overage, unknown=""),
        shown(each.projected, unknown="not known"),
    )


def _destination_row(each: DestinationSummary) -> Row:
    return (
        country_name(each.country) or UNKNOWN,
        _line_words(each.line),
        str(each.calls),
        clock(each.seconds),
        format_micros(each.amount_micros),
    )


def _call_row(call: ReportedCall) -> Row:
    line = "" if call.line == LineType.EITHER else _line_words(call.line)
    return (
        f"{call.start:%Y-%m-%d %H:%M:%S}",
        call.number,
        ", ".join(part for part in (call.country_name or UNKNOWN, line) if part),
        _outcome(call),
        clock(call.seconds),
        format_micros(call.amount_micros),
    )


def _outcome(call: ReportedCall) -> str:
    if not call.seconds:
        return "not answered"
    if call.outcome is not Outcome.RATED:
        return f"{call.outcome}: {call.reason}" if call.reason else call.outcome.value
    if call.included_seconds and call.paid_seconds:
        return f"included {clock(call.included_seconds)}, paid {clock(call.paid_seconds)}"
    return "included" if call.included_seconds else "paid"


def _line_words(line: LineType | str | None) -> str:
    return LINES.get(LineType(line), line) if line else ""


def clock(seconds: int) -> str:
    """Return seconds as minutes and seconds, `12:05`."""
    return f"{seconds // 60}:{seconds % 60:02d}"


def _table(
    caption: str, heads: Iterable[str], rows: Iterable[Row], *, figures: int
) -> Iterator[str]:
    """Yield a table whose first cells name the rows and whose last `figures` columns are numbers.

    A table may be wider than a telephone, so that it scrolls by itself, with the keyboard too.
    """
    titles = tuple(heads)
    first_figure = len(titles) - figures
    name = escape(caption)

    def cells(texts: Row, tag: str, scope: str) -> Iterator[str]:
        for index, text in enumerate(texts):
            kind = ' class="n"' if index >= first_figure else ""
            head = tag == "th" or index == 0
            where = f' scope="{scope}"' if head else ""
            yield f"<{'th' if head else 'td'}{where}{kind}>{escape(text)}"
            yield "</th>" if head else "</td>"

    yield f'<div class="wide" role="region" aria-label="{name}" tabindex="0">'
    yield f"<table><caption>{name}</caption>"
    yield f"<thead><tr>{''.join(cells(titles, 'th', 'col'))}</tr></thead>"
    yield "<tbody>"
    for row in rows:
        yield f"<tr>{''.join(cells(row, 'td', 'row'))}</tr>"
    yield "</tbody></table></div>"
