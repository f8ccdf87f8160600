"""The commands about rules: what they mean, and which of them calls or cases have tried."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from plan_rules.advice.explaining import explain
from plan_rules.assessment.cases import CaseAnswer, answer_case
from plan_rules.assessment.fixed import fixed_facts
from plan_rules.cli.advice import advise, show_answers
from plan_rules.cli.edge import (
    AS_OF,
    CALLS,
    CALLS_HELP,
    CATALOG,
    CURRENT,
    FILE,
    FINE,
    FORMAT,
    ISSUES,
    OF_CALLS,
    UNSOUND,
    UNSOUND_OR_UNREAD,
    exits,
    read_given,
    show_json,
    show_rejected,
)
from plan_rules.cli.rule_documents import coverage_document, findings_document
from plan_rules.cli.trials import answer_lines, coverage_by_calls, coverage_lines
from plan_rules.errors import CatalogInvalid
from plan_rules.loading.cases import read_cases
from plan_rules.loading.files import CASES
from plan_rules.loading.loader import check_catalog, load_catalog
from plan_rules.loading.rendering import issues_as_json, render_issue
from plan_rules.rules.analysis import Analysis, analyse
from plan_rules.rules.coverage import Coverage
from plan_rules.rules.finding import Finding, Gravity
from plan_rules.rules.gaps import coverage_report
from plan_rules.rules.regions import MOST_BOXES


@click.group()
def rules() -> None:
    """Ask what the rules of a catalog mean, and what has tried them."""


@rules.command("check", epilog=exits(f"{UNSOUND}, or its rules have faults that are no mere notes"))
@click.argument("catalog_path", metavar="[CATALOG]", type=FILE, default=Path("catalog"))
@FORMAT
def check_rules(catalog_path: Path, form: str) -> None:
    """Find faults in what rules mean: rules that never fire, hide others, or contradict them."""
    loaded = check_catalog(catalog_path)
    if loaded.catalog is None:
        if form == "json":
            show_json({**findings_document(None), **issues_as_json(loaded.issues)})
            sys.exit(ISSUES)
        raise CatalogInvalid(loaded.issues)
    analysis = analyse(rules=loaded.catalog.rules, plans=fixed_facts(loaded.catalog))
    if form == "json":
        show_json({**findings_document(analysis), **issues_as_json(loaded.issues)})
    else:
        for issue in loaded.issues:
            click.echo(render_issue(issue))
        for finding in analysis.findings:
            click.echo("\n".join(finding_lines(finding)))
        click.echo(f"{catalog_path}: {_counts(analysis)}", err=True)
        _show_left_out(analysis)
    sys.exit(FINE if analysis.is_clean else ISSUES)


def finding_lines(finding: Finding) -> Iterator[str]:
    """Yield a finding: one line that tools can parse, the other places, a customer, a hint."""
    yield f"{finding.span}: {finding.gravity}[{finding.code}]: {finding.message}"
    for span in finding.spans[1:]:
        yield f"  see: {span}"
    witness = finding.witness
    if witness is not None:
        yield f"  customer: {witness}"
        for what, names in (("fires", witness.fires), ("does not fire", witness.silent)):
            if names:
                yield f"  {what}: {', '.join(names)}"
    yield f"  hint: {finding.hint}"


def _counts(analysis: Analysis) -> str:
    errors, warnings, notes = (len(analysis.of(gravity)) for gravity in Gravity)
    return f"{analysis.rules} rules, {errors} errors, {warnings} warnings, {notes} notes"


def _show_left_out(analysis: Analysis) -> None:
    for rule in analysis.left_out:
        click.echo(
            f"{rule.span}: rule `{rule.id}` is not analysed in full: it comes to more than "
            f"{MOST_BOXES} cases, so make several rules of it",
            err=True,
        )


@rules.command(
    "coverage",
    epilog=exits(f"a case fails, less was seen than --fail-under asks for, or {UNSOUND_OR_UNREAD}"),
)
@click.option("--calls", "calls_path", type=FILE, help=CALLS_HELP)
@OF_CALLS
@click.option(
    "--customers",
    "customers_path",
    type=FILE,
    help="A file with a list of customers, YAML or JSON; each has the calls of their customer_id.",
)
@AS_OF
@click.option(
    "--tests",
    "tests_path",
    is_flag=False,
    flag_value="",
    type=str,
    help="A file of cases, or a folder of such files; the catalog's `tests` if none is named.",
)
@click.option(
    "--fail-under",
    type=click.IntRange(0, 100),
    default=0,
    help="Exit with 1 if less of the outcomes was seen, in percent.",
)
@CATALOG
@FORMAT
def coverage_of_rules(
    form: str,
    *,
    as_of: datetime | None,
    tests_path: str | None,
    fail_under: int,
    **given: Any,
) -> None:
    """Show which rules, and which comparisons in them, calls or cases have tried."""
    if given["calls_path"] is None and tests_path is None:
        message = "name --calls FILE, --tests, or both"
        raise click.UsageError(message)
    catalog = load_catalog(given["catalog_path"])
    coverage, answers = Coverage(), list[CaseAnswer]()
    if tests_path is not None:
        place = Path(tests_path) if tests_path else given["catalog_path"] / CASES
        cases = read_cases(place, catalog=catalog)
        answers = [answer_case(catalog=catalog, case=case) for case in cases]
        for answer in answers:
            coverage += answer.coverage
    if given["calls_path"] is not None:
        trial = coverage_by_calls(catalog, given, as_of=as_of)
        coverage += trial.coverage
        for sentence in trial.left_out:
            click.echo(sentence, err=True)
        show_rejected(trial.calls)
    report = coverage_report(rules=catalog.rules, coverage=coverage)
    if form == "json":
        show_json(coverage_document(report, answers, vocabulary=catalog.rules.vocabulary))
    else:
        for line in (*answer_lines(answers), *coverage_lines(report, catalog.rules.vocabulary)):
            click.echo(line)
    is_fine = all(each.is_passed for each in answers) and report.percent >= fail_under
    sys.exit(FINE if is_fine else ISSUES)


@rules.command("explain", epilog=exits(UNSOUND_OR_UNREAD))
@click.argument("rule_ids", nargs=-1, metavar="[RULE]...")
@click.option("--plan", "plan_id", help="One plan; every plan if left out.")
@CALLS
@CATALOG
@FORMAT
@CURRENT
@AS_OF
def explain_rules(
    rule_ids: tuple[str, ...],
    form: str,
    *,
    plan_id: str | None,
    current: str | None,
    as_of: datetime | None,
    **given: Any,
) -> None:
    """Show why rules fire for a customer, or the nearest way in which they would."""
    catalog = load_catalog(given["catalog_path"])
    for rule_id in rule_ids:
        catalog.rules.rule(rule_id)
    if plan_id is not None:
        catalog.plan(plan_id)
    customer, calls = read_given(catalog, given, current=current)
    advice = advise(catalog, customer, calls, as_of=as_of)
    answers = [
        replace(each, rules=tuple(a for a in each.rules if not rule_ids or a.rule.id in rule_ids))
        for each in explain(catalog=catalog, advice=advice)
        if plan_id in {None, each.plan.id}
    ]
    show_answers(catalog, advice, answers, form, with_others=bool(rule_ids))
    show_rejected(calls)
