"""A schema in words: what type a value is, in what unit, what is allowed, and what is usual."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from tools.reference.examples import scalar
from tools.reference.schemas import Book, Name, Schema, referred

TYPES = {
    "array": "list",
    "boolean": "`true` or `false`",
    "integer": "whole number",
    "null": "null",
    "number": "number",
    "object": "mapping",
    "string": "text",
}
LITERAL = re.compile(r"\^([a-z-]+)\$")
PHRASE = r"((?:[^;.:]|\.(?=\d))+?)"
USUALLY = re.compile(rf"unless written, {PHRASE}[;.]|(?:^|[;.:] ){PHRASE},? unless written")
"""What holds where a key is left out, as descriptions say it."""

DATES_AS_KEYS = "^[0-9]"

Link = Callable[[Name], str]
"""Makes a link to a definition."""


def type_words(schema: Schema, kind: str, book: Book, link: Link) -> str:
    """Return what type a value is, such as `a list of [selector](...)`."""
    if "$ref" in schema:
        return link(referred(schema, kind))
    if "const" in schema or ("enum" in schema and "type" not in schema):
        return "number" if "const" in schema else "text"
    named = schema.get("type", "object")
    types = [named] if isinstance(named, str) else list(named)
    return " or ".join(_type(each, schema, kind, book, link) for each in types)


def _type(name: str, schema: Schema, kind: str, book: Book, link: Link) -> str:
    if name == "array" and "items" in schema:
        return f"list of {type_words(schema['items'], kind, book, link)}"
    inner = schema.get("additionalProperties", False)
    if name == "object" and inner:
        key = book.placeholder(schema, kind)
        return f"mapping from `{key}` to {type_words(inner, kind, book, link)}"
    literal = LITERAL.fullmatch(schema.get("pattern", ""))
    if name == "string" and literal:
        return f"`{literal[1]}`"
    return TYPES[name]


def usual_words(schema: Schema) -> str:
    """Return what holds where the key is not written; empty where that is nothing."""
    if "default" in schema:
        default = schema["default"]
        return f"`{scalar(default)}`" if default != "" else "empty"
    found = USUALLY.search(schema.get("description", ""))
    if found:
        return found[1] or f"{found[2][0].lower()}{found[2][1:]}"
    kind = schema.get("type", "")
    if "properties" in schema and not schema.get("required") and "maxProperties" not in schema:
        return "what its keys say"
    return "none" if kind in ("array", "object") else ""


def allowed_words(schema: Schema) -> Iterator[str]:
    """Yield each bound a schema sets on its values, and each word it allows."""
    if "const" in schema:
        yield f"Always `{schema['const']}`."
    if "enum" in schema:
        meanings = schema.get("enumDescriptions", [""] * len(schema["enum"]))
        for word, meaning in zip(schema["enum"], meanings, strict=True):
            yield f"`{scalar(word)}`: {meaning}" if meaning else f"`{scalar(word)}`"
        return
    yield from _number_words(schema)
    yield from _text_words(schema)
    if schema.get("minItems"):
        yield "At least one entry."
    if schema.get("maxProperties") == 1:
        yield "Exactly one key."
    elif schema.get("minProperties") and "properties" in schema:
        yield "At least one key."


def choice_words(schema: Schema, kind: str, book: Book, link: Link) -> Iterator[str]:
    """Yield what the alternatives of a schema ask for, one sentence each."""
    if "if" not in schema:
        return
    plain = [each for each in schema.get("type", []) if each not in {"object", "array"}]
    if not isinstance(schema.get("type"), str) and plain:
        unit = f" ({schema['unit']})" if "unit" in schema else ""
        yield f"A {' or '.join(TYPES[each] for each in plain)}{unit}."
    condition = _condition(schema["if"])
    for word, branch in ((condition, "then"), ("Otherwise", "else")):
        asked = schema.get(branch, {})
        if "$ref" in asked:
            yield f"{word}: {type_words(asked, kind, book, link)}."
        if "required" in asked:
            needed = " and ".join(f"`{key}`" for key in asked["required"])
            yield f"{word}: {needed} is needed."


def _condition(schema: Schema) -> str:
    if schema.get("propertyNames", {}).get("pattern") == DATES_AS_KEYS:
        return "A mapping whose keys are dates"
    found = []
    for key, each in schema.get("properties", {}).items():
        words = each["enum"] if "enum" in each else [each["const"]]
        found.append(f"`{key}` is " + " or ".join(f"`{word}`" for word in words))
    found += [
        f"`{key}` is written"
        for key in schema.get("required", ())
        if key not in schema.get("properties", {})
    ]
    if not found:
        raise ValueError(f"no words are known for the condition {schema}")
    return "Where " + " and ".join(found)


def _number_words(schema: Schema) -> Iterator[str]:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None:
        yield f"From {_grouped(least)} to {_grouped(most)}."
    elif least is not None:
        yield f"{_grouped(least)} or more."
    elif most is not None:
        yield f"At most {_grouped(most)}."
    if "exclusiveMinimum" in schema:
        yield f"Above {_grouped(schema['exclusiveMinimum'])}."


def _text_words(schema: Schema) -> Iterator[str]:
    if "patternErrorMessage" in schema and not LITERAL.fullmatch(schema["pattern"]):
        yield _sentence(schema["patternErrorMessage"])
    if schema.get("minLength"):
        yield "Not empty."
    if "maxLength" in schema:
        yield f"At most {schema['maxLength']} characters."


def _grouped(number: int | Decimal) -> str:
    return f"{number:,}"


def _sentence(text: Any) -> str:
    return f"{str(text)[0].upper()}{str(text)[1:]}."
