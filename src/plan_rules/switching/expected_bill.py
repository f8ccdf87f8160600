"""The bills to come after a switch, with the usage that is expected."""

from __future__ import annotations

from dataclasses import replace

from plan_rules.money import RoundingMode, round_ratio
from plan_rules.periods import Cycle
from plan_rules.switching.cheapest_day import Days
from plan_rules.switching.dues import convention_of, grid_cycle
from plan_rules.switching.move import Move
from plan_rules.switching.pricing import Pricer, full_price
from plan_rules.switching.quote import ExpectedBill


def next_bill(days: Days, step: Move) -> ExpectedBill:
    """Return the bill of the cycle after the one of the switch, at the price in force then."""
    cycle = grid_cycle(step.grid, step.cycle.end)
    cycle = replace(cycle, start=step.cycle.end)
    promotion = step.on_plan.promotion
    gross = days.fee(step.grid, cycle.start, promotion if promotion and promotion.left else None)
    return ExpectedBill(cycle=cycle, fee_micros=gross, usage_micros=_usage(days, step, cycle))


def steady_bill(days: Days, step: Move) -> ExpectedBill:
    """Return the bill of the first whole cycle once the promotion is past."""
    promotion = step.on_plan.promotion
    cycle = grid_cycle(step.grid, step.cycle.end)
    for _ in range(0 if promotion is None else promotion.left):
        cycle = grid_cycle(step.grid, cycle.end)
    price = full_price(days.wish.plan, on=cycle.start, adjustments=days.wish.adjustments)
    line = Pricer.of(days.catalog).fee(
        days.wish.plan.id,
        price,
        start=cycle.start,
        end=cycle.end,
        convention=convention_of(days.catalog, days.wish.plan.id),
    )
    usage = _usage(days, step, cycle)
    return ExpectedBill(cycle=cycle, fee_micros=line.gross_micros, usage_micros=usage)


def _usage(days: Days, step: Move, cycle: Cycle) -> int:
    exact = days.forecast.between(
        days.wish.plan.id,
        start=cycle.start,
        end=cycle.end,
        chosen=step.on_plan.chosen_country,
    )
    return round_ratio(
        numerator=exact.numerator, denominator=exact.denominator, mode=RoundingMode.HALF_UP
    )
