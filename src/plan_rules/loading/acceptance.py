"""Schemas compiled into one quick question: is this value accepted.

A catalog is mostly right, and a deck has thousands of rows; so every value is first asked
this yes or no, and only what is not accepted goes to the full validator, which knows why.
Both read the same schemas. Only the keywords our schemas use are known: a keyword unknown
here stops the compilation instead of being passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

Accepts: TypeAlias = Callable[[Any], bool]
Schema: TypeAlias = Mapping[str, Any]

TYPES: dict[str, frozenset[type]] = {
    "object": frozenset({dict}),
    "array": frozenset({list}),
    "string": frozenset({str}),
    "integer": frozenset({int}),
    "number": frozenset({int, Decimal}),
    "boolean": frozenset({bool}),
}
ANNOTATIONS = frozenset(
    {
        "$schema",
        "$defs",
        "title",
        "description",
        "unit",
        "default",
        "examples",
        "enumDescriptions",
        "patternErrorMessage",
    }
)
OF_STRINGS = frozenset({"pattern", "minLength", "maxLength", "enum"})
OF_NUMBERS = frozenset({"minimum", "maximum", "exclusiveMinimum"})
OF_LISTS = frozenset({"items", "minItems"})
OF_MAPPINGS = frozenset(
    {
        "properties",
        "required",
        "additionalProperties",
        "propertyNames",
        "minProperties",
        "maxProperties",
    }
)
OF_ANY = frozenset({"type", "$ref", "if", "then", "else"})
KEYWORDS = ANNOTATIONS | OF_STRINGS | OF_NUMBERS | OF_LISTS | OF_MAPPINGS | OF_ANY
"""Every keyword a schema of ours may use."""


def full_match(pattern: str) -> Callable[[str], object]:
    """Return the test of a schema's pattern, whose `$` is the end and no line break before it."""
    strict = pattern.removesuffix("$") + r"\Z" if pattern.endswith("$") else pattern
    return re.compile(strict, re.ASCII).search


class Acceptance:
    """The schemas of one folder, by file name, each compiled when first asked about."""

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        """Keep the schemas; nothing is compiled yet."""
        self._schemas = schemas
        self._known: dict[tuple[str, str], Accepts] = {}

    def of(self, file: str, pointer: str = "") -> Accepts:
        """Return the question for the schema at `pointer`, as in `/$defs/rate`, of a file."""
        known = self._known.get((file, pointer))
        if known is None:
            self._known[file, pointer] = self._later(file, pointer)
            schema: Any = self._schemas[file]
            for step in pointer.split("/")[1:]:
                schema = schema[step]
            known = self._known[file, pointer] = self._compiled(schema, file)
        return known

    def _later(self, file: str, pointer: str) -> Accepts:
        """Return the question to ask where a schema names itself: looked up when asked."""

        def later(value: Any) -> bool:
            return self._known[file, pointer](value)

        return later

    def _compiled(self, schema: Schema, file: str) -> Accepts:
        unknown = schema.keys() - KEYWORDS
        if unknown:
            raise ValueError(f"{file} uses {', '.join(sorted(unknown))}, which is not supported")
        if schema.keys() <= ANNOTATIONS:
            return lambda _: True
        named = schema.get("type", list(TYPES))
        types = [named] if isinstance(named, str) else named
        checks: dict[type, Accepts] = {}
        for name in types:
            for kind in TYPES[name]:
                checks[kind] = self._of_kind(kind, schema, file)
        common: list[Accepts] = []
        if "$ref" in schema:
            other, _, pointer = schema["$ref"].partition("#")
            common.append(self.of(other or file, pointer))
        if "if" in schema:
            common.append(self._choice(schema, file))
        if not common:
            return lambda value: (check := checks.get(type(value))) is not None and check(value)
        if "type" not in schema and schema.keys() <= ANNOTATIONS | {"$ref"}:
            return common[0]
        return lambda value: (
            (check := checks.get(type(value))) is not None
            and check(value)
            and all(each(value) for each in common)
        )

    def _choice(self, schema: Schema, file: str) -> Accepts:
        asks = self._compiled(schema["if"], file)
        then = self._compiled(schema.get("then", {}), file)
        otherwise = self._compiled(schema.get("else", {}), file)
        return lambda value: then(value) if asks(value) else otherwise(value)

    def _of_kind(self, kind: type, schema: Schema, file: str) -> Accepts:
        if kind is str:
            return _of_string(schema)
        if "enum" in schema:  # all of ours are of texts
            return lambda _: False
        if kind is list:
            return self._of_list(schema, file)
        if kind is dict:
            return self._of_mapping(schema, file)
        return _of_number(schema) if kind in TYPES["number"] else lambda _: True

    def _of_list(self, schema: Schema, file: str) -> Accepts:
        fewest = schema.get("minItems", 0)
        item = self._compiled(schema.get("items", {}), file)
        return lambda value: len(value) >= fewest and all(item(each) for each in value)

    def _of_mapping(self, schema: Schema, file: str) -> Accepts:
        fewest, most = schema.get("minProperties", 0), schema.get("maxProperties", None)
        required = tuple(schema.get("required", ()))
        named = {
            key: self._compiled(each, file) for key, each in schema.get("properties", {}).items()
        }
        rest = schema.get("additionalProperties", {})
        other = None if rest is False else self._compiled(rest, file)
        name = self._compiled(schema["propertyNames"], file) if "propertyNames" in schema else None

        def accepts(value: dict[str, Any]) -> bool:
            if len(value) < fewest or (most is not None and len(value) > most):
                return False
            for key in required:
                if key not in value:
                    return False
            for key, each in value.items():
                check = named.get(key, other)
                if check is None or not check(each) or (name is not None and not name(key)):
                    return False
            return True

        return accepts


def _of_string(schema: Schema) -> Accepts:
    matches = full_match(schema["pattern"]) if "pattern" in schema else None
    allowed = frozenset(schema["enum"]) if "enum" in schema else None
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength", None)
    return lambda value: (
        (matches is None or matches(value) is not None)
        and (allowed is None or value in allowed)
        and len(value) >= shortest
        and (longest is None or len(value) <= longest)
    )


def _of_number(schema: Schema) -> Accepts:
    least, most = schema.get("minimum"), schema.get("maximum")
    above = schema.get("exclusiveMinimum")
    return lambda value: (
        (least is None or value >= least)
        and (most is None or value <= most)
        and (above is None or value > above)
    )
