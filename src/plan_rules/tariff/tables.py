"""Rate tables compiled once for all plans that use them: their rows, schedules and treatments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from plan_rules.catalog.catalog import EitherPolicy
from plan_rules.catalog.rate import LENGTHS_COMPARED, Rate, RateEntry, RateTable, RateTerms
from plan_rules.tariff.book import Schedule, SurchargeUse, Treatment
from plan_rules.tariff.makers import Makers
from plan_rules.tariff.matching import INDEXED, specificity
from plan_rules.tariff.survey import Epochs, Survey, later

Rates = tuple[Rate | None, ...]
"""The rate of each band, `None` where no price is in force."""

Row = tuple[RateEntry | None, RateEntry | None]
"""The row that holds for the first and for the last reading of a number, `None` for none."""

Pair = tuple[Treatment, Treatment]
"""How each reading of a number is treated."""

Track = tuple[Treatment, ...]
"""How a number is treated in each of some epochs."""

Terms = tuple[int, int, int, tuple[SurchargeUse, ...]]
"""What a treatment holds beside its schedule: refused by, outside of, volume, surcharges."""

PLAIN: Terms = (-1, -1, -1, ())
NEVER = 1 << 30
HELD = "1"


class RowIndex:
    """Rows of a list by what they name: which holds for each kind of number, the most specific.

    `of_kind` numbers, for each kind, what holds, which `count` numbers tell apart; zones that
    the rows name change at `epochs`. `dated` has the dates on which a row itself changes, by
    its identity.
    """

    def __init__(self, entries: Sequence[RateEntry], survey: Survey) -> None:
        """Find the rows of every kind of number."""
        kinds = survey.kinds
        self.epochs = survey.epochs_of(each.selector for each in entries)
        self.dated = {id(each): each.dates for each in entries if each.is_dated}
        named, others = _named(entries, survey)
        self._columns: list[list[RateEntry | None]] = []
        for epoch in self.epochs:
            found = _filled(named, others, survey, epoch) if others else named
            for readings in (kinds.firsts, kinds.lasts):
                self._columns.append(list(map(found.__getitem__, readings)))
        numbers: dict[tuple[int, ...], int] = {}
        keys = zip(*[map(id, column) for column in self._columns], strict=True)
        self.of_kind = [numbers.setdefault(key, len(numbers)) for key in keys]
        self.count = len(numbers)
        # Written backwards, the first kind of each number stays.
        kinds_of = dict(zip(reversed(self.of_kind), range(len(self.of_kind))[::-1], strict=True))
        self._kinds = [kinds_of[number] for number in range(self.count)]

    def row(self, number: int, version: int) -> Row:
        """Return the rows that hold from one of `epochs` on, by its index."""
        kind = self._kinds[number]
        return self._columns[2 * version][kind], self._columns[2 * version + 1][kind]

    def used(self) -> Iterator[RateEntry]:
        """Yield the rows that hold for any number."""
        used = {id(entry): entry for column in self._columns for entry in column}
        return (entry for entry in used.values() if entry is not None)


def _named(
    entries: Sequence[RateEntry], survey: Survey
) -> tuple[list[RateEntry | None], list[RateEntry]]:
    """Return for each reading the row that names its prefix or country, and all other rows.

    No day changes the former. Of two rows of one name the first holds.
    """
    kinds = survey.kinds
    found: list[RateEntry | None] = [None] * len(kinds.bits)
    places = [NEVER] * len(kinds.bits)
    others: list[RateEntry] = []
    for entry in entries:
        if entry.selector.kind not in INDEXED:
            others.append(entry)
            continue
        for reading, place in kinds.named.get(str(entry.selector), ()):
            if place < places[reading]:
                places[reading], found[reading] = place, entry
    return found, sorted(others, key=lambda entry: specificity(entry.selector))


def _filled(
    named: Sequence[RateEntry | None], others: Sequence[RateEntry], survey: Survey, epoch: int
) -> list[RateEntry | None]:
    """Return the row of each reading in an epoch, other rows where none names it."""
    atlas = survey.atlas(epoch)
    spread: list[RateEntry | None] = [None] * len(survey.held(0))
    taken = 0
    for entry in others:
        mask = atlas.reached([entry.selector])
        for bit, is_held in enumerate(survey.held(mask & ~taken)):
            if is_held == HELD:
                spread[bit] = entry
        taken |= mask
    return [
        spread[bit] if entry is None else entry
        for entry, bit in zip(named, survey.kinds.bits, strict=True)
    ]


class Policy:
    """Which of the two readings of an `either` number counts, by the catalog's policy."""

    def __init__(self, policy: EitherPolicy) -> None:
        """Keep the policy."""
        self._policy = policy
        self._standings: dict[int, tuple[Schedule, bool, int]] = {}

    def decided(self, pair: Pair) -> Treatment:
        """Return the reading that counts, the fixed one where both are as dear."""
        if pair[0] is pair[1] or self._policy is EitherPolicy.FIXED:
            return pair[0]
        if self._policy is EitherPolicy.MOBILE:
            return pair[1]
        pick = max if self._policy is EitherPolicy.DEARER else min
        first, last = map(self._standing, pair)
        if first != last:
            return pair[pick((first, 0), (last, 1))[1]]
        return pick(pair, key=_dearness)

    def _standing(self, treatment: Treatment) -> tuple[bool, bool, bool, int]:
        """Order treatments: uncovered, then blocked, then unpriced, then by dearer first minute."""
        schedule = treatment.schedule
        refused = treatment.refused_by >= 0
        if schedule is None:
            return True, refused, False, 0
        known = self._standings.get(id(schedule))
        if known is None:
            costs = [rate.sixtieths(LENGTHS_COMPARED[0]) for rate in _rates(schedule)]
            has_gap = any(rate is None for rate in schedule.rates)
            known = self._standings[id(schedule)] = schedule, has_gap, max(costs, default=-1)
        return treatment.outside_of >= 0, refused, known[1], known[2]


