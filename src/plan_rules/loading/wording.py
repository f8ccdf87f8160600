"""Departures from a schema, said in the words of those who write catalogs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from plan_rules.errors import Issue, did_you_mean
from plan_rules.loading.reader import Document, Steps
from plan_rules.loading.selectors import misread

CODES_BY_TITLE = {
    "id": "bad-id",
    "date": "bad-date",
    "increment": "bad-increment",
    "clock": "bad-clock",
    "currency": "bad-currency",
    "cycle length": "bad-cycle-length",
    "percent": "bad-percent",
    "price": "negative-price",
    "dated price": "negative-price",
    "terms": "negative-price",
    "rate": "negative-price",
    "prefix": "bad-numbering",
    "country and line": "bad-numbering",
    "reason": "missing-reason",
}
"""The code of a value that has the right type and the wrong form, by the schema's title."""

NAMED_BY_TITLE = {"comparison": "operator", "effect": "effect"}
"""What a key of a mapping of that title is, where it is no plain key."""

SIGNS = {"=": "eq", "==": "eq", "!=": "ne", "<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}
"""What other languages write for an operator."""

TYPE_WORDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}
LONGEST_SHOWN = 60

NAMES = {"clock": "time of day", "currency": "currency code", "amount": "amount of this kind"}
"""What a value is called where the schema's title is too short."""

BUILDABLE = {
    "additionalProperties": None,
    "pattern": frozenset({"selector", "date", "id", "currency", "reason"}),
    "minimum": frozenset({"price", "dated price", "terms", "rate", "percent"}),
    "maximum": frozenset({"percent"}),
    "exclusiveMinimum": frozenset({"percent"}),
}
"""Faults after which the rest of a file can still be built: keyword, and titles or any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One departure: the schema's `keyword` wanted `wanted`, and `value` stands at `path`."""

    path: Steps
    at_key: bool
    keyword: str
    wanted: Any
    value: Any
    schema: dict[str, Any]


def is_buildable(faults: Sequence[Fault]) -> bool:
    """Whether the values of a faulty file can be built, so that its other issues are found.

    Every type is then as the builders expect, and nothing they need is missing.
    """
    for fault in faults:
        titles = BUILDABLE.get(fault.keyword, frozenset())
        if titles is not None and fault.schema.get("title") not in titles:
            return False
    return True


def worded(document: Document, faults: Sequence[Fault]) -> tuple[Issue, ...]:
    """Return the issues of a document's faults, each place and fact once."""
    issues: dict[tuple[object, ...], Issue] = {}
    missing: dict[Steps, set[str]] = defaultdict(set)
    for fault in faults:
        if fault.keyword == "required" and isinstance(fault.value, dict):
            missing[fault.path] |= {key for key in fault.wanted if key not in fault.value}
    found: list[Issue] = []
    for fault in faults:
        if fault.keyword == "additionalProperties":
            found += _unknown_keys(document, fault, missing[fault.path])
        elif fault.keyword != "required":
            found.append(_issue(document, fault))
    for path, keys in missing.items():
        found += [_missing_key(document, path, key) for key in sorted(keys)]
    for issue in found:
        issues.setdefault((issue.code, issue.span, issue.path, issue.message), issue)
    return tuple(issues.values())


def _unknown_keys(document: Document, fault: Fault, missing: set[str]) -> list[Issue]:
    """Return an issue for each key; one that misspells a missing key stands for both."""
    known = sorted(fault.schema.get("properties", {}))
    found = []
    for key in fault.value:
        if key in known:
            continue
        instead = get_close_matches(key.lower(), sorted(missing), n=1)
        if instead:
            missing.discard(instead[0])
            hint = f"did you mean `{instead[0]}`, which is required here?"
        elif key[:1].isdigit() and "dated" in known:
            hint = "keys by date stand alone; beside other keys, put them under `dated:`"
        else:
            hint = did_you_mean(key, known) or "known here: " + ", ".join(known)
        code, message = "unknown-key", f"{_within(fault.path)} has no key `{_short(key)}`"
        noun = NAMED_BY_TITLE.get(fault.schema.get("title", ""))
        if noun:
            code, message = f"unknown-{noun}", f"there is no {noun} `{_short(key)}`"
            hint = f"write `{SIGNS[key]}`" if key in SIGNS else hint
        found.append(document.issue(code, (*fault.path, key), message, hint=hint, at_key=True))
    return found


def _missing_key(document: Document, path: Steps, key: str) -> Issue:
    if key == "reason" and "then" in path:
        message = f"{_within(path)} gives the customer no reason"
        hint = "add `reason: ...`, a sentence that the customer is told"
        return document.issue("missing-reason", path, message, hint=hint)
    message = f"{_within(path)} lacks the key `{key}`"
    return document.issue("missing-key", path, message, hint=f"add `{key}: ...`")


def _issue(document: Document, fault: Fault) -> Issue:
    code, message, hint = _said(fault)
    return document.issue(code, fault.path, message, hint=hint, at_key=fault.at_key)


