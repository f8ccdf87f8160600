"""One plan, compiled: for each target a treatment per epoch and a chain of allowances."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date

from plan_rules.catalog.allowance import (
    Allowance,
    AllowanceUnit,
    InsidePrice,
    Limit,
    LimitMetric,
    Remnant,
    Reset,
    Share,
    WhenUsedUp,
)
from plan_rules.catalog.catalog import Catalog, EitherPolicy
from plan_rules.catalog.dated import Dated
from plan_rules.catalog.plan import Plan, RestrictionKind, Volume
from plan_rules.catalog.rate import Rate, RateEntry, RateTable, RateTerms
from plan_rules.destinations.plan import Destination
from plan_rules.destinations.selector import Selector, SelectorKind
from plan_rules.errors import Span
from plan_rules.tariff.book import (
    AllowanceUse,
    CycleTerms,
    LimitUse,
    Maker,
    MakerKind,
    PlanTariff,
    Schedule,
    SurchargeUse,
    Treatment,
)
from plan_rules.tariff.matching import (
    SelectorMap,
    Target,
    ZoneMap,
    prefixes_in,
    specificity,
    targets_of,
    zone_prefixes,
    zones_reached,
)
from plan_rules.tariff.meters import UNLIMITED, MeterKind, MeterSpec
from plan_rules.tariff.targets import Cut

DERIVED = (MakerKind.CONNECTION_FEE, MakerKind.MINIMUM, MakerKind.CAP)
"""The makers that follow a schedule's own, in this order."""

NO_DEFAULTS = RateTerms()
NO_TERMS = Dated.always(NO_DEFAULTS)
Track = tuple[tuple[int, ...], tuple[int, ...]]
"""What a plan says of a target: a treatment per epoch of prices, a chain per epoch of zones."""

METER_OF_UNIT = {
    AllowanceUnit.SECONDS: MeterKind.SECONDS,
    AllowanceUnit.CALLS: MeterKind.CALLS,
    AllowanceUnit.MICROS: MeterKind.MICROS,
}
METER_OF_METRIC = {
    LimitMetric.SECONDS: MeterKind.SECONDS,
    LimitMetric.CALLS: MeterKind.CALLS,
    LimitMetric.NUMBERS: MeterKind.NUMBERS,
}


Rates = tuple[Rate | None, ...]


class TableMaps:
    """Rate tables indexed, and their terms merged, once for all plans that use them."""

    def __init__(self) -> None:
        """Begin with no table."""
        self._maps: dict[str, SelectorMap[RateEntry]] = {}
        self._rates: dict[tuple[object, ...], Rates] = {}
        self._found: dict[tuple[str, int, Target], RateEntry | None] = {}

    def find(
        self, table: RateTable, target: Target, epoch: int, zones: ZoneMap
    ) -> RateEntry | None:
        """Return the row of a table that holds for a target, asked once for all plans."""
        key = (table.id, epoch, target)
        if key not in self._found:
            row = self.of(table).find(target, zones)
            self._found[key] = None if row is None else row[1]
        return self._found[key]

    def rates(
        self, entries: list[RateEntry], defaults: RateTerms, bands: tuple[str, ...], day: date
    ) -> Rates:
        """Return the merged rate of each band on one day; entries are told apart by identity."""
        key = (*(id(entry) for entry in entries), id(defaults), bands, day)
        found = self._rates.get(key)
        if found is None:
            found = tuple(_rate(entries, defaults, band, day) for band in bands)
            self._rates[key] = found
        return found

    def of(self, table: RateTable) -> SelectorMap[RateEntry]:
        """Return the index of a table's entries."""
        if table.id not in self._maps:
            self._maps[table.id] = entry_map(table.entries)
        return self._maps[table.id]


def entry_map(entries: Sequence[RateEntry]) -> SelectorMap[RateEntry]:
    """Return an index of rate entries by selector."""
    return SelectorMap((entry.selector, entry) for entry in entries)


