"""No content of a file makes the reader raise; without a document there is an error."""

from __future__ import annotations

from unittest.mock import patch

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from plan_rules.loading import reader
from plan_rules.loading.reader import read_yaml

PIECES = st.sampled_from(
    [
        "a",
        "b",
        ": ",
        "- ",
        "? ",
        "\n",
        "  ",
        "\t",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "&a ",
        "*a",
        "<<",
        "!!float ",
        "!x ",
        "'",
        '"',
        "\\",
        "|",
        ">",
        "#",
        "%YAML 1.1\n",
        "%",
        "---\n",
        "...\n",
        "0044",
        "no",
        "1e5",
        "12.50",
        "null",
        "~",
        "é",
        "😀",
        "\ufeff",
        "\x00",
        "\r",
        "\\U00110000",
    ]
)
YAML_LIKE = st.lists(PIECES, max_size=30).map("".join).map(str.encode)
CONTENTS = st.binary() | st.text().map(lambda text: text.encode("utf-8", "replace")) | YAML_LIKE


@given(CONTENTS)
@example(b"")
@example(b"&a [*a]")
@example(b'"\\U00110000"')
@example(b'"\\ud800"')
@example(b"%YAML 1.99999999999999999999\n---\na")
@example(b"%TAG ! !\n%TAG ! !\n---\na")
@example(b"!<%ff> a")
@example(b"? ? ? :")
def test_any_bytes_give_a_document_or_an_error(data: bytes) -> None:
    for parser in (reader.PARSER, yaml.SafeLoader):
        with patch.object(reader, "PARSER", parser):
            document, issues = read_yaml(data, file="f.yaml")
        assert document is not None or any(issue.is_error for issue in issues)
        for issue in issues:
            assert issue.span.file == "f.yaml"
            assert 0 <= issue.span.line <= max(len(data), 1)
            assert (issue.span.line == 0) == (issue.span.column == 0)
            assert issue.span.line == 0 or issue.span.column <= len(issue.source) + 1


@given(CONTENTS)
def test_reading_twice_gives_the_same(data: bytes) -> None:
    assert read_yaml(data, file="f.yaml") == read_yaml(data, file="f.yaml")
