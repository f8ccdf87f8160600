"""What leaving a plan before the end of its minimum term costs, as a line."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from plan_rules.catalog.catalog import Catalog
from plan_rules.catalog.plan import Commitment, Device
from plan_rules.errors import NOWHERE
from plan_rules.money import Rounding, format_micros
from plan_rules.periods import Period, cycle_at, time_zone
from plan_rules.switching.coin import coin_micros
from plan_rules.switching.convention import ProrationConvention
from plan_rules.switching.dues import convention_of
from plan_rules.switching.events import Term
from plan_rules.switching.line import Line, LineKind
from plan_rules.switching.pricing import Pricer, full_price
from plan_rules.switching.proration import prorate, share_left, share_of
from plan_rules.switching.subscription import Subscription
from plan_rules.switching.termination import FeeLeft, termination_fee


def termination_lines(
    catalog: Catalog,
    base: Subscription,
    *,
    on: date,
    pricer: Pricer,
    given: Iterable[Line] = (),
    to_come: tuple[FeeLeft, ...] | None = None,
) -> tuple[Line, ...]:
    """Return the line of the early-termination fee, none from the end of the term on.

    The formula and its figures are those agreed with the term. `given` are the lines that give
    back what was paid for the running cycle: that much of it is a fee left. `to_come` are the
    later fees where they are known already.
    """
    term = base.term
    if term is None or on >= term.end:
        return ()
    plan = catalog.plans.get(base.plan_id)
    convention = convention_of(catalog, base.plan_id)
    day = max(on, term.start)
    back = -sum(line.amount_micros for line in given if line.kind is LineKind.CREDIT)
    running = _running(catalog, base, on=day, back=back, convention=convention, coin=pricer.coin)
    fee = termination_fee(
        commitment=_agreed(term),
        start=term.start,
        end=term.end,
        on=day,
        fees_left=(
            *running,
            *(fees_to_come(catalog, base, on=day) if to_come is None else to_come),
        ),
        rounding=Rounding(step_micros=pricer.coin),
    )
    return (
        pricer.once(
            LineKind.EARLY_TERMINATION,
            base.plan_id,
            term.early_termination.value,
            fee.micros,
            words=f"leaving before {term.end}: {fee.derivation} = {format_micros(fee.micros)}",
            span=NOWHERE if plan is None or plan.commitment is None else plan.commitment.span,
        ),
    )


def _agreed(term: Term) -> Commitment:
    device = None
    if term.device_micros is not None and term.device_months is not None:
        device = Device(value=term.device_micros, months=term.device_months)
    return Commitment(
        cycles=term.cycles,
        early_termination=term.early_termination,
        amount=term.amount_micros,
        device=device,
    )


def _running(
    catalog: Catalog,
    base: Subscription,
    *,
    on: date,
    back: int,
    convention: ProrationConvention,
    coin: int,
) -> tuple[FeeLeft, ...]:
    """Return the fee left of the running cycle, none if it is over.

    It is what comes back, or what would be billed for the rest of it afterwards.
    """
    if on >= base.cycle.end:
        return ()
    plan = catalog.plans.get(base.plan_id)
    if plan is not None and not plan.billing.fee_in_advance:
        zone = time_zone(base.zone)
        share = share_left(cycle=base.cycle, convention=convention, on=on, zone=zone)
        micros = _fee(catalog, base, on, ahead=0)
        back = prorate(micros=micros, share=share, rounding=convention.rounding_to(coin))
    return (FeeLeft(start=on, micros=back),)


def fees_to_come(catalog: Catalog, base: Subscription, *, on: date) -> tuple[FeeLeft, ...]:
    """Return the fees of the cycles after the one charged last, up to the end of the term.

    Of the last one it is the part within the term; after a pause of cycles the first one is
    what is left on the day `on`.
    """
    if base.term is None:
        return ()
    convention = convention_of(catalog, base.plan_id)
    rounding = convention.rounding_to(coin_micros(base.currency))
    found = []
    day, ahead, until = max(base.cycle.end, on), 0, base.term.end
    while day < until:
        cycle = cycle_at(day, anchor=base.grid.origin, length=base.grid.length)
        micros = _fee(catalog, base, day, ahead=ahead)
        end = min(cycle.end, until)
        if (day, end) != (cycle.start, cycle.end):
            part, zone = Period(start=day, end=end), time_zone(base.zone)
            share = share_of(part=part, cycle=cycle, convention=convention, zone=zone)
            micros = prorate(micros=micros, share=share, rounding=rounding)
        found.append(FeeLeft(start=day, micros=micros))
        day, ahead = cycle.end, ahead + 1
    return tuple(found)


def _fee(catalog: Catalog, base: Subscription, day: date, *, ahead: int) -> int:
    """Return the fee of a cycle that begins on a day, `ahead` whole cycles after the next one."""
    plan = catalog.plans.get(base.plan_id)
    if plan is None:
        return base.payments[-1].price_micros if base.payments else 0
    promotion = base.promotion if base.on_plan.promotion_left > ahead else None
    return full_price(plan, on=day, promotion=promotion).micros
