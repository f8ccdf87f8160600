"""From a `TariffBook` to its tables as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np

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
    SECONDS,
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
    Maker,
    PlanTariff,
    SurchargeUse,
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

Row = Sequence[int]
T = TypeVar("T")


class BeyondBatch(InvalidValue):
    """An amount, or a sum of amounts, that 64 bits cannot hold exactly.

    Such a catalog or such calls are priced by `rating`, whose integers have no end.
    """


def lay_out(book: TariffBook) -> PlanTables:
    """Return the tables of every plan of a book, in the order of the book."""
    layout = _Layout(
        len(book.epochs),
        tuple(len(each.bands) for each in book.band_sets),
        gathers_lines=tax_table(book.tax).added,
    )
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
    """Rows of one table; `rows_of` finds the row of a value by its identity, -1 for `None`."""

    def __init__(self, columns: int) -> None:
        self.rows: list[Row] = []
        self.rows_of: dict[int, int] = {id(None): NONE}
        self._columns = columns
        self._kept: list[object] = []

    def known(self, value: object) -> int | None:
        """Return the row of a value that has one."""
        return self.rows_of.get(id(value))

    def add(self, value: object, row: Row) -> int:
        """Add the row of a value and return its index."""
        self.add_all((value,), (row,))
        return len(self.rows) - 1

    def add_all(self, values: Sequence[object], rows: Sequence[Row]) -> None:
        """Add the rows of values, which are kept, so that no other value takes their identity."""
        self.rows_of.update(
            zip(map(id, values), range(len(self.rows), len(self.rows) + len(rows)), strict=True)
        )
        self._kept.extend(values)
        self.rows.extend(rows)

    def extend(self, rows: Iterable[Row]) -> tuple[int, int]:
        """Add rows that nothing refers to one by one; return the first and the one after."""
        first = len(self.rows)
        self.rows.extend(rows)
        return first, len(self.rows)

    def table(self, name: str) -> Table:
        """Return the rows as an array of the columns the table has."""
        return _integers(name, self.rows).reshape(len(self.rows), self._columns)


def _integers(name: str, rows: Sequence[object]) -> Table:
    try:
        found = np.array(rows, np.int64)
    except OverflowError as error:
        raise BeyondBatch(name=name, value="an amount", expected="amounts below 2**62") from error
    return found


class _Layout:
    def __init__(self, epochs: int, band_counts: tuple[int, ...], *, gathers_lines: bool) -> None:
        self._epochs = epochs
        self._band_counts = band_counts
        self._gathers_lines = gathers_lines
        self._plans: list[Row] = []
        self._row_of: list[Row] = []
        self._chains_of: list[Row] = []
        self._rows: list[list[int]] = []
        self._chain_rows: list[list[int]] = []
        self._treatments, self._schedules, self._rates = _Pool(7), _Pool(6), _Pool(9)
        self._tiers, self._surcharges, self._chain = _Pool(3), _Pool(3), _Pool(2)
        self._uses, self._limits, self._meters = _Pool(14), _Pool(3), _Pool(3)
        self._volumes, self._volume_tiers = _Pool(8), _Pool(3)
        self._rate_of: list[int] = []
        self._chain_uses: list[int] = []
        self._use_bands: list[int] = []
        self._meter_limits: list[Row] = []
        self._fees: list[Row] = []
        self._minimums: list[Row] = []
        self._makers: Sequence[int] = ()

    def add(self, tariff: PlanTariff) -> None:
        """Lay out one plan."""
        self._makers = self._lines_of(tariff.makers)
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
        distinct = {id(row): row for row in tariff.rows}
        treatments = {id(each): each for row in distinct.values() for each in row}
        self._add_treatments(list(treatments.values()), volumes[0])
        known = self._treatments.rows_of
        rows = {}
        for key, row in distinct.items():
            rows[key] = len(self._rows)
            self._rows.append([known[each] for each in map(id, row)])
        self._row_of.append([rows[id(row)] for row in tariff.rows])
        chains: dict[int, int] = {}
        for terms in tariff.terms:
            if id(terms.chains) not in chains:
                chains[id(terms.chains)] = len(self._chain_rows)
                kept = {id(each): each for each in terms.chains}
                numbers = {key: self._chain_of(each, tariff) for key, each in kept.items()}
                self._chain_rows.append([numbers[id(each)] for each in terms.chains])
        self._chains_of.append([chains[id(terms.chains)] for terms in tariff.terms])

    def tables(self, classes: int) -> PlanTables:
        """Return everything laid out."""
        plans = len(self._plans)
        return PlanTables(
            plans=_integers("plans", self._plans).reshape(plans, 10),
            row_of=_integers("rows", self._row_of).reshape(plans, self._epochs),
            rows=np.array(self._rows, np.int32).reshape(len(self._rows), classes),
            treatments=self._treatments.table("treatments"),
            schedules=self._schedules.table("schedules"),
            rate_of=_integers("rates", self._rate_of),
            rates=self._rates.table("rates"),
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

    def _lines_of(self, makers: tuple[Maker, ...]) -> Sequence[int]:
        """Return for each maker the first equal one: a taxed bill has one line for both."""
        if not self._gathers_lines:
            return range(len(makers))
        first: dict[Maker, int] = {}
        return [first.setdefault(maker, index) for index, maker in enumerate(makers)]

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

    def _add_treatments(self, treatments: Sequence[Treatment], first_volume: int) -> None:
        """Add the treatments of one plan, with their schedules and rates."""
        schedules = _by_identity(each.schedule for each in treatments)
        rates = _by_identity(rate for schedule in schedules for rate in schedule.rates)
        self._rates.add_all(rates, [self._rate_row(rate) for rate in rates])
        known = self._rates.rows_of
        rows = []
        for schedule in schedules:
            makers = self._makers[schedule.maker : schedule.maker + 4]
            rows.append((schedule.band_set, len(self._rate_of), *makers))
            self._rate_of += [known[id(rate)] for rate in schedule.rates]
        self._schedules.add_all(schedules, rows)
        of_schedule = self._schedules.rows_of
        self._treatments.add_all(
            treatments,
            [
                (
                    of_schedule[id(each.schedule)],
                    each.refused_by,
                    each.outside_of,
                    NONE if each.volume < 0 else first_volume + each.volume,
                    *(self._surcharges_of(each.surcharges) if each.surcharges else (0, 0)),
                    NONE if each.simple is None else known[id(each.simple[0])],
                )
                for each in treatments
            ],
        )

    def _surcharges_of(self, surcharges: tuple[SurchargeUse, ...]) -> tuple[int, int]:
        return self._surcharges.extend(
            (self._makers[each.maker], each.per_minute, each.per_call) for each in surcharges
        )

    def _rate_row(self, rate: Rate) -> Row:
        increment, cap = rate.increment, rate.cap
        tiers = (0, 0)
        if rate.tiers:
            tiers = self._tiers.extend(
                (each.after, each.price, each.increment or increment.next) for each in rate.tiers
            )
        return (
            rate.price,
            increment.first,
            increment.next,
            rate.first_price,
            rate.connection_fee,
            rate.minimum,
            NONE if cap is None else _cut(cap),
            *tiers,
        )

    def _chain_of(self, chain: tuple[AllowanceUse, ...], tariff: PlanTariff) -> int:
        known = self._chain.known(chain)
        if known is not None:
            return known
        first = len(self._chain_uses)
        self._chain_uses += [self._use(use, tariff) for use in chain]
        return self._chain.add(chain, (first, len(self._chain_uses)))

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
            self._makers[use.maker],
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


def _by_identity(values: Iterable[T | None]) -> list[T]:
    """Return the different values, `None` left out."""
    return [each for each in {id(each): each for each in values}.values() if each is not None]


def _cut(count: int) -> int:
    return min(count, NEVER_REACHED)
