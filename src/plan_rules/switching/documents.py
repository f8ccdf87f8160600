"""Subscriptions and switch quotes as JSON documents and back, under published schemas.

Amounts are decimal texts of the currency, so that no reader makes floats of them; a field
`paid_micros` is written as `paid`. Fractions are texts such as `16/31`, dates and instants ISO
texts, a place is `file:line:column`. Reading is strict: what a document does not say as it was
written is refused with the place and the remedy, and what can be derived is derived again and
compared.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from plan_rules.errors import InvalidValue
from plan_rules.switching.events import Event
from plan_rules.switching.json_form import SHOWN, DamagedDocument, mapping, read, written
from plan_rules.switching.quote import SwitchQuote
from plan_rules.switching.subscription import Subscription

VERSION = 1

Document = dict[str, Any]


def subscription_document(subscription: Subscription) -> Document:
    """Return a subscription as JSON, schema `subscription.schema.json`: its state and its events.

    The events are the truth; the state is there to be read. `digest` covers the events.
    """
    state = written(Subscription, subscription)
    events = state.pop("events")
    return {
        "version": VERSION,
        "digest": _digest(events),
        "sequence": subscription.version,
        "state": state,
        "events": events,
    }


def read_subscription(document: object) -> Subscription:
    """Return the subscription of a document, replayed from its events.

    Raises `DamagedDocument` naming the field for anything that is not as it was written: an
    unknown or missing key, another type, events out of order or lost, a changed amount, a
    state that is not what the events lead to.
    """
    found = mapping(document, "$", ("version", "digest", "sequence", "state", "events"))
    _demand_version(found)
    events = found["events"]
    if not isinstance(events, list) or not events:
        raise DamagedDocument(field="events", found=events, expected="a list of events")
    history = tuple(
        read(Event, event, f"events[{place}]") for place, event in enumerate(events, start=1)
    )
    try:
        subscription = Subscription.replay(history)
    except InvalidValue as error:
        raise DamagedDocument(
            field=error.name, found=error.value, expected=error.expected
        ) from error
    again = subscription_document(subscription)
    if found["sequence"] != subscription.version:
        expected = f"{found['sequence']}, as many as were written"
        raise DamagedDocument(field="events", found=len(history), expected=expected)
    _demand_same("state", found["state"], again["state"])
    _demand_same("digest", found["digest"], again["digest"])
    _demand_same("events", events, again["events"])
    return subscription


def quote_document(quote: SwitchQuote) -> Document:
    """Return a switch quote as JSON, schema `switch-quote.schema.json`."""
    return {"version": VERSION, **written(SwitchQuote, quote)}


def read_quote(document: object) -> SwitchQuote:
    """Return the quote of a document; raise `DamagedDocument` if it is not as it was written."""
    if not isinstance(document, Mapping):
        raise DamagedDocument(field="$", found=document, expected="an object with a version")
    _demand_version(document)
    rest = {name: value for name, value in document.items() if name != "version"}
    quote: SwitchQuote = read(SwitchQuote, rest, "")
    _demand_same("digest", quote.digest, quote_digest(quote))
    return quote


def quote_digest(quote: SwitchQuote) -> str:
    """Return the SHA-256, as 64 hexadecimal digits, of all that a quote says."""
    return _digest(written(SwitchQuote, replace(quote, id="", digest="")))


def parsed_document(text: str) -> object:
    """Return a JSON text as plain values for `read_subscription` or `read_quote`.

    Raises `DamagedDocument` for a text that is cut off or no JSON, and for a key written twice.
    """
    try:
        value: object = json.loads(text, object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError) as error:
        raise DamagedDocument(field="$", found=str(error), expected="a whole JSON text") from error
    return value


def _without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is written twice")
    return found


def _digest(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _demand_version(found: Mapping[str, Any]) -> None:
    version = found.get("version")
    if type(version) is not int or version != VERSION:
        raise DamagedDocument(field="version", found=version, expected=str(VERSION))


def _demand_same(place: str, found: object, again: object) -> None:
    """Refuse what differs from what it should be, at the first place that differs."""
    if isinstance(found, dict) and isinstance(again, dict) and found.keys() == again.keys():
        for name, value in again.items():
            _demand_same(f"{place}.{name}", found[name], value)
    elif isinstance(found, list) and isinstance(again, list) and len(found) == len(again):
        for index, value in enumerate(again, start=1):
            _demand_same(f"{place}[{index}]", found[index - 1], value)
    elif found != again or type(found) is not type(again):
        expected = f"{str(again)[:SHOWN]!r}, as the events have it"
        raise DamagedDocument(field=place, found=found, expected=expected)
