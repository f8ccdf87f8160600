"""Frozen values as plain JSON data and back, by the types they declare.

An amount `paid_micros` is the decimal text `paid`; a fraction is a text such as `16/31`, a day
or an instant its ISO text, a place `file:line:column`. Where a field may hold one of several
kinds of value, `kind` names which. Reading is strict, and what it makes is legal at birth.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from plan_rules.errors import NOWHERE, InvalidValue, PlanRulesError, Span
from plan_rules.money import format_micros, parse_micros

MICROS = "_micros"
KIND = "kind"
SHOWN = 60
RESTORE = "restore the document from where it was kept"
AMOUNT = re.compile(r"-?[0-9]+\.[0-9]{2,6}", re.ASCII)


class DamagedDocument(PlanRulesError, ValueError):
    """A stored document is not what was written: `field` is the place, `expected` what fits."""

    def __init__(self, *, field: str, found: object, expected: str) -> None:
        """Keep the place, what is there and what would fit."""
        self.field = field
        self.found = found
        self.expected = expected
        self.remedy = RESTORE
        super().__init__(f"`{field}` is {str(found)[:SHOWN]!r}; expected {expected}; {RESTORE}")


def written(kind: Any, value: Any) -> Any:  # noqa: PLR0911  one line for each kind of value
    """Return a value of a declared type as plain JSON data."""
    if get_origin(kind) in {UnionType, Union}:
        if value is None:
            return None
        found = written(type(value), value)
        named = len(_records(kind)) > 1
        return {KIND: _kind_name(type(value)), **found} if named else found
    if isinstance(value, tuple):
        item = get_args(kind)[0] if get_args(kind) else object
        return [written(item, each) for each in value]
    if isinstance(value, Span):
        return str(value) if value.line else ""
    if is_dataclass(value):
        return {
            _key(name): _amount(name, getattr(value, name), hint)
            for name, hint in _hints(value.__class__).items()
        }
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, StrEnum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value


def _amount(name: str, value: Any, hint: Any) -> Any:
    if name.endswith(MICROS) and value is not None:
        return format_micros(value)
    return written(hint, value)


def _key(name: str) -> str:
    return name.removesuffix(MICROS)


def _kind_name(kind: type) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", kind.__name__).lower()


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    hints = get_type_hints(kind)
    return {each.name: hints[each.name] for each in fields(kind) if each.init}


def _records(kind: Any) -> tuple[Any, ...]:
    return tuple(each for each in get_args(kind) if is_dataclass(each))


def mapping(value: object, place: str, keys: tuple[str, ...]) -> Mapping[str, Any]:
    """Return an object that has exactly these keys."""
    if not isinstance(value, dict):
        raise DamagedDocument(field=place, found=value, expected="an object")
    inside = "" if place in {"", "$"} else f"{place}."
    for name in value:
        if name not in keys:
            expected = f"one of the keys {', '.join(keys)}"
            raise DamagedDocument(field=f"{inside}{name}", found=name, expected=expected)
    for name in keys:
        if name not in value:
            raise DamagedDocument(field=f"{inside}{name}", found="nothing", expected="a value")
    return value


def read(kind: Any, found: Any, place: str) -> Any:
    """Return the value of a declared type that JSON data stands for."""
    origin = get_origin(kind)
    if origin in {UnionType, Union}:
        return _one_of(kind, found, place)
    if origin is tuple:
        if not isinstance(found, list):
            raise DamagedDocument(field=place, found=found, expected="a list")
        item = get_args(kind)[0]
        return tuple(
            read(item, each, f"{place}[{index}]") for index, each in enumerate(found, start=1)
        )
    if kind is Span:
        return _span(found, place)
    if is_dataclass(kind):
        return _record(kind, found, place)
    return _scalar(kind, found, place)


def _one_of(kind: Any, found: Any, place: str) -> Any:
    if found is None and NoneType in get_args(kind):
        return None
    kinds = _records(kind)
    if len(kinds) <= 1:
        only = next(each for each in get_args(kind) if each is not NoneType)
        return read(only, found, place)
    by_name = {_kind_name(each): each for each in kinds}
    name = found.get(KIND) if isinstance(found, dict) else None
    if not isinstance(name, str) or name not in by_name:
        expected = f"one of {', '.join(by_name)}"
        raise DamagedDocument(field=f"{place}.{KIND}", found=name, expected=expected)
    rest = {key: value for key, value in found.items() if key != KIND}
    return _record(by_name[name], rest, place)


def _record(kind: Any, found: Any, place: str) -> Any:
    hints = _hints(kind)
    names = {_key(name): name for name in hints}
    known = mapping(found, place, tuple(names))
    inside = f"{place}." if place else ""
    values = {}
    for key, name in names.items():
        where = f"{inside}{key}"
        if name.endswith(MICROS):
            values[name] = _micros(hints[name], known[key], where)
        else:
            values[name] = read(hints[name], known[key], where)
    try:
        return kind(**values)
    except InvalidValue as error:
        raise DamagedDocument(
            field=f"{inside}{_key(error.name)}", found=error.value, expected=error.expected
        ) from error


def _micros(kind: Any, found: Any, place: str) -> int | None:
    if found is None and NoneType in get_args(kind):
        return None
    if not isinstance(found, str) or not AMOUNT.fullmatch(found):
        raise DamagedDocument(field=place, found=found, expected="an amount such as 12.50")
    return parse_micros(found)


def _span(found: Any, place: str) -> Span:
    if found == "":
        return NOWHERE
    parts = found.rsplit(":", 2) if isinstance(found, str) else []
    if len(parts) != len(_hints(Span)) or not (parts[1].isdigit() and parts[2].isdigit()):
        raise DamagedDocument(field=place, found=found, expected="file:line:column")
    return Span(parts[0], int(parts[1]), int(parts[2]))


def _scalar(kind: Any, found: Any, place: str) -> Any:
    if kind in {bool, int, str}:
        if type(found) is not kind:
            expected = {bool: "true or false", int: "an integer", str: "a text"}[kind]
            raise DamagedDocument(field=place, found=found, expected=expected)
        return found
    expected = _expected(kind)
    if not isinstance(found, str):
        raise DamagedDocument(field=place, found=found, expected=expected)
    try:
        if issubclass(kind, StrEnum):
            return kind(found)
        if kind is Fraction:
            return Fraction(found)
        return kind.fromisoformat(found)
    except (ValueError, ZeroDivisionError) as error:
        raise DamagedDocument(field=place, found=found, expected=expected) from error


def _expected(kind: Any) -> str:
    if issubclass(kind, StrEnum):
        return f"one of {', '.join(kind)}"
    if kind is Fraction:
        return "a fraction such as 16/31"
    return "an instant with its offset" if kind is datetime else "a date such as 2026-01-31"
