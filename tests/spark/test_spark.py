from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from plan_rules.batch import price_tables
from plan_rules.batch.intake.schemas import WrongSchema
from plan_rules.batch.run.in_memory import BatchTables
from plan_rules.batch.run.journal import OutputExists
from plan_rules.batch.synth import customers_path, write_population
from plan_rules.errors import InvalidValue
from tests.unit.batch.batches import AS_OF, population, sample, spoilt

pytest.importorskip("pyspark", reason="the extra `spark` is not installed")

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def java() -> str:
    """Why Spark cannot run here, or an empty text."""
    found = os.environ.get("JAVA_HOME")
    command = str(Path(found) / "bin" / "java") if found else shutil.which("java")
    if command is None:
        return "Spark needs Java 17 or newer, and there is no `java` on this machine"
    told = subprocess.run([command, "-version"], check=False, capture_output=True, text=True)  # noqa: S603  Java itself
    words = told.stderr.split('"')
    major = int(words[1].split(".")[0]) if len(words) > 1 and words[1][:1].isdigit() else 0
    return "" if major >= 17 else f"Spark needs Java 17 or newer; this machine has {major}"


pytestmark = [
    pytest.mark.skipif(bool(java()), reason=java()),
    pytest.mark.filterwarnings("ignore"),  # of PySpark about other libraries
]


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    """Two executors in processes of their own, which repeat a task that is lost."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyspark.sql import SparkSession

        session = (
            SparkSession.builder.master("local[2,4]")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.adaptive.enabled", "false")
            .config("spark.driver.memory", "1g")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.sql.session.timeZone", "UTC")
            .getOrCreate()
        )
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


@pytest.fixture(scope="module")
def calls() -> pa.Table:
    """Calls, some of which cannot be read."""
    return spoilt(pa.Table.from_batches(population().calls()))


@pytest.fixture(scope="module")
def whole(calls: pa.Table) -> BatchTables:
    """What one machine makes of them; ids are texts, as they are on Spark."""
    people = population().customers_table()
    ids = people["customer_id"].cast(pa.string())
    people = people.set_column(0, "customer_id", ids)
    return price_tables(catalog=sample(), calls=calls, customers=people, as_of=AS_OF)


def frames(spark: SparkSession, calls: pa.Table, folder: Path) -> tuple[DataFrame, DataFrame]:
    """Calls in many small files that divide customers, and the customers."""
    for at in range(0, calls.num_rows, 400):
        path = folder / "calls" / f"{at:06d}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(calls.slice(at, 400), path)
    people = population().customers_table()
    plain = [
        column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
        for column in people.columns
    ]
    pq.write_table(pa.table(plain, names=people.column_names), folder / "customers.parquet")
    read = spark.read.parquet
    return read(str(folder / "calls")), read(str(folder / "customers.parquet"))


KEYS = {"bills": ("customer_id", "start", "end", "cut"), "best": ("customer_id", "rank")}


def rows(table: pa.Table, name: str) -> list[dict[str, Any]]:
    return sorted(table.to_pylist(), key=lambda row: tuple(row[key] for key in KEYS[name]))


def collected(frame: DataFrame, name: str) -> list[dict[str, Any]]:
    found = [line.asDict() for line in frame.collect()]
    return sorted(found, key=lambda row: tuple(row[key] for key in KEYS[name]))


def test_spark_gives_what_one_machine_gives(
    spark: SparkSession, calls: pa.Table, whole: BatchTables, tmp_path: Path
) -> None:
    from plan_rules.batch.spark import price_frames

    given = frames(spark, calls, tmp_path)
    found = price_frames(
        catalog=sample(), calls=given[0], customers=given[1], buckets=5, as_of=AS_OF
    )
    try:
        assert found.account() == whole.tally
        assert collected(found.bills, "bills") == rows(whole.bills, "bills")
        assert collected(found.best, "best") == rows(whole.best, "best")
        codes = sorted(line["code"] for line in found.rejected.select("code").collect())
        assert codes == sorted(whole.rejected["code"].to_pylist())
        assert found.plan_ids == tuple(sample().plans)
    finally:
        found.close()


def test_a_worker_that_is_killed_costs_nothing_but_time(
    spark: SparkSession, calls: pa.Table, whole: BatchTables, tmp_path: Path
) -> None:
    from plan_rules.batch import spark as spark_module
    from plan_rules.batch.run.in_memory import price_with_book

    fatal = tmp_path / "killed"

    def killed_once(*args: Any, **options: Any) -> BatchTables:
        found = price_with_book(*args, **options)
        try:
            fatal.touch(exist_ok=False)
        except FileExistsError:
            return found
        fatal.write_text(str(os.getpid()))
        os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(60)
        return found

    given = frames(spark, calls, tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spark_module, "price_with_book", killed_once)
        found = spark_module.price_frames(
            catalog=sample(), calls=given[0], customers=given[1], buckets=3, as_of=AS_OF
        )
        try:
            assert found.account() == whole.tally
            assert collected(found.best, "best") == rows(whole.best, "best")
        finally:
            found.close()
    assert int(fatal.read_text()) != os.getpid()


def test_files_on_spark_give_the_summary_that_one_machine_gives(
    spark: SparkSession, calls: pa.Table, whole: BatchTables, tmp_path: Path
) -> None:
    from plan_rules.batch.spark_files import price_files

    del spark
    path = tmp_path / "calls.parquet"
    write_population(population(), path)
    pq.write_table(calls, path)

    def go(calls_path: Path, out: str) -> dict[str, Any]:
        return price_files(
            catalog=sample(),
            calls=[str(calls_path)],
            customers=customers_path(path),
            out=tmp_path / out,
            as_of=AS_OF,
            values_on=None,
            top=3,
            with_bills=True,
            buckets=2,
        )

    document = go(path, "out")
    assert document["calls"]["priced"] == whole.tally.calls
    assert document["calls"]["rejected"] == whole.rejected.num_rows
    assert document["bills"] == whole.bills.num_rows == whole.tally.rows
    blocked = [row["blocked_calls"] for row in document["plans"]]
    assert tuple(blocked) == whole.tally.blocked_calls
    read = pq.read_table(tmp_path / "out" / "best")
    assert read.num_rows == document["best"] == whole.best.num_rows
    with pytest.raises(OutputExists):
        go(path, "out")
    with pytest.raises(InvalidValue):
        go(tmp_path / "calls.csv", "other")


def test_columns_that_cannot_be_read_are_refused_before_any_work(
    spark: SparkSession, calls: pa.Table, tmp_path: Path
) -> None:
    from plan_rules.batch.spark import price_frames

    given = frames(spark, calls.slice(0, 10), tmp_path)
    with pytest.raises(WrongSchema) as refused:
        price_frames(
            catalog=sample(),
            calls=given[0].drop("number"),
            customers=given[1],
            buckets=2,
            as_of=AS_OF,
        )
    assert (refused.value.table, refused.value.column) == ("calls", "number")
