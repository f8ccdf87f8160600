"""What a store of subscriptions and journeys promises, whatever keeps it.

A store is written to by one act, `commit`: some events, the idempotency key they were asked for
with, the result that was given for it, and the state of the journey they belong to. All of it
is kept, or nothing. Events are added and never changed. Two commits that were made from the same
version cannot both be kept, and a key that comes again gives the result it gave first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from plan_rules.errors import InvalidValue, PlanRulesError
from plan_rules.switching.events import Event

LONGEST_ID = 200
"""Characters an id or a key may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A text a host wants kept under an id: `revision` is the one it was made from, 0 if new."""

    id: str
    revision: int
    text: str

    def __post_init__(self) -> None:
        """Refuse an id that no store can keep."""
        demand_id("id", self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """What is to be kept together.

    `events` follow `version`, the one they were made from, without a gap; there may be none,
    where only the answer to a key is to be kept. `key` is the host's idempotency key, `request`
    what was asked for with it (a digest will do), `result` the answer. `draft` is the journey.
    """

    subscription_id: str
    version: int
    events: tuple[Event, ...]
    key: str
    request: str
    result: str
    draft: Draft | None = None

    def __post_init__(self) -> None:
        """Refuse ids that no store can keep, and events that do not follow the version."""
        demand_id("subscription_id", self.subscription_id)
        demand_id("key", self.key)
        if self.version < 0:
            raise InvalidValue(name="version", value=self.version, expected="0 or more")
        for place, event in enumerate(self.events, start=self.version + 1):
            if event.sequence != place:
                raise InvalidValue(
                    name="events", value=event.sequence, expected=f"sequence {place} next"
                )

    @property
    def last(self) -> int:
        """The version afterwards."""
        return self.version + len(self.events)


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """What a key was answered with: `result`, as of the subscription's `version`.

    `is_repeated` says that the key had been answered before and that nothing was kept now.
    """

    subscription_id: str
    key: str
    version: int
    result: str
    is_repeated: bool


class StaleVersion(PlanRulesError):
    """Somebody else was first: `id` is at version `found`, and not at `expected` any more.

    `kind` is `subscription` or `journey`. Nothing was kept.
    """

    def __init__(self, *, kind: str, id: str, expected: int, found: int) -> None:  # noqa: A002
        """Keep what was expected and what is there."""
        self.kind = kind
        self.id = id
        self.expected = expected
        self.found = found
        super().__init__(
            f"{kind} {id!r} is at version {found}, not at {expected}; read it again, then decide"
        )


class KeyReused(PlanRulesError, ValueError):
    """The idempotency key was used before, to ask for something else. Nothing was kept."""

    def __init__(self, *, subscription_id: str, key: str) -> None:
        """Keep the key and whose it is."""
        self.subscription_id = subscription_id
        self.key = key
        super().__init__(
            f"key {key!r} of subscription {subscription_id!r} was used for another request; "
            "pass a new key for each decision of the customer"
        )


class DamagedState(PlanRulesError, ValueError):
    """What is kept is not what was written: `place` names it, `fact` says what is wrong."""

    def __init__(self, *, place: str, fact: str) -> None:
        """Keep where it is damaged and how."""
        self.place = place
        self.fact = fact
        self.remedy = "restore it from a backup; nothing was changed"
        super().__init__(f"{place}: {fact}; {self.remedy}")


class StoreUnavailable(PlanRulesError, OSError):
    """The store cannot be reached or used now; nothing was kept by this call."""

    def __init__(self, *, reason: str, remedy: str) -> None:
        """Keep why not and what to do."""
        self.reason = reason
        self.remedy = remedy
        super().__init__(f"the store cannot be used: {reason}; {remedy}")


class Store(Protocol):
    """Keeps subscriptions and journeys. Every call stands alone and may come from any thread."""

    def events(self, subscription_id: str) -> tuple[Event, ...]:
        """Return all events of a subscription in order, none if it is not known.

        Raises `DamagedState` if they are not, to the last, what was committed.
        """

    def answer(self, subscription_id: str, key: str) -> Committed | None:
        """Return what a key was answered with, or `None`."""

    def commit(self, commit: Commit) -> Committed:
        """Keep all of a commit and return it, or return what its key was answered with before.

        Raises `KeyReused` for a key that asked for something else before, `StaleVersion` if the
        subscription or the journey has moved on; then nothing is kept.
        """

    def save(self, draft: Draft) -> Draft:
        """Keep a journey alone, and return it with its new revision; `StaleVersion` as above."""

    def saved(self, id: str) -> Draft | None:  # noqa: A002  the id of what is saved
        """Return a journey as it was saved last, or `None`; `DamagedState` if it is not that."""

    def close(self) -> None:
        """Let go of connections; a store that keeps things outside of the process keeps them."""


def demand_id(name: str, text: str) -> None:
    """Raise `InvalidValue` for a text that is empty, too long, or holds what cannot be printed."""
    if not text or len(text) > LONGEST_ID or not text.isprintable():
        raise InvalidValue(
            name=name, value=text, expected=f"1 to {LONGEST_ID} printable characters"
        )
