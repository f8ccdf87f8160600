"""The charge of each cycle as it begins, and of a switch that was agreed for a day that came."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime

from plan_rules.catalog.catalog import Catalog
from plan_rules.switching.asking import adjustments_due
from plan_rules.switching.carrying import fresh_counters
from plan_rules.switching.demands import demand_currency
from plan_rules.switching.dues import convention_of, grid_cycle, left_of, next_charge_lines
from plan_rules.switching.events import Change, Charged, Event, Scheduled, Switched
from plan_rules.switching.fee_adjustment import FeeAdjustment
from plan_rules.switching.line import LineKind
from plan_rules.switching.move import Move, Wish, counters_after, move
from plan_rules.switching.policy import policy_named
from plan_rules.switching.share import WHOLE
from plan_rules.switching.subscription import Status, Subscription
from plan_rules.tariff.compiling import tariff_book
from plan_rules.usage.call import Call
from plan_rules.usage.customer import Customer


def charge_cycle(
    *,
    catalog: Catalog,
    subscription: Subscription,
    as_of: datetime,
    customer: Customer | None = None,
    calls: Iterable[Call] = (),
    adjustments: Iterable[FeeAdjustment] | None = None,
) -> tuple[Event, ...]:
    """Bring a subscription up to the local day of `as_of`: charge every cycle that began.

    What is charged are fees, and what rules take off them or put on them. Usage, and what rules
    bring `on: usage` or `on: bill`, is due when a cycle is over: `bill_usage` makes that bill,
    and both together are the bill of the cycle.

    A switch that was agreed for a day that has come takes place on that day, with the charges
    that were pinned; what comes back is counted by what was paid by then. None where nothing is
    due, as while it is paused and after its end. The catalog's rules are asked about
    `customer`, and what was called before, on the first day that each fee pays for, as of a
    cycle without a call; `adjustments`, given in their place, are the discounts and surcharges
    on all fees that fall due.

    Raises `UnknownId` if the plan is gone from the catalog, and `InvalidValue` where the catalog
    has rules and there is neither a customer nor `adjustments`.
    """
    demand_currency(catalog, subscription)
    today = subscription.day_of(as_of)
    made = tuple(calls)
    fixed = None if adjustments is None else tuple(adjustments)

    def adjusted(known: Subscription) -> tuple[FeeAdjustment, ...]:
        in_advance = catalog.plan(known.plan_id).billing.fee_in_advance
        day = known.cycle.end if in_advance else known.segment_start
        return adjustments_due(catalog, known, customer, fixed, on=day, calls=made)

    return tuple(_due(catalog, subscription, today, as_of, adjusted))


def _due(
    catalog: Catalog,
    subscription: Subscription,
    today: date,
    as_of: datetime,
    adjusted: Callable[[Subscription], tuple[FeeAdjustment, ...]],
) -> Iterator[Event]:
    known = subscription
    while known.status is Status.ACTIVE:
        agreed = known.scheduled
        day = known.cycle.end
        if agreed is not None and agreed.on <= min(day, today):
            change: Change = _taking_place(catalog, known, agreed)
            day = agreed.on
        elif day <= today:
            change = next_charge(catalog, known, adjustments=adjusted(known))
        else:
            return
        event = Event(sequence=known.version + 1, effective=day, recorded=as_of, change=change)
        known = known.after((event,))
        yield event


def next_charge(
    catalog: Catalog, subscription: Subscription, *, adjustments: Iterable[FeeAdjustment] = ()
) -> Charged:
    """Return the charge of the cycle that follows the one charged last.

    After a cycle that was cut short the next one may be a part of a full cycle as well.
    """
    plan = catalog.plan(subscription.plan_id)
    day = subscription.cycle.end
    cycle = grid_cycle(subscription.grid, day)
    share = WHOLE
    if cycle.start != day:
        share = left_of(cycle, subscription, convention_of(catalog, plan.id), on=day)
    counters = fresh_counters(
        tariff_book(catalog),
        plan.id,
        on=day,
        share=share.fraction,
        mode=plan.switching.allowance,
        rounding=plan.switching.allowance_rounding,
    )
    lines = next_charge_lines(catalog, subscription, cycle, adjustments=adjustments)
    return Charged(cycle=cycle, lines=lines, counters=counters)


def _taking_place(catalog: Catalog, known: Subscription, agreed: Scheduled) -> Switched:
    """Return the switch that was agreed for a day that has come."""
    wish = Wish(
        plan=catalog.plan(agreed.on_plan.plan_id),
        policy=policy_named(agreed.policy),
        chosen_country=agreed.on_plan.chosen_country,
    )
    now = move(catalog=catalog, base=known, wish=wish, on=agreed.on)
    back = {LineKind.CREDIT, LineKind.REVERSAL}
    counted = tuple(line for line in now.lines if line.kind in back)
    pinned = tuple(line for line in agreed.lines if line.kind not in back)
    step = replace(
        now, on_plan=agreed.on_plan, grid=agreed.grid, cycle=agreed.cycle, lines=counted + pinned
    )
    return switched(catalog, known, step, quote_id=agreed.quote_id, key=agreed.key)


def switched(
    catalog: Catalog, base: Subscription, step: Move, *, quote_id: str = "", key: str = ""
) -> Switched:
    """Return the change that a move makes, with the counters that are carried over."""
    counters, spent = counters_after(catalog, base, step)
    return Switched(
        on_plan=step.on_plan,
        grid=step.grid,
        cycle=step.cycle,
        lines=step.lines,
        counters=counters,
        spent=spent,
        quote_id=quote_id,
        key=key,
        undoes=step.undoes,
    )
