"""Of several hosts that commit at once from one version, one wins, and the others are told."""

from __future__ import annotations

from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from threading import Barrier

import pytest

from plan_rules.journey.stores import Commit, Committed, Draft, StaleVersion, Store, open_store
from tests.store.subscriptions import beginning, credit

HOSTS = 6
ROUNDS = 5

Outcome = Committed | StaleVersion


def tried(store: Store, commit: Commit) -> Outcome:
    try:
        return store.commit(commit)
    except StaleVersion as stale:
        return stale


def opened_and_tried(url: str, commit: Commit) -> Outcome:
    store = open_store(url)
    try:
        return store.commit(commit)
    except StaleVersion as stale:
        return replace(NOBODY, version=stale.found)
    finally:
        store.close()


NOBODY = Committed(subscription_id="", key="", version=0, result="", is_repeated=False)


def demand_one_winner(outcomes: list[Outcome], *, version: int) -> str:
    """Check that one commit was kept and that the others know of it; return its key."""
    lost = [each for each in outcomes if isinstance(each, StaleVersion) or each.key == ""]
    won = [each for each in outcomes if isinstance(each, Committed) and each.key]
    assert len(won) == 1
    assert not won[0].is_repeated
    assert len(lost) == len(outcomes) - 1
    for each in lost:
        found = each.found if isinstance(each, StaleVersion) else each.version
        assert found == version + 1
    return won[0].key


def test_of_threads_that_commit_at_once_one_wins(store: Store) -> None:
    store.commit(beginning())
    start = Barrier(HOSTS)

    def at_once(commit: Commit) -> Outcome:
        start.wait()
        return tried(store, commit)

    with ThreadPoolExecutor(HOSTS) as hosts:
        for version in range(1, ROUNDS + 1):
            commits = [credit(version, key=f"{version}-{host}") for host in range(HOSTS)]
            winner = demand_one_winner(list(hosts.map(at_once, commits)), version=version)
            assert len(store.events("sub-1")) == version + 1
            kept = [each.key for each in commits if store.answer("sub-1", each.key)]
            assert kept == [winner]


def test_threads_with_one_key_get_one_answer(store: Store) -> None:
    store.commit(beginning())
    start = Barrier(HOSTS)

    def at_once(commit: Commit) -> Committed:
        start.wait()
        return store.commit(commit)

    with ThreadPoolExecutor(HOSTS) as hosts:
        for version in range(1, ROUNDS + 1):
            same = credit(version, key=f"key-{version}")
            commits = [replace(same, result=f"host {host}") for host in range(HOSTS)]
            outcomes = list(hosts.map(at_once, commits))
            assert sum(not each.is_repeated for each in outcomes) == 1
            assert len({each.result for each in outcomes}) == 1
            assert len(store.events("sub-1")) == version + 1


def test_of_threads_that_save_one_journey_one_wins(store: Store) -> None:
    start = Barrier(HOSTS)

    def at_once(draft: Draft) -> bool:
        start.wait()
        try:
            store.save(draft)
        except StaleVersion:
            return False
        return True

    with ThreadPoolExecutor(HOSTS) as hosts:
        for revision in range(ROUNDS):
            drafts = [
                Draft(id="journey-1", revision=revision, text=f"host {host}")
                for host in range(HOSTS)
            ]
            won = list(hosts.map(at_once, drafts))
            saved = store.saved("journey-1")
            assert sum(won) == 1
            assert saved is not None
            assert (saved.revision, saved.text) == (revision + 1, drafts[won.index(True)].text)


@pytest.fixture
def processes() -> Executor:
    """Return a pool of processes that share nothing with this one."""
    return ProcessPoolExecutor(HOSTS // 2, mp_context=get_context("spawn"))


def test_of_processes_that_commit_at_once_one_wins(url: str, processes: Executor) -> None:
    store = open_store(url)
    store.commit(beginning())
    with processes as hosts:
        for version in range(1, ROUNDS + 1):
            commits = [credit(version, key=f"{version}-{host}") for host in range(HOSTS)]
            outcomes = list(hosts.map(opened_and_tried, [url] * HOSTS, commits))
            demand_one_winner(outcomes, version=version)
            assert len(store.events("sub-1")) == version + 1
    store.close()


def test_many_hosts_may_open_a_new_database_at_once(url: str) -> None:
    start = Barrier(HOSTS)

    def at_once(host: int) -> int:
        start.wait()
        store = open_store(url)
        store.commit(beginning(f"sub-{host}"))
        found = len(store.events(f"sub-{host}"))
        store.close()
        return found

    with ThreadPoolExecutor(HOSTS) as hosts:
        assert list(hosts.map(at_once, range(HOSTS))) == [1] * HOSTS
