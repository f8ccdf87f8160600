from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

# What the race needs is asked for before it is imported.
# ruff: noqa: E402
for needed in ("numba", "duckdb", "polars"):
    pytest.importorskip(needed, reason=f"the race needs {needed}: pip install --group rivals")

from plan_rules.batch.columns import CallColumns
from plan_rules.loading import load_catalog
from plan_rules.tariff import tariff_book
from tests.benchmarks import mix
from tests.benchmarks.bench_rivals import ONCE, keep, naive, race
from tests.benchmarks.rivals.answers import AnswersDiffer, Bills, demand_equal_bills
from tests.benchmarks.rivals.flat import CannotSay, FlatCatalog
from tests.benchmarks.rivals.trial import OURS, RIVALS, Entry
from tests.benchmarks.rivals.world import ZONES, Builder, Recipe, World, regrouped, write_files

ROOT = Path(__file__).parents[3]
CALLS = 3_000
HALF_HOUR = 1_800
PLANS = 24
"""The last two of these have allowances."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A small world with many calls of one second, some of them there twice."""
    made, _ = Builder(tmp_path_factory.mktemp("worlds")).build(Recipe(calls=CALLS, plans=PLANS))
    who, calls = mix.calls(CALLS, zones=ZONES)
    twice = np.sort(np.concatenate([np.arange(len(calls)), np.arange(0, len(calls), 9)]))
    crowded = CallColumns(
        customer=calls.customer[twice],
        start=calls.start[twice] // HALF_HOUR * HALF_HOUR,
        number=calls.number[twice],
        seconds=calls.seconds[twice],
    )
    write_files(made, who, crowded)
    return made


def test_all_contenders_answer_alike(world: World) -> None:
    found = race(world, entries=(OURS, *RIVALS), classes=0, warm=ONCE)
    assert found.plans == PLANS
    assert set(found.told) == {"plan_rules", "DuckDB", "Polars"}
    assert len({told.checksum for told in found.told.values()}) == 1
    assert all(told.warm.processor > 0 and told.peak > 0 for told in found.told.values())
    assert naive(world).calls > CALLS // 2


@pytest.mark.parametrize(("name", "said"), [("WrongBill", "column"), ("WrongPlan", "best plans")])
def test_a_wrong_contender_is_caught_before_anything_is_told(
    world: World, name: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = Entry(name, f"tests.unit.benchmarks.wrong:{name}", "plan_rules")
    with pytest.raises(AnswersDiffer) as caught:
        race(world, entries=(OURS, wrong), classes=0, warm=ONCE)
    assert (caught.value.contender, caught.value.other) == (name, "plan_rules")
    assert said in caught.value.where
    assert not capsys.readouterr().out


def test_bills_that_are_missing_are_told() -> None:
    rows = np.arange(12, dtype=np.int64).reshape(3, 4)
    with pytest.raises(AnswersDiffer) as caught:
        demand_equal_bills(Bills(rows), Bills(rows[:2]), contender="one", other="two")
    assert caught.value.where == "(3, 4) bills, (2, 4) of the other"


def test_what_flat_tables_cannot_say_is_refused() -> None:
    with pytest.raises(CannotSay):
        FlatCatalog.of(tariff_book(load_catalog(ROOT / "catalog")))


@pytest.mark.parametrize(("joined", "split"), [(3, 1), (1, 4)])
def test_regrouping_customers_keeps_every_call(joined: int, split: int) -> None:
    who, calls = mix.calls(2_000)
    others, same = regrouped(who, calls, joined=joined, split=split)
    assert len(others) == -(-len(who) // joined) * split
    assert same.customer.max() < len(others)
    assert np.array_equal(same.customer // split * joined, calls.customer // joined * joined)
    assert same == replace(same, start=calls.start, number=calls.number, seconds=calls.seconds)


def test_a_contender_that_is_not_there_is_known_not_to_be() -> None:
    assert not Entry("nobody", "nowhere:Nobody", "a_package_that_nobody_made").is_installed


def test_figures_stand_beside_those_of_others(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    path.write_text('{"others": 1}', encoding="utf-8")
    keep({"race": 2}, path)
    keep({"race": 3}, path)
    assert path.read_text(encoding="utf-8").split() == [
        "{", '"others":', "1,", '"rivals":', "{", '"race":', "3", "}", "}",
    ]  # fmt: skip
