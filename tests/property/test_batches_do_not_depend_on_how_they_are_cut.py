"""Order of rows, row groups, threads, memory and the number of parts change nothing; a batch
divided by customer and put together again is the batch."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plan_rules.batch import account_shards, price_batch, price_shard, price_tables, write_shards
from plan_rules.batch.run.conservation import Tally
from plan_rules.batch.run.in_memory import BatchTables
from plan_rules.batch.run.memory import LIBRARIES
from tests.unit.batch.batches import AS_OF, population, sample, tables

MEMORY = LIBRARIES + (80 << 20)
KEY = [("customer_id", "ascending"), ("start", "ascending"), ("end", "ascending")]


@pytest.fixture(scope="module")
def calls() -> pa.Table:
    return pa.Table.from_batches(population().calls())


@pytest.fixture(scope="module")
def whole(calls: pa.Table) -> BatchTables:
    return price_tables(
        catalog=sample(), calls=calls, customers=population().customers_table(), as_of=AS_OF
    )


def assert_same(found: dict[str, pa.Table], whole: BatchTables) -> None:
    assert found["bills"].unify_dictionaries().equals(whole.bills.unify_dictionaries())
    assert found["best"].cast(whole.best.schema).equals(whole.best)


@settings(max_examples=5, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 2**32),
    group=st.integers(40, 2_000),
    threads=st.integers(1, 3),
    call_bytes=st.sampled_from([96, 1 << 17, 1 << 19]),
    cell_bytes=st.sampled_from([160, 1 << 13, 1 << 17]),
    checkpoint=st.integers(100, 2_000),
)
def test_nothing_depends_on_how_a_batch_is_cut(
    calls: pa.Table,
    whole: BatchTables,
    seed: int,
    group: int,
    threads: int,
    call_bytes: int,
    cell_bytes: int,
    checkpoint: int,
) -> None:
    order = np.random.default_rng(seed).permutation(calls.num_rows)
    with (
        TemporaryDirectory() as folder,
        patch("plan_rules.batch.run.memory.HELD_CALL_BYTES", call_bytes),
        patch("plan_rules.batch.run.memory.CELL_BYTES", cell_bytes),
        patch("plan_rules.batch.run.collecting.CHECKPOINT_CALLS", checkpoint),
    ):
        path = Path(folder) / "calls.parquet"
        pq.write_table(calls.take(pa.array(order)), path, row_group_size=group)
        summary = price_batch(
            catalog=sample(),
            calls=path,
            customers=population().customers_table(),
            out=Path(folder) / "out",
            as_of=AS_OF,
            memory=MEMORY,
            threads=threads,
        )
        assert_same(dict(tables(Path(folder) / "out")), whole)
    assert summary.tally == whole.tally
    assert summary.spilled is (call_bytes > 96)


@settings(max_examples=3, suppress_health_check=list(HealthCheck))
@given(data=st.data(), pieces=st.integers(1, 4))
def test_a_batch_divided_by_customer_is_the_batch(
    calls: pa.Table, whole: BatchTables, data: st.DataObject, pieces: int
) -> None:
    people = population().customers_table()
    piece_of = np.array(
        data.draw(
            st.lists(st.integers(0, pieces - 1), min_size=people.num_rows, max_size=people.num_rows)
        )
    )
    ids = people["customer_id"].to_numpy()
    found = []
    for piece in range(pieces):
        mine = pa.array(ids[piece_of == piece])
        found.append(
            price_tables(
                catalog=sample(),
                calls=calls.filter(pa.compute.is_in(calls["customer_id"], mine)),
                customers=people.filter(pa.compute.is_in(people["customer_id"], mine)),
                as_of=AS_OF,
            )
        )
    bills = pa.concat_tables([each.bills for each in found]).unify_dictionaries()
    assert bills.sort_by(KEY).equals(whole.bills.unify_dictionaries().sort_by(KEY))
    total = sum((each.tally for each in found), Tally.nothing(len(sample().plans)))
    assert total == whole.tally


@pytest.mark.parametrize("shards", [1, 4])
def test_shards_behind_each_other_are_the_batch(
    calls: pa.Table, whole: BatchTables, shards: int, tmp_path: Path
) -> None:
    places = write_shards(
        catalog=sample(),
        calls=calls,
        customers=population().customers_table(),
        out=tmp_path / "shards",
        shards=shards,
    )
    summaries = {
        place.name: price_shard(place, tmp_path / "out" / place.name, catalog=sample(), as_of=AS_OF)
        for place in places
    }
    again = price_shard(places[0], tmp_path / "out" / places[0].name, catalog=sample(), as_of=AS_OF)
    assert again == summaries[places[0].name]
    found = [tables(tmp_path / "out" / place.name) for place in places]
    joined = {name: pa.concat_tables([each[name] for each in found]) for name in found[0]}
    assert_same(joined, whole)
    account = account_shards(tmp_path / "shards", summaries)
    assert (account.rows, account.shards) == (calls.num_rows, len(places))
