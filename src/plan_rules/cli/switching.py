"""The commands about one subscriber: what a switch costs, what was used, what happened."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from plan_rules.catalog.catalog import Catalog
from plan_rules.cli import switch_documents, switch_words
from plan_rules.cli.edge import (
    CALLS,
    CALLS_HELP,
    CATALOG,
    FILE,
    FORMAT,
    ISSUES,
    OF_CALLS,
    UNSOUND_OR_UNREAD,
    exits,
    options,
    read_given,
    show_json,
    show_rejected,
    wide_console,
)
from plan_rules.journey.call_report import calls_csv
from plan_rules.journey.page import calls_page
from plan_rules.journey.subscription_usage import review_subscription
from plan_rules.journey.usage import UsageReport, review_usage
from plan_rules.journey.usage_document import usage_document
from plan_rules.loading.loader import load_catalog, read_customer
from plan_rules.periods import time_zone
from plan_rules.switching.documents import (
    parsed_document,
    quote_document,
    read_subscription,
    subscription_document,
)
from plan_rules.switching.quote import Moment
from plan_rules.switching.quoting import quote_switch
from plan_rules.switching.refusal import SwitchRefusal
from plan_rules.switching.subscription import Subscription
from plan_rules.usage.readers.calls import CallFile, UnreadableFile

LARGEST_BYTES = 64 * 1024 * 1024
"""A larger file is no subscription."""

CALLS_IF_ANY = options(click.option("--calls", "calls_path", type=FILE, help=CALLS_HELP), OF_CALLS)
"""The options of call files where a file may be left out."""

SUBSCRIPTION = click.option(
    "--subscription",
    "subscription_path",
    type=FILE,
    required=True,
    help="The subscription's file, JSON as `subscription_document` writes it.",
)
AS_OF = click.option(
    "--as-of",
    "as_of",
    metavar="INSTANT",
    help="The instant asked about, such as 2026-06-18T12:00; now if left out.",
)


@click.command("switch", epilog=exits(f"the customer may not switch, or {UNSOUND_OR_UNREAD}"))
@CALLS_IF_ANY
@SUBSCRIPTION
@click.option("--to", required=True, help="The id of the new plan.")
@click.option(
    "--on", "on", type=click.DateTime(["%Y-%m-%d"]), help="The day the switch takes effect."
)
@click.option(
    "--at",
    "at",
    metavar="MOMENT",
    help=f"Instead of a day: {', '.join(Moment)}, or an instant such as 2026-06-18T12:00, "
    "at which the customer asks to switch at once.",
)
@click.option("--policy", help="The switch policy, if not the present plan's.")
@click.option("--country", default="", help="The country chosen, where the plan asks for one.")
@AS_OF
@CATALOG
@FORMAT
def switch_command(
    subscription_path: Path,
    to: str,
    on: datetime | None,
    at: str | None,
    *,
    as_of: str | None,
    form: str,
    policy: str | None,
    country: str,
    **given: Any,
) -> None:
    """Quote a switch to another plan: pro-rated lines, and all days compared.

    With --calls the usage to come is among the totals that days are compared by. Where the
    customer may not switch, every reason is told.
    """
    subscription = _subscription(subscription_path)
    catalog = load_catalog(given["catalog_path"])
    if at is not None and on is not None:
        message = "name a day or a moment, not both"
        raise click.BadParameter(message, param_hint="--at")
    moment, instant = _moment(at, as_of, time_zone(subscription.zone))
    customer = None if given["customer_path"] is None else read_customer(given["customer_path"])
    if customer is None and catalog.rules.rules:
        message = "name --customer FILE: the catalog has rules that ask about the customer"
        raise click.UsageError(message)
    calls = read_given(catalog, given)[1] if given["calls_path"] is not None else NO_CALLS
    quote = quote_switch(
        catalog=catalog,
        subscription=subscription,
        to=to,
        as_of=instant,
        on=None if on is None else on.date(),
        at=moment,
        policy=policy,
        customer=customer,
        calls=calls.calls,
        chosen_country=country,
    )
    if isinstance(quote, SwitchRefusal):
        if form == "json":
            show_json(switch_documents.refusal_document(quote))
        else:
            for sentence in switch_words.refusal_sentences(quote, catalog):
                click.echo(sentence)
        sys.exit(ISSUES)
    if form == "json":
        show_json(quote_document(quote))
        return
    console = wide_console()
    console.print(switch_words.quote_table(quote, catalog))
    for sentence in switch_words.quote_sentences(quote):
        console.print(sentence)
    console.print(switch_words.days_table(quote))
    for sentence in switch_words.spoken_sentences(quote):
        console.print(sentence)
    show_rejected(calls)


NEVER_NO = "Exit codes: 0 done; 2 misuse, or a file that cannot be read or is damaged."
NO_CALLS = CallFile(calls=(), rejected=())


@click.command("usage", epilog=exits(UNSOUND_OR_UNREAD))
@CALLS
@click.option(
    "--subscription",
    "subscription_path",
    type=FILE,
    help="The subscription's file; without one, the customer's present plan is taken.",
)
@AS_OF
@click.option("--show-calls", is_flag=True, help="Show every call of every cycle.")
@click.option(
    "--csv", "csv_path", type=FILE, help="Write the detailed report of calls to a CSV file."
)
@click.option(
    "--page", "page_path", type=FILE, help="Write the report to an HTML page to read and print."
)
@CATALOG
@FORMAT
def usage_command(
    subscription_path: Path | None,
    as_of: str | None,
    form: str,
    *,
    show_calls: bool,
    csv_path: Path | None,
    page_path: Path | None,
    **given: Any,
) -> None:
    """Show usage and billing history: by cycle, destination and allowance, with a projection."""
    catalog = load_catalog(given["catalog_path"])
    report, calls = _report(catalog, subscription_path, as_of, given)
    if csv_path is not None:
        _write(csv_path, calls_csv(report))
    if page_path is not None:
        _write(page_path, calls_page(report))
    if form == "json":
        show_json(usage_document(report, with_calls=show_calls))
        return
    console = wide_console()
    console.print(switch_words.history_table(report))
    for table in switch_words.usage_tables(report, show_calls=show_calls):
        console.print(table)
    for sentence in switch_words.usage_sentences(report):
        console.print(sentence)
    show_rejected(calls)


@click.group()
def subscription() -> None:
    """Look into a subscription's file."""


