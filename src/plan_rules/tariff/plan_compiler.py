"""One plan, compiled: for each kind of number a treatment per epoch and a chain of allowances."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from plan_rules.catalog.allowance import (
    AllowanceUnit,
    Hours,
    Limit,
    LimitMetric,
    Remnant,
    Reset,
    Share,
    WhenUsedUp,
)
from plan_rules.catalog.plan import Plan, Volume
from plan_rules.catalog.rate import RateEntry
from plan_rules.tariff.book import (
    AllowanceUse,
    CycleTerms,
    LimitUse,
    MakerKind,
    PlanTariff,
    SurchargeUse,
    Treatment,
)
from plan_rules.tariff.makers import Makers
from plan_rules.tariff.meters import UNLIMITED, MeterKind, MeterSpec
from plan_rules.tariff.survey import Survey, later
from plan_rules.tariff.tables import PLAIN, Pair, Policy, RowIndex, TableIndex, Terms, Track
from plan_rules.tariff.words import Included, PlanWords, Sign

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


class Own(NamedTuple):
    """What a plan's own words say of some numbers, each time that zones they name change.

    `terms` has those of the first and of the last reading, `chains` the number of the chain of
    allowances.
    """

    terms: tuple[tuple[Terms, Terms], ...]
    chains: tuple[int, ...]
    is_plain: bool


class PlanCompiler:
    """Compiles one plan: `tracks` numbers what it says of each kind of number.

    `finish` lays out the rows.
    """

    def __init__(
        self,
        *,
        plan: Plan,
        survey: Survey,
        table: TableIndex,
        policy: Policy,
        no_rows: RowIndex,
    ) -> None:
        """Find what the plan's own words hold, and when.

        `no_rows` serve a plan that overrides none.
        """
        self.plan = plan
        self._survey = survey
        self._table = table
        self._policy = policy
        self._makers = Makers(table.makers)
        self._meters: list[MeterSpec] = []
        self._limits: list[int] = []
        self._meter_index: dict[tuple[MeterSpec, str], int] = {}
        self._overrides = RowIndex(plan.overrides, survey) if plan.overrides else no_rows
        self._merged: dict[tuple[int, int, date], Treatment] = {}
        self._treatments: dict[tuple[int, Terms], Treatment] = {}
        self._chains: dict[tuple[AllowanceUse, ...], int] = {}
        self._uses: dict[tuple[int, int, int, bool], AllowanceUse] = {}
        self._word_epochs = survey.epochs_of(each for each, _ in plan.selectors())
        self._words = [PlanWords(plan, survey, epoch) for epoch in self._word_epochs]
        dates = survey.epochs_of((), set().union(*self._overrides.dated.values()))
        self._epochs = tuple(sorted({*self._word_epochs, *table.epochs, *dates}))
        self._usual = table.tracks(self._epochs)
        self._places = [
            (epoch, later(table.epochs, epoch), later(self._word_epochs, epoch))
            for epoch in self._epochs
        ]
        versions = range(len(self._overrides.epochs))
        self._is_overridden = [
            any(row is not None for each in versions for row in self._overrides.row(over, each))
            for over in range(self._overrides.count)
        ]
        self._volumes = tuple((volume, self._volume_meter(volume)) for volume in plan.volumes)
        self._tracks: list[tuple[Track, tuple[int, ...]]] = []

    def tracks(self) -> list[int]:
        """Return for each kind of number what the plan says of it: a number, equal if the same.

        What the plan itself names and what its rate table names are told apart, so that plans
        share what they share of the table.
        """
        own: dict[tuple[str, ...], int] = {}
        said = [own.setdefault(signs, len(own)) for signs in self._signs()]
        owns = [self._own(signs) for signs in own]
        numbers: dict[tuple[int, tuple[int, ...]], int] = {}
        known: dict[tuple[int, int, int], int] = {}
        found: list[int] = []
        rows, overs = self._table.index.of_kind, self._overrides.of_kind
        for key in zip(said, rows, overs, strict=True):
            number = known.get(key)
            if number is None:
                words = owns[key[0]]
                track = self._track(words, key[1], key[2])
                number = numbers.setdefault((id(track), words.chains), len(self._tracks))
                if number == len(self._tracks):
                    self._tracks.append((track, words.chains))
                known[key] = number
            found.append(number)
        return found

    def _signs(self) -> Iterator[tuple[str, ...]]:
        """Yield for each kind of number what the plan's own words can know of it.

        That is the signs of its first and last reading each time zones change, and its country
        where that counts.
        """
        survey = self._survey
        columns = [
            list(map(words.signs.__getitem__, bits))
            for words in self._words
            for bits in (survey.firsts, survey.lasts)
        ]
        if any(each.share is Share.EACH_COUNTRY for each in self.plan.allowances):
            columns.append(survey.countries)
        return zip(*columns, strict=True)

    def finish(self, column: Sequence[int]) -> PlanTariff:
        """Return the compiled plan, `column` giving the track of each class."""
        plan, survey = self.plan, self._survey
        fee = self._makers.number(MakerKind.FEE, plan.id, plan.fee_span)
        intro = plan.intro
        intro_maker = self._makers.number(
            MakerKind.INTRO_FEE, plan.id, intro.span if intro else plan.span
        )
        minimum = self._makers.number(MakerKind.MINIMUM_SPEND, plan.id, plan.span)
        tracks = [self._tracks[track] for track in column]
        rows = [
            tuple([track[position] for track, _ in tracks]) for position in range(len(self._epochs))
        ]
        known_chains = list(self._chains)
        chains = [
            tuple([known_chains[numbers[position]] for _, numbers in tracks])
            for position in range(len(self._word_epochs))
        ]
        terms = [
            CycleTerms(
                fee=plan.fee.at(day) or 0,
                minimum_spend=plan.billing.minimum_spend.at(day) or 0,
                limits=tuple(self._limits),
                chains=chains[later(self._word_epochs, index)],
            )
            for index, day in enumerate(survey.epochs)
        ]
        return PlanTariff(
            plan=plan,
            makers=tuple(self._makers.all),
            meters=tuple(self._meters),
            daily=tuple(
                meter for meter, spec in enumerate(self._meters) if spec.resets is Reset.DAY
            ),
            volumes=self._volumes,
            rows=tuple(rows[later(self._epochs, index)] for index in range(len(survey.epochs))),
            terms=tuple(terms),
            fee_maker=fee,
            intro_maker=intro_maker,
            minimum_spend_maker=minimum,
        )

    def _meter(self, spec: MeterSpec, *, use: str, limit: int) -> int:
        known = self._meter_index.get((spec, use))
        if known is None:
            known = self._meter_index[spec, use] = len(self._meters)
            self._meters.append(spec)
            self._limits.append(limit)
        return known

    def _volume_meter(self, volume: Volume) -> int:
        maker = self._makers.number(MakerKind.VOLUME, volume.id, volume.span)
        spec = MeterSpec(MeterKind.UNITS, Reset.CYCLE, maker)
        return self._meter(spec, use="volume", limit=UNLIMITED)

    def _own(self, signs: tuple[str, ...]) -> Own:
        """Return what the plan's own words say of numbers of these signs."""
        country = signs[-1] if len(signs) > 2 * len(self._words) else ""
        terms: list[tuple[Terms, Terms]] = []
        chains: list[int] = []
        for index, words in enumerate(self._words):
            first, last = signs[2 * index : 2 * index + 2]
            volume = words.volume((first, last))
            terms.append(
                (self._terms(words, first, volume), self._terms(words, last, volume)),
            )
            chain = self._chain(words.included((first, last)), country)
            chains.append(self._chains.setdefault(chain, len(self._chains)))
        is_plain = all(each is PLAIN for pair in terms for each in pair)
        return Own(tuple(terms), tuple(chains), is_plain)

    # -- what the date of a call decides -------------------------------------------------

    def _terms(self, words: PlanWords, sign: Sign, volume: int) -> Terms:
        """Return what the plan's own words, prices aside, say of one reading of a number."""
        refusal = words.refusal(sign)
        refused_by = outside_of = -1
        if refusal is not None:
            refused_by = self._makers.number(
                MakerKind.RESTRICTION, refusal.id, refusal.span, refusal.reason
            )
        if words.is_outside(sign):
            outside_of = self._makers.number(MakerKind.COVERAGE, self.plan.id, self.plan.span)
        surcharges = tuple(
            SurchargeUse(
                self._makers.number(MakerKind.SURCHARGE, each.id, each.span, each.reason),
                each.per_minute,
                each.per_call,
            )
            for each in words.surcharges(sign)
        )
        terms = (refused_by, outside_of, volume, surcharges)
        return PLAIN if terms == PLAIN else terms

    def _track(self, own: Own, row: int, over: int) -> Track:
        """Return how a number is treated in each epoch in which the plan can change."""
        is_overridden = self._is_overridden[over]
        if own.is_plain and not is_overridden:
            return self._usual[row]
        found: list[Treatment] = []
        last_met: tuple[int, int, int] | None = None
        for epoch, position, version in self._places:
            first, last = self._table.pair(row, position)
            if is_overridden:
                first, last = self._overridden(row, over, epoch, (first, last))
            met = (id(first), id(last), version)
            if met == last_met:
                found.append(found[-1])
                continue
            terms = own.terms[version]
            pair = self._treatment(first, terms[0]), self._treatment(last, terms[1])
            found.append(self._policy.decided(pair))
            last_met = met
        return self._table.alike(found)

    def _treatment(self, priced: Treatment, terms: Terms) -> Treatment:
        """Return a treatment by price alone with the plan's own terms."""
        if terms is PLAIN:
            return priced
        key = (id(priced), terms)
        known = self._treatments.get(key)
        if known is None:
            known = self._treatments[key] = Treatment(priced.schedule, *terms)
        return known

    def _overridden(self, row: int, over: int, epoch: int, priced: Pair) -> Pair:
        """Return the treatments by price of a number for which a row of the plan's own holds."""
        index = self._table.index
        rows = index.row(row, later(index.epochs, epoch))
        overs = self._overrides.row(over, later(self._overrides.epochs, epoch))
        first, last = (
            usual if own is None else self._merge(own, entry, self._survey.epochs[epoch])
            for usual, own, entry in zip(priced, overs, rows, strict=True)
        )
        return first, last

    def _merge(self, over: RateEntry, row: RateEntry | None, day: date) -> Treatment:
        """Return the merged terms of override, table entry and table defaults, band by band."""
        entries = [over] if row is None else [over, row]
        is_dated = id(over) in self._overrides.dated or id(row) in self._table.index.dated
        key = (id(over), id(row), day if is_dated else date.min)
        known = self._merged.get(key)
        if known is None:
            maker = self._makers.of_row(over)
            known = self._merged[key] = Treatment(self._table.merged(entries, maker, day))
        return known

    # -- what the start of a cycle decides ------------------------------------------------

    def _chain(self, included: Sequence[Included], country: str) -> tuple[AllowanceUse, ...]:
        """Return allowances in the order they are drawn: by priority, most specific, id."""
        found = [
            (each.allowance.priority, each.rank, each.allowance.id, self._use(each, country))
            for each in included
        ]
        return tuple(row[3] for row in sorted(found, key=lambda row: row[:3]))

    def _use(self, included: Included, country: str) -> AllowanceUse:
        allowance = included.allowance
        if allowance.share is not Share.EACH_COUNTRY:
            country = ""
        maker = self._makers.number(MakerKind.ALLOWANCE, allowance.id, allowance.span)
        amount = UNLIMITED if allowance.amount is None else allowance.amount
        meter = self._meter(
            MeterSpec(METER_OF_UNIT[allowance.unit], Reset.CYCLE, maker, country),
            use="amount",
            limit=amount,
        )
        key = (maker, meter, included.price, included.chosen)
        if key not in self._uses:
            self._uses[key] = self._new_use(included, maker, meter, country)
        return self._uses[key]

    def _new_use(self, included: Included, maker: int, meter: int, country: str) -> AllowanceUse:
        allowance = included.allowance
        limits, hours = allowance.limits, allowance.hours
        return AllowanceUse(
            maker=maker,
            meter=meter,
            first=allowance.increment.first,
            next=allowance.increment.next,
            inside_price=included.price,
            forfeits=allowance.remnant is Remnant.FORFEIT,
            blocks=allowance.when_used_up is WhenUsedUp.BLOCK,
            chosen=included.chosen,
            limits=tuple(self._limit(limit, maker, country) for limit in limits.limits),
            needs_all=limits.needs_all,
            band_set=-1 if hours is None else self._survey.bands[hours.bands],
            bands=frozenset() if hours is None else self._band_indexes(hours),
        )

    def _band_indexes(self, hours: Hours) -> frozenset[int]:
        bands = self._survey.catalog.band_sets[hours.bands].bands
        return frozenset(index for index, band in enumerate(bands) if band.id in hours.within)

    def _limit(self, limit: Limit, maker: int, country: str) -> LimitUse:
        spec = MeterSpec(METER_OF_METRIC[limit.metric], limit.per, maker, country)
        return LimitUse(self._meter(spec, use="limit", limit=limit.amount), limit.amount)
