"""What rules bring to a bill is the same in whole numbers, in fractions, and in `assessment`."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

import numpy as np
from hypothesis import event, example, given
from hypothesis import strategies as st

from plan_rules.assessment.adjusting import adjust
from plan_rules.batch.rules.adjusting import WORK_COLUMNS, adjust_bill
from plan_rules.batch.rules.amounts import Amounts
from plan_rules.batch.rules.programs import Programs
from plan_rules.catalog import Billing, Catalog, Dated, Plan, PlanKind, Tax, vocabulary_of
from plan_rules.money import Rounding, RoundingMode
from plan_rules.rating import rate
from plan_rules.rules.condition import Comparison, Operator
from plan_rules.rules.decision import Decision
from plan_rules.rules.effect import Adjust, AdjustmentKind, Base, Stack
from plan_rules.rules.fact import Facts, Stage
from plan_rules.rules.rule import Rule, RuleSet
from plan_rules.testing import CUSTOMER, UNIVERSE, roundings
from plan_rules.usage import Call

NOBODY = Call(start=datetime(2026, 2, 3, tzinfo=UTC), number="+442079460000", seconds=0)
WHEN = Comparison(fact="bill.total", operator=Operator.GTE, operands=(0,))
MICROS = st.sampled_from([0, 1, 99, 10_000, 12_345_678, 10**8]) | st.integers(0, 10**9)
HUGE = st.integers(10**12, 10**15)

shares = st.fractions(Fraction(1, 1000), 100, max_denominator=1000)
taxes = st.builds(
    Tax,
    usage=st.fractions(0, 1, max_denominator=1000),
    fee=st.fractions(0, 1, max_denominator=1000),
    included=st.booleans(),
    rounding=roundings(),
)


@st.composite
def effects(draw: st.DrawFn) -> Adjust:
    share = draw(st.booleans())
    return Adjust(
        kind=draw(st.sampled_from(AdjustmentKind)),
        on=draw(st.sampled_from(Base)),
        stack=draw(st.sampled_from(Stack)),
        reason="Because.",
        percent=draw(shares) if share else None,
        amount_micros=None if share else draw(st.integers(1, 2 * 10**8)),
    )


def catalog_of(rounding: Rounding, tax: Tax | None, *, usage: int, fee: int) -> Catalog:
    plan = Plan(
        id="plan",
        name="Plan",
        kind=PlanKind.PAY_PER_MINUTE,
        summary="",
        fee=Dated.always(fee),
        billing=Billing(minimum_spend=Dated.always(usage)),
        rounding=rounding,
    )
    return Catalog(
        id="c",
        currency="USD",
        zone="UTC",
        plans={"plan": plan},
        tax=tax,
        base_numbering=UNIVERSE,
    )


@given(
    st.lists(st.lists(effects(), min_size=1, max_size=2), min_size=1, max_size=5),
    roundings(),
    st.none() | taxes,
    MICROS | HUGE,
    MICROS | HUGE,
)
@example(
    [[Adjust(kind=AdjustmentKind.DISCOUNT, on=Base.BILL, stack=Stack.ADDITIVE, reason="x",
             percent=Fraction(100))]],
    Rounding(step_micros=10_000, mode=RoundingMode.UP),
    None,
    12_345_678,
    0,
)  # fmt: skip
def test_every_engine_brings_the_same(
    fired: list[list[Adjust]], rounding: Rounding, tax: Tax | None, usage: int, fee: int
) -> None:
    catalog = catalog_of(rounding, tax, usage=usage, fee=fee)
    rules = RuleSet(
        rules=tuple(
            Rule(id=f"r{at}", stage=Stage.BILLING, when=WHEN, effects=tuple(each))
            for at, each in enumerate(fired)
        ),
        vocabulary=vocabulary_of(plans=catalog.plans.values()),
    )
    (bill,) = rate(catalog=catalog, plan="plan", calls=[NOBODY], customer=CUSTOMER)
    assert (bill.priced_micros, bill.fee_micros) == (usage + fee, fee)
    decision = Decision(stage=Stage.BILLING, fired=rules.rules, tags=(), engine="", facts=Facts({}))
    adjusted = adjust(bill, decision).bill
    net = sum(each.amount_micros for each in adjusted.adjustments)
    expected = (net, adjusted.total_micros - bill.total_micros)
    amounts = Amounts.of(catalog, rules)
    everything = range(len(amounts.effects))
    assert amounts.exactly(everything, usage=usage, fee=fee, plan=0) == expected
    programs, number = Programs.none().with_(everything, amounts)
    kept = programs.effects.tolist()
    assert amounts.exactly(kept, usage=usage, fee=fee, plan=0) == expected
    work = np.zeros((len(kept), WORK_COLUMNS), np.int64)
    flat = programs.flat(amounts)
    plan = (rounding.step_micros, list(RoundingMode).index(rounding.mode))
    begin, middle, end = programs.first[number], programs.steady[number], programs.first[number + 1]
    held, *found = adjust_bill(flat, begin, end, *plan, usage, fee, 0, work)
    part = adjust_bill(flat, begin, middle, *plan, 0, fee, 0, work)
    rest = adjust_bill(flat, middle, end, *plan, usage, fee, part[3], work)
    assert not held or (part[0] and rest[0])
    if part[0] and rest[0]:
        assert (part[1] + rest[1], part[2] + rest[2]) == expected
    event("64 bits hold it" if held else "beyond 64 bits")
    if usage + fee <= 10**9 and tax is None:
        assert held
    if held:
        assert tuple(found[:2]) == expected
