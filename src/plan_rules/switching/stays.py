"""The stays of a subscription: stretches of days within one cycle on one plan, and their calls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from plan_rules.periods import Cycle, epoch_seconds, local_moment, time_zone
from plan_rules.switching.events import (
    Cancelled,
    Charged,
    Event,
    Paused,
    Resumed,
    Switched,
    UsageCounted,
    lines_of,
)
from plan_rules.switching.line import Line
from plan_rules.switching.subscription import Subscription
from plan_rules.usage.call import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """Days `start` to `end` (exclusive) of one cycle on one plan, as `subscription` began them.

    `counted` is the instant, in epoch seconds, before which the calls of its first day were
    counted for the plan before. `lines` were charged or given back for it.
    """

    subscription: Subscription
    start: date
    end: date
    counted: int
    lines: tuple[Line, ...]

    @property
    def plan_id(self) -> str:
        """The id of the plan."""
        return self.subscription.plan_id

    @property
    def cycle(self) -> Cycle:
        """The whole cycle that the days lie in."""
        return self.subscription.cycle

    @property
    def is_whole(self) -> bool:
        """Whether the stay is a whole cycle."""
        return (self.start, self.end) == (self.cycle.start, self.cycle.end)

    def goes_on(self, other: Stay) -> bool:
        """Whether another stay is on the same plan in the same cycle, with the same country."""
        mine, theirs = self.subscription.on_plan, other.subscription.on_plan
        same = (mine.plan_id, mine.chosen_country) == (theirs.plan_id, theirs.chosen_country)
        return same and self.cycle == other.cycle


def stays(subscription: Subscription) -> tuple[Stay, ...]:
    """Return the stays of a subscription in order, the last of them the one that goes on.

    A stay that a second change on the same day left without a day is none; its lines are told
    with the next one.
    """
    found: list[Stay] = []
    counted = 0
    for index, event in enumerate(subscription.events):
        match event.change:
            case Charged() | Switched() | Resumed():
                state = Subscription.replay(subscription.events[: index + 1])
                found = _begun(found, event, state, counted=counted)
            case Paused() | Cancelled():
                last = found[-1]
                end = min(last.end, event.effective)
                lines = (*last.lines, *lines_of(event.change))
                found[-1] = replace(last, end=max(end, last.start), lines=lines)
            case UsageCounted():
                counted = max(counted, epoch_seconds(event.change.until))
            case _:
                pass
    return tuple(each for each in found if each.start < each.end) or tuple(found[-1:])


def _begun(found: list[Stay], event: Event, state: Subscription, *, counted: int) -> list[Stay]:
    """Return the stays after one that begins with an event, on its day or with its cycle."""
    lines = lines_of(event.change)
    before = 0
    if isinstance(event.change, Switched | Resumed):
        before = counted
    kept = []
    for each in found:
        if each.start < event.effective:
            kept.append(replace(each, end=min(each.end, event.effective)))
        else:
            lines = (*each.lines, *lines)
    begun = Stay(
        subscription=state,
        start=event.effective,
        end=state.cycle.end,
        counted=before,
        lines=lines,
    )
    return [*kept, begun]


def calls_by_stay(
    known: Sequence[Stay], calls: Iterable[Call], *, zone: str
) -> tuple[list[list[Call]], int]:
    """Return the calls of each stay, and how many calls belong to none."""
    clock = time_zone(zone)
    found: list[list[Call]] = [[] for _ in known]
    unserved = 0
    for call in calls:
        place = _place(known, call.epoch, local_moment(call.epoch, zone=clock).date())
        if place is None:
            unserved += 1
        else:
            found[place].append(call)
    return found, unserved


def _place(known: Sequence[Stay], epoch: int, day: date) -> int | None:
    """Return the stay that a call belongs to: the latest that has its day and its instant."""
    for index in reversed(range(len(known))):
        stay = known[index]
        if stay.start <= day < stay.end and epoch >= stay.counted:
            return index
        follows = index + 1 < len(known) and known[index + 1].start == stay.end
        if follows and day == stay.end and epoch < known[index + 1].counted:
            return index
    return None
