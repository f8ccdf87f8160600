"""Plans: everything a product manager says of one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from plan_rules.catalog.allowance import (
    BY_THE_MINUTE,
    Allowance,
    AllowanceUnit,
    InsidePrice,
    Limit,
    LimitMetric,
    Limits,
    Remnant,
    Reset,
    Share,
    WhenUsedUp,
)
from plan_rules.catalog.plan import (
    Billing,
    Commitment,
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
from plan_rules.destinations.selector import parse_selector
from plan_rules.loading.rate_tables import build_entries
from plan_rules.loading.scalars import Reading, Where
from plan_rules.money import Rounding
from plan_rules.periods import Period

AMOUNTS = {
    "minutes": AllowanceUnit.SECONDS,
    "calls": AllowanceUnit.CALLS,
    "money": AllowanceUnit.MICROS,
}
SECONDS_PER_MINUTE = 60
NO_SELECTOR = (parse_selector("default"),)
"""Stands in for a list of selectors that are all at fault; the catalog is not built then."""


def build_plan(reading: Reading) -> Plan:
    """Return the plan of a document of the right shape."""
    row = reading.value
    for group in ("allowances", "restrictions", "surcharges", "volumes"):
        _unique(reading, row.get(group, []), group)
    return Plan(
        id=row["plan"],
        name=row["name"],
        kind=PlanKind(row["kind"]),
        summary=row["summary"],
        fee=reading.dated_micros(row["fee"], ("fee",)),
        sold=reading.period(row["sold"], ("sold",)) if "sold" in row else Period(),
        one_time=tuple(
            (name, reading.micros(each, ("one-time", name)))
            for name, each in row.get("one-time", {}).items()
        ),
        intro=_intro(reading, row["intro"]) if "intro" in row else None,
        billing=_billing(reading, row.get("billing", {})),
        switching=Switching(**row.get("switching", {})),
        allowances=tuple(
            _allowance(reading, each, ("allowances", index))
            for index, each in enumerate(row.get("allowances", []))
        ),
        choose_from=reading.selectors(row.get("choose", []), ("choose",)),
        rates=row.get("rates", ""),
        overrides=build_entries(reading, row.get("overrides", {}), ("overrides",)),
        coverage=reading.selectors(row["coverage"], ("coverage",)) if "coverage" in row else None,
        restrictions=tuple(
            _restriction(reading, each, ("restrictions", index))
            for index, each in enumerate(row.get("restrictions", []))
        ),
        surcharges=tuple(
            _surcharge(reading, each, ("surcharges", index))
            for index, each in enumerate(row.get("surcharges", []))
        ),
        volumes=tuple(
            _volume(reading, each, ("volumes", index))
            for index, each in enumerate(row.get("volumes", []))
        ),
        commitment=_commitment(reading, row["commitment"]) if "commitment" in row else None,
        rounding=reading.rounding(row["rounding"], ("rounding",))
        if "rounding" in row
        else Rounding(),
        span=reading.span("plan"),
    )


def _unique(reading: Reading, rows: list[dict[str, Any]], group: str) -> None:
    seen: dict[str, int] = {}
    for index, row in enumerate(rows):
        word = row["id"]
        if word in seen:
            message = f"two {group} are called `{word}`"
            reading.fault("duplicate-id", (group, index, "id"), message, "rename one of them")
        seen[word] = index


def _intro(reading: Reading, row: dict[str, Any]) -> Intro:
    return Intro(
        cycles=row["cycles"],
        fee=reading.micros(row["fee"], ("intro", "fee")),
        span=reading.span("intro"),
    )


def _billing(reading: Reading, row: dict[str, Any]) -> Billing:
    minimum = row.get("minimum-spend", 0)
    length = reading.cycle_length(row.get("cycle", "month"))
    calendar = row.get("calendar", False)
    if calendar and length.unit != "month":
        message = f"a calendar cycle is counted in months, not in {length.unit}s"
        reading.fault("calendar-cycle", ("billing", "calendar"), message, "take `calendar` out")
    return Billing(
        length=length,
        fee_in_advance=row.get("fee", "in-advance") == "in-advance",
        usage_in_advance=row.get("usage", "in-arrears") == "in-advance",
        minimum_spend=reading.dated_micros(minimum, ("billing", "minimum-spend")),
        calendar=calendar,
    )


def _allowance(reading: Reading, row: dict[str, Any], path: Where) -> Allowance:
    named = [key for key in AMOUNTS if key in row]
    if len(named) != 1:
        given = " and ".join(f"`{key}`" for key in named) or "none of them"
        message = f"allowance `{row['id']}` names {given}"
        reading.fault("one-amount", path, message, "name exactly one of minutes, calls and money")
    key = named[0] if named else "minutes"
    unit = AMOUNTS[key]
    if unit is AllowanceUnit.MICROS:
        for word in ("limits", "prices", "remnant", "increment"):
            if word in row:
                message = f"`{word}` means nothing for an allowance of money"
                reading.fault("not-for-money", (*path, word), message, "take it out", at_key=True)
        if row.get("when-used-up") == "block":
            message = "an allowance of money cannot block"
            reading.fault("not-for-money", (*path, "when-used-up"), message, "write charge")
    return Allowance(
        id=row["id"],
        unit=unit,
        amount=_amount(reading, row.get(key, 0), unit, (*path, key)),
        to=reading.selectors(row["to"], (*path, "to")) or NO_SELECTOR,
        without=reading.selectors(row.get("without", []), (*path, "without")),
        priority=row.get("priority", 100),
        increment=reading.increment(row["increment"]) if "increment" in row else BY_THE_MINUTE,
        remnant=Remnant(row.get("remnant", "usable")),
        when_used_up=WhenUsedUp(row.get("when-used-up", "charge")),
        share=Share(row.get("share", "all")),
        prices=_inside_prices(reading, row.get("prices", {}), (*path, "prices")),
        limits=_limits(reading, row.get("limits", {}), (*path, "limits")),
        span=reading.span(*path, "id"),
    )


def _amount(
    reading: Reading, value: int | Decimal | str, unit: AllowanceUnit, path: Where
) -> int | None:
    if isinstance(value, str):
        return None
    match unit:
        case AllowanceUnit.SECONDS:
            return int(value) * SECONDS_PER_MINUTE
        case AllowanceUnit.CALLS:
            return int(value)
        case AllowanceUnit.MICROS:
            return reading.micros(value, path)


def _inside_prices(
    reading: Reading, rows: dict[str, int | Decimal], path: Where
) -> tuple[InsidePrice, ...]:
    found = []
    for key, value in rows.items():
        selector = reading.selector(key, (*path, key), at_key=True)
        if selector is not None:
            price = reading.micros(value, (*path, key))
            span = reading.document.key_span((*path, key))
            found.append(InsidePrice(selector=selector, price=price, span=span))
    return tuple(found)


def _limits(reading: Reading, row: dict[str, Any], path: Where) -> Limits:
    for word, rows in row.items():
        found = []
        for index, each in enumerate(rows):
            ((name, amount),) = each.items()
            metric, _, per = name.rpartition("-per-")
            kind = LimitMetric(metric)
            factor = SECONDS_PER_MINUTE if kind is LimitMetric.SECONDS else 1
            span = reading.span(*path, word, index)
            found.append(Limit(metric=kind, per=Reset(per), amount=amount * factor, span=span))
        return Limits(limits=tuple(found), needs_all=word == "all")
    return Limits(limits=())


def _restriction(reading: Reading, row: dict[str, Any], path: Where) -> Restriction:
    named = [kind for kind in RestrictionKind if kind.value in row]
    if len(named) != 1:
        message = f"restriction `{row['id']}` names {len(named)} of block, allow and advise"
        reading.fault("one-restriction", path, message, "name exactly one of block, allow, advise")
    kind = named[0] if named else RestrictionKind.ADVISE
    return Restriction(
        id=row["id"],
        kind=kind,
        to=reading.selectors(row.get(kind.value, []), (*path, kind.value)),
        reason=row["reason"],
        span=reading.span(*path, "id"),
    )


def _surcharge(reading: Reading, row: dict[str, Any], path: Where) -> Surcharge:
    if "per-minute" not in row and "per-call" not in row:
        message = f"surcharge `{row['id']}` charges nothing"
        reading.fault("empty-surcharge", path, message, "write `per-minute:` or `per-call:`")
    return Surcharge(
        id=row["id"],
        to=reading.selectors(row["to"], (*path, "to")),
        per_minute=reading.optional_micros(row, "per-minute", path) or 0,
        per_call=reading.optional_micros(row, "per-call", path) or 0,
        reason=row["reason"],
        span=reading.span(*path, "id"),
    )


def _volume(reading: Reading, row: dict[str, Any], path: Where) -> Volume:
    model = VolumeModel(row["model"])
    wanted = ("size", "price") if model is VolumeModel.PACKAGE else ("tiers",)
    for key in ("size", "price", "tiers"):
        if (key in row) != (key in wanted):
            fact = "needs" if key in wanted else "has no use for"
            message = f"volume `{row['id']}` of model {model} {fact} `{key}`"
            remedy = "write it" if key in wanted else "take it out"
            reading.fault("volume-model", path, message, remedy)
    tiers: list[VolumeTier] = []
    for index, each in enumerate(row.get("tiers", [])):
        here = (*path, "tiers", index)
        up_to, last = each.get("up-to"), index == len(row["tiers"]) - 1
        before = tiers[-1].up_to if tiers else 0
        if (up_to is None) != last or (
            up_to is not None and before is not None and up_to <= before
        ):
            message = "the tiers are not ascending with an open end"
            reading.fault(
                "tier-order", here, message, "give all but the last tier an ascending `up-to`"
            )
        tiers.append(
            VolumeTier(
                up_to=up_to,
                price=reading.micros(each["price"], (*here, "price")),
                flat=reading.optional_micros(each, "flat", here) or 0,
            )
        )
    return Volume(
        id=row["id"],
        to=reading.selectors(row["to"], (*path, "to")),
        model=model,
        unit=VolumeUnit(row.get("unit", "minutes")),
        free=row.get("free", 0),
        tiers=tuple(tiers),
        package_size=row.get("size", 0),
        package_price=reading.optional_micros(row, "price", path) or 0,
        span=reading.span(*path, "id"),
    )


def _commitment(reading: Reading, row: dict[str, Any]) -> Commitment:
    return Commitment(
        cycles=row["cycles"],
        early_termination=row.get("early-termination", "none"),
        span=reading.span("commitment"),
    )
