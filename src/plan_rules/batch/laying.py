"""From a `TariffBook` to its tables as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from operator import attrgetter
from typing import Generic, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.tables import (
    CALLS,
    DOWN,
    GRADUATED,
    HALF_EVEN,
    HALF_UP,
    MICROS,
    NONE,
    NUMBERS,
    PACKAGE,
    RATE_CAP,
    RATE_FEE,
    RATE_FIRST,
    RATE_FIRST_PRICE,
    RATE_MINIMUM,
    RATE_NEXT,
    RATE_PRICE,
    RATE_TIERS,
    RATE_TIERS_END,
    SCHEDULE_BAND_SET,
    SCHEDULE_MAKER,
    SCHEDULE_RATES,
    SECONDS,
    TREAT_REFUSED,
    TREAT_SCHEDULE,
    TREAT_SIMPLE,
    TREAT_SURCHARGES,
    TREAT_SURCHARGES_END,
    TREAT_VOLUME,
    UNITS,
    UP,
    WHOLE_VOLUME,
    PlanTables,
    Table,
    TaxTable,
)
from plan_rules.catalog.allowance import Reset
from plan_rules.catalog.catalog import Tax
from plan_rules.catalog.plan import Volume, VolumeModel, VolumeUnit
from plan_rules.catalog.rate import Rate
from plan_rules.errors import InvalidValue
from plan_rules.money import RoundingMode
from plan_rules.tariff.book import (
    AllowanceUse,
    PlanTariff,
    Schedule,
    TariffBook,
    Treatment,
)
from plan_rules.tariff.meters import MeterKind

KINDS = {
    MeterKind.SECONDS: SECONDS,
    MeterKind.CALLS: CALLS,
    MeterKind.MICROS: MICROS,
    MeterKind.NUMBERS: NUMBERS,
    MeterKind.UNITS: UNITS,
}
MODES = {
    RoundingMode.HALF_UP: HALF_UP,
    RoundingMode.HALF_EVEN: HALF_EVEN,
    RoundingMode.UP: UP,
    RoundingMode.DOWN: DOWN,
}
MODELS = {
    VolumeModel.GRADUATED: GRADUATED,
    VolumeModel.WHOLE_VOLUME: WHOLE_VOLUME,
    VolumeModel.PACKAGE: PACKAGE,
}
SIXTY = 60
MOST = 2**62
"""Whole numbers below this leave room for one addition in 64 bits."""

NEVER_REACHED = 2**55
"""An amount or a count that no cycle within the guards reaches: what is larger is cut to it."""

RATE_COLUMNS = (RATE_PRICE, RATE_FIRST, RATE_NEXT, RATE_FIRST_PRICE, RATE_FEE, RATE_MINIMUM)
RATE_FIELDS = (
    "price", "increment.first", "increment.next", "first_price", "connection_fee", "minimum",
)  # fmt: skip
"""The columns of a rate that are its fields as they are."""

Row = Sequence[int]
Ints = NDArray[np.int64]
V = TypeVar("V")


class BeyondBatch(InvalidValue):
    """An amount, or a sum of amounts, that 64 bits cannot hold exactly.

    Such a catalog or such calls are priced by `rating`, whose integers have no end.
    """


def lay_out(book: TariffBook) -> PlanTables:
    """Return the tables of every plan of a book, in the order of the book."""
    layout = _Layout(len(book.epochs), tuple(len(each.bands) for each in book.band_sets))
    for tariff in book.plans.values():
        layout.add(tariff)
    return layout.tables(book.class_count)


def tax_table(tax: Tax | None) -> TaxTable:
    """Return the tax that is added to bills, if any."""
    if tax is None or tax.included:
        return TaxTable(added=False, usage_numerator=1, usage_denominator=SIXTY, fee_numerator=1,
                        fee_denominator=SIXTY, step=1, mode=HALF_UP)  # fmt: skip
    step = tax.rounding.step_micros
    usage, fee = tax.usage + 1, tax.fee + 1
    table = TaxTable(
        added=True,
        usage_numerator=usage.numerator,
        usage_denominator=SIXTY * usage.denominator * step,
        fee_numerator=fee.numerator,
        fee_denominator=SIXTY * fee.denominator * step,
        step=step,
        mode=MODES[tax.rounding.mode],
    )
    for name, share, whole in (
        ("usage", usage.numerator, table.usage_denominator),
        ("fee", fee.numerator, table.fee_denominator),
    ):
        if share * whole >= MOST:
            raise BeyondBatch(name=f"tax.{name}", value=share, expected="a percentage less fine")
    return table


class _Pool:
    """Rows of one table; `rows_of` finds the row of a value by its identity."""

    def __init__(self, columns: int) -> None:
        self.rows: list[Row] = []
        self.rows_of: dict[int, int] = {}
        self._columns = columns
        self._kept: list[object] = []

    def known(self, value: object) -> int | None:
        """Return the row of a value that has one."""
        return self.rows_of.get(id(value))

    def add(self, value: object, row: Row) -> int:
        """Add the row of a value, which is kept, so that no other takes its identity."""
        self.rows_of[id(value)] = len(self.rows)
        self._kept.append(value)
        self.rows.append(row)
        return len(self.rows) - 1

    def extend(self, rows: Iterable[Row]) -> tuple[int, int]:
        """Add rows that nothing refers to one by one; return the first and the one after."""
        first = len(self.rows)
        self.rows.extend(rows)
        return first, len(self.rows)

    def table(self, name: str) -> Table:
        """Return the rows as an array of the columns the table has."""
        return _integers(name, self.rows).reshape(len(self.rows), self._columns)


class _Values(Generic[V]):
    """Different values, each of which becomes a row of a table; `None` has the row -1.

    `given` is the row of every value that was given.
    """

    def __init__(self, name: str, values: Iterable[V | None]) -> None:
        listed = list(values)
        ids = np.fromiter(map(id, listed), np.int64, len(listed))
        there = np.flatnonzero(ids != id(None))
        _, first, number = np.unique(ids[there], return_index=True, return_inverse=True)
        order = np.argsort(first)
        rows = np.empty(len(order), np.int64)
        rows[order] = np.arange(len(order))
        self.name = name
        self.values = cast("list[V]", [listed[each] for each in there[first[order]].tolist()])
        self.given = np.full(len(ids), NONE, np.int64)
        self.given[there] = rows[number]

    def columns(self, *names: str) -> Table:
        """Return some whole numbers of every value, which are read together."""
        each_of = map(attrgetter(*names), self.values)
        count = len(names) * len(self.values)
        with _within(self.name):
            found = np.fromiter(chain.from_iterable(each_of), np.int64, count)
        return found.reshape(len(self.values), len(names))

    def marked(self, name: str) -> list[tuple[int, V]]:
        """Return the rows and values of which a field is not empty."""
        fields = map(attrgetter(name), self.values)
        return [(row, self.values[row]) for row, each in enumerate(fields) if each]


def _integers(name: str, rows: Sequence[object]) -> Table:
    with _within(name):
        return np.array(rows, np.int64)


@contextmanager
def _within(name: str) -> Iterator[None]:
    """Tell whose amounts 64 bits cannot hold."""
    try:
        yield
    except OverflowError as error:
        raise BeyondBatch(name=name, value="an amount", expected="amounts below 2**62") from error


class _Layout:
    def __init__(self, epochs: int, band_counts: tuple[int, ...]) -> None:
        self._epochs = epochs
        self._band_counts = band_counts
        self._plans: list[Row] = []
        self._row_of: list[Row] = []
        self._chains_of: list[Row] = []
        self._rows: list[tuple[Treatment, ...]] = []
        self._first_volumes: dict[int, int] = {}
        self._chain_rows: list[list[int]] = []
        self._tiers, self._surcharges, self._chain = _Pool(3), _Pool(3), _Pool(2)
        self._uses, self._limits, self._meters = _Pool(14), _Pool(3), _Pool(3)
        self._volumes, self._volume_tiers = _Pool(8), _Pool(3)
        self._chain_uses: list[int] = []
        self._use_bands: list[int] = []
        self._meter_limits: list[Row] = []
        self._fees: list[Row] = []
        self._minimums: list[Row] = []

    def add(self, tariff: PlanTariff) -> None:
        """Lay out one plan."""
        volumes = self._volumes.extend(
            self._volume(volume, meter) for volume, meter in tariff.volumes
        )
        meters, slots = self._add_meters(tariff)
        rounding, intro = tariff.plan.rounding, tariff.plan.intro
        self._plans.append(
            (
                *meters,
                *volumes,
                rounding.step_micros,
                MODES[rounding.mode],
                len(tariff.makers),
                slots,
                intro.cycles if intro else 0,
                intro.fee if intro else 0,
            )
        )
        self._fees.append([terms.fee for terms in tariff.terms])
        self._minimums.append([terms.minimum_spend for terms in tariff.terms])
        rows: dict[int, int] = {}
        for row in tariff.rows:
            if id(row) not in rows:
                rows[id(row)] = len(self._rows)
                self._rows.append(row)
                if tariff.volumes:
                    self._first_volumes.update(dict.fromkeys(map(id, row), volumes[0]))
        self._row_of.append([rows[id(row)] for row in tariff.rows])
        chains: dict[int, int] = {}
        for terms in tariff.terms:
            if id(terms.chains) not in chains:
                chains[id(terms.chains)] = len(self._chain_rows)
                kept = dict(zip(map(id, terms.chains), terms.chains, strict=True))
                numbers = {key: self._chain_of(each, tariff) for key, each in kept.items()}
                self._chain_rows.append(list(map(numbers.__getitem__, map(id, terms.chains))))
        self._chains_of.append([chains[id(terms.chains)] for terms in tariff.terms])

    def tables(self, classes: int) -> PlanTables:
        """Return everything laid out."""
        plans = len(self._plans)
        treatments = _Values("treatments", chain.from_iterable(self._rows))
        schedules = _Values("schedules", map(attrgetter("schedule"), treatments.values))
        rates_of = list(map(attrgetter("rates"), schedules.values))
        rates = _Values("rates", chain.from_iterable(rates_of))
        schedule_rows = _schedule_rows(schedules, rates_of)
        return PlanTables(
            plans=_integers("plans", self._plans).reshape(plans, 10),
            row_of=_integers("rows", self._row_of).reshape(plans, self._epochs),
            rows=treatments.given.astype(np.int32).reshape(len(self._rows), classes),
            treatments=self._treatment_rows(
                treatments, schedules.given, rates.given, schedule_rows[:, SCHEDULE_RATES]
            ),
            schedules=schedule_rows,
            rate_of=rates.given,
            rates=self._rate_rows(rates),
            tiers=self._tiers.table("tiers"),
            surcharges=self._surcharges.table("surcharges"),
            chains_of=_integers("chains", self._chains_of).reshape(plans, self._epochs),
            chains=np.array(self._chain_rows, np.int32).reshape(len(self._chain_rows), classes),
            chain=self._chain.table("chains"),
            chain_uses=_integers("chains", self._chain_uses),
            uses=self._uses.table("allowances"),
            use_bands=_integers("hours", self._use_bands),
            limits=self._limits.table("limits"),
            meters=self._meters.table("meters"),
            meter_limits=_integers("limits", self._meter_limits).reshape(
                len(self._meter_limits), self._epochs
            ),
            volumes=self._volumes.table("volumes"),
            volume_tiers=self._volume_tiers.table("tiers"),
            fees=_integers("fee", self._fees).reshape(plans, self._epochs),
            minimums=_integers("minimum-spend", self._minimums).reshape(plans, self._epochs),
        )

    def _treatment_rows(
        self, treatments: _Values[Treatment], schedule: Ints, rate_of: Ints, firsts: Ints
    ) -> Table:
        """Return the table of treatments, the schedule of each being given.

        Its surcharges are added. The rate of a simple treatment is the first of its schedule.
        """
        found = np.zeros((len(treatments.values), 7), np.int64)
        found[:, TREAT_SCHEDULE] = schedule
        found[:, TREAT_REFUSED : TREAT_VOLUME + 1] = treatments.columns(
            "refused_by", "outside_of", "volume"
        )
        for row in np.flatnonzero(found[:, TREAT_VOLUME] >= 0).tolist():
            found[row, TREAT_VOLUME] += self._first_volumes[id(treatments.values[row])]
        for row, each in treatments.marked("surcharges"):
            found[row, TREAT_SURCHARGES : TREAT_SURCHARGES_END + 1] = self._surcharges.extend(
                (use.maker, use.per_minute, use.per_call) for use in each.surcharges
            )
        found[:, TREAT_SIMPLE] = NONE
        is_simple = [each is not None for each in map(attrgetter("simple"), treatments.values)]
        simple = np.flatnonzero(is_simple)
        found[simple, TREAT_SIMPLE] = rate_of[firsts[schedule[simple]]]
        return found

    def _rate_rows(self, rates: _Values[Rate]) -> Table:
        """Return the table of rates; their tiers are added."""
        found = np.zeros((len(rates.values), 9), np.int64)
        found[:, RATE_COLUMNS] = rates.columns(*RATE_FIELDS)
        caps = [NONE if cap is None else _cut(cap) for cap in map(attrgetter("cap"), rates.values)]
        found[:, RATE_CAP] = _integers("rates", caps)
        for row, rate in rates.marked("tiers"):
            found[row, RATE_TIERS : RATE_TIERS_END + 1] = self._tiers.extend(
                (each.after, each.price, each.increment or rate.increment.next)
                for each in rate.tiers
            )
        return found

    def _add_meters(self, tariff: PlanTariff) -> tuple[tuple[int, int], int]:
        slots = 0
        rows: list[Row] = []
        for spec in tariff.meters:
            counts_numbers = spec.kind is MeterKind.NUMBERS
            daily = spec.resets is Reset.DAY
            rows.append((KINDS[spec.kind], int(daily), slots if counts_numbers else NONE))
            slots += counts_numbers
        for index in range(len(tariff.meters)):
            self._meter_limits.append([terms.limits[index] for terms in tariff.terms])
        return self._meters.extend(rows), slots

    def _volume(self, volume: Volume, meter: int) -> Row:
        tiers = self._volume_tiers.extend(
            (NONE if tier.up_to is None else _cut(tier.up_to), tier.price, tier.flat)
            for tier in volume.tiers
        )
        counts_calls = int(volume.unit is VolumeUnit.CALLS)
        package = (_cut(volume.package_size), volume.package_price)
        return (meter, counts_calls, _cut(volume.free), MODELS[volume.model], *tiers, *package)

    def _chain_of(self, uses: tuple[AllowanceUse, ...], tariff: PlanTariff) -> int:
        known = self._chain.known(uses)
        if known is not None:
            return known
        first = len(self._chain_uses)
        self._chain_uses += [self._use(use, tariff) for use in uses]
        return self._chain.add(uses, (first, len(self._chain_uses)))

    def _use(self, use: AllowanceUse, tariff: PlanTariff) -> int:
        known = self._uses.known(use)
        if known is not None:
            return known
        limits = self._limits.extend(
            (each.meter, each.amount, KINDS[tariff.meters[each.meter].kind]) for each in use.limits
        )
        bands = len(self._use_bands)
        if use.band_set >= 0:
            count = self._band_counts[use.band_set]
            self._use_bands += [int(band in use.bands) for band in range(NONE, count)]
        row = (
            use.maker,
            use.meter,
            KINDS[tariff.meters[use.meter].kind],
            use.first,
            use.next,
            use.inside_price,
            int(use.forfeits),
            int(use.blocks),
            int(use.chosen),
            int(use.needs_all),
            *limits,
            use.band_set,
            bands,
        )
        return self._uses.add(use, row)


def _schedule_rows(schedules: _Values[Schedule], rates_of: Sequence[Sequence[object]]) -> Table:
    """Return the table of schedules, whose rates stand one schedule after the other.

    The makers of fee, minimum and cap follow a schedule's own.
    """
    found = np.zeros((len(rates_of), 6), np.int64)
    counts = np.fromiter(map(len, rates_of), np.int64, len(rates_of))
    found[:, SCHEDULE_RATES] = np.cumsum(counts) - counts
    facts = schedules.columns("band_set", "maker")
    found[:, SCHEDULE_BAND_SET] = facts[:, 0]
    found[:, SCHEDULE_MAKER:] = facts[:, 1:] + np.arange(4)
    return found


def _cut(count: int) -> int:
    return min(count, NEVER_REACHED)
