"""Values that facts are compared with, as codes: numbers, amounts, dates, words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from plan_rules.catalog.vocabulary import FactName
from plan_rules.destinations.countries import find_country
from plan_rules.errors import did_you_mean
from plan_rules.loading.page import Page
from plan_rules.loading.reader import Steps
from plan_rules.loading.scalars import day, micros
from plan_rules.loading.wording import shown
from plan_rules.rules.fact import ISO_DATE, LARGEST, TAGS, FactSpec, FactType

OF_COUNTRIES = frozenset({FactName.HOME.value, FactName.TOP_COUNTRY.value})
FEW = 12
"""Words that are listed in a hint at most."""

HUNDRED = 100


def operand(page: Page, spec: FactSpec, value: Any, path: Steps) -> int | None:
    """Return the code of a value, or `None` with an issue.

    Of a set it is the place of one word.
    """
    if spec.values:
        return _word(page, spec, value, path)
    code = number(page, spec, value, path)
    if code is None or spec.low <= code <= spec.high:
        return code
    unit = f" {spec.unit}" if spec.unit else ""
    hint = f"it lies from {spec.words(spec.low)} to {spec.words(spec.high)}{unit}"
    if spec.high == LARGEST:
        hint = f"it is {spec.words(spec.low)} or more{unit}"
    page.note("out-of-range", path, f"`{spec.name}` is never {shown(value)}", hint=hint)
    return None


def number(page: Page, spec: FactSpec, value: Any, path: Steps) -> int | None:
    """Return the code of what is no word, whatever its range, or `None` with an issue."""
    match spec.type, value:
        case FactType.BOOLEAN, bool():
            return int(value)
        case FactType.INTEGER, int() if not isinstance(value, bool):
            return value
        case FactType.MONEY, int() | Decimal() if not isinstance(value, bool):
            return micros(page, value, path)
        case FactType.DATE, str() if ISO_DATE.fullmatch(value):
            return day(page, value, path).toordinal()
        case _:
            message = f"`{spec.name}` cannot be {shown(value)}; expected {_expected(spec)}"
            page.note("wrong-type", path, message, hint=_number_hint(spec, value))
            return None


def _expected(spec: FactSpec) -> str:
    match spec.type:
        case FactType.BOOLEAN:
            return "true or false"
        case FactType.INTEGER:
            return f"a whole number of {spec.unit}" if spec.unit else "a whole number"
        case FactType.MONEY:
            return "an amount in the catalog's currency"
        case FactType.DATE:
            return "a date such as 2026-01-31"
        case FactType.ENUM | FactType.SET:
            return "a word"


def _number_hint(spec: FactSpec, value: Any) -> str:
    numeric = spec.type in {FactType.INTEGER, FactType.MONEY}
    if numeric and isinstance(value, str):
        head = value.strip("$€£% ").partition(" ")[0].replace(",", ".")
        if head.replace(".", "", 1).isdigit():
            return f"write the number alone: `{head}`"
    if spec.unit == "percent" and isinstance(value, Decimal) and 0 < value < 1:
        return f"write percent, from 0 to 100: `{int(value * HUNDRED)}`"
    return ""


def _word(page: Page, spec: FactSpec, value: Any, path: Steps) -> int | None:
    if isinstance(value, str) and value in spec.values:
        return spec.values.index(value)
    if spec.name == TAGS:
        hint = did_you_mean(str(value), spec.values) or _listed("tags that rules set", spec)
        page.note("unknown-tag", path, f"no rule sets the tag `{value}`", hint=hint)
        return None
    if not isinstance(value, str):
        message = f"`{spec.name}` cannot be {shown(value)}; expected a word"
        page.note("wrong-type", path, message, hint=_hint(spec, str(value)))
        return None
    message = f"`{value}` is no value of `{spec.name}`"
    page.note("unknown-value", path, message, hint=_hint(spec, value))
    return None


def _hint(spec: FactSpec, text: str) -> str:
    if spec.name in OF_COUNTRIES:
        country = find_country(text)
        known = country is not None and country.code in spec.values
        if country is not None and known:
            return f"did you mean `{country.code}` ({country.name})?"
        return "write the two-letter ISO code of a country"
    return did_you_mean(text, spec.values) or _listed("known values", spec)


def _listed(what: str, spec: FactSpec) -> str:
    return f"{what}: {', '.join(spec.values)}" if len(spec.values) <= FEW else ""