def _dearness(treatment: Treatment) -> tuple[object, ...]:
    """Order treatments of one standing by the dearest of their rates, then by surcharges."""
    rates = _rates(treatment.schedule) if treatment.schedule else ()
    return (
        max([rate.dearness for rate in rates], default=()),
        sum(each.per_minute + each.per_call for each in treatment.surcharges),
    )


def _rates(schedule: Schedule) -> Iterable[Rate]:
    """Return the different rates of a schedule."""
    return {id(rate): rate for rate in schedule.rates if rate is not None}.values()


class TableIndex:
    """One rate table, compiled: what every plan that uses it says where it says no more.

    `index` tells which rows hold, `epochs` when these or their prices change. `makers` begins
    the makers of every plan that uses the table.
    """

    def __init__(self, table: RateTable, survey: Survey, policy: Policy) -> None:
        """Index the rows, number what they make, and merge their terms."""
        self.index = RowIndex(table.entries, survey)
        self.epochs = survey.epochs_of(
            (each.selector for each in table.entries), set().union(*self.index.dated.values())
        )
        self.makers = Makers()
        self._policy = policy
        self._defaults = table.defaults
        self._band_set = survey.bands.get(table.bands, -1)
        bands = survey.catalog.band_sets[table.bands].bands if table.bands else ()
        self._bands = ("", *(band.id for band in bands))
        self._days = [survey.epochs[epoch] for epoch in self.epochs]
        self._versions = [later(self.index.epochs, epoch) for epoch in self.epochs]
        self._alike: dict[tuple[int, ...], Track] = {}
        self._tracks: dict[Epochs, list[Track]] = {}
        self._priced: dict[int, Track] = {id(None): (Treatment(),) * len(self._days)}
        for entry in self.index.used():
            self._priced[id(entry)] = self._prices(entry)

    def pair(self, number: int, position: int) -> Pair:
        """Return the treatments of what `index` numbers by price alone, at one of `epochs`."""
        first, last = self.index.row(number, self._versions[position])
        return self._priced[id(first)][position], self._priced[id(last)][position]

    def tracks(self, epochs: Epochs) -> list[Track]:
        """Return how a plan that says nothing itself treats what `index` numbers, in epochs."""
        known = self._tracks.get(epochs)
        if known is None:
            positions = [later(self.epochs, epoch) for epoch in epochs]
            known = self._tracks[epochs] = [
                self.alike([self._policy.decided(self.pair(number, each)) for each in positions])
                for number in range(self.index.count)
            ]
        return known

    def alike(self, treatments: Sequence[Treatment]) -> Track:
        """Return treatments as a track, which is the same value for the same treatments."""
        key = tuple(map(id, treatments))
        known = self._alike.get(key)
        if known is None:
            known = self._alike[key] = tuple(treatments)
        return known

    def merged(self, entries: Sequence[RateEntry], maker: int, day: date) -> Schedule:
        """Return the merged terms of rows, strongest first, and the defaults, band by band."""
        is_banded = any(entry.by_band for entry in entries)
        bands = self._bands if is_banded else ("",)
        rates = merged_rates(entries, self._defaults, bands, day)
        return Schedule(self._band_set if is_banded else -1, rates, maker)

    def _prices(self, entry: RateEntry) -> Track:
        """Return the treatment by the price of one row alone, in each of `epochs`."""
        maker = self.makers.of_row(entry)
        if id(entry) not in self.index.dated:
            return (Treatment(self.merged([entry], maker, date.min)),) * len(self._days)
        return tuple([Treatment(self.merged([entry], maker, day)) for day in self._days])


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
    if len(bands) == 1:
        return (usual,)
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
    return Rate.of(*[each for each in layers if each is not None])
