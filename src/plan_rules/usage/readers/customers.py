"""Customer files in JSON; those in YAML are read where YAML is known."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

from plan_rules.errors import InvalidValue
from plan_rules.usage.customer import Customer, customer_from_mapping
from plan_rules.usage.readers.calls import UnreadableFile
from plan_rules.usage.readers.lines import NotReadable, opened

SIZE_LIMIT = 1024 * 1024
"""Bytes a customer file may have."""


def read_customer(path: Path | str) -> Customer:
    """Return the customer of a JSON file with the keys of `customer_from_mapping`.

    Numbers are read exactly. Raises `UnreadableFile` for a file that cannot be read or is no
    JSON, and `InvalidValue` naming the key and the remedy.
    """
    place = Path(path)
    try:
        with opened(place) as stream:
            raw = stream.read(SIZE_LIMIT + 1)
        value = _parsed(raw)
    except NotReadable as error:
        raise UnreadableFile(path=place, reason=error.reason) from error
    except OSError as error:
        raise UnreadableFile(path=place, reason=error.strerror or str(error)) from error
    if not isinstance(value, dict):
        raise InvalidValue(name=str(path), value=value, expected="an object with keys such as id")
    return customer_from_mapping(value)


def _parsed(raw: bytes) -> object:
    if len(raw) > SIZE_LIMIT:
        raise NotReadable(f"it is longer than {SIZE_LIMIT} bytes; is it a customer file?")
    try:
        return json.loads(
            raw.decode("utf-8-sig"), parse_float=Decimal, object_pairs_hook=_without_doubles
        )
    except InvalidValue:
        raise
    except (RecursionError, ValueError) as error:
        raise NotReadable(f"it is no JSON in UTF-8 ({str(error)[:100]})") from error


def _without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise InvalidValue(name=name, value=value, expected="each key written once")
        found[name] = value
    return found
