"""A subscription: what a customer is on, has paid and has used, derived from its events.

The value is immutable: applying an event gives the next version. It knows no catalog; prices
and promises come into it with the events, as they were agreed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from plan_rules.errors import InvalidValue
from plan_rules.periods import Cycle, local_day, time_zone
from plan_rules.switching.counter import Counter, Spent
from plan_rules.switching.events import (
    Activated,
    Cancelled,
    Change,
    Charged,
    Credited,
    Event,
    Grid,
    OnPlan,
    Paused,
    Promotion,
    Resumed,
    ScheduleCancelled,
    Scheduled,
    Switched,
    Term,
    UsageCounted,
)
from plan_rules.switching.line import PAYS_FOR_DAYS, Line, LineKind
from plan_rules.switching.payment import Payment, Settlement, payment_of


class Status(StrEnum):
    """Whether calls are served: `active`, `paused` for a while, or `cancelled` for good."""

    ACTIVE = "active"
    PAUSED = "paused"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One version of a subscription.

    `version` is the sequence of the last event. `cycle` is the one charged last; `payments` are
    what was billed for it, `counters` how its allowances stand, and `spent` those of plans left
    in it. `credit_micros`, 0 or more, is the account credit, tax included; `due_micros` is what
    all charges so far came to beyond it. `scheduled` is the switch agreed for a later day.
    `events` are the whole history.
    """

    id: str
    customer_id: str
    currency: str
    zone: str
    status: Status
    activated: date
    on_plan: OnPlan
    grid: Grid
    cycle: Cycle
    payments: tuple[Payment, ...] = ()
    counters: tuple[Counter, ...] = ()
    spent: tuple[Spent, ...] = ()
    usage_micros: int = 0
    credit_micros: int = 0
    due_micros: int = 0
    scheduled: Scheduled | None = None
    paused_on: date | None = None
    ended_on: date | None = None
    events: tuple[Event, ...]

    @property
    def version(self) -> int:
        """The sequence of the last event."""
        return self.events[-1].sequence

    @property
    def pinned_version(self) -> int:
        """The sequence of the last event that did more than count usage."""
        return next(
            event.sequence
            for event in reversed(self.events)
            if not isinstance(event.change, UsageCounted)
        )

    @property
    def plan_id(self) -> str:
        """The id of the present plan."""
        return self.on_plan.plan_id

    @property
    def term(self) -> Term | None:
        """The minimum term of the present plan."""
        return self.on_plan.term

    @property
    def promotion(self) -> Promotion | None:
        """The introductory price of the present plan, also once it is used up."""
        return self.on_plan.promotion

    @property
    def last_change(self) -> date:
        """The day of the last event that decided what is served: none is changed before it."""
        decisive = (Activated, Switched, Paused, Resumed, Cancelled)
        return max(event.effective for event in self.events if isinstance(event.change, decisive))

    @property
    def segment_start(self) -> date:
        """The first day of the current cycle on which the present plan was served."""
        begins = (Activated, Switched, Resumed)
        began = max(event.effective for event in self.events if isinstance(event.change, begins))
        return max(began, self.cycle.start)

    @property
    def served_from(self) -> date:
        """The first day of the charged cycle on which any plan was served without a break."""
        begins = (Activated, Paused, Resumed)
        began = max(event.effective for event in self.events if isinstance(event.change, begins))
        return max(began, self.cycle.start)

    def had_promotion(self, plan_id: str) -> bool:
        """Whether the customer was given the introductory price of a plan before.

        A switch that was undone on its own day gave nothing.
        """
        undone = {
            event.change.undoes for event in self.events if isinstance(event.change, Switched)
        }
        stays = (
            event.change.on_plan
            for event in self.events
            if isinstance(event.change, Activated | Switched) and event.sequence not in undone
        )
        return any(each.plan_id == plan_id and each.promotion is not None for each in stays)

    def day_of(self, moment: datetime) -> date:
        """Return the customer's local day of an aware moment."""
        return local_day(moment, zone=time_zone(self.zone))

    def is_served(self, on: date) -> bool:
        """Whether calls are served on a day, as far as is known now."""
        ended = self.ended_on is not None and on >= self.ended_on
        return self.status is not Status.PAUSED and not ended and on >= self.activated

    def after(self, events: Iterable[Event]) -> Subscription:
        """Return the subscription after more events; raise `InvalidValue` as `replay` does."""
        later = self
        for event in events:
            later = _applied(later, event)
        return later

    @classmethod
    def replay(cls, events: Iterable[Event]) -> Subscription:
        """Return the subscription that events, from the first on, lead to.

        Raises `InvalidValue` naming the event and the field for a history that is empty, does
        not begin with an activation, has a gap or goes back, or does what cannot be done.
        """
        first, *rest = tuple(events) or (None,)
        if first is None:
            raise InvalidValue(name="events", value=(), expected="an activation at least")
        return _activated(first).after(rest)


def _activated(event: Event) -> Subscription:
    change = event.change
    if event.sequence != 1:
        raise InvalidValue(
            name="events[1].sequence", value=event.sequence, expected="1; restore earlier events"
        )
    if not isinstance(change, Activated):
        raise InvalidValue(
            name="events[1].kind",
            value=type(change).__name__.lower(),
            expected="an activation as the first event",
        )
    time_zone(change.zone)
    return Subscription(
        id=change.subscription_id,
        customer_id=change.customer_id,
        currency=change.currency,
        zone=change.zone,
        status=Status.ACTIVE,
        activated=event.effective,
        on_plan=change.on_plan,
        grid=change.grid,
        cycle=change.cycle,
        counters=change.counters,
        events=(event,),
    )


