from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from plan_rules.batch import price_batch, price_tables
from plan_rules.batch.intake.rejecting import RowsRejected
from plan_rules.batch.run import job, results
from plan_rules.batch.run.conservation import NotConserved
from plan_rules.batch.run.journal import Journal, OutputExists, ResumeRefused
from plan_rules.batch.run.memory import LIBRARIES, MemoryTooSmall
from plan_rules.batch.run.parts import InMemory, Part
from plan_rules.batch.run.progress import Progress, Stage
from plan_rules.errors import InvalidValue
from plan_rules.rating import rate
from plan_rules.usage import Call, Customer
from tests.unit.batch.batches import AS_OF, CUSTOMERS, left_behind, sample, spoilt, tables, written


@pytest.fixture
def many_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if calls and bills took so much memory that few of them fit."""
    monkeypatch.setattr("plan_rules.batch.run.memory.HELD_CALL_BYTES", 1 << 19)
    monkeypatch.setattr("plan_rules.batch.run.memory.CELL_BYTES", 1 << 17)
    monkeypatch.setattr("plan_rules.batch.run.collecting.CHECKPOINT_CALLS", 300)


def test_files_and_tables_give_the_same(tmp_path: Path) -> None:
    calls, customers = written(tmp_path)
    summary = price_batch(
        catalog=sample(), calls=calls, customers=customers, out=tmp_path / "out", as_of=AS_OF
    )
    found = tables(tmp_path / "out")
    given = [pq.read_table(path) for path in (calls, customers)]
    direct = price_tables(catalog=sample(), calls=given[0], customers=given[1], as_of=AS_OF)
    assert found["bills"].equals(direct.bills.unify_dictionaries())
    assert found["best"].cast(direct.best.schema).equals(direct.best)
    assert summary.tally == direct.tally
    assert (summary.rows, summary.rejected.rows) == (given[0].num_rows, 0)


def test_bills_are_those_of_the_readable_engine(tmp_path: Path) -> None:
    calls, customers = written(tmp_path)
    rows, people = pq.read_table(calls).to_pylist(), pq.read_table(customers).to_pylist()
    bills = price_tables(
        catalog=sample(), calls=calls, customers=customers, as_of=AS_OF
    ).bills.to_pylist()
    plans = list(sample().plans)
    for person in people[:3]:
        customer = Customer(
            id=str(person["customer_id"]),
            home=person["home"],
            zone=person["zone"],
            anchor=person["anchor"],
            plan=person["plan"],
            since=person["since"],
            chosen_country=person["chosen_country"],
        )
        mine = [
            Call(row["start"], f"+{row['number']}", row["seconds"])
            for row in rows
            if row["customer_id"] == person["customer_id"]
        ]
        for at, plan in enumerate(plans):
            expected = [
                (bill.cycle.start, bill.cycle.end, bill.total_micros, len(bill.charges))
                for bill in rate(catalog=sample(), plan=plan, calls=mine, customer=customer)
            ]
            found = [
                (row["start"], row["end"], row["total_micros"][at], row["calls"])
                for row in bills
                if row["customer_id"] == person["customer_id"]
                and row["total_micros"][at] is not None
            ]
            assert found == expected


def test_every_plan_has_each_row_of_its_own_cut_and_no_other(tmp_path: Path) -> None:
    calls, customers = written(tmp_path)
    bills = price_tables(catalog=sample(), calls=calls, customers=customers, as_of=AS_OF).bills
    plans = json.loads(bills.schema.metadata[b"plan_rules.plans"])
    assert plans == list(sample().plans)
    for row in bills.slice(0, 200).to_pylist():
        for at, plan in enumerate(plans):
            billing = sample().plans[plan].billing
            cut = f"{billing.length.count}-{billing.length.unit.value}"
            own = cut + ("-calendar" if billing.calendar else "") == row["cut"]
            assert (row["total_micros"][at] is not None) is own
    keys = bills.select(["customer_id", "start", "end", "cut"])
    keys = keys.set_column(3, "cut", keys["cut"].cast(pa.string()))
    assert keys.sort_by([(name, "ascending") for name in keys.column_names]).equals(keys)


@pytest.mark.usefixtures("many_parts")
def test_calls_that_do_not_fit_go_onto_disk_and_change_nothing(tmp_path: Path) -> None:
    calls, customers = written(tmp_path, row_group=250)
    summary = price_batch(
        catalog=sample(),
        calls=calls,
        customers=customers,
        out=tmp_path / "small",
        as_of=AS_OF,
        memory=LIBRARIES + (80 << 20),
    )
    assert summary.spilled
    assert summary.parts > 5
    whole = price_tables(catalog=sample(), calls=calls, customers=customers, as_of=AS_OF)
    found = tables(tmp_path / "small")
    assert found["bills"].unify_dictionaries().equals(whole.bills.unify_dictionaries())
    assert found["best"].cast(whole.best.schema).equals(whole.best)
    assert not (tmp_path / "small" / "spill").exists()


@pytest.mark.usefixtures("many_parts")
def test_a_stream_of_unknown_length_goes_onto_disk_when_it_does_not_fit(tmp_path: Path) -> None:
    calls, customers = written(tmp_path)
    table = pq.read_table(calls)
    summary = price_batch(
        catalog=sample(),
        calls=pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=99)),
        customers=customers,
        out=tmp_path / "out",
        as_of=AS_OF,
        memory=LIBRARIES + (80 << 20),
    )
    assert (summary.spilled, summary.rows) == (True, table.num_rows)


def test_rejected_rows_are_in_a_table_and_in_the_account(tmp_path: Path) -> None:
    calls, customers = written(tmp_path)
    bad = spoilt(pq.read_table(calls))
    pq.write_table(bad, calls, row_group_size=150)
    summary = price_batch(
        catalog=sample(), calls=calls, customers=customers, out=tmp_path / "out", as_of=AS_OF
    )
    rejected = tables(tmp_path / "out")["rejected"]
    wrong = [at for at in range(bad.num_rows) if at % 100 in {7, 50}]
    places = zip(rejected["row_group"].to_pylist(), rejected["row"].to_pylist(), strict=True)
    assert [group * 150 + row for group, row in places] == wrong
    assert set(rejected["code"].to_pylist()) == {"bad-number", "unknown-customer"}
    assert summary.rejected.rows == len(wrong)
    assert summary.calls + len(wrong) == summary.rows == bad.num_rows
    assert len(summary.rejected.first) == 20
    with pytest.raises(RowsRejected) as refused:
        price_batch(
            catalog=sample(),
            calls=calls,
            customers=customers,
            out=tmp_path / "strict",
            as_of=AS_OF,
            strict=True,
        )
    assert refused.value.rows[0]["row"] == 7


def test_progress_is_told_to_the_end(tmp_path: Path) -> None:
    calls, customers = written(tmp_path)
    told: list[Progress] = []
    price_batch(
        catalog=sample(),
        calls=calls,
        customers=customers,
        out=tmp_path / "out",
        as_of=AS_OF,
        with_bills=False,
        progress=told.append,
    )
    rows = pq.read_metadata(calls).num_rows
    assert Progress(stage=Stage.READ, done=rows, total=rows) in told
    assert told[-1] == Progress(stage=Stage.PRICE, done=CUSTOMERS, total=CUSTOMERS)
    assert not (tmp_path / "out" / "bills").exists()


def test_a_finished_batch_gives_its_summary_and_writes_nothing(tmp_path: Path) -> None:
    calls, customers = written(tmp_path)

    def go(**changed: object) -> object:
        given = {"catalog": sample(), "calls": calls, "customers": customers, "as_of": AS_OF}
        return price_batch(**{**given, "out": tmp_path / "out", **changed})  # type: ignore[arg-type]

    first = go()
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("part-*")}
    assert go(resume=True) == first
    assert {path: path.stat().st_mtime_ns for path in before} == before
    with pytest.raises(OutputExists):
        go()
    for changed, name in (
        ({"top": 2}, "top"),
        ({"as_of": AS_OF.replace(day=2)}, "as of"),
        ({"with_bills": False}, "bills"),
        ({"catalog": replace(sample(), id="other")}, "catalog"),
    ):
        with pytest.raises(ResumeRefused) as refused:
            go(resume=True, **changed)
        assert refused.value.differs == (name,)
    table = pq.read_table(calls)
    pq.write_table(table.slice(1), calls)
    with pytest.raises(ResumeRefused) as refused:
        go(resume=True)
    assert refused.value.differs == ("calls",)
    with pytest.raises(InvalidValue):
        go(resume=True, calls=table)


def test_too_little_memory_is_refused_with_what_would_do(tmp_path: Path) -> None:
    calls, customers = written(tmp_path)
    with pytest.raises(MemoryTooSmall) as refused:
        price_batch(
            catalog=sample(),
            calls=calls,
            customers=customers,
            out=tmp_path / "out",
            as_of=AS_OF,
            memory=1 << 20,
        )
    assert refused.value.needed > LIBRARIES


def test_no_calls_and_no_customers_are_a_batch_too(tmp_path: Path) -> None:
    calls, customers = written(tmp_path)
    for name, table in (
        ("no-calls", (pq.read_table(calls).slice(0, 0), pq.read_table(customers))),
        ("nobody", (pq.read_table(calls).slice(0, 3), pq.read_table(customers).slice(0, 0))),
    ):
        summary = price_batch(
            catalog=sample(),
            calls=table[0],
            customers=table[1],
            out=tmp_path / name,
            as_of=AS_OF,
        )
        assert (summary.calls, summary.tally.rows, summary.best_rows) == (0, 0, 0)
        assert summary.rejected.rows == (3 if name == "nobody" else 0)


@pytest.mark.usefixtures("many_parts")
def test_a_part_that_is_lost_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls, customers = written(tmp_path)
    kept = Journal.write

    def forgetful(self: Journal, event: str, line: dict[str, object]) -> None:
        if (event, line.get("part")) != ("part", 1):
            kept(self, event, line)

    monkeypatch.setattr(Journal, "write", forgetful)
    with pytest.raises(NotConserved) as refused:
        price_batch(
            catalog=sample(),
            calls=calls,
            customers=customers,
            out=tmp_path / "out",
            as_of=AS_OF,
            memory=LIBRARIES + (80 << 20),
        )
    assert refused.value.what == "parts"


def test_calls_lost_on_the_way_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls, customers = written(tmp_path)
    whole = InMemory.pieces

    def shorter(self: InMemory, part: Part, *, most: int) -> object:
        for piece in whole(self, part, most=most):
            yield replace(piece, end=piece.end - 1)

    monkeypatch.setattr(InMemory, "pieces", shorter)
    with pytest.raises(NotConserved):
        price_batch(
            catalog=sample(), calls=calls, customers=customers, out=tmp_path / "out", as_of=AS_OF
        )


def test_a_file_that_is_lost_is_seen(tmp_path: Path) -> None:
    calls, customers = written(tmp_path)
    given = {"catalog": sample(), "calls": calls, "customers": customers, "as_of": AS_OF}
    out = tmp_path / "out"
    price_batch(**given, out=out)  # type: ignore[arg-type]
    (out / "best" / "part-00000.parquet").unlink()
    with pytest.raises(NotConserved) as refused:
        price_batch(**given, out=out, resume=True)  # type: ignore[arg-type]
    assert refused.value.what == "best plans"


def test_the_summary_is_the_document_that_is_written(tmp_path: Path) -> None:
    calls, customers = written(tmp_path)
    summary = price_batch(
        catalog=sample(), calls=calls, customers=customers, out=tmp_path / "out", as_of=AS_OF
    )
    document = job.summary_document(summary)
    assert json.loads((tmp_path / "out" / "summary.json").read_text("utf-8")) == document
    for row in document["plans"]:
        outcomes = ("rated", "blocked", "uncovered", "unrated")
        assert sum(row[f"{outcome}_calls"] for outcome in outcomes) == document["calls"]["priced"]
        seconds = sum(row[f"{outcome}_seconds"] for outcome in outcomes)
        assert seconds == document["calls"]["seconds"]
    assert left_behind(tmp_path / "out")
    assert results.PREFIX == "plan_rules."
