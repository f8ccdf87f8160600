"""Why a customer may not switch, and why a quote or a command is not carried out.

A `SwitchRefusal` is an outcome: the customer may not, for reasons they can be told. The
exceptions say that the caller asked for what does not stand (any more).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from plan_rules.errors import NOWHERE, PlanRulesError, Span


class WhyRefused(StrEnum):
    """Why a customer may not switch to a plan, or not on the day asked for."""

    EXCLUDED = "excluded"
    NOT_FOR_SALE = "not-for-sale"
    OUTSIDE_POLICY = "outside-policy"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    NO_COUNTRY = "no-country-chosen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One reason: the argument it is about, the fact, and what could be done instead.

    `rule` is the id of the rule that excludes, or empty; `span` where it is written.
    """

    why: WhyRefused
    field: str
    reason: str
    remedy: str
    rule: str = ""
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchRefusal:
    """The outcome of a switch that may not be: every reason, at least one."""

    customer_id: str
    to: str
    refusals: tuple[Refusal, ...]


class QuoteNotConfirmed(PlanRulesError, ValueError):
    """A quote was to be confirmed and was not; nothing is changed.

    `field` names what stands against it, `remedy` what to do.
    """

    def __init__(self, *, field: str, fact: str, remedy: str) -> None:
        """Keep the facts; the sentence is made from them."""
        self.field = field
        self.fact = fact
        self.remedy = remedy
        super().__init__(f"`{field}`: {fact}; {remedy}")


class StaleQuote(QuoteNotConfirmed):
    """What the quote was made from has changed: `pinned` then, `found` now."""

    def __init__(self, *, field: str, pinned: object, found: object) -> None:
        """Keep what the quote pinned and what is there now."""
        self.pinned = pinned
        self.found = found
        super().__init__(
            field=field, fact=f"the quote was made for {pinned}, found {found}", remedy="quote anew"
        )


class ExpiredQuote(QuoteNotConfirmed):
    """The quote was valid before `valid_until`, and `as_of` is not before it."""

    def __init__(self, *, valid_until: datetime, as_of: datetime) -> None:
        """Keep both instants."""
        self.valid_until = valid_until
        self.as_of = as_of
        super().__init__(
            field="as_of",
            fact=f"the quote was valid until {valid_until.isoformat()}",
            remedy="quote anew",
        )


class WrongCustomer(QuoteNotConfirmed):
    """The quote was made for another customer or subscription than the one given."""

    def __init__(self, *, field: str, quoted: str, given: str) -> None:
        """Keep whom it was made for and who was given."""
        self.quoted = quoted
        self.given = given
        super().__init__(
            field=field,
            fact=f"the quote is for {quoted!r}, not for {given!r}",
            remedy="confirm the quote of this customer",
        )


class MissingConsent(QuoteNotConfirmed):
    """The customer has not agreed to, or not shown, what the quote demands: `missing` ids."""

    def __init__(self, *, missing: Iterable[str]) -> None:
        """Keep the ids of all that is missing."""
        self.missing = tuple(missing)
        listed = ", ".join(self.missing)
        super().__init__(
            field="consents", fact=f"{listed} missing", remedy="ask the customer, and pass the ids"
        )


class KeyInUse(QuoteNotConfirmed):
    """The idempotency key was used before, for another quote."""

    def __init__(self, *, key: str, quote_id: str) -> None:
        """Keep the key and the quote that it was used for."""
        self.key = key
        self.quote_id = quote_id
        super().__init__(
            field="key",
            fact=f"{key!r} confirmed quote {quote_id} before",
            remedy="pass a new key for each decision of the customer",
        )


class CommandRefused(PlanRulesError, ValueError):
    """A command cannot be done in the state the subscription is in; nothing is changed.

    `command` is its name, `field` what stands against it, `fact` what is so and `remedy` what
    to do instead.
    """

    def __init__(self, *, command: str, field: str, fact: str, remedy: str) -> None:
        """Keep the facts; the sentence is made from them."""
        self.command = command
        self.field = field
        self.fact = fact
        self.remedy = remedy
        super().__init__(f"cannot {command}: `{field}`: {fact}; {remedy}")
