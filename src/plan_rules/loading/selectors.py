"""Selectors as authors write them, and what they may have meant where there is no such place."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from functools import lru_cache

from plan_rules.destinations.countries import countries, find_country
from plan_rules.destinations.line_type import LineType
from plan_rules.destinations.selector import Selector, parse_selector
from plan_rules.errors import InvalidValue, Severity, did_you_mean
from plan_rules.loading.page import Page
from plan_rules.loading.reader import Steps

parsed = lru_cache(maxsize=65_536)(parse_selector)

LINES = tuple(line.value for line in LineType)
LEAST_LETTERS = 4
"""A word shorter than this is too short to guess a misspelt country from."""

COUNTRY_CODES = "countries have two capital letters, by ISO 3166, as in `MX`"

NEAR = 0.8
"""How alike a word must be to a country's name to be taken for it; below, zones come first."""


def selector(page: Page, text: str, path: Steps, *, at_key: bool = False) -> Selector | None:
    """Return the selector written at `path`, or `None` with an issue.

    Countries are looked up here; whether a zone exists is asked when all files are read.
    """
    try:
        found = parsed(text)
    except InvalidValue:
        code, message, hint = misread(text)
        page.note(code, path, message, hint=hint, at_key=at_key)
        return None
    if found.country and found.country not in countries():
        hint = _country_hint(found.country, text.partition("/")[2]) or COUNTRY_CODES
        page.note("unknown-country", path, f"unknown country `{text}`", hint=hint, at_key=at_key)
        return None
    return found


def selectors(page: Page, texts: Sequence[str], path: Steps) -> tuple[Selector, ...]:
    """Return the selectors listed at `path`; those at fault are noted and left out.

    A selector listed twice is noted as a warning.
    """
    found: list[Selector] = []
    for index, text in enumerate(texts):
        each = selector(page, text, (*path, index))
        if each is None:
            continue
        if each in found:
            message, hint = f"`{text}` is listed twice", "take one of them out"
            severity = Severity.WARNING
            page.note("listed-twice", (*path, index), message, hint=hint, severity=severity)
        found.append(each)
    return tuple(found)


def misread(text: str) -> tuple[str, str, str]:
    """Return code, message and hint for a text that is no selector of any form."""
    head, _, tail = text.partition("/")
    if tail and tail not in LINES:
        hint = did_you_mean(tail, LINES).replace("`", f"`{head}/", 1)
        listed = "line types are " + ", ".join(LINES)
        return "unknown-selector", f"`{text}` names no known line type", hint or listed
    hint = _country_hint(head, tail)
    if hint:
        return "unknown-country", f"unknown country `{text}`", hint
    digits = text.replace(" ", "").replace("-", "").lstrip("+0")
    if digits.isascii() and digits.isdigit():
        hint = f"write the prefix with its country code and nothing else: `+{digits}`"
        return "unknown-selector", f"`{text}` is no prefix", hint
    hint = (
        "write a prefix (+5255), a country (MX), a country and line (MX/mobile), a zone "
        "(europe), a line (satellite), default, or chosen"
    )
    return "unknown-selector", f"`{text}` names no destination", hint


def zone_or_country_hint(found: Selector, zones: list[str]) -> tuple[bool, str]:
    """Return whether an unknown zone looks like a country, and the hint that goes with it."""
    tail = found.line.value if found.line else ""
    if found.zone.isdigit():
        return False, f"a prefix begins with a plus sign: `+{found.zone}`"
    hint = did_you_mean(found.zone, zones)
    meant = find_country(found.zone)
    if meant is not None:
        return True, f"did you mean `{_with_line(meant.code, tail)}` ({meant.name})?"
    if hint:
        return False, hint
    hint = _country_hint(found.zone, tail)
    return (True, hint) if hint else (False, "")


def _country_hint(head: str, tail: str) -> str:
    """Return a hint naming the country that `head` may mean, by code, name or near miss."""
    meant = find_country(head)
    if meant is None and len(head) >= LEAST_LETTERS and head.isascii():
        words = head.replace("-", " ").replace("_", " ")
        names = {each.name.lower(): each.name for each in countries().values()}
        close = get_close_matches(words.lower(), names, n=1, cutoff=NEAR)
        meant = find_country(names[close[0]]) if close else None
    if meant is None:
        return ""
    return f"did you mean `{_with_line(meant.code, tail)}` ({meant.name})?"


def _with_line(code: str, tail: str) -> str:
    return f"{code}/{tail}" if tail else code
