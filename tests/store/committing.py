"""A host that commits one credit after the other in a process of its own, and may be killed.

It is forked, since a new interpreter for each of a hundred deaths takes too long. So whoever
starts it closes their own store first: a connection belongs to one process.
"""

from __future__ import annotations

import os
import signal
from itertools import count
from multiprocessing import get_context
from multiprocessing.context import ForkProcess
from typing import Any

import sqlalchemy
from sqlalchemy.engine import Engine

from plan_rules.journey.stores import Draft, Store, open_store
from tests.store.subscriptions import beginning, credit

EVENTS_A_COMMIT = 3
NEVER = 0
BOUNDARIES = ("before_cursor_execute", "after_cursor_execute", "commit")


def start(url: str, subscription_id: str, commits: int, point: int = NEVER) -> ForkProcess:
    """Start a host that kills itself at the `point`-th boundary: of a statement, or a commit."""
    host = get_context("fork").Process(target=_run, args=(url, subscription_id, commits, point))
    host.start()
    return host


def go_on(store: Store, subscription_id: str, *, commits: int) -> None:
    """Commit what is missing; a key that was answered is asked again, as a host does."""
    store.commit(beginning(subscription_id, key="begin"))
    for step in range(commits):
        saved = store.saved(subscription_id)
        answered = store.answer(subscription_id, f"key-{step}")
        version = len(store.events(subscription_id))
        draft = Draft(
            id=subscription_id,
            revision=0 if saved is None else saved.revision,
            text=f"after {step}",
        )
        store.commit(
            credit(
                version if answered is None else 1 + EVENTS_A_COMMIT * step,
                key=f"key-{step}",
                subscription_id=subscription_id,
                count=EVENTS_A_COMMIT,
                draft=draft,
            )
        )


def _run(url: str, subscription_id: str, commits: int, point: int) -> None:
    store = open_store(url)
    reached = count(1)

    def at_boundary(*_: Any, **__: Any) -> None:
        if next(reached) == point:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in BOUNDARIES:
        sqlalchemy.event.listen(Engine, name, at_boundary)
    go_on(store, subscription_id, commits=commits)
    store.close()
