"""The facts file: what the operator knows of customers beside what is built in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plan_rules.catalog.vocabulary import BUILT_IN, OWN
from plan_rules.errors import Severity
from plan_rules.loading.operands import number
from plan_rules.loading.page import Page
from plan_rules.loading.reader import Steps
from plan_rules.rules.fact import LARGEST, MOST_WORDS, FactSpec, FactType

BOUNDED = frozenset({FactType.INTEGER, FactType.MONEY, FactType.DATE})
WORDED = frozenset({FactType.ENUM, FactType.SET})


def build_facts(page: Page) -> tuple[FactSpec, ...]:
    """Return the facts of a file, each by its full name, in the order of the file."""
    return tuple(
        _fact(page, name, value, ("facts", name)) for name, value in page.value["facts"].items()
    )


def _fact(page: Page, name: str, value: Mapping[str, Any], path: Steps) -> FactSpec:
    if any(row.name.value == f"{OWN}{name}" for row in BUILT_IN):
        message = f"`{OWN}{name}` is a built-in fact"
        page.note("reserved-fact", path, message, hint="choose another name", at_key=True)
    kind = FactType(value["type"])
    _note_pointless(page, value, path, kind)
    plain = FactSpec(
        name=f"{OWN}{name}",
        type=kind,
        meaning=value["meaning"],
        unit=value.get("unit", "") if kind is FactType.INTEGER else "",
        low=-LARGEST if kind in {FactType.INTEGER, FactType.MONEY} else 0,
        values=_words(page, value["values"], (*path, "values"), kind) if kind in WORDED else (),
        optional=value.get("optional", True),
        span=page.key_span(path),
    )
    if kind not in BOUNDED:
        return plain
    return _bounded(page, plain, value, path)


def _note_pointless(page: Page, value: Mapping[str, Any], path: Steps, kind: FactType) -> None:
    meaningless = {"unit"} if kind is not FactType.INTEGER else set()
    if kind not in BOUNDED:
        meaningless |= {"low", "high"}
    if kind not in WORDED:
        meaningless.add("values")
    for key in (each for each in value if each in meaningless):
        message = f"`{key}` means nothing for a fact of type `{kind}`"
        page.note("pointless-key", (*path, key), message, hint="take it out", at_key=True)


def _words(page: Page, values: list[str], path: Steps, kind: FactType) -> tuple[str, ...]:
    found: list[str] = []
    for index, word in enumerate(values):
        if word in found:
            message, hint = f"`{word}` is listed twice", "take one of them out"
            page.note("listed-twice", (*path, index), message, hint=hint, severity=Severity.WARNING)
        else:
            found.append(word)
    if kind is FactType.SET and len(found) > MOST_WORDS:
        message = f"the set has {len(found)} words; at most {MOST_WORDS} are possible"
        hint = "make two facts of it, or an enum if a customer has one of the words"
        page.note("too-many-words", path, message, hint=hint, at_key=True)
        return tuple(found[:MOST_WORDS])
    return tuple(found)


def _bounded(page: Page, plain: FactSpec, value: Mapping[str, Any], path: Steps) -> FactSpec:
    """Return a fact with its bounds; `plain` has none."""
    ends = {"low": 0, "high": plain.high}
    for key in ("low", "high"):
        code = number(page, plain, value[key], (*path, key)) if key in value else None
        if code is not None and abs(code) > LARGEST:
            message = f"`{key}` is `{value[key]}`, which is beyond what facts can be"
            page.note("out-of-range", (*path, key), message)
        elif code is not None:
            ends[key] = code
    if ends["low"] > ends["high"]:
        low, high = plain.words(ends["low"]), plain.words(ends["high"])
        message = f"the range of `{plain.name}` runs from {low} down to {high}"
        at = "low" if "low" in value else "high"
        page.note("reversed-range", (*path, at), message, hint="exchange `low` and `high`")
        ends = {"low": 0, "high": plain.high}
    return FactSpec(
        name=plain.name,
        type=plain.type,
        meaning=plain.meaning,
        unit=plain.unit,
        low=ends["low"],
        high=ends["high"],
        optional=plain.optional,
        span=plain.span,
    )
