"""The commands about rules: what they mean, and which of them calls or cases have tried."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from plan_rules.cli.main import FILE, FINE, FORMAT, ISSUES, _show_json
from plan_rules.cli.rule_documents import findings_document
from plan_rules.errors import CatalogInvalid
from plan_rules.loading.loader import check_catalog
from plan_rules.loading.rendering import issues_as_json, render_issue
from plan_rules.rules.analysis import Analysis, analyse
from plan_rules.rules.finding import Finding, Gravity
from plan_rules.rules.regions import MOST_BOXES


@click.group()
def rules() -> None:
    """Ask what the rules of a catalog mean, and what has tried them."""


@rules.command("check")
@click.argument("catalog_path", type=FILE, default=Path("catalog"))
@FORMAT
def check_rules(catalog_path: Path, form: str) -> None:
    """Find faults in what rules mean: rules that never fire, hide others, or contradict them."""
    loaded = check_catalog(catalog_path)
    if loaded.catalog is None:
        if form == "json":
            _show_json({**findings_document(None), **issues_as_json(loaded.issues)})
            sys.exit(ISSUES)
        raise CatalogInvalid(loaded.issues)
    analysis = analyse(rules=loaded.catalog.rules)
    if form == "json":
        _show_json({**findings_document(analysis), **issues_as_json(loaded.issues)})
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
