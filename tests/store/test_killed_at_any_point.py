"""A host that is killed at any point leaves all of a commit or nothing of it."""

from __future__ import annotations

import random
import signal
import time

from plan_rules.journey.stores import Store, open_store
from plan_rules.switching.subscription import Subscription
from tests.store.committing import EVENTS_A_COMMIT, go_on, start

COMMITS = 1


def demand_whole(store: Store, subscription_id: str, *, commits: int) -> int:
    """Check that what is kept is whole, and return how many commits were kept."""
    events = store.events(subscription_id)
    answers = [store.answer(subscription_id, f"key-{step}") for step in range(commits)]
    kept = [answer for answer in answers if answer is not None]
    saved = store.saved(subscription_id)

    assert answers[: len(kept)] == kept
    assert [answer.version for answer in kept] == [
        1 + EVENTS_A_COMMIT * (step + 1) for step in range(len(kept))
    ]
    assert (0 if saved is None else saved.revision) == len(kept)
    begun = store.answer(subscription_id, "begin") is not None
    assert len(events) == begun + EVENTS_A_COMMIT * len(kept)
    if begun:
        credits_kept = EVENTS_A_COMMIT * len(kept)
        assert Subscription.replay(events).credit_micros == credits_kept * 1_000_000
    return len(kept)


def test_killed_at_every_statement(url: str) -> None:
    seen = set()
    open_store(url).close()
    for point in range(1, 1000):
        name = f"sub-{point}"
        host = start(url, name, COMMITS, point)
        host.join()
        store = open_store(url)
        seen.add(demand_whole(store, name, commits=COMMITS))
        if host.exitcode == 0:
            break
        assert host.exitcode == -signal.SIGKILL
        go_on(store, name, commits=COMMITS)
        assert demand_whole(store, name, commits=COMMITS) == COMMITS
        store.close()
    else:
        raise AssertionError("the host never came to its end")
    store.close()

    assert seen == set(range(COMMITS + 1))


def test_killed_at_chance_moments(url: str) -> None:
    """Between statements and within them: while the database writes, too."""
    chance = random.Random(11)  # noqa: S311  no secret
    commits = 400
    open_store(url).close()
    kept = 0
    for _ in range(6):
        host = start(url, "sub-1", commits)
        store = open_store(url)
        while len(store.events("sub-1")) <= 1 + EVENTS_A_COMMIT * kept and host.is_alive():
            time.sleep(0.01)
        time.sleep(chance.random() / 20)
        host.kill()
        host.join()
        before, kept = kept, demand_whole(store, "sub-1", commits=commits)
        assert kept > before
        store.close()

    assert kept < commits
