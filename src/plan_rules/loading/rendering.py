"""Issues as people and tools read them: text with the source line and a caret, or JSON."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from plan_rules.errors import Issue, Severity

WIDEST = 200
"""Characters of a source line that are shown whole; of a longer one, a part is."""
AROUND = 80
"""Characters shown on each side of the caret in a line too long."""

STEERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of what follows, and so could disguise a line."""

BOLD = "\x1b[1m"
RED = "\x1b[1;31m"
YELLOW = "\x1b[1;33m"
CYAN = "\x1b[36m"
RESET = "\x1b[0m"


def render_issue(issue: Issue, *, colour: bool = False) -> str:
    """Return an issue as text: one line that tools can parse, the source line with a caret, a hint.

    Without a source there is no caret; of an issue with the whole file, the line has no
    numbers. Characters that would steer a terminal are shown as escapes. `colour` adds the
    escapes of terminals that can show it.
    """
    span = issue.span
    place = f"{span.file}:{span.line}:{span.column}" if span.line else span.file
    severity = f"{issue.severity.value}[{issue.code}]"
    hue = RED if issue.severity is Severity.ERROR else YELLOW
    where = _paint(_visible(place), BOLD, colour=colour)
    what = _paint(severity, hue, colour=colour)
    lines = [f"{where}: {what}: {_visible(issue.message)}"]
    if issue.source and span.line:
        source, column = _part(issue.source, span.column)
        number = f"{span.line:5d}"
        lead = "".join(_blank(each) for each in source[: column - 1])
        caret = _paint("^", hue, colour=colour)
        shown = "".join(each if each == "\t" else _visible(each) for each in source)
        lines += [f"{number} | {shown}", f"{' ' * len(number)} | {lead}{caret}"]
    if issue.hint:
        lines.append(f"  {_paint('hint', CYAN, colour=colour)}: {_visible(issue.hint)}")
    return "\n".join(lines)


def render_issues(issues: Iterable[Issue]) -> str:
    """Return issues as text in the order of their places, a blank line between two."""
    ordered = sorted(issues, key=lambda issue: (issue.span, issue.code, issue.message))
    return "\n\n".join(render_issue(issue) for issue in ordered)


def issues_as_json(issues: Iterable[Issue]) -> dict[str, list[dict[str, str | int]]]:
    """Return issues, in the order given, as plain values for JSON; lines and columns from 1."""
    return {
        "issues": [
            {
                "file": issue.span.file,
                "line": issue.span.line,
                "column": issue.span.column,
                "code": issue.code,
                "severity": issue.severity.value,
                "message": issue.message,
                "hint": issue.hint,
                "path": issue.path,
            }
            for issue in issues
        ]
    }


def _paint(text: str, hue: str, *, colour: bool) -> str:
    return f"{hue}{text}{RESET}" if colour else text


def _part(source: str, column: int) -> tuple[str, int]:
    """Return the part of a line around a column, and the column within it."""
    if len(source) <= WIDEST:
        return source, column
    start = max(column - 1 - AROUND, 0)
    end = column - 1 + AROUND
    lead = "..." if start else ""
    tail = "..." if end < len(source) else ""
    return f"{lead}{source[start:end]}{tail}", column - start + len(lead)


def _visible(text: str) -> str:
    """Return a text on one line, with escapes for what would steer a terminal."""
    if text.isprintable():
        return text
    return "".join(each if _is_harmless(each) else _escape(each) for each in text)


def _is_harmless(character: str) -> bool:
    if character.isprintable():
        return True
    return character not in STEERING and unicodedata.category(character) in {"Zs", "Cf"}


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def _blank(character: str) -> str:
    """Return blanks as wide as a character shows on a terminal."""
    if character == "\t":
        return "\t"
    if not _is_harmless(character):
        return " " * len(_escape(character))
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return ""
    return "  " if unicodedata.east_asian_width(character) in {"W", "F"} else " "
