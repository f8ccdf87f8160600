"""The shape of a file: JSON Schema decides, and its errors are worded for product managers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from plan_rules.errors import Issue, did_you_mean
from plan_rules.loading.reader import Document, Value

PACKAGE = Path(__file__).parents[1]
TYPE_WORDS = {
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "entries with names",
}
ROWS = {"rates": "rates", "plan": "overrides"}
"""In which entry of a document the rows stand that are many and mostly plain prices."""

MAX_PRICE = 1_000_000


def shipped(folder: str) -> Path:
    """Return the folder `schemas` or `catalog`: in the installed package, or in the checkout."""
    installed = PACKAGE / f"_{folder}"
    return installed if installed.is_dir() else PACKAGE.parents[1] / folder


def shape_issues(document: Document, kind: str) -> tuple[Issue, ...]:
    """Return what is wrong with the shape of a document of a kind, in the order of places.

    Rows of prices are many and alike: those that are plainly right are passed over, and only
    the others are given to the validator, which words every message.
    """
    value = document.value
    rows = ROWS.get(kind)
    if rows and isinstance(value, dict) and isinstance(listed := value.get(rows), dict):
        odd = {key: row for key, row in listed.items() if not _is_plain_row(key, row)}
        value = {**value, rows: cast("Value", odd)}
    errors = list(_validator(kind).iter_errors(cast("Any", value)))
    issues = [issue for error in errors for issue in _worded(document, error)]
    return tuple(sorted(_without_echoes(issues), key=lambda issue: issue.span))


def _is_plain_row(key: str, row: object) -> bool:
    if type(row) is not int and type(row) is not Decimal:
        return False
    return 0 <= row <= MAX_PRICE and _selector_pattern().fullmatch(key) is not None


@cache
def _selector_pattern() -> re.Pattern[str]:
    names = _schema("rates")["properties"]["rates"]["propertyNames"]
    return re.compile(names["pattern"].removeprefix("^").removesuffix("$"))


@cache
def _schema(kind: str) -> Any:
    return json.loads(shipped("schemas").joinpath(f"{kind}.schema.json").read_text("utf-8"))


@cache
def _validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(_schema(kind))


def _worded(document: Document, error: ValidationError) -> Iterator[Issue]:
    path = tuple(error.absolute_path)
    name = f"`{path[-1]}`" if path else "the file"
    value, wanted = cast("Any", error.instance), cast("Any", error.validator_value)
    at_key = "propertyNames" in list(error.absolute_schema_path)
    if at_key:
        path, name = (*path, str(value)), "the key"
    schema = cast("Mapping[str, Any]", error.schema)
    match str(error.validator):
        case "additionalProperties":
            yield from _unknown_keys(document, path, value, schema)
        case "required":
            for key in wanted:
                if key not in value:
                    message = f"{name} has no `{key}`"
                    told = schema["properties"][key].get("description", "")
                    hint = f"write `{key}:` — {told}" if told else f"write `{key}:`"
                    yield document.issue("missing-key", path, message, hint=hint)
        case "type":
            kinds = wanted if isinstance(wanted, list) else [wanted]
            words = " or ".join(TYPE_WORDS[kind] for kind in kinds)
            message = f"{name} is {_shown(value)}; expected {words}"
            yield document.issue("wrong-type", path, message, hint=_example(schema))
        case "enum":
            message = f"{name} is {_shown(value)}; expected one of {', '.join(wanted)}"
            hint = did_you_mean(str(value), wanted)
            yield document.issue("unknown-word", path, message, hint=hint)
        case "pattern":
            hint = schema.get("patternErrorMessage", "") or _example(schema)
            message = f"{name} is {_shown(value)}, which has not the right form"
            yield document.issue("bad-form", path, message, hint=hint, at_key=at_key)
        case "minimum" | "maximum":
            side = "at least" if str(error.validator) == "minimum" else "at most"
            message = f"{name} is {_shown(value)}; expected {side} {wanted}"
            yield document.issue("out-of-range", path, message)
        case _:
            message = f"{name} has too few or too many entries"
            yield document.issue("entry-count", path, message, hint=_example(schema))


def _unknown_keys(
    document: Document, path: tuple[str | int, ...], value: Any, schema: Mapping[str, Any]
) -> Iterator[Issue]:
    known = list(schema.get("properties", {}))
    patterns = list(schema.get("patternProperties", {}))
    for key in value:
        if key in known or any(re.search(pattern, key) for pattern in patterns):
            continue
        named = f"; known: {', '.join(known)}" if known else ""
        hint = did_you_mean(key, known) or f"take it out{named}"
        yield document.issue(
            "unknown-key", (*path, key), f"unknown key `{key}`", hint=hint, at_key=True
        )


def _without_echoes(issues: list[Issue]) -> Iterator[Issue]:
    """Leave out a missing key whose misspelling is reported in the same place."""
    for issue in issues:
        meant = issue.code == "missing-key" and any(
            other.code == "unknown-key"
            and other.path.rpartition(".")[0] == issue.path
            and f"`{issue.message.split('`')[-2]}`" in other.hint
            for other in issues
        )
        if not meant:
            yield issue


def _shown(value: object) -> str:
    match value:
        case None:
            return "empty"
        case bool():
            return "true" if value else "false"
        case list():
            return "a list"
        case dict():
            return "entries with names"
        case _:
            return f"`{str(value)[:60]}`"


def _example(schema: Mapping[str, Any]) -> str:
    examples = schema.get("examples") or []
    return f"for example: {json.dumps(examples[0], ensure_ascii=False)}" if examples else ""
