"""A customer, as far as pricing their calls needs to know them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType

from plan_rules.destinations.countries import GLOBAL, countries, country
from plan_rules.errors import InvalidValue, did_you_mean
from plan_rules.periods import time_zone

Fact = str | int | bool | Decimal | tuple[str, ...]
"""A value of one of the operator's own facts."""

KEYS = ("id", "home", "zone", "anchor", "plan", "since", "chosen-country", "facts")
"""What a customer file may say; the first four are needed."""

FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2199, 12, 31)
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Who calls: home country, time zone, billing anchor, and the plan they are on.

    `home` is an ISO country code, `zone` an IANA time zone, `anchor` the date billing cycles
    are cut from. `plan` is the id of the present plan or empty, `since` the day it began;
    `chosen_country` the country chosen where the plan asks for one. `facts` are the
    operator's own, and cannot be changed.

    Raises `InvalidValue` for an empty id, an unknown country or zone, a date before 1900 or
    after 2199, and a fact that is no text, whole or decimal number, true, false or tuple of
    texts.

    >>> ada = Customer(id="ada", home="US", zone="America/Chicago", anchor=date(2026, 1, 31))
    >>> ada.plan, dict(ada.facts)
    ('', {})
    """

    id: str
    home: str
    zone: str
    anchor: date
    plan: str = ""
    since: date | None = None
    chosen_country: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        """Refuse what no customer can be."""
        if not self.id:
            raise InvalidValue(name="id", value=self.id, expected="a text that is not empty")
        time_zone(self.zone)
        _known_country("home", self.home)
        if self.chosen_country:
            _known_country("chosen-country", self.chosen_country)
        _day("anchor", self.anchor)
        if self.since is not None:
            _day("since", self.since)
        facts = {name: _fact(name, value) for name, value in self.facts.items()}
        object.__setattr__(self, "facts", MappingProxyType(facts))

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle and copy by the values the customer is made from."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return _restored, ({**values, "facts": dict(self.facts)},)


def _restored(values: Mapping[str, object]) -> Customer:
    return Customer(**values)  # type: ignore[arg-type]


def customer_from_mapping(mapping: Mapping[str, object]) -> Customer:
    """Return the customer that a file describes.

    Keys: `id`, `home`, `zone`, `anchor` (all needed), `plan`, `since`, `chosen-country`,
    `facts`. Dates are dates or ISO texts; a list of texts may be a fact. A key may be null as
    if it were not there, save the needed ones.

    Raises `InvalidValue` naming the key and the remedy, also for a key that is none of these.
    """
    for key, value in mapping.items():
        if key not in KEYS:
            hint = did_you_mean(str(key), KEYS)
            expected = f"one of the keys {', '.join(KEYS)}" + (f"; {hint}" if hint else "")
            raise InvalidValue(name=str(key), value=value, expected=expected)
    since = mapping.get("since")
    return Customer(
        id=_text(mapping, "id"),
        home=_text(mapping, "home"),
        zone=_text(mapping, "zone"),
        anchor=_day("anchor", mapping.get("anchor")),
        plan=_text(mapping, "plan", needed=False),
        since=None if since is None else _day("since", since),
        chosen_country=_text(mapping, "chosen-country", needed=False),
        facts=_facts(mapping.get("facts")),
    )


def _text(mapping: Mapping[str, object], key: str, *, needed: bool = True) -> str:
    value = mapping.get(key)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or not value:
        raise InvalidValue(name=key, value=value, expected="a text that is not empty")
    return value


def _known_country(key: str, code: str) -> None:
    if code == GLOBAL or country(code) is None:
        hint = did_you_mean(code, countries()) or "such as US"
        raise InvalidValue(name=key, value=code, expected=f"an ISO country code; {hint}")


def _day(key: str, value: object) -> date:
    """Return a date near enough to now that there are days around it, whatever the cycle."""
    day = value
    if isinstance(value, str) and ISO_DATE.fullmatch(value):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            day = None
    if not isinstance(day, date) or isinstance(day, datetime) or not FIRST_DAY <= day <= LAST_DAY:
        raise InvalidValue(
            name=key, value=value, expected="a date from 1900 to 2199, such as 2026-01-31"
        )
    return day


def _facts(value: object) -> Mapping[str, Fact]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidValue(name="facts", value=value, expected="names with values")
    return {name: tuple(fact) if isinstance(fact, list) else fact for name, fact in value.items()}


def _fact(name: object, value: object) -> Fact:
    if not isinstance(name, str) or not name:
        raise InvalidValue(name="facts", value=name, expected="a text as the name of each fact")
    if isinstance(value, tuple) and all(isinstance(each, str) for each in value):
        return value
    if isinstance(value, Decimal) and not value.is_finite():
        raise InvalidValue(name=f"facts.{name}", value=value, expected="a finite number")
    if isinstance(value, str | int | Decimal):
        return value
    raise InvalidValue(
        name=f"facts.{name}",
        value=value,
        expected="a text, an exact number, true, false or a list of texts",
    )
