"""What rules may ask about where calls went: lines, and places that minutes are counted to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.columns import day_number
from plan_rules.catalog.catalog import Catalog
from plan_rules.catalog.vocabulary import MINUTES_TO
from plan_rules.destinations.line_type import LineType
from plan_rules.destinations.selector import parse_selector
from plan_rules.rules.rule import RuleSet
from plan_rules.tariff.matching import ZoneMap, targets_of, zone_prefixes, zones_reached
from plan_rules.tariff.targets import Cut, cuts

OTHER, MOBILE, PREMIUM = 0, 1, 2
"""Lines that facts of usage tell apart."""

LINES = {LineType.MOBILE: MOBILE, LineType.PREMIUM: PREMIUM}

Sign = tuple[int, tuple[int, ...]]
"""What facts see of a place: its line, and for each version of the zones a bit a fact."""

NOTHING: Sign = (OTHER, ())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlaceFacts:
    """What facts of usage see of every place of a book.

    `line` is that of each place. `within[v, f, place]` tells whether minutes to the place count
    for the fact `names[f]` while the version `v` of the zones holds; `cuts` are the first days
    of all versions but the first.
    """

    names: tuple[str, ...]
    line: NDArray[np.int8]
    within: NDArray[np.bool_]
    cuts: NDArray[np.int64]

    def version_at(self, days: NDArray[np.int32] | NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the version of the zones in force on each day."""
        return np.searchsorted(self.cuts, days, "right").astype(np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """The signs of all numbers: `signs[i]` holds from the sort key `starts[i]` on."""

    names: tuple[str, ...]
    days: tuple[date, ...]
    starts: tuple[int, ...]
    signs: tuple[Sign, ...]

    @classmethod
    def of(cls, catalog: Catalog, rules: RuleSet) -> Signs:
        """Return what some rules of a catalog may see of numbers."""
        read = sorted(rules.facts_read)
        names = tuple(name for name in read if name.startswith(MINUTES_TO))
        selectors = [parse_selector(name.removeprefix(MINUTES_TO)) for name in names]
        zones = zones_reached(catalog, selectors)
        days = sorted({date.min}.union(*(catalog.zones[each].members.dates for each in zones)))
        maps = [ZoneMap(catalog, day) for day in days]
        prefixes = frozenset[str]().union(*map(zone_prefixes, catalog.zones.values()))
        known: dict[object, Sign] = {}

        def sign(cut: Cut) -> Sign:
            key = (cut.destination, cut.prefixes)
            if key not in known:
                targets = targets_of(cut.destination, cut.prefixes)
                bits = tuple(
                    sum(
                        1 << at
                        for at, selector in enumerate(selectors)
                        if all(each.matches(selector, target) for target in targets)
                    )
                    for each in maps
                )
                line = OTHER
                if cut.destination is not None:
                    line = LINES.get(cut.destination.line, OTHER)
                known[key] = (line, bits)
            return known[key]

        found = cuts(catalog.numbering_plan(), prefixes if names else ())
        return cls(
            names=names,
            days=tuple(days),
            starts=tuple(cut.start for cut in found),
            signs=tuple(map(sign, found)),
        )

    def facts(self, places: Sequence[Sign]) -> PlaceFacts:
        """Return the facts of places that have these signs."""
        within = np.zeros((len(self.days), len(self.names), len(places)), np.bool_)
        for place, (_, bits) in enumerate(places):
            for version, word in enumerate(bits):
                for fact in range(len(self.names)):
                    within[version, fact, place] = word >> fact & 1
        return PlaceFacts(
            names=self.names,
            line=np.array([line for line, _ in places], np.int8),
            within=within,
            cuts=np.array([day_number(day) for day in self.days[1:]], np.int64),
        )
