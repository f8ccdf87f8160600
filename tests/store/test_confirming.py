"""Confirming a switch over a store: once, whole, by one agent, whatever goes wrong."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from multiprocessing import get_context
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy.engine import Engine

from plan_rules.errors import PlanRulesError, UnknownId
from plan_rules.journey.journey import Journey, OutOfOrder, Step
from plan_rules.journey.keeping import (
    confirm,
    keep_events,
    keep_journey,
    load_journey,
    load_subscription,
)
from plan_rules.journey.steps import schedule_follow_ups
from plan_rules.journey.stores import (
    Committed,
    DamagedState,
    Draft,
    KeyReused,
    StaleVersion,
    Store,
    open_store,
)
from plan_rules.switching import StaleQuote, charge_cycle
from plan_rules.switching.refusal import ExpiredQuote
from tests.store.committing import BOUNDARIES
from tests.unit.journey.ways import CATALOG, TODAY, basic, confirmation, way_to
from tests.unit.switching.subscribers import catalog_of, noon, plan_of

NAME = basic().id
RIVALS = 4


def begin(store: Store) -> Journey:
    """Keep a subscription, and return a journey about it whose terms are agreed to."""
    keep_events(store, subscription_id=NAME, events=basic().events, key="begin")
    return keep_journey(store, way_to(Step.CONFIRM))


def confirmed(store: Store, journey: Journey, *, key: str = "decision-1") -> Journey:
    return confirm(journey, store=store, catalog=CATALOG, as_of=noon(TODAY), key=key)


def test_a_confirmed_switch_is_what_the_store_holds(store: Store) -> None:
    journey = begin(store)

    after = confirmed(store, journey)

    subscription = load_subscription(store, NAME)
    assert after.receipt is not None
    assert journey.quote is not None
    assert subscription.plan_id == "dear"
    assert subscription.version == after.receipt.version == basic().version + 1
    assert subscription.events[-1].change.lines == journey.quote.lines  # type: ignore[union-attr]
    assert load_journey(store, journey.id) == after
    assert (after.next_step, after.revision) == (Step.FOLLOW_UP, 2)


def test_the_way_goes_on_to_its_end(store: Store) -> None:
    after = confirmed(store, begin(store))
    subscription = load_subscription(store, NAME)
    done = keep_journey(
        store, schedule_follow_ups(after, subscription=subscription, as_of=noon(TODAY))
    )
    assert load_journey(store, done.id) == done
    assert done.next_step is None
    assert done.follow_ups


def test_confirming_again_gives_the_first_receipt_and_charges_nothing(store: Store) -> None:
    journey = begin(store)
    first = confirmed(store, journey)
    later = noon(TODAY + timedelta(days=400))

    again = confirm(journey, store=store, catalog=CATALOG, as_of=later, key="decision-1")
    from_the_store = confirmed(store, load_journey(store, journey.id))

    assert again == from_the_store == first
    assert load_subscription(store, NAME).version == basic().version + 1


def test_a_journey_that_went_on_is_not_set_back_by_confirming_again(store: Store) -> None:
    journey = begin(store)
    after = confirmed(store, journey)
    subscription = load_subscription(store, NAME)
    done = keep_journey(
        store, schedule_follow_ups(after, subscription=subscription, as_of=noon(TODAY))
    )
    assert confirmed(store, journey) == done


def test_a_confirmed_journey_is_not_confirmed_with_another_key(store: Store) -> None:
    after = confirmed(store, begin(store))
    with pytest.raises(OutOfOrder):
        confirmed(store, after, key="decision-2")


def test_a_key_confirms_one_quote(store: Store) -> None:
    first = begin(store)
    confirmed(store, first)
    other = keep_journey(store, way_to(Step.CONFIRM, to="basic", name="journey-2"))
    with pytest.raises(KeyReused):
        confirmed(store, other)


def test_the_second_agent_is_told_that_the_quote_is_stale(store: Store) -> None:
    confirmed(store, begin(store))
    other = keep_journey(store, way_to(Step.CONFIRM, name="journey-2"))
    with pytest.raises(StaleQuote):
        confirmed(store, other, key="decision-2")
    assert load_journey(store, "journey-2") == other


@pytest.mark.parametrize("step", list(Step)[:5])
def test_nothing_is_confirmed_before_the_terms_are_agreed_to(store: Store, step: Step) -> None:
    keep_events(store, subscription_id=NAME, events=basic().events, key="begin")
    with pytest.raises(OutOfOrder) as caught:
        confirmed(store, way_to(step))
    assert (caught.value.step, caught.value.first) == (Step.CONFIRM, step)


def test_what_does_not_stand_any_more_keeps_nothing(store: Store) -> None:
    journey = begin(store)
    other = catalog_of(plan_of("basic", 10_000_000), plan_of("dear", 31_000_001))
    tomorrow = noon(TODAY + timedelta(days=1))
    for caught, catalog, as_of in (
        (StaleQuote, other, noon(TODAY)),
        (ExpiredQuote, CATALOG, tomorrow),
    ):
        with pytest.raises(caught):
            confirm(journey, store=store, catalog=catalog, as_of=as_of, key="decision-1")
    assert load_subscription(store, NAME).version == basic().version
    assert load_journey(store, journey.id) == journey
    assert store.answer(NAME, "decision-1") is None


def test_what_was_never_kept_is_unknown(store: Store) -> None:
    with pytest.raises(UnknownId) as caught:
        load_subscription(store, "sub-2")
    assert (caught.value.kind, caught.value.value) == ("subscription", "sub-2")
    with pytest.raises(UnknownId):
        load_journey(store, "journey-2")
    with pytest.raises(UnknownId):
        confirmed(store, way_to(Step.CONFIRM))


def test_a_command_that_is_kept_twice_is_kept_once(store: Store) -> None:
    begin(store)
    april = noon(date(2026, 4, 5))
    events = charge_cycle(catalog=CATALOG, subscription=basic(), as_of=april)
    first = keep_events(store, subscription_id=NAME, events=events, key="charge 2026-04-05")
    again = keep_events(store, subscription_id=NAME, events=events, key="charge 2026-04-05")
    assert (first.is_repeated, again.is_repeated) == (False, True)
    assert load_subscription(store, NAME).version == basic().version + len(events)
    with pytest.raises(StaleVersion):
        keep_events(store, subscription_id=NAME, events=events, key="charge again")
    with pytest.raises(KeyReused):
        keep_events(store, subscription_id=NAME, events=(), key="charge 2026-04-05")


def test_a_journey_that_is_no_journey_is_told_by_its_name(store: Store) -> None:
    store.save(Draft(id="journey-9", revision=0, text='{"version": 1, "id": "journey-9"'))
    with pytest.raises(DamagedState) as caught:
        load_journey(store, "journey-9")
    assert caught.value.place == "journey 'journey-9'"


def test_of_agents_who_confirm_at_once_one_wins(store: Store) -> None:
    begin(store)
    ways = [
        keep_journey(store, way_to(Step.CONFIRM, name=f"rival-{agent}")) for agent in range(RIVALS)
    ]
    start = Barrier(RIVALS)

    def at_once(agent: int) -> str:
        start.wait()
        try:
            confirmed(store, ways[agent], key=f"decision of {agent}")
        except (StaleQuote, StaleVersion):
            return "stale"
        return "confirmed"

    with ThreadPoolExecutor(RIVALS) as agents:
        outcomes = list(agents.map(at_once, range(RIVALS)))

    assert sorted(outcomes) == ["confirmed"] + ["stale"] * (RIVALS - 1)
    assert load_subscription(store, NAME).version == basic().version + 1
    receipts = [load_journey(store, each.id).receipt is not None for each in ways]
    assert receipts == [outcome == "confirmed" for outcome in outcomes]


def test_one_decision_sent_by_many_hosts_is_carried_out_once(store: Store) -> None:
    journey = begin(store)
    start = Barrier(RIVALS)

    def at_once(_: int) -> Journey:
        start.wait()
        return confirmed(store, journey)

    with ThreadPoolExecutor(RIVALS) as hosts:
        after = list(hosts.map(at_once, range(RIVALS)))

    assert len({each.receipt for each in after}) == 1
    assert load_subscription(store, NAME).version == basic().version + 1


class Slow:
    """A store whose first answer is given before another host confirms with the same key."""

    def __init__(self, store: Store, journey: Journey) -> None:
        self.store = store
        self.journey = journey

    def answer(self, subscription_id: str, key: str) -> Committed | None:
        found = self.store.answer(subscription_id, key)
        confirmed(self.store, self.journey)
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


def test_a_decision_that_another_host_carried_out_meanwhile_gets_its_receipt(store: Store) -> None:
    journey = begin(store)
    slow: Any = Slow(store, journey)

    after = confirmed(slow, journey)

    assert after == load_journey(store, journey.id)
    assert load_subscription(store, NAME).version == basic().version + 1


def test_a_switch_that_the_host_kept_itself_is_answered_too(store: Store) -> None:
    journey = begin(store)
    done = confirmation(journey)
    keep_events(store, subscription_id=NAME, events=done.events, key="by hand")

    after = confirmed(store, journey)

    assert after.receipt is not None
    assert after.receipt.version == load_subscription(store, NAME).version
    assert load_journey(store, journey.id) == after


def confirming(url: str, point: int) -> None:
    """Confirm in a process of its own, and be killed at a boundary."""
    store = open_store(url)
    journey = load_journey(store, "journey-1")
    reached = count(1)

    def at_boundary(*_: Any, **__: Any) -> None:
        if next(reached) == point:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in BOUNDARIES:
        sqlalchemy.event.listen(Engine, name, at_boundary)
    confirmed(store, journey)
    store.close()


def test_a_host_that_dies_while_confirming_leaves_all_or_nothing(url: str) -> None:
    outcomes = []
    for point in range(1, 200):
        store = open_store(url)
        try:
            journey = load_journey(store, "journey-1")
        except PlanRulesError:
            journey = begin(store)
        assert journey.receipt is None
        store.close()
        host = get_context("fork").Process(target=confirming, args=(url, point))
        host.start()
        host.join()
        store = open_store(url)
        kept = load_journey(store, "journey-1")
        version = load_subscription(store, NAME).version
        answer = store.answer(NAME, "decision-1")
        outcomes.append(kept.receipt is not None)
        assert outcomes[-1] == (version == basic().version + 1) == (answer is not None)
        if outcomes[-1]:
            assert confirmed(store, journey) == kept
            assert load_subscription(store, NAME).version == version
            store.close()
            break
        assert host.exitcode == -signal.SIGKILL
        store.close()

    assert outcomes[-1]
    assert len(outcomes) > 5


def test_after_any_death_the_same_decision_is_carried_out(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    begin(store)
    store.close()
    for point in (1, 4, 8):
        host = get_context("fork").Process(target=confirming, args=(sqlite_url, point))
        host.start()
        host.join()
        assert host.exitcode == -signal.SIGKILL
    store = open_store(sqlite_url)
    after = confirmed(store, load_journey(store, "journey-1"))
    store.close()
    assert after.receipt is not None
    assert replace(after.receipt, confirmed=noon(TODAY)) == after.receipt
