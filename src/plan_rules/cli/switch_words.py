"""Switches, usage and subscriptions in the words of a support agent: tables and sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from rich.table import Table

from plan_rules.catalog.catalog import Catalog
from plan_rules.cli.switch_documents import kind_of
from plan_rules.cli.words import cents, minutes
from plan_rules.destinations.countries import country_name
from plan_rules.journey.call_report import reported_calls
from plan_rules.journey.standing import AllowanceStanding
from plan_rules.journey.usage import CycleSummary, UsageReport
from plan_rules.money import format_micros
from plan_rules.rating.charge import Outcome
from plan_rules.switching.events import lines_of
from plan_rules.switching.line import Line, gross_of
from plan_rules.switching.quote import SwitchQuote
from plan_rules.switching.refusal import SwitchRefusal
from plan_rules.switching.subscription import Subscription
from plan_rules.tariff.meters import MeterKind

UNKNOWN = "unknown number"


def quote_table(quote: SwitchQuote, catalog: Catalog) -> Table:
    """Return the lines of a quote as a table, with how each amount came about."""
    names = {plan.id: plan.name for plan in catalog.plans.values()}
    old, new = (names.get(each, each) for each in (quote.from_plan, quote.to))
    table = Table(title=f"From {old} to {new} on {quote.effective}", title_justify="left")
    table.add_column("for")
    table.add_column("plan")
    table.add_column("days")
    table.add_column("how it came about")
    table.add_column(quote.currency, justify="right")
    for line in quote.lines:
        table.add_row(
            line.kind.value.replace("-", " "),
            names.get(line.plan_id, line.plan_id),
            _days(line),
            line.derivation,
            format_micros(line.gross_micros),
        )
    table.add_section()
    table.add_row("total", "", "", "", format_micros(quote.gross_micros))
    return table


def _days(line: Line) -> str:
    if line.start is None or line.end is None:
        return ""
    return f"{line.start} to {line.end - timedelta(days=1)}"


def quote_sentences(quote: SwitchQuote) -> Iterator[str]:
    """Yield what is paid on the day, what comes after it, and how long the quote stands."""
    settlement, currency = quote.settlement, quote.currency
    yield f"To pay on {quote.effective}: {format_micros(settlement.due_micros)} {currency}."
    if settlement.from_credit_micros:
        yield f"Paid from the account credit: {format_micros(settlement.from_credit_micros)}."
    if settlement.credit_after_micros:
        credit = format_micros(settlement.credit_after_micros)
        yield f"Account credit afterwards: {credit} {currency}."
    for name, bill in (("The next bill", quote.next_bill), ("A usual bill", quote.steady_bill)):
        usage = f", and about {cents(bill.usage_micros)} for calls" if bill.usage_micros else ""
        fee = format_micros(bill.fee_micros)
        yield f"{name}, of the cycle from {bill.cycle.start}: {fee} {currency}{usage}."
    yield f"Quote {quote.id}, valid until {quote.valid_until:%Y-%m-%d %H:%M %Z}."


def days_table(quote: SwitchQuote) -> Table:
    """Return the days that were compared: what each costs at once, and until the same end."""
    compared = quote.comparison
    table = Table(title="Days compared", title_justify="left")
    table.add_column("day")
    table.add_column("which is")
    table.add_column("on that day", justify="right")
    table.add_column(f"until {compared.end}", justify="right")
    table.add_column("")
    for option in compared.options:
        notes = ["this quote"] if option.on == quote.effective else []
        if compared.cheapest is not None and option.on == compared.cheapest.on:
            notes.append("cheapest")
        if not option.is_allowed:
            notes.append("not allowed by the policy")
        table.add_row(
            str(option.on),
            ", ".join(each.value.replace("-", " ") for each in option.moments),
            format_micros(option.lines_micros),
            cents(option.total_micros),
            ", ".join(notes),
        )
    table.add_section()
    table.add_row("", "no switch", "", cents(compared.stay_micros), "")
    return table


def spoken_sentences(quote: SwitchQuote) -> Iterator[str]:
    """Yield warnings, what the customer must consent to, and the terms to read aloud."""
    for warning in quote.warnings:
        yield f"Please note: {warning.text}"
    for needed in quote.requirements:
        yield f"Needed before confirming, {needed.kind} {needed.id}: {needed.reason.text}"
    if quote.terms:
        yield "To be read aloud:"
    for term in quote.terms:
        yield f"- {term.text}"


def refusal_sentences(refusal: SwitchRefusal, catalog: Catalog) -> Iterator[str]:
    """Yield why the customer may not switch, and what could be done instead."""
    plan = catalog.plans.get(refusal.to)
    name = refusal.to if plan is None else plan.name
    yield f"{refusal.customer_id} may not switch to {name}:"
    for each in refusal.refusals:
        written = f" ({each.span})" if each.span.line else ""
        yield f"- {each.reason}{written}; {each.remedy}"


def history_table(report: UsageReport) -> Table:
    """Return the billing history as a table, oldest cycle first."""
    table = Table(title=f"Billing history of {report.customer_id}", title_justify="left")
    table.add_column("cycle")
    table.add_column("plan")
    table.add_column("calls", justify="right")
    table.add_column("minutes", justify="right")
    table.add_column(report.currency, justify="right")
    for each in report.cycles:
        so_far = "" if each.is_over else " (so far)"
        table.add_row(
            f"{each.cycle}{so_far}",
            each.plan.name,
            str(each.calls),
            minutes(each.seconds),
            format_micros(each.total.micros),
        )
    return table


def usage_tables(report: UsageReport, *, show_calls: bool) -> Iterator[Table]:
    """Yield how allowances stand and where the calls of the last cycle went, then all calls."""
    current = report.current
    if current.allowances:
        yield allowance_table(current)
    if current.destinations:
        yield destination_table(current)
    for each in report.cycles if show_calls else ():
        if each.bill.charges:
            yield report_table(report, each)


def allowance_table(summary: CycleSummary) -> Table:
    """Return how each allowance of a cycle stands, as a table."""
    table = Table(title=f"Allowances, {summary.cycle}", title_justify="left")
    table.add_column("allowance")
    for name in ("used", "of", "left", "beyond it", "expected by the end"):
        table.add_column(name, justify="right")
    table.add_column("used up on")
    for each in summary.allowances:
        table.add_row(
            each.id + (f", {country_name(each.country)}" if each.country else ""),
            *_amounts(each),
            "" if each.used_up_on is None else str(each.used_up_on),
        )
    return table


def _amounts(each: AllowanceStanding) -> Iterator[str]:
    unlimited = "unlimited"
    yield amount(each.unit, each.used)
    yield unlimited if each.limit is None else amount(each.unit, each.limit)
    yield unlimited if each.left is None else amount(each.unit, each.left)
    yield amount(each.unit, each.overage)
    yield "not known" if each.projected is None else amount(each.unit, each.projected)


def amount(unit: MeterKind, number: int) -> str:
    """Return an amount of an allowance: minutes and seconds, calls, or money."""
    if unit is MeterKind.SECONDS:
        return minutes(number)
    return format_micros(number) if unit is MeterKind.MICROS else f"{number} calls"


def destination_table(summary: CycleSummary) -> Table:
    """Return where the calls of a cycle went, as a table."""
    table = Table(title=f"Destinations, {summary.cycle}", title_justify="left")
    table.add_column("country")
    table.add_column("line")
    for name in ("calls", "minutes", "refused", summary.bill.currency):
        table.add_column(name, justify="right")
    for each in summary.destinations:
        table.add_row(
            country_name(each.country) or UNKNOWN,
            "" if each.line is None else each.line.value,
            str(each.calls),
            minutes(each.seconds),
            str(each.refused_calls) if each.refused_calls else "",
            format_micros(each.amount_micros),
        )
    return table


def report_table(report: UsageReport, summary: CycleSummary) -> Table:
    """Return every call of a cycle, on the customer's clock, as a table."""
    table = Table(title=f"Calls, {summary.cycle}", title_justify="left")
    table.add_column("start")
    table.add_column("number")
    table.add_column("to")
    table.add_column("minutes", justify="right")
    table.add_column(report.currency, justify="right")
    table.add_column("")
    for call in reported_calls(report, summary):
        refused = "" if call.outcome is Outcome.RATED else f"{call.outcome} {call.reason}".strip()
        table.add_row(
            f"{call.start:%Y-%m-%d %H:%M}",
            call.number,
            ", ".join(part for part in (call.country_name or UNKNOWN, call.line) if part),
            minutes(call.seconds),
            format_micros(call.amount_micros),
            "not answered" if not call.seconds else refused,
        )
    return table


