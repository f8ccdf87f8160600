"""The world that all contenders are given: the same files, drawn from the same seed.

A folder holds `calls.parquet` (raw calls in the order of time), `customers.parquet`, and the
catalog, compiled once: as a book for our engine, as flat tables for the others. Nobody is
timed while the catalog is compiled.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from plan_rules.batch.columns import CallColumns, CustomerColumns
from plan_rules.catalog import Catalog, Dated, RateEntry, RateTable, Zone, ZoneMembers
from plan_rules.destinations import Selector, parse_selector
from plan_rules.tariff import tariff_book
from plan_rules.tariff.book import TariffBook
from plan_rules.tariff.compiling import keep_book
from tests.benchmarks import mix
from tests.benchmarks.rivals.flat import LONGEST_CALL, FlatCatalog

AS_OF = date(2026, 4, 1)
"""The day plans are compared on: the day after the last call, within a cycle of most."""

ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles")
FIRST_ID, ID_STEP = 1_000_000_000, 7
"""Ids of customers are sparse, as an operator's are: no contender may use them as indexes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a world is made of: `calls` of them, `plans` of the mix, one `seed`.

    `joined` customers of the mix are one here, or one there is `split` into several: so calls
    per customer change and nothing else. With `groups`, prices are those of so many zones, which
    leaves fewer destination classes.
    """

    calls: int
    plans: int = mix.PLANS
    seed: int = 2
    joined: int = 1
    split: int = 1
    groups: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The files of a world."""

    folder: Path

    @property
    def calls(self) -> Path:
        """Raw calls: customer_id, start, number, seconds; ordered by start."""
        return self.folder / "calls.parquet"

    @property
    def customers(self) -> Path:
        """Customers: customer_id, home, zone, anchor."""
        return self.folder / "customers.parquet"

    @property
    def answers(self) -> Path:
        """What contenders answer, each in a folder of its own."""
        return self.folder / "answers"

    @property
    def _catalog(self) -> Path:
        return self.folder / "catalog.pickle"

    @property
    def _flat(self) -> Path:
        return self.folder / "flat.pickle"

    def catalog(self) -> Catalog:
        """Return the catalog, with its compiled book in it."""
        catalog, book = pickle.loads(self._catalog.read_bytes())  # noqa: S301  written here
        assert isinstance(catalog, Catalog)
        assert isinstance(book, TariffBook)
        keep_book(catalog, book)
        return catalog

    def flat(self) -> FlatCatalog:
        """Return the catalog as flat tables."""
        flat = pickle.loads(self._flat.read_bytes())  # noqa: S301  written here
        assert isinstance(flat, FlatCatalog)
        return flat

    def call_count(self) -> int:
        """Return the number of calls."""
        return int(pq.read_metadata(self.calls).num_rows)

    def customer_count(self) -> int:
        """Return the number of customers."""
        return int(pq.read_metadata(self.customers).num_rows)


