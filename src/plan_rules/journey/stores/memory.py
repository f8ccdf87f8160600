"""A store that keeps everything in memory, for tests and for hosts that try things out."""

from __future__ import annotations

from dataclasses import replace
from threading import Lock

from plan_rules.journey.stores.rows import (
    AnswerRow,
    DraftRow,
    EventRow,
    answer_of,
    answer_row,
    draft_of,
    draft_row,
    event_rows,
    events_of,
)
from plan_rules.journey.stores.store import Commit, Committed, Draft, KeyReused, StaleVersion
from plan_rules.switching.events import Event


class MemoryStore:
    """A `Store` for one process: it is empty at first, and gone with the process."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._lock = Lock()
        self._events: dict[str, list[EventRow]] = {}
        self._answers: dict[tuple[str, str], AnswerRow] = {}
        self._drafts: dict[str, DraftRow] = {}

    def events(self, subscription_id: str) -> tuple[Event, ...]:
        """Return all events of a subscription in order, none if it is not known."""
        with self._lock:
            rows = tuple(self._events.get(subscription_id, ()))
            versions = [
                row.version for (owner, _), row in self._answers.items() if owner == subscription_id
            ]
        return events_of(subscription_id, rows, answered=max(versions, default=0))

    def answer(self, subscription_id: str, key: str) -> Committed | None:
        """Return what a key was answered with, or `None`."""
        with self._lock:
            row = self._answers.get((subscription_id, key))
        return None if row is None else answer_of(subscription_id, row, is_repeated=True)

    def commit(self, commit: Commit) -> Committed:
        """Keep all of a commit and return it, or return what its key was answered with before."""
        owner = commit.subscription_id
        with self._lock:
            known = self._answers.get((owner, commit.key))
            if known is not None:
                if known.request != commit.request:
                    raise KeyReused(subscription_id=owner, key=commit.key)
                return answer_of(owner, known, is_repeated=True)
            rows = self._events.get(owner, [])
            if len(rows) != commit.version:
                raise StaleVersion(
                    kind="subscription", id=owner, expected=commit.version, found=len(rows)
                )
            if commit.draft is not None:
                self._demand_current(commit.draft)
            before = rows[-1].digest if rows else ""
            self._events[owner] = [*rows, *event_rows(commit, before=before)]
            answer = self._answers[owner, commit.key] = answer_row(commit)
            if commit.draft is not None:
                self._drafts[commit.draft.id] = draft_row(commit.draft)
            return answer_of(owner, answer, is_repeated=False)

    def save(self, draft: Draft) -> Draft:
        """Keep a journey alone, and return it with its new revision."""
        with self._lock:
            self._demand_current(draft)
            row = self._drafts[draft.id] = draft_row(draft)
        return replace(draft, revision=row.revision)

    def saved(self, id: str) -> Draft | None:  # noqa: A002  the id of what is saved
        """Return a journey as it was saved last, or `None`."""
        with self._lock:
            row = self._drafts.get(id)
        return None if row is None else draft_of(row)

    def close(self) -> None:
        """Do nothing: what is kept is gone with the process."""

    def _demand_current(self, draft: Draft) -> None:
        row = self._drafts.get(draft.id)
        found = 0 if row is None else row.revision
        if found != draft.revision:
            raise StaleVersion(kind="journey", id=draft.id, expected=draft.revision, found=found)