def usage_sentences(report: UsageReport) -> Iterator[str]:
    """Yield what the open cycle will come to, and which calls are on no bill."""
    projected = report.current.projected_total
    if projected is not None:
        yield (
            f"If calls go on as in the last {report.repeated_weeks} weeks, this cycle comes to "
            f"about {cents(projected.micros)} {report.currency}."
        )
    if report.unserved_calls:
        yield f"{report.unserved_calls} calls were made while the plan was not served."
    if report.later_calls:
        yield f"{report.later_calls} calls are later than the instant asked about."


def subscription_table(subscription: Subscription) -> Table:
    """Return what a subscription is on and has paid, as a table."""
    table = Table(title=f"Subscription {subscription.id}", title_justify="left", show_header=False)
    table.add_column("what")
    table.add_column("value")
    for what, value in _facts(subscription):
        table.add_row(what, value)
    return table


def _facts(subscription: Subscription) -> Iterator[tuple[str, str]]:
    on_plan, currency = subscription.on_plan, subscription.currency
    yield "customer", subscription.customer_id
    yield "status", subscription.status.value
    yield "plan", f"{on_plan.plan_id}, since {on_plan.since}"
    if on_plan.chosen_country:
        yield "chosen country", country_name(on_plan.chosen_country)
    if subscription.promotion is not None and on_plan.promotion_left:
        fee = format_micros(subscription.promotion.fee_micros)
        yield "introductory price", f"{fee} {currency}, {on_plan.promotion_left} more cycles"
    if subscription.term is not None:
        yield "minimum term", f"until {subscription.term.end}"
    if subscription.scheduled is not None:
        agreed = subscription.scheduled
        yield "agreed for later", f"{agreed.on_plan.plan_id} on {agreed.on}"
    if subscription.ended_on is not None:
        yield "ended on", str(subscription.ended_on)
    yield "cycle", str(subscription.cycle)
    yield "account credit", f"{format_micros(subscription.credit_micros)} {currency}"
    yield "charged so far", f"{format_micros(subscription.due_micros)} {currency}"
    yield "events", str(subscription.version)


