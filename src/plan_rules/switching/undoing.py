"""A switch undone on its own day: found, and taken back line by line."""

from __future__ import annotations

from datetime import date

from plan_rules.catalog.catalog import Catalog
from plan_rules.switching.convention import ProrationUnit
from plan_rules.switching.dues import convention_of
from plan_rules.switching.events import (
    Credited,
    Event,
    ScheduleCancelled,
    Scheduled,
    Switched,
    UsageCounted,
    lines_of,
)
from plan_rules.switching.line import PAYS_FOR_DAYS, Line
from plan_rules.switching.pricing import reversed_line
from plan_rules.switching.subscription import Subscription


def switch_to_undo(
    *, catalog: Catalog, base: Subscription, to: str, on: date
) -> tuple[Event, Subscription] | None:
    """Return the switch that a way back to the plan left on the same day undoes, if there is one.

    It comes with the subscription as it stood before. Where seconds are counted nothing is
    undone: what was served was served.
    """
    event = next((each for each in reversed(base.events) if _decides(each)), None)
    if event is None or not isinstance(event.change, Switched) or event.effective != on:
        return None
    counted = convention_of(catalog, base.plan_id).unit
    if event.change.undoes or to == base.plan_id or counted is ProrationUnit.SECOND:
        return None
    before = Subscription.replay(base.events[: event.sequence - 1])
    return (event, before) if before.plan_id == to else None


def _decides(event: Event) -> bool:
    return not isinstance(event.change, UsageCounted | Credited | Scheduled | ScheduleCancelled)


def lines_taken_back(base: Subscription, event: Event) -> tuple[Line, ...]:
    """Return the lines that take back all of a switch; what was paid once comes back as well.

    The payments of the switch are the last ones of the subscription.
    """
    lines = lines_of(event.change)
    paid = len(base.payments) - sum(line.kind in PAYS_FOR_DAYS for line in lines)
    back = []
    for line in lines:
        place = line.credits
        if line.kind in PAYS_FOR_DAYS:
            place, paid = paid, paid + 1
        back.append(reversed_line(line, place=place))
    return tuple(back)
