"""One plan, compiled: for each target a treatment per epoch and a chain of allowances."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Mapping
from dataclasses import replace
from datetime import date
from itertools import groupby

from plan_rules.catalog.allowance import (
    Allowance,
    AllowanceUnit,
    Hours,
    InsidePrice,
    Limit,
    LimitMetric,
    Remnant,
    Reset,
    Share,
    WhenUsedUp,
)
from plan_rules.catalog.catalog import Catalog, EitherPolicy
from plan_rules.catalog.plan import Plan, RestrictionKind, Volume
from plan_rules.catalog.rate import RateEntry, RateTable, RateTerms
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
from plan_rules.tariff.matching import SelectorMap, Target, ZoneMap, specificity
from plan_rules.tariff.meters import UNLIMITED, MeterKind, MeterSpec
from plan_rules.tariff.scopes import Scope, ZoneSigns
from plan_rules.tariff.tables import Rates, TableIndex, entry_map, merged_rates

DERIVED = (MakerKind.CONNECTION_FEE, MakerKind.MINIMUM, MakerKind.CAP)
"""The makers that follow a schedule's own, in this order."""

NO_TABLE = RateTable(id="", entries=())
Track = tuple[tuple[int, ...], tuple[int, ...]]
"""What a plan says of a target: a treatment per epoch of prices, a chain per epoch of zones."""

OF_CHOSEN = {
    SelectorKind.CHOSEN: SelectorKind.COUNTRY,
    SelectorKind.CHOSEN_LINE: SelectorKind.COUNTRY_LINE,
}
"""What `chosen` becomes once a country is chosen."""

Terms = tuple[int, int, int, tuple[SurchargeUse, ...]]
"""What a treatment holds beside its schedule: refused by, outside of, volume, surcharges."""

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