@subscription.command(epilog=NEVER_NO)
@SUBSCRIPTION
@FORMAT
def show(subscription_path: Path, form: str) -> None:
    """Show what a subscription is on, has paid and has used."""
    found = _subscription(subscription_path)
    if form == "json":
        show_json(subscription_document(found))
        return
    console = wide_console()
    console.print(switch_words.subscription_table(found))
    if found.counters:
        console.print(switch_words.counter_table(found))


@subscription.command(epilog=NEVER_NO)
@SUBSCRIPTION
@FORMAT
def history(subscription_path: Path, form: str) -> None:
    """Show all that happened to a subscription, in order, with what each event charged."""
    found = _subscription(subscription_path)
    if form == "json":
        show_json(switch_documents.history_document(found))
        return
    wide_console().print(switch_words.event_table(found))


def _report(
    catalog: Catalog, path: Path | None, as_of: str | None, given: dict[str, Any]
) -> tuple[UsageReport, CallFile]:
    if path is None:
        customer, calls = read_given(catalog, given)
        instant = _instant(as_of, time_zone(customer.zone), "--as-of")
        report = review_usage(catalog=catalog, customer=customer, calls=calls.calls, as_of=instant)
        return report, calls
    found = _subscription(path)
    customer, calls = read_given(catalog, given)
    instant = _instant(as_of, time_zone(found.zone), "--as-of")
    report = review_subscription(
        catalog=catalog,
        subscription=found,
        calls=calls.calls,
        as_of=instant,
        customer=customer,
    )
    return report, calls


def _subscription(path: Path) -> Subscription:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(path=path, reason=error.strerror or str(error)) from error
    if len(raw) > LARGEST_BYTES:
        raise UnreadableFile(path=path, reason=f"it is larger than {LARGEST_BYTES} bytes")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        reason = f"byte {error.start + 1} is not UTF-8; restore the file from where it was kept"
        raise UnreadableFile(path=path, reason=reason) from error
    return read_subscription(parsed_document(text))


def _moment(at: str | None, as_of: str | None, zone: ZoneInfo) -> tuple[Moment | None, datetime]:
    """Return the named moment a switch is asked for, and the instant of asking."""
    if at is None or at in set(Moment):
        return None if at is None else Moment(at), _instant(as_of, zone, "--as-of")
    if as_of is not None:
        message = "an instant to switch at is the instant of asking; leave out --as-of"
        raise click.BadParameter(message, param_hint="--at")
    return Moment.NOW, _instant(at, zone, "--at")


def _instant(text: str | None, zone: ZoneInfo, option: str) -> datetime:
    """Return an instant, on the clock of `zone` where it names none; now for `None`."""
    if text is None:
        return datetime.now(zone)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is no instant such as 2026-06-18T12:00"
        raise click.BadParameter(message, param_hint=option) from None
    return found if found.utcoffset() is not None else found.replace(tzinfo=zone)


def _write(path: Path, text: str) -> None:
    try:
        path.write_bytes(text.encode())
    except OSError as error:
        message = f"cannot write {path}: {error.strerror or error}"
        raise click.ClickException(message) from error
    click.echo(f"written: {path}", err=True)
