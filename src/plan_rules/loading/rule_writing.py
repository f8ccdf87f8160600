"""The facts and rules of a catalog as their author would write them."""

from __future__ import annotations

from typing import Any

from plan_rules.catalog.catalog import Catalog
from plan_rules.catalog.vocabulary import OWN, declared_facts, vocabulary_of
from plan_rules.errors import InvalidValue
from plan_rules.loading.facts import BOUNDED
from plan_rules.loading.written_values import written_amount, written_number, written_period
from plan_rules.periods import Period
from plan_rules.rules.condition import LISTED, All, AnyOf, Comparison, Condition, Not, Operator
from plan_rules.rules.effect import (
    Adjust,
    DenyIntro,
    Effect,
    Exclude,
    Note,
    Require,
    SetTag,
    Warn,
)
from plan_rules.rules.fact import LARGEST, FactSpec, FactType, Stage, Vocabulary
from plan_rules.rules.rule import Rule

Document = dict[str, Any]

SHORT = {FactType.SET: Operator.HAS}
"""The operator that is meant where a fact stands with a value alone; of all others, `eq`."""


def rule_documents(catalog: Catalog) -> dict[str, Document]:
    """Return the documents of the facts and the rules of a catalog by their paths, if it has any.

    Raises `InvalidValue` for facts that files cannot say: others than the built-in ones and
    those of the operator's own, or facts without any rule or declaration to bring them about.
    """
    vocabulary = catalog.rules.vocabulary
    own = declared_facts(catalog.rules)
    found: dict[str, Document] = {}
    if own:
        found["facts.yaml"] = {"facts": {each.name.removeprefix(OWN): _fact(each) for each in own}}
    if catalog.rules:
        found["rules/rules.yaml"] = {"rules": [_rule(each, vocabulary) for each in catalog.rules]}
    if found:
        expected = vocabulary_of(plans=catalog.plans.values(), rules=catalog.rules, declared=own)
    else:
        expected = Vocabulary(specs={})
    if vocabulary != expected:
        raise InvalidValue(name="vocabulary", value="others", expected="what `vocabulary_of` gives")
    return found


def _fact(spec: FactSpec) -> Document:
    document: Document = {"type": spec.type.value, "meaning": spec.meaning}
    if spec.unit and spec.type is not FactType.INTEGER:
        raise InvalidValue(name="unit", value=spec.unit, expected="none but of a whole number")
    if spec.unit:
        document["unit"] = spec.unit
    if spec.type in BOUNDED:
        document["low"] = _value(spec, spec.low)
        if spec.high != LARGEST:
            document["high"] = _value(spec, spec.high)
    if spec.values:
        document["values"] = list(spec.values)
    return document | {"optional": spec.optional}


def _value(spec: FactSpec, code: int) -> Any:
    """Return a code as it is written; of a set it is the place of a word."""
    if not spec.low <= code <= spec.high:
        raise InvalidValue(name=spec.name, value=code, expected="a code within the fact's range")
    match spec.type:
        case FactType.BOOLEAN:
            return bool(code)
        case FactType.INTEGER:
            return code
        case FactType.MONEY:
            return written_amount(code)
        case FactType.DATE:
            return spec.words(code)
        case FactType.ENUM | FactType.SET:
            return spec.values[code]


def _rule(rule: Rule, vocabulary: Vocabulary) -> Document:
    document: Document = {"id": rule.id}
    if rule.replaces:
        document["replaces"] = rule.replaces
    if rule.stage is not Stage.ELIGIBILITY:
        document["stage"] = rule.stage.value
    document["when"] = _condition(rule.when, vocabulary)
    document["then"] = [_effect(each) for each in rule.effects]
    if rule.valid != Period():
        document["valid"] = written_period(rule.valid)
    return document


def _condition(condition: Condition, vocabulary: Vocabulary) -> Document:
    match condition:
        case Comparison():
            return {condition.fact: _comparison(condition, vocabulary[condition.fact])}
        case Not():
            return {"not": _condition(condition.condition, vocabulary)}
        case AnyOf():
            return {"any": [_condition(each, vocabulary) for each in condition.conditions]}
        case All():
            parts = [_condition(each, vocabulary) for each in condition.conditions]
            beside = {key: each for part in parts for key, each in part.items()}
            is_plain = all(isinstance(each, Comparison) for each in condition.conditions)
            return beside if is_plain and len(beside) == len(parts) > 1 else {"all": parts}


def _comparison(comparison: Comparison, spec: FactSpec) -> Any:
    operator = comparison.operator
    if operator is Operator.KNOWN:
        return {operator.value: bool(comparison.operands[0])}
    values = [_value(spec, code) for code in comparison.operands]
    if operator is Operator.BETWEEN or operator in LISTED:
        codes, distinct = comparison.operands, set(comparison.operands)
        if list(codes) != sorted(distinct if operator in LISTED else codes):
            raise InvalidValue(name=spec.name, value=values, expected="ascending values")
        return {operator.value: values}
    (value,) = values
    return value if operator is SHORT.get(spec.type, Operator.EQ) else {operator.value: value}


def _effect(effect: Effect) -> Document:  # noqa: PLR0911  one line for each effect
    match effect:
        case Exclude():
            return {"exclude": effect.reason}
        case DenyIntro():
            return {"deny-intro": effect.reason}
        case Warn():
            return {"warn": effect.reason}
        case Note():
            return {"note": effect.reason}
        case SetTag():
            return {"tag": effect.tag}
        case Require():
            return {"require": {effect.kind.value: effect.id, "reason": effect.reason}}
        case Adjust():
            return {effect.kind.value: _adjustment(effect)}


def _adjustment(effect: Adjust) -> Document:
    document: Document = {}
    if effect.percent is not None:
        document["percent"] = written_number(effect.percent)
    if effect.amount_micros is not None:
        document["amount"] = written_amount(effect.amount_micros)
    return document | {
        "on": effect.on.value,
        "stack": effect.stack.value,
        "reason": effect.reason,
    }
