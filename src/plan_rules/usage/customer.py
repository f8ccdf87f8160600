"""A customer, as far as pricing their calls needs to know them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from plan_rules.destinations.countries import countries, country
from plan_rules.errors import InvalidValue, did_you_mean
from plan_rules.periods import time_zone

Fact = str | int | bool | Decimal | tuple[str, ...]
"""A value of one of the operator's own facts."""

KEYS = ("id", "home", "zone", "anchor", "plan", "since", "chosen-country", "facts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Who calls: home country, time zone, billing anchor, and the plan they are on.

    `home` is an ISO country code, `zone` an IANA time zone, `anchor` the date billing cycles
    are cut from. `plan` is the id of the present plan or empty, `since` the day it began;
    `chosen_country` the country chosen where the plan asks for one. `facts` are the
    operator's own.
    """

    id: str
    home: str
    zone: str
    anchor: date
    plan: str = ""
    since: date | None = None
    chosen_country: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse an unknown country or zone."""
        time_zone(self.zone)
        for name, code in (("home", self.home), ("chosen-country", self.chosen_country)):
            if (code or name == "home") and country(code) is None:
                hint = did_you_mean(code, countries()) or "such as US"
                raise InvalidValue(name=name, value=code, expected=f"an ISO country code; {hint}")
        object.__setattr__(self, "facts", MappingProxyType(dict(self.facts)))


def customer_from_mapping(row: Mapping[str, object]) -> Customer:
    """Return the customer that a file describes.

    Keys: `id`, `home`, `zone`, `anchor` (all needed), `plan`, `since`, `chosen-country`,
    `facts`. Dates are ISO texts. Raises `InvalidValue` naming the key and the remedy.
    """
    for key in row:
        if key not in KEYS:
            raise InvalidValue(
                name=str(key),
                value=row[key],
                expected=did_you_mean(str(key), KEYS) or f"one of {', '.join(KEYS)}",
            )
    since = row.get("since")
    return Customer(
        id=_text(row, "id"),
        home=_text(row, "home"),
        zone=_text(row, "zone"),
        anchor=_date(row, "anchor"),
        plan=_text(row, "plan", needed=False),
        since=None if since is None else _date(row, "since"),
        chosen_country=_text(row, "chosen-country", needed=False),
        facts=_facts(row.get("facts")),
    )


def _text(row: Mapping[str, object], key: str, *, needed: bool = True) -> str:
    value = row.get(key)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or not value:
        raise InvalidValue(name=key, value=value, expected="a text")
    return value


def _date(row: Mapping[str, object], key: str) -> date:
    value = row.get(key)
    try:
        return date.fromisoformat(value) if isinstance(value, str) else _no_date()
    except ValueError:
        raise InvalidValue(name=key, value=value, expected="a date such as 2026-01-31") from None


def _no_date() -> date:
    raise ValueError


def _facts(value: object) -> Mapping[str, Fact]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidValue(name="facts", value=value, expected="names with values")
    found: dict[str, Fact] = {}
    for name, fact in value.items():
        if isinstance(fact, list) and all(isinstance(each, str) for each in fact):
            found[str(name)] = tuple(fact)
        elif isinstance(fact, str | int | Decimal):
            found[str(name)] = fact
        else:
            raise InvalidValue(
                name=f"facts.{name}",
                value=fact,
                expected="a text, number, true, false or list of texts",
            )
    return found
