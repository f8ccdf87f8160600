from __future__ import annotations

import os
import pickle
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from plan_rules.errors import Issue, Severity, Span
from plan_rules.loading import reader
from plan_rules.loading.reader import Document, Limits, dotted, read_yaml, read_yaml_file


@pytest.fixture(params=["libyaml", "pure"], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything holds with both of PyYAML's parsers."""
    if request.param == "pure":
        monkeypatch.setattr(reader, "PARSER", yaml.SafeLoader)
    elif not yaml.__with_libyaml__:
        pytest.skip("this PyYAML is built without libyaml")


def read(text: str | bytes, **limits: int) -> tuple[Document | None, tuple[Issue, ...]]:
    data = text.encode() if isinstance(text, str) else text
    return read_yaml(data, file="f.yaml", limits=Limits(**limits))


def document(text: str | bytes) -> Document:
    found, issues = read(text)
    assert issues == ()
    assert found is not None
    return found


def value(text: str) -> Any:
    return document(text).value


def only(text: str | bytes, **limits: int) -> Issue:
    _, (issue,) = read(text, **limits)
    return issue


def place(issue: Issue) -> tuple[str, int, int]:
    return issue.code, issue.span.line, issue.span.column


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("-17", -17),
        ("90071992547409931", 90071992547409931),
        ("15.00", Decimal("15.00")),
        ("-0.05", Decimal("-0.05")),
        ("0.1234567890123456789012345678901", Decimal("0.1234567890123456789012345678901")),
    ],
)
def test_plain_constants_and_numbers_are_values(text: str, expected: object) -> None:
    found = value(f"a: {text}")["a"]
    assert (type(found), str(found)) == (type(expected), str(expected))


@pytest.mark.parametrize(
    "text",
    [
        "NO",
        "ON",
        "SE",
        "2026-01-01",
        "12:30",
        "1:30:00",
        "+44",
        "+0044",
        "60/60",
        "1,000",
        "1.2.3",
        "MX/mobile",
        "+",
        ".",
        "1-2",
        "-x",
        "nope",
        "none",
        "5m",
        "0.1.2",
        "<<",
        "=",
    ],
)
def test_everything_else_is_text(text: str) -> None:
    assert value(f"a: {text}") == {"a": text}


@pytest.mark.parametrize(
    "text",
    [
        "0044",
        "-007",
        "00",
        "007.50",
        "1e5",
        "1E5",
        "1.5e-3",
        "0x1F",
        "0o17",
        "0b11",
        "1_000",
        ".5",
        "-.5",
        "5.",
        "+0.5",
        "+1e5",
        "-0x1F",
        ".inf",
        "-.INF",
        ".NaN",
        "9" * 101,
        "yes",
        "Yes",
        "YES",
        "no",
        "No",
        "on",
        "On",
        "off",
        "OFF",
        "y",
        "Y",
        "n",
        "N",
        "True",
        "TRUE",
        "False",
        "FALSE",
        "Null",
        "NULL",
    ],
)
def test_what_can_be_read_in_two_ways_is_an_issue_and_stays_text(text: str) -> None:
    found, (issue,) = read(f"a: 1\nb: [x, {text}]\n")
    assert place(issue) == ("ambiguous-scalar", 2, 8)
    assert issue.path == "b[1]"
    assert issue.source == f"b: [x, {text}]"
    assert text[:40] in issue.hint
    assert found is not None
    assert found.value == {"a": 1, "b": ["x", text]}


def test_the_hint_for_leading_zeros_shows_both_meanings() -> None:
    assert only("a: 0044").hint == "quote the text: '0044', or write the number as 44"
    assert only("a: -00.50").hint == "quote the text: '-00.50', or write the number as -0.50"
    assert only("a: 00").hint.endswith(" 0")


@pytest.mark.parametrize("text", ["0044", "no", "1e5", "12", "true", "", "~"])
@pytest.mark.parametrize("quote", ["'", '"'])
def test_what_is_quoted_is_text(text: str, quote: str) -> None:
    assert value(f"a: {quote}{text}{quote}") == {"a": text}


