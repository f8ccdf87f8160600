"""Hypothesis strategies for catalogs with rules, as their authors could have written them.

Conditions ask for built-in facts and for the operator's own, of every type; effects are of every
kind. Unlike the rules of `rule_strategies`, which go beyond every edge, all of these can stand in
files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction

from hypothesis import assume
from hypothesis import strategies as st

from plan_rules.catalog.catalog import NO_RULES, Catalog
from plan_rules.catalog.plan import Plan
from plan_rules.catalog.vocabulary import OWN, vocabulary, vocabulary_of
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
    ProofKind,
    Require,
    SetTag,
    Stack,
    Warn,
)
from plan_rules.rules.fact import AS_OF, TAGS, FactSpec, FactType, Stage
from plan_rules.rules.normal import TooManyAlternatives, normal_form
from plan_rules.rules.rule import Rule, RuleSet
from plan_rules.testing.strategies import catalogs

LABELS = ("business", "student", "online")
TAG_WORDS = ("heavy-caller", "loyal", "new")
PLACES = ("MX", "GB", "US")
REASONS = (
    "You call a lot.",
    "yes",
    "null",
    "Ask us: #1, \"the best\", 'of all'",
    "Größe zählt \N{EM DASH} 100 %",
    "- not a list",
)
DAYS = (date(2025, 1, 1), date(2026, 2, 10), date(2026, 3, 5))
MOST_RULES = 5
MOST_NESTED = 2


def declared_facts() -> st.SearchStrategy[tuple[FactSpec, ...]]:
    """Return up to four of the operator's own facts, of any type."""
    number = st.builds(
        _fact,
        st.just(FactType.INTEGER),
        unit=st.sampled_from(["", "payments"]),
        low=st.sampled_from([0, -5]),
        high=st.sampled_from([0, 12, 2**53 - 1]),
    )
    amount = st.builds(
        _fact,
        st.just(FactType.MONEY),
        low=st.sampled_from([0, -1_000_000]),
        high=st.sampled_from([1, 1_500_000, 2**53 - 1]),
    )
    day = st.builds(
        _fact,
        st.just(FactType.DATE),
        low=st.sampled_from([1, DAYS[0].toordinal()]),
        high=st.sampled_from([DAYS[2].toordinal(), date.max.toordinal()]),
    )
    words = st.lists(st.sampled_from([*LABELS, "a-1", "7"]), min_size=1, unique=True).map(tuple)
    worded = st.builds(_fact, st.sampled_from([FactType.ENUM, FactType.SET]), values=words)
    one = st.one_of(number, amount, day, worded, st.builds(_fact, st.just(FactType.BOOLEAN)))
    rows = st.lists(st.tuples(one, st.booleans()), max_size=4)
    return rows.map(
        lambda found: tuple(
            replace(spec, name=f"{OWN}fact-{index}", optional=optional)
            for index, (spec, optional) in enumerate(found)
        )
    )


def _fact(
    kind: FactType,
    *,
    unit: str = "",
    low: int = 0,
    high: int = 2**53 - 1,
    values: tuple[str, ...] = (),
) -> FactSpec:
    return FactSpec(
        name=OWN, type=kind, meaning="Generated.", unit=unit, low=low, high=high, values=values
    )


@st.composite
def ruled_catalogs(
    draw: st.DrawFn, catalogs_found: st.SearchStrategy[Catalog] | None = None
) -> Catalog:
    """Return a catalog whose plans may have labels, with facts of the operator's own and rules.

    The rest of it is drawn from `catalogs_found`, by default from `catalogs()`.
    """
    found = draw(catalogs() if catalogs_found is None else catalogs_found)
    labels = st.lists(st.sampled_from(LABELS), unique=True, max_size=2).map(tuple)
    plans = {plan.id: replace(plan, labels=draw(labels)) for plan in found.plans.values()}
    rules = draw(catalog_rules(tuple(plans.values()), tuple(found.zones)))
    return replace(found, plans=plans, rules=rules)


