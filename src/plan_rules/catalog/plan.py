"""A plan: what a customer may be on, as its product manager wrote it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import pairwise

from plan_rules.catalog.allowance import Allowance
from plan_rules.catalog.dated import Dated
from plan_rules.catalog.rate import RateEntry
from plan_rules.destinations.selector import Selector
from plan_rules.errors import NOWHERE, InvalidValue, Span
from plan_rules.money import Rounding
from plan_rules.periods import CycleLength, Period


class PlanKind(StrEnum):
    """The three plan types of the agents' guide."""

    UNLIMITED = "unlimited"
    PAY_PER_MINUTE = "pay-per-minute"
    REGION_SPECIFIC = "region-specific"


class RestrictionKind(StrEnum):
    """What a restriction does: `block` refuses what it names, `allow` refuses all else.

    `advise` refuses nothing: it is told to the customer and never costed.
    """

    BLOCK = "block"
    ALLOW = "allow"
    ADVISE = "advise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """Destinations a plan forbids, with the reason told to the customer."""

    id: str
    kind: RestrictionKind
    to: tuple[Selector, ...]
    reason: str
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Surcharge:
    """An additional charge: `per_minute` of every billed second, and `per_call`, in micros."""

    id: str
    to: tuple[Selector, ...]
    per_minute: int = 0
    per_call: int = 0
    reason: str = ""
    span: Span = NOWHERE


class VolumeModel(StrEnum):
    """How a volume over a cycle is priced.

    `graduated`: each unit at the price of the tier it falls in. `whole-volume`: all units at
    the price of the tier the total reaches. `package`: a started package is paid in full.
    """

    GRADUATED = "graduated"
    WHOLE_VOLUME = "whole-volume"
    PACKAGE = "package"


class VolumeUnit(StrEnum):
    """What a volume counts: billed minutes, or calls."""

    MINUTES = "minutes"
    CALLS = "calls"


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeTier:
    """A tier up to and including `up_to` units (`None`: no end).

    `price` is micros per unit, `flat` micros once when the tier is entered.
    """

    up_to: int | None
    price: int
    flat: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A price by the volume of a cycle, in place of the rate, for calls to `to`.

    `free` units come first and cost nothing. For a package, `package_size` units cost
    `package_price` micros.
    """

    id: str
    to: tuple[Selector, ...]
    model: VolumeModel
    unit: VolumeUnit = VolumeUnit.MINUTES
    free: int = 0
    tiers: tuple[VolumeTier, ...] = ()
    package_size: int = 0
    package_price: int = 0
    span: Span = NOWHERE

    def __post_init__(self) -> None:
        """Refuse tiers that are not ascending with an open end, and a package of nothing."""
        if self.model is VolumeModel.PACKAGE:
            if self.package_size < 1:
                raise InvalidValue(
                    name="package_size", value=self.package_size, expected="at least 1"
                )
            return
        ends = [tier.up_to for tier in self.tiers]
        closed = [end for end in ends[:-1] if end is not None]
        ascending = all(before < after for before, after in pairwise(closed))
        if not ends or ends[-1] is not None or len(closed) < len(ends) - 1 or not ascending:
            raise InvalidValue(
                name="tiers", value=tuple(ends), expected="ascending ends, the last one open"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Intro:
    """A promotional fee in micros for the first `cycles` cycles."""

    cycles: int
    fee: int
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Billing:
    """When and how often a plan bills; `minimum_spend` is on net usage per cycle, in micros.

    `calendar` plans cut their cycles on the first of the month whatever the anchor date.
    """

    length: CycleLength = field(default_factory=CycleLength)
    fee_in_advance: bool = True
    usage_in_advance: bool = False
    minimum_spend: Dated[int] = field(default_factory=lambda: Dated.always(0))
    calendar: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """A minimum term in cycles, and what leaving early costs, by a named formula."""

    cycles: int
    early_termination: str = "none"
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Switching:
    """How a switch to or from the plan is prorated and when it takes effect: named presets."""

    proration: str = "calendar-day"
    allowance: str = "prorated"
    upgrade: str = "immediately"
    downgrade: str = "cycle-end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One calling plan. Prices are micros of the catalog's currency.

    `sold` is when it may be chosen; existing customers keep it afterwards. `rates` is the id
    of a rate table, or empty for a plan without rates; `overrides` replace fields of its
    entries; `coverage`, where given, limits which destinations the plan reaches at all.
    `labels` are words that rules can ask for, such as `business`.
    """

    id: str
    name: str
    kind: PlanKind
    summary: str
    fee: Dated[int]
    sold: Period = field(default_factory=Period)
    one_time: tuple[tuple[str, int], ...] = ()
    intro: Intro | None = None
    billing: Billing = field(default_factory=Billing)
    switching: Switching = field(default_factory=Switching)
    allowances: tuple[Allowance, ...] = ()
    choose_from: tuple[Selector, ...] = ()
    rates: str = ""
    overrides: tuple[RateEntry, ...] = ()
    coverage: tuple[Selector, ...] | None = None
    restrictions: tuple[Restriction, ...] = ()
    surcharges: tuple[Surcharge, ...] = ()
    volumes: tuple[Volume, ...] = ()
    commitment: Commitment | None = None
    rounding: Rounding = field(default_factory=Rounding)
    labels: tuple[str, ...] = ()
    span: Span = NOWHERE
    fee_span: Span = NOWHERE

    def selectors(self) -> Iterator[tuple[Selector, Span]]:
        """Yield every selector the plan writes, with the nearest place that is known."""
        for entry in self.overrides:
            yield entry.selector, entry.span
        for selector in (*(self.coverage or ()), *self.choose_from):
            yield selector, self.span
        for allowance in self.allowances:
            yield from ((each, allowance.span) for each in (*allowance.to, *allowance.without))
            yield from ((price.selector, price.span) for price in allowance.prices)
        for restriction in self.restrictions:
            yield from ((each, restriction.span) for each in restriction.to)
        for surcharge in self.surcharges:
            yield from ((each, surcharge.span) for each in surcharge.to)
        for volume in self.volumes:
            yield from ((each, volume.span) for each in volume.to)

    def is_sold(self, on: date) -> bool:
        """Whether a customer may choose the plan on that day."""
        return on in self.sold
