"""Small histories, made without a catalog, for tests of stores."""

from __future__ import annotations

from datetime import UTC, date, datetime

from plan_rules.journey.stores import Commit, Draft
from plan_rules.periods import CycleLength, cycle_at
from plan_rules.switching.events import Activated, Credited, Event, Grid, OnPlan

DAY = date(2026, 1, 1)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def activated(subscription_id: str = "sub-1") -> Event:
    return Event(
        sequence=1,
        effective=DAY,
        recorded=NOON,
        change=Activated(
            subscription_id=subscription_id,
            customer_id="ada",
            currency="USD",
            zone="America/New_York",
            on_plan=OnPlan(plan_id="basic", since=DAY),
            grid=Grid(anchor=DAY),
            cycle=cycle_at(DAY, anchor=DAY, length=CycleLength()),
        ),
    )


def credited(sequence: int, micros: int = 1_000_000) -> Event:
    change = Credited(gross_micros=micros, reason="an apology — Entschuldigung \u0000")
    return Event(sequence=sequence, effective=DAY, recorded=NOON, change=change)


def beginning(subscription_id: str = "sub-1", *, key: str = "begin") -> Commit:
    return Commit(
        subscription_id=subscription_id,
        version=0,
        events=(activated(subscription_id),),
        key=key,
        request="activate",
        result='{"version": 1}',
    )


def credit(
    version: int,
    *,
    key: str,
    subscription_id: str = "sub-1",
    request: str = "credit",
    count: int = 1,
    draft: Draft | None = None,
) -> Commit:
    """Return a commit of so many credits that follows a version."""
    return Commit(
        subscription_id=subscription_id,
        version=version,
        events=tuple(credited(version + step) for step in range(1, count + 1)),
        key=key,
        request=request,
        result=f"answer to {key}",
        draft=draft,
    )