def test_block_texts_are_text() -> None:
    assert value("a: |\n  0044\nb: >-\n  no\n") == {"a": "0044\n", "b": "no"}


@pytest.mark.parametrize(
    "key", ["1", "2026-01-01", "+52", "NO", "on", "yes", "true", "null", "~", "0044", "1e5", "'<<'"]
)
def test_a_key_is_the_text_that_is_written(key: str) -> None:
    assert value(f"{key}: x") == {key.strip("'"): "x"}


def test_equal_keys_are_an_issue_at_the_second_and_the_first_is_kept() -> None:
    found, issues = read("a:\n  b: 1\n  c: 2\n  b: {d: no}\n'a': 5\n")
    assert [place(issue) for issue in issues] == [
        ("duplicate-key", 4, 3),
        ("ambiguous-scalar", 4, 10),
        ("duplicate-key", 5, 1),
    ]
    assert [issue.path for issue in issues] == ["a.b", "a.b.d", "a"]
    assert "line 2" in issues[0].hint
    assert "line 1" in issues[2].hint
    assert found is not None
    assert found.value == {"a": {"b": 1, "c": 2}}
    assert found.span(("a", "b", "d")) == Span("f.yaml", 2, 6)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: &a {b: 1}\nc:\n  <<: *a\n", ("merge-key", 3, 3)),
        ("? \n: 1\n", ("bad-key", 1, 2)),
        ("{[1, {a: 2}]: b}", ("bad-key", 1, 2)),
        ("? {a: 1}\n: 2\n", ("bad-key", 1, 3)),
        ("a: &a x\n*a : 1\n", ("bad-key", 2, 1)),
        ("a: &b [*b]", ("recursive-alias", 1, 8)),
        ("a: &b {c: {d: *b}}", ("recursive-alias", 1, 15)),
        ("a: *b", ("yaml-syntax", 1, 4)),
        ("a: 1\n---\nb: 2\n", ("second-document", 2, 1)),
    ],
)
def test_a_file_whose_values_are_not_all_there_has_no_document(
    text: str, expected: tuple[str, int, int]
) -> None:
    found, (issue,) = read(text)
    assert found is None
    assert place(issue) == expected


def test_reading_goes_on_after_a_bad_key() -> None:
    _, issues = read("? [x, no]\n: {a: yes}\nb: 0044\n<<: on\n")
    assert [place(issue) for issue in issues] == [
        ("bad-key", 1, 3),
        ("ambiguous-scalar", 1, 7),
        ("ambiguous-scalar", 2, 7),
        ("ambiguous-scalar", 3, 4),
        ("merge-key", 4, 1),
        ("ambiguous-scalar", 4, 5),
    ]


@pytest.mark.parametrize(
    "tag", ["!!float", "!x", "!<x>", "!!str", "!!python/object:os.system", "!"]
)
def test_a_tag_is_an_issue_whatever_it_stands_on(tag: str) -> None:
    found, issues = read(f"a: {tag} 1\nb: {tag} {{}}\nc: {tag} []\n{tag} d: 2\n")
    assert [place(issue) for issue in issues] == [
        ("yaml-tag", 1, 4),
        ("yaml-tag", 2, 4),
        ("yaml-tag", 3, 4),
        ("yaml-tag", 4, 1),
    ]
    assert found is not None
    assert found.value == {"a": "1", "b": {}, "c": [], "d": 2}


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("\ta: 1", 1, 1),
        ("a:\n\tb: 1\n", 2, 1),
        ("a:\n  b: 1\n\tc: 2\n", 3, 1),
        ("a:\n  - x\n  \t- y: 1\n", 3, 3),
        ("a: |\n\tb\n", 2, 1),
        ("-\ta\n", 1, 2),
    ],
)
def test_a_tab_that_indents_is_an_issue_on_its_line(text: str, line: int, column: int) -> None:
    found, (issue,) = read(text)
    assert found is None
    assert place(issue) == ("tab-indentation", line, column)
    assert issue.source == text.split("\n")[line - 1]
    assert issue.hint == "indent with spaces"


