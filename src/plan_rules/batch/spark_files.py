"""The batch on Spark from files to files, as the command line runs it.

The session is that of the environment: what `spark-submit` or `spark-defaults.conf` set up, a
local one where there is none.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sf

from plan_rules.batch.intake.customers import TABLE as CUSTOMERS_TABLE
from plan_rules.batch.intake.door import TABLE as CALLS_TABLE
from plan_rules.batch.intake.rejecting import FIRST_ROWS, Rejections
from plan_rules.batch.intake.sources import ARROW, CSV
from plan_rules.batch.run.conservation import demand
from plan_rules.batch.run.job import BatchSummary, summary_document
from plan_rules.batch.run.journal import OutputExists
from plan_rules.batch.run.writing import write_text
from plan_rules.batch.spark import price_frames
from plan_rules.catalog.catalog import Catalog
from plan_rules.errors import InvalidValue

SUMMARY = "summary.json"


def price_files(
    *,
    catalog: Catalog,
    calls: Sequence[str],
    customers: Path,
    out: Path,
    as_of: date,
    values_on: date | None,
    top: int,
    with_bills: bool,
    buckets: int,
) -> dict[str, Any]:
    """Price files of calls on Spark into folders below `out`, and return the summary as JSON.

    Raises as `price_frames` does; `InvalidValue` for files that are not Parquet, `OutputExists`
    for a folder that holds something, `NotConserved` if calls were lost or counted twice.
    """
    if out.exists() and any(out.iterdir()):
        raise OutputExists(path=out)
    # Workers have to find this library, so they run the Python that runs here.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    session = SparkSession.builder.appName("plan-rules batch").getOrCreate()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    rows = _read(session, calls, CALLS_TABLE.name)
    people = _read(session, [str(customers)], CUSTOMERS_TABLE.name)
    tables = price_frames(
        catalog=catalog,
        calls=rows,
        customers=people,
        buckets=buckets,
        as_of=as_of,
        values_on=values_on,
        top=top,
        with_bills=with_bills,
    )
    tally = tables.account()
    frames = {"best": tables.best, "rejected": tables.rejected}
    if with_bills:
        frames["bills"] = tables.bills
    for name, frame in frames.items():
        frame.write.parquet(str(out / name))
        written = session.read.parquet(str(out / name)).count()
        demand(name, expected=frame.count(), found=written)
    lost = {name: _rejections(tables.rejected, name) for name in ("calls", "customers")}
    total = people.count()
    demand("rows of calls", expected=rows.count(), found=tally.calls + lost["calls"].rows)
    summary = BatchSummary(
        plan_ids=tables.plan_ids,
        currency=tables.currency,
        catalog_digest=tables.catalog_digest,
        as_of=as_of,
        values_on=values_on,
        customers=total - lost["customers"].rows,
        customers_rejected=lost["customers"],
        rows=tally.calls + lost["calls"].rows,
        calls=tally.calls,
        seconds=tally.seconds,
        rejected=lost["calls"],
        tally=tally,
        best_rows=tables.best.count(),
        parts=buckets,
        spilled=False,
    )
    document = summary_document(summary)
    write_text(out / SUMMARY, json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    tables.close()
    return document


def _read(session: SparkSession, paths: Sequence[str], table: str) -> DataFrame:
    """Return files as a data frame."""
    if any(path.endswith((*CSV, *ARROW)) for path in paths):
        expected = "Parquet files: Spark drops columns of a CSV row in silence"
        raise InvalidValue(name=table, value=", ".join(paths), expected=expected)
    return session.read.parquet(*paths)


def _rejections(frame: DataFrame, table: str) -> Rejections:
    """Return the counts and the first of the rejected rows of one table."""
    mine = frame.where(sf.col("table") == table)
    found = Rejections.none()
    for line in mine.groupBy("code").count().collect():
        found.counts[line["code"]] += line["count"]
    first = mine.orderBy("customer_id", "row").limit(FIRST_ROWS).collect()
    found.first += [line.asDict() for line in first]
    return found
