"""Examples of a schema as an author would write them: YAML in one line if it fits, or JSON.

Whether a text needs quotes is not guessed: it is read as the library reads it.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from functools import cache
from typing import Any

from plan_rules.loading.reader import read_yaml

WIDTH = 84
PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9+/._ -]*", re.ASCII)
"""Texts that may do without quotes; `+5255` is a number to other readers of YAML."""


def as_yaml(key: str, value: Any) -> str:
    """Return `key: value` as YAML, on one line where that is short; the value alone without key."""
    if not key:
        return _flow(value)
    return "\n".join(_entry(scalar(key), value, ""))


def as_json(key: str, value: Any) -> str:
    """Return `"key": value` as JSON, on one line where that is short."""
    text = f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False, default=_number)}"
    if len(text) <= WIDTH:
        return text
    return f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False, indent=2, default=_number)}"


def scalar(value: Any) -> str:
    """Return a text, a number, true, false or null as YAML."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case Decimal():
            return decimal(value)
        case str():
            return value if _is_plain(value) else json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)


def decimal(value: Decimal) -> str:
    """Return a decimal as prices are written: `15.00` rather than `15.0`, never `1E-6`."""
    text = format(value, "f")
    return f"{text}0" if text.endswith(".0") else text


def _entry(head: str, value: Any, indent: str) -> list[str]:
    line = f"{indent}{head}: {_flow(value)}"
    if not isinstance(value, dict | list) or (len(line) <= WIDTH and not _is_rows(value)):
        return [line]
    inner = f"{indent}  "
    if isinstance(value, dict):
        rows = [row for key, each in value.items() for row in _entry(scalar(key), each, inner)]
    else:
        rows = [row for each in value for row in _item(each, inner)]
    return [f"{indent}{head}:", *rows]


def _item(value: Any, indent: str) -> list[str]:
    line = f"{indent}- {_flow(value)}"
    if len(line) <= WIDTH or not isinstance(value, dict):
        return [line]
    rows = [row for key, each in value.items() for row in _entry(scalar(key), each, f"{indent}  ")]
    return [f"{indent}- {rows[0].lstrip()}", *rows[1:]]


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(each, dict) for each in value)


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(key)}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return scalar(value)


@cache
def _is_plain(text: str) -> bool:
    """Whether a text is read as itself without quotes."""
    if not PLAIN.fullmatch(text) or text != text.strip():
        return False
    document, issues = read_yaml(f"a: [{text}]\n".encode(), file="example")
    return not issues and document is not None and document.value == {"a": [text]}


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(value)
