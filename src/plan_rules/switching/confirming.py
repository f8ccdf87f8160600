"""Confirming a switch quote: what was quoted is charged, once, or nothing is changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from plan_rules.catalog.catalog import Catalog
from plan_rules.errors import InvalidValue
from plan_rules.periods import epoch_seconds
from plan_rules.switching.charging import switched
from plan_rules.switching.documents import quote_digest
from plan_rules.switching.events import Change, Event, Scheduled, Switched
from plan_rules.switching.line import Line
from plan_rules.switching.move import Move
from plan_rules.switching.payment import Settlement
from plan_rules.switching.quote import SwitchQuote
from plan_rules.switching.refusal import (
    ExpiredQuote,
    KeyInUse,
    MissingConsent,
    StaleQuote,
    WrongCustomer,
)
from plan_rules.switching.subscription import Subscription
from plan_rules.tariff.compiling import tariff_book


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What a confirmed quote did: `events` to be stored, and the `subscription` after them.

    `effective` is the day the plan changes, `lines` what is charged and given back on it.
    `is_scheduled` says that the day is still to come.
    """

    quote_id: str
    key: str
    effective: date
    lines: tuple[Line, ...]
    settlement: Settlement
    is_scheduled: bool
    events: tuple[Event, ...]
    subscription: Subscription


def confirm_switch(
    *,
    quote: SwitchQuote,
    subscription: Subscription,
    catalog: Catalog,
    as_of: datetime,
    key: str,
    consents: Iterable[str] = (),
    customer: str = "",
) -> Confirmation:
    """Carry out a quote: charge exactly its lines, on its day.

    A quote for today or for a day past switches now; one for a later day is agreed, and takes
    place when that day is charged. `key` names the customer's decision: confirming with the
    same key again gives the first result, whatever has happened since. `consents` are the ids
    of what the customer agreed to or showed; `customer` is who asks, if the host knows.

    Raises, and changes nothing: `WrongCustomer`, `StaleQuote` if the catalog or the
    subscription is not what the quote was made from, `ExpiredQuote`, `MissingConsent`,
    `KeyInUse` for a key that confirmed another quote, `InvalidValue` for an empty key, a naive
    `as_of` or one before the quote, and a quote whose digest is not its own.
    """
    epoch_seconds(as_of)
    if not key:
        raise InvalidValue(name="key", value=key, expected="a text that is not empty")
    if quote_digest(quote) != quote.digest:
        raise InvalidValue(name="quote.digest", value=quote.digest, expected="an unchanged quote")
    _demand_customer(quote, subscription, customer)
    first = _confirmed_before(subscription, key)
    if first is not None:
        return _again(first, quote, subscription, key)
    _demand_fresh(quote, subscription, catalog)
    if epoch_seconds(as_of) < epoch_seconds(quote.quoted):
        raise InvalidValue(
            name="as_of", value=as_of.isoformat(), expected=f"{quote.quoted.isoformat()} or later"
        )
    if epoch_seconds(as_of) >= epoch_seconds(quote.valid_until):
        raise ExpiredQuote(valid_until=quote.valid_until, as_of=as_of)
    agreed = frozenset(consents)
    missing = [each.id for each in quote.requirements if each.id not in agreed]
    if missing:
        raise MissingConsent(missing=missing)
    event = Event(
        sequence=subscription.version + 1,
        effective=min(quote.effective, subscription.day_of(as_of)),
        recorded=as_of,
        change=_change(quote, subscription, catalog, as_of, key),
    )
    return _confirmation(event, subscription)


def _change(
    quote: SwitchQuote, subscription: Subscription, catalog: Catalog, as_of: datetime, key: str
) -> Change:
    if quote.effective > subscription.day_of(as_of):
        return Scheduled(
            on=quote.effective,
            on_plan=quote.on_plan,
            grid=quote.grid,
            cycle=quote.cycle,
            policy=quote.policy,
            lines=quote.lines,
            quote_id=quote.id,
            key=key,
        )
    step = Move(
        on=quote.effective,
        on_plan=quote.on_plan,
        grid=quote.grid,
        cycle=quote.cycle,
        lines=quote.lines,
        share=quote.share,
        undoes=quote.undoes,
    )
    return switched(catalog, subscription, step, quote_id=quote.id, key=key)


def _demand_customer(quote: SwitchQuote, subscription: Subscription, customer: str) -> None:
    for field, quoted, given in (
        ("customer", quote.customer_id, customer or subscription.customer_id),
        ("subscription.customer_id", quote.customer_id, subscription.customer_id),
        ("subscription.id", quote.subscription_id, subscription.id),
    ):
        if quoted != given:
            raise WrongCustomer(field=field, quoted=quoted, given=given)


def _demand_fresh(quote: SwitchQuote, subscription: Subscription, catalog: Catalog) -> None:
    found = tariff_book(catalog).digest
    if quote.catalog_digest != found:
        raise StaleQuote(field="catalog", pinned=quote.catalog_digest, found=found)
    version = subscription.pinned_version
    if quote.subscription_version != version:
        raise StaleQuote(field="subscription", pinned=quote.subscription_version, found=version)


def _confirmed_before(subscription: Subscription, key: str) -> Event | None:
    """Return the first event that was confirmed with a key."""
    for event in subscription.events:
        if isinstance(event.change, Switched | Scheduled) and event.change.key == key:
            return event
    return None


def _again(event: Event, quote: SwitchQuote, subscription: Subscription, key: str) -> Confirmation:
    change = event.change
    if isinstance(change, Switched | Scheduled) and change.quote_id != quote.id:
        raise KeyInUse(key=key, quote_id=change.quote_id)
    return _confirmation(event, Subscription.replay(subscription.events[: event.sequence - 1]))


def _confirmation(event: Event, before: Subscription) -> Confirmation:
    change = event.change
    if not isinstance(change, Switched | Scheduled):
        raise InvalidValue(name="event", value=event.sequence, expected="a switch")
    scheduled = isinstance(change, Scheduled)
    return Confirmation(
        quote_id=change.quote_id,
        key=change.key,
        effective=change.on if isinstance(change, Scheduled) else event.effective,
        lines=change.lines,
        settlement=Settlement.of(change.lines, credit_micros=before.credit_micros),
        is_scheduled=scheduled,
        events=(event,),
        subscription=before.after((event,)),
    )
