"""From raw Parquet to best plans, beside hand-written DuckDB, Polars, and naive Decimal.

`SIZE` calls (200,000 if not said) on the fifty plans of the researched mix. Every contender
runs in a fresh process on the same files; all answers have to be equal before any ratio is
printed. `make bench SIZE=10000000` is the race of ten million; figures go to
`build/bench.json` too. What is measured and what decides it: `docs/explanation/performance.md`.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from tests.benchmarks.rivals.answers import (
    Bills,
    demand_equal_best,
    demand_equal_bills,
    read_best,
)
from tests.benchmarks.rivals.grammar import full_grammar
from tests.benchmarks.rivals.machine import Machine, description, measured
from tests.benchmarks.rivals.naive import Naive
from tests.benchmarks.rivals.trial import OURS, PASSES, RIVALS, ROOT, Entry, Told, Warm, run
from tests.benchmarks.rivals.world import Builder, Recipe, World

SIZE = int(os.environ.get("SIZE", "200000"))
REPORT = ROOT / "build" / "bench.json"
GROWTH_CALLS = 60_000

GROWTH = {
    "calls": tuple(Recipe(calls=each) for each in (20_000, 60_000, 180_000)),
    "plans": tuple(Recipe(calls=GROWTH_CALLS, plans=each) for each in (5, 20, 50)),
    "destination classes": tuple(Recipe(calls=GROWTH_CALLS, groups=each) for each in (10, 60, 0)),
    "calls per customer and month": (
        Recipe(calls=GROWTH_CALLS, split=10),
        Recipe(calls=GROWTH_CALLS),
        Recipe(calls=GROWTH_CALLS, joined=10),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """What every contender told of one world; answers of all of them are equal."""

    calls: int
    customers: int
    classes: int
    plans: int
    told: dict[str, Told]


WARM = Warm(passes=4, seconds=10)
"""Passes after the first, the best of which counts."""

ONCE = Warm(passes=1)


def race(world: World, *, entries: tuple[Entry, ...], classes: int, warm: Warm = WARM) -> Race:
    """Let contenders run one after the other; raises `AnswersDiffer` if two of them do."""
    found: dict[str, Told] = {}
    for entry in entries:
        out = world.answers / entry.name
        shutil.rmtree(out, ignore_errors=True)
        found[entry.name] = run(entry, world, out, warm=warm)
        if entry is not entries[0]:
            demand_equal(world, entry, entries[0])
    return Race(
        calls=world.call_count(),
        customers=world.customer_count(),
        classes=classes,
        plans=len(world.flat().plans),
        told=found,
    )


def demand_equal(world: World, entry: Entry, other: Entry) -> None:
    """Hold all answers of one contender against another's; raises `AnswersDiffer`."""
    mine, theirs = (world.answers / each.name for each in (entry, other))
    demand_equal_bills(Bills.read(mine), Bills.read(theirs), contender=entry.name, other=other.name)
    for each in sorted(mine.glob(PASSES)):
        demand_equal_best(
            read_best(each),
            read_best(theirs / each.name),
            contender=entry.name,
            other=other.name,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NaiveTold:
    """Seconds of processor for a sample of calls, and what all of them would have taken."""

    calls: int
    processor: float
    extrapolated: float


def naive(world: World) -> NaiveTold:
    """Price a sample the naive way; raises `AnswersDiffer` if a bill is not ours."""
    contender = Naive(world)
    start = time.process_time()
    bills = contender.bills()
    spent = time.process_time() - start
    ours = Bills.read(world.answers / OURS.name)
    demand_equal_bills(
        bills,
        ours.of_customers(np.unique(bills.rows[:, 0])),
        contender=Naive.name,
        other=OURS.name,
    )
    return NaiveTold(
        calls=contender.calls,
        processor=spent,
        extrapolated=spent * world.call_count() / contender.calls,
    )


def tell_race(found: Race) -> None:
    print(
        f"{found.calls:,} calls of {found.customers:,} customers x {found.plans} plans, "
        f"{found.classes} destination classes; every bill and every best plan is equal"
    )
    print(
        f"{'':<14}{'cold wall':>10}{'cpu':>8}{'warm wall':>11}{'cpu':>8}{'peak':>9}"
        f"{'M calls x plans':>17}{'cold':>8}{'warm':>8}{'cpu':>8}"
    )
    ours = found.told[OURS.name]
    for name, told in found.told.items():
        rate = found.calls * found.plans / told.warm.processor / 1e6
        ratios = (
            told.cold.wall / ours.cold.wall,
            told.warm.wall / ours.warm.wall,
            told.warm.processor / ours.warm.processor,
        )
        print(
            f"{name:<14}{told.cold.wall:>8.2f} s{told.cold.processor:>6.2f} s"
            f"{told.warm.wall:>9.2f} s{told.warm.processor:>6.2f} s"
            f"{told.peak / 1e6:>6.0f} MB{rate:>11.1f} /cpu-s"
            + "".join(f"{each:>7.1f}x" for each in ratios)
        )


def tell_naive(found: NaiveTold, ours: Told) -> None:
    ratio = found.extrapolated / ours.warm.processor
    print(
        f"{Naive.name}: {found.processor:.2f} s of processor for {found.calls:,} calls, bills "
        f"equal; extrapolated to all of them {found.extrapolated:,.0f} s, {ratio:,.0f}x ours"
    )


def axis_value(axis: str, recipe: Recipe, found: Race) -> str:
    match axis:
        case "calls":
            return f"{found.calls:,}"
        case "plans":
            return str(found.plans)
        case "destination classes":
            return str(found.classes)
        case _:
            return str(40 * recipe.joined // recipe.split)


def tell_growth(axis: str, rows: list[tuple[Recipe, Race]]) -> None:
    print(f"growing {axis}: seconds of processor, warm (M calls x plans per cpu-second)")
    for recipe, found in rows:
        work = found.calls * found.plans / 1e6
        cells = "".join(
            f"{name:>13} {told.warm.processor:6.2f} s ({work / told.warm.processor:6.1f})"
            for name, told in found.told.items()
        )
        print(f"{axis_value(axis, recipe, found):>10}{cells}")


def compile_kernels(builder: Builder) -> None:
    """Run ours once on few calls: kernels are compiled once for a machine, and kept on disk."""
    world, _ = builder.build(Recipe(calls=GROWTH["calls"][0].calls))
    told = run(OURS, world, world.answers / OURS.name, warm=ONCE)
    print(
        f"before the race, {world.call_count():,} calls in a fresh process: "
        f"{told.cold.wall:.1f} s, then {told.warm.wall:.2f} s; the difference is compiling what "
        "is not on disk yet, and reading what is"
    )


def installed() -> tuple[Entry, ...]:
    """Return the contenders that can run here; say which cannot."""
    for entry in RIVALS:
        if not entry.is_installed:
            print(f"{entry.name} is not installed, so it does not run: pip install --group rivals")
    return (OURS, *(entry for entry in RIVALS if entry.is_installed))


def keep(report: dict[str, object], path: Path = REPORT) -> None:
    """Keep figures as JSON, beside those that other benchmarks kept there."""
    known: dict[str, object] = {}
    if path.exists():
        known = json.loads(path.read_text(encoding="utf-8"))
    path.parent.mkdir(exist_ok=True)
    text = json.dumps({**known, "rivals": report}, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def grown(builder: Builder, entries: tuple[Entry, ...]) -> dict[str, list[tuple[Recipe, Race]]]:
    """Return a race for every step of every axis; worlds that are on several run once."""
    known: dict[Recipe, Race] = {}
    found: dict[str, list[tuple[Recipe, Race]]] = {}
    for axis, recipes in GROWTH.items():
        for recipe in recipes:
            if recipe not in known:
                world, classes = builder.build(recipe)
                known[recipe] = race(world, entries=entries, classes=classes, warm=ONCE)
            found.setdefault(axis, []).append((recipe, known[recipe]))
        tell_growth(axis, found[axis])
        sys.stdout.flush()
    return found


def main() -> None:
    before = measured()
    print(before.words)
    entries = installed()
    with tempfile.TemporaryDirectory() as folder:
        builder = Builder(Path(folder))
        compile_kernels(builder)
        recipe = Recipe(calls=SIZE)
        world, classes = builder.build(recipe)
        found = race(world, entries=entries, classes=classes)
        beside = naive(world)
        tell_race(found)
        tell_naive(beside, found.told[OURS.name])
        sys.stdout.flush()
        growth = grown(builder, entries)
        grammar = full_grammar(Path(folder) / "grammar", calls=min(SIZE, GROWTH_CALLS))
    print(
        f"full grammar, {grammar.plans} plans of the sample catalog, {grammar.calls:,} calls, "
        f"bills too: {grammar.wall:.2f} s, {grammar.rate / 1e6:.1f} M calls x plans per "
        f"cpu-second; readable engine {grammar.readable_rate / 1e6:.2f} M; "
        f"{grammar.equal_bills} bills of a sample equal"
    )
    after = measured()
    print(after.words)
    keep(report_of(before, after, found, beside, growth) | {"grammar": asdict(grammar)})


def report_of(
    before: Machine,
    after: Machine,
    found: Race,
    beside: NaiveTold,
    growth: dict[str, list[tuple[Recipe, Race]]],
) -> dict[str, object]:
    """Return everything that was printed, as JSON."""
    return {
        "machine": description(),
        "before": asdict(before) | {"contended": before.is_contended},
        "after": asdict(after) | {"contended": after.is_contended},
        "race": asdict(found),
        "naive": asdict(beside),
        "growth": {
            axis: [{"recipe": asdict(recipe), **asdict(each)} for recipe, each in rows]
            for axis, rows in growth.items()
        },
    }


if __name__ == "__main__":
    main()
