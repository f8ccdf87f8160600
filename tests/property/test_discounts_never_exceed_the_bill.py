"""Discounts of a base never exceed it, all of them never exceed the bill, and lines sum."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from plan_rules.assessment.adjusting import Adjusted, adjust
from plan_rules.catalog import Dated, Tax
from plan_rules.money import Rounding
from plan_rules.rating import rating
from plan_rules.rating.bill import Bill
from plan_rules.rules.decision import Decision
from plan_rules.rules.effect import Adjust, AdjustmentKind, Base, Stack
from plan_rules.rules.fact import Facts, Stage
from plan_rules.rules.rule import Rule
from tests.unit.assessment.rule_catalogs import ALWAYS, calls, catalog, customer

DISCOUNT = AdjustmentKind.DISCOUNT
percents = st.fractions(min_value=Fraction(1, 100), max_value=100, max_denominator=100)
amounts = st.integers(1, 40_000_000)
TAXES = (
    None,
    Tax(usage=Fraction(7, 100), fee=Fraction(21, 100)),
    Tax(usage=Fraction(21, 100), fee=Fraction(21, 100), included=True),
)


@cache
def priced(tax: Tax | None, fee: int, step: int, minutes: int) -> Bill:
    """Return a bill without adjustments; compiling its catalog takes longer than all else."""
    found = catalog(tax=tax, fee=Dated.always(fee), rounding=Rounding(step_micros=step))
    given_calls = calls(minutes, months=[1])
    (bill,) = rating.rate(catalog=found, plan="plain", calls=given_calls, customer=customer())
    return bill


bills = st.builds(
    priced,
    st.sampled_from(TAXES),
    st.sampled_from([0, 990_001, 29_990_000]),
    st.sampled_from([1, 10_000, 3_000_000]),
    st.sampled_from([0, 1, 150]),
)


@st.composite
def adjustments(draw: st.DrawFn) -> tuple[Adjust, ...]:
    found = []
    for _ in range(draw(st.integers(0, 6))):
        percent = draw(st.none() | percents)
        found.append(
            Adjust(
                kind=draw(st.sampled_from(AdjustmentKind)),
                on=draw(st.sampled_from(Base)),
                stack=draw(st.sampled_from(Stack)),
                reason="Because.",
                percent=percent,
                amount_micros=draw(amounts) if percent is None else None,
            )
        )
    return tuple(found)


@st.composite
def adjusted_bills(draw: st.DrawFn) -> Adjusted:
    effects = draw(adjustments())
    rules = tuple(
        Rule(id=f"rule-{index}", stage=Stage.BILLING, when=ALWAYS, effects=(effect,))
        for index, effect in enumerate(effects)
    )
    decision = Decision(stage=Stage.BILLING, fired=rules, tags=(), engine="", facts=Facts())
    return adjust(draw(bills), decision)


@given(adjusted_bills())
def test_no_base_is_overdrawn_and_lines_sum(found: Adjusted) -> None:
    bill = found.bill
    on = {each.id: each.effects[0] for each in (found.decision.fired if found.decision else ())}
    taken = dict.fromkeys(Base, 0)
    added = 0
    for each in bill.adjustments:
        effect = on[each.maker.id]
        assert isinstance(effect, Adjust)
        if effect.kind is DISCOUNT:
            assert each.amount_micros < 0
            taken[effect.on] -= each.amount_micros
        else:
            assert each.amount_micros > 0
            added += each.amount_micros
    whole = bill.priced_micros
    assert taken[Base.FEE] <= bill.fee_micros
    assert taken[Base.USAGE] <= whole - bill.fee_micros
    assert sum(taken.values()) <= whole
    assert sum(line.amount_micros for line in bill.lines) == whole - sum(taken.values()) + added
    assert sum(line.net_micros for line in bill.lines) == bill.net_micros
    assert sum(line.gross_micros for line in bill.lines) == bill.total_micros


@given(adjusted_bills())
def test_every_amount_asked_for_counts_or_gives_way_to_one_that_does(found: Adjusted) -> None:
    assert found.decision is not None
    asked = {rule.id: rule.effects[0] for rule in found.decision.fired}
    given_way = {each.rule.id for each in found.displaced}
    for each in found.displaced:
        winner, loser = asked[each.by], each.effect
        assert isinstance(winner, Adjust)
        assert each.by not in given_way
        assert (winner.kind, winner.on) == (loser.kind, loser.on)
        assert winner.stack is Stack.EXCLUSIVE or winner.stack is loser.stack is Stack.LARGEST
    for line in found.bill.adjustments:
        assert line.maker.id in asked.keys() - given_way
    alone = [
        (effect.kind, effect.on)
        for rule_id, effect in asked.items()
        if isinstance(effect, Adjust)
        and effect.stack is Stack.EXCLUSIVE
        and rule_id not in given_way
    ]
    assert len(alone) == len(set(alone))
