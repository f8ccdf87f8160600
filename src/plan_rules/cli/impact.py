"""The command `impact`: what a change of the catalog does to customers."""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from plan_rules.cli.batch import DAY, FILE, Bytes, demand_extra, shown_progress, today
from plan_rules.cli.edge import exits
from plan_rules.loading.loader import load_catalog

FINE, FAILED = 0, 1
WIDTH = 140
SHOWN = 10


@click.command(
    "impact",
    epilog=exits(
        "a --fail-if holds or cannot be told, a catalog has errors, or, with --strict, a row of "
        "calls cannot be read"
    ),
)
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
@click.option(
    "--calls",
    "calls",
    multiple=True,
    required=True,
    metavar="GLOB",
    help="Files of calls: Parquet, CSV or Arrow; a pattern, a folder, or several of these.",
)
@click.option(
    "--customers",
    type=FILE,
    help="The table of customers; whoever made the calls, on no plan, if left out.",
)
@click.option(
    "--assume-plan", default="", metavar="ID", help="The plan of customers who are on none."
)
@click.option(
    "--as-of",
    type=DAY,
    help="The day that plans are compared on, and whose prices hold; today if left out.",
)
@click.option("--values-on", type=DAY, help="The day whose prices hold, if it is another.")
@click.option(
    "--top",
    type=click.IntRange(0),
    default=10,
    show_default=True,
    help="How many customers to explain.",
)
@click.option("--svg", type=FILE, help="Draw how customers' months change into this file, as SVG.")
@click.option(
    "--fail-if",
    "conditions",
    multiple=True,
    metavar="CONDITION",
    help="End with 1 if this holds, such as 'share_up_5pct>2%'; may be given several times.",
)
@click.option(
    "--memory", type=Bytes(), default="1GB", show_default=True, help="How much memory to take."
)
@click.option(
    "--threads", type=click.IntRange(1), default=2, show_default=True, help="Threads to price with."
)
@click.option("--strict", is_flag=True, help="A row that cannot be read is an error.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="Text for people, JSON under a published schema, or Markdown for a review.",
)
def impact_command(
    old: Path,
    new: Path,
    *,
    as_of: datetime | None,
    values_on: datetime | None,
    conditions: tuple[str, ...],
    form: str,
    svg: Path | None,
    **given: Any,
) -> None:
    """Show what a change of the catalog, from OLD to NEW, does to customers.

    Both folders price the same calls, of each customer on their present plan.
    """
    demand_extra("numba", "batch")
    from plan_rules.batch.impact.comparing import compare_catalogs  # noqa: PLC0415  heavy
    from plan_rules.batch.impact.conditions import Condition  # noqa: PLC0415  heavy
    from plan_rules.batch.impact.document import impact_document  # noqa: PLC0415  heavy
    from plan_rules.batch.impact.drawing import impact_drawing  # noqa: PLC0415  heavy
    from plan_rules.batch.impact.figures import figures_of  # noqa: PLC0415  heavy
    from plan_rules.batch.intake.rejecting import RowsRejected  # noqa: PLC0415  heavy

    before, after = load_catalog(old), load_catalog(new)
    asked = tuple(Condition.parse(text, currency=after.currency) for text in conditions)
    with shown_progress() as told:
        try:
            impact = compare_catalogs(
                old=before,
                new=after,
                as_of=today(after.zone) if as_of is None else as_of.date(),
                values_on=None if values_on is None else values_on.date(),
                progress=told,
                **given,
            )
        except RowsRejected as refused:
            click.echo(f"error: {refused}", err=True)
            sys.exit(FAILED)
    if svg is not None:
        svg.parent.mkdir(parents=True, exist_ok=True)
        svg.write_text(impact_drawing(impact), "utf-8")
    _show(impact, asked, form=form, document=impact_document(impact, asked))
    figures = figures_of(impact)
    sys.exit(FAILED if any(each.holds(figures) is not False for each in asked) else FINE)


def _show(impact: Any, asked: tuple[Any, ...], *, form: str, document: dict[str, Any]) -> None:
    from plan_rules.cli import impact_words  # noqa: PLC0415  heavy

    if form == "json":
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    elif form == "markdown":
        click.echo(impact_words.as_markdown(impact, asked), nl=False)
    else:
        is_wide = not (sys.stdout.isatty() or "COLUMNS" in os.environ)
        console = Console(width=WIDTH) if is_wide else Console()
        for sentence in impact_words.sentences(impact):
            console.print(sentence, highlight=False)
        for sheet in impact_words.sheets(impact):
            console.print(impact_words.as_table(sheet))
    for verdict in impact_words.verdicts(impact, asked):
        click.echo(verdict, err=True)
    for row in document["rejected"]["first"][:SHOWN]:
        place = f"{row['source']}, row group {row['row_group']}, row {row['row']}"
        click.echo(f"{place}: {row['reason']}", err=True)
    for code, count in document["rejected"]["by_code"].items():
        click.echo(f"{count:,} rows: {code}", err=True)
