"""What a list of selectors can tell apart, so that numbers it treats alike are asked about once."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from datetime import date

from plan_rules.catalog.catalog import Catalog
from plan_rules.destinations.selector import Selector
from plan_rules.tariff.atlas import Atlas, World
from plan_rules.tariff.matching import Target, prefixes_in, zone_prefixes, zones_reached


class ZoneSigns:
    """For each target an integer whose bits tell which zones hold it, on every day that counts.

    Each zone has one bit for each day: whether it holds the target once its line is named.
    For ordinary lines, the only ones reached without naming them, that says all.
    """

    def __init__(self, catalog: Catalog, days: Iterable[date]) -> None:
        """Lay out the zones on each day on which one of them changes."""
        self._zones = tuple(catalog.zones)
        self._prefixes = frozenset[str]().union(*map(zone_prefixes, catalog.zones.values()))
        world = World(catalog.numbering_plan(), self._prefixes)
        atlases = [Atlas(world, catalog.zones, day) for day in days]
        self._width = len(atlases)
        held = [atlas.held(zone) for zone in reversed(self._zones) for atlas in atlases]
        count = len(world.targets)
        columns = zip(*(reversed(format(mask, f"0{count}b")) for mask in held), strict=True)
        self._signs = {
            target: int("".join(column), 2)
            for target, column in zip(world.targets, columns, strict=bool(held))
        }

    def mask(self, zones: frozenset[str]) -> int:
        """Return the bits that tell of some zones only."""
        bits = (1 << self._width) - 1
        return sum(bits << self._width * i for i, zone in enumerate(self._zones) if zone in zones)

    def of(self, target: Target) -> int:
        """Return the bits of a target; none where no zone can hold it."""
        kept = tuple(each for each in target.prefixes if each in self._prefixes)
        return self._signs.get(Target(target.country, target.lines, kept), 0)


class Scope:
    """The countries, zones and prefixes that a list of selectors names.

    Two targets with one key match exactly the same of its selectors, on every day.
    """

    def __init__(self, catalog: Catalog, selectors: Iterable[Selector], signs: ZoneSigns) -> None:
        """Gather what is named, directly and through zones."""
        named = tuple(selectors)
        zones = zones_reached(catalog, named)
        self.prefixes = frozenset(prefixes_in(named)).union(
            *(zone_prefixes(catalog.zones[zone]) for zone in zones)
        )
        self.zones = zones
        self._countries = frozenset(each.country for each in named if each.country)
        self._signs = signs
        self._mask = signs.mask(zones)
        self._known: dict[tuple[str, object, tuple[str, ...]], Hashable] = {}

    def key(self, target: Target) -> Hashable:
        """Return what the selectors can know of a target."""
        kept = target.prefixes and tuple(p for p in target.prefixes if p in self.prefixes)
        short = (target.country, target.lines, kept)
        known = self._known.get(short)
        if known is None:
            country = target.country if target.country in self._countries else ""
            signs = self._signs.of(target) & self._mask
            known = self._known[short] = (country, signs, target.lines, kept)
        return known
