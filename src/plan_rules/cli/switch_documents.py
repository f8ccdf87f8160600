"""What the commands about a subscriber print as JSON, where no other package has the form."""

from __future__ import annotations

from typing import Any

from plan_rules.money import format_micros
from plan_rules.switching.events import lines_of
from plan_rules.switching.line import gross_of
from plan_rules.switching.refusal import SwitchRefusal
from plan_rules.switching.subscription import Subscription

VERSION = 1
Document = dict[str, Any]


def refusal_document(refusal: SwitchRefusal) -> Document:
    """Return why a customer may not switch, schema `switch-refusal.schema.json`."""
    return {
        "version": VERSION,
        "customer": refusal.customer_id,
        "to": refusal.to,
        "refusals": [
            {
                "why": each.why.value,
                "field": each.field,
                "reason": each.reason,
                "remedy": each.remedy,
                "rule": each.rule,
                "written": str(each.span) if each.span.line else "",
            }
            for each in refusal.refusals
        ],
    }


def history_document(subscription: Subscription) -> Document:
    """Return what happened to a subscription, schema `subscription-history.schema.json`."""
    rows = []
    for event in subscription.events:
        state = Subscription.replay(subscription.events[: event.sequence])
        rows.append(
            {
                "sequence": event.sequence,
                "effective": event.effective.isoformat(),
                "recorded": event.recorded.isoformat(),
                "kind": kind_of(event.change),
                "plan": state.plan_id,
                "gross": format_micros(gross_of(lines_of(event.change))),
                "due": format_micros(state.due_micros),
                "credit": format_micros(state.credit_micros),
            }
        )
    return {
        "version": VERSION,
        "subscription": subscription.id,
        "customer": subscription.customer_id,
        "currency": subscription.currency,
        "events": rows,
    }


def kind_of(change: object) -> str:
    """Return the kind of a change as documents name it: `schedule-cancelled`."""
    name = type(change).__name__
    return "".join(f"-{each}" if each.isupper() else each for each in name).lower().lstrip("-")
