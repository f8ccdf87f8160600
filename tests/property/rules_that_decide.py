"""Strategies for catalogs whose rules decide much, and for customers they know something of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from hypothesis import assume
from hypothesis import strategies as st

from plan_rules.catalog import Catalog, vocabulary_of
from plan_rules.catalog.vocabulary import OWN, customer_facts, declared_facts, vocabulary
from plan_rules.money import format_micros
from plan_rules.periods import Period
from plan_rules.rules.condition import (
    LISTED,
    All,
    AnyOf,
    Comparison,
    Condition,
    Not,
    Operator,
    operators_of,
)
from plan_rules.rules.effect import (
    Adjust,
    AdjustmentKind,
    Base,
    DenyIntro,
    Effect,
    Exclude,
    Note,
    SetTag,
    Stack,
    Warn,
)
from plan_rules.rules.fact import AS_OF, TAGS, FactSpec, FactType, Stage
from plan_rules.rules.normal import TooManyAlternatives, normal_forms
from plan_rules.rules.rule import Rule, RuleSet
from plan_rules.testing.catalog_rules import DAYS, LABELS
from plan_rules.testing.catalog_rules import declared_facts as declarations

PLACES = ("MX", "GB", "US")
TAGS_SET = ("heavy", "loyal")
ALWAYS = Comparison(fact="usage.calls", operator=Operator.GTE, operands=(0,))
AMOUNTS = (0, 1, 150_000, 1_000_000, 5_000_000, 20_000_000)
NUMBERS = (0, 1, 2, 5, 20, 50, 100)


@st.composite
def deciding(draw: st.DrawFn, catalog: Catalog) -> Catalog:
    """Return the catalog with rules that exclude, deny intro prices and adjust bills."""
    labels = st.lists(st.sampled_from(LABELS), unique=True, max_size=2).map(tuple)
    plans = {plan.id: replace(plan, labels=draw(labels)) for plan in catalog.plans.values()}
    known = vocabulary(
        plans=plans,
        labels=(label for plan in plans.values() for label in plan.labels),
        tags=TAGS_SET,
        places=(*PLACES, *catalog.zones),
        declared=draw(declarations()),
    )
    specs = [spec for spec in known if spec.name not in {AS_OF, TAGS}]
    rules = [
        Rule(
            id=f"tag-{tag}",
            stage=Stage.ELIGIBILITY,
            when=_condition(draw, specs, Stage.ELIGIBILITY, 1),
            effects=(SetTag(tag=tag),),
        )
        for tag in TAGS_SET
    ]
    specs.append(known[TAGS])
    rules += [_rule(draw, f"rule-{index}", specs) for index in range(draw(st.integers(1, 7)))]
    declared = tuple(spec for spec in known if spec.name.removeprefix(f"{OWN}fact-").isdigit())
    found = RuleSet(
        rules=tuple(rules),
        vocabulary=vocabulary_of(plans=plans.values(), rules=rules, declared=declared),
    )
    try:
        normal_forms(found)
    except TooManyAlternatives:
        assume(condition=False)
    return replace(catalog, plans=plans, rules=found)


@st.composite
def own_facts(draw: st.DrawFn, rules: RuleSet) -> Mapping[str, object]:
    """Return values of the operator's own facts of a customer, those that may be unknown or not."""
    found = {
        spec.name.removeprefix(OWN): _value(spec, _code(draw, spec))
        for spec in declared_facts(rules)
        if not spec.optional or draw(st.booleans())
    }
    customer_facts(rules=rules, given=found)
    return found


def _value(spec: FactSpec, code: int) -> object:
    match spec.type:
        case FactType.INTEGER:
            return code
        case FactType.MONEY:
            return Decimal(format_micros(code))
        case FactType.BOOLEAN:
            return bool(code)
        case FactType.SET:
            return tuple(word for bit, word in enumerate(spec.values) if code >> bit & 1)
        case FactType.DATE | FactType.ENUM:
            return spec.words(code)


