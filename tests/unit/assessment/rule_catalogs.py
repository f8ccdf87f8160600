"""A small catalog with two plans, and rules laid over it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from plan_rules.catalog import (
    Catalog,
    Dated,
    Increment,
    Intro,
    Plan,
    PlanKind,
    RateEntry,
    RateTable,
    RateTerms,
    Tax,
)
from plan_rules.catalog.vocabulary import vocabulary_of
from plan_rules.destinations import parse_selector
from plan_rules.money import Rounding
from plan_rules.rules.condition import Comparison, Condition, Operator
from plan_rules.rules.effect import Adjust, AdjustmentKind, Base, Effect, Stack
from plan_rules.rules.fact import FactSpec, FactType, Stage
from plan_rules.rules.rule import Rule, RuleSet
from plan_rules.usage import Call, Customer

ZONE = "America/New_York"
AS_OF = date(2026, 7, 1)
DOLLAR = 1_000_000
TEN_CENTS = RateTerms(price=100_000, increment=Increment(60, 60))
OWN = (
    FactSpec(name="customer.student", type=FactType.BOOLEAN, meaning="Enrolled somewhere."),
    FactSpec(name="customer.points", type=FactType.INTEGER, high=1000, meaning="Points."),
)


def customer(**given: Any) -> Customer:
    settings = {"id": "ada", "home": "US", "zone": ZONE, "anchor": date(2026, 1, 1)}
    return Customer(**{**settings, **given})


def plan(plan_id: str, **given: Any) -> Plan:
    settings: dict[str, Any] = {
        "id": plan_id,
        "name": plan_id.title(),
        "kind": PlanKind.PAY_PER_MINUTE,
        "summary": "",
        "fee": Dated.always(10 * DOLLAR),
        "rates": "table",
        "rounding": Rounding(),
    }
    return Plan(**{**settings, **given})


def catalog(*rules: Rule, tax: Tax | None = None, **given: Any) -> Catalog:
    plans = (
        plan("plain", **given),
        plan("intro", fee=Dated.always(9 * DOLLAR), intro=Intro(cycles=2, fee=DOLLAR)),
    )
    everywhere = RateEntry(selector=parse_selector("default"), terms=Dated.always(TEN_CENTS))
    return Catalog(
        id="tests",
        currency="USD",
        zone=ZONE,
        plans={each.id: each for each in plans},
        rate_tables={"table": RateTable(id="table", entries=(everywhere,))},
        tax=tax,
        rules=RuleSet(
            rules=rules, vocabulary=vocabulary_of(plans=plans, rules=rules, declared=OWN)
        ),
    )


def is_(fact: str, operator: str, *operands: int) -> Comparison:
    return Comparison(fact=fact, operator=Operator(operator), operands=operands)


ALWAYS = is_("plan.fee", "gte", 0)


def rule(
    rule_id: str,
    *effects: Effect,
    when: Condition = ALWAYS,
    stage: Stage = Stage.ELIGIBILITY,
    **given: Any,
) -> Rule:
    return Rule(id=rule_id, stage=stage, when=when, effects=effects, **given)


def discount(
    rule_id: str,
    *,
    percent: str | None = None,
    amount: int | None = None,
    on: Base = Base.FEE,
    stack: Stack = Stack.ADDITIVE,
    kind: AdjustmentKind = AdjustmentKind.DISCOUNT,
    when: Condition = ALWAYS,
) -> Rule:
    effect = Adjust(
        kind=kind,
        on=on,
        stack=stack,
        reason=f"The reason of {rule_id}.",
        percent=None if percent is None else Fraction(percent),
        amount_micros=amount,
    )
    return rule(rule_id, effect, when=when, stage=Stage.BILLING)


def calls(
    minutes: int, *, months: Iterable[int] = range(1, 7), number: str = "+525512345678"
) -> tuple[Call, ...]:
    """Return one call of so many minutes at noon on the tenth of each month of 2026."""
    return tuple(
        Call(
            start=datetime(2026, month, 10, 12, tzinfo=ZoneInfo(ZONE)),
            number=number,
            seconds=60 * minutes,
        )
        for month in months
    )
