"""Files of many customers, as a list of what a customer file says."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from plan_rules.errors import CatalogInvalid, InvalidValue
from plan_rules.loading.reader import read_yaml_file
from plan_rules.usage.customer import Customer, customer_from_mapping
from plan_rules.usage.readers.calls import UnreadableFile


def read_customers(path: Path | str) -> tuple[Customer, ...]:
    """Return the customers of a YAML or JSON file that holds a list of them, in order.

    Each has the keys of a customer file. Raises `UnreadableFile` for a file that cannot be read
    or is no JSON, `CatalogInvalid` with the places of what is no YAML, and `InvalidValue` naming
    the customer, the key and the remedy, an id given twice included.
    """
    place = Path(path)
    rows = _json(place) if place.suffix == ".json" else _yaml(place)
    if not isinstance(rows, list) or not rows:
        raise InvalidValue(
            name=str(path), value=type(rows).__name__, expected="a list of customers"
        )
    customers = tuple(_customer(row, number) for number, row in enumerate(rows, start=1))
    seen: set[str] = set()
    for customer in customers:
        if customer.id in seen:
            raise InvalidValue(name="id", value=customer.id, expected="an id of one customer only")
        seen.add(customer.id)
    return customers


def _customer(row: Any, number: int) -> Customer:
    if not isinstance(row, dict):
        raise InvalidValue(name=f"customer {number}", value=row, expected="keys with values")
    try:
        return customer_from_mapping(row)
    except InvalidValue as wrong:
        name = f"{wrong.name} of customer {row.get('id', number)}"
        raise InvalidValue(name=name, value=wrong.value, expected=wrong.expected) from wrong


def _json(place: Path) -> object:
    try:
        value: object = json.loads(place.read_text("utf-8"), parse_float=Decimal)
    except OSError as error:
        raise UnreadableFile(path=place, reason=error.strerror or str(error)) from error
    except ValueError as error:
        raise UnreadableFile(path=place, reason=f"no JSON: {error}") from error
    return value


def _yaml(place: Path) -> object:
    document, issues = read_yaml_file(place, shown_as=str(place))
    if document is None or any(issue.is_error for issue in issues):
        raise CatalogInvalid(issues)
    return document.value
