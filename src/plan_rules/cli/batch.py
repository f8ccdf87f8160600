"""The commands for many customers: `batch` prices them, `synth` draws some to try it with."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from plan_rules.cli.edge import UNSOUND, exits
from plan_rules.cli.words import minutes, percent
from plan_rules.loading.loader import load_catalog
from plan_rules.periods import time_zone

FINE, ISSUES = 0, 1
WIDTH = 140
SHOWN = 10
UNITS = {"": 1, "B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}
SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?I?B?)", re.ASCII)
FILE = click.Path(path_type=Path)
DAY = click.DateTime(["%Y-%m-%d"])
WORDS = {"read": ("reading calls", "rows"), "price": ("pricing", "customers")}


class Bytes(click.ParamType[int]):
    """A number of bytes, such as `800MB` or `1.5GB`; a kilobyte is 1,024 bytes."""

    name = "size"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Return the bytes that a text names."""
        if isinstance(value, int):
            return value
        text = str(value).strip().upper()
        found = SIZE.fullmatch(text)
        unit = found[2].replace("I", "") if found else None
        unit = unit + "B" if unit in {"K", "M", "G", "T"} else unit
        if found is None or unit not in UNITS:
            self.fail(f"{value!r} is no size such as 800MB or 1.5GB", param, ctx)
        whole, _, part = found[1].partition(".")
        digits = 10 ** len(part)
        size: int = int(whole + part) * UNITS[unit] // digits
        return size


@click.command("batch", epilog=exits(f"a row could not be read, or {UNSOUND}"))
@click.option(
    "--calls",
    "calls",
    multiple=True,
    required=True,
    metavar="GLOB",
    help="Files of calls: Parquet, CSV or Arrow; a pattern, a folder, or several of these.",
)
@click.option("--customers", required=True, type=FILE, help="The table of customers.")
@click.option("--out", required=True, type=FILE, help="A new folder for the results.")
@click.option(
    "--catalog",
    "catalog_path",
    type=FILE,
    default=Path("catalog"),
    show_default=True,
    help="The folder of the catalog.",
)
@click.option(
    "--engine",
    type=click.Choice(["local", "spark"]),
    default="local",
    show_default=True,
    help="This process, or Apache Spark as its environment says.",
)
@click.option("--as-of", type=DAY, help="The day that plans are compared on; today if left out.")
@click.option(
    "--values-on", type=DAY, help="Bill all calls by the values of this day, not of their own."
)
@click.option(
    "--top", type=click.IntRange(1), default=3, show_default=True, help="Plans a customer."
)
@click.option("--best-only", is_flag=True, help="Write the best plans without any bills.")
@click.option(
    "--memory", type=Bytes(), default="1GB", show_default=True, help="How much memory to take."
)
@click.option(
    "--threads", type=click.IntRange(1), default=2, show_default=True, help="Threads to price with."
)
@click.option(
    "--buckets", type=click.IntRange(1), default=200, show_default=True, help="Groups on Spark."
)
@click.option("--strict", is_flag=True, help="A row that cannot be read is an error.")
@click.option("--resume", is_flag=True, help="Go on with a batch that was stopped.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Text for people, or JSON under a published schema.",
)
def batch_command(form: str, *, engine: str, as_of: datetime | None, **given: Any) -> None:
    """Price many customers' calls on every plan, and find their best plans."""
    demand_extra("numba", "batch")
    catalog = load_catalog(given.pop("catalog_path"))
    on = as_of.date() if as_of is not None else today(catalog.zone)
    values_on = given.pop("values_on")
    options = {
        "catalog": catalog,
        "as_of": on,
        "values_on": None if values_on is None else values_on.date(),
        "top": given["top"],
        "with_bills": not given["best_only"],
    }
    document = _on_spark(options, given) if engine == "spark" else _here(options, given)
    if form == "json":
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        _show(document, given["out"])
    rejected = document["calls"]["rejected"] + document["customers"]["rejected"]
    sys.exit(ISSUES if rejected else FINE)