def _said(fault: Fault) -> tuple[str, str, str]:  # noqa: PLR0911  one answer for each keyword
    subject, value = _subject(fault.path, at_key=fault.at_key), fault.value
    title = fault.schema.get("title", "")
    if title == "reason" and (value is None or isinstance(value, str)):
        hint = fault.schema["patternErrorMessage"]
        return "missing-reason", f"{subject} gives the customer no reason", hint
    match fault.keyword:
        case "type":
            return _wrong_type(subject, fault)
        case "enum":
            allowed = [str(each) for each in fault.wanted]
            if value is None:
                listed = "one of " + ", ".join(allowed)
                return "empty-value", f"{subject} has no value; expected {listed}", ""
            hint = did_you_mean(str(value), allowed)
            listed = "one of " + ", ".join(allowed)
            message = f"{subject} is {_plainly(value)}; expected {listed}"
            return "unknown-value", message, hint
        case "pattern" if title == "selector":
            return misread(str(value))
        case "pattern":
            code = CODES_BY_TITLE.get(title, "unknown-value")
            hint = fault.schema.get("patternErrorMessage", "")
            name = NAMES.get(title, title)
            return code, f"{_plainly(value)} is not a valid {name}", hint
        case "minimum" | "maximum" | "exclusiveMinimum":
            return _out_of_range(subject, title, fault)
        case "maxProperties":
            keys = ", ".join(f"`{key}`" for key in value)
            hint = "keep one of them; write a list entry for each"
            return "conflicting-keys", f"{_within(fault.path)} has {keys}; expected one key", hint
        case "maxLength":
            message = f"{_plainly(value)} is longer than {fault.wanted} characters"
            return CODES_BY_TITLE.get(title, "unknown-value"), message, "shorten it"
        case _:
            hint = "write an entry, or leave the key out"
            return "empty-value", f"{_within(fault.path)} is empty", hint


def _wrong_type(subject: str, fault: Fault) -> tuple[str, str, str]:
    wanted = [fault.wanted] if isinstance(fault.wanted, str) else list(fault.wanted)
    expected = " or ".join(TYPE_WORDS[each] for each in wanted)
    value = fault.value
    if value is None:
        hint = ""
        if {"number", "integer"} & set(wanted) and str(fault.path[-1]).isdigit():
            hint = "write a point in a number, as in `12.99`; a comma begins another entry"
        return "empty-value", f"{subject} has no value; expected {expected}", hint
    hint = ""
    if fault.schema.get("title") == "comparison" and isinstance(value, list):
        hint = _list_hint(fault.path)
    elif fault.schema.get("title") == "hours" and type(value) is int:
        hint = f"`hours` names bands; {value} hours are `minutes: {60 * value}`"
    elif "array" in wanted and isinstance(value, str | int):
        hint = f"write a list: `[{value}]`"
    elif fault.schema.get("title") == "selector" and type(value) is int:
        hint = f"a prefix begins with a plus sign: `+{value}`"
    elif "string" in wanted and isinstance(value, int | Decimal):
        hint = f'put it in quotes: `"{str(value).lower()}"`'
    elif isinstance(value, str) and {"number", "integer"} & set(wanted):
        plain = value.strip("$€£ ").replace(",", ".")
        if plain.replace(".", "", 1).isdigit():
            hint = f"write the plain number `{plain}`, without quotes or currency"
    return "wrong-type", f"{subject} is {shown(value)}; expected {expected}", hint


def _list_hint(path: Steps) -> str:
    """Return what to write for a list under a key of a condition, which facts have a dot in."""
    if "." not in str(path[-1]) and path[-1] != "tags":
        return "conditions are listed under `all`, `any` or `not`; the name of a fact has a dot"
    return "write `{in: [...]}` for one of several values, `{has-any: [...]}` for words of a set"


def _out_of_range(subject: str, title: str, fault: Fault) -> tuple[str, str, str]:
    bound = {"minimum": "at least", "maximum": "at most", "exclusiveMinimum": "above"}
    code = CODES_BY_TITLE.get(title, "out-of-range")
    if code == "negative-price":
        hint = "a discount is not a negative price; write 0 or more"
        return code, f"{subject} is {shown(fault.value)}, which is negative", hint
    expected = f"{bound[fault.keyword]} {fault.wanted}"
    return code, f"{subject} is {shown(fault.value)}; expected {expected}", ""


def _subject(path: Steps, *, at_key: bool) -> str:
    if not path:
        return "the file"
    if at_key:
        return f"the key `{_short(str(path[-1]))}`"
    last = path[-1]
    if isinstance(last, str):
        return f"`{_short(last)}`"
    return f"entry {last + 1} of {_subject(path[:-1], at_key=False)}"


def _within(path: Steps) -> str:
    return _subject(path, at_key=False)


def shown(value: object) -> str:
    """Return a value as messages show it."""
    match value:
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case bool():
            return f"`{str(value).lower()}`"
        case str():
            return f"the text `{_short(value)}`"
        case _:
            return f"`{value}`"


def _plainly(value: object) -> str:
    return f"`{_short(value)}`" if isinstance(value, str) else shown(value)


def _short(text: str) -> str:
    """Return a text on one line, cut where it is too long to be read in a message."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_SHOWN else line[: LONGEST_SHOWN - 3] + "..."
