"""What every command demands of the state it meets, and the event it makes."""

from __future__ import annotations

from datetime import date, datetime

from plan_rules.catalog.catalog import Catalog
from plan_rules.errors import CurrencyMismatch
from plan_rules.switching.events import Change, Event
from plan_rules.switching.refusal import CommandRefused
from plan_rules.switching.subscription import Status, Subscription


def next_event(subscription: Subscription, as_of: datetime, change: Change) -> Event:
    """Return a change that takes effect on the local day of `as_of` as the next event."""
    return Event(
        sequence=subscription.version + 1,
        effective=subscription.day_of(as_of),
        recorded=as_of,
        change=change,
    )


def demand_currency(catalog: Catalog, subscription: Subscription) -> None:
    """Refuse a catalog of another currency than the one the customer pays in."""
    if catalog.currency != subscription.currency:
        raise CurrencyMismatch(expected=subscription.currency, given=catalog.currency)


def demand_day(subscription: Subscription, today: date, *, command: str) -> None:
    """Refuse a day before the last change of what is served."""
    if today < subscription.last_change:
        raise CommandRefused(
            command=command,
            field="as_of",
            fact=f"{today} is before {subscription.last_change}, when the plan last changed",
            remedy=f"pass an instant of {subscription.last_change} or later",
        )


def demand_charged(subscription: Subscription, today: date, *, command: str) -> None:
    """Refuse a day in a cycle that was not charged yet, or of a switch that is overdue."""
    agreed = subscription.scheduled
    if today >= subscription.cycle.end or (agreed is not None and agreed.on <= today):
        due = min(subscription.cycle.end, agreed.on if agreed else subscription.cycle.end)
        raise CommandRefused(
            command=command,
            field="as_of",
            fact=f"what falls due on {due} was not charged yet",
            remedy="charge the cycles up to today first (`charge_cycle`)",
        )


def demand_active(subscription: Subscription, as_of: datetime, *, command: str) -> date:
    """Return today, of a subscription that is served and charged up to today."""
    today = subscription.day_of(as_of)
    if subscription.status is not Status.ACTIVE:
        remedy = "resume it first" if subscription.status is Status.PAUSED else "activate a new one"
        raise CommandRefused(
            command=command,
            field="status",
            fact=f"the subscription is {subscription.status.value}",
            remedy=remedy,
        )
    demand_day(subscription, today, command=command)
    demand_charged(subscription, today, command=command)
    return today
