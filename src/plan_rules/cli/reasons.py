"""Rules in the words of a support agent: what they say of a plan, why, and why not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from plan_rules.advice.explaining import PlanAnswer, RuleAnswer
from plan_rules.advice.recommendation import WhyNot
from plan_rules.assessment.eligibility import Eligibility, Reason
from plan_rules.cli.words import cents, why_not_words
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
from plan_rules.rules.explanation import Reading
from plan_rules.rules.fact import Stage, Vocabulary
from plan_rules.rules.written import as_written

PLAIN_EFFECTS = {Exclude: "exclude", DenyIntro: "deny intro", Warn: "warn", Note: "note"}


def eligibility_sentences(eligibility: Eligibility) -> Iterator[str]:
    """Yield what is to be told before the plan is sold, in the order of weight."""
    for each in eligibility.required:
        yield f"Needed first: {each.kind} `{each.id}`. {each.reason.text}"
    for reason in eligibility.intro_denied:
        yield f"Without the introductory price: {reason.text}"
    yield from (f"Warning: {reason.text}" for reason in eligibility.warnings)
    yield from (f"Note: {reason.text}" for reason in eligibility.notes)


def excluded_sentences(name: str, reasons: Iterable[Reason]) -> Iterator[str]:
    """Yield why a customer may not have a plan, each reason with the place of its rule."""
    for reason in reasons:
        yield f"Not for this customer: {name}. {reason.text} ({reason.rule} at {reason.span})"


def explanation_lines(
    answers: Iterable[PlanAnswer],
    *,
    vocabulary: Vocabulary,
    currency: str,
    with_others: bool = False,
) -> Iterator[str]:
    """Yield each plan's answer line by line: where it stands, what holds, and what nearly would.

    What nearly would hold alike on every plan is told once, at the end. Rules that only another
    plan or another day would make fire are left out, unless `with_others` asks for them too.
    """
    told = tuple(answers)
    asked = [answer for answer in told if answer.rules]
    alike = (
        frozenset[str].intersection(
            *(frozenset(_near_misses(each, with_others=with_others)) for each in asked)
        )
        if len(asked) > 1
        else frozenset()
    )
    for answer in told:
        yield f"{answer.plan.name} ({answer.plan.id}): {_standing(answer, currency)}"
        for each in answer.rules:
            if each.fired:
                yield from _fired_lines(each, vocabulary)
        yield from (
            text for text in _near_misses(answer, with_others=with_others) if text not in alike
        )
    if alike:
        yield "On every plan:"
        yield from (
            text for text in _near_misses(asked[0], with_others=with_others) if text in alike
        )


def _near_misses(answer: PlanAnswer, *, with_others: bool) -> Iterator[str]:
    """Yield what did not hold of a plan, with the nearest way in which it would."""
    for each in answer.rules:
        if not each.fired and (with_others or not each.is_about_others):
            needs = "".join(f"\n      {need.words()}" for need in each.explanation.needs)
            yield f"  does not hold: {_effects(each)}, {_place(each)}{needs}"


def _standing(answer: PlanAnswer, currency: str) -> str:
    if answer.option is not None:
        option = answer.option
        return (
            f"number {option.rank}, {cents(option.monthly.micros)} {currency} a month, "
            f"{why_not_words(option)}"
        )
    rejection = answer.rejection
    if rejection is None or rejection.why_not is WhyNot.NOT_FOR_SALE:
        return "not for sale"
    return "not for this customer"


def _fired_lines(answer: RuleAnswer, vocabulary: Vocabulary) -> Iterator[str]:
    many = (
        f" in {answer.fired} of {answer.asked} cycles" if answer.rule.stage is Stage.BILLING else ""
    )
    yield f"  holds{many}: {_effects(answer)}, {_place(answer)}"
    for effect in answer.rule.effects:
        reason = getattr(effect, "reason", "")
        if reason:
            yield f"      {reason}"
    for reading in answer.explanation.readings:
        yield f"      {reading_words(reading, vocabulary=vocabulary)}"


def reading_words(reading: Reading, *, vocabulary: Vocabulary) -> str:
    """Return a comparison as it is written, whether it holds, and the value it was asked about."""
    spec = vocabulary[reading.comparison.fact]
    value = "not known" if reading.code is None else spec.words(reading.code)
    unit = f" {spec.unit}" if spec.unit and reading.code is not None else ""
    sign = "yes" if reading.holds else "no"
    written = as_written(reading.comparison, vocabulary=vocabulary)
    return f"{sign}: {written}, it is {value}{unit}"


def _place(answer: RuleAnswer) -> str:
    return f"rule {answer.rule.id} at {answer.rule.span}"


def _effects(answer: RuleAnswer) -> str:
    return ", ".join(effect_word(effect) for effect in answer.rule.effects)


def effect_word(effect: Effect) -> str:
    """Return what an effect does in a word or two, as authors write it."""
    match effect:
        case Require():
            return f"require {effect.kind} {effect.id}"
        case SetTag():
            return f"tag {effect.tag}"
        case Adjust():
            return f"{effect.kind} on {effect.on}"
        case Exclude() | DenyIntro() | Warn() | Note():
            return PLAIN_EFFECTS[type(effect)]
