"""The three ways to say no, of which two live here: issues and exceptions.

An `Issue` says that the author's file is wrong: it is a value, and all of a catalog's
issues are collected. An exception says that the caller misused the library. The third
way, an *outcome* with reasons, belongs to the modules that decide about customers.
This module is the lowest layer: it knows nothing of plans, money or files.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad an issue is: an `error` keeps the catalog from being used, a `warning` does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Where something is written: `file`, and `line` and `column` counted from 1.

    `line` 0 means the file as a whole. Values made by Python code carry `NOWHERE`.
    """

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        """Return `file:line:column`, the form editors and terminals can jump to."""
        return f"{self.file}:{self.line}:{self.column}"


NOWHERE = Span("<python>", 0, 0)
"""The span of a value that no file holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One fault of an author's file, with its place and its remedy.

    `code` is stable and kebab-case; `message` says the fact in lower case without a final
    stop, what the author wrote in backticks; `hint` says the remedy or is empty; `path` is
    the place inside the document, such as `rates.MX/mobile.increment`; `source` is the
    source line the span points into, for the caret, or empty.
    """

    code: str
    span: Span
    message: str
    hint: str = ""
    severity: Severity = Severity.ERROR
    path: str = ""
    source: str = ""

    @property
    def is_error(self) -> bool:
        """Whether the issue keeps the catalog from being used."""
        return self.severity is Severity.ERROR


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint naming the closest known words to `word`, or an empty text if none is close."""
    choices = sorted(set(known))
    lowered = {choice.lower(): choice for choice in reversed(choices)}
    close = difflib.get_close_matches(word.lower(), lowered, n=2, cutoff=0.6)
    if not close:
        return ""
    return "did you mean " + " or ".join(f"`{lowered[each]}`" for each in close) + "?"


class PlanRulesError(Exception):
    """The base of every exception this library raises on purpose."""


class InvalidValue(PlanRulesError, ValueError):
    """A value that cannot exist, such as a negative duration or a naive timestamp.

    `name` is the field, `value` what was given and `expected` what would have been right.
    """

    def __init__(self, *, name: str, value: object, expected: str) -> None:
        """Keep the facts; the sentence is made from them."""
        self.name = name
        self.value = value
        self.expected = expected
        super().__init__(f"`{name}` is {value!r}; expected {expected}")


class UnknownId(PlanRulesError, LookupError):
    """An id nobody declared; `closest` is a hint with the nearest known ids, or empty."""

    def __init__(self, *, kind: str, value: str, known: Iterable[str]) -> None:
        """Keep what was asked for and what would have been found."""
        self.kind = kind
        self.value = value
        self.known = tuple(sorted(known))
        self.closest = did_you_mean(value, self.known)
        super().__init__(
            f"unknown {kind} `{value}`" + (f"; {self.closest}" if self.closest else "")
        )


class CurrencyMismatch(PlanRulesError, ValueError):
    """Two amounts of different currencies were to be combined or compared."""

    def __init__(self, *, expected: str, given: str) -> None:
        """Keep both currency codes."""
        self.expected = expected
        self.given = given
        super().__init__(f"expected an amount in {expected}, got {given}")


class CatalogInvalid(PlanRulesError, ValueError):
    """A catalog with errors was to be used; `issues` holds every one of them, warnings included."""

    def __init__(self, issues: Iterable[Issue]) -> None:
        """Keep all issues in the order of their places."""
        self.issues = tuple(issues)
        errors = [issue for issue in self.issues if issue.is_error]
        first = f"; first: {errors[0].span}: {errors[0].message}" if errors else ""
        super().__init__(f"the catalog has {len(errors)} error(s){first}")


class MissingExtra(PlanRulesError, ImportError):
    """A package that an extra brings is not installed: `package`, of the extra `extra`."""

    def __init__(self, *, extra: str, package: str) -> None:
        """Keep what is missing and what would bring it."""
        self.extra = extra
        self.package = package
        super().__init__(f"{package} is not installed; run pip install 'plan-rules[{extra}]'")
