"""Tables of a batch whose catalog has rules: facts that come in, exclusions and adjustments out."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from plan_rules.batch import account_shards, best, price, price_shard, price_tables, write_shards
from plan_rules.batch.book import batch_book
from plan_rules.batch.columns import CallColumns
from plan_rules.batch.intake.customers import read_customers
from plan_rules.batch.intake.schemas import WrongSchema
from plan_rules.catalog import Catalog
from plan_rules.catalog.catalog import NO_RULES
from plan_rules.errors import InvalidValue
from plan_rules.rules.condition import Comparison, Operator
from plan_rules.rules.effect import Exclude
from plan_rules.rules.fact import FactSpec, FactType, Stage
from plan_rules.rules.rule import Rule, RuleSet
from tests.unit.batch.batches import AS_OF, population, sample, tables

PAPERLESS = 500_000


@pytest.fixture(scope="module")
def calls() -> pa.Table:
    return pa.Table.from_batches(population().calls())


@pytest.fixture(scope="module")
def people() -> pa.Table:
    """Every other customer has bills by e-mail and is a wholesaler."""
    table = population().customers_table()
    half = [at % 2 == 0 for at in range(table.num_rows)]
    table = table.append_column("facts.paperless", pa.array(half))
    return table.append_column(
        "facts.segment", pa.array(["wholesale" if each else None for each in half])
    )


def for_nobody() -> Catalog:
    """The sample catalog, whose only rule keeps every plan from everybody."""
    always = Comparison(fact="usage.calls", operator=Operator.GTE, operands=(0,))
    rule = Rule(
        id="closed", stage=Stage.ELIGIBILITY, when=always, effects=(Exclude(reason="Closed."),)
    )
    rules = RuleSet(rules=(rule,), vocabulary=sample().rules.vocabulary)
    return replace(sample(), rules=rules)


def test_a_catalog_without_rules_has_no_column_of_adjustments(
    calls: pa.Table, people: pa.Table
) -> None:
    plain = price_tables(
        catalog=replace(sample(), rules=NO_RULES), calls=calls, customers=people, as_of=AS_OF
    )
    assert "adjustments_micros" not in plain.bills.column_names
    assert set(plain.best["excluded"].to_pylist()) == {0}


def test_adjustments_are_in_the_bills_of_whom_they_are_for(
    calls: pa.Table, people: pa.Table
) -> None:
    ruled, plain = (
        price_tables(catalog=catalog, calls=calls, customers=people, as_of=AS_OF)
        for catalog in (sample(), replace(sample(), rules=NO_RULES))
    )
    paperless = dict(
        zip(people["customer_id"].to_pylist(), people["facts.paperless"].to_pylist(), strict=True)
    )
    at = list(sample().plans).index("world-saver")
    told = 0
    for row, before in zip(ruled.bills.to_pylist(), plain.bills.to_pylist(), strict=True):
        assert (row["customer_id"], row["start"]) == (before["customer_id"], before["start"])
        adjustment = row["adjustments_micros"][at]
        if adjustment is None:
            continue
        assert row["total_micros"][at] == before["total_micros"][at] + adjustment
        if paperless[row["customer_id"]]:
            assert adjustment <= -PAPERLESS
        told += 1
    assert told > 100


def test_who_is_left_no_plan_is_told_so(calls: pa.Table, people: pa.Table) -> None:
    at = people.schema.get_field_index("plan")
    nowhere = people.set_column(at, "plan", pa.nulls(people.num_rows, pa.string()))
    found = price_tables(
        catalog=for_nobody(), calls=calls, customers=nowhere, as_of=AS_OF, with_bills=False
    )
    rows = found.best.to_pylist()
    assert 0 < len(rows) <= people.num_rows
    sold = sum(plan.is_sold(AS_OF) for plan in sample().plans.values())
    for row in rows:
        assert (row["rank"], row["plan"], row["monthly_micros"]) == (0, None, None)
        assert (row["is_advised"], row["is_current"], row["missed_share"]) == (False, False, None)
        assert (row["excluded"], row["cycles"], row["chosen_country"]) == (sold, 0, "")


def test_nobody_loses_the_present_plan(calls: pa.Table, people: pa.Table) -> None:
    found = price_tables(
        catalog=for_nobody(), calls=calls, customers=people, as_of=AS_OF, with_bills=False
    )
    assert {row["rank"] for row in found.best.to_pylist()} == {1}
    assert all(row["is_current"] and row["is_advised"] for row in found.best.to_pylist())


def test_shards_ask_the_rules_too(calls: pa.Table, people: pa.Table, tmp_path: Path) -> None:
    whole = price_tables(catalog=sample(), calls=calls, customers=people, as_of=AS_OF)
    places = write_shards(
        catalog=sample(), calls=calls, customers=people, out=tmp_path / "shards", shards=2
    )
    done = {
        each.name: price_shard(each, tmp_path / each.name, catalog=sample(), as_of=AS_OF)
        for each in places
    }
    account_shards(tmp_path / "shards", done)
    for name in ("best", "bills"):
        parts = pa.concat_tables([tables(tmp_path / each.name)[name] for each in places])
        assert parts.to_pylist() == getattr(whole, name).to_pylist()


def test_a_fact_that_nobody_declares_is_refused(people: pa.Table) -> None:
    declared = (batch_book(sample()).declared,)
    odd = people.append_column("facts.segmnt", people["facts.segment"])
    with pytest.raises(WrongSchema) as refused:
        read_customers(odd, plan_ids=tuple(sample().plans), declared=declared)
    assert (refused.value.column, refused.value.given) == ("facts.segmnt", "not declared")
    floats = people.append_column("facts.credit-limit", pa.array([1.5] * people.num_rows))
    with pytest.raises(WrongSchema) as inexact:
        read_customers(floats, plan_ids=tuple(sample().plans), declared=declared)
    assert (inexact.value.column, inexact.value.given) == ("facts.credit-limit", "double")
    assert len(read_customers(odd, plan_ids=tuple(sample().plans)).customers) == people.num_rows


@pytest.mark.parametrize("kind", ["parquet", "csv", "arrow"])
def test_facts_are_read_from_files(kind: str, people: pa.Table, tmp_path: Path) -> None:
    path = tmp_path / f"people.{kind}"
    if kind == "parquet":
        services = pa.array([["mobile", "broadband"]] * people.num_rows)
        pq.write_table(people.append_column("facts.services", services), path)
    elif kind == "csv":
        services = pa.array(["mobile broadband"] * people.num_rows)
        plain = people.append_column("facts.services", services).to_pylist()
        pacsv.write_csv(pa.Table.from_pylist(plain), path)
    else:
        services = pa.array([["broadband", "mobile"]] * people.num_rows)
        with (
            pa.OSFile(str(path), "wb") as file,
            pa.ipc.new_file(
                file, people.append_column("facts.services", services).schema
            ) as writer,
        ):
            writer.write_table(people.append_column("facts.services", services))
    book = batch_book(sample())
    read = read_customers(path, plan_ids=book.plan_ids, declared=(book.declared,))
    facts = read.customers.columns.facts
    assert read.rejected is None
    assert facts is not None
    told = dict(
        zip(facts.names, zip(facts.codes.tolist(), facts.known.tolist(), strict=True), strict=True)
    )
    half = people.num_rows // 2
    assert told["customer.services"] == ([3] * 2 * half, [True] * 2 * half)
    assert told["customer.paperless"] == ([1, 0] * half, [True] * 2 * half)
    assert told["customer.segment"][1] == [True, False] * half


WORDS = ("a", "b", "c")
SPECS = {
    kind: FactSpec(
        name="customer.x",
        type=kind,
        meaning="x",
        low=0,
        high=20_000_000,
        values=WORDS if kind in {FactType.ENUM, FactType.SET} else (),
    )
    for kind in FactType
}


@pytest.mark.parametrize(
    ("kind", "given", "code"),
    [
        (FactType.INTEGER, pa.array([7], pa.int8()), 7),
        (FactType.INTEGER, "7", 7),
        (FactType.INTEGER, "7.0", None),
        (FactType.INTEGER, "-1", None),
        (FactType.MONEY, pa.array(["1.25"]), 1_250_000),
        (FactType.MONEY, pa.array([3]), 3_000_000),
        (FactType.MONEY, "nan", None),
        (FactType.DATE, pa.array([date(1970, 1, 1)]), date(1970, 1, 1).toordinal()),
        (FactType.DATE, "1970-01-01", date(1970, 1, 1).toordinal()),
        (FactType.DATE, "1.1.1970", None),
        (FactType.BOOLEAN, pa.array([True]), 1),
        (FactType.BOOLEAN, "false", 0),
        (FactType.BOOLEAN, "yes", None),
        (FactType.ENUM, pa.array(["c"]).dictionary_encode(), 2),
        (FactType.ENUM, "d", None),
        (FactType.SET, pa.array([["c", "a"]]), 5),
        (FactType.SET, pa.array([[]], pa.list_(pa.string())), 0),
        (FactType.SET, "a b", 3),
        (FactType.SET, pa.array([["a", "d"]]), None),
    ],
)
def test_facts_are_read_from_columns_of_many_types(
    kind: FactType, given: pa.Array | str, code: int | None
) -> None:
    column = pa.array([given]) if isinstance(given, str) else given
    spec = SPECS[kind]
    table = population(1).customers_table().append_column("facts.x", column)
    read = read_customers(table, plan_ids=tuple(sample().plans), declared=((spec,),))
    if code is None:
        assert read.rejected is not None
        assert read.rejected["code"].to_pylist() == ["bad-fact"]
        assert read.rejected["value"].to_pylist()[0].startswith("facts.x: ")
        return
    facts = read.customers.columns.facts
    assert facts is not None
    assert (facts.codes.tolist(), facts.known.tolist()) == ([[code]], [[True]])


def test_a_fact_that_has_to_be_known_and_is_not_is_told() -> None:
    spec = replace(SPECS[FactType.ENUM], optional=False)
    table = population(2).customers_table().append_column("facts.x", pa.array(["b", ""]))
    read = read_customers(table, plan_ids=tuple(sample().plans), declared=((spec,),))
    assert read.rejected is not None
    assert read.rejected["code"].to_pylist() == ["missing-fact"]
    assert len(read.customers) == 1
    without = read_customers(
        population(2).customers_table(), plan_ids=tuple(sample().plans), declared=((spec,),)
    )
    assert len(without.customers) == 0


def test_customers_without_facts_are_refused_where_rules_ask() -> None:
    book = batch_book(sample())
    people = population(2).customers_table()
    columns = read_customers(people, plan_ids=book.plan_ids).customers.columns
    none = CallColumns.of([[], []])
    with pytest.raises(InvalidValue):
        best(book, customers=columns, calls=none, as_of=AS_OF)


def test_a_book_sent_elsewhere_asks_the_same_rules(calls: pa.Table, people: pa.Table) -> None:
    del calls
    book = batch_book(sample())
    again = pickle.loads(pickle.dumps(book))  # noqa: S301  our own bytes
    columns = read_customers(
        people, plan_ids=book.plan_ids, declared=(book.declared,)
    ).customers.columns
    calls_made = CallColumns(
        customer=np.arange(len(columns), dtype=np.int32),
        start=np.full(len(columns), 1_772_000_000, np.int64),
        number=np.full(len(columns), 525512345678, np.int64),
        seconds=np.full(len(columns), 100, np.int32),
    )
    first, second = (price(each, customers=columns, calls=calls_made) for each in (book, again))
    for one, other in zip(first.tables, second.tables, strict=True):
        assert one.adjustments_micros is not None
        assert other.adjustments_micros is not None
        assert one.adjustments_micros.tolist() == other.adjustments_micros.tolist()
        assert one.adjustments_micros.any()
