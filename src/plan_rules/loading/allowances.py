"""The allowances of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plan_rules.catalog.allowance import (
    Allowance,
    AllowanceUnit,
    Hours,
    InsidePrice,
    Limit,
    LimitMetric,
    Limits,
    Remnant,
    Reset,
    Share,
    WhenUsedUp,
)
from plan_rules.catalog.rate import Increment
from plan_rules.destinations.selector import Selector, SelectorKind
from plan_rules.loading.page import Page
from plan_rules.loading.reader import Steps
from plan_rules.loading.scalars import increment, micros
from plan_rules.loading.selectors import selector, selectors

UNITS = {
    "minutes": AllowanceUnit.SECONDS,
    "calls": AllowanceUnit.CALLS,
    "money": AllowanceUnit.MICROS,
}
SECONDS_PER_MINUTE = 60
USUAL_INCREMENT = Increment(60, 60)
USUAL_PRIORITY = 100
STAND_IN = (Selector(kind=SelectorKind.DEFAULT),)

POINTLESS = {
    AllowanceUnit.MICROS: ("increment", "remnant", "prices", "limits"),
    AllowanceUnit.CALLS: ("increment", "remnant"),
}
"""Keys that say nothing about an allowance of that unit."""


def build_allowance(page: Page, value: Mapping[str, Any], path: Steps) -> Allowance:
    """Return the allowance written at `path`."""
    unit, amount = _amount(page, value, path)
    _note_pointless(page, value, path, unit)
    has_increment = "increment" in value
    return Allowance(
        id=value["id"],
        unit=unit,
        amount=amount,
        to=selectors(page, value["to"], (*path, "to")) or STAND_IN,
        without=selectors(page, value.get("without", []), (*path, "without")),
        priority=value.get("priority", USUAL_PRIORITY),
        increment=increment(page, value["increment"], (*path, "increment"))
        if has_increment
        else USUAL_INCREMENT,
        remnant=Remnant(value.get("remnant", "usable")),
        when_used_up=WhenUsedUp(value.get("when-used-up", "charge")),
        share=Share(value.get("share", "all")),
        prices=_prices(page, value.get("prices", {}), (*path, "prices")),
        limits=_limits(page, value.get("limits", {}), (*path, "limits")),
        hours=_hours(page, value["hours"], (*path, "hours")) if "hours" in value else None,
        span=page.span(path),
    )


def _amount(page: Page, value: Mapping[str, Any], path: Steps) -> tuple[AllowanceUnit, int | None]:
    given = [key for key in UNITS if key in value]
    if not given:
        message = f"allowance `{value['id']}` says no amount"
        page.note("missing-key", path, message, hint="add `minutes`, `calls` or `money`")
        return AllowanceUnit.SECONDS, 0
    if len(given) > 1:
        listed = " and ".join(f"`{key}`" for key in given)
        message = f"allowance `{value['id']}` says {listed}"
        hint = "keep one of them; write an allowance for each"
        page.note("conflicting-keys", (*path, given[1]), message, hint=hint, at_key=True)
    key = given[0]
    amount, unit = value[key], UNITS[key]
    if unit is AllowanceUnit.MICROS:
        return unit, max(0, micros(page, amount, (*path, key)))  # below 0 is told already
    if isinstance(amount, str):
        return unit, None
    return unit, amount * (SECONDS_PER_MINUTE if unit is AllowanceUnit.SECONDS else 1)


def _note_pointless(page: Page, value: Mapping[str, Any], path: Steps, unit: AllowanceUnit) -> None:
    word = {"calls": "calls", "micros": "money"}.get(unit.value, "")
    for key in POINTLESS.get(unit, ()):
        if key in value:
            message = f"`{key}` means nothing for an allowance of {word}"
            page.note("pointless-key", (*path, key), message, hint="take it out", at_key=True)
    if unit is AllowanceUnit.MICROS and value.get("when-used-up") == "block":
        message = "an allowance of money cannot block: charges are known only after a call"
        page.note("pointless-key", (*path, "when-used-up"), message, hint="take it out")


def _prices(page: Page, value: Mapping[str, Any], path: Steps) -> tuple[InsidePrice, ...]:
    found: list[InsidePrice] = []
    for text, price in value.items():
        here = (*path, text)
        where = selector(page, text, here, at_key=True)
        if where is not None:
            amount = micros(page, price, here)
            found.append(InsidePrice(selector=where, price=amount, span=page.key_span(here)))
    return tuple(found)


def _hours(page: Page, value: Mapping[str, Any], path: Steps) -> Hours:
    return Hours(bands=value["bands"], within=tuple(value["within"]), span=page.key_span(path))


def _limits(page: Page, value: Mapping[str, Any], path: Steps) -> Limits:
    for word, rows in value.items():
        found = (_limit(page, each, (*path, word, index)) for index, each in enumerate(rows))
        return Limits(
            limits=tuple(each for each in found if each is not None), needs_all=word == "all"
        )
    return Limits(limits=())


def _limit(page: Page, value: Mapping[str, int], path: Steps) -> Limit | None:
    """Return a limit; none for a key that the schema does not know, which is told already."""
    ((key, amount),) = value.items()
    word, _, reset = key.rpartition("-per-")
    if word not in set(LimitMetric) or reset not in set(Reset):
        return None
    metric = LimitMetric(word)
    seconds = SECONDS_PER_MINUTE if metric is LimitMetric.SECONDS else 1
    return Limit(metric=metric, per=Reset(reset), amount=amount * seconds, span=page.span(path))
