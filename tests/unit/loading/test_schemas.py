from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from plan_rules.loading import schemas_path
from plan_rules.loading.acceptance import KEYWORDS, Acceptance

FILES = sorted(path.name for path in schemas_path().glob("*.schema.json"))
KINDS = ("bands", "cases", "catalog", "facts", "plan", "rates", "rules", "zone")
CATALOG_FILES = [f"{kind}.schema.json" for kind in KINDS]
HOLD_SCHEMAS = ("properties", "$defs")


def schema(name: str) -> Any:
    return json.loads((schemas_path() / name).read_text("utf-8"))


def parts(value: Any, path: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every schema inside a schema, with where it is."""
    yield path, value
    for key, each in value.items():
        if key in HOLD_SCHEMAS:
            for name, part in each.items():
                yield from parts(part, f"{path}/{key}/{name}")
        elif isinstance(each, dict) and key != "default":
            yield from parts(each, f"{path}/{key}")


def test_there_is_a_schema_for_each_kind_of_file() -> None:
    assert set(CATALOG_FILES) <= set(FILES)


@pytest.mark.parametrize("name", CATALOG_FILES)
def test_a_schema_is_valid_by_the_standard(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize("name", CATALOG_FILES)
def test_schemas_use_only_keywords_that_editors_know(name: str) -> None:
    used = {key for _, part in parts(schema(name)) for key in part}

    assert used <= KEYWORDS


@pytest.mark.parametrize("name", CATALOG_FILES)
def test_every_property_is_described_with_an_example(name: str) -> None:
    bare = [
        f"{path}/{key}"
        for path, part in parts(schema(name))
        for key, each in part.get("properties", {}).items()
        if "if" not in path.split("/")
        and not (each.get("description") and ("examples" in each or "$ref" in each))
    ]

    assert bare == []


@pytest.mark.parametrize("name", CATALOG_FILES)
def test_every_word_of_a_choice_is_described(name: str) -> None:
    bare = [
        path
        for path, part in parts(schema(name))
        if "enum" in part
        and "if" not in path.split("/")
        and len(part.get("enumDescriptions", [])) != len(part["enum"])
    ]

    assert bare == []


@pytest.mark.parametrize("name", CATALOG_FILES)
def test_every_pattern_says_what_to_write(name: str) -> None:
    bare = [
        path
        for path, part in parts(schema(name))
        if "pattern" in part and "if" not in path.split("/") and "patternErrorMessage" not in part
    ]

    assert bare == []


@pytest.mark.parametrize("name", CATALOG_FILES)
def test_mappings_of_named_keys_are_closed(name: str) -> None:
    open_ones = [
        path
        for path, part in parts(schema(name))
        if "properties" in part
        and "if" not in path.split("/")
        and part.get("additionalProperties") is not False
        and part.get("title") != "condition"  # facts: those unknown are told by their names
    ]

    assert open_ones == []


@pytest.mark.parametrize("name", CATALOG_FILES)
def test_examples_are_accepted_by_their_own_schema(name: str) -> None:
    schemas = {each: schema(each) for each in CATALOG_FILES}
    acceptance = Acceptance(schemas)
    refused = [
        (path, example)
        for path, part in parts(schemas[name])
        for example in part.get("examples", [])
        if "if" not in path.split("/")
        and not acceptance.of(name, path.removeprefix("#"))(_exact(example))
    ]

    assert refused == []


def _exact(value: Any) -> Any:
    """Return a JSON value with its fractions exact, as the reader gives them."""
    return json.loads(json.dumps(value), parse_float=Decimal)
