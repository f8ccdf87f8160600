"""The published schemas as one book: every key with its path, and where each form stands.

A *form* is a definition with keys or alternatives of its own, such as an allowance. It is
told once, at the first place it stands, and what else refers to it is listed. All other
definitions are *values*, such as a price.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

Schema: TypeAlias = Mapping[str, Any]

ALTERNATIVES = re.compile(r"exactly one of ((?:`[a-z-]+`(?:, | and )?)+)", re.IGNORECASE)
WORD = re.compile(r"`([a-z-]+)`")
FEW = 3


@dataclass(frozen=True, slots=True, order=True)
class Name:
    """A definition, by the kind of file whose schema holds it; without a name, the file itself."""

    kind: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key: its path from the top of a file, and what the schema says of it.

    `written` is the schema as it stands; `schema` has what it refers to filled in, its own
    words first, and `form` is the name of that. `needed` is `yes`, `no`, or `one of` some keys.
    `name` is the key itself, as it is written.
    """

    path: str
    name: str
    written: Schema
    schema: Schema
    form: Name | None
    needed: str


class Book:
    """All schemas of a folder, by the kind of file they describe."""

    def __init__(self, folder: Path) -> None:
        """Read the schemas; numbers are exact."""
        self.schemas: dict[str, Schema] = {
            path.name.removesuffix(".schema.json"): json.loads(
                path.read_text("utf-8"), parse_float=Decimal
            )
            for path in sorted(folder.glob("*.schema.json"))
        }

    def definition(self, name: Name) -> Schema:
        """Return a definition as it is written."""
        schema = self.schemas[name.kind]
        found: Schema = schema["$defs"][name.name] if name.name else schema
        return found

    def forms(self, kind: str) -> list[Name]:
        """Return the forms that one schema defines, in the order in which a file reaches them."""
        reached = [name for name in self.places if name.kind == kind]
        return [name for name in reached if self.is_form(name)]

    def values(self, kind: str) -> list[Name]:
        """Return the values that one schema defines, in the order they are written."""
        names = [Name(kind, each) for each in self.schemas[kind].get("$defs", {})]
        return [name for name in names if not self.is_form(name)]

    def is_form(self, name: Name) -> bool:
        """Whether a definition has keys or alternatives of its own."""
        schema = self.definition(name)
        return "properties" in schema or "if" in schema

    def title(self, name: Name) -> str:
        """Return what a definition is called: its title, or its name where two share a title."""
        schema = self.schemas[name.kind]
        titles = [each.get("title") for each in schema.get("$defs", {}).values()]
        title = str(self.definition(name).get("title", name.name))
        return title if titles.count(title) <= 1 else name.name.replace("-", " ")

    def resolved(self, schema: Schema, kind: str) -> tuple[Schema, Name | None]:
        """Return a schema with what it refers to filled in, and the name of that."""
        name: Name | None = None
        while "$ref" in schema:
            name = referred(schema, kind)
            kind = name.kind
            own = {key: each for key, each in schema.items() if key != "$ref"}
            schema = {**self.definition(name), **own}
        return schema, name

    def keys(self, name: Name) -> list[Key]:
        """Return every key written in a file or a form, in order; forms inside stay closed."""
        path = self.places[name] if name.name else ""
        return list(self._keys(self.definition(name), name.kind, path))

    def _keys(self, schema: Schema, kind: str, path: str) -> Iterator[Key]:
        needed, alternatives = schema.get("required", ()), one_of(schema)
        for key, each in schema.get("properties", {}).items():
            here = f"{path}.{key}" if path else key
            word = "yes" if key in needed else "no"
            if key in alternatives:
                word = _one_of_words(alternatives)
            yield self._key(each, kind, here, key, word)
            yield from self._below(each, kind, here)

    def _below(self, schema: Schema, kind: str, path: str) -> Iterator[Key]:
        """Yield the keys inside a value that is written in place."""
        if "$ref" in schema:
            return
        yield from self._keys(schema, kind, path)
        if "items" in schema:
            yield from self._below(schema["items"], kind, f"{path}[]")
        inner = schema.get("additionalProperties", False)
        if inner and "$ref" not in inner and "description" in inner:
            key = self.placeholder(schema, kind)
            yield self._key(inner, kind, f"{path}.{key}", key, "no")

    def _key(self, schema: Schema, kind: str, path: str, key: str, needed: str) -> Key:
        whole, form = self.resolved(schema, kind)
        return Key(path=path, name=key, written=schema, schema=whole, form=form, needed=needed)

    def placeholder(self, schema: Schema, kind: str) -> str:
        """Return what stands for the keys of a mapping whose keys are the author's."""
        names, _ = self.resolved(schema.get("propertyNames", {}), kind)
        return f"<{names.get('title', 'name')}>"

    @cached_property
    def places(self) -> Mapping[Name, str]:
        """The path at which each definition stands first, from its own kind of file if it can."""
        found: dict[Name, tuple[str, str]] = {}
        for kind in self.schemas:
            seen: dict[Name, str] = {}
            self._visit(Name(kind), "", seen)
            for name, path in seen.items():
                if name not in found or name.kind == kind != found[name][0]:
                    found.pop(name, None)
                    found[name] = (kind, path)
        return {name: path for name, (_, path) in found.items()}

    def _visit(self, owner: Name, path: str, seen: dict[Name, str]) -> None:
        for name, inside in self.references(owner):
            if name not in seen:
                seen[name] = f"{path}.{inside}".strip(".") if inside else path
                self._visit(name, seen[name], seen)

    def references(self, owner: Name) -> list[tuple[Name, str]]:
        """Return what a file or definition refers to: each name with the path inside of it."""
        return list(self._references(self.definition(owner), owner.kind, ""))

    def _references(self, schema: Schema, kind: str, path: str) -> Iterator[tuple[Name, str]]:
        if "$ref" in schema:
            name = referred(schema, kind)
            if name.name:  # a whole file stands on a page of its own
                yield name, path
            return
        for key, each in schema.get("properties", {}).items():
            yield from self._references(each, kind, f"{path}.{key}" if path else key)
        for branch in ("then", "else"):
            if branch in schema:
                yield from self._references(schema[branch], kind, path)
        if "items" in schema:
            yield from self._references(schema["items"], kind, f"{path}[]")
        inner = schema.get("additionalProperties", False)
        if inner:
            key = self.placeholder(schema, kind)
            yield from self._references(inner, kind, f"{path}.{key}" if path else key)


def referred(schema: Schema, kind: str) -> Name:
    """Return the definition a schema refers to."""
    file, _, name = schema["$ref"].partition("#/$defs/")
    return Name(file.removesuffix(".schema.json") or kind, name)


def _one_of_words(keys: tuple[str, ...]) -> str:
    """Return `one of` the keys, which are named if they are few."""
    if len(keys) > FEW:
        return "one of these keys"
    return "one of " + ", ".join(f"`{key}`" for key in keys)


def one_of(schema: Schema) -> tuple[str, ...]:
    """Return the keys of which exactly one is needed, as the description names them."""
    if schema.get("maxProperties") == 1 and "properties" in schema:
        return tuple(schema["properties"])
    found = ALTERNATIVES.search(schema.get("description", ""))
    return tuple(WORD.findall(found[1])) if found else ()
