"""The schema step: does a document have the form of its kind, and if not, said plainly.

The compiled question of `acceptance` comes first; jsonschema is imported and run only for a
document it does not accept, and only over the rows it does not accept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from plan_rules.errors import Issue
from plan_rules.loading.acceptance import Acceptance, full_match
from plan_rules.loading.places import schemas_path
from plan_rules.loading.reader import Document
from plan_rules.loading.wording import Fault, is_buildable, worded

KINDS = ("catalog", "zone", "bands", "rates", "plan", "facts", "rules", "cases")
ROWS = {"rates": "rates", "plan": "overrides"}
"""The property of a kind that holds rates by selector, as a deck may by the thousand."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a document departs from its schema, and whether it can be built all the same."""

    issues: tuple[Issue, ...] = ()
    is_buildable: bool = True


def judge(document: Document, kind: str) -> Verdict:
    """Return every way in which a document departs from the schema of its kind."""
    value = document.value
    if not isinstance(value, dict):
        message = f"the file holds no mapping; a {kind} file has keys and values"
        hint = f"begin with `{_first(kind)}: ...`"
        return Verdict((document.issue("wrong-type", (), message, hint=hint),), is_buildable=False)
    if acceptance().of(f"{kind}.schema.json")(value):
        return Verdict()
    faults = list(_faults(_only_suspect(value, kind), kind))
    return Verdict(worded(document, faults), is_buildable(faults))


@cache
def schemas() -> Mapping[str, Mapping[str, Any]]:
    """Return the schemas of the catalog's files by file name."""
    folder = schemas_path()
    return {
        f"{kind}.schema.json": json.loads((folder / f"{kind}.schema.json").read_text("utf-8"))
        for kind in KINDS
    }


@cache
def acceptance() -> Acceptance:
    """Return the compiled schemas."""
    return Acceptance(schemas())


def _first(kind: str) -> str:
    return str(schemas()[f"{kind}.schema.json"]["required"][0])


def _only_suspect(value: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return the value without the rows that are accepted, one row at least staying."""
    rows = value.get(ROWS.get(kind, ""))
    if not isinstance(rows, dict) or not rows:
        return value
    row = acceptance().of("rates.schema.json", "/$defs/rate")
    name = acceptance().of("catalog.schema.json", "/$defs/selector")
    suspect = {key: each for key, each in rows.items() if not (row(each) and name(key))}
    return {**value, ROWS[kind]: suspect or dict([next(iter(rows.items()))])}


def _faults(value: dict[str, Any], kind: str) -> Iterator[Fault]:
    for error in _validator(kind).iter_errors(value):
        is_key = "propertyNames" in error.absolute_schema_path
        path = tuple(error.absolute_path)
        yield Fault(
            path=(*path, error.instance) if is_key else path,
            at_key=is_key,
            keyword=str(error.validator),
            wanted=error.validator_value,
            value=error.instance,
            schema=error.schema if isinstance(error.schema, dict) else {},
        )


@cache
def _validator(kind: str) -> Any:
    from jsonschema import (  # noqa: PLC0415  slow to import
        Draft202012Validator,
        ValidationError,
        validators,
    )
    from referencing import Registry  # noqa: PLC0415
    from referencing.jsonschema import DRAFT202012  # noqa: PLC0415

    def pattern(_: object, wanted: str, value: object, __: object) -> Iterator[ValidationError]:
        if isinstance(value, str) and not full_match(wanted)(value):
            yield ValidationError(f"{value!r} does not match")

    # A referenced schema that names its dialect would be read by the plain validator again.
    registry: Any = Registry().with_resources(
        (
            name,
            DRAFT202012.create_resource(
                {key: each for key, each in schema.items() if key != "$schema"}
            ),
        )
        for name, schema in schemas().items()
    )
    extend: Any = validators.extend
    strict: Any = extend(Draft202012Validator, {"pattern": pattern})
    return strict({"$ref": f"{kind}.schema.json"}, registry=registry)