@pytest.mark.parametrize(
    ("text", "line", "column", "word"),
    [
        ("a: b: c\n", 1, 5, "second"),
        ("a: 1\n b: 2\n", 2, 3, "second"),
        ("a: @b\n", 1, 4, "`@`"),
        ("a: %b\n", 1, 4, "`%`"),
        ("a: ]\n", 1, 4, "missing"),
        ("a: *\n", 1, 5, "name"),
        ("a: 1\nb: 'x\nc: 2\n", 2, 4, "quote"),
        ("a: {b: 1\n", 1, 4, "`{`"),
        ("a:\n  to: [b\n", 2, 7, "`[`"),
        ('a: "b" c\n', 1, 8, "goes on"),
        ("- a\nb: 1\n", 2, 1, "list"),
        ("  a: 1\n b: 2\n", 2, 2, "line up"),
        ("a: 1\nb\nc: 2\n", 2, 1, "neither"),
    ],
)
def test_a_fault_of_syntax_is_told_in_plain_words_at_its_place(
    text: str, line: int, column: int, word: str
) -> None:
    found, (issue,) = read(text)
    assert found is None
    assert issue.code == "yaml-syntax"
    assert issue.span.line == line
    assert issue.span.column == column
    assert word in issue.message
    assert issue.hint
    assert issue.source == text.split("\n")[line - 1]


def test_what_was_found_before_a_fault_of_syntax_is_told_too() -> None:
    found, issues = read("a: no\na: 1\nb: 'x\n")
    assert found is None
    codes = [issue.code for issue in issues]
    assert codes == ["ambiguous-scalar", "duplicate-key", "yaml-syntax"]


@pytest.mark.parametrize(
    "text", ["", "\n\n", "# only a comment\n", "---\n", "--- \n...\n", "\ufeff"]
)
def test_a_file_without_a_value_is_an_issue_of_the_file(text: str) -> None:
    found, (issue,) = read(text)
    assert found is None
    assert place(issue) == ("empty-file", 0, 0)


def test_bytes_that_are_not_utf_8_are_told_with_their_place() -> None:
    issue = only("a: é\nb: é".encode() + b"\xff: 1\n")
    assert place(issue) == ("bad-encoding", 2, 5)
    assert "byte 12 " in issue.message
    assert issue.source == "b: é\ufffd: 1"
    assert only("a: 1".encode("utf-16")).code == "bad-encoding"


def test_a_byte_order_mark_moves_nothing() -> None:
    found = document(b"\xef\xbb\xbfa: 1\n")
    assert found.value == {"a": 1}
    assert found.key_span(("a",)) == Span("f.yaml", 1, 1)
    assert found.source_line(1) == "a: 1"


@pytest.mark.parametrize("control", ["\0", "\x1b", "\x7f", "\x85", "\x9f", "\u2028", "\ufeff"])
def test_a_control_character_is_an_issue_at_its_place(control: str) -> None:
    found, (issue,) = read(f"a: 1\r\nb: é{control}\n")
    assert found is None
    assert place(issue) == ("control-character", 2, 5)
    assert f"U+{ord(control):04X}" in issue.message


@pytest.mark.parametrize("text", ['a: "x\\0"', '"\\e[31m": 1', 'a: "\\u2028"'])
def test_a_control_character_written_as_an_escape_is_an_issue(text: str) -> None:
    assert only(text).code == "control-character"


def test_an_impossible_escape_is_a_fault_of_syntax_or_a_control_character() -> None:
    for escape in ("\\U00110000", "\\UFFFFFFFF", "\\x", "\\q"):
        found, issues = read(f'a: "{escape}"')
        assert found is None
        assert [issue.code for issue in issues] == ["yaml-syntax"]
    assert only('a: "\\ud800"').code in {"yaml-syntax", "control-character"}


