"""A condition holds exactly where one alternative of its normal form does."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from plan_rules.rules.fact import Facts
from plan_rules.rules.interpreter import is_true
from plan_rules.rules.literal import Among, implies
from plan_rules.rules.normal import (
    Alternative,
    TooManyAlternatives,
    alternatives_of,
    normal_form,
)
from plan_rules.testing.rule_strategies import RuleCase, rule_cases

SETTINGS = settings(suppress_health_check=[HealthCheck.too_slow])


@SETTINGS
@given(case=rule_cases(most_rules=4))
def test_a_condition_holds_where_an_alternative_does(case: RuleCase) -> None:
    vocabulary = case.rules.vocabulary
    for rule in case.rules:
        true = alternatives_of(rule.condition, vocabulary)
        false = alternatives_of(rule.condition, vocabulary, holds=False)
        for facts in case.sheets:
            expected = is_true(rule.condition, facts)
            assert any(each.holds(facts) for each in true) is expected
            assert any(each.holds(facts) for each in false) is not expected


def example(alternative: Alternative, rest: Facts) -> Facts:
    """Facts that an alternative asks for, and any others."""
    codes = dict(rest.codes)
    for literal in alternative.literals:
        code = literal.example()
        codes.pop(literal.fact, None)
        if code is not None:
            codes[literal.fact] = code
    return Facts(codes)


@SETTINGS
@given(case=rule_cases(most_rules=4, least_sheets=1, most_sheets=2))
def test_every_alternative_is_possible_and_none_lies_within_another(case: RuleCase) -> None:
    for rule in case.rules:
        found = alternatives_of(rule.condition, case.rules.vocabulary)
        for one in found:
            for facts in case.sheets:
                assert is_true(rule.condition, example(one, facts))
            for other in found:
                literals = {each.fact: each for each in other.literals}
                within = all(
                    each.fact in literals and implies(literals[each.fact], each)
                    for each in one.literals
                )
                assert one is other or not within


@SETTINGS
@given(case=rule_cases(most_rules=4, least_sheets=1, most_sheets=1))
def test_an_alternative_has_one_literal_for_a_fact_and_none_for_the_certain(case: RuleCase) -> None:
    for rule in case.rules:
        try:
            found = normal_form(rule=rule, vocabulary=case.rules.vocabulary)
        except TooManyAlternatives:
            continue
        for alternative in found:
            facts = [literal.fact for literal in alternative.literals]
            assert facts == sorted(set(facts))
            for literal in alternative.literals:
                spec = case.rules.vocabulary[literal.fact]
                if not spec.optional:
                    assert not literal.holds(None)
                    assert literal != Among(fact=spec.name, ranges=((spec.low, spec.high),))