@st.composite
def catalog_rules(draw: st.DrawFn, plans: Sequence[Plan], zones: Sequence[str] = ()) -> RuleSet:
    """Return rules over the facts of these plans and zones; tags are set in layers."""
    declared = draw(declared_facts())
    tags = TAG_WORDS[: draw(st.integers(0, len(TAG_WORDS)))]
    known = vocabulary(
        plans=(plan.id for plan in plans),
        labels=(label for plan in plans for label in plan.labels),
        tags=tags,
        places=(*PLACES, *zones),
        declared=declared,
    )
    specs = tuple(spec for spec in known if spec.name != AS_OF)
    places = known[TAGS].values if tags else ()
    rules: list[Rule] = []
    for tag in tags:
        read = tuple(spec for spec in specs if spec.name != TAGS)
        when = _condition(draw, read, Stage.ELIGIBILITY, MOST_NESTED)
        if draw(st.booleans()) and rules:
            earlier = places.index(rules[-1].sets[0])
            asks = Comparison(fact=TAGS, operator=Operator.HAS, operands=(earlier,))
            when = AnyOf(conditions=(asks, when))
        rules.append(
            Rule(id=f"tag-{tag}", stage=Stage.ELIGIBILITY, when=when, effects=(SetTag(tag=tag),))
        )
    for index in range(draw(st.integers(0, MOST_RULES))):
        rules.append(_rule(draw, f"rule-{index}", specs, rules))
    for rule in rules:
        try:
            normal_form(rule=rule, vocabulary=known)
        except TooManyAlternatives:
            assume(condition=False)
    if not rules and not declared:
        return NO_RULES
    return RuleSet(
        rules=tuple(rules),
        vocabulary=vocabulary_of(plans=plans, rules=rules, declared=declared),
    )


def _rule(
    draw: st.DrawFn, rule_id: str, specs: tuple[FactSpec, ...], earlier: Sequence[Rule]
) -> Rule:
    stage = draw(st.sampled_from(Stage))
    ended = [rule for rule in earlier if rule.valid.end is not None]
    start = draw(st.sampled_from([None, *DAYS]))
    end = draw(st.sampled_from([None, *DAYS]))
    if start is not None and end is not None and end <= start:
        end = None
    followed = [
        rule.id
        for rule in ended
        if start is not None and rule.valid.end and rule.valid.end <= start
    ]
    return Rule(
        id=rule_id,
        stage=stage,
        when=_condition(draw, specs, stage, MOST_NESTED),
        effects=tuple(_effect(draw, stage) for _ in range(draw(st.integers(1, 2)))),
        valid=Period(start=start, end=end),
        replaces=draw(st.sampled_from(["", *followed])),
    )


def _effect(draw: st.DrawFn, stage: Stage) -> Effect:
    reason = draw(st.sampled_from(REASONS))
    word = draw(st.sampled_from(["business", "premium-calls"]))
    told: list[Effect] = [Warn(reason=reason), Note(reason=reason)]
    if stage is Stage.ELIGIBILITY:
        proof = Require(kind=draw(st.sampled_from(ProofKind)), id=word, reason=reason)
        return draw(
            st.sampled_from([*told, Exclude(reason=reason), DenyIntro(reason=reason), proof])
        )
    is_share = draw(st.booleans())
    amount = Adjust(
        kind=draw(st.sampled_from(AdjustmentKind)),
        on=draw(st.sampled_from(Base)),
        stack=draw(st.sampled_from(Stack)),
        reason=reason,
        percent=Fraction(draw(st.integers(1, 10_000)), 100) if is_share else None,
        amount_micros=None if is_share else draw(st.integers(1, 20_000_000)),
    )
    return draw(st.sampled_from([*told, amount, amount]))


def _condition(draw: st.DrawFn, specs: tuple[FactSpec, ...], stage: Stage, depth: int) -> Condition:
    match draw(st.sampled_from(["plain", "plain", "not", "all", "any"])) if depth else "plain":
        case "not":
            return Not(condition=_condition(draw, specs, stage, depth - 1))
        case "all" | "any" as word:
            count = draw(st.integers(1, 3))
            inner = tuple(_condition(draw, specs, stage, depth - 1) for _ in range(count))
            return All(conditions=inner) if word == "all" else AnyOf(conditions=inner)
        case _:
            known = [
                spec for spec in specs if stage is Stage.BILLING or spec.stage is not Stage.BILLING
            ]
            return _comparison(draw, draw(st.sampled_from(known)))


def _comparison(draw: st.DrawFn, spec: FactSpec) -> Comparison:
    operator = draw(st.sampled_from(operators_of(spec.type)))
    if operator is Operator.KNOWN:
        codes = st.integers(0, 1)
    elif spec.type is FactType.SET:
        codes = st.integers(0, len(spec.values) - 1)
    else:
        codes = st.integers(spec.low, min(spec.high, spec.low + 9)) | st.just(spec.high)
    most = 3 if operator in LISTED else 1
    found = sorted({draw(codes) for _ in range(draw(st.integers(1, most)))})
    if operator is Operator.BETWEEN:
        found = sorted([draw(codes), draw(codes)])
    return Comparison(fact=spec.name, operator=operator, operands=tuple(found))