def _rule(draw: st.DrawFn, rule_id: str, specs: list[FactSpec]) -> Rule:
    stage = draw(st.sampled_from([Stage.ELIGIBILITY, Stage.BILLING, Stage.BILLING]))
    start, end = (draw(st.sampled_from([None, None, None, *DAYS])) for _ in range(2))
    if start is not None and end is not None and end <= start:
        end = None
    return Rule(
        id=rule_id,
        stage=stage,
        when=draw(st.sampled_from([ALWAYS, None])) or _condition(draw, specs, stage, 2),
        effects=tuple(_effect(draw, stage) for _ in range(draw(st.integers(1, 2)))),
        valid=Period(start=start, end=end),
    )


def _effect(draw: st.DrawFn, stage: Stage) -> Effect:
    told: list[Effect] = [Warn(reason="Mind.")] if draw(st.booleans()) else [Note(reason="So.")]
    if stage is Stage.ELIGIBILITY:
        deny, exclude = DenyIntro(reason="Again."), Exclude(reason="No.")
        return draw(st.sampled_from([*told, deny, deny, exclude, exclude]))
    is_share = draw(st.booleans())
    amount = Adjust(
        kind=draw(st.sampled_from(AdjustmentKind)),
        on=draw(st.sampled_from(Base)),
        stack=draw(st.sampled_from(Stack)),
        reason="So.",
        percent=Fraction(draw(st.integers(1, 10_000)), 100) if is_share else None,
        amount_micros=None if is_share else draw(st.integers(1, 20_000_000)),
    )
    return draw(st.sampled_from([told[0], amount, amount, amount]))


def _condition(draw: st.DrawFn, specs: list[FactSpec], stage: Stage, depth: int) -> Condition:
    match draw(st.sampled_from(["plain", "plain", "not", "all", "any"])) if depth else "plain":
        case "not":
            return Not(condition=_condition(draw, specs, stage, depth - 1))
        case "all" | "any" as word:
            inner = tuple(_condition(draw, specs, stage, depth - 1) for _ in range(2))
            return All(conditions=inner) if word == "all" else AnyOf(conditions=inner)
        case _:
            known = [
                spec for spec in specs if stage is Stage.BILLING or spec.stage is not Stage.BILLING
            ]
            return _comparison(draw, draw(st.sampled_from(known)))


def _comparison(draw: st.DrawFn, spec: FactSpec) -> Comparison:
    operator = draw(st.sampled_from(operators_of(spec.type)))
    if operator is Operator.KNOWN:
        return Comparison(fact=spec.name, operator=operator, operands=(draw(st.integers(0, 1)),))
    most = {Operator.BETWEEN: 2}.get(operator, 3 if operator in LISTED else 1)
    least = 2 if operator is Operator.BETWEEN else 1
    if spec.type is FactType.SET:
        code = st.integers(0, len(spec.values) - 1)
    else:
        code = st.sampled_from(_codes(spec))
    found = [draw(code) for _ in range(draw(st.integers(least, most)))]
    operands = sorted(found) if operator is Operator.BETWEEN else sorted(set(found))
    return Comparison(fact=spec.name, operator=operator, operands=tuple(operands))


def _code(draw: st.DrawFn, spec: FactSpec) -> int:
    if spec.type is FactType.SET:
        return draw(st.integers(spec.low, spec.high))
    return draw(st.sampled_from(_codes(spec)))


def _codes(spec: FactSpec) -> list[int]:
    """Codes in the range of a fact that real customers and bills come near to."""
    if spec.type is FactType.ENUM:
        near: tuple[int, ...] = tuple(
            spec.values.index(word) for word in (*PLACES, "DE") if word in spec.values
        ) or tuple(range(len(spec.values)))
    else:
        near = AMOUNTS if spec.type is FactType.MONEY else NUMBERS
    if spec.type is FactType.DATE:
        near = tuple(day.toordinal() for day in DAYS)
    return [code for code in near if spec.low <= code <= spec.high] or [spec.low, spec.high]