def test_spans_lead_to_keys_and_values() -> None:
    found = document("a:\n  b: [x, {c: 'd'}]\n'e f':   |\n  text\n")
    assert found.span() == Span("f.yaml", 1, 1)
    assert found.key_span(("a",)) == Span("f.yaml", 1, 1)
    assert found.span(("a",)) == Span("f.yaml", 2, 3)
    assert found.key_span(("a", "b")) == Span("f.yaml", 2, 3)
    assert found.span(("a", "b")) == Span("f.yaml", 2, 6)
    assert found.span(("a", "b", 0)) == Span("f.yaml", 2, 7)
    assert found.key_span(("a", "b", 1, "c")) == Span("f.yaml", 2, 11)
    assert found.span(("a", "b", 1, "c")) == Span("f.yaml", 2, 14)
    assert found.key_span(("e f",)) == Span("f.yaml", 3, 1)
    assert found.span(("e f",)) == Span("f.yaml", 3, 10)


def test_an_unknown_path_has_the_span_of_its_nearest_parent() -> None:
    found = document("a:\n  b: [x]\n")
    for path in [("a", "b", 1), ("a", "b", -1), ("a", "b", 0, "c"), ("a", "b", "x")]:
        assert found.span(path).line == 2
    assert found.span(("a", "z", "b")) == found.span(("a",))
    assert found.key_span(("a", "z")) == found.key_span(("a",))
    assert found.span(("z",)) == Span("f.yaml", 1, 1)


def test_columns_count_characters_of_any_script() -> None:
    found = document('{"😀": [é, "日本", x]}\n')
    assert found.span(("😀",)) == Span("f.yaml", 1, 7)
    assert found.span(("😀", 2)) == Span("f.yaml", 1, 17)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_the_same_whatever_ends_them(end: str) -> None:
    found = document(end.join(["a: 1", "", "b: 2", ""]))
    assert found.span(("b",)) == Span("f.yaml", 3, 4)
    assert [found.source_line(line) for line in range(6)] == ["", "a: 1", "", "b: 2", "", ""]


def test_a_document_words_the_issues_of_later_stages() -> None:
    found = document("plans:\n  - {id: x, fee: 1}\n")
    issue = found.issue(
        "a-code", ("plans", 0, "fee"), "a fact", "a remedy", severity=Severity.WARNING
    )
    assert issue == Issue(
        code="a-code",
        span=Span("f.yaml", 2, 18),
        message="a fact",
        hint="a remedy",
        severity=Severity.WARNING,
        path="plans[0].fee",
        source="  - {id: x, fee: 1}",
    )
    assert found.issue("a-code", ("plans", 0, "fee"), "a fact", at_key=True).span.column == 13


def test_a_path_is_shown_with_dots_and_indexes() -> None:
    assert dotted(()) == ""
    assert dotted(("rates", "MX/mobile", "tiers", 0, "price")) == "rates.MX/mobile.tiers[0].price"


def test_an_alias_repeats_a_value_and_stands_where_it_is_written() -> None:
    found = document("a: &x {b: [1, 2]}\nc: *x\n&k d: *k\n&n 5: [*n]\n")
    assert found.value == {"a": {"b": [1, 2]}, "c": {"b": [1, 2]}, "d": "d", "5": [5]}
    assert found.span(("c",)) == Span("f.yaml", 2, 4)
    assert found.span(("c", "b")) == Span("f.yaml", 1, 11)


def test_an_anchor_may_be_set_again() -> None:
    assert value("a: &x 1\nb: *x\nc: &x 2\nd: *x\n") == {"a": 1, "b": 1, "c": 2, "d": 2}


def test_aliases_may_repeat_only_so_many_values() -> None:
    text = "a: &a [1, 2, 3]\nb: &b [*a, *a]\nc: [*b, *b]\n"
    assert read(text, aliased=26)[1] == ()
    assert place(only(text, aliased=25)) == ("alias-bomb", 3, 9)


