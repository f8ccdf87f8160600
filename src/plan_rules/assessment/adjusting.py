"""From the billing rules that fired to what a bill is adjusted by: amounts, stacking, caps.

Amounts are taken of the bill as it was priced, before any adjustment and before tax. Discounts
and surcharges are kept apart, and so is each base (`fee`, `usage`, `bill`). Of one kind on one
base: an exclusive amount takes the place of all others, the largest of several exclusive ones
that of the rest; of the `largest` ones only the largest counts; the additive ones all count.
Ties go to the rule that stands first. Discounts of a base never exceed it, and all discounts
together never exceed the bill.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from plan_rules.assessment.eligibility import Reason, reason_of
from plan_rules.rating.adjustment import Adjustment
from plan_rules.rating.bill import Bill
from plan_rules.rules.decision import Decision
from plan_rules.rules.effect import WHOLE, Adjust, AdjustmentKind, Base, Note, Stack, Warn
from plan_rules.rules.rule import Rule
from plan_rules.tariff.book import Maker, MakerKind

WHOLE_CYCLE = Fraction(1)
"""The share of a cycle that a bill of a whole one is for."""

KINDS = {
    AdjustmentKind.DISCOUNT: MakerKind.DISCOUNT,
    AdjustmentKind.SURCHARGE: MakerKind.SURCHARGE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Displaced:
    """An amount that its rule asked for and that does not count.

    `by` is the id of the rule whose amount counts in its place.
    """

    rule: Rule
    effect: Adjust
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusted:
    """A bill with its adjustments, what gave way to them, and what is to be told beside."""

    bill: Bill
    displaced: tuple[Displaced, ...] = ()
    warnings: tuple[Reason, ...] = ()
    notes: tuple[Reason, ...] = ()
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class _Amount:
    rule: Rule
    effect: Adjust
    exact: Fraction


def adjust(
    bill: Bill,
    decision: Decision,
    *,
    share: Fraction = WHOLE_CYCLE,
    bases: Container[Base] = tuple(Base),
) -> Adjusted:
    """Return the bill with what the billing rules that fired bring on some bases, or on all.

    Each amount is rounded once, as the plan rounds its calls. An amount of 0 makes no line.
    Rules name amounts of money for a whole cycle: of a bill for a `share` of one, that share.
    """
    taken_of = _bases(bill)
    wanted = [
        _Amount(rule, effect, _exact(effect, taken_of[effect.on], share))
        for rule, effect in decision.effects()
        if isinstance(effect, Adjust) and effect.on in bases
    ]
    kept, displaced = _stacked(wanted)
    told = [
        (effect, reason_of(rule, effect))
        for rule, effect in decision.effects()
        if isinstance(effect, Warn | Note)
    ]
    return Adjusted(
        bill=replace(bill, adjustments=tuple(_lines(bill, kept, taken_of))),
        displaced=displaced,
        warnings=tuple(reason for effect, reason in told if isinstance(effect, Warn)),
        notes=tuple(reason for effect, reason in told if isinstance(effect, Note)),
        decision=decision,
    )


def _bases(bill: Bill) -> dict[Base, int]:
    """Return the amounts in micros that percentages are taken of."""
    fee, priced = bill.fee_micros, bill.priced_micros
    return {Base.FEE: fee, Base.USAGE: priced - fee, Base.BILL: priced}


def _exact(effect: Adjust, base: int, share: Fraction) -> Fraction:
    if effect.percent is not None:
        return base * effect.percent / WHOLE
    return (effect.amount_micros or 0) * share


def _stacked(wanted: Iterable[_Amount]) -> tuple[list[_Amount], tuple[Displaced, ...]]:
    """Return the amounts that count, in order, and those that give way."""
    amounts = list(wanted)
    kept, displaced = [], []
    for each in amounts:
        rivals = [
            other
            for other in amounts
            if (other.effect.kind, other.effect.on) == (each.effect.kind, each.effect.on)
        ]
        winner = _winner(each, rivals)
        if winner is each:
            kept.append(each)
        else:
            displaced.append(Displaced(rule=each.rule, effect=each.effect, by=winner.rule.id))
    return kept, tuple(displaced)


def _winner(amount: _Amount, rivals: list[_Amount]) -> _Amount:
    """Return the amount that counts where this one was asked for: itself, or its better."""
    exclusive = [each for each in rivals if each.effect.stack is Stack.EXCLUSIVE]
    if exclusive:
        return max(exclusive, key=lambda each: each.exact)
    if amount.effect.stack is Stack.ADDITIVE:
        return amount
    largest = [each for each in rivals if each.effect.stack is Stack.LARGEST]
    return max(largest, key=lambda each: each.exact)


def _lines(bill: Bill, kept: list[_Amount], bases: dict[Base, int]) -> Iterator[Adjustment]:
    """Yield the adjustments base by base, discounts cut where nothing more can be taken off."""
    left = dict(bases)
    for base in Base:
        for each in kept:
            if each.effect.on is not base:
                continue
            adjustment = _adjustment(bill, each, bases, at_most=min(left[base], left[Base.BILL]))
            if not adjustment.amount_micros:
                continue
            if each.effect.kind is AdjustmentKind.DISCOUNT:
                left[Base.BILL] += adjustment.amount_micros
                if base is not Base.BILL:
                    left[base] += adjustment.amount_micros
            yield adjustment


def _adjustment(bill: Bill, amount: _Amount, bases: dict[Base, int], *, at_most: int) -> Adjustment:
    effect = amount.effect
    discount = effect.kind is AdjustmentKind.DISCOUNT
    exact = min(amount.exact, Fraction(max(0, at_most))) if discount else amount.exact
    rounded = bill.tariff.plan.rounding.apply(
        numerator=exact.numerator, denominator=exact.denominator
    )
    if discount and rounded > at_most:
        rounded = max(0, at_most)
    sign = -1 if discount else 1
    return Adjustment(
        maker=Maker(KINDS[effect.kind], amount.rule.id, effect.span, effect.reason),
        amount_micros=sign * rounded,
        exact=sign * exact,
        fee_share=_fee_share(effect.on, bases),
    )


def _fee_share(on: Base, bases: dict[Base, int]) -> Fraction:
    match on:
        case Base.FEE:
            return Fraction(1)
        case Base.USAGE:
            return Fraction(0)
        case Base.BILL:
            total = bases[Base.BILL]
            return Fraction(bases[Base.FEE], total) if total > 0 else Fraction(1)
