"""Issues as people and tools read them."""

from __future__ import annotations

from collections.abc import Iterable

from plan_rules.errors import Issue


def render_issue(issue: Issue) -> str:
    """Return an issue as text: a line tools can parse, the source line with a caret, a hint."""
    span = issue.span
    place = str(span) if span.line else span.file
    lines = [f"{place}: {issue.severity}[{issue.code}]: {issue.message}"]
    if issue.source and span.line:
        number = f"{span.line:5d}"
        lead = "".join("\t" if each == "\t" else " " for each in issue.source[: span.column - 1])
        lines += [f"{number} | {issue.source}", f"{' ' * len(number)} | {lead}^"]
    if issue.hint:
        lines.append(f"  hint: {issue.hint}")
    return "\n".join(lines)


def issues_as_json(issues: Iterable[Issue]) -> dict[str, list[dict[str, str | int]]]:
    """Return issues in the published form, schema `issues.schema.json`."""
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
