"""Rules over the cycles ahead: intro prices they deny, and discounts that begin or end there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from plan_rules.advice import recommend
from plan_rules.batch.book import BatchBook
from plan_rules.batch.columns import CallColumns, CustomerColumns
from plan_rules.batch.ranking import best
from plan_rules.catalog import Catalog, Dated, Intro, Plan, PlanKind, vocabulary_of
from plan_rules.periods import Period
from plan_rules.rules.condition import Comparison, Operator
from plan_rules.rules.effect import Adjust, AdjustmentKind, Base, DenyIntro, Effect, Stack
from plan_rules.rules.fact import Stage
from plan_rules.rules.rule import Rule, RuleSet
from plan_rules.testing import CUSTOMER, UNIVERSE
from plan_rules.usage import Call

AS_OF = date(2026, 4, 10)
CALLS = [Call(datetime(2026, month, 5, tzinfo=UTC), "+442079460000", 0) for month in (2, 3)]
ALWAYS = Comparison(fact="usage.calls", operator=Operator.GTE, operands=(0,))
HALF = Adjust(
    kind=AdjustmentKind.DISCOUNT,
    on=Base.FEE,
    stack=Stack.ADDITIVE,
    reason="Half.",
    percent=Fraction(50),
)
FEE, INTRO = 12_000_000, 3_000_000


def catalog_of(*rules: Rule) -> Catalog:
    plan = Plan(
        id="plan",
        name="Plan",
        kind=PlanKind.PAY_PER_MINUTE,
        summary="",
        fee=Dated.always(FEE),
        intro=Intro(cycles=4, fee=INTRO),
    )
    catalog = Catalog(
        id="c", currency="USD", zone="UTC", plans={"plan": plan}, base_numbering=UNIVERSE
    )
    known = vocabulary_of(plans=[plan], rules=rules)
    return replace(catalog, rules=RuleSet(rules=rules, vocabulary=known)) if rules else catalog


def rule(effect: Effect, stage: Stage, valid: Period | None = None) -> Rule:
    return Rule(id="rule", stage=stage, when=ALWAYS, effects=(effect,), valid=valid or Period())


def twelve_months(rules: Sequence[Rule]) -> int:
    """What a year on the plan costs, by the columns and by `recommend` alike."""
    catalog = catalog_of(*rules)
    book = BatchBook.of(catalog)
    found = best(
        book,
        customers=CustomerColumns.of([CUSTOMER], plan_ids=book.plan_ids, rules=catalog.rules),
        calls=CallColumns.of([CALLS]),
        as_of=AS_OF,
    )
    told = recommend(catalog=catalog, calls=CALLS, customer=CUSTOMER, as_of=AS_OF)
    assert found.monthly_micros.tolist() == [[told.options[0].monthly.micros]]
    return 12 * told.options[0].monthly.micros


@pytest.mark.parametrize(
    ("rules", "year"),
    [
        ([], 4 * INTRO + 8 * FEE),
        ([rule(DenyIntro(reason="Again."), Stage.ELIGIBILITY)], 12 * FEE),
        ([rule(HALF, Stage.BILLING)], (4 * INTRO + 8 * FEE) // 2),
        # Cycles ahead start on 10 April, then on the last days of months from 30 April on.
        (
            [rule(HALF, Stage.BILLING, Period(start=date(2026, 10, 1)))],
            4 * INTRO + 3 * FEE + 5 * FEE // 2,
        ),
        (
            [rule(HALF, Stage.BILLING, Period(end=date(2026, 5, 1)))],
            2 * INTRO + 2 * INTRO // 2 + 8 * FEE,
        ),
    ],
)
def test_rules_hold_for_the_cycles_in_which_they_are_in_force(
    rules: Sequence[Rule], year: int
) -> None:
    assert twelve_months(rules) == year
