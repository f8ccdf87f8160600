"""What an explanation says would make a rule fire does, and no smaller change would."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from plan_rules.rules.explanation import explain_rule
from plan_rules.rules.fact import Facts
from plan_rules.rules.interpreter import is_true
from plan_rules.rules.normal import TooManyAlternatives, normal_form
from plan_rules.rules.rule import Rule, RuleSet
from plan_rules.testing.rule_strategies import RuleCase, rule_cases


def changed(facts: Facts, wanted: dict[str, int | None]) -> Facts:
    codes = {**facts.codes, **{name: code for name, code in wanted.items() if code is not None}}
    gone = {name for name, code in wanted.items() if code is None}
    return Facts({name: code for name, code in codes.items() if name not in gone})


def explainable(rules: RuleSet) -> list[Rule]:
    found = []
    for rule in rules:
        try:
            normal_form(rule=rule, vocabulary=rules.vocabulary)
        except TooManyAlternatives:
            continue
        found.append(rule)
    return found


@given(rule_cases(most_rules=4, least_sheets=1, most_sheets=3))
def test_changing_what_is_needed_makes_the_rule_fire(case: RuleCase) -> None:
    for rule in explainable(case.rules):
        for facts in case.sheets:
            found = explain_rule(rule=rule, vocabulary=case.rules.vocabulary, facts=facts)
            assert found.fired is is_true(rule.condition, facts)
            if found.fired:
                assert found.needs == ()
                continue
            assert bool(found.needs) is found.can_fire
            if found.can_fire:
                wanted = {need.fact.name: need.target for need in found.needs}
                assert is_true(rule.condition, changed(facts, wanted))
                for need in found.needs:
                    assert need.have == facts.get(need.fact.name)
                    assert need.have != need.target
                    assert need.words()


@given(rule_cases(most_rules=4, least_sheets=1, most_sheets=2), st.data())
def test_no_fewer_facts_would_do(case: RuleCase, data: st.DataObject) -> None:
    vocabulary = case.rules.vocabulary
    for rule in explainable(case.rules):
        for facts in case.sheets:
            found = explain_rule(rule=rule, vocabulary=vocabulary, facts=facts)
            if not found.needs:
                continue
            names = st.sampled_from(sorted(vocabulary.specs))
            fewer = len(found.needs) - 1
            few = data.draw(st.lists(names, min_size=fewer, max_size=fewer, unique=True))
            wanted: dict[str, int | None] = {}
            for name in few:
                spec = vocabulary[name]
                some = st.integers(spec.low, spec.high)
                wanted[name] = data.draw(some | st.none() if spec.optional else some)
            assert not is_true(rule.condition, changed(facts, wanted))


@given(rule_cases(most_rules=4, least_sheets=1, most_sheets=3))
def test_every_comparison_is_shown_with_its_value(case: RuleCase) -> None:
    for rule in explainable(case.rules):
        for facts in case.sheets:
            found = explain_rule(rule=rule, vocabulary=case.rules.vocabulary, facts=facts)
            for reading in found.readings:
                assert reading.code == facts.get(reading.comparison.fact)
                assert reading.holds is is_true(reading.comparison, facts)
