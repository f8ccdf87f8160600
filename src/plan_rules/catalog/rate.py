"""What a call costs: increments, rates, rate tables.

An author writes partial `RateTerms`; a table gives defaults, and a plan's override replaces
only the fields it names. Merged and complete they are a `Rate`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from plan_rules.catalog.dated import Dated
from plan_rules.destinations.selector import Selector
from plan_rules.errors import NOWHERE, InvalidValue, Span


@dataclass(frozen=True, slots=True)
class Increment:
    """Billing increments in seconds: a call bills `first`, then whole steps of `next`.

    Both are at least 1. Written `first/next`, as in `60/6`.
    """

    first: int
    next: int

    def __post_init__(self) -> None:
        """Refuse an increment below a second."""
        if self.first < 1 or self.next < 1:
            raise InvalidValue(
                name="increment", value=str(self), expected="two whole seconds of at least 1"
            )

    def __str__(self) -> str:
        """Return the written form."""
        return f"{self.first}/{self.next}"

    def billed(self, seconds: int) -> int:
        """Return the seconds billed for a call of `seconds`; 0 for 0.

        `first` covers a shorter call; beyond it, whole steps of `next` are added. The rule is
        YETI's and rate-o-mat's (db/cdr_structure.sql, rate-o-mat.pl).
        """
        if seconds <= 0:
            return 0
        if seconds <= self.first:
            return self.first
        return self.first - (self.first - seconds) // self.next * self.next


@dataclass(frozen=True, slots=True, kw_only=True)
class RateTier:
    """A price that starts after `after` elapsed seconds of a call.

    `increment` is the step in seconds from there on; `None` keeps the rate's own `next`.
    """

    after: int
    price: int
    increment: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RateTerms:
    """What an author wrote about a rate; a field that was not written is `None`.

    `price`, `first_price` are micros per minute, `connection_fee`, `minimum`, `cap` micros per
    call. `first_price` is the price within the first increment. `tiers` start after some
    elapsed time.
    """

    price: int | None = None
    first_price: int | None = None
    connection_fee: int | None = None
    increment: Increment | None = None
    minimum: int | None = None
    cap: int | None = None
    tiers: tuple[RateTier, ...] | None = None

    def over(self, other: RateTerms) -> RateTerms:
        """Return these terms, with what they leave out taken from `other`."""
        return RateTerms(
            price=other.price if self.price is None else self.price,
            first_price=other.first_price if self.first_price is None else self.first_price,
            connection_fee=(
                other.connection_fee if self.connection_fee is None else self.connection_fee
            ),
            increment=other.increment if self.increment is None else self.increment,
            minimum=other.minimum if self.minimum is None else self.minimum,
            cap=other.cap if self.cap is None else self.cap,
            tiers=other.tiers if self.tiers is None else self.tiers,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RateEntry:
    """One row of a rate table or of a plan's overrides.

    `terms` hold at any hour, or are what the bands have in common; `by_band` gives each band
    of the table's band set its own terms, which replace the fields they name. Terms are dated.
    """

    selector: Selector
    terms: Dated[RateTerms]
    by_band: tuple[tuple[str, Dated[RateTerms]], ...] = ()
    note: str = ""
    span: Span = NOWHERE

    @property
    def is_dated(self) -> bool:
        """Whether anything in the entry changes on some date."""
        return self.terms.is_dated or any(dated.is_dated for _, dated in self.by_band)

    @property
    def dates(self) -> frozenset[date]:
        """Every date on which something in the entry changes."""
        return frozenset(self.terms.dates).union(*(dated.dates for _, dated in self.by_band))


@dataclass(frozen=True, slots=True, kw_only=True)
class RateTable:
    """Prices by selector, shared by plans. `defaults` fill what an entry leaves out.

    `bands` is the id of a band set, or empty where no hour differs.
    """

    id: str
    entries: tuple[RateEntry, ...]
    defaults: RateTerms = field(default_factory=RateTerms)
    bands: str = ""
    span: Span = NOWHERE


LENGTHS_COMPARED = (60, 600, 3_600, 36_000)
"""Seconds of the calls by which two rates are compared."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Complete terms of a price; units as in `RateTerms`. `cap` `None` means no cap."""

    price: int
    increment: Increment
    first_price: int
    connection_fee: int
    minimum: int
    cap: int | None
    tiers: tuple[RateTier, ...]

    @classmethod
    def of(cls, *layers: RateTerms) -> Rate | None:
        """Return the complete rate of terms, strongest first.

        `None` without a price or an increment.
        """
        price = first_price = fee = increment = minimum = cap = tiers = None
        for terms in reversed(layers):
            price = price if terms.price is None else terms.price
            first_price = first_price if terms.first_price is None else terms.first_price
            fee = fee if terms.connection_fee is None else terms.connection_fee
            increment = increment if terms.increment is None else terms.increment
            minimum = minimum if terms.minimum is None else terms.minimum
            cap = cap if terms.cap is None else terms.cap
            tiers = tiers if terms.tiers is None else terms.tiers
        if price is None or increment is None:
            return None
        return cls(
            price=price,
            increment=increment,
            first_price=price if first_price is None else first_price,
            connection_fee=fee or 0,
            minimum=minimum or 0,
            cap=cap,
            tiers=tiers or (),
        )

    @property
    def dearness(self) -> tuple[int, ...]:
        """A key that orders rates from cheap to dear for numbers whose line type is unknown.

        Compared is what a call of a minute costs, then of ten minutes, an hour and ten hours,
        with tiers, minimum and cap; then the increments.
        """
        costs = [self.sixtieths(seconds) for seconds in LENGTHS_COMPARED]
        return (*costs, self.increment.first, self.increment.next)

    def sixtieths(self, seconds: int) -> int:
        """Return the exact price of a call that is paid in full, in sixtieths of a micro."""
        total = 60 * self.connection_fee + self.increment.first * self.first_price
        elapsed = self.increment.first
        price, step = self.price, self.increment.next
        for tier in self.tiers:
            end = min(seconds, tier.after)
            if end > elapsed:
                steps = -(-(end - elapsed) // step)
                total += steps * step * price
                elapsed += steps * step
            price = tier.price
            step = self.increment.next if tier.increment is None else tier.increment
        if seconds > elapsed:
            total += -(-(seconds - elapsed) // step) * step * price
        total = max(total, 60 * self.minimum)
        return total if self.cap is None else min(total, 60 * self.cap)