class Builder:
    """Makes worlds below a folder; a catalog that several share is compiled once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[tuple[int, int], tuple[bytes, bytes, int]] = {}

    def build(self, recipe: Recipe) -> tuple[World, int]:
        """Return a new world and its number of destination classes."""
        world = World(folder=self._folder / f"world-{len(list(self._folder.iterdir()))}")
        world.folder.mkdir()
        catalog, flat, classes = self._compiled(recipe)
        (world.folder / "catalog.pickle").write_bytes(catalog)
        (world.folder / "flat.pickle").write_bytes(flat)
        who, calls = mix.calls(recipe.calls, seed=recipe.seed, zones=ZONES)
        who, calls = regrouped(who, calls, joined=recipe.joined, split=recipe.split)
        write_files(world, who, calls)
        return world, classes

    def _compiled(self, recipe: Recipe) -> tuple[bytes, bytes, int]:
        key = (recipe.plans, recipe.groups)
        if key not in self._known:
            catalog = mix.catalog(plans=recipe.plans)
            if recipe.groups:
                catalog = coarser(catalog, groups=recipe.groups)
            book = tariff_book(catalog)
            flat = FlatCatalog.of(book)
            self._known[key] = (
                pickle.dumps((catalog, book)),
                pickle.dumps(flat),
                book.class_count,
            )
        return self._known[key]


def write_files(world: World, who: CustomerColumns, calls: CallColumns) -> None:
    """Write raw calls and customers as Parquet."""
    assert int(calls.seconds.max(initial=0)) <= LONGEST_CALL
    ids = FIRST_ID + ID_STEP * np.arange(len(who), dtype=np.int64)
    start = pa.array(calls.start).cast(pa.timestamp("s", "UTC"))
    pq.write_table(
        pa.table(
            {
                "customer_id": ids[calls.customer],
                "start": start,
                "number": calls.number,
                "seconds": calls.seconds,
            }
        ),
        world.calls,
        row_group_size=1 << 17,
    )
    zones = pa.DictionaryArray.from_arrays(pa.array(who.zone), pa.array(list(who.zones)))
    pq.write_table(
        pa.table(
            {
                "customer_id": ids,
                "home": pa.array(["US"] * len(who)),
                "zone": zones.cast(pa.string()),
                "anchor": pa.array(who.anchor).cast(pa.date32()),
            }
        ),
        world.customers,
    )


def regrouped(
    who: CustomerColumns, calls: CallColumns, *, joined: int, split: int
) -> tuple[CustomerColumns, CallColumns]:
    """Return the same calls as made by fewer or by more customers."""
    owner = calls.customer // joined
    count = -(-len(who) // joined)
    if split > 1:
        owner = owner * split + (np.arange(len(calls)) % split).astype(np.int32)
        count *= split
    kept = np.arange(count) // split * joined
    columns = {name: getattr(who, name)[kept] for name in ("zone", "anchor", "plan", "since")}
    return (
        replace(who, chosen=who.chosen[kept], **columns),
        replace(calls, customer=owner.astype(np.int32)),
    )


def coarser(catalog: Catalog, *, groups: int) -> Catalog:
    """Return a catalog that prices zones instead of countries, so many of them.

    The lines of a zone have the prices of its first country that has them; what an allowance,
    a restriction or a surcharge says of a country it says of the country's zone.
    """
    priced = mix.places()
    names = sorted({name for name, _ in priced})
    zone_of = {name: f"group-{at % groups}" for at, name in enumerate(names)}
    zones = {
        zone: Zone(
            id=zone,
            name=zone,
            members=Dated.always(
                ZoneMembers(
                    members=tuple(parse_selector(name) for name in names if zone_of[name] == zone)
                )
            ),
        )
        for zone in dict.fromkeys(zone_of.values())
    }

    def table(each: RateTable) -> RateTable:
        entries: dict[Selector, RateEntry] = {}
        for entry, (name, line) in zip(each.entries, priced, strict=True):
            selector = parse_selector(f"{zone_of[name]}/{line.value}")
            entries.setdefault(selector, replace(entry, selector=selector))
        return replace(each, entries=tuple(entries.values()))

    def widened(to: tuple[Selector, ...]) -> tuple[Selector, ...]:
        return tuple(map(parse_selector, dict.fromkeys(zone_of[str(each)] for each in to)))

    plans = {
        plan.id: replace(
            plan,
            allowances=tuple(replace(each, to=widened(each.to)) for each in plan.allowances),
            restrictions=tuple(replace(each, to=widened(each.to)) for each in plan.restrictions),
            surcharges=tuple(replace(each, to=widened(each.to)) for each in plan.surcharges),
        )
        for plan in catalog.plans.values()
    }
    tables = {name: table(each) for name, each in catalog.rate_tables.items()}
    return replace(catalog, plans=plans, rate_tables=tables, zones=zones)