def counter_table(subscription: Subscription) -> Table:
    """Return how far the allowances of the cycle were counted as used, as a table."""
    table = Table(title="Allowances as last counted", title_justify="left")
    table.add_column("allowance")
    for name in ("used", "of", "left"):
        table.add_column(name, justify="right")
    for each in subscription.counters:
        table.add_row(
            each.allowance + (f", {country_name(each.country)}" if each.country else ""),
            amount(each.unit, each.used),
            "unlimited" if each.limit is None else amount(each.unit, each.limit),
            "unlimited" if each.left is None else amount(each.unit, each.left),
        )
    return table


def event_table(subscription: Subscription) -> Table:
    """Return all that happened to a subscription, as a table."""
    title = f"What happened to subscription {subscription.id}"
    table = Table(title=title, title_justify="left")
    table.add_column("#", justify="right")
    table.add_column("effective")
    table.add_column("what")
    table.add_column("plan")
    table.add_column("lines")
    table.add_column(subscription.currency, justify="right")
    table.add_column("account credit", justify="right")
    for event in subscription.events:
        state = Subscription.replay(subscription.events[: event.sequence])
        lines = lines_of(event.change)
        table.add_row(
            str(event.sequence),
            str(event.effective),
            kind_of(event.change).replace("-", " "),
            state.plan_id,
            "; ".join(_line_words(lines)),
            format_micros(gross_of(lines)) if lines else "",
            format_micros(state.credit_micros),
        )
    return table


def _line_words(lines: Iterable[Line]) -> Iterator[str]:
    for line in lines:
        kind = line.kind.value.replace("-", " ")
        yield f"{kind} {format_micros(line.gross_micros)}"
