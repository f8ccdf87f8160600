"""The catalog's root, zones and time bands: the small documents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any

from plan_rules.catalog.catalog import EitherPolicy, Tax
from plan_rules.catalog.dated import Dated
from plan_rules.catalog.zone import Zone, ZoneMembers
from plan_rules.destinations.line_type import LineType
from plan_rules.destinations.plan import Destination
from plan_rules.errors import InvalidValue, Span
from plan_rules.loading.scalars import Reading, Where
from plan_rules.money import MICROS, Rounding
from plan_rules.periods import (
    ALL_WEEKDAYS,
    DAY_SECONDS,
    BandSet,
    Period,
    TimeBand,
    parse_clock,
    time_zone,
)

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAYS = {name: day for day, name in enumerate(DAY_NAMES, start=1)}
PERCENT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """What `catalog.yaml` says for all files."""

    id: str
    currency: str
    zone: str
    either: EitherPolicy
    tax: Tax | None
    numbering: dict[str, Destination]
    span: Span


def build_root(reading: Reading) -> Root:
    """Return what holds for the whole catalog."""
    row = reading.value
    try:
        time_zone(row["zone"])
    except InvalidValue as error:
        message = f"unknown time zone `{row['zone']}`"
        reading.fault("unknown-time-zone", ("zone",), message, f"write {error.expected}")
    return Root(
        id=row["catalog"],
        currency=row["currency"],
        zone=row["zone"],
        either=EitherPolicy(row.get("either", "dearer")),
        tax=_tax(reading, row["tax"]) if "tax" in row else None,
        numbering=_numbering(reading, row.get("numbering", {})),
        span=reading.span("catalog"),
    )


def _tax(reading: Reading, row: dict[str, Any]) -> Tax:
    rounding = Rounding(step_micros=MICROS // 100)
    if "rounding" in row:
        rounding = reading.rounding(row["rounding"], ("tax", "rounding"))
    return Tax(
        usage=Fraction(row.get("usage", 0)) / PERCENT,
        fee=Fraction(row.get("fee", 0)) / PERCENT,
        included=row["prices"] == "including",
        rounding=rounding,
        name=row.get("name", "tax"),
        span=reading.span("tax"),
    )


def _numbering(reading: Reading, rows: dict[str, str]) -> dict[str, Destination]:
    found = {}
    for prefix, text in rows.items():
        selector = reading.selector(text, ("numbering", prefix))
        if selector is not None and selector.line is not None:
            found[prefix.removeprefix("+")] = Destination(selector.country, LineType(selector.line))
    return found


def build_zone(reading: Reading) -> Zone:
    """Return the zone of a document."""
    row = reading.value
    without = reading.selectors(row.get("without", []), ("without",))

    def members(value: Any, path: Where) -> ZoneMembers:
        return ZoneMembers(members=reading.selectors(value, path), without=without)

    is_dated = isinstance(row["members"], dict)
    found = reading.dated(row["members"], ("members",), members, is_dated=is_dated)
    return Zone(
        id=row["zone"],
        name=row["name"],
        members=found or Dated.always(ZoneMembers(members=())),
        span=reading.span("zone"),
    )


def build_bands(reading: Reading) -> BandSet:
    """Return the time bands of a document."""
    row = reading.value
    found: list[TimeBand] = []
    for index, band in enumerate(row["list"]):
        path: Where = ("list", index)
        if any(each.id == band["id"] for each in found):
            message = f"two bands are called `{band['id']}`"
            reading.fault("duplicate-id", (*path, "id"), message, "rename one of them")
        start = parse_clock(band.get("start", "00:00")) % DAY_SECONDS
        end = parse_clock(band.get("end", "24:00")) or DAY_SECONDS
        if start == end:
            message = "the band starts and ends at the same time"
            reading.fault("empty-band", (*path, "end"), message, "leave both out for a whole day")
            continue
        dates = [
            _dates(reading, each, (*path, "dates", at))
            for at, each in enumerate(band.get("dates", []))
        ]
        found.append(
            TimeBand(
                id=band["id"],
                weekdays=frozenset(WEEKDAYS[each] for each in band.get("weekdays", []))
                or ALL_WEEKDAYS,
                start=start,
                end=end,
                dates=tuple(each for each in dates if each is not None),
                precedence=band.get("precedence", 0),
                span=reading.span(*path),
            )
        )
    return BandSet(id=row["bands"], bands=tuple(found), span=reading.span("bands"))


def _dates(reading: Reading, value: Any, path: Where) -> Period | None:
    if isinstance(value, dict):
        return reading.period(value, path)
    day = reading.day(value, path)
    return None if day is None else Period(start=day, end=day + timedelta(days=1))
