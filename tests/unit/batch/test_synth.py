from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from plan_rules.batch.intake.customers import read_customers
from plan_rules.batch.intake.door import TABLE, admit
from plan_rules.batch.intake.sources import source_of
from plan_rules.batch.synth import Habits, Population, customers_path, write_population
from plan_rules.destinations import NumberingPlan
from plan_rules.errors import InvalidValue
from plan_rules.periods import time_zone

START = date(2026, 2, 1)


def drawn(seed: int = 1, **changed: Any) -> Population:
    given: dict[str, Any] = {"customers": 400, "months": 2, "seed": seed, "start": START}
    return Population(**{**given, **changed})


def calls_of(population: Population) -> pa.Table:
    return pa.Table.from_batches(population.calls())


def test_a_seed_decides_everything() -> None:
    assert calls_of(drawn()).equals(calls_of(drawn()))
    assert drawn().customers_table().equals(drawn().customers_table())
    assert not calls_of(drawn()).equals(calls_of(drawn(seed=2)))


def test_every_drawn_row_goes_through_the_door(tmp_path: Path) -> None:
    for name in ("calls.parquet", "calls.csv"):
        path = tmp_path / name
        told: list[int] = []
        count = write_population(drawn(plans=("a", "b")), path, progress=told.append)
        read = read_customers(customers_path(path), plan_ids=("a", "b"))
        assert (read.rejected, len(read.customers)) == (None, 400)
        source = source_of(path, TABLE)
        found = [
            admit(chunk, read.customers.index) for unit in source.units for chunk in unit.chunks()
        ]
        assert all(each.rejected is None for each in found)
        assert sum(each.rows for each in found) == count == told[-1]


def test_both_kinds_of_files_hold_the_same_calls(tmp_path: Path) -> None:
    write_population(drawn(), tmp_path / "calls.parquet")
    write_population(drawn(), tmp_path / "calls.csv")
    index = read_customers(tmp_path / "calls-customers.csv", plan_ids=()).customers.index
    rows = []
    for name in ("calls.parquet", "calls.csv"):
        source = source_of(tmp_path / name, TABLE)
        found = [admit(chunk, index).calls for unit in source.units for chunk in unit.chunks()]
        rows.append(np.concatenate([each.start * 7 + each.number + each.seconds for each in found]))
    assert rows[0].tolist() == rows[1].tolist()


def test_calls_lie_in_their_months_by_the_clock_at_home() -> None:
    population = drawn()
    zones = dict(
        zip(
            population.customers_table()["customer_id"].to_pylist(),
            population.customers_table()["zone"].to_pylist(),
            strict=True,
        )
    )
    months = {
        datetime.fromtimestamp(start.timestamp(), UTC)
        .astimezone(time_zone(zones[customer]))
        .strftime("%Y-%m")
        for customer, start in zip(
            *(calls_of(population)[name].to_pylist() for name in ("customer_id", "start")),
            strict=True,
        )
    }
    assert months == {"2026-02", "2026-03"}


def test_few_customers_make_most_calls_and_few_numbers_get_most_of_theirs() -> None:
    table = calls_of(drawn(customers=2_000))
    by_customer = np.sort(np.bincount(table["customer_id"].to_numpy() - 1_000_001))[::-1]
    assert by_customer[:400].sum() > 0.4 * by_customer.sum()
    pairs = np.unique(
        np.stack([table["customer_id"].to_numpy(), table["number"].to_numpy()]), axis=1
    )
    assert pairs.shape[1] < 0.4 * table.num_rows
    seconds = table["seconds"].to_numpy()
    answered = seconds[seconds > 0]
    assert answered.mean() > 1.4 * np.median(answered)
    assert 0.05 < (seconds == 0).mean() < 0.11


def test_numbers_lead_to_the_countries_they_were_drawn_for() -> None:
    numbering = NumberingPlan.standard()
    numbers = calls_of(drawn())["number"].to_pylist()
    places = [numbering.lookup(f"+{number}") for number in numbers]
    assert sum(place is None for place in places) < 0.01 * len(places)
    assert len({place.country for place in places if place is not None}) > 50


@pytest.mark.parametrize(
    ("name", "value"), [("customers", 0), ("months", 0), ("seed", -1), ("start", date(2026, 1, 2))]
)
def test_what_cannot_be_drawn_is_refused(name: str, value: object) -> None:
    with pytest.raises(InvalidValue) as refused:
        drawn(**{name: value})  # type: ignore[arg-type]
    assert refused.value.name == name


def test_habits_that_nobody_has_are_refused() -> None:
    for given in ({"unanswered": 1.5}, {"calls_a_month": 0.0}, {"homes": ()}):
        with pytest.raises(InvalidValue):
            replace(Habits(), **given)


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue):
        write_population(drawn(), tmp_path / "calls.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_row_groups_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plan_rules.batch.synth.writing.ROW_GROUP", 1_000)
    write_population(drawn(), tmp_path / "calls.parquet")
    metadata = pq.read_metadata(tmp_path / "calls.parquet")
    sizes = [metadata.row_group(at).num_rows for at in range(metadata.num_row_groups)]
    assert max(sizes) == 1_000
