"""What is known of a catalog before its plans are compiled: times, and kinds of numbers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from plan_rules.catalog.catalog import Catalog
from plan_rules.catalog.rate import RateEntry
from plan_rules.destinations.plan import Destination, NumberingPlan
from plan_rules.destinations.selector import Selector
from plan_rules.tariff.atlas import Atlas, World
from plan_rules.tariff.matching import prefixes_in, targets_of, zone_prefixes, zones_reached
from plan_rules.tariff.targets import cuts

Epochs = tuple[int, ...]
"""Indexes of epochs at which something changes, ascending, the first always 0."""


class Kinds:
    """Numbers by kind: those of one kind differ in nothing that a catalog can name.

    Numbers from `starts[i]` (a sort key) on are of kind `at[i]`. Kind k leads to
    `destinations[k]`; it is read as `firsts[k]` or as `lasts[k]`, which are one reading unless
    its line type is unknown. `named` lists, for each selector of a prefix or a country as it is
    written, the readings it holds for, and how many more specific ones could. `bits` tell what
    the world of zones and plans knows of each reading.
    """

    def __init__(self, numbering: NumberingPlan, prefixes: Iterable[str], world: World) -> None:
        """Cut the numbers by every prefix that is named; kinds are in the order of numbers."""
        self.starts: list[int] = []
        self.at: list[int] = []
        self.destinations: list[Destination | None] = []
        self.firsts: list[int] = []
        self.lasts: list[int] = []
        self.bits: list[int] = []
        self.named: dict[str, list[tuple[int, int]]] = {}
        known: dict[tuple[int, tuple[str, ...]], int] = {}
        for start, destination, covering in cuts(numbering, prefixes):
            key = (id(destination), covering)
            kind = known.get(key)
            if kind is None:
                kind = known[key] = len(self.firsts)
                self._add(destination, covering, world)
            self.starts.append(start)
            self.at.append(kind)

    def _add(
        self, destination: Destination | None, prefixes: tuple[str, ...], world: World
    ) -> None:
        """Add a kind; where it leads nowhere known its bit is the one after the last."""
        kept = tuple(prefix for prefix in prefixes if prefix in world.prefixes)
        self.destinations.append(destination)
        self.firsts.append(len(self.bits))
        self.bits += world.bits.get((destination, kept), (len(world.targets),))
        self.lasts.append(len(self.bits) - 1)
        for reading, target in enumerate(targets_of(destination, prefixes), self.firsts[-1]):
            names = [f"+{prefix}" for prefix in prefixes]
            names += (f"{target.country}/{line}" for line in target.lines)
            names += (target.country,) if target.is_ordinary else ()
            for place, name in enumerate(names):
                self.named.setdefault(name, []).append((reading, place))


class Survey:
    """The epochs of a catalog, its kinds of numbers, and what selectors reach in each epoch.

    `firsts` and `lasts` are the bits of each kind's readings, `countries` the kinds' countries.
    """

    def __init__(self, catalog: Catalog) -> None:
        """Cut time by what is dated, and numbers by what is named."""
        self.catalog = catalog
        self.epochs = _epochs(catalog)
        numbering = catalog.numbering_plan()
        self._world = World(numbering, _own_prefixes(catalog))
        self.kinds = Kinds(numbering, prefixes_in(catalog.selectors()), self._world)
        self.firsts = [self.kinds.bits[reading] for reading in self.kinds.firsts]
        self.lasts = [self.kinds.bits[reading] for reading in self.kinds.lasts]
        self.countries = [each.country if each else "" for each in self.kinds.destinations]
        self.bands: Mapping[str, int] = {each: i for i, each in enumerate(catalog.band_sets)}
        self._days = sorted(
            {date.min}.union(*(each.members.dates for each in catalog.zones.values()))
        )
        self._atlases = [Atlas(self._world, catalog.zones, day) for day in self._days]

    def epochs_of(self, selectors: Iterable[Selector], dates: Iterable[date] = ()) -> Epochs:
        """Return the epochs at which what selectors reach changes, or on given dates."""
        zones = zones_reached(self.catalog, selectors)
        days = {date.min}.union(dates, *(self.catalog.zones[each].members.dates for each in zones))
        return tuple(index for index, day in enumerate(self.epochs) if day in days)

    def atlas(self, epoch: int) -> Atlas:
        """Return what selectors reach in an epoch."""
        return self._atlases[bisect_right(self._days, self.epochs[epoch]) - 1]

    def held(self, mask: int) -> str:
        """Return a mask as text: for each bit `1` or `0`; the last is of what leads nowhere."""
        return format(mask, f"0{len(self._world.targets) + 1}b")[::-1]


def later(epochs: Sequence[int], epoch: int) -> int:
    """Return the index of the last of some epochs that is not after one of them."""
    return bisect_right(epochs, epoch) - 1


def entry_dates(entries: Iterable[RateEntry]) -> set[date]:
    """Return every date on which something in rows changes."""
    found: set[date] = set()
    for entry in entries:
        if entry.terms.is_dated:
            found.update(entry.terms.dates)
        for _, dated in entry.by_band:
            if dated.is_dated:
                found.update(dated.dates)
    return found


def _own_prefixes(catalog: Catalog) -> frozenset[str]:
    """Return the prefixes by which zones and plans, not their rate tables, tell numbers apart."""
    named = (each for plan in catalog.plans.values() for each, _ in plan.selectors())
    return frozenset(prefixes_in(named)).union(*map(zone_prefixes, catalog.zones.values()))


def _epochs(catalog: Catalog) -> tuple[date, ...]:
    """Return the first days of all times between which no value of the catalog changes."""
    days = {date.min}
    for zone in catalog.zones.values():
        days.update(zone.members.dates)
    for table in catalog.rate_tables.values():
        days |= entry_dates(table.entries)
    for plan in catalog.plans.values():
        days.update(plan.fee.dates, plan.billing.minimum_spend.dates)
        days |= entry_dates(plan.overrides)
    return tuple(sorted(days))
