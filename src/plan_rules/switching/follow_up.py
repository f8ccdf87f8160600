"""When to speak with a customer again after a switch, and why: the last step of the guide.

A follow-up is a proposal with a date and a reason, not an appointment: the host decides who
calls or writes. As iCalendar it can be put into any calendar; the package for that comes with
the extra `follow-up` and is imported only when it is used.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from uuid import NAMESPACE_URL, uuid5

from plan_rules.errors import InvalidValue, MissingExtra
from plan_rules.periods import MONTHS_PER_YEAR, Cycle, add_months, cycle_at
from plan_rules.switching.events import Grid, OnPlan, lines_of
from plan_rules.switching.line import LineKind
from plan_rules.switching.subscription import Status, Subscription

SATISFACTION_DAYS = 30
"""Days after the switch on which to ask whether the customer is satisfied."""

INTRO_NOTICE_DAYS = 10
"""Days before the end of an introductory price on which to tell the customer of it."""

TERM_NOTICE_FIRST_DAYS = 40
TERM_NOTICE_LAST_DAYS = 10
"""An end-of-contract notice is due from 40 to 10 days before the minimum term ends.

Ofcom (United Kingdom), General Condition C1, in force since 15 February 2020. Elsewhere in
Europe the advice is due before a contract is prolonged (see `BEST_TARIFF_MONTHS`), for which
the same days are a safe choice."""

BEST_TARIFF_MONTHS = MONTHS_PER_YEAR
"""Months from one best-tariff check to the next: best-tariff advice is due once a year at least.

