"""The terms of a plan as sentences to read aloud before a switch is confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from plan_rules.catalog.allowance import Allowance, AllowanceUnit, Limit, LimitMetric, WhenUsedUp
from plan_rules.catalog.catalog import Catalog
from plan_rules.catalog.plan import Plan, RestrictionKind
from plan_rules.money import format_micros
from plan_rules.periods import CycleLength
from plan_rules.switching.events import OnPlan, Promotion
from plan_rules.switching.quote import SpokenTerm, TermKind

SECONDS_PER_MINUTE = 60


def spoken_terms(
    catalog: Catalog, plan: Plan, *, on: date, on_plan: OnPlan
) -> tuple[SpokenTerm, ...]:
    """Return what a customer must hear: fee, cycle, commitment, what is included and what is not.

    In the order of reading; prices are those in force `on` the day of the switch.
    """
    return tuple(
        SpokenTerm(kind=kind, text=text)
        for kind, text in _sentences(catalog, plan, on=on, on_plan=on_plan)
    )


def _sentences(
    catalog: Catalog, plan: Plan, *, on: date, on_plan: OnPlan
) -> Iterator[tuple[TermKind, str]]:
    currency = catalog.currency
    cycle = length_words(plan.billing.length)
    taxed = _tax_words(catalog)
    fee = format_micros(plan.fee.at(on) or 0)
    yield TermKind.FEE, f"{plan.name} costs {fee} {currency} for each {cycle}{taxed}."
    for start, micros in plan.fee.entries:
        if start is not None and start > on:
            later = format_micros(micros)
            yield TermKind.FEE, f"From {start} on it costs {later} {currency} for each {cycle}."
    if on_plan.promotion is not None and plan.intro is not None:
        yield TermKind.INTRO, _intro_words(on_plan.promotion, currency, cycle)
    for name, micros in plan.one_time:
        yield TermKind.ONE_TIME, f"Due once: {name}, {format_micros(micros)} {currency}."
    when = "in advance" if plan.billing.fee_in_advance else "afterwards"
    begins = "on the first of the month" if plan.billing.calendar else "on your billing day"
    yield (
        TermKind.CYCLE,
        f"A billing cycle is one {cycle} and begins {begins}; the fee is billed {when}.",
    )
    if on_plan.term is not None:
        early = _early_words(on_plan)
        yield (
            TermKind.COMMITMENT,
            f"You commit to {on_plan.term.cycles} cycles, until {on_plan.term.end}. {early}",
        )
    yield from _use_sentences(plan, currency, cycle, on=on)


def _use_sentences(
    plan: Plan, currency: str, cycle: str, *, on: date
) -> Iterator[tuple[TermKind, str]]:
    """Yield what is included, what is beyond it, and what is not possible."""
    for allowance in plan.allowances:
        yield TermKind.ALLOWANCE, _allowance_words(allowance, currency, cycle)
        if allowance.limits.limits:
            yield TermKind.FAIR_USE, _fair_use_words(allowance)
        yield TermKind.OVERAGE, _overage_words(allowance)
    for volume in plan.volumes:
        named = ", ".join(str(each) for each in volume.to)
        text = f"Calls to {named} are priced by how much is called in a {cycle}."
        yield TermKind.VOLUME, text
    minimum = plan.billing.minimum_spend.at(on)
    if minimum:
        yield (
            TermKind.MINIMUM_SPEND,
            f"Calls are billed at {format_micros(minimum)} {currency} for each {cycle} at least.",
        )
    for restriction in plan.restrictions:
        verb = {
            RestrictionKind.BLOCK: "Not possible",
            RestrictionKind.ALLOW: "Only possible",
            RestrictionKind.ADVISE: "Please note",
        }[restriction.kind]
        named = ", ".join(str(each) for each in restriction.to)
        place = "" if restriction.kind is RestrictionKind.ADVISE else f": {named}"
        yield TermKind.RESTRICTION, f"{verb}{place}. {restriction.reason}"
    for surcharge in plan.surcharges:
        named = ", ".join(str(each) for each in surcharge.to)
        costs = [
            f"{format_micros(micros)} {currency} {per}"
            for micros, per in ((surcharge.per_minute, "a minute"), (surcharge.per_call, "a call"))
            if micros
        ]
        yield (
            TermKind.SURCHARGE,
            f"Calls to {named} cost {' and '.join(costs)} more. {surcharge.reason}".strip(),
        )


def length_words(length: CycleLength) -> str:
    """Return a cycle length as people say it: `month`, `28 days`."""
    return length.unit.value if length.count == 1 else f"{length.count} {length.unit.value}s"


def _tax_words(catalog: Catalog) -> str:
    if catalog.tax is None:
        return ""
    included = "included" if catalog.tax.included else "added"
    return f", {catalog.tax.name} {included}"


def _intro_words(promotion: Promotion, currency: str, cycle: str) -> str:
    left = promotion.cycles
    fee = format_micros(promotion.fee_micros)
    cycles = f"first {cycle}" if left == 1 else f"first {left} billing cycles"
    return f"For the {cycles} it costs {fee} {currency}; a part of a cycle counts as one."


def _early_words(on_plan: OnPlan) -> str:
    formula = "" if on_plan.term is None else on_plan.term.early_termination.value
    if formula in {"", "none"}:
        return "Leaving earlier costs nothing."
    return f"Leaving earlier costs a fee ({formula.replace('-', ' ')})."


def _amount_words(allowance: Allowance, currency: str) -> str:
    if allowance.amount is None:
        return "unlimited calls"
    match allowance.unit:
        case AllowanceUnit.SECONDS:
            return f"{allowance.amount // SECONDS_PER_MINUTE:,} minutes of calls"
        case AllowanceUnit.CALLS:
            return f"{allowance.amount:,} calls"
        case AllowanceUnit.MICROS:
            return f"calls for {format_micros(allowance.amount)} {currency}"


def _allowance_words(allowance: Allowance, currency: str, cycle: str) -> str:
    to = ", ".join(str(each) for each in allowance.to)
    without = ", ".join(str(each) for each in allowance.without)
    but = f", not to {without}" if without else ""
    amount = _amount_words(allowance, currency)
    return f"Each {cycle} includes {amount} to {to}{but}."


def _fair_use_words(allowance: Allowance) -> str:
    joint = " and " if allowance.limits.needs_all else " or "
    listed = joint.join(_limit_words(each) for each in allowance.limits.limits)
    return f"Fair use of {allowance.id}: included up to {listed}."


def _limit_words(limit: Limit) -> str:
    amount = limit.amount
    words = limit.metric.value.replace("distinct-", "different ")
    if limit.metric is LimitMetric.SECONDS:
        amount //= SECONDS_PER_MINUTE
    return f"{amount:,} {words} a {limit.per.value}"


def _overage_words(allowance: Allowance) -> str:
    if allowance.when_used_up is WhenUsedUp.BLOCK:
        return f"When {allowance.id} is used up, its calls are not possible until the next cycle."
    return f"Calls beyond {allowance.id} are paid by the rates of the plan."
