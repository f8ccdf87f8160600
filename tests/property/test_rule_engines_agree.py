"""durable_rules, the interpreter and columns give one answer, for any rules and any facts.

That the law can fail is shown below it: faults are put into the normal form and the engines, one
at a time, and for each the search must find rules and facts that give it away.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from itertools import chain
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings

from plan_rules.rules import columns as columns_module
from plan_rules.rules import durable, masks, normal, shards
from plan_rules.rules.columns import Column, Columns
from plan_rules.rules.condition import Comparison, Operator
from plan_rules.rules.decision import Engine, decide
from plan_rules.rules.durable import DurableRules
from plan_rules.rules.fact import Facts, FactSpec, Stage
from plan_rules.rules.interpreter import Interpreter
from plan_rules.rules.literal import Literal, Ranges, members, without
from plan_rules.rules.normal import Alternatives
from plan_rules.rules.shards import Test as Single
from plan_rules.testing.rule_strategies import RuleCase, rule_cases

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
EXAMPLES = 20_000 if NIGHTLY else 300
"""Sets of rules, each asked with four sheets of facts or more."""

SEARCHED = settings(
    max_examples=5_000,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

Answer = tuple[frozenset[int], tuple[str, ...]]


def has_durable_rules() -> bool:
    try:
        durable.load()
    except ImportError:
        return False
    return True


needs_durable_rules = pytest.mark.skipif(
    not has_durable_rules(), reason="durable_rules cannot be imported: see the extra `durable`"
)


def answers(case: RuleCase, engine: Engine) -> list[Answer]:
    """What fires, and the tags set, for each sheet, asked one by one."""
    order = {rule.id: index for index, rule in enumerate(case.rules)}
    found = []
    for facts in case.sheets:
        decision = decide(rules=case.rules, engine=engine, stage=Stage.ELIGIBILITY, facts=facts)
        found.append((frozenset(order[rule.id] for rule in decision.fired), decision.tags))
    return found


def answers_of_a_table(case: RuleCase, *, constants: bool = False) -> list[Answer]:
    """The same, asked at once; with `constants` what is the same in all rows is one number."""
    table = {}
    for spec in case.rules.vocabulary:
        codes = [facts.get(spec.name) for facts in case.sheets]
        if constants and len(set(codes)) == 1:
            table[spec.name] = Column(codes=codes[0] or 0, known=codes[0] is not None)
            continue
        table[spec.name] = Column(
            codes=np.array([each or 0 for each in codes], dtype=np.int64),
            known=np.array([each is not None for each in codes]),
        )
    firings = Columns(case.rules).decide(
        stage=Stage.ELIGIBILITY, table=table, rows=len(case.sheets)
    )
    words = case.rules.tags
    return [
        (
            firings.of(row),
            tuple(word for bit, word in enumerate(words) if int(firings.tags[row]) >> bit & 1),
        )
        for row in range(len(case.sheets))
    ]


def check_columns(case: RuleCase, expected: list[Answer]) -> None:
    assert answers(case, Columns(case.rules)) == expected
    assert answers_of_a_table(case) == expected
    assert answers_of_a_table(case, constants=True) == expected


@needs_durable_rules
@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
@given(case=rule_cases())
def test_three_engines_give_one_answer(case: RuleCase) -> None:
    expected = answers(case, Interpreter(case.rules))
    assert answers(case, DurableRules(case.rules)) == expected
    check_columns(case, expected)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(case=rule_cases())
def test_columns_give_the_answers_of_the_interpreter(case: RuleCase) -> None:
    """As above, for where durable_rules cannot be had."""
    check_columns(case, answers(case, Interpreter(case.rules)))


Fault = Callable[[pytest.MonkeyPatch], None]


def unknown_forgotten_in_not(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(normal, "_unknown", lambda _: normal.NEVER)


def negation_that_keeps_an_end(patch: pytest.MonkeyPatch) -> None:
    def wrong(ranges: Ranges, *, low: int, high: int) -> Ranges:
        found = without(ranges, low=low, high=high)
        return tuple((start - (start > low), end) for start, end in found)

    patch.setattr(normal, "without", wrong)


def last_alternative_dropped(patch: pytest.MonkeyPatch) -> None:
    whole = normal.normal_form

    def dropped(**arguments: object) -> Alternatives:
        found = whole(**arguments)  # type: ignore[arg-type]
        return found[:-1] if len(found) > 1 else found

    patch.setattr(normal, "normal_form", dropped)


def word_off_by_one(patch: pytest.MonkeyPatch) -> None:
    whole = normal._mask
    patch.setattr(normal, "_mask", lambda bits: whole(bits) << 1)


def one_word_missing_is_all_missing(patch: pytest.MonkeyPatch) -> None:
    """Read the negation of `has-all` as none of the words."""
    whole = normal._falsity

    def wrong(comparison: Comparison, spec: FactSpec) -> Alternatives:
        if comparison.operator is Operator.HAS_ALL:
            literal = members(fact=spec.name, lacks=normal._mask(comparison.operands))
            return (*normal._set(literal), *normal._unknown(spec))
        return whole(comparison, spec)

    patch.setattr(normal, "_falsity", wrong)


def absorbed_the_wrong_way(patch: pytest.MonkeyPatch) -> None:
    whole = normal._covers
    patch.setattr(normal, "_covers", lambda wider, narrower: whole(narrower, wider))


IN_THE_NORMAL_FORM: tuple[Fault, ...] = (
    unknown_forgotten_in_not,
    negation_that_keeps_an_end,
    last_alternative_dropped,
    word_off_by_one,
    one_word_missing_is_all_missing,
    absorbed_the_wrong_way,
)


def guard_dropped(patch: pytest.MonkeyPatch) -> None:
    """Leave out that the fact must be known where nothing else is asked of it."""
    whole = shards.tests_of

    def wrong(literal: Literal, spec: FactSpec) -> tuple[Single, ...]:
        return tuple(test for test in whole(literal, spec) if test.operator != "$ex")

    patch.setattr(shards, "tests_of", wrong)


def end_of_a_range_excluded(patch: pytest.MonkeyPatch) -> None:
    written = Single.written

    def wrong(self: Single, name: str) -> dict[str, object]:
        found = written(self, name)
        return {"$lt": found["$lte"]} if "$lte" in found else found

    patch.setattr(Single, "written", wrong)


def firing_of_the_next_rule(patch: pytest.MonkeyPatch) -> None:
    whole = shards._Draft.shard

    def wrong(self: shards._Draft) -> shards.Shard:
        shard = whole(self)
        names = list(shard.rules)
        following = dict(zip(names, (*names[1:], names[0]), strict=True))
        return replace(shard, rules={name: shard.rules[following[name]] for name in names})

    patch.setattr(shards._Draft, "shard", wrong)


def unknown_written_as_zero(patch: pytest.MonkeyPatch) -> None:
    whole = shards.Shard.sheet

    def wrong(self: shards.Shard, facts: Facts, *, number: int) -> str:
        known = {fact: 0 for fact, _ in self.fragments} | dict(facts.codes)
        return whole(self, Facts(known), number=number)

    patch.setattr(shards.Shard, "sheet", wrong)


IN_DURABLE_RULES: tuple[Fault, ...] = (
    guard_dropped,
    end_of_a_range_excluded,
    firing_of_the_next_rule,
    unknown_written_as_zero,
)


def bit_off_by_one(patch: pytest.MonkeyPatch) -> None:
    whole = columns_module._add
    patch.setattr(columns_module, "_add", lambda bits, fired, bit: whole(bits, fired, bit + 1))


def unknown_rows_compared(patch: pytest.MonkeyPatch) -> None:
    whole = columns_module._cells
    patch.setattr(columns_module, "_cells", lambda *each: replace(whole(*each), known=None))


def end_of_a_range_left_out(patch: pytest.MonkeyPatch) -> None:
    def wrong(low: int, high: int, _: FactSpec) -> masks.Ask:
        return lambda codes: (codes >= low) & (codes < high)

    patch.setattr(masks, "_of_range", wrong)


def layers_asked_at_once(patch: pytest.MonkeyPatch) -> None:
    whole = Columns._decide

    def wrong(
        self: Columns, layers: tuple[tuple[int, ...], ...], *others: Any
    ) -> columns_module.Firings:
        return whole(self, (tuple(sorted(chain.from_iterable(layers))),), *others)

    patch.setattr(Columns, "_decide", wrong)


IN_COLUMNS: tuple[Fault, ...] = (
    bit_off_by_one,
    unknown_rows_compared,
    end_of_a_range_left_out,
    layers_asked_at_once,
)


def searched(differs: Callable[[RuleCase], bool]) -> RuleCase:
    return find(rule_cases(), differs, settings=SEARCHED, random=Random(1))  # noqa: S311  a search, repeatable


@needs_durable_rules
@pytest.mark.parametrize("fault", IN_THE_NORMAL_FORM + IN_DURABLE_RULES)
def test_a_fault_is_found_in_durable_rules(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    fault(monkeypatch)
    found = searched(
        lambda case: (
            answers(case, DurableRules(case.rules)) != answers(case, Interpreter(case.rules))
        )
    )
    monkeypatch.undo()
    assert answers(found, DurableRules(found.rules)) == answers(found, Interpreter(found.rules))


@pytest.mark.parametrize("fault", IN_THE_NORMAL_FORM + IN_COLUMNS)
def test_a_fault_is_found_in_columns(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    fault(monkeypatch)
    found = searched(
        lambda case: answers_of_a_table(case) != answers(case, Interpreter(case.rules))
    )
    monkeypatch.undo()
    assert answers_of_a_table(found) == answers(found, Interpreter(found.rules))
