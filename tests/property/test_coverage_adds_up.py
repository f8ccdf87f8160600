"""Law: coverage of many sheets of facts is the sum of each, whatever the order and grouping."""

from __future__ import annotations

from functools import reduce
from operator import add

from hypothesis import given, settings
from hypothesis import strategies as st

from plan_rules.rules.condition import All, AnyOf, Comparison, Condition, Not, Operator
from plan_rules.rules.coverage import Coverage, leaves_of
from plan_rules.rules.effect import Note
from plan_rules.rules.fact import Facts, FactSpec, FactType, Stage, Vocabulary
from plan_rules.rules.gaps import coverage_report
from plan_rules.rules.interpreter import is_true
from plan_rules.rules.rule import Rule, RuleSet

NAMES = ("a", "b", "c")
VOCABULARY = Vocabulary(
    specs={name: FactSpec(name=name, type=FactType.INTEGER, meaning=name, high=3) for name in NAMES}
)
LEAVES = st.builds(
    lambda fact, operator, code: Comparison(fact=fact, operator=operator, operands=(code,)),
    st.sampled_from(NAMES),
    st.sampled_from([Operator.EQ, Operator.LT, Operator.GTE]),
    st.integers(0, 3),
)


def inside(some: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(some, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        several.map(lambda parts: All(conditions=parts)),
        several.map(lambda parts: AnyOf(conditions=parts)),
        some.map(lambda part: Not(condition=part)),
    )


CONDITIONS: st.SearchStrategy[Condition] = st.recursive(LEAVES, inside, max_leaves=6)
RULES = st.lists(CONDITIONS, min_size=1, max_size=3).map(
    lambda conditions: RuleSet(
        rules=tuple(
            Rule(
                id=f"r{number}",
                stage=Stage.ELIGIBILITY,
                when=when,
                effects=(Note(reason="noted"),),
            )
            for number, when in enumerate(conditions)
        ),
        vocabulary=VOCABULARY,
    )
)
SHEETS = st.lists(
    st.tuples(
        st.sampled_from(["one", "two"]),
        st.dictionaries(st.sampled_from(NAMES), st.integers(0, 3)),
    ),
    max_size=5,
)


def of(rules: RuleSet, sheet: tuple[str, dict[str, int]]) -> Coverage:
    name, codes = sheet
    return Coverage().with_sheet(
        rules=rules, stage=Stage.ELIGIBILITY, facts=Facts(codes), sheet=name
    )


@given(rules=RULES, sheets=SHEETS, data=st.data())
def test_coverage_adds_up(
    rules: RuleSet, sheets: list[tuple[str, dict[str, int]]], data: st.DataObject
) -> None:
    parts = [of(rules, sheet) for sheet in sheets]
    whole = reduce(add, parts, Coverage())

    shuffled = data.draw(st.permutations(parts))
    assert reduce(add, shuffled, Coverage()) == whole

    cut = data.draw(st.integers(0, len(parts)))
    left, right = (reduce(add, some, Coverage()) for some in (parts[:cut], parts[cut:]))
    assert left + right == whole
    assert Coverage() + whole == whole == whole + Coverage()

    one_by_one = Coverage()
    for name, codes in sheets:
        one_by_one = one_by_one.with_sheet(
            rules=rules, stage=Stage.ELIGIBILITY, facts=Facts(codes), sheet=name
        )
    assert one_by_one == whole


@given(rules=RULES, sheets=SHEETS)
def test_counts_are_those_of_the_interpreter(
    rules: RuleSet, sheets: list[tuple[str, dict[str, int]]]
) -> None:
    whole = reduce(add, (of(rules, sheet) for sheet in sheets), Coverage())
    for rule in rules:
        tried = whole.of(rule)
        fired = [is_true(rule.when, Facts(codes)) for _, codes in sheets]
        assert (tried.asked, tried.fired) == (len(sheets), sum(fired))
        assert len(tried.leaves) == leaves_of(rule.when)
        assert tried.leaves[0].true + tried.leaves[0].false == len(sheets)
        assert (tried.near is None) == (any(fired) or not sheets or cannot_fire(rules, rule))


def cannot_fire(rules: RuleSet, rule: Rule) -> bool:
    """Whether no sheet whatever makes a rule fire."""
    codes = (None, 0, 1, 2, 3)
    sheets = (
        {name: code for name, code in zip(NAMES, (a, b, c), strict=True) if code is not None}
        for a in codes
        for b in codes
        for c in codes
    )
    assert rule in rules.rules
    return not any(is_true(rule.when, Facts(sheet)) for sheet in sheets)


@settings(max_examples=50)
@given(rules=RULES, sheets=SHEETS)
def test_what_is_needed_fills_the_gap_it_is_needed_for(
    rules: RuleSet, sheets: list[tuple[str, dict[str, int]]]
) -> None:
    whole = reduce(add, (of(rules, sheet) for sheet in sheets), Coverage())
    report = coverage_report(rules=rules, coverage=whole)
    for row in report.rules:
        if row.needed is not None:
            assert is_true(row.rule.when, row.needed.facts)
        for place, leaf in enumerate(row.leaves):
            for gap in leaf.gaps:
                assert gap.is_possible == (gap.needed is not None)
                if gap.needed is not None:
                    more = of(rules, ("needed", dict(gap.needed.facts.codes))).of(row.rule)
                    filled = more.leaves[place].true if gap.outcome else more.leaves[place].false
                    assert filled == 1
    assert report.seen <= report.possible
