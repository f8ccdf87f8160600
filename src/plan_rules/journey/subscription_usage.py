"""The usage of a subscription: each cycle on the plan of its time, with what was charged for it.

A *stay* is a stretch of days within one cycle on one plan. Its allowances are those the
subscription counted with: pro-rated, and with what was used of them before a switch. Its fee is
what the events say was charged, so that a credit and a pro-rated fee are told as they were.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from plan_rules.catalog.catalog import Catalog
from plan_rules.journey.projection import calls_to_come, repeated_weeks
from plan_rules.journey.usage import CycleSummary, UsageReport, cycle_summary
from plan_rules.periods import Cycle, epoch_seconds, local_moment, time_zone
from plan_rules.rating.bill import Bill
from plan_rules.rating.placing import place_calls
from plan_rules.rating.rating import CycleInputs, rate_cycle
from plan_rules.switching.carrying import allowance_meters
from plan_rules.switching.demands import demand_charged, demand_currency
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
from plan_rules.switching.subscription import Status, Subscription
from plan_rules.tariff.book import TariffBook
from plan_rules.tariff.compiling import tariff_book
from plan_rules.tariff.meters import CycleState
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
    def is_whole(self) -> bool:
        """Whether the stay is a whole cycle."""
        return (self.start, self.end) == self._bounds

    @property
    def _bounds(self) -> tuple[date, date]:
        cycle = self.subscription.cycle
        return cycle.start, cycle.end


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


def review_subscription(
    *, catalog: Catalog, subscription: Subscription, calls: Iterable[Call], as_of: datetime
) -> UsageReport:
    """Return a subscription's usage since it began, as `review_usage` does for a customer.

    Each stay is rated on its own plan by the values in force on its days; a minimum spend is
    asked of whole cycles only.

    Raises `CommandRefused` if cycles up to `as_of` were not charged yet, `CurrencyMismatch` for
    a catalog of another currency, `UnknownId` if a plan of the past is gone from the catalog,
    `InvalidValue` for a naive `as_of`.
    """
    demand_currency(catalog, subscription)
    until = epoch_seconds(as_of)
    today = subscription.day_of(as_of)
    if subscription.status is Status.ACTIVE:
        demand_charged(subscription, today, command="review usage")
    zone = time_zone(subscription.zone)
    book = tariff_book(catalog)
    given = tuple(sorted(calls))
    known = tuple(call for call in given if call.epoch < until)
    all_stays = tuple(each for each in stays(subscription) if each.start <= today)
    by_stay: list[list[Call]] = [[] for _ in all_stays]
    unserved = 0
    for call in known:
        place = _place(all_stays, call.epoch, local_moment(call.epoch, zone=zone).date())
        if place is None:
            unserved += 1
        else:
            by_stay[place].append(call)
    weeks = repeated_weeks(known, as_of=as_of, zone=zone)
    summaries = []
    for stay, own in zip(all_stays, by_stay, strict=True):
        coming = None
        if weeks and stay.end > today and subscription.is_served(today):
            coming = calls_to_come(known, as_of=as_of, end=stay.end, zone=zone)
        summaries.append(_summary(book, stay, own, coming, today=today))
    return UsageReport(
        customer_id=subscription.customer_id,
        zone=subscription.zone,
        as_of=as_of,
        cycles=tuple(summaries),
        repeated_weeks=weeks,
        unserved_calls=unserved,
        later_calls=len(given) - len(known),
    )


def _place(all_stays: Sequence[Stay], epoch: int, day: date) -> int | None:
    """Return the stay that a call belongs to: the latest that has its day and its instant."""
    for index in reversed(range(len(all_stays))):
        stay = all_stays[index]
        if stay.start <= day < stay.end and epoch >= stay.counted:
            return index
        follows = index + 1 < len(all_stays) and all_stays[index + 1].start == stay.end
        if follows and day == stay.end and epoch < all_stays[index + 1].counted:
            return index
    return None


def _summary(
    book: TariffBook,
    stay: Stay,
    calls: Sequence[Call],
    coming: Sequence[Call] | None,
    *,
    today: date,
) -> CycleSummary:
    state = stay.subscription
    tariff = book.plan(state.plan_id)
    return cycle_summary(
        _bill(book, stay, calls),
        tariff.terms[book.epoch_index(stay.start)],
        chosen=state.on_plan.chosen_country,
        projected=None if coming is None else _bill(book, stay, (*calls, *coming)),
        is_over=stay.end <= today,
        charged=stay.lines,
    )


def _bill(book: TariffBook, stay: Stay, calls: Sequence[Call]) -> Bill:
    """Rate the calls of a stay with the allowances it was given and what was used before."""
    state = stay.subscription
    tariff = book.plan(state.plan_id)
    counters = {(each.allowance, each.country): each for each in state.counters}
    meters = CycleState.fresh(tariff.meters)
    limits = {}
    for meter, maker in allowance_meters(tariff):
        counter = counters.get((maker.id, tariff.meters[meter].country))
        if counter is not None:
            meters.used[meter] = counter.carried
            if counter.limit is not None:
                limits[meter] = counter.limit
    bill = rate_cycle(
        book,
        tariff,
        cycle=Cycle(
            start=stay.start,
            end=stay.end,
            index=state.cycle.index,
            length=state.cycle.length,
        ),
        placed=place_calls(book, calls, zone=state.zone),
        inputs=CycleInputs(chosen=state.on_plan.chosen_country, limits=limits, carried=meters),
        terms_on=stay.start,
    )
    if stay.is_whole:
        return bill
    minimum = tariff.minimum_spend_maker
    kept = tuple(each for each in bill.settlements if each.maker != minimum)
    return replace(bill, settlements=kept)
