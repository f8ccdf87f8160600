"""Strategies of billing rules, and of what cycles settle, for laws of bills."""

from __future__ import annotations

from hypothesis import strategies as st

from plan_rules.catalog import Billing, Dated
from plan_rules.rules.effect import AdjustmentKind, Base, Stack
from plan_rules.rules.rule import Rule
from tests.unit.assessment.rule_catalogs import ALWAYS, DOLLAR, discount, is_

CONDITIONS = (
    ALWAYS,
    is_("bill.calls", "gt", 0),
    is_("bill.calls", "eq", 0),
    is_("bill.usage", "gte", 2 * DOLLAR),
    is_("bill.total", "lt", 13 * DOLLAR),
    is_("bill.fee", "gt", 0),
)

BILLINGS = st.builds(
    Billing,
    minimum_spend=st.sampled_from([Dated.always(0), Dated.always(4 * DOLLAR)]),
    fee_in_advance=st.booleans(),
)


@st.composite
def billing_rules(draw: st.DrawFn) -> tuple[Rule, ...]:
    """Return billing rules that take off or put on tenths, or whole dollars."""
    found = []
    for place in range(draw(st.integers(0, 4))):
        percent = draw(st.sampled_from([None, "10", "50", "70", "100"]))
        found.append(
            discount(
                f"rule-{place}",
                percent=percent,
                amount=draw(st.integers(1, 12)) * DOLLAR if percent is None else None,
                on=draw(st.sampled_from(Base)),
                stack=draw(st.sampled_from(Stack)),
                kind=draw(st.sampled_from(AdjustmentKind)),
                when=draw(st.sampled_from(CONDITIONS)),
            )
        )
    return tuple(found)
