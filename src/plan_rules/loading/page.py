"""One file while it is read: its document, and the issues found in it so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from plan_rules.errors import Issue, Severity, Span
from plan_rules.loading.reader import Document, Steps


@dataclass(frozen=True, slots=True)
class Page:
    """A document and the notes made in its margin."""

    document: Document
    issues: list[Issue] = field(default_factory=list)

    @property
    def value(self) -> Any:
        """What the document holds; the schema has said of which form it is."""
        return self.document.value

    @property
    def is_broken(self) -> bool:
        """Whether an error was noted."""
        return any(issue.is_error for issue in self.issues)

    def note(
        self,
        code: str,
        path: Steps,
        message: str,
        *,
        hint: str = "",
        severity: Severity = Severity.ERROR,
        at_key: bool = False,
    ) -> None:
        """Note an issue at the value, or with `at_key` at the key, of `path`."""
        self.issues.append(
            self.document.issue(code, path, message, hint=hint, severity=severity, at_key=at_key)
        )

    def span(self, path: Steps = ()) -> Span:
        """Return where the value at `path` begins."""
        return self.document.span(path)

    def key_span(self, path: Steps) -> Span:
        """Return where the key at `path` begins."""
        return self.document.key_span(path)
