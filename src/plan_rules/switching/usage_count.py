"""How far the allowances of the current cycle are used by calls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from plan_rules.catalog.catalog import Catalog
from plan_rules.periods import epoch_seconds
from plan_rules.rating.bill import Bill
from plan_rules.switching.carrying import allowance_meters
from plan_rules.switching.counter import Counter
from plan_rules.switching.demands import demand_currency
from plan_rules.switching.events import Event, UsageCounted
from plan_rules.switching.stay_rating import rate_stays
from plan_rules.switching.stays import calls_by_stay, stays
from plan_rules.switching.subscription import Subscription
from plan_rules.tariff.compiling import tariff_book
from plan_rules.usage.call import Call


def count_usage(
    *, catalog: Catalog, subscription: Subscription, calls: Iterable[Call], as_of: datetime
) -> tuple[Event, ...]:
    """Count how far the allowances of the current cycle are used by the calls before `as_of`.

    The calls of the present plan in this cycle are taken from all those given, rated, and added
    to what was carried into it, so that counting again with more calls is right. What was
    counted for an earlier plan is not counted again: count before a switch is confirmed, so
    that nothing is lost either. Limits of fair use count what was called on the present plan
    before it was left and come back to, too.
    """
    demand_currency(catalog, subscription)
    before = (call for call in calls if call.epoch < epoch_seconds(as_of))
    known = stays(subscription)
    by_stay, _ = calls_by_stay(known, before, zone=subscription.zone)
    last = known[-1]
    own = [place for place, stay in enumerate(known) if stay.goes_on(last)]
    rated = rate_stays(
        tariff_book(catalog), [known[place] for place in own], [by_stay[place] for place in own]
    )
    bill = rated.bills[-1]
    usage = UsageCounted(
        until=as_of,
        counters=_counted(subscription, bill),
        calls=len(by_stay[-1]),
        usage_micros=bill.usage_micros,
    )
    return (
        Event(
            sequence=subscription.version + 1,
            effective=max(subscription.day_of(as_of), subscription.activated),
            recorded=as_of,
            change=usage,
        ),
    )


def _counted(subscription: Subscription, bill: Bill) -> tuple[Counter, ...]:
    meters = {
        (maker.id, bill.tariff.meters[meter].country): meter
        for meter, maker in allowance_meters(bill.tariff)
    }
    found = []
    for counter in subscription.counters:
        meter = meters.get((counter.allowance, counter.country))
        used = counter.used if meter is None else bill.state.used[meter]
        found.append(replace(counter, used=used))
    return tuple(found)
