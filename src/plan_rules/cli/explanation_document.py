"""Rules about plans as a JSON document, schema `explanation.schema.json`."""

from __future__ import annotations

from collections.abc import Iterable

from plan_rules.advice.explaining import PlanAnswer, RuleAnswer
from plan_rules.advice.recommendation import Recommendation
from plan_rules.cli.documents import VERSION, Document
from plan_rules.cli.reasons import effect_word
from plan_rules.rules.explanation import Reading
from plan_rules.rules.fact import FactSpec, Vocabulary
from plan_rules.rules.need import Need
from plan_rules.rules.written import as_written


def explanation_document(
    advice: Recommendation, answers: Iterable[PlanAnswer], *, vocabulary: Vocabulary
) -> Document:
    """Return every plan with every rule; values are as authors write them, null if unknown."""
    return {
        "version": VERSION,
        "customer": advice.customer_id,
        "as_of": advice.as_of.isoformat(),
        "catalog_digest": advice.catalog_digest,
        "engine": advice.engine,
        "plans": [_plan(each, vocabulary) for each in answers],
    }


def _plan(answer: PlanAnswer, vocabulary: Vocabulary) -> Document:
    option, answered = answer.option, answer.option or answer.rejection
    why_not = None if answered is None else answered.why_not
    return {
        "plan": answer.plan.id,
        "rank": None if option is None else option.rank,
        "why_not": None if why_not is None else why_not.value,
        "rules": [_rule(each, vocabulary) for each in answer.rules],
    }


def _rule(answer: RuleAnswer, vocabulary: Vocabulary) -> Document:
    explanation = answer.explanation
    return {
        "rule": answer.rule.id,
        "written": str(answer.rule.span),
        "stage": answer.rule.stage.value,
        "effects": [effect_word(effect) for effect in answer.rule.effects],
        "fired": answer.fired,
        "asked": answer.asked,
        "about_others": answer.is_about_others,
        "readings": [_reading(each, vocabulary) for each in explanation.readings],
        "needs": [_need(each) for each in explanation.needs],
    }


def _reading(reading: Reading, vocabulary: Vocabulary) -> Document:
    spec = vocabulary[reading.comparison.fact]
    return {
        "fact": spec.name,
        "condition": as_written(reading.comparison, vocabulary=vocabulary),
        "value": _value(spec, reading.code),
        "unit": spec.unit,
        "holds": reading.holds,
        "written": str(reading.comparison.span),
    }


def _need(need: Need) -> Document:
    return {
        "fact": need.fact.name,
        "value": _value(need.fact, need.have),
        "nearest": _value(need.fact, need.target),
        "unit": need.fact.unit,
        "words": need.words(),
    }


def _value(spec: FactSpec, code: int | None) -> str | None:
    return None if code is None else spec.words(code)
