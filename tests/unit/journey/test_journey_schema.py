from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from plan_rules.advice.policy import Policy
from plan_rules.destinations.line_type import LineType
from plan_rules.journey import Journey, journey_document, read_journey
from plan_rules.journey.journey import Step
from plan_rules.journey.needs import NeededDestination, StatedNeeds
from plan_rules.journey.options import Misfit
from plan_rules.switching import DamagedDocument
from plan_rules.switching.follow_up import FollowUpKind
from tests.unit.journey.ways import way_to

SCHEMAS = {
    path.name: json.loads(path.read_text("utf-8"))
    for path in (Path(__file__).parents[3] / "schemas").glob("*.schema.json")
}
SCHEMA = SCHEMAS["journey.schema.json"]
REGISTRY: Any = Registry().with_resources(
    (schema["$id"], DRAFT202012.create_resource(schema))
    for schema in SCHEMAS.values()
    if "$id" in schema
)
JUDGE = Draft202012Validator(SCHEMA, registry=REGISTRY)
NEEDS = StatedNeeds(
    destinations=(NeededDestination(country="MX"),), budget_micros=9_000_000, note="sundays"
)


def document(journey: Journey) -> Any:
    return json.loads(json.dumps(journey_document(journey)))


@pytest.mark.parametrize("step", [*Step, None])
def test_a_journey_follows_its_schema_at_every_step(step: Step | None) -> None:
    journey = way_to(step)
    JUDGE.validate(document(journey))
    if journey.needs is not None:
        JUDGE.validate(document(replace(journey, needs=NEEDS)))


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of every single value of a document."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from places(each, (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from places(each, (*path, index))
    else:
        yield path


def test_a_value_of_another_kind_is_against_the_schema() -> None:
    whole = document(way_to(None))
    allowed = []
    for path in places(whole):
        changed = copy.deepcopy(whole)
        inside = changed
        for each in path[:-1]:
            inside = inside[each]
        inside[path[-1]] = {"never": "this"}
        if JUDGE.is_valid(changed):
            allowed.append(path)
    assert allowed == []


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        (SCHEMA["$defs"]["misfit"], Misfit),
        (SCHEMA["$defs"]["stated-needs"]["properties"]["policy"], Policy),
        (SCHEMA["$defs"]["rate-range"]["properties"]["line"], LineType),
        (SCHEMA["$defs"]["follow-up"]["properties"]["kind"], FollowUpKind),
    ],
)
def test_the_schema_knows_every_word(schema: Any, kind: type[StrEnum]) -> None:
    assert schema["enum"] == [each.value for each in kind]
    assert len(schema["enumDescriptions"]) == len(schema["enum"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"effective": "2026-03-11"}, "quote.digest"),
        ({"version": 2}, "quote.version"),
        ({"policy": 7}, "quote.policy"),
    ],
)
def test_damage_of_the_quote_is_told_by_its_place(change: dict[str, object], field: str) -> None:
    whole = document(way_to(Step.TERMS))
    whole["quote"] |= change
    with pytest.raises(DamagedDocument) as damaged:
        read_journey(whole)
    assert damaged.value.field == field


def test_a_quote_that_is_no_object_is_damage() -> None:
    with pytest.raises(DamagedDocument) as damaged:
        read_journey({**document(way_to(Step.TERMS)), "quote": "none"})
    assert damaged.value.field == "quote"
