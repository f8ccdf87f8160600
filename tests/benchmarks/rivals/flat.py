"""The price list as a warehouse would hold it: one row a class, one column a plan.

A contender written by hand does not read our catalogs. It is handed the same prices as plain
tables, cut out of the compiled book, so that everybody prices from the same numbers. What such
tables cannot say (tiers, minimums, caps, limits, chains of allowances) is refused here: a
benchmark of half of a catalog would compare nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plan_rules.catalog import Rate
from plan_rules.destinations.number import LENGTH_BITS
from plan_rules.money import RoundingMode
from plan_rules.periods import BandSet
from plan_rules.tariff.book import AllowanceUse, PlanTariff, Schedule, TariffBook, Treatment

LONGEST_CALL = 4 * 3600
"""Seconds: a longer call could meet two edges of a band, which the hand-written forms rule out."""

NO_SCHEME = -1
OFF_PEAK, PEAK = 0, 1


class CannotSay(Exception):
    """A catalog uses what the flat tables have no column for."""

    def __init__(self, *, plan: str, what: str) -> None:
        self.plan, self.what = plan, what
        super().__init__(f"plan `{plan}` has {what}; the rivals' tables cannot say it")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """Peak hours on working days: from second `start` of the day up to `end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatPlan:
    """What one plan says of every class; amounts in micros, prices in micros a minute.

    `prices[band]`, `surcharges`, `connection_fees`, `included` and `carried` go by class; where a
    call is not `carried` all of them are 0. `allowance` is in seconds, 0 for none; `scheme` indexes
    the schemes. A charge of x sixtieths of a micro is rounded to
    `(x + bias) // divisor * step`.
    """

    plan: str
    fee: int
    first: int
    next: int
    step: int
    divisor: int
    bias: int
    scheme: int
    allowance: int
    prices: tuple[NDArray[np.int64], NDArray[np.int64]]
    surcharges: NDArray[np.int64]
    connection_fees: NDArray[np.int64]
    included: NDArray[np.int64]
    carried: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatCatalog:
    """All plans over the same classes; `starts` (numbers padded to 15 digits) cut them out."""

    zone: str
    schemes: tuple[Scheme, ...]
    starts: NDArray[np.int64]
    classes: NDArray[np.int64]
    class_count: int
    least_digits: int
    plans: tuple[FlatPlan, ...]

    @classmethod
    def of(cls, book: TariffBook) -> FlatCatalog:
        """Return a compiled book as flat tables; raises `CannotSay`."""
        if len(book.epochs) != 1 or book.tax is not None:
            raise CannotSay(plan="", what="dated prices or tax")
        keys = np.array(book.starts, np.int64)
        padded = keys >> LENGTH_BITS
        last = np.append(padded[1:] != padded[:-1], True)
        classes = np.array([place.class_index for place in book.places], np.int64)
        return cls(
            zone=book.zone,
            schemes=tuple(_scheme(each) for each in book.band_sets),
            starts=padded[last],
            classes=classes[last],
            class_count=book.class_count,
            least_digits=int((keys & ((1 << LENGTH_BITS) - 1)).max()),
            plans=tuple(_Flattening(book, each).flat() for each in book.plans.values()),
        )

    def missed(self) -> list[tuple[int, int]]:
        """Return the (class, plan) that the plan does not carry though another does."""
        carried = np.stack([plan.carried for plan in self.plans], axis=1)
        misses = np.argwhere((carried == 0) & carried.any(axis=1, keepdims=True))
        return [(int(at), int(plan)) for at, plan in misses]


def _scheme(bands: BandSet) -> Scheme:
    peak = min(bands.bands, key=lambda band: -band.precedence)
    is_plain = peak.id == "peak" and peak.weekdays == frozenset(range(1, 6)) and not peak.dates
    if len(bands.bands) != 2 or not is_plain or peak.end - peak.start < LONGEST_CALL:
        raise CannotSay(plan="", what=f"bands `{bands.id}` other than long peak hours")
    if not 86_400 - peak.end + peak.start >= LONGEST_CALL:
        raise CannotSay(plan="", what=f"bands `{bands.id}` with short hours off peak")
    return Scheme(start=peak.start, end=peak.end)


class _Flattening:
    """One plan on its way into columns."""

    def __init__(self, book: TariffBook, tariff: PlanTariff) -> None:
        self._book, self._tariff = book, tariff
        self._scheme = NO_SCHEME
        self._increments: set[tuple[int, int]] = set()

    def flat(self) -> FlatPlan:
        tariff = self._tariff
        terms, row = tariff.terms[0], tariff.rows[0]
        if terms.minimum_spend or tariff.volumes or tariff.daily or len(terms.limits) > 1:
            raise self._refusal("minimum spend, volumes, or several meters")
        count = self._book.class_count
        prices = (np.zeros(count, np.int64), np.zeros(count, np.int64))
        surcharges, fees, included, carried = (np.zeros(count, np.int64) for _ in range(4))
        for at, (treatment, chain) in enumerate(zip(row, terms.chains, strict=True)):
            if treatment.outside_of >= 0:
                raise self._refusal("a coverage of its own")
            if treatment.schedule is None:
                if chain:
                    raise self._refusal("an allowance where there is no price")
                continue
            if treatment.refused_by >= 0:
                continue
            carried[at] = 1
            off, peak = self._rates(treatment.schedule)
            prices[OFF_PEAK][at], prices[PEAK][at] = off.price, peak.price
            fees[at] = off.connection_fee
            surcharges[at] = self._surcharge(treatment)
            included[at] = self._includes(chain, off)
        if len(self._increments) != 1:
            raise self._refusal("several increments")
        (first, following), step = next(iter(self._increments)), tariff.plan.rounding.step_micros
        divisor = 60 * step
        return FlatPlan(
            plan=tariff.plan.id,
            fee=terms.fee,
            first=first,
            next=following,
            step=step,
            divisor=divisor,
            bias=self._bias(divisor),
            scheme=self._scheme,
            allowance=terms.limits[0] if included.any() else 0,
            prices=prices,
            surcharges=surcharges,
            connection_fees=fees,
            included=included,
            carried=carried,
        )

    def _rates(self, schedule: Schedule) -> tuple[Rate, Rate]:
        if schedule.band_set < 0:
            rates = (schedule.rates[0], schedule.rates[0])
        else:
            bands = [band.id for band in self._book.band_sets[schedule.band_set].bands]
            rates = (
                schedule.rate_in(bands.index("off-peak")),
                schedule.rate_in(bands.index("peak")),
            )
            if self._scheme not in {NO_SCHEME, schedule.band_set}:
                raise self._refusal("several sets of bands")
            self._scheme = schedule.band_set
        off, peak = rates
        if off is None or peak is None:
            raise self._refusal("hours without a price")
        for rate in (off, peak):
            if rate.tiers or rate.minimum or rate.cap is not None or rate.first_price != rate.price:
                raise self._refusal("tiers, a minimum, a cap, or a first price")
            self._increments.add((rate.increment.first, rate.increment.next))
        if off.connection_fee != peak.connection_fee:
            raise self._refusal("connection fees by hour")
        return off, peak

    def _surcharge(self, treatment: Treatment) -> int:
        if any(each.per_call for each in treatment.surcharges):
            raise self._refusal("a surcharge per call")
        return sum(each.per_minute for each in treatment.surcharges)

    def _includes(self, chain: tuple[AllowanceUse, ...], rate: Rate) -> bool:
        if not chain:
            return False
        use = chain[0]
        same = (use.first, use.next) == (rate.increment.first, rate.increment.next)
        is_plain = not (use.forfeits or use.blocks or use.chosen or use.limits or use.inside_price)
        if len(chain) > 1 or not same or not is_plain or use.band_set >= 0:
            raise self._refusal("an allowance with more than an amount")
        return True

    def _bias(self, divisor: int) -> int:
        match self._tariff.plan.rounding.mode:
            case RoundingMode.HALF_UP:
                return divisor // 2
            case RoundingMode.UP:
                return divisor - 1
            case other:
                raise self._refusal(f"rounding {other.value}")

    def _refusal(self, what: str) -> CannotSay:
        return CannotSay(plan=self._tariff.plan.id, what=what)
