"""Law: the analysis finds what trying every possible customer finds, and claims nothing else.

Facts have few values here, so that every sheet of facts can be tried. Never fires, always fires,
duplicates and pairs of exclusive amounts must equal what that gives; every other finding must
be true: what it calls pointless can be taken away and no customer notices.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cache

from hypothesis import event, given, settings
from hypothesis import strategies as st

from plan_rules.errors import Span
from plan_rules.periods import Period
from plan_rules.rules.analysis import analyse, fires_for
from plan_rules.rules.boxes import TAGGED_ON
from plan_rules.rules.checks.rivals import are_versions, outdoes
from plan_rules.rules.condition import (
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
from plan_rules.rules.fact import AS_OF, TAGS, FactSpec, FactType, Stage, Vocabulary
from plan_rules.rules.finding import Finding, FindingCode
from plan_rules.rules.rule import Rule, RuleSet

DAYS = 3
TAG_WORDS = ("t", "u")


def fact(
    name: str, kind: FactType, *, stage: Stage = Stage.ELIGIBILITY, **given: object
) -> FactSpec:
    made = {"meaning": name, "stage": stage, **given}
    return FactSpec(name=name, type=kind, **made)  # type: ignore[arg-type]


VOCABULARY = Vocabulary(
    specs={
        each.name: each
        for each in (
            fact("count", FactType.INTEGER, high=2),
            fact("size", FactType.INTEGER, high=1, optional=False),
            fact("word", FactType.ENUM, values=("x", "y")),
            fact("set", FactType.SET, values=("p", "q")),
            fact(AS_OF, FactType.DATE, low=1, high=DAYS, optional=False),
            fact("bill.fee", FactType.MONEY, high=2, optional=False, stage=Stage.BILLING),
            fact(TAGS, FactType.SET, values=TAG_WORDS, optional=False),
        )
    }
)


def codes_of(spec: FactSpec) -> list[int | None]:
    known: list[int | None] = list(range(spec.low, spec.high + 1))
    return [*known, None] if spec.optional else known


SPECS = [spec for spec in VOCABULARY if spec.name != TAGS]
Sheet = dict[str, int | None]
SHEETS: list[Sheet] = [
    {**dict(zip((spec.name for spec in SPECS), codes, strict=True)), TAGGED_ON: day}
    for day in range(1, DAYS + 1)
    for codes in itertools.product(*(codes_of(spec) for spec in SPECS))
]
"""Every sheet of facts about a bill; `TAGGED_ON` is the day on which eligibility was asked."""
SHEETS = [sheet for sheet in SHEETS if (sheet[TAGGED_ON] or 0) <= (sheet[AS_OF] or 0)]


# What rules mean, told once more and as plainly as can be.


def holds(condition: Condition, sheet: Sheet, tags: frozenset[str]) -> bool:
    match condition:
        case All():
            return all(holds(each, sheet, tags) for each in condition.conditions)
        case AnyOf():
            return any(holds(each, sheet, tags) for each in condition.conditions)
        case Not():
            return not holds(condition.condition, sheet, tags)
        case Comparison():
            return compares(condition, sheet, tags)


def compares(asked: Comparison, sheet: Sheet, tags: frozenset[str]) -> bool:
    if asked.fact == TAGS:
        return among(asked, {TAG_WORDS.index(tag) for tag in tags})
    code = sheet[asked.fact]
    if asked.operator is Operator.KNOWN:
        return (code is None) == (asked.operands == (0,))
    if code is None:
        return False
    if VOCABULARY[asked.fact].type is FactType.SET:
        return among(asked, {bit for bit in range(2) if code >> bit & 1})
    first, last = asked.operands[0], asked.operands[-1]
    return {
        Operator.EQ: code == first,
        Operator.NE: code != first,
        Operator.LT: code < first,
        Operator.LTE: code <= first,
        Operator.GT: code > first,
        Operator.GTE: code >= first,
        Operator.BETWEEN: first <= code <= last,
        Operator.IN: code in asked.operands,
        Operator.NOT_IN: code not in asked.operands,
    }[asked.operator]


def among(asked: Comparison, members: set[int]) -> bool:
    there = [word in members for word in asked.operands]
    return any(there) if asked.operator is Operator.HAS_ANY else all(there)


def asked_on(stage: Stage, sheet: Sheet) -> int:
    return (sheet[AS_OF] if stage is Stage.BILLING else sheet[TAGGED_ON]) or 0


def is_valid(rule: Rule, sheet: Sheet) -> bool:
    return date.fromordinal(asked_on(rule.stage, sheet)) in rule.valid


def fired(rules: Iterable[Rule], sheet: Sheet) -> frozenset[str]:
    """Return which rules fire: those that set tags until no more is set, then all the others."""
    asked = sorted(rules, key=lambda rule: rule.stage is Stage.BILLING)
    settled: dict[str, bool] = {}
    waiting = list(asked)
    while waiting:
        tags = frozenset(tag for rule in asked if settled.get(rule.id) for tag in rule.sets)
        open_tags = {tag for rule in waiting for tag in rule.sets}
        ready = [
            rule
            for rule in waiting
            if not open_tags & {TAG_WORDS[word] for word in rule.reads_tags}
        ]
        for rule in ready:
            seen = {**sheet, AS_OF: asked_on(rule.stage, sheet)}
            settled[rule.id] = is_valid(rule, sheet) and holds(rule.when, seen, tags)
        waiting = [rule for rule in waiting if rule not in ready]
    return frozenset(name for name, fires in settled.items() if fires)


def outcome(rules: Iterable[Rule], sheet: Sheet) -> object:
    """Return all that customers and hosts can notice, reasons of effects of one kind aside."""
    names = fired(rules, sheet)
    effects = [(rule, effect) for rule in rules if rule.id in names for effect in rule.effects]
    is_excluded = any(isinstance(effect, Exclude) for _, effect in effects)
    noticed: set[object] = {("excluded", is_excluded)}
    for rule, effect in effects:
        match effect:
            case Require() if not is_excluded:
                noticed.add(("require", effect.kind, effect.id))
            case DenyIntro():  # who has an excluded plan may keep it, intro price and all
                noticed.add("deny-intro")
            case Warn() | Note():
                noticed.add((type(effect).__name__, rule.stage, effect.reason))
            case SetTag():
                noticed.add(("tag", effect.tag))
            case _:
                pass
    return frozenset(noticed), amounts([effect for _, effect in effects], sheet)


def amounts(effects: Iterable[Effect], sheet: Sheet) -> tuple[Fraction, ...]:
    """Return what is taken off and put on each base, the base as a limit of discounts."""
    fee = Fraction(sheet["bill.fee"] or 0)
    found = []
    for kind, on in itertools.product(AdjustmentKind, (Base.FEE, Base.USAGE)):
        base = fee if on is Base.FEE else Fraction(5)
        asked = [
            each
            for each in effects
            if isinstance(each, Adjust) and (each.kind, each.on) == (kind, on)
        ]
        by_stack = {
            stack: [size(each, base) for each in asked if each.stack is stack] for stack in Stack
        }
        total = (
            max(by_stack[Stack.EXCLUSIVE])
            if by_stack[Stack.EXCLUSIVE]
            else sum(by_stack[Stack.ADDITIVE], Fraction())
            + max(by_stack[Stack.LARGEST], default=Fraction())
        )
        found.append(min(total, base) if kind is AdjustmentKind.DISCOUNT else total)
    return tuple(found)


def size(effect: Adjust, base: Fraction) -> Fraction:
    if effect.percent is not None:
        return base * effect.percent / 100
    return Fraction(effect.amount_micros or 0)


# Rule sets of a few rules over these facts; tags are set by the first rules only.


@st.composite
def asked_facts(draw: st.DrawFn, names: tuple[str, ...]) -> Comparison:
    spec = VOCABULARY[draw(st.sampled_from(names))]
    choices = operators_of(spec.type)
    if spec.name == TAGS:
        choices = tuple(each for each in choices if each is not Operator.KNOWN)
    operator = draw(st.sampled_from(choices))
    if operator is Operator.KNOWN:
        return Comparison(fact=spec.name, operator=operator, operands=(draw(st.integers(0, 1)),))
    high = len(spec.values) - 1 if spec.type is FactType.SET else spec.high
    low = 0 if spec.type is FactType.SET else spec.low
    codes = st.integers(low, high)
    count = 1
    if operator is Operator.BETWEEN:
        count = 2
    elif operator in {Operator.IN, Operator.NOT_IN, Operator.HAS_ANY, Operator.HAS_ALL}:
        count = draw(st.integers(1, 2))
    operands = tuple(sorted(draw(codes) for _ in range(count)))
    return Comparison(fact=spec.name, operator=operator, operands=operands)


def conditions(names: tuple[str, ...]) -> st.SearchStrategy[Condition]:
    def inside(some: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        several = st.lists(some, min_size=1, max_size=3).map(tuple)
        return st.one_of(
            several.map(lambda parts: All(conditions=parts)),
            several.map(lambda parts: AnyOf(conditions=parts)),
            some.map(lambda part: Not(condition=part)),
        )

    return st.recursive(asked_facts(names), inside, max_leaves=5)


PERCENTS = st.sampled_from([Fraction(10), Fraction(20), Fraction(100)])
ADJUSTMENTS = st.builds(
    lambda sized, **given: Adjust(reason="r", **sized, **given),
    sized=st.one_of(
        PERCENTS.map(lambda each: {"percent": each}),
        st.integers(1, 3).map(lambda each: {"amount_micros": each}),
    ),
    kind=st.sampled_from(AdjustmentKind),
    on=st.sampled_from([Base.FEE, Base.USAGE]),
    stack=st.sampled_from(Stack),
)
REASONS = st.sampled_from(["one", "two"])
ELIGIBLE = st.one_of(
    st.builds(Exclude, reason=REASONS),
    st.builds(
        Require,
        kind=st.sampled_from(ProofKind),
        id=st.just("proof"),
        reason=REASONS,
    ),
    st.builds(DenyIntro, reason=REASONS),
    st.builds(Warn, reason=REASONS),
    st.builds(Note, reason=REASONS),
)
BILLED = st.one_of(ADJUSTMENTS, st.builds(Warn, reason=REASONS))
ALL_FACTS = tuple(spec.name for spec in VOCABULARY)
PERIODS = st.sampled_from(
    [
        Period(),
        Period(),
        Period(start=date.fromordinal(2)),
        Period(end=date.fromordinal(2)),
        Period(start=date.fromordinal(3)),
        Period(start=date.fromordinal(2), end=date.fromordinal(3)),
    ]
)


@st.composite
def rule_sets(draw: st.DrawFn) -> RuleSet:
    """Rules of both stages; the first may set tags, one tag of another."""
    eligible = tuple(name for name in ALL_FACTS if name != "bill.fee")
    without_tags = tuple(name for name in eligible if name != TAGS)
    stages = draw(st.sampled_from([tuple(Stage), (Stage.ELIGIBILITY,), (Stage.BILLING,)]))
    narrow = draw(st.booleans())  # on few facts, rules have more to do with each other
    rules: list[Rule] = []
    for number in range(draw(st.integers(1, 5))):
        stage = draw(st.sampled_from(stages))
        names = ALL_FACTS if stage is Stage.BILLING else eligible
        if narrow:
            names = ("count", "bill.fee") if stage is Stage.BILLING else ("count",)
        effects: list[Effect] = draw(
            st.lists(BILLED if stage is Stage.BILLING else ELIGIBLE, max_size=2)
        )
        if stage is Stage.ELIGIBILITY and draw(st.booleans()):
            names = without_tags
            effects.append(SetTag(tag=draw(st.sampled_from(TAG_WORDS))))
        rules.append(
            Rule(
                id=f"r{number}",
                stage=stage,
                when=draw(conditions(names)),
                effects=tuple(effects) or (Warn(reason="plain"),),
                valid=draw(PERIODS),
                replaces=f"r{number - 1}" if number and draw(st.integers(0, 4)) == 0 else "",
            )
        )
    if draw(st.booleans()):  # one that repeats another, so that pairs have something to say
        twin = draw(st.sampled_from(rules))
        rules.append(replace(twin, id="twin", effects=twin.effects[:1], replaces=""))
    return RuleSet(rules=tuple(placed(rules)), vocabulary=VOCABULARY)


def placed(rules: list[Rule]) -> Iterator[Rule]:
    """Yield the rules with a line of its own for each of their parts."""
    lines = itertools.count(1)

    def at(condition: Condition) -> Condition:
        span = Span("rules.yaml", next(lines), 1)
        match condition:
            case All() | AnyOf():
                parts = tuple(at(each) for each in condition.conditions)
                return replace(condition, conditions=parts, span=span)
            case Not():
                return replace(condition, condition=at(condition.condition), span=span)
            case Comparison():
                return replace(condition, span=span)

    for rule in rules:
        effects = tuple(
            replace(effect, span=Span("rules.yaml", next(lines), 1)) for effect in rule.effects
        )
        when = at(rule.when)
        yield replace(rule, span=Span("rules.yaml", next(lines), 1), when=when, effects=effects)


# The law.


@dataclass(frozen=True)
class Tried:
    """Which rules fire on which sheets."""

    rules: RuleSet
    by_rule: dict[str, frozenset[int]]

    @classmethod
    def of(cls, rules: RuleSet) -> Tried:
        found: dict[str, set[int]] = {rule.id: set() for rule in rules}
        for place, sheet in enumerate(SHEETS):
            for name in fired(rules, sheet):
                found[name].add(place)
        return cls(rules, {name: frozenset(places) for name, places in found.items()})

    def rule(self, name: str) -> Rule:
        return next(rule for rule in self.rules if rule.id == name)


@cache
def valid_places(valid: Period, stage: Stage) -> frozenset[int]:
    return frozenset(
        place
        for place, sheet in enumerate(SHEETS)
        if date.fromordinal(asked_on(stage, sheet)) in valid
    )


def named(findings: Iterable[Finding], code: FindingCode) -> set[tuple[str, ...]]:
    return {each.rules for each in findings if each.code is code}


@settings(max_examples=40)
@given(rules=rule_sets())
def test_findings_equal_brute_force(rules: RuleSet) -> None:
    tried = Tried.of(rules)
    analysis = analyse(rules=rules)
    assert analysis.left_out == ()
    findings = analysis.findings
    for code in {each.code for each in findings}:
        event(code.value)

    never = {(name,) for name, places in tried.by_rule.items() if not places}
    assert named(findings, FindingCode.NEVER_FIRES) == never
    always = {
        (rule.id,)
        for rule in rules
        if tried.by_rule[rule.id] and tried.by_rule[rule.id] == valid_places(rule.valid, rule.stage)
    }
    assert named(findings, FindingCode.ALWAYS_FIRES) == always

    for finding in findings:
        check_witness(finding, rules)
        check_claim(finding, tried)
    check_pairs_are_complete(tried, findings)


def check_witness(finding: Finding, rules: RuleSet) -> None:
    if finding.witness is None:
        assert finding.code in {FindingCode.UNSET_TAG, FindingCode.UNREAD_TAG}
        return
    codes = finding.witness.facts.codes
    stage = next(rule.stage for rule in rules if rule.id == finding.rules[0])
    days = {AS_OF: AS_OF if stage is Stage.BILLING else TAGGED_ON}
    said = {each.fact.name: days.get(each.fact.name, each.fact.name) for each in finding.witness}
    matching = [
        sheet
        for sheet in SHEETS
        if all(sheet[place] == codes.get(name) for name, place in said.items())
    ]
    assert matching
    asked = (*finding.witness.fires, *finding.witness.silent)
    assert fires_for(finding.witness, rules, asked=asked).issuperset(finding.witness.fires)
    for sheet in matching:  # whatever the other facts are
        names = fired(rules, sheet)
        assert names.issuperset(finding.witness.fires)
        assert not names.intersection(finding.witness.silent)


def check_claim(finding: Finding, tried: Tried) -> None:
    first = tried.rule(finding.rules[0])
    match finding.code:
        case FindingCode.SHADOWED | FindingCode.CONTRADICTION | FindingCode.NEVER_BITES:
            gone = [effect for effect in first.effects if effect.span == finding.span]
            kept = tuple(effect for effect in first.effects if effect not in gone)
            assert not gone or len(gone) == 1
            without(tried, first, kept if gone else ())
        case FindingCode.DUPLICATE:
            assert tried.by_rule[finding.rules[0]] == tried.by_rule[finding.rules[1]]
        case FindingCode.EXCLUSIVE_OVERLAP:
            shared = [tried.by_rule[name] for name in finding.rules]
            assert frozenset.intersection(*shared)
        case FindingCode.DEAD_BRANCH:
            pruned = replace(first, when=prune(first.when, finding.span))
            others = [rule if rule is not first else pruned for rule in tried.rules]
            for place, sheet in enumerate(SHEETS):
                assert (first.id in fired(others, sheet)) == (place in tried.by_rule[first.id])
        case FindingCode.VERSION_OVERLAP:
            assert tried.by_rule[finding.rules[0]] & tried.by_rule[finding.rules[1]]
        case FindingCode.VERSION_GAP:
            assert not first.valid.overlaps(tried.rule(finding.rules[1]).valid)
        case _:
            pass


def without(tried: Tried, rule: Rule, kept: tuple[Effect, ...]) -> None:
    """Hold that nobody notices if a rule has only these effects left, or is gone."""
    others = [
        replace(each, effects=kept) if each is rule else each
        for each in tried.rules
        if each is not rule or kept
    ]
    for place in tried.by_rule[rule.id]:
        sheet = SHEETS[place]
        assert outcome(others, sheet) == outcome(tried.rules, sheet)


def prune(condition: Condition, span: Span) -> Condition:
    """Return a condition without the alternative at a place."""
    match condition:
        case All() | AnyOf():
            parts = tuple(prune(each, span) for each in condition.conditions if each.span != span)
            return replace(condition, conditions=parts)
        case Not() | Comparison():
            return condition


def check_pairs_are_complete(tried: Tried, findings: Iterable[Finding]) -> None:
    told = {frozenset(each.rules) for each in findings}
    twins = named(findings, FindingCode.DUPLICATE)
    for one, other in itertools.combinations(tried.rules, 2):
        if are_versions(one, other):
            continue
        ours, theirs = tried.by_rule[one.id], tried.by_rule[other.id]
        exclusive = [
            (left, right)
            for left in one.effects
            for right in other.effects
            if isinstance(left, Adjust)
            and isinstance(right, Adjust)
            and left.stack is right.stack is Stack.EXCLUSIVE
            and (left.kind, left.on) == (right.kind, right.on)
        ]
        if exclusive and ours & theirs:
            beaten = any(
                (ours <= theirs and outdoes(right, left))
                or (theirs <= ours and outdoes(left, right))
                for left, right in exclusive
            )
            assert frozenset({one.id, other.id}) in told or beaten
        is_same = ours == theirs and one.stage is other.stage
        plain = [
            tuple(replace(effect, span=one.span) for effect in rule.effects)
            for rule in (one, other)
        ]
        if ours and is_same and plain[0] == plain[1]:
            assert any({one.id, other.id} & set(pair) for pair in twins)