class PlanCompiler:
    """Compiles one plan. `track_of` numbers what it says of a cut; `finish` lays out the rows."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        plan: Plan,
        epochs: tuple[date, ...],
        zones: list[ZoneMap],
        tables: Mapping[str, TableIndex],
        signs: ZoneSigns,
    ) -> None:
        """Index the plan's own selectors; only epochs in which it can change are compiled."""
        self.plan = plan
        self._catalog = catalog
        self._epochs = epochs
        self._zones = zones
        self._table = tables.get(plan.rates)
        self._overrides = entry_map(plan.overrides)
        self._makers: list[Maker] = []
        self._maker_index: dict[Maker, int] = {}
        self._meters: list[MeterSpec] = []
        self._limits: list[int] = []
        self._meter_index: dict[tuple[MeterSpec, str], int] = {}
        self._tracks: dict[Track, int] = {}
        self._known: dict[tuple[Hashable, ...], int] = {}
        self._treatments: dict[tuple[object, ...], int] = {}
        self._treated: list[Treatment] = []
        self._chains: dict[tuple[AllowanceUse, ...], int] = {}
        self._uses: dict[tuple[int, int, int, int], AllowanceUse] = {}
        self._schedules: dict[tuple[int, ...], Schedule] = {}
        self._known_terms: dict[tuple[Hashable, ...], Terms] = {}
        self._bands = {band_set: i for i, band_set in enumerate(catalog.band_sets)}
        self._scope = Scope(catalog, (each for each, _ in plan.selectors()), signs)
        self._tells_countries = any(each.share is Share.EACH_COUNTRY for each in plan.allowances)
        self._zone_epochs, self._row_epochs = self._distinct_epochs()
        self._volumes = tuple((volume, self._volume_meter(volume)) for volume in plan.volumes)

    def track_of(self, targets: tuple[Target, ...]) -> int:
        """Return the number of what the plan says of a number: equal for those treated alike.

        `targets` are the readings of the number. What the plan itself names and what its rate
        table names are told apart, so that plans share what they share of the table.
        """
        key = [self._scope.key(target) for target in targets]
        if self._table is not None:
            key += [self._table.rows_key(target) for target in targets]
        if self._tells_countries:
            key.append(targets[0].country)
        found = tuple(key)
        known = self._known.get(found)
        if known is None:
            track = (
                self._treatment_track(targets),
                tuple(self._chain_index(targets, index) for index in self._zone_epochs),
            )
            known = self._known[found] = self._tracks.setdefault(track, len(self._tracks))
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
        table = self._table
        zone_ids = self._scope.zones | (table.zones if table else frozenset())
        zoned = {date.min}.union(*(self._catalog.zones[zone].members.dates for zone in zone_ids))
        priced = zoned.union(
            table.dates if table else (), *(entry.dates for entry in self.plan.overrides)
        )
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

    def _treatment_track(self, targets: tuple[Target, ...]) -> tuple[int, ...]:
        """Return the number of what the plan says of a number, for each epoch of its prices."""
        track: list[int] = []
        for zones, epochs in groupby(self._row_epochs, key=lambda epoch: self._zones[epoch]):
            entries = [self._entries(target, zones) for target in targets]
            terms = [self._terms_of(target, targets, zones) for target in targets]
            is_dated = any(entry.is_dated for row in entries for entry in row)
            for position, epoch in enumerate(epochs):
                if position and not is_dated:
                    track.append(track[-1])
                    continue
                readings = [
                    self._reading(row, own, self._epochs[epoch])
                    for row, own in zip(entries, terms, strict=True)
                ]
                track.append(self._decided(readings))
        return tuple(track)

    def _decided(self, readings: list[int]) -> int:
        """Return the reading that counts.

        Of an `either` number the catalog's policy decides, the fixed reading where both are
        as dear.
        """
        if len(readings) == 1 or self._catalog.either is EitherPolicy.FIXED:
            return readings[0]
        if self._catalog.either is EitherPolicy.MOBILE or readings[0] == readings[1]:
            return readings[1]
        pick = max if self._catalog.either is EitherPolicy.DEARER else min
        return pick(readings, key=lambda reading: _dearness(self._treated[reading]))

    def _reading(self, entries: tuple[RateEntry, ...], terms: Terms, day: date) -> int:
        schedule = self._schedule(entries, day)
        key = (id(schedule), terms)
        known = self._treatments.get(key)
        if known is None:
            known = self._treatments[key] = len(self._treated)
            self._treated.append(Treatment(schedule, *terms))
        return known

    def _terms_of(self, target: Target, targets: tuple[Target, ...], zones: ZoneMap) -> Terms:
        """Return what the plan's own words, prices aside, say of one reading of a number."""
        key = (zones, target.lines, *map(self._scope.key, targets))
        known = self._known_terms.get(key)
        if known is None:
            surcharges = tuple(
                SurchargeUse(
                    self._maker(MakerKind.SURCHARGE, each.id, each.span, each.reason),
                    each.per_minute,
                    each.per_call,
                )
                for each in self.plan.surcharges
                if any(zones.matches(selector, target) for selector in each.to)
            )
            known = self._known_terms[key] = (
                self._refusal(target, zones),
                self._outside(target, zones),
                self._volume(targets, zones) if self._volumes else -1,
                surcharges,
            )
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

    def _entries(self, target: Target, zones: ZoneMap) -> tuple[RateEntry, ...]:
        """Return the override and the row of the table that hold for a target, if any."""
        over = self._overrides.find(target, zones) if self.plan.overrides else None
        row = self._table.find(target, zones) if self._table is not None else None
        return (*(() if over is None else (over[1],)), *(() if row is None else (row,)))

    def _schedule(self, entries: tuple[RateEntry, ...], day: date) -> Schedule | None:
        """Return the merged terms of override, table entry and table defaults, band by band."""
        if not entries:
            return None
        is_dated = any(entry.is_dated for entry in entries)
        key = (day.toordinal() if is_dated else -1, *(id(entry) for entry in entries))
        known = self._schedules.get(key)
        if known is None:
            known = self._schedules[key] = self._merged(entries, day)
        return known

    def _merged(self, entries: tuple[RateEntry, ...], day: date) -> Schedule:
        table = self._table.table if self._table else NO_TABLE
        banded = any(entry.by_band for entry in entries)
        band_set = -1
        names: tuple[str, ...] = ("",)
        if banded:
            band_set = self._bands[table.bands]
            bands = self._catalog.band_sets[table.bands].bands
            names = ("", *(band.id for band in bands))
        written = entries[0]
        word = str(written.selector)
        maker = self._maker(MakerKind.RATE, word, written.span, written.note)
        if maker == len(self._makers) - 1:
            self._makers += (Maker(kind, word, written.span, written.note) for kind in DERIVED)
        rates = self._rates(entries, table.defaults, names, day)
        return Schedule(band_set=band_set, rates=rates, maker=maker)

    def _rates(
        self, entries: tuple[RateEntry, ...], defaults: RateTerms, names: tuple[str, ...], day: date
    ) -> Rates:
        """Return the merged rate of each band on one day; rows of a table are merged once."""
        if self._table is not None and len(entries) == 1 and entries[0] in self._table:
            return self._table.rates(entries[0], names, day)
        return merged_rates(entries, defaults, names, day)

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
            replace(each, kind=OF_CHOSEN[each.kind], country=targets[0].country)
            if each.kind in OF_CHOSEN
            else each
            for each in allowance.to
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
            band_set=-1 if allowance.hours is None else self._bands[allowance.hours.bands],
            bands=frozenset() if allowance.hours is None else self._band_indexes(allowance.hours),
        )

    def _band_indexes(self, hours: Hours) -> frozenset[int]:
        bands = self._catalog.band_sets[hours.bands].bands
        return frozenset(index for index, band in enumerate(bands) if band.id in hours.within)

    def _limit(self, limit: Limit, maker: int, country: str) -> LimitUse:
        spec = MeterSpec(METER_OF_METRIC[limit.metric], limit.per, maker, country)
        return LimitUse(self._meter(spec, use="limit", limit=limit.amount), limit.amount)


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
