"""What is written for durable_rules never holds what it answers wrongly, hangs or dies on."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, assume, given, settings

from plan_rules.rules.fact import LARGEST
from plan_rules.rules.normal import TooManyAlternatives, normal_forms
from plan_rules.rules.shards import (
    MARKER,
    MOST_FIELDS,
    MOST_RULES,
    WARM_RULE,
    WARMING,
    Shard,
    name_hash,
    shards,
)
from plan_rules.testing.rule_strategies import RuleCase, rule_cases

SAFE = {"$ex", "$nex", "$neq", "$lt", "$lte", "$gt", "$gte"}


def written(case: RuleCase) -> tuple[Shard, ...]:
    """Every rule of the case in one layer, many times over, to fill more than one set."""
    try:
        forms = normal_forms(case.rules)
    except TooManyAlternatives:
        assume(condition=False)
        raise
    pairs = [(index, each) for index, form in enumerate(forms) for each in form]
    return shards(pairs * 30, rules=case.rules)


def conditions_of(shard: Shard) -> dict[str, list[dict[str, Any]]]:
    found = {}
    for name, rule in json.loads(shard.definition).items():
        assert list(rule) == ["all"]
        (alias,) = rule["all"]
        assert list(alias) == ["m"]
        assert list(alias["m"]) == ["$and"]
        found[name] = alias["m"]["$and"]
    return found


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(case=rule_cases(least_sheets=1, most_sheets=3))
def test_rule_sets_are_small_and_conditions_single(case: RuleCase) -> None:
    for shard in written(case):
        found = conditions_of(shard)
        assert found.pop(WARM_RULE) == [{WARMING: 1}]
        assert found.keys() == shard.rules.keys()
        assert 1 <= len(found) <= MOST_RULES
        assert {len(name) for name in found} == {2}
        fields = {MARKER, WARMING, "id", "sid", "$s"}
        for conditions in found.values():
            assert conditions[0] == {MARKER: 1}
            for condition in conditions[1:]:
                ((key, value),) = condition.items()
                if key.startswith("$"):
                    assert key in SAFE
                    ((key, value),) = value.items()
                assert type(value) is int
                assert abs(value) <= LARGEST
                fields.add(key)
        assert len(fields) <= MOST_FIELDS + 5
        assert len({name_hash(name) for name in fields}) == len(fields)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(case=rule_cases(least_sheets=1, most_sheets=3))
def test_sheets_are_flat_and_hold_whole_numbers_of_what_is_known(case: RuleCase) -> None:
    for shard in written(case):
        for number, facts in enumerate(case.sheets):
            sheet = json.loads(shard.sheet(facts, number=number))
            assert sheet.pop("id") == number
            assert sheet.pop(MARKER) == 1
            assert WARMING not in sheet
            assert all(type(each) is int and abs(each) <= LARGEST for each in sheet.values())
            assert json.loads(shard.sheet(type(facts)({}), number=1)) == {"id": 1, MARKER: 1}
