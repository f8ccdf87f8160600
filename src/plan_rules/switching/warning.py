"""What a customer should know before a switch: each warning with its own words."""

from __future__ import annotations

from collections.abc import Iterator

from plan_rules.switching.cheapest_day import Days
from plan_rules.switching.counter import Counter
from plan_rules.switching.line import LineKind
from plan_rules.switching.move import Move
from plan_rules.switching.quote import SwitchWarning, WarningKind


def warnings_of(days: Days, step: Move, counters: tuple[Counter, ...]) -> Iterator[SwitchWarning]:
    """Yield every warning of a switch: of the plan left, of the new one, of rules."""
    base, plan, on_plan = days.subscription, days.wish.plan, step.on_plan
    leaves = plan.id != base.plan_id
    present = days.catalog.plans.get(base.plan_id)
    if leaves and (present is None or not present.is_sold(step.on)):
        name = base.plan_id if present is None else present.name
        text = f"{name} is no longer sold: there is no way back to it."
        yield SwitchWarning(kind=WarningKind.CANNOT_COME_BACK, text=text)
    if leaves and on_plan.term is not None and not step.undoes:
        text = f"A minimum term of {on_plan.term.cycles} cycles begins, until {on_plan.term.end}."
        yield SwitchWarning(kind=WarningKind.COMMITMENT_STARTS, text=text)
    if any(line.kind is LineKind.EARLY_TERMINATION for line in step.lines) and base.term:
        text = f"The present minimum term ends on {base.term.end}; leaving before costs a fee."
        yield SwitchWarning(kind=WarningKind.COMMITMENT_LEFT, text=text)
    left = 0 if base.promotion is None else days.base_for(step.on).on_plan.promotion_left
    if leaves and left:
        text = f"The introductory price of {left} more cycles is lost."
        yield SwitchWarning(kind=WarningKind.INTRO_LOST, text=text)
    if leaves and plan.intro is not None and on_plan.promotion is None:
        text = "The introductory price of the new plan is not given, or not given again."
        yield SwitchWarning(kind=WarningKind.INTRO_DENIED, text=text)
    used_up = ", ".join(each.allowance for each in counters if each.over)
    if used_up:
        text = f"Already used up in this cycle, with what was used before the switch: {used_up}."
        yield SwitchWarning(kind=WarningKind.ALLOWANCE_OVER, text=text)
    if base.scheduled is not None:
        agreed = base.scheduled
        text = f"The switch to {agreed.on_plan.plan_id} agreed for {agreed.on} is replaced."
        yield SwitchWarning(kind=WarningKind.SCHEDULE_REPLACED, text=text)
    if step.grid != base.grid:
        text = f"Billing cycles change: the next one begins on {step.cycle.end}."
        yield SwitchWarning(kind=WarningKind.CYCLE_MOVES, text=text)
    for reason in days.wish.eligibility.warnings:
        yield SwitchWarning(kind=WarningKind.RULE, text=reason.text, reason=reason)
