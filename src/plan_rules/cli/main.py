"""The group of all commands, those about catalogs and bills, and what errors become."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from plan_rules.cli import documents
from plan_rules.cli.advice import explain_command, recommend_command, show_bills
from plan_rules.cli.batch import batch_command, synth_command
from plan_rules.cli.edge import (
    CALLS,
    CATALOG,
    FILE,
    FINE,
    FORMAT,
    ISSUES,
    MISUSE,
    PLAN,
    UNSOUND,
    UNSOUND_OR_UNREAD,
    exits,
    read_given,
    show_issues,
    show_json,
    show_rejected,
    show_rows,
)
from plan_rules.cli.impact import impact_command
from plan_rules.cli.rules import rules
from plan_rules.cli.switching import subscription, switch_command, usage_command
from plan_rules.destinations.countries import country_name
from plan_rules.destinations.number import normalise_number
from plan_rules.errors import CatalogInvalid, PlanRulesError
from plan_rules.loading.cases import check_cases
from plan_rules.loading.files import CASES
from plan_rules.loading.loader import check_catalog, load_catalog
from plan_rules.loading.rendering import issues_as_json, render_issue
from plan_rules.usage.readers.calls import CallsRejected


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
        show_issues(invalid.issues)
        sys.exit(ISSUES)
    except CallsRejected as rejected:
        show_rows(rejected.rejected)
        sys.exit(ISSUES)
    except PlanRulesError as misuse:
        click.echo(f"error: {misuse}", err=True)
        sys.exit(MISUSE)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="plan-rules")
def commands() -> None:
    """Which international calling plan fits, what it costs, and why."""


@commands.command(epilog=exits(UNSOUND))
@click.argument("catalog_path", metavar="[CATALOG]", type=FILE, default=Path("catalog"))
@FORMAT
def check(catalog_path: Path, form: str) -> None:
    """Show every issue of a catalog, and of the cases in its `tests`."""
    loaded = check_catalog(catalog_path)
    issues = loaded.issues
    if loaded.catalog is not None:
        issues += check_cases(catalog_path / CASES, catalog=loaded.catalog)
    errors = sum(issue.is_error for issue in issues)
    if form == "json":
        show_json(issues_as_json(issues))
    else:
        for issue in issues:
            click.echo(render_issue(issue))
        plans = "" if loaded.catalog is None else f"{len(loaded.catalog.plans)} plans, "
        warnings = len(issues) - errors
        click.echo(f"{catalog_path}: {plans}{errors} errors, {warnings} warnings", err=True)
    sys.exit(ISSUES if errors else FINE)


@commands.command("rate", epilog=exits(UNSOUND_OR_UNREAD))
@PLAN
@CALLS
@CATALOG
@FORMAT
@click.option("--show-calls", is_flag=True, help="Show every call with what made its price.")
def rate_command(plan_id: str, form: str, *, show_calls: bool, **given: Any) -> None:
    """Show what calls cost on a plan: a bill for each billing cycle."""
    catalog = load_catalog(given["catalog_path"])
    customer, calls = read_given(catalog, given)
    show_bills(catalog, customer, calls, plan_id, form, show_calls=show_calls)
    if form == "text":
        show_rejected(calls)


@commands.group()
def numbering() -> None:
    """Ask the numbering plan."""


@numbering.command(epilog=exits(UNSOUND))
@click.argument("numbers", metavar="NUMBER...", nargs=-1, required=True)
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
        show_json({"version": documents.VERSION, "numbers": found})
        return
    for row in found:
        place = f"{row['name']} ({row['country']}/{row['line']}), by prefix +{row['prefix']}"
        click.echo(f"{row['number']}: {place if row['country'] else 'nowhere known'}")


for each in (
    batch_command,
    explain_command,
    impact_command,
    recommend_command,
    rules,
    subscription,
    switch_command,
    synth_command,
    usage_command,
):
    commands.add_command(each)
