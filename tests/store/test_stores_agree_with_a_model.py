"""Every store does what a page of plain dictionaries says, whatever it is asked in any order."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from plan_rules.journey.stores import (
    Commit,
    Draft,
    KeyReused,
    MemoryStore,
    StaleVersion,
    Store,
    open_store,
)
from plan_rules.switching.events import Event
from tests.store.subscriptions import activated, credited

NAMES = ("sub-1", "sub-2")


@dataclass(frozen=True, slots=True)
class Ask:
    """A commit to try: from a version, of so many events, with a key, perhaps with a journey."""

    name: str
    version: int
    count: int
    key: str
    request: str
    revision: int | None


@dataclass(slots=True)
class Model:
    """What a store should hold."""

    events: dict[str, list[Event]] = field(default_factory=dict)
    answers: dict[tuple[str, str], tuple[str, int, str]] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)

    def commit(self, commit: Commit) -> tuple[str, int] | str:
        place = (commit.subscription_id, commit.key)
        if place in self.answers:
            request, version, result = self.answers[place]
            return (result, version) if request == commit.request else "reused"
        events = self.events.setdefault(commit.subscription_id, [])
        if len(events) != commit.version:
            return "stale"
        draft = commit.draft
        if draft is not None:
            known = self.drafts.get(draft.id)
            if (0 if known is None else known.revision) != draft.revision:
                return "stale"
            self.drafts[draft.id] = Draft(id=draft.id, revision=draft.revision + 1, text=draft.text)
        events.extend(commit.events)
        self.answers[place] = (commit.request, commit.last, commit.result)
        return (commit.result, commit.last)


asks = st.lists(
    st.builds(
        Ask,
        name=st.sampled_from(NAMES),
        version=st.integers(0, 4),
        count=st.integers(0, 2),
        key=st.sampled_from(["a", "b", "c", "d", "e"]),
        request=st.sampled_from(["first", "first", "second"]),
        revision=st.sampled_from([None, None, 0, 1, 2]),
    ),
    max_size=12,
)


def commit_of(ask: Ask, number: int) -> Commit:
    events = tuple(
        activated(ask.name) if place == 1 else credited(place, micros=1_000_000 + number)
        for place in range(ask.version + 1, ask.version + ask.count + 1)
    )
    draft = None
    if ask.revision is not None:
        draft = Draft(id=f"journey of {ask.name}", revision=ask.revision, text=f"text {number}")
    return Commit(
        subscription_id=ask.name,
        version=ask.version,
        events=events,
        key=ask.key,
        request=ask.request,
        result=f"result {number}",
        draft=draft,
    )


def tried(store: Store, commit: Commit) -> tuple[str, int] | str:
    try:
        found = store.commit(commit)
    except StaleVersion:
        return "stale"
    except KeyReused:
        return "reused"
    return (found.result, found.version)


@contextmanager
def stores() -> Iterator[list[Store]]:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        sqlite = open_store(f"sqlite:///{Path(folder) / 'store.db'}")
        stack.callback(sqlite.close)
        yield [MemoryStore(), sqlite]


@settings(max_examples=40)
@given(asks)
def test_stores_agree_with_the_model(given_asks: list[Ask]) -> None:
    model = Model()
    commits = [commit_of(ask, number) for number, ask in enumerate(given_asks)]
    expected = [model.commit(commit) for commit in commits]
    with stores() as opened:
        for store in opened:
            assert [tried(store, commit) for commit in commits] == expected
            for name in NAMES:
                assert store.events(name) == tuple(model.events.get(name, ()))
                assert store.saved(f"journey of {name}") == model.drafts.get(f"journey of {name}")
            for (name, key), (_, version, result) in model.answers.items():
                answer = store.answer(name, key)
                assert answer is not None
                assert (answer.version, answer.result) == (version, result)
