"""Rate tables compiled once for all plans that use them: their rows, schedules and treatments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from plan_rules.catalog.catalog import EitherPolicy
from plan_rules.catalog.rate import Rate, RateEntry, RateTable, RateTerms
from plan_rules.tariff.book import Schedule, SurchargeUse, Treatment
from plan_rules.tariff.makers import Makers
from plan_rules.tariff.matching import INDEXED, specificity
from plan_rules.tariff.survey import Epochs, Reading, Survey, entry_dates, later

Rates = tuple[Rate | None, ...]
"""The rate of each band, `None` where no price is in force."""

Row = tuple[RateEntry | None, ...]
"""The row that holds for each reading of a number, `None` for none."""

Track = tuple[Treatment, ...]
"""How a number is treated in each of some epochs."""

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
        self._named: dict[str, RateEntry] = {}
        others: list[RateEntry] = []
        for entry in entries:
            if entry.selector.kind in INDEXED:
                self._named.setdefault(str(entry.selector), entry)
            else:
                others.append(entry)
        others.sort(key=lambda entry: specificity(entry.selector))
        self._others = [_spread(others, survey, epoch) for epoch in self.epochs] if others else []
        numbers: dict[tuple[int, ...], int] = {}
        self.of_kind = [self._number(each, numbers) for each in survey.kinds.readings]

    def _number(self, readings: tuple[Reading, ...], numbers: dict[tuple[int, ...], int]) -> int:
        named = tuple([self._find(reading.names) for reading in readings])
        found = (named,) * len(self.epochs)
        key = tuple(map(id, named))
        if self._others and id(None) in key:
            found = tuple(
                tuple(
                    [
                        row or others[reading.bit]
                        for row, reading in zip(named, readings, strict=True)
                    ]
                )
                for others in self._others
            )
            key = tuple([id(each) for row in found for each in row])
        number = numbers.setdefault(key, len(self.rows))
        if number == len(self.rows):
            self.rows.append(found)
        return number

    def _find(self, names: tuple[str, ...]) -> RateEntry | None:
        """Return the row that names a prefix or the country of a number, which no day changes."""
        for name in names:
            if name in self._named:
                return self._named[name]
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
        """Index the rows, number what they make, and merge their terms."""
        self.index = RowIndex(table.entries, survey)
        self.epochs = survey.epochs_of(
            (each.selector for each in table.entries), entry_dates(table.entries)
        )
        self._defaults = table.defaults
        self._band_set = survey.bands.get(table.bands, -1)
        bands = survey.catalog.band_sets[table.bands].bands if table.bands else ()
        self._bands = ("", *(band.id for band in bands))
        self._readings = readings
        self._treatments: dict[int, Treatment] = {id(None): Treatment()}
        self._alike: dict[tuple[int, ...], Track] = {}
        self._tracks: dict[Epochs, list[Track]] = {}
        self.makers = Makers()
        self._days = [survey.epochs[epoch] for epoch in self.epochs]
        self._priced: dict[int, tuple[Schedule | None, ...]] = {id(None): (None,) * len(self._days)}
        for entry in _used(self.index.rows):
            self._priced[id(entry)] = self._prices(entry)
        versions = [later(self.index.epochs, epoch) for epoch in self.epochs]
        self.schedules = [self._scheduled(rows, versions) for rows in self.index.rows]
        self._decided = [
            [readings.decided(list(map(self.plain, each))) for each in schedules]
            for schedules in self.schedules
        ]

    def tracks(self, epochs: Epochs) -> list[Track]:
        """Return how a plan that says nothing itself treats what `index` numbers, in epochs."""
        known = self._tracks.get(epochs)
        if known is None:
            positions = [later(self.epochs, epoch) for epoch in epochs]
            known = self._tracks[epochs] = [
                self.alike([decided[position] for position in positions])
                for decided in self._decided
            ]
        return known

    def alike(self, treatments: Sequence[Treatment]) -> Track:
        """Return treatments as a track, which is the same value for the same treatments."""
        track = tuple(treatments)
        return self._alike.setdefault(tuple(map(id, track)), track)

    def plain(self, schedule: Schedule | None) -> Treatment:
        """Return the treatment by a schedule alone."""
        known = self._treatments.get(id(schedule))
        if known is None:
            known = self._treatments[id(schedule)] = Treatment(schedule)
        return known

    def merged(self, entries: Sequence[RateEntry], maker: int, day: date) -> Schedule:
        """Return the merged terms of rows, strongest first, and the defaults, band by band."""
        is_banded = any([entry.by_band for entry in entries])
        bands = self._bands if is_banded else ("",)
        rates = merged_rates(entries, self._defaults, bands, day)
        return Schedule(self._band_set if is_banded else -1, rates, maker)

    def _prices(self, entry: RateEntry) -> tuple[Schedule, ...]:
        """Return the schedule of one row in each of `epochs`."""
        maker = self.makers.of_row(entry)
        if not entry.is_dated:
            return (self.merged([entry], maker, date.min),) * len(self._days)
        return tuple(self.merged([entry], maker, day) for day in self._days)

    def _scheduled(self, rows: tuple[Row, ...], versions: Sequence[int]) -> list[Schedules]:
        """Return the schedules of what holds for a number, in each of `epochs`."""
        priced = [[self._priced[id(entry)] for entry in row] for row in rows]
        return [
            tuple([prices[position] for prices in priced[version]])
            for position, version in enumerate(versions)
        ]


def _used(found: Iterable[tuple[Row, ...]]) -> Iterable[RateEntry]:
    """Return the rows that hold for any number, in the order of numbers."""
    used = {id(entry): entry for rows in found for row in rows for entry in row}
    return (entry for entry in used.values() if entry is not None)


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
        if any([band in own for own in by_band]):
            layers: list[RateTerms | None] = []
            for own, terms in zip(by_band, common, strict=True):
                layers += (own[band].at(day) if band in own else None, terms)
            rate = _rate([*layers, defaults])
        rates.append(rate)
    return tuple(rates)


def _rate(layers: Sequence[RateTerms | None]) -> Rate | None:
    """Return the rate that terms make, strongest first; `None` where no price is in force."""
    return Rate.of(*[each for each in layers if each is not None])
