"""What happens to the account and the schedule of a subscription beside its plan."""

from __future__ import annotations

from datetime import datetime

from plan_rules.errors import CurrencyMismatch, InvalidValue
from plan_rules.money import Money
from plan_rules.switching.demands import next_event
from plan_rules.switching.events import Credited, Event, ScheduleCancelled
from plan_rules.switching.refusal import CommandRefused
from plan_rules.switching.subscription import Subscription


def cancel_schedule(
    *, subscription: Subscription, as_of: datetime, reason: str = ""
) -> tuple[Event, ...]:
    """Call off the switch that was agreed for a later day."""
    if subscription.scheduled is None:
        raise CommandRefused(
            command="cancel the schedule",
            field="scheduled",
            fact="no switch is scheduled",
            remedy="quote and confirm a switch for a later day first",
        )
    return (next_event(subscription, as_of, ScheduleCancelled(reason=reason)),)


def credit_account(
    *, subscription: Subscription, amount: Money, reason: str, as_of: datetime
) -> tuple[Event, ...]:
    """Credit the account with an amount above 0, tax included, for a reason that is kept."""
    if amount.currency != subscription.currency:
        raise CurrencyMismatch(expected=subscription.currency, given=amount.currency)
    if not reason:
        raise InvalidValue(name="reason", value=reason, expected="why the account is credited")
    return (next_event(subscription, as_of, Credited(gross_micros=amount.micros, reason=reason)),)
