"""How far the allowances of the current cycle are used by calls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from plan_rules.catalog.catalog import Catalog
from plan_rules.periods import epoch_seconds, local_moment, time_zone
from plan_rules.rating.placing import place_calls
from plan_rules.rating.rating import CycleInputs, rate_cycle
from plan_rules.switching.carrying import allowance_meters
from plan_rules.switching.counter import Counter
from plan_rules.switching.demands import demand_currency
from plan_rules.switching.events import Event, Resumed, Switched, UsageCounted
from plan_rules.switching.subscription import Subscription
from plan_rules.tariff.compiling import tariff_book
from plan_rules.tariff.meters import CycleState
from plan_rules.usage.call import Call


def count_usage(
    *, catalog: Catalog, subscription: Subscription, calls: Iterable[Call], as_of: datetime
) -> tuple[Event, ...]:
    """Count how far the allowances of the current cycle are used by the calls before `as_of`.

    The calls of the present plan in this cycle are taken from all those given, rated, and added
    to what was carried into it, so that counting again with more calls is right. What was
    counted for an earlier plan is not counted again: count before a switch is confirmed, so
    that nothing is lost either.
    """
    demand_currency(catalog, subscription)
    until = subscription.day_of(as_of)
    start = subscription.segment_start
    zone = time_zone(subscription.zone)
    counted = _counted_before(subscription)
    own = [
        call
        for call in calls
        if counted <= call.epoch < epoch_seconds(as_of)
        and start <= local_moment(call.epoch, zone=zone).date() < subscription.cycle.end
        and subscription.is_served(local_moment(call.epoch, zone=zone).date())
    ]
    book = tariff_book(catalog)
    tariff = book.plan(subscription.plan_id)
    meters = {
        (maker.id, tariff.meters[meter].country): meter for meter, maker in allowance_meters(tariff)
    }
    state = CycleState.fresh(tariff.meters)
    limits = {}
    for counter in subscription.counters:
        meter = meters.get((counter.allowance, counter.country))
        if meter is None:
            continue
        if counter.limit is not None:
            limits[meter] = counter.limit
        state.used[meter] = counter.carried
    bill = rate_cycle(
        book,
        tariff,
        cycle=replace(subscription.cycle, start=start),
        placed=place_calls(book, own, zone=subscription.zone),
        inputs=CycleInputs(
            chosen=subscription.on_plan.chosen_country, limits=limits, carried=state
        ),
        terms_on=start,
    )
    counters = tuple(_used(counter, meters, bill.state) for counter in subscription.counters)
    usage = UsageCounted(
        until=as_of, counters=counters, calls=len(own), usage_micros=bill.usage_micros
    )
    return (
        Event(
            sequence=subscription.version + 1,
            effective=max(until, subscription.activated),
            recorded=as_of,
            change=usage,
        ),
    )


def _counted_before(subscription: Subscription) -> int:
    """Return the instant, in epoch seconds, up to which earlier plans had their calls counted."""
    counted = latest = 0
    for event in subscription.events:
        match event.change:
            case UsageCounted():
                latest = max(latest, epoch_seconds(event.change.until))
            case Switched() | Resumed():
                counted = latest
            case _:
                pass
    return counted


def _used(counter: Counter, meters: dict[tuple[str, str], int], state: CycleState) -> Counter:
    meter = meters.get((counter.allowance, counter.country))
    return counter if meter is None else replace(counter, used=state.used[meter])
