"""The digest that names a catalog's meaning, whatever files, spans or engines it came by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from fractions import Fraction
from functools import cache

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
    canonical = [SCHEMA_VERSION, numbering.digest, _canonical(catalog, {})]
    text = json.dumps(canonical, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(  # noqa: PLR0911  one line for each kind of value
    value: object, known: dict[int, object]
) -> object:
    """Return a value as JSON can hold it; what stands in many places is translated once."""
    names = _names(type(value))  # type: ignore[arg-type]  # a class can be hashed
    if names is not None:
        found = known.get(id(value))
        if found is None:
            found = known[id(value)] = {
                name: _canonical(getattr(value, name), known) for name in names
            }
        return found
    match value:
        case Enum():
            return value.value
        case None | bool() | int() | str():
            return value
        case Selector() | date() | Fraction():
            return str(value)
        case Mapping():
            return {str(key): _canonical(each, known) for key, each in value.items()}
        case AbstractSet():
            return sorted(json.dumps(_canonical(each, known)) for each in value)
        case tuple():
            return [_canonical(each, known) for each in value]
        case _:
            raise TypeError(value)


@cache
def _names(kind: type) -> tuple[str, ...] | None:
    """Return the fields of a class of values that say what it means, or `None` for other types."""
    if not is_dataclass(kind) or kind in {Selector, Span}:
        return None
    return tuple(each.name for each in fields(kind) if each.name not in UNSAID)
