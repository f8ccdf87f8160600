"""The layout of issues is what people and tools rely on, so here texts are compared."""

from __future__ import annotations

import json

from plan_rules.errors import Issue, Severity, Span
from plan_rules.loading.rendering import issues_as_json, render_issue, render_issues

UNKNOWN_ZONE = Issue(
    code="unknown-zone",
    span=Span("catalog/plans/americas-500.yaml", 12, 10),
    message="plan `americas-500` names unknown zone `americs`",
    hint="did you mean `americas`?",
    path="allowances[0].to[0]",
    source="    to: [americs]",
)


def issue_at(line: int, column: int, *, source: str = "", message: str = "a fact") -> Issue:
    return Issue(code="a-code", span=Span("f.yaml", line, column), message=message, source=source)


def caret_line(issue: Issue) -> str:
    return render_issue(issue).splitlines()[2]


def test_an_issue_is_a_parseable_line_the_source_with_a_caret_and_a_hint() -> None:
    assert render_issue(UNKNOWN_ZONE) == (
        "catalog/plans/americas-500.yaml:12:10: error[unknown-zone]: "
        "plan `americas-500` names unknown zone `americs`\n"
        "   12 |     to: [americs]\n"
        "      |          ^\n"
        "  hint: did you mean `americas`?"
    )


def test_an_issue_without_source_or_hint_is_one_line() -> None:
    assert render_issue(issue_at(3, 4)) == "f.yaml:3:4: error[a-code]: a fact"


def test_an_issue_with_a_whole_file_names_no_line() -> None:
    assert render_issue(issue_at(0, 0, source="ignored")) == "f.yaml: error[a-code]: a fact"


def test_a_warning_says_so() -> None:
    warning = Issue(
        code="a-code", span=Span("f", 1, 1), message="a fact", severity=Severity.WARNING
    )
    assert render_issue(warning) == "f:1:1: warning[a-code]: a fact"


def test_the_caret_follows_tabs_wide_and_combining_characters() -> None:
    assert caret_line(issue_at(1, 3, source="\tab")) == "      | \t ^"
    assert caret_line(issue_at(1, 3, source="日本x")) == "      |     ^"
    assert caret_line(issue_at(1, 3, source="e\u0301x")) == "      |  ^"


def test_a_very_long_line_is_shown_around_the_caret() -> None:
    source = "a" * 5000 + "X" + "b" * 5000
    _, shown, caret = render_issue(issue_at(7, 5001, source=source)).splitlines()
    assert len(shown) < 200
    assert shown[caret.index("^")] == "X"
    assert shown.endswith("...")


def test_a_long_line_is_shown_from_its_start_if_the_caret_is_there() -> None:
    _, shown, caret = render_issue(issue_at(7, 2, source="aX" + "b" * 5000)).splitlines()
    assert shown.startswith("    7 | aXb")
    assert shown[caret.index("^")] == "X"


def test_what_would_steer_a_terminal_is_shown_as_an_escape() -> None:
    text = render_issue(issue_at(1, 2, source="\x1bX\u202e", message="a key `x\ny\x1b[31m`"))
    first, shown, caret = text.splitlines()
    assert first == "f.yaml:1:2: error[a-code]: a key `x\\ny\\x1b[31m`"
    assert shown == "    1 | \\x1bX\\u202e"
    assert shown[caret.index("^")] == "X"


def test_spaces_and_joiners_of_other_scripts_are_left_alone() -> None:
    assert render_issue(issue_at(1, 1, message="1\u202f000 \U0001f468\u200d\U0001f469")) == (
        "f.yaml:1:1: error[a-code]: 1\u202f000 \U0001f468\u200d\U0001f469"
    )


def test_colour_adds_escapes_and_changes_no_word() -> None:
    coloured = render_issue(UNKNOWN_ZONE, colour=True)
    for escape in ("\x1b[1m", "\x1b[1;31m", "\x1b[36m", "\x1b[0m"):
        assert escape in coloured
        coloured = coloured.replace(escape, "")
    assert coloured == render_issue(UNKNOWN_ZONE)


def test_issues_are_shown_in_the_order_of_their_places() -> None:
    text = render_issues([issue_at(10, 1), issue_at(2, 9), issue_at(2, 1), issue_at(0, 0)])
    assert [line.partition(" ")[0] for line in text.split("\n\n")] == [
        "f.yaml:",
        "f.yaml:2:1:",
        "f.yaml:2:9:",
        "f.yaml:10:1:",
    ]
    assert render_issues([]) == ""


def test_issues_as_json_hold_every_published_field() -> None:
    published = issues_as_json([UNKNOWN_ZONE])
    assert json.loads(json.dumps(published)) == {
        "issues": [
            {
                "file": "catalog/plans/americas-500.yaml",
                "line": 12,
                "column": 10,
                "code": "unknown-zone",
                "severity": "error",
                "message": "plan `americas-500` names unknown zone `americs`",
                "hint": "did you mean `americas`?",
                "path": "allowances[0].to[0]",
            }
        ]
    }
