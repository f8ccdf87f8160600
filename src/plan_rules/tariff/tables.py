"""Rate tables compiled once for all plans that use them: their rows, schedules and treatments."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from datetime import date

from plan_rules.catalog.catalog import EitherPolicy
from plan_rules.catalog.rate import Rate, RateEntry, RateTable, RateTerms
from plan_rules.destinations.selector import SelectorKind
from plan_rules.tariff.book import Schedule, SurchargeUse, Treatment
from plan_rules.tariff.makers import Makers
from plan_rules.tariff.matching import specificity
from plan_rules.tariff.survey import Reading, Survey, entry_dates, later

Rates = tuple[Rate | None, ...]
"""The rate of each band, `None` where no price is in force."""

Row = tuple[RateEntry | None, ...]
"""The row that holds for each reading of a number, `None` for none."""

Schedules = tuple[Schedule | None, ...]
"""The schedule of each reading of a number, `None` where no rate is named."""

Terms = tuple[int, int, int, tuple[SurchargeUse, ...]]
"""What a treatment holds beside its schedule: refused by, outside of, volume, surcharges."""

PLAIN: Terms = (-1, -1, -1, ())


class RowIndex:
    """Rows of a list by what they name: which holds for each kind of number, the most specific.

    `of_kind` numbers, for each kind, what holds: `rows[number]` has it for each of `epochs`, at
    which zones that the rows name change.
    """

    def __init__(self, entries: Sequence[RateEntry], survey: Survey) -> None:
        """Find the rows of every kind of number."""
        self.epochs = survey.epochs_of(each.selector for each in entries)
        self.rows: list[tuple[Row, ...]] = []
        self._prefixes: dict[str, RateEntry] = {}
        self._countries: dict[str, list[RateEntry]] = {}
        others: list[RateEntry] = []
        for entry in entries:
            selector = entry.selector
            if selector.kind is SelectorKind.PREFIX:
                self._prefixes.setdefault(selector.prefix, entry)
            elif selector.country:
                self._countries.setdefault(selector.country, []).append(entry)
            else:
                others.append(entry)
        for rows in (*self._countries.values(), others):
            if len(rows) > 1:
                rows.sort(key=lambda entry: specificity(entry.selector))
        self._others = [_spread(others, survey, epoch) for epoch in self.epochs] if others else []
        numbers: dict[Hashable, int] = {}
        self.of_kind = [self._number(each, numbers) for each in survey.kinds.readings]

    def _number(self, readings: tuple[Reading, ...], numbers: dict[Hashable, int]) -> int:
        named = tuple(map(self._named, readings))
        if self._others and None in named:
            found = tuple(
                tuple(
                    row or others[reading.bit]
                    for row, reading in zip(named, readings, strict=True)
                )
                for others in self._others
            )
        else:
            found = (named,) * len(self.epochs)
        key = tuple(tuple(map(id, row)) for row in found)
        number = numbers.setdefault(key, len(self.rows))
        if number == len(self.rows):
            self.rows.append(found)
        return number

    def _named(self, reading: Reading) -> RateEntry | None:
        """Return the row that names a prefix or the country of a number, which no day changes."""
        for prefix in reading.prefixes:
            if prefix in self._prefixes:
                return self._prefixes[prefix]
        for entry in self._countries.get(reading.country, ()):
            if entry.selector.line in reading.names:
                return entry
        return None


def _spread(
    entries: Sequence[RateEntry], survey: Survey, epoch: int
) -> list[RateEntry | None]:
    """Return for each bit the first of some rows that reaches it in an epoch."""
    atlas = survey.atlas(epoch)
    found: list[RateEntry | None] = [None] * len(survey.held(0))
    taken = 0
    for entry in entries:
        mask = atlas.reached([entry.selector])
        for bit, is_held in enumerate(survey.held(mask & ~taken)):
            if is_held == "1":
                found[bit] = entry
        taken |= mask
    return found


class Readings:
    """Which of the two readings of an `either` number counts, by the catalog's policy."""

    def __init__(self, policy: EitherPolicy) -> None:
        """Keep the policy."""
        self._policy = policy
        self._dearness: dict[int, tuple[Rates, tuple[object, ...]]] = {}

    def decided(self, readings: Sequence[Treatment]) -> Treatment:
        """Return the reading that counts, the fixed one where both are as dear."""
        if len(readings) == 1 or self._policy is EitherPolicy.FIXED:
            return readings[0]
        if self._policy is EitherPolicy.MOBILE or readings[0] is readings[1]:
            return readings[1]
        pick = max if self._policy is EitherPolicy.DEARER else min
        return pick(readings, key=self._order)

    def _order(self, treatment: Treatment) -> tuple[object, ...]:
        """Order treatments: uncovered, then blocked, then by dearer price."""
        rates = treatment.schedule.rates if treatment.schedule else ()
        return (
            treatment.schedule is None or treatment.outside_of >= 0,
            treatment.refused_by >= 0,
            None in rates,
            self._dearest(rates),
            sum(each.per_minute + each.per_call for each in treatment.surcharges),
        )

    def _dearest(self, rates: Rates) -> tuple[object, ...]:
        known = self._dearness.get(id(rates))
        if known is None:
            dearness = max((rate.dearness for rate in rates if rate is not None), default=())
            known = self._dearness[id(rates)] = (rates, dearness)
        return known[1]