def test_aliases_do_not_hide_depth() -> None:
    text = "a: &a [[1]]\nb: &b [*a]\nc: [*b]\n"
    assert read(text, depth=5)[1] == ()
    assert place(only(text, depth=4)) == ("too-deep", 3, 5)
    chain = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 400))
    assert only(chain).code == "too-deep"


def test_depth_counts_lists_and_mappings_inside_one_another() -> None:
    assert read("[" * 32 + "]" * 32)[1] == ()
    assert place(only("[" * 33 + "]" * 33)) == ("too-deep", 1, 33)
    assert place(only("a:\n  - b:\n      - 1\n", depth=3)) == ("too-deep", 3, 7)


def test_bytes_nodes_and_lengths_are_bounded() -> None:
    assert read("a: 12", size=5)[1] == ()
    assert place(only("a: 123", size=5)) == ("too-large", 0, 0)
    assert read("[1, 2]", nodes=3)[1] == ()
    assert place(only("[1, 2, 3]", nodes=3)) == ("too-large", 1, 8)
    assert read("a: abc", length=3)[1] == ()
    assert place(only("a: abcd", length=3)) == ("too-large", 1, 4)
    assert place(only("abcd: 1", length=3)) == ("too-large", 1, 1)


def test_after_so_many_issues_the_rest_is_not_read() -> None:
    found, issues = read("[" + "no, " * 10 + "]", issues=3)
    assert found is None
    assert [issue.code for issue in issues] == ["ambiguous-scalar"] * 3 + ["too-many-issues"]


@pytest.mark.parametrize(
    "text",
    [
        b"[" * 1_000_000,
        b"{" * 1_000_000,
        b"- " * 1_000_000,
        b"? " * 1_000_000,
        b"a: b" + b"\n" * 2_000_000 + b" c\n" * 600_000,
        b"a: b" + b" " * 2_000_000 + b"c " * 600_000,
        b"%TAG !a! x\n" * 200_000,
        b"- no\n" * 200_000,
        b"a: b\n" * 200_000,
        b"\0" * 1_000_000,
        b"a: &a [x, x, x, x, x, x, x, x, x]\n"
        + b"".join(
            b"%c: &%c [%s]\n" % (i, i, b", ".join([b"*%c" % (i - 1)] * 9)) for i in range(98, 123)
        ),
    ],
    ids=[
        "lists",
        "maps",
        "items",
        "keys",
        "lines",
        "blanks",
        "tags",
        "issues",
        "same",
        "nul",
        "lol",
    ],
)
def test_hostile_files_are_refused_at_once(text: bytes) -> None:
    begun = time.perf_counter()
    found, issues = read(text)
    assert found is None
    assert 1 <= len(issues) <= 1_001
    assert time.perf_counter() - begun < 5  # well under one on an idle machine


def test_a_document_can_be_pickled() -> None:
    found = document("a: [1, {b: 0.5}]\n")
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301  # made on the line itself


def test_a_file_is_shown_by_the_name_the_caller_gives(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"a: 1\nb: no\n")
    found, (issue,) = read_yaml_file(path, shown_as="catalog/x.yaml")
    assert issue.span == Span("catalog/x.yaml", 2, 4)
    assert found is not None
    assert found.file == "catalog/x.yaml"
    assert found.value == {"a": 1, "b": "no"}


def test_a_file_too_large_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    found, (issue,) = read_yaml_file(path, shown_as="x.yaml")
    assert found is None
    assert place(issue) == ("too-large", 0, 0)


def test_what_is_no_readable_file_is_an_issue(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    for path in (tmp_path / "missing.yaml", tmp_path, pipe, Path("a\0b")):
        found, (issue,) = read_yaml_file(path, shown_as="x.yaml")
        assert found is None
        assert place(issue) == ("unreadable-file", 0, 0)
