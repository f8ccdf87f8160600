"""The end of a subscription, and what is given back and due with it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from plan_rules.catalog.catalog import Catalog
from plan_rules.errors import InvalidValue
from plan_rules.switching.asking import adjustments_due
from plan_rules.switching.demands import demand_charged, demand_currency, demand_day
from plan_rules.switching.dues import given_back, is_due_afterwards
from plan_rules.switching.events import Cancelled, Event
from plan_rules.switching.fee_adjustment import FeeAdjustment
from plan_rules.switching.leaving import termination_lines
from plan_rules.switching.line import Line
from plan_rules.switching.pricing import Pricer
from plan_rules.switching.refusal import CommandRefused
from plan_rules.switching.subscription import Status, Subscription
from plan_rules.usage.call import Call
from plan_rules.usage.customer import Customer


def cancel(
    *,
    catalog: Catalog,
    subscription: Subscription,
    as_of: datetime,
    on: date | None = None,
    reason: str = "",
    customer: Customer | None = None,
    calls: Iterable[Call] = (),
    adjustments: Iterable[FeeAdjustment] | None = None,
) -> tuple[Event, ...]:
    """End the subscription `on` a day from today to the end of the cycle; today unless said.

    That day is not served any more. What was paid for later days comes back, and leaving a
    minimum term early costs what it costs for a switch. Where a fee falls due, rules are asked
    about the `customer` as `charge_cycle` asks them.
    """
    demand_currency(catalog, subscription)
    today = subscription.day_of(as_of)
    if subscription.status is Status.CANCELLED:
        raise CommandRefused(
            command="cancel",
            field="status",
            fact=f"the subscription ended on {subscription.ended_on}",
            remedy="activate a new one",
        )
    demand_day(subscription, today, command="cancel")
    day = on or today
    last = max(today, subscription.cycle.end)
    if not today <= day <= last:
        raise InvalidValue(
            name="on", value=day.isoformat(), expected=f"a day from {today} to {last}"
        )
    lines: tuple[Line, ...] = ()
    if subscription.status is Status.ACTIVE:
        demand_charged(subscription, today, command="cancel")
        due: tuple[FeeAdjustment, ...] = ()
        if is_due_afterwards(catalog, subscription, until=day):
            start = subscription.segment_start
            due = adjustments_due(
                catalog, subscription, customer, adjustments, on=start, calls=calls
            )
        lines = given_back(catalog, subscription, on=day, adjustments=due)
    lines += termination_lines(
        catalog, subscription, on=day, pricer=Pricer.of(catalog), given=lines
    )
    change = Cancelled(lines=lines, reason=reason)
    event = Event(sequence=subscription.version + 1, effective=day, recorded=as_of, change=change)
    return (event,)
