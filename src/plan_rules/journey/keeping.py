"""Journeys and subscriptions in a store: begin, load, keep, and confirm in one act."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from plan_rules.catalog.catalog import Catalog
from plan_rules.errors import UnknownId
from plan_rules.journey.journey import Journey, OutOfOrder, Receipt, Step
from plan_rules.journey.steps import confirmed
from plan_rules.journey.stores import Commit, Committed, DamagedState, Draft, KeyReused, Store
from plan_rules.switching.confirming import confirm_switch
from plan_rules.switching.documents import parsed_document, quote_document, read_quote
from plan_rules.switching.events import Event
from plan_rules.switching.json_form import DamagedDocument, read, written
from plan_rules.switching.quote import SwitchQuote
from plan_rules.switching.subscription import Subscription

VERSION = 1


def journey_document(journey: Journey) -> dict[str, object]:
    """Return a journey as JSON, schema `journey.schema.json`, to be read by `read_journey`.

    Its quote is a document of its own, as `quote_document` has it.
    """
    document = {"version": VERSION, **written(Journey, journey)}
    if journey.quote is not None:
        document["quote"] = quote_document(journey.quote)
    return document


def read_journey(document: object) -> Journey:
    """Return the journey of a document.

    Raises `DamagedDocument` if it is not as it was written, or its quote is not.
    """
    found = dict(document) if isinstance(document, dict) else {}
    version = found.pop("version", None)
    if version != VERSION or type(version) is not int:
        raise DamagedDocument(field="version", found=version, expected=str(VERSION))
    if found.get("quote") is not None:
        found["quote"] = written(SwitchQuote, _quote(found["quote"]))
    journey: Journey = read(Journey, found, "")
    return journey


def _quote(document: object) -> SwitchQuote:
    """Return the quote inside of a journey, its damage told by the place in the journey."""
    try:
        return read_quote(document)
    except DamagedDocument as error:
        place = "quote" if error.field == "$" else f"quote.{error.field}"
        raise DamagedDocument(field=place, found=error.found, expected=error.expected) from error


def load_journey(store: Store, journey_id: str) -> Journey:
    """Return a journey as it was kept last.

    Raises `UnknownId` if there is none, `DamagedState` if it is not what was kept.
    """
    draft = store.saved(journey_id)
    if draft is None:
        raise UnknownId(kind="journey", value=journey_id, known=())
    try:
        journey = read_journey(parsed_document(draft.text))
    except DamagedDocument as error:
        raise DamagedState(place=f"journey {journey_id!r}", fact=str(error)) from error
    return replace(journey, revision=draft.revision)


def keep_journey(store: Store, journey: Journey) -> Journey:
    """Keep a journey, and return it with its new revision.

    Raises `StaleVersion` if somebody else has kept a later revision.
    """
    kept = store.save(_draft(journey))
    return replace(journey, revision=kept.revision)


def load_subscription(store: Store, subscription_id: str) -> Subscription:
    """Return a subscription, replayed from its events.

    Raises `UnknownId` if there is none, `DamagedState` if its events are not what was kept.
    """
    events = store.events(subscription_id)
    if not events:
        raise UnknownId(kind="subscription", value=subscription_id, known=())
    return Subscription.replay(events)


def keep_events(
    store: Store, *, subscription_id: str, events: Iterable[Event], key: str
) -> Committed:
    """Keep the events of a command, such as those of `activate` or `charge_cycle`.

    `key` is the host's and names the occasion: a command that is kept twice with one key is
    kept once. The events must follow the version they were made from. Raises `StaleVersion` if
    the subscription has moved on, and `KeyReused` if the key kept events of other kinds.
    """
    given = tuple(events)
    version = given[0].sequence - 1 if given else len(store.events(subscription_id))
    kinds = ",".join(type(event.change).__name__ for event in given)
    return store.commit(
        Commit(
            subscription_id=subscription_id,
            version=version,
            events=given,
            key=key,
            request=kinds,
            result="",
        )
    )


def confirm(
    journey: Journey, *, store: Store, catalog: Catalog, as_of: datetime, key: str
) -> Journey:
    """Confirm the quote of a journey, and keep events, journey and receipt in one act.

    `key` names the customer's decision: with the same key again the first receipt comes back
    and nothing is charged twice, also after a crash of the host between keeping and answering.

    Raises `OutOfOrder` before the terms are agreed to, what `confirm_switch` raises for a quote
    that does not stand any more, `StaleVersion` if another agent was first, and `KeyReused` for
    the key of another quote. Then nothing is kept.
    """
    if journey.quote is None or journey.agreed is None:
        raise OutOfOrder(step=Step.CONFIRM, first=journey.next_step)
    first = store.answer(journey.subscription_id, key)
    if first is not None:
        return _answered(journey, first, store=store)
    if journey.is_confirmed:
        raise OutOfOrder(step=Step.CONFIRM, first=journey.next_step)
    subscription = load_subscription(store, journey.subscription_id)
    confirmation = confirm_switch(
        quote=journey.quote,
        subscription=subscription,
        catalog=catalog,
        as_of=as_of,
        key=key,
        consents=journey.agreed.consents,
        customer=journey.customer_id,
    )
    after = confirmed(journey, confirmation, as_of=as_of)
    # Another host may have confirmed with this key since the answer was asked for: then its
    # event is among those of the subscription, and nothing is left to keep but the answer.
    new = tuple(each for each in confirmation.events if each.sequence > subscription.version)
    kept = store.commit(
        Commit(
            subscription_id=journey.subscription_id,
            version=subscription.version,
            events=new,
            key=key,
            request=journey.quote.digest,
            result=json.dumps(written(Receipt, after.receipt)),
            draft=_draft(after),
        )
    )
    if kept.is_repeated:
        return _answered(journey, kept, store=store)
    return replace(after, revision=journey.revision + 1)


def _answered(journey: Journey, answer: Committed, *, store: Store) -> Journey:
    """Return the journey with the receipt that a key was answered with before."""
    place = f"answer to key {answer.key!r} of subscription {answer.subscription_id!r}"
    try:
        receipt: Receipt = read(Receipt, parsed_document(answer.result), "")
    except DamagedDocument as error:
        raise DamagedState(place=place, fact=str(error)) from error
    if journey.quote is None or receipt.quote_id != journey.quote.id:
        raise KeyReused(subscription_id=answer.subscription_id, key=answer.key)
    if store.saved(journey.id) is not None:
        kept = load_journey(store, journey.id)
        if kept.receipt == receipt:
            return kept
    return replace(journey, receipt=receipt, follow_ups=None)


def _draft(journey: Journey) -> Draft:
    text = json.dumps(journey_document(journey), separators=(",", ":"))
    return Draft(id=journey.id, revision=journey.revision, text=text)
