"""The commands. Each reads its files, calls one library function, and shows the result."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from plan_rules.advice.explaining import PlanAnswer, explain
from plan_rules.advice.policy import Policy
from plan_rules.advice.recommendation import Recommendation, WhyNot, recommend
from plan_rules.assessment.billing import rate
from plan_rules.catalog.catalog import Catalog
from plan_rules.cli import documents, reasons, words
from plan_rules.cli.batch import batch_command, synth_command
from plan_rules.cli.explanation_document import explanation_document
from plan_rules.cli.impact import impact_command
from plan_rules.destinations.countries import country_name
from plan_rules.destinations.number import normalise_number
from plan_rules.errors import CatalogInvalid, Issue, PlanRulesError
from plan_rules.loading.loader import check_catalog, load_catalog, read_customer
from plan_rules.loading.rendering import issues_as_json, render_issue
from plan_rules.periods import time_zone
from plan_rules.usage.customer import Customer
from plan_rules.usage.readers.calls import CallFile, CallsRejected, RejectedRow, read_calls
from plan_rules.usage.readers.presets import PRESETS

FINE, ISSUES, MISUSE = 0, 1, 2
SHOWN_ROWS = 10
WIDTH = 140
ANYONE = "anyone"
FIRST_OF_MONTH = date(2000, 1, 1)

F = TypeVar("F", bound=Callable[..., Any])


def main() -> None:
    """Run the command line; the entry point of `plan-rules`."""
    try:
        commands.main(standalone_mode=False)
    except click.ClickException as misuse:
        misuse.show()
        sys.exit(MISUSE)
    except click.Abort:
        click.echo("stopped", err=True)
        sys.exit(MISUSE)
    except CatalogInvalid as invalid:
        _show_issues(invalid.issues)
        sys.exit(ISSUES)
    except CallsRejected as rejected:
        _show_rows(rejected.rejected)
        sys.exit(ISSUES)
    except PlanRulesError as misuse:
        click.echo(f"error: {misuse}", err=True)
        sys.exit(MISUSE)


def _options(*decorators: Callable[[F], F]) -> Callable[[F], F]:
    def apply(function: F) -> F:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return apply


FILE = click.Path(path_type=Path)
FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Text for people, or JSON under a published schema.",
)
CATALOG = click.option(
    "--catalog",
    "catalog_path",
    type=FILE,
    default=Path("catalog"),
    show_default=True,
    help="The folder of the catalog.",
)
PLAN = click.option("--plan", "plan_id", required=True, help="The id of the plan.")
CALLS_HELP = "The call file: CSV, JSON or JSON lines, also gzipped."
OF_CALLS = _options(
    click.option(
        "--preset",
        default="generic",
        show_default=True,
        help=f"The dialect of the call file: {', '.join(PRESETS)}.",
    ),
    click.option(
        "--map",
        "columns",
        multiple=True,
        metavar="FIELD=COLUMN",
        help="Another column for start, number, seconds or customer_id.",
    ),
    click.option(
        "--customer", "customer_path", type=FILE, help="The customer's file, YAML or JSON."
    ),
    click.option("--home", help="The home country, where there is no customer file."),
    click.option("--zone", help="The time zone of timestamps without an offset."),
    click.option("--strict", is_flag=True, help="A row that cannot be read is an error."),
)
CALLS = _options(
    click.option("--calls", "calls_path", required=True, type=FILE, help=CALLS_HELP), OF_CALLS
)


CURRENT = click.option("--current", help="The id of the present plan, if not the customer file's.")
AS_OF = click.option(
    "--as-of",
    "as_of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day of the advice; today if left out.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="plan-rules")
def commands() -> None:
    """Which international calling plan fits, what it costs, and why."""


@commands.command()
@click.argument("catalog_path", type=FILE, default=Path("catalog"))
@FORMAT
def check(catalog_path: Path, form: str) -> None:
    """Show every issue of a catalog."""
    loaded = check_catalog(catalog_path)
    if form == "json":
        _show_json(issues_as_json(loaded.issues))
    else:
        for issue in loaded.issues:
            click.echo(render_issue(issue))
        errors = sum(issue.is_error for issue in loaded.issues)
        plans = "" if loaded.catalog is None else f"{len(loaded.catalog.plans)} plans, "
        warnings = len(loaded.issues) - errors
        click.echo(f"{catalog_path}: {plans}{errors} errors, {warnings} warnings", err=True)
    sys.exit(FINE if loaded.catalog is not None else ISSUES)


@commands.command("rate")
@PLAN
@CALLS
@CATALOG
@FORMAT
@click.option("--show-calls", is_flag=True, help="Show every call with what made its price.")
def rate_command(plan_id: str, form: str, *, show_calls: bool, **given: Any) -> None:
    """Show what calls cost on a plan: a bill for each billing cycle."""
    catalog = load_catalog(given["catalog_path"])
    customer, calls = _calls(catalog, given)
    _show_bills(catalog, customer, calls, plan_id, form, show_calls=show_calls)
    if form == "text":
        _show_rejected(calls)


@commands.command("explain")
@click.option("--plan", "plan_id", help="One plan, with every call; every plan if left out.")
@CALLS
@CATALOG
@FORMAT
@CURRENT
@AS_OF
def explain_command(
    plan_id: str | None, form: str, *, current: str | None, as_of: datetime | None, **given: Any
) -> None:
    """Show why: every call of a plan back to file and line, and every rule, fired or not."""
    catalog = load_catalog(given["catalog_path"])
    customer, calls = _calls(catalog, given, current=current)
    if plan_id is not None:
        _show_bills(catalog, customer, calls, plan_id, form, show_calls=True)
        if form == "json":
            return
    advice = _advice(catalog, customer, calls, as_of=as_of)
    answers = explain(catalog=catalog, advice=advice)
    shown = [each for each in answers if plan_id in {None, each.plan.id}]
    _show_answers(catalog, advice, shown, form)
    _show_rejected(calls)


@commands.command("recommend")
@CALLS
@CATALOG
@FORMAT
@CURRENT
@click.option(
    "--policy",
    type=click.Choice([each.value for each in Policy]),
    default=Policy.CHEAPEST_EXPECTED.value,
    show_default=True,
    help="How options are ranked.",
)
@AS_OF
@click.option(
    "--top", type=click.IntRange(1), default=6, show_default=True, help="How many plans to show."
)
def recommend_command(
    form: str, *, current: str | None, policy: str, as_of: datetime | None, top: int, **given: Any
) -> None:
    """Rank every plan for a customer by their own calls."""
    catalog = load_catalog(given["catalog_path"])
    customer, calls = _calls(catalog, given, current=current)
    advice = _advice(catalog, customer, calls, as_of=as_of, policy=Policy(policy))
    if form == "json":
        _show_json(documents.recommendation_document(advice, rejected=calls.rejected))
        return
    console = _console()
    console.print(words.recommendation_table(advice, top=top))
    if len(advice.options) > top:
        console.print(f"{len(advice.options)} plans were compared; --top shows more of them.")
    best = advice.advised
    if best is not None:
        console.print(words.coverage_table(best.assessment.coverage, plan=best.plan.name))
    for sentence in words.advice_sentences(advice):
        console.print(sentence)
    if best is not None:
        for sentence in reasons.eligibility_sentences(best.assessment.eligibility):
            console.print(sentence)
    for rejection in advice.excluded:
        told = reasons.excluded_sentences(rejection.plan.name, rejection.eligibility.excluded)
        for sentence in told:
            console.print(sentence, soft_wrap=True)
    unsold = [each for each in advice.rejected if each.why_not is WhyNot.NOT_FOR_SALE]
    if unsold:
        console.print(f"Not for sale on {advice.as_of}: {words.names(unsold)}.")
    _show_rejected(calls)


def _show_bills(
    catalog: Catalog,
    customer: Customer,
    calls: CallFile,
    plan_id: str,
    form: str,
    *,
    show_calls: bool,
) -> None:
    bills = rate(catalog=catalog, plan=plan_id, calls=calls.calls, customer=customer)
    if form == "json":
        _show_json(documents.bills_document(bills, calls=calls, with_calls=show_calls))
        return
    console = _console()
    for bill in bills:
        console.print(words.bill_table(bill))
        if show_calls:
            console.print(words.call_table(bill))


def _show_answers(
    catalog: Catalog,
    advice: Recommendation,
    answers: Iterable[PlanAnswer],
    form: str,
    *,
    with_others: bool = False,
) -> None:
    vocabulary, currency = catalog.rules.vocabulary, catalog.currency
    if form == "json":
        _show_json(explanation_document(advice, answers, vocabulary=vocabulary))
        return
    for line in reasons.explanation_lines(
        answers, vocabulary=vocabulary, currency=currency, with_others=with_others
    ):
        click.echo(line)


def _advice(
    catalog: Catalog,
    customer: Customer,
    calls: CallFile,
    *,
    as_of: datetime | None,
    policy: Policy = Policy.CHEAPEST_EXPECTED,
) -> Recommendation:
    return recommend(
        catalog=catalog,
        calls=calls.calls,
        customer=customer,
        as_of=as_of.date() if as_of is not None else _today(customer),
        policy=policy,
    )


commands.add_command(batch_command)
commands.add_command(impact_command)
commands.add_command(synth_command)


@commands.group()
def numbering() -> None:
    """Ask the numbering plan."""


@numbering.command()
@click.argument("numbers", nargs=-1, required=True)
@click.option("--home", help="The country the numbers are dialed in.")
@CATALOG
@FORMAT
def lookup(numbers: tuple[str, ...], home: str | None, catalog_path: Path, form: str) -> None:
    """Show where numbers lead: country, line, and the prefix that decides."""
    plan = load_catalog(catalog_path).numbering_plan()
    found = []
    for dialed in numbers:
        number = normalise_number(dialed, home=home)
        where = plan.lookup(number)
        found.append(
            {
                "number": number,
                "country": "" if where is None else where.country,
                "name": "" if where is None else country_name(where.country),
                "line": "" if where is None else where.line.value,
                "prefix": plan.matching_prefix(number),
            }
        )
    if form == "json":
        _show_json({"version": documents.VERSION, "numbers": found})
        return
    for row in found:
        place = f"{row['name']} ({row['country']}/{row['line']}), by prefix +{row['prefix']}"
        click.echo(f"{row['number']}: {place if row['country'] else 'nowhere known'}")


def _calls(
    catalog: Catalog, given: dict[str, Any], *, current: str | None = None
) -> tuple[Customer, CallFile]:
    customer = _customer(catalog, given, current)
    columns = {}
    for pair in given["columns"]:
        name, equals, column = pair.partition("=")
        if not equals:
            message = f"{pair!r} is not FIELD=COLUMN"
            raise click.BadParameter(message, param_hint="--map")
        columns[name] = column
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}: {task.completed:,} rows"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    ) as progress:
        task = progress.add_task("reading calls", total=None)
        calls = read_calls(
            given["calls_path"],
            preset=given["preset"],
            columns=columns,
            home=customer.home,
            zone=given["zone"] or customer.zone,
            strict=given["strict"],
            progress=lambda count: progress.update(task, completed=count),
        )
    return customer, calls


def _customer(catalog: Catalog, given: dict[str, Any], current: str | None) -> Customer:
    """Return the customer of the file, or one made of the options alone."""
    if given["customer_path"] is None:
        if not given["home"]:
            message = "name --customer FILE, or --home COUNTRY where there is no such file"
            raise click.UsageError(message)
        return Customer(
            id=ANYONE,
            home=given["home"],
            zone=given["zone"] or catalog.zone,
            anchor=FIRST_OF_MONTH,
            plan=current or "",
        )
    customer = read_customer(given["customer_path"])
    if current is None or current == customer.plan:
        return customer
    return replace(customer, plan=current, since=None, chosen_country="")


def _today(customer: Customer) -> date:
    return datetime.now(time_zone(customer.zone)).date()


def _console() -> Console:
    """Return a console as wide as the terminal, or as COLUMNS says, or as a wide page."""
    if sys.stdout.isatty() or "COLUMNS" in os.environ:
        return Console()
    return Console(width=WIDTH)


def _show_json(document: object) -> None:
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def _show_issues(issues: Iterable[Issue]) -> None:
    for issue in issues:
        click.echo(render_issue(issue), err=True)


def _show_rows(rows: Iterable[RejectedRow]) -> None:
    for row in rows:
        click.echo(str(row), err=True)


def _show_rejected(calls: CallFile) -> None:
    _show_rows(calls.rejected[:SHOWN_ROWS])
    more = len(calls.rejected) - SHOWN_ROWS
    if more > 0:
        click.echo(f"... and {more} more", err=True)
    if calls.rejected:
        click.echo(f"{len(calls.rejected)} of {calls.rows} rows could not be read", err=True)