def _here(options: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    from plan_rules.batch.intake.rejecting import RowsRejected  # noqa: PLC0415  heavy
    from plan_rules.batch.run.job import price_batch, summary_document  # noqa: PLC0415  heavy

    with shown_progress() as told:
        try:
            summary = price_batch(
                **options,
                calls=given["calls"],
                customers=given["customers"],
                out=given["out"],
                memory=given["memory"],
                threads=given["threads"],
                strict=given["strict"],
                resume=given["resume"],
                progress=told,
            )
        except RowsRejected as refused:
            click.echo(f"error: {refused}", err=True)
            sys.exit(ISSUES)
    return summary_document(summary)


def _on_spark(options: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    demand_extra("pyspark", "spark")
    if given["resume"] or given["strict"]:
        message = "--resume and --strict are for the engine local; Spark repeats what is lost"
        raise click.UsageError(message)
    from plan_rules.batch.spark_files import price_files  # noqa: PLC0415  heavy

    return price_files(
        **options,
        calls=given["calls"],
        customers=given["customers"],
        out=given["out"],
        buckets=given["buckets"],
    )


@click.command("synth", epilog=exits(UNSOUND))
@click.option("--customers", type=click.IntRange(1), required=True, help="How many customers.")
@click.option("--months", type=click.IntRange(1), default=3, show_default=True, help="How long.")
@click.option("--seed", type=click.IntRange(0), required=True, help="What decides all chance.")
@click.option(
    "--out", type=FILE, required=True, help="The file of calls, .parquet or .csv; customers beside."
)
@click.option(
    "--start", type=DAY, default="2026-01-01", show_default=True, help="The first of a month."
)
@click.option(
    "--catalog",
    "catalog_path",
    type=FILE,
    help="A catalog; each customer is on one of its plans, on none if left out.",
)
@click.option(
    "--calls-a-month",
    type=click.FloatRange(0, min_open=True),
    default=13.3,
    show_default=True,
    help="How many calls a customer makes a month, on the average.",
)
def synth_command(
    customers: int,
    months: int,
    *,
    seed: int,
    out: Path,
    start: datetime,
    catalog_path: Path | None,
    calls_a_month: float,
) -> None:
    """Draw customers and calls that look like those people make."""
    demand_extra("pyarrow", "batch")
    from plan_rules.batch.synth import (  # noqa: PLC0415  heavy
        Habits,
        Population,
        customers_path,
        write_population,
    )

    plans = () if catalog_path is None else tuple(load_catalog(catalog_path).plans)
    population = Population(
        customers=customers,
        months=months,
        seed=seed,
        start=start.date(),
        plans=plans,
        habits=Habits(calls_a_month=calls_a_month),
    )
    count = write_population(population, out)
    click.echo(f"{out}: {count:,} calls of {customers:,} customers in {customers_path(out)}")


def demand_extra(module: str, extra: str) -> None:
    """Refuse if an extra is not installed, and say how to install it."""
    from importlib.util import find_spec  # noqa: PLC0415  used here only

    if find_spec(module) is None:
        message = f"this command needs {module}; install it with: pip install 'plan-rules[{extra}]'"
        raise click.UsageError(message)


@contextmanager
def shown_progress() -> Iterator[Any]:
    """Yield a listener that shows how far a batch is, how fast, and how long it will take."""
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} {task.fields[unit]}"),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    ) as shown:
        tasks: dict[str, TaskID] = {}

        def told(progress: Any) -> None:
            stage = progress.stage.value
            if stage not in tasks:
                words, unit = WORDS[stage]
                tasks[stage] = shown.add_task(words, total=progress.total, unit=unit, rate="")
            task = tasks[stage]
            speed = shown.tasks[task].speed
            rate = f"{speed:,.0f}/s" if speed else ""
            shown.update(task, completed=progress.done, total=progress.total, rate=rate)

        yield told


def _show(document: dict[str, Any], out: Path) -> None:
    calls, customers = document["calls"], document["customers"]
    console = Console() if sys.stdout.isatty() else Console(width=WIDTH)
    table = Table(title=f"{out}", title_justify="left")
    table.add_column("plan")
    for name in ("rated", "blocked", "not covered", "no price"):
        table.add_column(name, justify="right")
    table.add_column("minutes carried", justify="right")
    for row in document["plans"]:
        table.add_row(
            row["plan"],
            f"{row['rated_calls']:,}",
            f"{row['blocked_calls']:,}",
            f"{row['uncovered_calls']:,}",
            f"{row['unrated_calls']:,}",
            percent(row["rated_seconds"], calls["seconds"]) if calls["seconds"] else "",
        )
    if document["plans"]:
        console.print(table)
    console.print(
        f"{calls['rows']:,} rows of calls: {calls['priced']:,} priced, {calls['rejected']:,} "
        f"rejected; {minutes(calls['seconds'])} minutes. {customers['rows']:,} customers: "
        f"{customers['priced']:,} priced, {customers['rejected']:,} rejected."
    )
    console.print(
        f"{document['bills']:,} bills and {document['best']:,} best plans are in {out}; "
        "every call is accounted for."
    )
    _show_rejected(document["rejected"])


def _show_rejected(rejected: dict[str, Any]) -> None:
    for row in rejected["first"][:SHOWN]:
        place = f"{row['source']}, row group {row['row_group']}, row {row['row']}"
        click.echo(f"{place}: {row['reason']}", err=True)
    for code, count in rejected["by_code"].items():
        click.echo(f"{count:,} rows: {code}", err=True)


def today(zone: str) -> date:
    """Return the date it is in a zone."""
    return datetime.now(time_zone(zone)).date()