def _applied(before: Subscription, event: Event) -> Subscription:
    _demand_order(before, event)
    after = _changed(before, event)
    return replace(after, events=(*before.events, event))


def _demand_order(before: Subscription, event: Event) -> None:
    place = f"events[{before.version + 1}]"
    if event.sequence != before.version + 1:
        raise InvalidValue(
            name=f"{place}.sequence",
            value=event.sequence,
            expected=f"{before.version + 1}; read the subscription again, or restore what is lost",
        )
    if event.effective < before.activated:
        raise InvalidValue(
            name=f"{place}.effective",
            value=event.effective.isoformat(),
            expected=f"the activation, {before.activated}, or later",
        )
    known = event.change
    if before.status is Status.CANCELLED and not isinstance(known, Credited | UsageCounted):
        raise _impossible(place, known, f"nothing after the end on {before.ended_on}")
    if before.status is Status.PAUSED and not isinstance(
        known, Resumed | Cancelled | Credited | UsageCounted
    ):
        raise _impossible(place, known, "a resumption first; it is paused")


def _impossible(place: str, change: Change, expected: str) -> InvalidValue:
    return InvalidValue(
        name=f"{place}.kind", value=type(change).__name__.lower(), expected=expected
    )


def _changed(before: Subscription, event: Event) -> Subscription:  # noqa: C901, PLR0911  one a kind
    change, place = event.change, f"events[{event.sequence}]"
    match change:
        case Activated():
            raise _impossible(place, change, "one activation, as the first event")
        case Charged():
            opened = replace(
                before,
                cycle=change.cycle,
                payments=before.payments if change.cycle == before.cycle else (),
                counters=change.counters or before.counters,
                spent=before.spent if change.cycle == before.cycle else (),
                usage_micros=before.usage_micros if change.cycle == before.cycle else 0,
                on_plan=_promotion_used(before.on_plan, change.lines),
            )
            return _settled(opened, change.lines, place)
        case Switched():
            moved = replace(
                before,
                on_plan=change.on_plan,
                grid=change.grid,
                cycle=change.cycle,
                payments=before.payments if _goes_on(before.cycle, change) else (),
                counters=change.counters,
                spent=change.spent,
                usage_micros=0,
                scheduled=None,
            )
            return _settled(moved, change.lines, place)
        case Scheduled():
            return replace(before, scheduled=change)
        case ScheduleCancelled():
            if before.scheduled is None:
                raise _impossible(place, change, "a switch that was scheduled before")
            return replace(before, scheduled=None)
        case Paused():
            paused = replace(before, status=Status.PAUSED, paused_on=event.effective)
            return _settled(paused, change.lines, place)
        case Resumed():
            if before.status is not Status.PAUSED:
                raise _impossible(place, change, "a pause before")
            return _resumed(before, change, place)
        case Cancelled():
            ended = replace(
                before,
                status=Status.CANCELLED,
                ended_on=event.effective,
                paused_on=None,
                scheduled=None,
            )
            return _settled(ended, change.lines, place)
        case Credited():
            return replace(before, credit_micros=before.credit_micros + change.gross_micros)
        case UsageCounted():
            return replace(before, counters=change.counters, usage_micros=change.usage_micros)


def _resumed(before: Subscription, change: Resumed, place: str) -> Subscription:
    same = change.cycle == before.cycle
    on_plan = replace(before.on_plan, term=change.term)
    resumed = replace(
        before,
        status=Status.ACTIVE,
        paused_on=None,
        cycle=change.cycle,
        payments=before.payments if same else (),
        counters=change.counters,
        spent=change.spent,
        usage_micros=before.usage_micros if same else 0,
        on_plan=on_plan if same else _promotion_used(on_plan, change.lines),
    )
    return _settled(resumed, change.lines, place)


def _goes_on(cycle: Cycle, change: Switched) -> bool:
    """Whether what was paid before can still be given back after a switch.

    That is so while the switch lies in the days paid for, also where a new cycle begins there.
    """
    return change.cycle.start < cycle.end


def _promotion_used(on_plan: OnPlan, lines: tuple[Line, ...]) -> OnPlan:
    promotion = on_plan.promotion
    if promotion is None or all(line.kind is not LineKind.INTRO_FEE for line in lines):
        return on_plan
    return replace(on_plan, promotion=replace(promotion, used=promotion.used + 1))


def _settled(before: Subscription, lines: tuple[Line, ...], place: str) -> Subscription:
    """Return the subscription with its payments and account credit after lines."""
    payments = list(before.payments)
    for index, line in enumerate(lines):
        if line.credits >= 0:
            if line.credits >= len(payments):
                raise InvalidValue(
                    name=f"{place}.lines[{index}].credits",
                    value=line.credits,
                    expected=f"the place of one of {len(payments)} payments of the cycle",
                )
            payment = payments[line.credits]
            payments[line.credits] = payment.less(line)
            if not payments[line.credits].is_possible:
                raise InvalidValue(
                    name=f"{place}.lines[{index}].amount",
                    value=line.amount_micros,
                    expected=f"at most {payment.left_micros} micros given back, what is left paid",
                )
        elif line.kind in PAYS_FOR_DAYS:
            payments.append(payment_of(line, before.cycle))
    settlement = Settlement.of(lines, credit_micros=before.credit_micros)
    return replace(
        before,
        payments=tuple(payments),
        credit_micros=settlement.credit_after_micros,
        due_micros=before.due_micros + settlement.due_micros,
    )
