"""The digest that names a catalog's meaning, whatever files, spans or engines it came by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from fractions import Fraction
from functools import cache
from json.encoder import encode_basestring
from operator import itemgetter
from types import NoneType
from typing import Any, cast

from plan_rules.catalog.catalog import Catalog
from plan_rules.destinations.plan import NumberingPlan
from plan_rules.destinations.selector import Selector
from plan_rules.errors import Span

SCHEMA_VERSION = "1"
"""Version of the catalog's grammar; part of every digest."""

UNSAID = frozenset({"span", "fee_span", "memo", "base_numbering", "meaning"})
"""Fields that say where a value was written, how it is held or how a fact is explained."""


def catalog_digest(catalog: Catalog) -> str:
    """Return the SHA-256, as 64 hexadecimal digits, of what the catalog means.

    Two catalogs have one digest exactly if their values, their numbering plan and the schema
    version are equal; places in files, comments and the order of keys do not count.
    """
    numbering = catalog.base_numbering or NumberingPlan.standard()
    heads = ",".join(map(encode_basestring, (SCHEMA_VERSION, numbering.digest)))
    text = f"[{heads},{canonical_text(catalog)}]"
    return hashlib.sha256(text.encode()).hexdigest()


def canonical_text(value: object) -> str:
    """Return what a value of a catalog means, as JSON, in one form.

    Raises `TypeError` for a value of a class that no catalog holds.
    """
    return _written(value, {})


Known = dict[int, str]
"""What was written of values that stand in many places, by their identity."""

Writer = Callable[[Any, Known], str]


def _written(value: object, known: Known) -> str:
    return _writer(type(value))(value, known)


def _writer_of(kind: type) -> Writer:
    """Return what writes values of one class."""
    if is_dataclass(kind) and kind not in {Selector, Span}:
        return _record_writer(kind)
    for kinds, writer in WRITERS:
        if issubclass(kind, kinds):
            return writer
    raise TypeError(kind)


_writer = cast("Callable[[type], Writer]", cache(_writer_of))


def _record_writer(kind: type) -> Writer:
    """Return what writes the fields of a class that say what its values mean, by name."""
    names = sorted(each.name for each in fields(kind) if each.name not in UNSAID)
    keys = tuple((f"{encode_basestring(name)}:", name) for name in names)

    def write(value: object, known: Known) -> str:
        found = known.get(id(value))
        if found is None:
            written: list[str] = []
            for key, name in keys:
                each = getattr(value, name)
                text = "null" if each is None else _writer(type(each))(each, known)
                written.append(key + text)
            found = known[id(value)] = "{" + ",".join(written) + "}"
        return found

    return write


def _tuple(value: tuple[object, ...], known: Known) -> str:
    return "[" + ",".join([_writer(type(each))(each, known) for each in value]) + "]"


def _mapping(value: Mapping[object, object], known: Known) -> str:
    rows = sorted(((str(key), each) for key, each in value.items()), key=itemgetter(0))
    inside = (f"{encode_basestring(key)}:{_written(each, known)}" for key, each in rows)
    return "{" + ",".join(inside) + "}"


def _set(value: AbstractSet[object], known: Known) -> str:
    members = sorted(json.dumps(json.loads(_written(each, known))) for each in value)
    return "[" + ",".join(map(encode_basestring, members)) + "]"


WRITERS: tuple[tuple[type | tuple[type, ...], Writer], ...] = (
    (NoneType, lambda _, __: "null"),
    (bool, lambda value, _: "true" if value else "false"),
    (Enum, lambda value, known: _written(value.value, known)),
    (int, lambda value, _: str(value)),
    (str, lambda value, _: encode_basestring(value)),
    ((Selector, date, Fraction), lambda value, _: encode_basestring(str(value))),
    (tuple, _tuple),
    (Mapping, _mapping),
    (AbstractSet, _set),
)
