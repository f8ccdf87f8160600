"""The root file, `catalog.yaml`: currency, clock, uncertain numbers, tax, numbering."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from plan_rules.catalog.catalog import EitherPolicy, Tax
from plan_rules.destinations.line_type import LineType
from plan_rules.destinations.plan import Destination
from plan_rules.errors import InvalidValue, Span, did_you_mean
from plan_rules.loading.page import Page
from plan_rules.loading.scalars import rounding, share
from plan_rules.loading.selectors import selector
from plan_rules.money import MICROS
from plan_rules.periods import time_zone

CENT = MICROS // 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """What the root file says of the whole catalog."""

    id: str
    currency: str
    zone: str
    either: EitherPolicy
    tax: Tax | None
    numbering: Mapping[str, Destination]
    span: Span


def build_root(page: Page) -> Root:
    """Return what the root file says."""
    value = page.value
    try:
        time_zone(value["zone"])
    except InvalidValue:
        hint = _zone_hint(value["zone"])
        page.note("bad-zone", ("zone",), f"unknown time zone `{value['zone']}`", hint=hint)
    return Root(
        id=value["catalog"],
        currency=value["currency"],
        zone=value["zone"],
        either=EitherPolicy(value.get("either", "dearer")),
        tax=_tax(page, value["tax"]) if "tax" in value else None,
        numbering=_numbering(page, value.get("numbering", {})),
        span=page.span(("catalog",)),
    )


def _zone_hint(text: str) -> str:
    from zoneinfo import available_timezones  # noqa: PLC0415  slow, and only for a hint

    hint = did_you_mean(text, available_timezones())
    return hint or "write an IANA time zone, as in `America/New_York`"


def _tax(page: Page, value: Mapping[str, Any]) -> Tax:
    return Tax(
        usage=share(value.get("usage", 0)),
        fee=share(value.get("fee", 0)),
        included=value.get("prices") == "including",
        rounding=rounding(page, value.get("rounding", {}), ("tax", "rounding"), usual=CENT),
        name=value.get("name", "tax"),
        span=page.key_span(("tax",)),
    )


def _numbering(page: Page, value: Mapping[str, str]) -> dict[str, Destination]:
    found: dict[str, Destination] = {}
    for prefix, text in value.items():
        where = selector(page, text, ("numbering", prefix))
        if where is not None:
            line = where.line or LineType.EITHER
            found[prefix.removeprefix("+")] = Destination(where.country, line)
    return found
