from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from plan_rules.batch.intake.ids import UNKNOWN, IdIndex

FAR_APART = [0, 2**62, -(2**62), 5, 2**40]
TEXTS = ["", "a", "fifteen letters", "sixteen letters!", "sixteen letters?", "\u00e9t\u00e9"]


@pytest.mark.parametrize(
    "ids",
    [
        pa.array([5, 3, 4]),
        pa.array(FAR_APART),
        pa.array([7], pa.int32()),
        pa.array(TEXTS),
        pa.array(TEXTS, pa.large_string()),
        pa.array([f"customer number {each}" for each in range(1000)]),
        pa.array(np.arange(0, 10**7, 10**4)),
    ],
)
def test_every_id_is_found_in_its_row(ids: pa.Array) -> None:
    index = IdIndex(ids)
    assert index.codes(ids).tolist() == list(range(len(ids)))
    assert index.codes(ids[::-1]).tolist() == list(range(len(ids)))[::-1]
    assert index.codes(ids.dictionary_encode()).tolist() == list(range(len(ids)))
    assert len(index.repeated) == 0


@pytest.mark.parametrize(
    ("ids", "others"),
    [
        (pa.array([5, 3, 4]), pa.array([6, -1, 2**62])),
        (pa.array(FAR_APART), pa.array([1, 2**61, -1])),
        (pa.array(TEXTS), pa.array(["b", "fifteen letterz", "sixteen letters."])),
        (pa.array(["1", "2"]), pa.array([3, 12, -1])),
        (pa.array([], pa.int64()), pa.array([1, 2, 3])),
        (pa.array([], pa.string()), pa.array(["a", "", "b"])),
    ],
)
def test_an_id_nobody_has_is_unknown(ids: pa.Array, others: pa.Array) -> None:
    assert IdIndex(ids).codes(others).tolist() == [UNKNOWN] * 3


def test_a_null_is_nobody() -> None:
    index = IdIndex(pa.array([0, 1]))
    assert index.codes(pa.array([None, 1, None])).tolist() == [UNKNOWN, 1, UNKNOWN]
    words = pa.array(["0", None]).dictionary_encode()
    assert index.codes(words).tolist() == [0, UNKNOWN]


@pytest.mark.parametrize(
    "ids", [pa.array([7, 8, 7, 7]), pa.array([7, 2**62, 7, 7]), pa.array(["x", "y", "x", "x"])]
)
def test_a_repeated_id_is_told_and_found_where_it_stands_first(ids: pa.Array) -> None:
    index = IdIndex(ids)
    assert index.repeated.tolist() == [2, 3]
    assert index.codes(ids).tolist() == [0, 1, 0, 0]


def test_texts_that_share_a_slot_are_told_apart() -> None:
    texts = pa.array([f"{'x' * 20}{each:05d}" for each in range(5_000)])
    index = IdIndex(texts)
    assert index.codes(texts).tolist() == list(range(5_000))
    assert index.codes(pa.array(["x" * 25])).tolist() == [UNKNOWN]


@pytest.mark.parametrize("low", [0, -(2**63), 2**63 - 40_000, -20_000, 10**12])
def test_close_ids_in_any_order_are_told_from_all_others(low: int) -> None:
    generator = np.random.default_rng(3)
    ids = low + generator.permutation(40_000)[:3_000]
    index = IdIndex(pa.array(ids))
    assert index.codes(pa.array(ids)).tolist() == list(range(len(ids)))
    assert index.size < 8 * 40_000
    around = np.concatenate([low + np.arange(40_000), [-(2**63), 2**63 - 1, 0, 64, -64]])
    rows = {each: row for row, each in enumerate(ids.tolist())}
    found = index.codes(pa.array(around)).tolist()
    assert found == [rows.get(each, UNKNOWN) for each in around.tolist()]
