"""Rate tables indexed, and their rows found and merged, once for all plans that use them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import date

from plan_rules.catalog.catalog import Catalog
from plan_rules.catalog.dated import Dated
from plan_rules.catalog.rate import Rate, RateEntry, RateTable, RateTerms
from plan_rules.tariff.matching import SelectorMap, Target, ZoneMap
from plan_rules.tariff.scopes import Scope, ZoneSigns

Rates = tuple[Rate | None, ...]
"""The rate of each band, `None` where no price is in force."""

NO_TERMS = Dated.always(RateTerms())


def entry_map(entries: Sequence[RateEntry]) -> SelectorMap[RateEntry]:
    """Return an index of rate entries by selector."""
    return SelectorMap((entry.selector, entry) for entry in entries)


class TableIndex:
    """One rate table: which of its rows holds for a target, on each day that zones change."""

    def __init__(
        self, catalog: Catalog, table: RateTable, maps: Sequence[ZoneMap], signs: ZoneSigns
    ) -> None:
        """Index the table's rows."""
        self.table = table
        self._scope = Scope(catalog, (entry.selector for entry in table.entries), signs)
        self.zones = self._scope.zones
        self.dates = frozenset[date]().union(*(entry.dates for entry in table.entries))
        self._maps = tuple(dict.fromkeys(maps))
        self._entries = entry_map(table.entries)
        self._rows: dict[Hashable, dict[ZoneMap, RateEntry | None]] = {}
        self._keys: dict[Hashable, int] = {}
        self._numbers: dict[tuple[int, ...], int] = {}
        self._rates: dict[tuple[tuple[int, ...], tuple[str, ...], date], Rates] = {}
        self._owned = frozenset(id(entry) for entry in table.entries)

    def __contains__(self, entry: RateEntry) -> bool:
        """Whether a row is one of this table's, and not a plan's override."""
        return id(entry) in self._owned

    def rows_key(self, target: Target) -> int:
        """Return a number that is equal for targets for which the same rows hold."""
        key = self._scope.key(target)
        known = self._keys.get(key)
        if known is None:
            rows = {}
            for zones in self._maps:
                row = self._entries.find(target, zones)
                rows[zones] = None if row is None else row[1]
            self._rows[key] = rows
            held = tuple(id(row) for row in rows.values())
            known = self._keys[key] = self._numbers.setdefault(held, len(self._numbers))
        return known

    def find(self, target: Target, zones: ZoneMap) -> RateEntry | None:
        """Return the row that holds for a target whose key was asked for before."""
        return self._rows[self._scope.key(target)][zones]

    def rates(self, entry: RateEntry, bands: tuple[str, ...], day: date) -> Rates:
        """Return the rate of each band of one row on one day."""
        terms = (id(entry.terms), *(id(dated) for _, dated in entry.by_band))
        key = (terms, bands, day if entry.is_dated else date.min)
        found = self._rates.get(key)
        if found is None:
            found = merged_rates([entry], self.table.defaults, bands, day)
            self._rates[key] = found
        return found


def merged_rates(
    entries: Sequence[RateEntry], defaults: RateTerms, bands: tuple[str, ...], day: date
) -> Rates:
    """Return the complete rate of each band on one day, `None` where no price is in force.

    From strongest to weakest: the override's terms in the band, its common terms, the table
    entry's terms in the band, its common terms, the table's defaults. Override and entry are
    each consulted only on days they are in force.
    """
    return tuple(_rate(entries, defaults, band, day) for band in bands)


def _rate(entries: Sequence[RateEntry], defaults: RateTerms, band: str, day: date) -> Rate | None:
    merged = RateTerms()
    for entry in entries:
        merged = merged.over(dict(entry.by_band).get(band, NO_TERMS).at(day) or RateTerms())
        merged = merged.over(entry.terms.at(day) or RateTerms())
    return Rate.of(merged.over(defaults))
