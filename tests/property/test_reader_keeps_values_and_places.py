"""What is written as YAML is read as the same values, and every span points at its text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import yaml
from hypothesis import given
from hypothesis import strategies as st

from plan_rules.errors import Span
from plan_rules.loading import reader
from plan_rules.loading.reader import CONTROL, Document, read_yaml

# What JSON writes raw and YAML reads back as it is; the reader refuses control characters.
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12).filter(
    lambda text: not CONTROL.search(text)
)
NUMBERS = st.integers(-(10**18), 10**18) | st.decimals(
    min_value=-(10**9), max_value=10**9, places=6
)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


def written(scalar: Any) -> str:
    """Return a scalar as YAML: texts quoted as JSON does, numbers and constants plain."""
    if scalar is None:
        return "null"
    if isinstance(scalar, bool):
        return "true" if scalar else "false"
    if isinstance(scalar, str):
        return json.dumps(scalar, ensure_ascii=False)
    return str(scalar) if isinstance(scalar, int) else f"{scalar:f}"


def lines_of(value: Any) -> list[str]:
    """Return a value as lines of block YAML; what is empty and what is scalar is one line."""
    if isinstance(value, dict) and value:
        lines = []
        for key, each in value.items():
            lines.append(f"? {written(key)}")
            first, *rest = lines_of(each)
            lines += [f": {first}", *(f"  {line}" for line in rest)]
        return lines
    if isinstance(value, list) and value:
        lines = []
        for each in value:
            first, *rest = lines_of(each)
            lines += [f"- {first}", *(f"  {line}" for line in rest)]
        return lines
    return [flow_of(value)]


def flow_of(value: Any) -> str:
    """Return a value as one line of YAML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{written(k)}: {flow_of(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow_of(each) for each in value) + "]"
    return written(value)


def read(text: str) -> Document:
    document, issues = read_yaml(text.encode(), file="f.yaml")
    assert issues == ()
    assert document is not None
    return document


def paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of every value."""
    yield path
    entries: Any = ()
    if isinstance(value, dict):
        entries = value.items()
    elif isinstance(value, list):
        entries = enumerate(value)
    for step, each in entries:
        yield from paths(each, (*path, step))


def at(value: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def typed(value: Any) -> Any:
    """Return a value in which numbers that are equal but differ in kind or places differ."""
    if isinstance(value, dict):
        return {key: typed(each) for key, each in value.items()}
    if isinstance(value, list):
        return [typed(each) for each in value]
    return type(value).__name__, str(value)


def check_places(value: Any, document: Document) -> None:
    def follows(span: Span, text: str) -> bool:
        return document.source_line(span.line)[span.column - 1 :].startswith(text)

    for path in paths(value):
        found = at(value, path)
        if not isinstance(found, dict | list):
            assert follows(document.span(path), written(found))
        if path and isinstance(path[-1], str):
            assert follows(document.key_span(path), written(path[-1]))
        elif path:
            assert document.key_span(path) == document.span(path)


@given(VALUES)
def test_block_yaml_is_read_as_the_same_values_at_their_places(value: Any) -> None:
    document = read("\n".join(lines_of(value)) + "\n")
    assert typed(document.value) == typed(value)
    check_places(value, document)


@given(VALUES)
def test_flow_yaml_is_read_as_the_same_values_at_their_places(value: Any) -> None:
    if "\n" in flow_of(value) or len(flow_of(value)) > 1000:
        return  # a key in flow style ends within 1024 characters
    document = read(flow_of(value))
    assert typed(document.value) == typed(value)
    check_places(value, document)


@given(VALUES)
def test_other_readers_of_yaml_agree_on_what_is_not_ambiguous(value: Any) -> None:
    def plain(each: Any) -> Any:
        if isinstance(each, dict):
            return {key: plain(inner) for key, inner in each.items()}
        if isinstance(each, list):
            return [plain(inner) for inner in each]
        return float(each) if isinstance(each, Decimal) else each

    text = "\n".join(lines_of(value)) + "\n"
    theirs = yaml.safe_load(text)
    assert plain(read(text).value) == theirs


@given(VALUES)
def test_reading_depends_neither_on_the_parser_nor_on_line_ends(value: Any) -> None:
    text = "\n".join(lines_of(value)) + "\n"
    document = read(text)
    assert read(text.replace("\n", "\r\n")) == document
    with patch.object(reader, "PARSER", yaml.SafeLoader):
        assert read(text) == document
