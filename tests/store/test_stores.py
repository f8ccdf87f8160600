"""What every store promises, whatever keeps it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plan_rules.errors import InvalidValue
from plan_rules.journey.stores import Draft, KeyReused, StaleVersion, Store, open_store
from plan_rules.switching.subscription import Subscription
from tests.store.subscriptions import activated, beginning, credit, credited


def test_a_new_store_knows_nothing(store: Store) -> None:
    assert store.events("sub-1") == ()
    assert store.answer("sub-1", "begin") is None
    assert store.saved("journey-1") is None


def test_events_come_back_as_they_were_and_in_order(store: Store) -> None:
    store.commit(beginning())
    store.commit(credit(1, key="two", count=12))

    found = store.events("sub-1")

    assert found == (activated(), *(credited(sequence) for sequence in range(2, 14)))
    assert Subscription.replay(found).credit_micros == 12_000_000


def test_subscriptions_are_kept_apart(store: Store) -> None:
    store.commit(beginning())
    store.commit(beginning("sub-2"))
    store.commit(credit(1, key="more", subscription_id="sub-2"))

    assert [len(store.events(each)) for each in ("sub-1", "sub-2")] == [1, 2]
    assert store.answer("sub-1", "more") is None


def test_a_key_that_comes_again_gives_the_first_answer_and_keeps_nothing(store: Store) -> None:
    first = store.commit(beginning())
    store.commit(credit(1, key="two"))

    again = store.commit(replace(beginning(), result="another answer"))

    assert (first.is_repeated, again.is_repeated) == (False, True)
    assert again == replace(first, is_repeated=True)
    assert again == store.answer("sub-1", "begin")
    assert len(store.events("sub-1")) == 2


def test_a_key_that_asks_for_something_else_is_refused(store: Store) -> None:
    store.commit(beginning())
    store.commit(credit(1, key="two"))

    with pytest.raises(KeyReused) as caught:
        store.commit(credit(2, key="two", request="another"))

    assert (caught.value.subscription_id, caught.value.key) == ("sub-1", "two")
    assert len(store.events("sub-1")) == 2


@pytest.mark.parametrize("version", [1, 3])
def test_a_commit_from_another_version_is_refused(store: Store, version: int) -> None:
    store.commit(beginning())
    store.commit(credit(1, key="two"))

    with pytest.raises(StaleVersion) as caught:
        store.commit(credit(version, key="late"))

    assert (caught.value.kind, caught.value.id) == ("subscription", "sub-1")
    assert (caught.value.expected, caught.value.found) == (version, 2)
    assert len(store.events("sub-1")) == 2
    assert store.answer("sub-1", "late") is None


def test_an_answer_may_be_kept_without_events(store: Store) -> None:
    store.commit(beginning())

    store.commit(replace(credit(1, key="nothing"), events=()))

    kept = store.answer("sub-1", "nothing")
    assert kept is not None
    assert (kept.version, kept.result) == (1, "answer to nothing")


def test_journeys_are_saved_revision_by_revision(store: Store) -> None:
    first = store.save(Draft(id="journey-1", revision=0, text="{}"))
    second = store.save(replace(first, text='{"step": 2}'))

    assert (first.revision, second.revision) == (1, 2)
    assert store.saved("journey-1") == second


@pytest.mark.parametrize(("revision", "found"), [(0, 2), (1, 2), (3, 2)])
def test_a_journey_that_moved_on_is_not_overwritten(
    store: Store, revision: int, found: int
) -> None:
    kept = store.save(store.save(Draft(id="journey-1", revision=0, text="first")))

    with pytest.raises(StaleVersion) as caught:
        store.save(Draft(id="journey-1", revision=revision, text="late"))

    assert (caught.value.kind, caught.value.found) == ("journey", found)
    assert store.saved("journey-1") == kept


def test_a_journey_and_its_events_are_kept_together(store: Store) -> None:
    store.commit(beginning())
    draft = Draft(id="journey-1", revision=0, text="confirmed")

    store.commit(credit(1, key="two", draft=draft))

    assert store.saved("journey-1") == replace(draft, revision=1)


def test_a_stale_journey_keeps_the_events_out(store: Store) -> None:
    store.commit(beginning())
    store.save(Draft(id="journey-1", revision=0, text="somebody else's"))
    draft = Draft(id="journey-1", revision=0, text="confirmed")

    with pytest.raises(StaleVersion):
        store.commit(credit(1, key="two", draft=draft))

    assert len(store.events("sub-1")) == 1
    assert store.answer("sub-1", "two") is None


@pytest.mark.parametrize("bad", ["", "a\nb", "a\x00b", "a\ud800b", "x" * 201])
def test_ids_that_no_store_can_keep_are_refused(bad: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        credit(1, key=bad)
    assert caught.value.name == "key"
    with pytest.raises(InvalidValue):
        replace(beginning(), subscription_id=bad)
    with pytest.raises(InvalidValue):
        Draft(id=bad, revision=0, text="")


def test_events_that_leave_a_gap_are_refused() -> None:
    with pytest.raises(InvalidValue) as caught:
        replace(credit(1, key="two"), version=2)
    assert (caught.value.name, caught.value.value) == ("events", 2)
    with pytest.raises(InvalidValue):
        replace(credit(1, key="two"), version=-1, events=())


def test_what_was_kept_is_there_when_the_database_is_opened_again(url: str) -> None:
    store = open_store(url)
    store.commit(beginning())
    store.close()

    again = open_store(url)

    assert again.events("sub-1") == (activated(),)
    again.close()