Directive (EU) 2018/1972 (European Electronic Communications Code), article 105(3), applied
since 21 December 2020; Ofcom, General Condition C1, for customers out of contract."""

LATE_DAYS = 7
"""Days that a follow-up for one day may come late."""

NAMESPACE = uuid5(NAMESPACE_URL, "https://plan-rules.invalid/follow-up")


class FollowUpKind(StrEnum):
    """What a follow-up is about."""

    NEXT_BILL = "next-bill"
    SATISFACTION = "satisfaction"
    INTRO_END = "intro-end"
    TERM_END = "term-end"
    BEST_TARIFF = "best-tariff"


class Channel(StrEnum):
    """How to reach the customer: a `call` where an answer is wanted, else a `message`."""

    CALL = "call"
    MESSAGE = "message"


CHANNELS = {
    FollowUpKind.NEXT_BILL: Channel.MESSAGE,
    FollowUpKind.SATISFACTION: Channel.CALL,
    FollowUpKind.INTRO_END: Channel.MESSAGE,
    FollowUpKind.TERM_END: Channel.MESSAGE,
    FollowUpKind.BEST_TARIFF: Channel.CALL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """One thing to speak about: from the local day `on`, at the latest on `until`.

    `about` is the day it is about: the switch, the first day of the next bill, of the full
    price, after the minimum term, or of another year on the plan. `plan_id` is the plan, and
    `since` the day the customer's time on it begins.
    """

    kind: FollowUpKind
    on: date
    until: date
    about: date
    plan_id: str
    since: date

    def __post_init__(self) -> None:
        """Refuse an end before the start."""
        if self.until < self.on:
            raise InvalidValue(
                name="until", value=self.until.isoformat(), expected=f"{self.on} or later"
            )

    @property
    def channel(self) -> Channel:
        """How to reach the customer."""
        return CHANNELS[self.kind]

    @property
    def reason(self) -> str:
        """Why to speak with the customer, in plain words."""
        match self.kind:
            case FollowUpKind.NEXT_BILL:
                return f"Explain the first bill after the switch, of the cycle from {self.about}."
            case FollowUpKind.SATISFACTION:
                return f"Ask whether {self.plan_id} serves the customer well since {self.about}."
            case FollowUpKind.INTRO_END:
                return f"Say that the introductory price of {self.plan_id} ends on {self.about}."
            case FollowUpKind.TERM_END:
                return (
                    f"Say that the minimum term of {self.plan_id} ends on {self.about}, what it "
                    "will cost then, and which plans fit best."
                )
            case FollowUpKind.BEST_TARIFF:
                return "Check by the calls of the last year which plan fits best."


def follow_ups(subscription: Subscription, *, as_of: date) -> tuple[FollowUp, ...]:
    """Return what to speak about after the latest switch, by date.

    A switch agreed for a later day counts as the latest. Days before the local day `as_of` are
    over: a window that has begun starts then, and one that has ended is left out. A cancelled
    subscription has no follow-ups.

    After the switch: its first bill, on the first day of the cycle that follows; a satisfaction
    check 30 days after it; a notice 10 days before an introductory price ends, and one from 40
    to 10 days before a minimum term ends; a best-tariff check each year.
    """
    if subscription.status is Status.CANCELLED:
        return ()
    scheduled = subscription.scheduled
    if scheduled is None:
        on_plan, grid, start = subscription.on_plan, subscription.grid, subscription.on_plan.since
    else:
        on_plan, grid, start = scheduled.on_plan, scheduled.grid, scheduled.on
    found = (
        _at(FollowUpKind.NEXT_BILL, _cycle(grid, start).end, on_plan),
        _at(
            FollowUpKind.SATISFACTION,
            start + timedelta(days=SATISFACTION_DAYS),
            on_plan,
            about=start,
        ),
        *_intro_end(subscription, on_plan, grid, start),
        *_term_end(on_plan),
        _at(FollowUpKind.BEST_TARIFF, _anniversary(start, as_of), on_plan),
    )
    current = [_from(each, as_of) for each in found if each.until >= as_of]
    kinds = list(FollowUpKind)
    return tuple(sorted(current, key=lambda each: (each.on, kinds.index(each.kind))))


def _at(kind: FollowUpKind, on: date, on_plan: OnPlan, *, about: date | None = None) -> FollowUp:
    """Return a follow-up for one day, which may come a little late."""
    return FollowUp(
        kind=kind,
        on=on,
        until=on + timedelta(days=LATE_DAYS),
        about=about or on,
        plan_id=on_plan.plan_id,
        since=on_plan.since,
    )


def _cycle(grid: Grid, day: date) -> Cycle:
    return cycle_at(day, anchor=grid.origin, length=grid.length)


def _intro_end(
    subscription: Subscription, on_plan: OnPlan, grid: Grid, start: date
) -> Iterable[FollowUp]:
    """Yield the notice of the first day at the full price.

    That is the end of the days already paid for at the introductory price, and of as many
    cycles after them as it still lasts.
    """
    promotion = on_plan.promotion
    if promotion is None:
        return
    agreed = subscription.scheduled
    lines = [line for event in subscription.events for line in lines_of(event.change)]
    paid_until = max(
        (
            line.end
            for line in (lines if agreed is None else agreed.lines)
            if line.kind is LineKind.INTRO_FEE
            and line.plan_id == on_plan.plan_id
            and line.end is not None
        ),
        default=start,
    )
    index = _cycle(grid, max(paid_until, start)).index
    about = grid.length.boundary(grid.origin, index + promotion.left)
    yield FollowUp(
        kind=FollowUpKind.INTRO_END,
        on=about - timedelta(days=INTRO_NOTICE_DAYS),
        until=about - timedelta(days=1),
        about=about,
        plan_id=on_plan.plan_id,
        since=on_plan.since,
    )


def _term_end(on_plan: OnPlan) -> Iterable[FollowUp]:
    if on_plan.term is not None:
        yield FollowUp(
            kind=FollowUpKind.TERM_END,
            on=on_plan.term.end - timedelta(days=TERM_NOTICE_FIRST_DAYS),
            until=on_plan.term.end - timedelta(days=TERM_NOTICE_LAST_DAYS),
            about=on_plan.term.end,
            plan_id=on_plan.plan_id,
            since=on_plan.since,
        )


def _anniversary(start: date, as_of: date) -> date:
    """Return the first full year after `start` that is not over on `as_of`."""
    years = max(1, as_of.year - start.year)
    day = add_months(start, years * BEST_TARIFF_MONTHS)
    return day if day >= as_of else add_months(start, (years + 1) * BEST_TARIFF_MONTHS)


def _from(each: FollowUp, as_of: date) -> FollowUp:
    return FollowUp(
        kind=each.kind,
        on=max(each.on, as_of),
        until=each.until,
        about=each.about,
        plan_id=each.plan_id,
        since=each.since,
    )


def follow_up_calendar(
    items: Iterable[FollowUp], *, subscription_id: str, stamped: datetime
) -> bytes:
    """Return follow-ups as an iCalendar file (RFC 5545), an all-day event each.

    `stamped` is the aware instant written into every event. An event's UID depends on the
    subscription, the plan, its first day and the kind, so that importing a newer file moves
    the events and doubles none. No event makes anybody busy. Personal data is not in it: a
    customer appears by the subscription's id.

    Raises `MissingExtra` without the extra `follow-up`, `InvalidValue` for a naive `stamped`.
    """
    try:
        from icalendar import Calendar, Event  # noqa: PLC0415  an extra, imported when used
    except ImportError as error:
        raise MissingExtra(extra="follow-up", package="icalendar") from error
    if stamped.utcoffset() is None:
        raise InvalidValue(
            name="stamped",
            value=stamped.isoformat(),
            expected="a timestamp with a time zone or UTC offset",
        )
    calendar = Calendar()
    calendar.add("prodid", "-//plan_rules//follow-ups//EN")
    calendar.add("version", "2.0")
    for item in items:
        event = Event()
        name = f"{subscription_id}\n{item.plan_id}\n{item.since.isoformat()}\n{item.kind}"
        event.add("uid", f"{uuid5(NAMESPACE, name)}@plan-rules.invalid")
        event.add("dtstamp", stamped.astimezone(UTC).replace(microsecond=0))
        event.add("dtstart", item.on)
        event.add("dtend", item.on + timedelta(days=1))
        event.add("summary", f"{subscription_id}: {item.kind.value} ({item.channel.value})")
        event.add("description", f"{item.reason} At the latest on {item.until}.")
        event.add("categories", [item.kind.value])
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    text: bytes = calendar.to_ical()
    return text
