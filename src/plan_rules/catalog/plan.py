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
from plan_rules.errors import NOWHERE, InvalidValue, Span, UnknownId
from plan_rules.money import Rounding, RoundingMode
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


class EarlyTermination(StrEnum):
    """What leaving a commitment early costs, by the name of its formula.

    `none`: nothing. `fixed`: an amount. `remaining-fees`: the fees of the time left.
    `linear-device`: what is left of a device's value, which falls in equal monthly steps.
    `eecc`: the smaller of the last two (Directive (EU) 2018/1972, Art 105). `canada`: the
    rest of the device, or without one a tenth of the fees left, at most 50 (CRTC Wireless
    Code). `belgium`: the fees of the first six months that are left, and the rest of the
    device (Act of 13 June 2005, Art 111/3).
    """

    NONE = "none"
    FIXED = "fixed"
    REMAINING_FEES = "remaining-fees"
    LINEAR_DEVICE = "linear-device"
    EECC = "eecc"
    CANADA = "canada"
    BELGIUM = "belgium"


NEEDS_DEVICE = frozenset({EarlyTermination.LINEAR_DEVICE, EarlyTermination.EECC})
MAY_HAVE_DEVICE = NEEDS_DEVICE | {EarlyTermination.CANADA, EarlyTermination.BELGIUM}


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device given with a plan: its `value` in micros falls to 0 in `months` equal steps."""

    value: int
    months: int
    span: Span = NOWHERE

    def __post_init__(self) -> None:
        """Refuse a device that is worth nothing, or for no time."""
        if self.value < 1:
            raise InvalidValue(name="value", value=self.value, expected="above 0")
        if self.months < 1:
            raise InvalidValue(name="months", value=self.months, expected="at least 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """A minimum term in cycles, and what leaving early costs, by a named formula.

    `amount` is that of `fixed`, in micros. `linear-device` and `eecc` need a `device`, which
    `canada` and `belgium` may have. What a formula does not read cannot be given.
    """

    cycles: int
    early_termination: EarlyTermination = EarlyTermination.NONE
    amount: int | None = None
    device: Device | None = None
    span: Span = NOWHERE

    def __post_init__(self) -> None:
        """Refuse a formula without what it reads, and what its formula does not read."""
        formula = self.early_termination
        if self.cycles < 1:
            raise InvalidValue(name="cycles", value=self.cycles, expected="at least 1")
        if (self.amount is not None) != (formula is EarlyTermination.FIXED):
            raise InvalidValue(
                name="amount", value=self.amount, expected="an amount for `fixed`, and only there"
            )
        if self.amount is not None and self.amount < 0:
            raise InvalidValue(name="amount", value=self.amount, expected="0 or more")
        if self.device is None and formula in NEEDS_DEVICE:
            raise InvalidValue(name="device", value=None, expected=f"a device for `{formula}`")
        if self.device is not None and formula not in MAY_HAVE_DEVICE:
            raise InvalidValue(name="device", value=formula.value, expected="no device there")


PRORATIONS = (
    "calendar-day",
    "calendar-day-old-plan",
    "second",
    "fixed-30",
    "actual-over-30",
    "strict-30-360",
    "annualised-365",
    "months-first",
    "none",
)
"""Names of the proration conventions, which `plan_rules.switching` declares."""

SWITCH_POLICIES = (
    "immediately",
    "cycle-end",
    "full-price",
    "deferred",
    "back-dated",
    "value-to-days",
    "none",
)
"""Names of the switch policies, which `plan_rules.switching` declares."""


class AllowanceMode(StrEnum):
    """How the allowances of both plans make that of the cycle of a switch.

    `prorated`: each plan's by its share of the cycle. `full`: the new plan's, whole.
    `reset`: the new plan's, whole, and the counter of use back at 0. `sum`: the new plan's,
    whole, on top of the old one's by its share.
    """

    PRORATED = "prorated"
    FULL = "full"
    RESET = "reset"
    SUM = "sum"


ALLOWANCE_ROUNDINGS = (RoundingMode.DOWN, RoundingMode.HALF_UP)
"""How a share of an allowance comes to whole units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Switching:
    """How a switch to or from the plan is prorated and when it takes effect: named presets.

    Raises `UnknownId` with the nearest names for a preset that nobody declares.
    """

    proration: str = "calendar-day"
    allowance: AllowanceMode = AllowanceMode.PRORATED
    allowance_rounding: RoundingMode = RoundingMode.DOWN
    upgrade: str = "immediately"
    downgrade: str = "cycle-end"

    def __post_init__(self) -> None:
        """Refuse names of nothing."""
        if self.proration not in PRORATIONS:
            raise UnknownId(kind="proration convention", value=self.proration, known=PRORATIONS)
        for policy in (self.upgrade, self.downgrade):
            if policy not in SWITCH_POLICIES:
                raise UnknownId(kind="switch policy", value=policy, known=SWITCH_POLICIES)
        if self.allowance_rounding not in ALLOWANCE_ROUNDINGS:
            raise InvalidValue(
                name="allowance_rounding",
                value=self.allowance_rounding.value,
                expected="`down` or `half-up`",
            )


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
