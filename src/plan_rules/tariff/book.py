"""The tables of a compiled catalog, as both engines read them.

Everything here is immutable and picklable. Amounts are micros; prices are micros per minute;
an exact value before rounding is an integer of *micros of a sixtieth* (price per minute times
seconds), so that no division happens before the one rounding.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from plan_rules.catalog.catalog import Tax
from plan_rules.catalog.plan import Plan, Volume
from plan_rules.catalog.rate import Rate
from plan_rules.destinations.number import sort_key
from plan_rules.destinations.plan import Destination
from plan_rules.errors import NOWHERE, Span, UnknownId
from plan_rules.periods import GAP, BandSet
from plan_rules.tariff.meters import MeterSpec


class MakerKind(StrEnum):
    """What can make a line of a bill."""

    RATE = "rate"
    CONNECTION_FEE = "connection-fee"
    MINIMUM = "minimum"
    CAP = "cap"
    SURCHARGE = "surcharge"
    ALLOWANCE = "allowance"
    VOLUME = "volume"
    RESTRICTION = "restriction"
    COVERAGE = "coverage"
    MINIMUM_SPEND = "minimum-spend"
    FEE = "fee"
    INTRO_FEE = "intro-fee"
    DISCOUNT = "discount"


@dataclass(frozen=True, slots=True)
class Maker:
    """What made a line, and where that is written. `id` is the author's own word for it."""

    kind: MakerKind
    id: str
    span: Span = NOWHERE
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The price of one class: a complete rate for each band, `None` where none is in force.

    `band_set` indexes the book's band sets, or is -1 where no hour differs and `rates` has one
    entry. Otherwise `rates[0]` holds in a gap between bands and `rates[1 + b]` in band `b`.
    `maker`, and the makers of fee, minimum and cap after it, index the plan's makers.
    """

    band_set: int
    rates: tuple[Rate | None, ...]
    maker: int

    def rate_in(self, band: int) -> Rate | None:
        """Return the rate in force in a band (or `GAP`)."""
        return self.rates[0 if self.band_set < 0 else 1 + band]

    @property
    def flat(self) -> Rate | None:
        """The one rate of a call that neither its hour nor its length can change."""
        rate = self.rates[0]
        if self.band_set >= 0 or rate is None or rate.tiers:
            return None
        return rate


@dataclass(frozen=True, slots=True)
class SurchargeUse:
    """A surcharge on a class: micros per minute of billed time, and micros per call."""

    maker: int
    per_minute: int
    per_call: int


@dataclass(frozen=True, slots=True)
class Treatment:
    """What a plan says of a class on the date of a call.

    `refused_by` is the maker of the restriction that blocks the call, or -1; `outside_of` the
    maker of the coverage it lies outside of, or -1. `volume` indexes the plan's volumes, or is
    -1. `schedule` is `None` where the plan names no rate.
    """

    schedule: Schedule | None = None
    refused_by: int = -1
    outside_of: int = -1
    volume: int = -1
    surcharges: tuple[SurchargeUse, ...] = ()
    simple: tuple[Rate, int] | None = field(init=False, compare=False, repr=False)
    """Rate and maker of a call whose price is one multiplication, or `None`; derived."""

    def __post_init__(self) -> None:
        """Find out once whether a call can be priced by one multiplication."""
        simple = None
        schedule = self.schedule
        rate = None if schedule is None else schedule.flat
        if schedule is not None and rate is not None and self._is_plain(rate):
            simple = (rate, schedule.maker)
        object.__setattr__(self, "simple", simple)

    def _is_plain(self, rate: Rate) -> bool:
        return (
            self.refused_by < 0
            and self.outside_of < 0
            and self.volume < 0
            and not self.surcharges
            and not rate.minimum
            and rate.cap is None
            and rate.first_price == rate.price
        )


@dataclass(frozen=True, slots=True)
class LimitUse:
    """A fair-use limit of an allowance: the meter that counts it and the most it may reach."""

    meter: int
    amount: int


@dataclass(frozen=True, slots=True)
class AllowanceUse:
    """One allowance as it serves one class, in its place in the order of drawing.

    `meter` counts what was drawn, in the allowance's unit. `inside_price` is micros per minute.
    `first` and `next` are the increment in seconds. With `chosen` it serves only the country
    the customer chose. Where `band_set` indexes the book's band sets, it serves only calls that
    start in one of `bands`.
    """

    maker: int
    meter: int
    first: int
    next: int
    inside_price: int
    forfeits: bool
    blocks: bool
    chosen: bool
    limits: tuple[LimitUse, ...]
    needs_all: bool
    band_set: int = -1
    bands: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class CycleTerms:
    """What the start of a cycle decides: fee, minimum spend, limits, and the allowances.

    `limits` holds the most each meter may reach, indexed like the plan's meters; `chains` the
    allowances of each class in draw order. `fee` is 0 before the first date of a dated fee.
    """

    fee: int
    minimum_spend: int
    limits: tuple[int, ...]
    chains: tuple[tuple[AllowanceUse, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTariff:
    """One compiled plan: a row of treatments and a set of terms for each epoch of the book.

    Epochs in which nothing of the plan changes share their row. Makers are all different; those
    of the plan's rate table come first, so that plans share what they share of the table. The
    makers of connection fee, minimum and cap follow each schedule's own.
    """

    plan: Plan
    makers: tuple[Maker, ...]
    meters: tuple[MeterSpec, ...]
    daily: tuple[int, ...]
    volumes: tuple[tuple[Volume, int], ...]
    rows: tuple[tuple[Treatment, ...], ...]
    terms: tuple[CycleTerms, ...]
    fee_maker: int
    intro_maker: int
    minimum_spend_maker: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a number leads: its class (-1: none), and its destination if it has one."""

    class_index: int
    destination: Destination | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffBook:
    """Every plan of a catalog, compiled.

    `starts` cuts the numbers, by their sort keys, into half-open intervals; `places` tells
    what each is. `epochs` are the first days of the times between which no value changes,
    `date.min` first. `class_count` is the length of every row.
    """

    digest: str
    currency: str
    zone: str
    tax: Tax | None
    epochs: tuple[date, ...]
    starts: tuple[int, ...]
    places: tuple[Place, ...]
    class_count: int
    band_sets: tuple[BandSet, ...]
    plans: dict[str, PlanTariff]

    def place(self, number: str) -> Place:
        """Return the class and destination of an E.164 number such as `+525512345678`."""
        return self.places[bisect_right(self.starts, sort_key(number[1:])) - 1]

    def epoch_index(self, day: date) -> int:
        """Return the index of the epoch that holds `day`."""
        return bisect_right(self.epochs, day) - 1

    def plan(self, plan_id: str) -> PlanTariff:
        """Return a compiled plan; raise `UnknownId` with the closest known ids."""
        try:
            return self.plans[plan_id]
        except KeyError:
            raise UnknownId(kind="plan", value=plan_id, known=self.plans) from None


__all__ = [
    "GAP",
    "AllowanceUse",
    "CycleTerms",
    "LimitUse",
    "Maker",
    "MakerKind",
    "Place",
    "PlanTariff",
    "Schedule",
    "SurchargeUse",
    "TariffBook",
    "Treatment",
]