class PlanCompiler:
    """Compiles one plan. `track_of` numbers what it says of a cut; `finish` lays out the rows."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        plan: Plan,
        epochs: tuple[date, ...],
        zones: list[ZoneMap],
        tables: TableMaps,
    ) -> None:
        """Index the plan's own selectors; only epochs in which it can change are compiled."""
        self.plan = plan
        self._catalog = catalog
        self._epochs = epochs
        self._zones = zones
        self._table = catalog.rate_tables.get(plan.rates)
        self._overrides = entry_map(plan.overrides)
        self._makers: list[Maker] = []
        self._maker_index: dict[Maker, int] = {}
        self._meters: list[MeterSpec] = []
        self._limits: list[int] = []
        self._meter_index: dict[tuple[MeterSpec, str], int] = {}
        self._tracks: dict[Track, int] = {}
        self._known: dict[tuple[Destination | None, tuple[str, ...]], int] = {}
        self._treatments: dict[tuple[object, ...], int] = {}
        self._treated: list[Treatment] = []
        self._chains: dict[tuple[AllowanceUse, ...], int] = {}
        self._uses: dict[tuple[int, int, int, int], AllowanceUse] = {}
        self._schedules: dict[tuple[int, ...], Schedule] = {}
        self._bands = {band_set: i for i, band_set in enumerate(catalog.band_sets)}
        self._tables = tables
        named = [each for each, _ in plan.selectors()]
        named += [entry.selector for entry in (self._table.entries if self._table else ())]
        self._zone_ids = zones_reached(catalog, named)
        self._prefixes = frozenset(prefixes_in(named)).union(
            *(zone_prefixes(catalog.zones[zone]) for zone in self._zone_ids)
        )
        self._zone_epochs, self._row_epochs = self._distinct_epochs()
        self._volumes = tuple((volume, self._volume_meter(volume)) for volume in plan.volumes)

    def track_of(self, cut: Cut) -> int:
        """Return the number of what the plan says of a cut: equal for cuts treated alike.

        Prefixes that the plan and what it names do not know make no difference to it.
        """
        prefixes = tuple(each for each in cut.prefixes if each in self._prefixes)
        key = (cut.destination, prefixes)
        known = self._known.get(key)
        if known is None:
            targets = targets_of(cut.destination, prefixes)
            track = (
                tuple(self._treatment(targets, index) for index in self._row_epochs),
                tuple(self._chain_index(targets, index) for index in self._zone_epochs),
            )
            known = self._known[key] = self._tracks.setdefault(track, len(self._tracks))
        return known

    def finish(self, column: tuple[int, ...]) -> PlanTariff:
        """Return the compiled plan, `column` giving the track of each class."""
        tracks = list(self._tracks)
        fee = self._maker(MakerKind.FEE, self.plan.id, self.plan.fee_span)
        intro = self.plan.intro
        intro_maker = self._maker(
            MakerKind.INTRO_FEE, self.plan.id, intro.span if intro else self.plan.span
        )
        minimum = self._maker(MakerKind.MINIMUM_SPEND, self.plan.id, self.plan.span)
        rows = [
            tuple(self._treated[tracks[track][0][position]] for track in column)
            for position in range(len(self._row_epochs))
        ]
        known_chains = list(self._chains)
        chains = [
            tuple(known_chains[tracks[track][1][position]] for track in column)
            for position in range(len(self._zone_epochs))
        ]
        terms = [
            CycleTerms(
                fee=self.plan.fee.at(day) or 0,
                minimum_spend=self.plan.billing.minimum_spend.at(day) or 0,
                limits=tuple(self._limits),
                chains=chains[bisect_right(self._zone_epochs, index) - 1],
            )
            for index, day in enumerate(self._epochs)
        ]
        return PlanTariff(
            plan=self.plan,
            makers=tuple(self._makers),
            meters=tuple(self._meters),
            daily=tuple(
                meter for meter, spec in enumerate(self._meters) if spec.resets is Reset.DAY
            ),
            volumes=self._volumes,
            rows=tuple(
                rows[bisect_right(self._row_epochs, index) - 1]
                for index in range(len(self._epochs))
            ),
            terms=tuple(terms),
            fee_maker=fee,
            intro_maker=intro_maker,
            minimum_spend_maker=minimum,
        )

    def _distinct_epochs(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the epochs at which zones change, and those at which zones or prices change.

        Both begin with epoch 0. In all others the plan says what it said before.
        """
        zoned = {date.min}.union(
            *(self._catalog.zones[zone].members.dates for zone in self._zone_ids)
        )
        entries = (*(self._table.entries if self._table else ()), *self.plan.overrides)
        priced = zoned.union(*(entry.dates for entry in entries))
        return (
            tuple(index for index, day in enumerate(self._epochs) if day in zoned),
            tuple(index for index, day in enumerate(self._epochs) if day in priced),
        )

    # -- what made a line, and what is counted ------------------------------------------

    def _maker(self, kind: MakerKind, word: str, span: Span, reason: str = "") -> int:
        maker = Maker(kind, word, span, reason)
        known = self._maker_index.get(maker)
        if known is None:
            known = self._maker_index[maker] = len(self._makers)
            self._makers.append(maker)
        return known

    def _meter(self, spec: MeterSpec, *, use: str, limit: int) -> int:
        known = self._meter_index.get((spec, use))
        if known is None:
            known = self._meter_index[spec, use] = len(self._meters)
            self._meters.append(spec)
            self._limits.append(limit)
        return known

    def _volume_meter(self, volume: Volume) -> int:
        maker = self._maker(MakerKind.VOLUME, volume.id, volume.span)
        spec = MeterSpec(MeterKind.UNITS, Reset.CYCLE, maker)
        return self._meter(spec, use="volume", limit=UNLIMITED)

    # -- what the date of a call decides -------------------------------------------------

    def _treatment(self, targets: tuple[Target, ...], epoch: int) -> int:
        """Return the number of what the plan says of a target.

        Of an `either` number the catalog's policy decides, the fixed reading where both are
        as dear.
        """
        readings = [self._reading(target, targets, epoch) for target in targets]
        if len(readings) == 1 or self._catalog.either is EitherPolicy.FIXED:
            return readings[0]
        if self._catalog.either is EitherPolicy.MOBILE or readings[0] == readings[1]:
            return readings[1]
        pick = max if self._catalog.either is EitherPolicy.DEARER else min
        return pick(readings, key=lambda reading: _dearness(self._treated[reading]))

    def _reading(self, target: Target, targets: tuple[Target, ...], epoch: int) -> int:
        zones = self._zones[epoch]
        schedule = self._schedule(target, epoch)
        refused_by = self._refusal(target, zones)
        outside_of = self._outside(target, zones)
        volume = self._volume(targets, zones) if self._volumes else -1
        surcharges = tuple(
            SurchargeUse(
                self._maker(MakerKind.SURCHARGE, each.id, each.span, each.reason),
                each.per_minute,
                each.per_call,
            )
            for each in self.plan.surcharges
            if any(zones.matches(selector, target) for selector in each.to)
        )
        key = (id(schedule), refused_by, outside_of, volume, surcharges)
        known = self._treatments.get(key)
        if known is None:
            known = self._treatments[key] = len(self._treated)
            self._treated.append(Treatment(schedule, refused_by, outside_of, volume, surcharges))
        return known

    def _refusal(self, target: Target, zones: ZoneMap) -> int:
        for each in self.plan.restrictions:
            named = any(zones.matches(selector, target) for selector in each.to)
            if (each.kind is RestrictionKind.BLOCK and named) or (
                each.kind is RestrictionKind.ALLOW and not named
            ):
                return self._maker(MakerKind.RESTRICTION, each.id, each.span, each.reason)
        return -1

    def _outside(self, target: Target, zones: ZoneMap) -> int:
        if self.plan.coverage is None:
            return -1
        if any(zones.matches(selector, target) for selector in self.plan.coverage):
            return -1
        return self._maker(MakerKind.COVERAGE, self.plan.id, self.plan.span)

    def _volume(self, targets: tuple[Target, ...], zones: ZoneMap) -> int:
        found = [
            (rank, volume.id, index)
            for index, (volume, _) in enumerate(self._volumes)
            if (rank := self._rank(volume.to, (), targets, zones)) is not None
        ]
        return min(found)[2] if found else -1

    def _schedule(self, target: Target, epoch: int) -> Schedule | None:
        """Return the merged terms of override, table entry and table defaults, band by band."""
        zones, day = self._zones[epoch], self._epochs[epoch]
        entries = []
        if self.plan.overrides:
            over = self._overrides.find(target, zones)
            entries += [] if over is None else [over[1]]
        if self._table is not None:
            row = self._tables.find(self._table, target, epoch, zones)
            entries += [] if row is None else [row]
        if not entries:
            return None
        dated = any(entry.dates for entry in entries)
        key = (epoch if dated else -1, *(id(entry) for entry in entries))
        known = self._schedules.get(key)
        if known is None:
            known = self._schedules[key] = self._merged(entries, day)
        return known

    def _merged(self, entries: list[RateEntry], day: date) -> Schedule:
        defaults = self._table.defaults if self._table else NO_DEFAULTS
        banded = any(entry.by_band for entry in entries)
        band_set = -1
        names: tuple[str, ...] = ("",)
        if banded and self._table:
            band_set = self._bands[self._table.bands]
            bands = self._catalog.band_sets[self._table.bands].bands
            names = ("", *(band.id for band in bands))
        written = entries[0]
        maker = self._maker(MakerKind.RATE, str(written.selector), written.span, written.note)
        for kind in DERIVED:
            self._maker(kind, str(written.selector), written.span, written.note)
        rates = self._tables.rates(entries, defaults, names, day)
        return Schedule(band_set=band_set, rates=rates, maker=maker)

    # -- what the start of a cycle decides ------------------------------------------------

    def _chain_index(self, targets: tuple[Target, ...], epoch: int) -> int:
        if not self.plan.allowances:
            return self._chains.setdefault((), len(self._chains))
        chain = self._chain(targets, epoch)
        return self._chains.setdefault(chain, len(self._chains))

    def _chain(self, targets: tuple[Target, ...], epoch: int) -> tuple[AllowanceUse, ...]:
        """Return the allowances that cover a target: by priority, then most specific, then id."""
        zones = self._zones[epoch]
        found: list[tuple[int, tuple[int, ...], str, AllowanceUse]] = []
        for allowance in self.plan.allowances:
            rank = self._rank(allowance.to, allowance.without, targets, zones)
            chosen = False
            if rank is None and self.plan.choose_from:
                rank = self._chosen_rank(allowance, targets, zones)
                chosen = True
            if rank is not None:
                use = self._use(allowance, targets, zones, chosen=chosen)
                found.append((allowance.priority, rank, allowance.id, use))
        return tuple(row[3] for row in sorted(found, key=lambda row: row[:3]))

    def _rank(
        self,
        to: tuple[Selector, ...],
        without: tuple[Selector, ...],
        targets: tuple[Target, ...],
        zones: ZoneMap,
    ) -> tuple[int, ...] | None:
        """Return how specifically `to` holds for *every* reading of a number, or `None`."""
        worst: tuple[int, ...] = ()
        for target in targets:
            ranks = [specificity(each, target) for each in to if zones.matches(each, target)]
            if not ranks or any(zones.matches(each, target) for each in without):
                return None
            worst = max(worst, min(ranks))
        return worst

    def _chosen_rank(
        self, allowance: Allowance, targets: tuple[Target, ...], zones: ZoneMap
    ) -> tuple[int, ...] | None:
        """Return the rank of an allowance that may serve the target's country if it is chosen."""
        if self._rank(self.plan.choose_from, (), targets, zones) is None:
            return None
        concrete = tuple(
            Selector(
                kind=SelectorKind.COUNTRY
                if each.kind is SelectorKind.CHOSEN
                else SelectorKind.COUNTRY_LINE,
                country=targets[0].country,
                line=each.line,
            )
            for each in allowance.to
            if each.kind in {SelectorKind.CHOSEN, SelectorKind.CHOSEN_LINE}
        )
        return self._rank(concrete, allowance.without, targets, zones)

    def _use(
        self, allowance: Allowance, targets: tuple[Target, ...], zones: ZoneMap, *, chosen: bool
    ) -> AllowanceUse:
        maker = self._maker(MakerKind.ALLOWANCE, allowance.id, allowance.span)
        country = targets[0].country if allowance.share is Share.EACH_COUNTRY else ""
        amount = UNLIMITED if allowance.amount is None else allowance.amount
        meter = self._meter(
            MeterSpec(METER_OF_UNIT[allowance.unit], Reset.CYCLE, maker, country),
            use="amount",
            limit=amount,
        )
        prices: SelectorMap[InsidePrice] = SelectorMap(
            (price.selector, price) for price in allowance.prices
        )
        inside = [found[1].price for t in targets if (found := prices.find(t, zones)) is not None]
        price = max(inside, default=0)
        key = (maker, meter, price, int(chosen))
        if key not in self._uses:
            self._uses[key] = self._new_use(allowance, key, country)
        return self._uses[key]

    def _new_use(
        self, allowance: Allowance, key: tuple[int, int, int, int], country: str
    ) -> AllowanceUse:
        maker, meter, price, chosen = key
        limits = allowance.limits
        return AllowanceUse(
            maker=maker,
            meter=meter,
            first=allowance.increment.first,
            next=allowance.increment.next,
            inside_price=price,
            forfeits=allowance.remnant is Remnant.FORFEIT,
            blocks=allowance.when_used_up is WhenUsedUp.BLOCK,
            chosen=bool(chosen),
            limits=tuple(self._limit(limit, maker, country) for limit in limits.limits),
            needs_all=limits.needs_all,
        )

    def _limit(self, limit: Limit, maker: int, country: str) -> LimitUse:
        spec = MeterSpec(METER_OF_METRIC[limit.metric], limit.per, maker, country)
        return LimitUse(self._meter(spec, use="limit", limit=limit.amount), limit.amount)


def _rate(entries: list[RateEntry], defaults: RateTerms, band: str, day: date) -> Rate | None:
    """Return the complete rate of one band on one day, or `None` where no price is in force.

    From strongest to weakest: the override's terms in the band, its common terms, the table
    entry's terms in the band, its common terms, the table's defaults. Override and entry are
    each consulted only on days they are in force.
    """
    merged = RateTerms()
    for entry in entries:
        merged = merged.over(dict(entry.by_band).get(band, NO_TERMS).at(day) or RateTerms())
        merged = merged.over(entry.terms.at(day) or RateTerms())
    return Rate.of(merged.over(defaults))


def _dearness(treatment: Treatment) -> tuple[object, ...]:
    """Order readings of an `either` number: uncovered, then blocked, then by dearer price."""
    rates = treatment.schedule.rates if treatment.schedule else ()
    return (
        treatment.schedule is None or treatment.outside_of >= 0,
        treatment.refused_by >= 0,
        None in rates,
        max((rate.dearness for rate in rates if rate is not None), default=()),
        sum(each.per_minute + each.per_call for each in treatment.surcharges),
    )
