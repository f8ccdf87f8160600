"""Plan files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Any

from plan_rules.catalog.dated import Dated
from plan_rules.catalog.plan import (
    AllowanceMode,
    Billing,
    Intro,
    Plan,
    PlanKind,
    Restriction,
    RestrictionKind,
    Surcharge,
    Switching,
    Volume,
    VolumeModel,
    VolumeTier,
    VolumeUnit,
)
from plan_rules.errors import Severity
from plan_rules.loading.allowances import build_allowance
from plan_rules.loading.commitments import build_commitment
from plan_rules.loading.page import Page
from plan_rules.loading.rates import build_entries
from plan_rules.loading.reader import Steps
from plan_rules.loading.scalars import cycle_length, dated, micros, period, rounding
from plan_rules.loading.selectors import selectors
from plan_rules.money import RoundingMode
from plan_rules.periods import CycleUnit, Period

NAMED = ("allowances", "restrictions", "surcharges", "volumes")
"""Lists of a plan whose entries have ids."""


def build_plan(page: Page) -> Plan:
    """Return the plan of a file. What it names in other files is asked when all are read."""
    value = page.value
    for key in NAMED:
        _note_duplicates(page, value.get(key, []), (key,))
    fee = dated(page, value["fee"], ("fee",), micros)
    sold = period(page, value["sold"], ("sold",)) if "sold" in value else Period()
    _note_late_fee(page, fee, sold.start)
    billing = _billing(page, value.get("billing", {}))
    return Plan(
        id=value["plan"],
        name=value["name"],
        kind=PlanKind(value["kind"]),
        summary=value.get("summary", ""),
        fee=fee,
        sold=sold,
        one_time=tuple(
            (name, micros(page, amount, ("one-time", name)))
            for name, amount in value.get("one-time", {}).items()
        ),
        intro=_intro(page, value["intro"], fee) if "intro" in value else None,
        billing=billing,
        switching=_switching(value.get("switching", {})),
        allowances=tuple(
            build_allowance(page, each, ("allowances", index))
            for index, each in enumerate(value.get("allowances", []))
        ),
        choose_from=selectors(page, value.get("choose", []), ("choose",)),
        rates=value.get("rates", ""),
        overrides=build_entries(page, value.get("overrides", {}), ("overrides",)),
        coverage=selectors(page, value["coverage"], ("coverage",)) if "coverage" in value else None,
        restrictions=tuple(
            _restriction(page, each, ("restrictions", index))
            for index, each in enumerate(value.get("restrictions", []))
        ),
        surcharges=tuple(
            _surcharge(page, each, ("surcharges", index))
            for index, each in enumerate(value.get("surcharges", []))
        ),
        volumes=tuple(
            _volume(page, each, ("volumes", index))
            for index, each in enumerate(value.get("volumes", []))
        ),
        commitment=build_commitment(page, value["commitment"], billing.length)
        if "commitment" in value
        else None,
        rounding=rounding(page, value.get("rounding", {}), ("rounding",), usual=1),
        labels=_labels(page, value.get("labels", [])),
        span=page.span(("plan",)),
        fee_span=page.key_span(("fee",)),
    )


def _note_duplicates(page: Page, rows: list[Mapping[str, Any]], path: Steps) -> None:
    seen: dict[str, int] = {}
    for index, row in enumerate(rows):
        first = seen.setdefault(row["id"], index)
        if first != index:
            line = page.span((*path, first, "id")).line
            message = f"two {path[0]} have the id `{row['id']}`"
            hint = f"the other is on line {line}; rename one of them"
            page.note("duplicate-id", (*path, index, "id"), message, hint=hint)


def _labels(page: Page, words: list[str]) -> tuple[str, ...]:
    for index, word in enumerate(words):
        if word in words[:index]:
            message, hint = f"`{word}` is listed twice", "take one of them out"
            severity = Severity.WARNING
            page.note("listed-twice", ("labels", index), message, hint=hint, severity=severity)
    return tuple(dict.fromkeys(words))


def _note_late_fee(page: Page, fee: Dated[int], start: date | None) -> None:
    first = fee.entries[0][0]
    if start is not None and first is not None and first > start:
        message = f"the plan is sold from `{start}`, but its first fee is in force from `{first}`"
        page.note("late-fee", ("fee",), message, hint=f"add a fee from {start}", at_key=True)


def _intro(page: Page, value: Mapping[str, Any], fee: Dated[int]) -> Intro:
    amount = micros(page, value["fee"], ("intro", "fee"))
    if amount > min(fee.values):
        message = f"the intro fee `{value['fee']}` is above the plan's fee"
        hint = "check which of the two is meant"
        severity = Severity.WARNING
        page.note("intro-above-fee", ("intro", "fee"), message, hint=hint, severity=severity)
    return Intro(cycles=value["cycles"], fee=amount, span=page.key_span(("intro",)))


def _billing(page: Page, value: Mapping[str, Any]) -> Billing:
    length = cycle_length(value.get("cycle", "month"))
    calendar = value.get("calendar", False)
    if calendar and length.unit is not CycleUnit.MONTH:
        message = f"cycles of `{value['cycle']}` cannot begin on the first of the month"
        hint = "write a cycle in months, or leave `calendar` out"
        page.note("conflicting-keys", ("billing", "calendar"), message, hint=hint, at_key=True)
    return Billing(
        length=length,
        fee_in_advance=value.get("fee", "in-advance") == "in-advance",
        usage_in_advance=value.get("usage", "in-arrears") == "in-advance",
        minimum_spend=dated(
            page, value.get("minimum-spend", 0), ("billing", "minimum-spend"), micros
        ),
        calendar=calendar,
    )


def _switching(value: Mapping[str, Any]) -> Switching:
    return Switching(
        proration=value.get("proration", "calendar-day"),
        allowance=AllowanceMode(value.get("allowance", "prorated")),
        allowance_rounding=RoundingMode(value.get("allowance-rounding", "down")),
        upgrade=value.get("upgrade", "immediately"),
        downgrade=value.get("downgrade", "cycle-end"),
    )


def _restriction(page: Page, value: Mapping[str, Any], path: Steps) -> Restriction:
    given = [kind for kind in RestrictionKind if kind.value in value]
    if not given:
        message = f"restriction `{value['id']}` names no destinations"
        page.note("missing-key", path, message, hint="add `block`, `allow` or `advise`")
    if len(given) > 1:
        listed = " and ".join(f"`{kind.value}`" for kind in given)
        message = f"restriction `{value['id']}` says {listed}"
        hint = "keep one of them; write a restriction for each"
        page.note("conflicting-keys", (*path, given[1].value), message, hint=hint, at_key=True)
    kind = given[0] if given else RestrictionKind.ADVISE
    return Restriction(
        id=value["id"],
        kind=kind,
        to=selectors(page, value.get(kind.value, []), (*path, kind.value)),
        reason=value["reason"],
        span=page.span(path),
    )


def _surcharge(page: Page, value: Mapping[str, Any], path: Steps) -> Surcharge:
    if "per-minute" not in value and "per-call" not in value:
        message = f"surcharge `{value['id']}` says no amount"
        page.note("missing-key", path, message, hint="add `per-minute` or `per-call`")
    return Surcharge(
        id=value["id"],
        to=selectors(page, value["to"], (*path, "to")),
        per_minute=micros(page, value.get("per-minute", 0), (*path, "per-minute")),
        per_call=micros(page, value.get("per-call", 0), (*path, "per-call")),
        reason=value.get("reason", ""),
        span=page.span(path),
    )


def _volume(page: Page, value: Mapping[str, Any], path: Steps) -> Volume:
    model = VolumeModel(value["model"])
    other = "tiers" if model is VolumeModel.PACKAGE else "package"
    if other in value:
        message = f"`{other}` means nothing for the model `{model.value}`"
        page.note("pointless-key", (*path, other), message, hint="take it out", at_key=True)
    package = value.get("package", {"size": 0, "price": 0})
    return Volume(
        id=value["id"],
        to=selectors(page, value["to"], (*path, "to")),
        model=model,
        unit=VolumeUnit(value.get("unit", "minutes")),
        free=value.get("free", 0),
        tiers=_tiers(page, value.get("tiers", []), (*path, "tiers")),
        package_size=package["size"],
        package_price=micros(page, package["price"], (*path, "package", "price")),
        span=page.span(path),
    )


STAND_IN_TIERS = (VolumeTier(up_to=None, price=0),)
"""Takes the place of tiers that are at fault; a file with errors yields no plan."""


def _tiers(page: Page, values: list[Mapping[str, Any]], path: Steps) -> tuple[VolumeTier, ...]:
    tiers = [
        VolumeTier(
            up_to=each.get("up-to"),
            price=micros(page, each["price"], (*path, index, "price")),
            flat=micros(page, each.get("flat", 0), (*path, index, "flat")),
        )
        for index, each in enumerate(values)
    ]
    faulty = False
    for index, (first, later) in enumerate(pairwise(tiers), start=1):
        if first.up_to is None or (later.up_to is not None and later.up_to <= first.up_to):
            faulty = True
            message = "the tier does not end above the one before it"
            hint = "list tiers by ascending `up-to`; only the last has none"
            page.note("unordered-tiers", (*path, index), message, hint=hint)
    if tiers and tiers[-1].up_to is not None:
        faulty = True
        message = f"units above {tiers[-1].up_to} have no tier"
        hint = "leave `up-to` out of the last tier"
        page.note("unordered-tiers", (*path, len(tiers) - 1, "up-to"), message, hint=hint)
    return STAND_IN_TIERS if faulty else tuple(tiers)
