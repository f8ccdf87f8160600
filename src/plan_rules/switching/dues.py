"""What falls due of a plan and what comes back of it, on a day of the cycle charged last."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from plan_rules.catalog.catalog import Catalog
from plan_rules.catalog.plan import Plan
from plan_rules.money import format_micros
from plan_rules.periods import Cycle, Period, cycle_at, time_zone
from plan_rules.switching.convention import (
    CALENDAR_DAY,
    ProrationConvention,
    ProrationUnit,
    convention_named,
)
from plan_rules.switching.events import Grid, Term
from plan_rules.switching.fee_adjustment import FeeAdjustment
from plan_rules.switching.line import Line, LineKind
from plan_rules.switching.pricing import Pricer, full_price
from plan_rules.switching.proration import share_left, share_of
from plan_rules.switching.share import WHOLE, Share
from plan_rules.switching.subscription import Subscription


def convention_of(catalog: Catalog, plan_id: str) -> ProrationConvention:
    """Return how the present plan counts a part of a cycle; by days if it is known no more."""
    plan = catalog.plans.get(plan_id)
    return CALENDAR_DAY if plan is None else convention_named(plan.switching.proration)


def left_of(
    cycle: Cycle,
    base: Subscription,
    convention: ProrationConvention,
    *,
    on: date,
    at: datetime | None = None,
) -> Share:
    """Return what is left of a cycle on a day, or at a moment of it where seconds count."""
    zone = time_zone(base.zone)
    if at is not None and convention.unit is ProrationUnit.SECOND and base.day_of(at) == on:
        return share_left(cycle=cycle, convention=convention, at=at, zone=zone)
    return share_left(cycle=cycle, convention=convention, on=on, zone=zone)


def grid_cycle(grid: Grid, on: date) -> Cycle:
    """Return the cycle of a grid that holds a day."""
    return cycle_at(on, anchor=grid.origin, length=grid.length)


def next_charge_lines(
    catalog: Catalog,
    base: Subscription,
    cycle: Cycle,
    *,
    adjustments: Iterable[FeeAdjustment] = (),
) -> tuple[Line, ...]:
    """Return what falls due of the present plan when `cycle` follows the one charged last.

    That is its fee, or the fee of the days before where it is billed afterwards; `adjustments`
    are those of the fee that is due.
    """
    plan = catalog.plan(base.plan_id)
    pricer, convention = Pricer.of(catalog), convention_of(catalog, plan.id)
    day = base.cycle.end
    arrears = arrears_lines(catalog, base, until=day, pricer=pricer, adjustments=adjustments)
    if not plan.billing.fee_in_advance:
        return arrears
    share = WHOLE if cycle.start == day else left_of(cycle, base, convention, on=day)
    price = full_price(plan, on=day, promotion=base.promotion, adjustments=adjustments)
    fee = pricer.fee(plan.id, price, start=day, end=cycle.end, convention=convention, share=share)
    return (*arrears, fee)


def credited_lines(
    base: Subscription,
    on: date,
    at: datetime | None,
    convention: ProrationConvention,
    pricer: Pricer,
) -> tuple[Line, ...]:
    """Return what comes back of everything paid for days of the running cycle still to come."""
    if on >= base.cycle.end:
        return ()
    lines = (
        pricer.credit(
            payment,
            place=place,
            on=on,
            convention=convention,
            share=left_of(payment.cycle, base, convention, on=max(on, payment.cycle.start), at=at),
        )
        for place, payment in enumerate(base.payments)
        if payment.end > on
    )
    return tuple(
        line
        for line in lines
        if line.amount_micros or not base.payments[line.credits].credited_micros
    )


def given_back(
    catalog: Catalog,
    base: Subscription,
    *,
    on: date,
    adjustments: Iterable[FeeAdjustment] = (),
) -> tuple[Line, ...]:
    """Return the lines of a service that ends on a day of the charged cycle, or with it."""
    pricer = Pricer.of(catalog)
    arrears = arrears_lines(catalog, base, until=on, pricer=pricer, adjustments=adjustments)
    convention = convention_of(catalog, base.plan_id)
    return (*arrears, *credited_lines(base, on, None, convention, pricer))


def is_due_afterwards(catalog: Catalog, base: Subscription, *, until: date) -> bool:
    """Whether a fee is due, on a day, for days served before it."""
    plan = catalog.plans.get(base.plan_id)
    in_advance = plan is None or plan.billing.fee_in_advance
    return not in_advance and until > base.segment_start


def arrears_lines(
    catalog: Catalog,
    base: Subscription,
    *,
    until: date,
    pricer: Pricer,
    adjustments: Iterable[FeeAdjustment] = (),
) -> tuple[Line, ...]:
    """Return the fee of the days served since the cycle or the plan began, if billed afterwards."""
    if not is_due_afterwards(catalog, base, until=until):
        return ()
    plan, start = catalog.plan(base.plan_id), base.segment_start
    convention = convention_of(catalog, plan.id)
    cycle = base.cycle
    share = WHOLE
    if (start, until) != (cycle.start, cycle.end):
        share = share_of(
            part=Period(start=start, end=until),
            cycle=cycle,
            convention=convention,
            zone=time_zone(base.zone),
        )
    price = full_price(plan, on=start, promotion=base.promotion, adjustments=adjustments)
    return (pricer.fee(plan.id, price, start=start, end=until, convention=convention, share=share),)


def once_lines(plan: Plan, pricer: Pricer) -> tuple[Line, ...]:
    """Return the fees that are due once when a plan begins; they are never prorated."""
    return tuple(
        pricer.once(
            LineKind.ONE_TIME,
            plan.id,
            name,
            micros,
            words=f"{name}, once, not prorated: {format_micros(micros)}",
            span=plan.span,
        )
        for name, micros in plan.one_time
    )


def term_from(plan: Plan, on: date) -> Term | None:
    """Return the minimum term of a plan that begins on a day."""
    if plan.commitment is None or plan.commitment.cycles < 1:
        return None
    device = plan.commitment.device
    return Term(
        start=on,
        end=plan.billing.length.boundary(on, plan.commitment.cycles),
        cycles=plan.commitment.cycles,
        early_termination=plan.commitment.early_termination,
        amount_micros=plan.commitment.amount,
        device_micros=None if device is None else device.value,
        device_months=None if device is None else device.months,
    )
