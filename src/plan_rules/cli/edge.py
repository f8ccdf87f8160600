"""The edge of the command line: options that commands share, what they read, how they show it."""

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

from plan_rules.catalog.catalog import Catalog
from plan_rules.errors import Issue
from plan_rules.loading.loader import read_customer
from plan_rules.loading.rendering import render_issue
from plan_rules.periods import time_zone
from plan_rules.usage.customer import Customer
from plan_rules.usage.readers.calls import CallFile, RejectedRow, read_calls
from plan_rules.usage.readers.presets import PRESETS

FINE, ISSUES, MISUSE = 0, 1, 2
SHOWN_ROWS = 10
WIDTH = 140
ANYONE = "anyone"
FIRST_OF_MONTH = date(2000, 1, 1)

F = TypeVar("F", bound=Callable[..., Any])


def options(*decorators: Callable[[F], F]) -> Callable[[F], F]:
    """Return several options as one decorator, in their order."""

    def apply(function: F) -> F:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return apply


def exits(one: str) -> str:
    """Return what the exit codes of a command say; `one` is when it ends with 1."""
    return f"Exit codes: 0 done; 1 {one}; 2 misuse, or a file that cannot be read."


UNSOUND = "the catalog has errors"
UNSOUND_OR_UNREAD = f"{UNSOUND}, or, with --strict, a row of calls cannot be read"
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
OF_CALLS = options(
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
CALLS = options(
    click.option("--calls", "calls_path", required=True, type=FILE, help=CALLS_HELP), OF_CALLS
)


CURRENT = click.option("--current", help="The id of the present plan, if not the customer file's.")
AS_OF = click.option(
    "--as-of",
    "as_of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day of the advice; today if left out.",
)


def read_given(
    catalog: Catalog, given: dict[str, Any], *, current: str | None = None
) -> tuple[Customer, CallFile]:
    """Return the customer and the calls that the options of call files name."""
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


def today(customer: Customer) -> date:
    """Return the day it is where the customer lives."""
    return datetime.now(time_zone(customer.zone)).date()


def wide_console() -> Console:
    """Return a console as wide as the terminal, or as COLUMNS says, or as a wide page."""
    if sys.stdout.isatty() or "COLUMNS" in os.environ:
        return Console()
    return Console(width=WIDTH)


def show_json(document: object) -> None:
    """Print a document."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def show_issues(issues: Iterable[Issue]) -> None:
    """Print issues to standard error."""
    for issue in issues:
        click.echo(render_issue(issue), err=True)


def show_rows(rows: Iterable[RejectedRow]) -> None:
    """Print rejected rows to standard error."""
    for row in rows:
        click.echo(str(row), err=True)


def show_rejected(calls: CallFile) -> None:
    """Print the first rejected rows of a call file, and how many there are, to standard error."""
    show_rows(calls.rejected[:SHOWN_ROWS])
    more = len(calls.rejected) - SHOWN_ROWS
    if more > 0:
        click.echo(f"... and {more} more", err=True)
    if calls.rejected:
        click.echo(f"{len(calls.rejected)} of {calls.rows} rows could not be read", err=True)
