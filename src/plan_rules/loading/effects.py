"""Effects of rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from plan_rules.errors import Span
from plan_rules.loading.page import Page
from plan_rules.loading.reader import Steps
from plan_rules.loading.scalars import micros
from plan_rules.rules.effect import (
    WHOLE,
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
    stages_of,
)
from plan_rules.rules.fact import Stage

TEXTS: Mapping[str, Callable[[str, Span], Effect]] = {
    "exclude": lambda reason, span: Exclude(reason=reason, span=span),
    "deny-intro": lambda reason, span: DenyIntro(reason=reason, span=span),
    "warn": lambda reason, span: Warn(reason=reason, span=span),
    "note": lambda reason, span: Note(reason=reason, span=span),
    "tag": lambda tag, span: SetTag(tag=tag, span=span),
}
"""Effects that are written as one text: the reason, or the tag."""


def build_effect(page: Page, value: Mapping[str, Any], path: Steps, stage: Stage) -> Effect | None:
    """Return the effect written at `path`, or `None` where an issue tells why not."""
    ((word, details),) = value.items()
    here = (*path, word)
    effect: Effect | None
    if word in TEXTS:
        effect = TEXTS[word](details, page.key_span(here))
    elif word == "require":
        effect = _requirement(page, details, here)
    elif word in set(AdjustmentKind):
        effect = _adjustment(page, AdjustmentKind(word), details, here)
    else:
        return None
    if effect is not None and stage not in stages_of(effect):
        (only,) = stages_of(effect)
        message = f"`{word}` has no place in the stage `{stage}`"
        hint = f"write `stage: {only}`"
        page.note("misplaced-effect", here, message, hint=hint, at_key=True)
        return None
    return effect


def _one_of(page: Page, value: Mapping[str, Any], path: Steps, keys: tuple[str, str]) -> str:
    """Return the one of two keys that is written, or nothing with an issue."""
    given = [key for key in keys if key in value]
    who = f"`{path[-1]}`"
    if not given:
        hint = f"add `{keys[0]}` or `{keys[1]}`"
        page.note("missing-key", path, f"{who} says neither {_listed(keys, 'nor')}", hint=hint)
    if len(given) > 1:
        message, hint = f"{who} says {_listed(keys, 'and')}", "keep one of them"
        page.note("conflicting-keys", (*path, given[1]), message, hint=hint, at_key=True)
    return given[0] if len(given) == 1 else ""


def _listed(keys: tuple[str, str], word: str) -> str:
    return f"`{keys[0]}` {word} `{keys[1]}`"


def _requirement(page: Page, value: Mapping[str, Any], path: Steps) -> Require | None:
    word = _one_of(page, value, path, ("consent", "document"))
    if not word:
        return None
    return Require(
        kind=ProofKind(word),
        id=value[word],
        reason=value["reason"],
        span=page.key_span(path),
    )


def _adjustment(
    page: Page, kind: AdjustmentKind, value: Mapping[str, Any], path: Steps
) -> Adjust | None:
    """Return a discount or surcharge; of a percentage out of bounds the schema tells."""
    word = _one_of(page, value, path, ("percent", "amount"))
    if not word:
        return None
    percent = Fraction(value[word]) if word == "percent" else None
    amount = micros(page, value[word], (*path, word)) if word == "amount" else None
    if percent is not None and (
        percent <= 0 or (kind is AdjustmentKind.DISCOUNT and percent > WHOLE)
    ):
        return None
    return Adjust(
        kind=kind,
        on=Base(value["on"]),
        stack=Stack(value["stack"]),
        reason=value["reason"],
        percent=percent,
        amount_micros=amount,
        span=page.key_span(path),
    )
