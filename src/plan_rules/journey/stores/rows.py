"""How a store writes down events, answers and journeys, so that damage shows.

Each event's digest covers the digest of the event before it: an event that was changed, moved
or taken out from the middle breaks the chain. Events that were taken off the end show by the
answers to keys, of which every commit has one and which say how far they went.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from plan_rules.journey.stores.store import Commit, Committed, DamagedState, Draft
from plan_rules.switching.documents import parsed_document
from plan_rules.switching.events import Event
from plan_rules.switching.json_form import DamagedDocument, read, written


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event as it is kept: `digest` covers the text and the digest of the row before."""

    sequence: int
    text: str
    digest: str


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """The answer to a key as it is kept: what was asked, and the version it led to."""

    key: str
    request: str
    version: int
    result: str
    digest: str


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A journey as it is kept."""

    id: str
    revision: int
    text: str
    digest: str


def digest_of(*parts: str | int) -> str:
    """Return the SHA-256 of parts, each with its length, so that none can move into the next."""
    found = sha256()
    for part in parts:
        data = str(part).encode()
        found.update(b"%d:" % len(data))
        found.update(data)
    return found.hexdigest()


def event_rows(commit: Commit, *, before: str) -> tuple[EventRow, ...]:
    """Return the rows of a commit's events; `before` is the digest of the last row kept."""
    rows = []
    for event in commit.events:
        text = json.dumps(written(Event, event), separators=(",", ":"))
        before = digest_of(before, commit.subscription_id, event.sequence, text)
        rows.append(EventRow(event.sequence, text, before))
    return tuple(rows)


def answer_row(commit: Commit) -> AnswerRow:
    """Return the row of a commit's key."""
    digest = digest_of(
        commit.subscription_id, commit.key, commit.request, commit.last, commit.result
    )
    return AnswerRow(commit.key, commit.request, commit.last, commit.result, digest)


def draft_row(draft: Draft) -> DraftRow:
    """Return the row of a journey, of the revision after the one it was made from."""
    revision = draft.revision + 1
    return DraftRow(draft.id, revision, draft.text, digest_of(draft.id, revision, draft.text))


def events_of(
    subscription_id: str, rows: Iterable[EventRow], *, answered: int
) -> tuple[Event, ...]:
    """Return the events of rows in order; `answered` is the last version that any key led to.

    Raises `DamagedState` naming the event.
    """
    found: list[Event] = []
    before = ""
    for row in rows:
        expected = len(found) + 1
        place = f"event {expected} of subscription {subscription_id!r}"
        if row.sequence != expected:
            raise DamagedState(place=place, fact=f"it is missing; event {row.sequence} comes next")
        before = digest_of(before, subscription_id, row.sequence, row.text)
        if row.digest != before:
            raise DamagedState(place=place, fact="it is not what was written (its digest differs)")
        try:
            event: Event = read(Event, parsed_document(row.text), "")
        except DamagedDocument as error:
            raise DamagedState(place=place, fact=str(error)) from error
        if event.sequence != expected:
            raise DamagedState(place=place, fact=f"it says that it is event {event.sequence}")
        found.append(event)
    if len(found) < answered:
        place = f"event {len(found) + 1} of subscription {subscription_id!r}"
        raise DamagedState(place=place, fact=f"it is missing; version {answered} was committed")
    return tuple(found)


def answer_of(subscription_id: str, row: AnswerRow, *, is_repeated: bool) -> Committed:
    """Return the answer of a row; raise `DamagedState` if it is not what was written."""
    if row.digest != digest_of(subscription_id, row.key, row.request, row.version, row.result):
        place = f"answer to key {row.key!r} of subscription {subscription_id!r}"
        raise DamagedState(place=place, fact="it is not what was written (its digest differs)")
    return Committed(
        subscription_id=subscription_id,
        key=row.key,
        version=row.version,
        result=row.result,
        is_repeated=is_repeated,
    )


def draft_of(row: DraftRow) -> Draft:
    """Return the journey of a row; raise `DamagedState` if it is not what was written."""
    if row.digest != digest_of(row.id, row.revision, row.text):
        place = f"journey {row.id!r}"
        raise DamagedState(place=place, fact="it is not what was written (its digest differs)")
    return Draft(id=row.id, revision=row.revision, text=row.text)
