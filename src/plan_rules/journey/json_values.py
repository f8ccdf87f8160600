"""Frozen values as JSON and back, by the types they declare.

A value becomes an object with a key for each field, so that state written today says what it is
to whoever reads it. Where a field may hold one of several kinds of value, `kind` names which.
Integers stay integers, a fraction becomes `"3/31"`, dates and instants are ISO texts: nothing
becomes a float, and what is read equals what was written.

Every value of `plan_rules` is legal at birth, so that reading makes no value that could not have
been made otherwise: what is damaged is refused with its place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from plan_rules.errors import InvalidValue, PlanRulesError

T = TypeVar("T")
KIND = "kind"
SHOWN = 80
"""Characters shown of what cannot be read."""


class NotReadable(PlanRulesError, ValueError):
    """A text that is no value of the type wanted: `path` is the place, `expected` what fits."""

    def __init__(self, *, path: str, found: object, expected: str) -> None:
        """Keep the place, what is there and what would fit."""
        self.path = path
        self.found = found
        self.expected = expected
        super().__init__(f"`{path}` is {str(found)[:SHOWN]!r}; expected {expected}")


def to_json(kind: Any, value: object) -> str:
    """Return a value of a declared type as one line of JSON: equal values, equal bytes."""
    return json.dumps(as_json(kind, value), separators=(",", ":"))


def from_json(kind: type[T], text: str) -> T:
    """Return the value of a type that a text holds; raise `NotReadable` if it holds none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotReadable(path="$", found=text, expected=f"JSON ({str(error)[:SHOWN]})") from error
    value: T = as_value(kind, found)
    return value


def as_json(kind: Any, value: Any) -> Any:
    """Return a value of a declared type as plain JSON data; a tuple becomes a list."""
    origin = get_origin(kind)
    if origin in {UnionType, Union}:
        if value is None:
            return None
        kinds = _records(kind)
        found = as_json(type(value) if is_dataclass(value) else _plain(kind), value)
        return {KIND: kind_name(type(value)), **found} if len(kinds) > 1 else found
    if origin is tuple:
        item = get_args(kind)[0]
        return [as_json(item, each) for each in value]
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        return {name: as_json(hint, getattr(value, name)) for name, hint in hints.items()}
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    return value.isoformat() if isinstance(value, date) else value


def as_value(kind: Any, found: Any, *, path: str = "$") -> Any:
    """Return the value of a declared type that JSON data stands for.

    A field that is not there has its default, so that state of an older version can be read; a
    key that is no field is refused. Raises `NotReadable` with the place.
    """
    origin = get_origin(kind)
    if origin in {UnionType, Union}:
        return _one_of(kind, found, path)
    if origin is tuple:
        if not isinstance(found, list):
            raise NotReadable(path=path, found=found, expected="a list")
        item = get_args(kind)[0]
        return tuple(
            as_value(item, each, path=f"{path}[{index}]") for index, each in enumerate(found)
        )
    if is_dataclass(kind):
        return _record(kind, found, path)
    return _scalar(kind, found, path)


def kind_name(kind: type) -> str:
    """Return the name of a type as it is written: `ScheduleCancelled` is `schedule-cancelled`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", kind.__name__).lower()


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    """Return the declared type of each field that a value is made from, in order."""
    hints = get_type_hints(kind)
    return {each.name: hints[each.name] for each in fields(kind) if each.init}


def _records(kind: Any) -> tuple[Any, ...]:
    return tuple(each for each in get_args(kind) if is_dataclass(each))


def _plain(kind: Any) -> Any:
    return next(each for each in get_args(kind) if each is not NoneType)


def _one_of(kind: Any, found: Any, path: str) -> Any:
    if found is None and NoneType in get_args(kind):
        return None
    kinds = _records(kind)
    if len(kinds) <= 1:
        return as_value(_plain(kind), found, path=path)
    by_name = {kind_name(each): each for each in kinds}
    name = found.get(KIND) if isinstance(found, dict) else None
    if not isinstance(name, str) or name not in by_name:
        expected = f"one of {', '.join(by_name)}"
        raise NotReadable(path=f"{path}.{KIND}", found=name, expected=expected)
    return _record(by_name[name], {k: v for k, v in found.items() if k != KIND}, path)


def _record(kind: Any, found: Any, path: str) -> Any:
    if not isinstance(found, dict):
        raise NotReadable(path=path, found=found, expected="an object")
    hints = _hints(kind)
    for name in found:
        if name not in hints:
            expected = f"one of the keys {', '.join(hints)}"
            raise NotReadable(path=f"{path}.{name}", found=name, expected=expected)
    needed = {each.name for each in fields(kind) if each.init and _is_needed(each)}
    for name in sorted(needed - found.keys()):
        raise NotReadable(path=f"{path}.{name}", found="nothing", expected="a value")
    values = {
        name: as_value(hints[name], each, path=f"{path}.{name}") for name, each in found.items()
    }
    try:
        return kind(**values)
    except InvalidValue as error:
        raise NotReadable(
            path=f"{path}.{error.name}", found=error.value, expected=error.expected
        ) from error


def _is_needed(each: Any) -> bool:
    return each.default is MISSING and each.default_factory is MISSING


def _scalar(kind: Any, found: Any, path: str) -> Any:
    """Return a text, an integer, a truth, a date, an instant, a fraction or a word of a list."""
    if kind in {bool, int, str}:
        if type(found) is not kind:
            raise NotReadable(path=path, found=found, expected=f"a value of type {kind.__name__}")
        return found
    if not isinstance(found, str):
        raise NotReadable(path=path, found=found, expected="a text")
    try:
        if issubclass(kind, StrEnum):
            return kind(found)
        if kind is Fraction:
            return Fraction(found)
        return kind.fromisoformat(found)
    except (ValueError, ZeroDivisionError) as error:
        raise NotReadable(path=path, found=found, expected=_expected(kind)) from error


def _expected(kind: Any) -> str:
    if issubclass(kind, StrEnum):
        return f"one of {', '.join(kind)}"
    if kind is Fraction:
        return "a fraction such as 3/31"
    return "an instant with its offset" if kind is datetime else "a date such as 2026-01-31"
