"""The generated pages are those of the schemas and the gallery of today, and lack nothing."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from plan_rules.cli.main import commands
from plan_rules.loading import CODES
from plan_rules.loading.reader import read_yaml
from tools.build_reference import CATALOG_PAGES, DOCUMENT_PAGES, REFERENCE, ROOT, main, pages
from tools.reference.commands import leaves
from tools.reference.errors import remedies, remedy, sections, told
from tools.reference.examples import as_yaml
from tools.reference.schemas import Book, Key, Name
from tools.reference.words import usual_words

BOOK = Book(ROOT / "schemas")
PAGES = pages()
GALLERY = ROOT / "tests" / "errors"
TARGET = re.compile(r"^\(([a-z0-9-]+)\)=$", re.MULTILINE)
LINK = re.compile(r"\]\(#([a-z0-9-]+)\)")
NUMBERS = {"integer", "number"}


def keys_of(kind: str) -> list[Key]:
    """Return every key of a schema, those of each of its forms once."""
    return [key for owner in (Name(kind), *BOOK.forms(kind)) for key in BOOK.keys(owner)]


of_each_schema = pytest.mark.parametrize("kind", BOOK.schemas)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_generated_page_is_current(path: Path) -> None:
    assert path.read_text("utf-8") == PAGES[path], "run python -m tools.build_reference"


def test_the_check_names_what_is_not_current(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    page = tmp_path / "docs" / "page.md"
    monkeypatch.setattr("tools.build_reference.ROOT", tmp_path)
    monkeypatch.setattr("tools.build_reference.pages", lambda: {page: "text\n"})

    assert main(["--check"]) == 1
    assert "docs/page.md" in capsys.readouterr().err
    assert not page.exists()
    assert main([]) == 0
    assert main(["--check"]) == 0


def test_no_page_is_left_of_a_schema_that_is_gone() -> None:
    there = {
        path
        for folder in ("catalog", "documents")
        for path in (REFERENCE / folder).glob("*.md")
        if path.name != "index.md"
    }

    assert there == {path for path in PAGES if path.parent.parent == REFERENCE}


def test_every_schema_has_a_page() -> None:
    assert {page.kind for page in (*CATALOG_PAGES, *DOCUMENT_PAGES)} == set(BOOK.schemas)


def test_every_definition_is_told_on_a_page() -> None:
    text = "".join(PAGES.values())

    assert set(LINK.findall(text)) <= set(TARGET.findall(text))


def test_no_two_places_share_a_target() -> None:
    targets = TARGET.findall("".join(PAGES.values()))

    assert len(targets) == len(set(targets))


@of_each_schema
def test_every_key_has_a_description_and_an_example(kind: str) -> None:
    bare = [
        key.path
        for key in keys_of(kind)
        if not (key.schema.get("description") and key.schema.get("examples"))
    ]

    assert bare == []


@of_each_schema
def test_every_number_has_a_unit(kind: str) -> None:
    bare = [
        key.path
        for key in keys_of(kind)
        if NUMBERS & types_of(key) and "unit" not in key.schema and not is_anything(key)
    ]

    assert bare == []


@of_each_schema
def test_every_key_that_may_be_left_out_says_what_holds_then(kind: str) -> None:
    """By `default`, or in words: `...; no cap unless written.`."""
    silent = [
        key.path
        for key in keys_of(kind)
        if key.needed == "no" and not usual_words(key.schema) and not is_anything(key)
    ]

    assert silent == []


@of_each_schema
def test_an_example_is_accepted_where_it_stands(kind: str) -> None:
    refused = [
        (key.path, error.message)
        for key in keys_of(kind)
        for example in key.schema["examples"]
        for error in validator(kind, key).iter_errors(plain(example))
    ]

    assert refused == []


@of_each_schema
def test_an_example_in_yaml_is_read_as_it_is_meant(kind: str) -> None:
    for key in keys_of(kind):
        for example in key.schema["examples"]:
            document, issues = read_yaml(as_yaml(key.name, example).encode(), file="example")

            assert issues == ()
            assert document is not None
            assert document.value == {key.name: example}


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_remedy(code: str) -> None:
    """A hint in its example, or a sentence in tools/reference/remedies.yaml."""
    assert remedy(code, told(GALLERY / code))


def test_every_code_stands_in_one_section() -> None:
    source = (ROOT / "src" / "plan_rules" / "loading" / "codes.py").read_text("utf-8")
    listed = [code for codes in sections(source).values() for code in codes]

    assert sorted(listed) == sorted(CODES)


def test_remedies_are_of_codes_that_exist() -> None:
    assert remedies().keys() <= CODES.keys()


def types_of(key: Key) -> set[str]:
    types = key.schema.get("type", [])
    return {types} if isinstance(types, str) else set(types)


def is_anything(key: Key) -> bool:
    """Whether the key is the author's own, and so is what it holds."""
    return key.name.startswith("<")


def validator(kind: str, key: Key) -> Draft202012Validator:
    """Return the judge of a key's value; what it refers to is found in the schema it is in."""
    schemas = {name: plain(dict(schema)) for name, schema in BOOK.schemas.items()}
    resources = [
        (f"{name}.schema.json", DRAFT202012.create_resource(schema))
        for name, schema in schemas.items()
    ]
    registry: Any = Registry().with_resources(resources)
    definitions = schemas[kind].get("$defs", {})
    schema = {"$id": f"{kind}.schema.json", "$defs": definitions, **plain(dict(key.written))}
    return Draft202012Validator(schema, registry=registry)


def plain(value: Any) -> Any:
    """Return a value as JSON gives it to anyone, decimals as floats."""
    return json.loads(json.dumps(value, default=number))


def number(value: object) -> float:
    assert isinstance(value, Decimal)
    return float(value)


def test_every_command_says_what_its_options_and_exit_codes_mean() -> None:
    page = PAGES[REFERENCE / "command-line.md"]
    found = dict(leaves(commands, "plan-rules"))

    assert set(re.findall(r"^## `(.*)`$", page, re.MULTILINE)) == set(found)
    for name, command in found.items():
        assert command.help, name
        assert (command.epilog or "").startswith("Exit codes: 0 done; "), name
        for each in command.params:
            assert not isinstance(each, click.Option) or each.help, (name, each.name)
