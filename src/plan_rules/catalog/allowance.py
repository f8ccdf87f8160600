"""Allowances: usage that a plan's fee includes, and the limits set on it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from plan_rules.catalog.rate import Increment
from plan_rules.destinations.selector import Selector
from plan_rules.errors import NOWHERE, InvalidValue, Span


class AllowanceUnit(StrEnum):
    """What an allowance counts: seconds of calls, calls, or micros of charges."""

    SECONDS = "seconds"
    CALLS = "calls"
    MICROS = "micros"


class Remnant(StrEnum):
    """What becomes of an increment that an allowance covers only in part.

    `usable`: the allowance gives its last seconds, the rest of the increment is passed on.
    `forfeit`: the last seconds stay unused.
    """

    USABLE = "usable"
    FORFEIT = "forfeit"


class WhenUsedUp(StrEnum):
    """What happens to a call that an allowance no longer covers: it is charged, or blocked."""

    CHARGE = "charge"
    BLOCK = "block"


class Share(StrEnum):
    """Whether one amount serves all destinations or each country has its own."""

    ALL = "all"
    EACH_COUNTRY = "each-country"


class LimitMetric(StrEnum):
    """What a fair-use limit counts."""

    SECONDS = "minutes"
    CALLS = "calls"
    NUMBERS = "distinct-numbers"


class Reset(StrEnum):
    """When a meter goes back to nothing."""

    CYCLE = "cycle"
    DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A fair-use limit: at most `amount` (seconds, calls or numbers) within a cycle or a day."""

    metric: LimitMetric
    per: Reset
    amount: int
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of one allowance: with `needs_all` they bite only when every one is exceeded."""

    limits: tuple[Limit, ...]
    needs_all: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InsidePrice:
    """What a minute costs inside an allowance for some destinations, in micros per minute."""

    selector: Selector
    price: int
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """When a call must start for an allowance to serve it: bands of a band set, by their ids."""

    bands: str
    within: tuple[str, ...]
    span: Span = NOWHERE

    def __post_init__(self) -> None:
        """Refuse hours of no band."""
        if not self.within:
            raise InvalidValue(name="within", value=self.within, expected="at least one band")


BY_THE_MINUTE = Increment(60, 60)
"""How seconds are drawn where an allowance does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """Usage included in a plan's fee.

    `amount` counts in `unit`; `None` is unlimited. `to` says where it holds, `without` takes
    out. Allowances are drawn by ascending `priority`, then most specific selector, then id.
    `increment` rounds what seconds are drawn. `limits` bound it (fair use). With `hours` it
    serves only calls that start within them, by the clock of the catalog.
    """

    id: str
    unit: AllowanceUnit
    amount: int | None
    to: tuple[Selector, ...]
    without: tuple[Selector, ...] = ()
    priority: int = 100
    increment: Increment = BY_THE_MINUTE
    remnant: Remnant = Remnant.USABLE
    when_used_up: WhenUsedUp = WhenUsedUp.CHARGE
    share: Share = Share.ALL
    prices: tuple[InsidePrice, ...] = ()
    limits: Limits = Limits(limits=())
    hours: Hours | None = None
    span: Span = NOWHERE

    def __post_init__(self) -> None:
        """Refuse a negative amount and an allowance that reaches nothing."""
        if self.amount is not None and self.amount < 0:
            raise InvalidValue(name="amount", value=self.amount, expected="0 or more")
        if not self.to:
            raise InvalidValue(name="to", value=self.to, expected="at least one selector")
