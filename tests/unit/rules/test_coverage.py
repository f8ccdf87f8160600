from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from plan_rules.errors import InvalidValue
from plan_rules.periods import Period
from plan_rules.rules import regions
from plan_rules.rules.condition import All, AnyOf, Comparison, Condition, Not, Operator
from plan_rules.rules.coverage import Coverage, Decided, Tried, tried
from plan_rules.rules.effect import Note
from plan_rules.rules.fact import AS_OF, Facts, FactSpec, FactType, Stage, Vocabulary
from plan_rules.rules.gaps import coverage_report
from plan_rules.rules.rule import Rule, RuleSet

SPECS = {name: FactSpec(name=name, type=FactType.INTEGER, meaning=name, high=9) for name in "abc"}
SPECS[AS_OF] = FactSpec(name=AS_OF, type=FactType.DATE, meaning="day", optional=False)
VOCABULARY = Vocabulary(specs=SPECS)


def is_(fact: str, code: int, operator: Operator = Operator.EQ) -> Comparison:
    return Comparison(fact=fact, operator=operator, operands=(code,))


A, B, C = is_("a", 1), is_("b", 1), is_("c", 1)


def rule(when: Condition) -> Rule:
    return Rule(id="r", stage=Stage.ELIGIBILITY, when=when, effects=(Note(reason="noted"),))


def counts(found: Tried) -> list[tuple[int, int]]:
    return [(each.true, each.false) for each in found.leaves]


def of(when: Condition, **codes: int) -> Tried:
    return tried(rule(when), facts=Facts(codes))


T, F, U = (1, 0), (0, 1), (0, 0)


@pytest.mark.parametrize(
    ("when", "codes", "expected"),
    [
        (All(conditions=(A, B, C)), {"a": 1, "b": 2, "c": 1}, [T, F, U]),
        (All(conditions=(A, B, C)), {"a": 2, "b": 1, "c": 1}, [F, U, U]),
        (AnyOf(conditions=(A, B, C)), {"a": 2, "b": 1, "c": 1}, [F, T, U]),
        (AnyOf(conditions=(A, B, C)), {}, [F, F, F]),
        (All(conditions=(AnyOf(conditions=(A, B)), C)), {"a": 1, "c": 1}, [T, U, T]),
        (AnyOf(conditions=(All(conditions=(A, B)), C)), {"a": 2, "c": 1}, [F, U, T]),
        (Not(condition=All(conditions=(A, B))), {"a": 1, "b": 1}, [T, T]),
        (Not(condition=AnyOf(conditions=(A, B))), {"a": 1, "b": 1}, [T, U]),
    ],
)
def test_what_a_rule_does_not_come_to_is_not_decided(
    when: Condition, codes: dict[str, int], expected: list[tuple[int, int]]
) -> None:
    assert counts(of(when, **codes)) == expected


def test_nothing_is_decided_on_a_day_on_which_a_rule_is_not_in_force() -> None:
    dated = replace(rule(A), valid=Period(start=date(2026, 1, 1), end=date(2027, 1, 1)))
    day = date(2026, 12, 31).toordinal()
    inside = tried(dated, facts=Facts({"a": 1, AS_OF: day}))
    assert (inside.asked, inside.in_force, inside.fired, counts(inside)) == (1, 1, 1, [T])
    for other in (day + 1, date(2025, 12, 31).toordinal()):
        outside = tried(dated, facts=Facts({"a": 1, AS_OF: other}))
        assert (outside.asked, outside.in_force, outside.fired, counts(outside)) == (1, 0, 0, [U])


RULES = RuleSet(
    rules=(rule(All(conditions=(A, is_("b", 5, Operator.GTE)))),), vocabulary=VOCABULARY
)


def sheets(*rows: tuple[str, dict[str, int]]) -> Coverage:
    found = Coverage()
    for name, codes in rows:
        found = found.with_sheet(
            rules=RULES, stage=Stage.ELIGIBILITY, facts=Facts(codes), sheet=name
        )
    return found


def test_the_nearest_miss_is_kept_until_the_rule_fires() -> None:
    far, near = ("far", {"a": 2, "b": 0}), ("near", {"a": 1, "b": 4})
    for rows in ((far, near), (near, far)):
        kept = sheets(*rows).of(RULES.rules[0]).near
        assert kept is not None
        assert kept.sheet == "near"
        assert [(need.fact.name, need.target) for need in kept.needs] == [("b", 5)]
    assert sheets(far, near, ("hit", {"a": 1, "b": 5})).of(RULES.rules[0]).near is None
    assert sheets(("hit", {"a": 1, "b": 5}), near).of(RULES.rules[0]).near is None


def test_rules_of_another_stage_are_not_asked() -> None:
    found = Coverage().with_sheet(rules=RULES, stage=Stage.BILLING, facts=Facts({}))
    assert found == Coverage()
    assert found.of(RULES.rules[0]) == Tried(leaves=(Decided(), Decided()))


def test_coverage_of_other_rules_of_the_same_id_does_not_add_up() -> None:
    with pytest.raises(InvalidValue):
        sheets(("one", {})) + Coverage(by_rule={"r": Tried(leaves=(Decided(),))})


def test_a_report_says_who_would_fill_each_gap() -> None:
    report = coverage_report(rules=RULES, coverage=sheets(("one", {"a": 1, "b": 4})))
    (row,) = report.rules
    assert (report.fired, report.seen, report.possible) == (0, 2, 4)
    assert report.percent == 50
    assert row.needed is not None
    assert row.needed.facts.codes == {"a": 1, "b": 5}
    first, second = row.leaves
    assert [gap.outcome for gap in first.gaps] == [False]
    assert [gap.outcome for gap in second.gaps] == [True]
    assert second.gaps[0].needed is not None
    assert second.gaps[0].needed.facts.codes == {"a": 1, "b": 5}
    assert not row.is_complete


def test_what_can_never_be_does_not_count() -> None:
    twice = RuleSet(rules=(rule(All(conditions=(A, A))),), vocabulary=VOCABULARY)
    found = Coverage()
    for code in (1, 2):
        found = found.with_sheet(
            rules=twice, stage=Stage.ELIGIBILITY, facts=Facts({"a": code}), sheet="x"
        )
    report = coverage_report(rules=twice, coverage=found)
    (row,) = report.rules
    (gap,) = row.leaves[1].gaps
    assert (gap.outcome, gap.is_possible, gap.needed) == (False, False, None)
    assert row.is_complete
    assert (report.seen, report.possible) == (3, 3)
    assert report.percent == 100


def test_a_rule_that_was_never_asked_has_seen_nothing() -> None:
    report = coverage_report(rules=RULES, coverage=Coverage())
    (row,) = report.rules
    assert (row.seen, row.possible, row.tried.asked) == (0, 4, 0)
    assert report.percent == 0


def test_no_rules_are_covered_in_full() -> None:
    none = RuleSet(vocabulary=VOCABULARY)
    assert coverage_report(rules=none, coverage=Coverage()).percent == 100


def test_what_is_too_intricate_to_say_still_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regions, "MOST_BOXES", 1)
    either = RuleSet(rules=(rule(AnyOf(conditions=(A, B))),), vocabulary=VOCABULARY)
    (row,) = coverage_report(rules=either, coverage=Coverage()).rules
    assert row.needed is None
    assert (row.seen, row.possible) == (0, 4)