class TableIndex:
    """One rate table, compiled: what every plan that uses it says where it says no more.

    `index` tells which rows hold, `epochs` when these or their prices change. `makers` begins
    the makers of every plan that uses the table.
    """

    def __init__(self, table: RateTable, survey: Survey, readings: Readings) -> None:
        """Index the rows, and number what they make."""
        self.table = table
        self.index = RowIndex(table.entries, survey)
        self.epochs = survey.epochs_of(
            (each.selector for each in table.entries), entry_dates(table.entries)
        )
        self._days = [survey.epochs[epoch] for epoch in self.epochs]
        self._versions = [later(self.index.epochs, epoch) for epoch in self.epochs]
        self._band_set = survey.bands.get(table.bands, -1)
        bands = survey.catalog.band_sets[table.bands].bands if table.bands else ()
        self._bands = ("", *(band.id for band in bands))
        self._readings = readings
        self._schedules: dict[tuple[int, date], Schedule] = {}
        self._tracks: dict[int, tuple[Treatment, ...]] = {}
        self._rows: dict[int, tuple[Schedules, ...]] = {}
        self._treatments: dict[int, Treatment] = {id(None): Treatment()}
        self.makers = Makers()
        used = {id(entry): entry for rows in self.index.rows for row in rows for entry in row}
        self._makers = {
            key: self.makers.of_row(entry) for key, entry in used.items() if entry is not None
        }

    def schedules(self, number: int) -> tuple[Schedules, ...]:
        """Return the schedules of what `index` numbers, for each of `epochs`."""
        known = self._rows.get(number)
        if known is None:
            rows = self.index.rows[number]
            found: list[Schedules] = []
            last: Row = ()
            for day, version in zip(self._days, self._versions, strict=True):
                row = rows[version]
                if row is not last or any(each is not None and each.is_dated for each in row):
                    found.append(tuple(self._schedule(entry, day) for entry in row))
                else:
                    found.append(found[-1])
                last = row
            known = self._rows[number] = tuple(found)
        return known

    def track(self, number: int) -> tuple[Treatment, ...]:
        """Return how numbers are treated of which a plan says nothing itself, in `epochs`."""
        known = self._tracks.get(number)
        if known is None:
            known = self._tracks[number] = tuple(
                self._readings.decided([self.plain(schedule) for schedule in schedules])
                for schedules in self.schedules(number)
            )
        return known

    def plain(self, schedule: Schedule | None) -> Treatment:
        """Return the treatment by a schedule alone."""
        known = self._treatments.get(id(schedule))
        if known is None:
            known = self._treatments[id(schedule)] = Treatment(schedule)
        return known

    def merged(self, entries: Sequence[RateEntry], maker: int, day: date) -> Schedule:
        """Return the merged terms of rows, strongest first, and the defaults, band by band."""
        is_banded = any(entry.by_band for entry in entries)
        return Schedule(
            band_set=self._band_set if is_banded else -1,
            rates=merged_rates(
                entries, self.table.defaults, self._bands if is_banded else ("",), day
            ),
            maker=maker,
        )

    def _schedule(self, entry: RateEntry | None, day: date) -> Schedule | None:
        if entry is None:
            return None
        key = (id(entry), day if entry.is_dated else date.min)
        known = self._schedules.get(key)
        if known is None:
            known = self._schedules[key] = self.merged([entry], self._makers[id(entry)], day)
        return known


def merged_rates(
    entries: Sequence[RateEntry], defaults: RateTerms, bands: tuple[str, ...], day: date
) -> Rates:
    """Return the complete rate of each band on one day, `None` where no price is in force.

    From strongest to weakest: the override's terms in the band, its common terms, the table
    entry's terms in the band, its common terms, the table's defaults. Override and entry are
    each consulted only on days they are in force.
    """
    common = [entry.terms.at(day) for entry in entries]
    usual = _rate([*common, defaults])
    by_band = [dict(entry.by_band) for entry in entries]
    rates: list[Rate | None] = []
    for band in bands:
        rate = usual
        if any(band in own for own in by_band):
            layers: list[RateTerms | None] = []
            for own, terms in zip(by_band, common, strict=True):
                layers += (own[band].at(day) if band in own else None, terms)
            rate = _rate([*layers, defaults])
        rates.append(rate)
    return tuple(rates)


def _rate(layers: Sequence[RateTerms | None]) -> Rate | None:
    """Return the rate that terms make, strongest first; `None` where no price is in force."""
    said = [each for each in layers if each is not None]
    merged = said[0]
    for each in said[1:]:
        merged = merged.over(each)
    return Rate.of(merged)
