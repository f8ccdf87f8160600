"""The strict reader: YAML text becomes plain values with positions, or issues.

YAML's own rules would read Norway's `NO` as false, the prefix `0044` as 36 and `12:30` as
750, and drop the first of two equal keys. Here only true, false and null, plain integers
and plain decimals are more than text; what could be meant in two ways is an issue. The
events of libyaml are read one by one, never by recursion, so that depth, aliases and size
are bounded whatever the file holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from plan_rules.errors import Issue, Severity, Span

Value: TypeAlias = "bool | int | Decimal | str | list[Value] | dict[str, Value] | None"
Path_: TypeAlias = tuple[str | int, ...]

PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})", re.ASCII)
DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,30}", re.ASCII)
ODD_NUMBER = re.compile(
    r"[-+]?(0[0-9_]+(\.[0-9_]*)?|0x[0-9a-fA-F_]+|0o[0-7_]+|0b[01_]+"
    r"|[0-9][0-9_]*_[0-9_]*(\.[0-9_]*)?|\.[0-9]+|[0-9]+\.|[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+"
    r"|\.(inf|Inf|INF|nan|NaN|NAN)|[0-9]{19,}(\.[0-9]*)?)",
    re.ASCII,
)
PLUS_DECIMAL = re.compile(r"\+[0-9]+\.[0-9]+", re.ASCII)
ODD_WORDS = frozenset(
    {"yes", "no", "on", "off", "Yes", "No", "On", "Off", "YES", "OFF", "True", "TRUE"}
    | {"False", "FALSE", "Null", "NULL", "y", "n"}
)
CONSTANTS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "true": True,
    "false": False,
}
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a file may hold: bytes, nesting depth, and nodes once aliases are expanded."""

    size: int = 8 * 1024 * 1024
    depth: int = 32
    expanded: int = 2_000_000


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Document:
    """What a file holds: plain values, and where each of them stands.

    `value` is made of dict, list, str, int, Decimal, bool and None. A path names a value by
    keys and indexes from the root.
    """

    file: str
    value: Value
    text: str = field(repr=False)
    root: Any = field(repr=False)
    marks: dict[int, dict[str | int, tuple[Any, Any]]] = field(repr=False)

    def span(self, path: Path_ = ()) -> Span:
        """Return where the value at `path` begins; of a path unknown, its nearest known part."""
        return self._span(path, 1)

    def key_span(self, path: Path_) -> Span:
        """Return where the key of the entry at `path` begins."""
        return self._span(path, 0)

    def source_line(self, line: int) -> str:
        """Return a line of the text, counted from 1, or an empty text."""
        start = 0
        for _ in range(line - 1):
            start = self.text.find("\n", start) + 1
            if start == 0:
                return ""
        end = self.text.find("\n", start)
        return self.text[start : end if end >= 0 else None].rstrip("\r")

    def issue(
        self,
        code: str,
        path: Path_,
        message: str,
        *,
        hint: str = "",
        severity: Severity = Severity.ERROR,
        at_key: bool = False,
    ) -> Issue:
        """Return an issue at the value, or with `at_key` the key, of `path`."""
        span = self.key_span(path) if at_key else self.span(path)
        return Issue(
            code=code,
            span=span,
            message=message,
            hint=hint,
            severity=severity,
            path=dotted(path),
            source=self.source_line(span.line),
        )

    def _span(self, path: Path_, which: int) -> Span:
        mark = self.root
        value: Value = self.value
        for step in path:
            known = self.marks.get(id(value), {}).get(step)
            if known is None:
                break
            mark = known[which]
            value = value[step]  # type: ignore[index]
        return Span(self.file, mark.line + 1, mark.column + 1)


def dotted(path: Path_) -> str:
    """Return a path as text: `rates.MX/mobile.tiers[0]`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def read_yaml_file(
    path: Path, *, shown_as: str, limits: Limits = DEFAULT_LIMITS
) -> tuple[Document | None, tuple[Issue, ...]]:
    """Read a file; `shown_as` names it in issues. A file too large is not opened at all."""
    try:
        size = path.stat().st_size
        if size > limits.size:
            return None, (_too_large(shown_as, size, limits),)
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        return None, (_whole(shown_as, "unreadable-file", f"the file cannot be read: {reason}"),)
    return read_yaml(data, file=shown_as, limits=limits)


def read_yaml(
    data: bytes, *, file: str, limits: Limits = DEFAULT_LIMITS
) -> tuple[Document | None, tuple[Issue, ...]]:
    """Return what the bytes of a file hold, and every issue found on the way.

    No content whatever makes it raise. Without a document there is at least one error.
    """
    if len(data) > limits.size:
        return None, (_too_large(file, len(data), limits),)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        hint = "save the file as UTF-8"
        message = f"byte {error.start + 1} of the file is not UTF-8"
        return None, (
            Issue(code="bad-encoding", span=Span(file, line, 1), message=message, hint=hint),
        )
    control = CONTROL.search(text)
    if control is not None:
        before = text[: control.start()]
        line, column = before.count("\n") + 1, control.start() - before.rfind("\n")
        message = f"the file holds the control character U+{ord(control[0]):04X}"
        span = Span(file, line, column)
        return None, (
            Issue(code="control-character", span=span, message=message, hint="delete it"),
        )
    builder = _Builder(file, text, limits)
    try:
        builder.run()
    except _Stop:
        pass
    except yaml.YAMLError as error:
        builder.issues.append(_syntax(file, text, error))
    if builder.document is None and not builder.issues:
        message = "the file is empty"
        return None, (_whole(file, "empty-file", message, "write the entries, or delete the file"),)
    failed = any(issue.is_error for issue in builder.issues)
    broken = failed and builder.document is None
    return (None if broken else builder.document), tuple(builder.issues)


class _Stop(Exception):
    """Reading ends here; the issue that says why is recorded."""


@dataclass(slots=True)
class _Open:
    """A mapping or sequence whose end has not come yet."""

    value: Any
    marks: dict[str | int, tuple[Any, Any]]
    anchor: str | None
    nodes: int
    is_mapping: bool
    key: str | None = None
    key_mark: Any = None


class _Builder:
    """Builds values from events with a stack of its own."""

    def __init__(self, file: str, text: str, limits: Limits) -> None:
        self.file = file
        self.text = text
        self.limits = limits
        self.issues: list[Issue] = []
        self.document: Document | None = None
        self._marks: dict[int, dict[str | int, tuple[Any, Any]]] = {}
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._plain: dict[str, Any] = {}
        self._stack: list[_Open] = []
        self._nodes = 0
        self._documents = 0

    def run(self) -> None:
        """Read every event of the text."""
        parser = PARSER(self.text)
        try:
            self._read(_events(parser))
        finally:
            parser.dispose()

    def _read(self, events: Iterator[Any]) -> None:
        stack = self._stack
        for event in events:
            kind = type(event)
            if kind is yaml.ScalarEvent:
                top = stack[-1] if stack else None
                if top is not None and top.is_mapping and top.key is None:
                    self._key(top, event)
                else:
                    self._nodes += 1
                    value = self._scalar(event)
                    if event.anchor is not None:
                        self._anchors[event.anchor] = (value, 1)
                    self._place(value, event.start_mark)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                self._open(event, is_mapping=kind is yaml.MappingStartEvent)
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                self._close()
            elif kind is yaml.AliasEvent:
                self._alias(event)
            elif kind is yaml.DocumentStartEvent:
                self._documents += 1
                if self._documents > 1:
                    message = "a second document begins here"
                    self._report(
                        "second-document", event.start_mark, message, "one document a file"
                    )
                    raise _Stop

    def _open(self, event: Any, *, is_mapping: bool) -> None:
        top = self._stack[-1] if self._stack else None
        if top is not None and top.is_mapping and top.key is None:
            message = "a key is a list or a mapping"
            self._report("bad-key", event.start_mark, message, "a key is a single text")
            raise _Stop
        if len(self._stack) >= self.limits.depth:
            message = f"values are nested deeper than {self.limits.depth}"
            self._report("too-deep", event.start_mark, message, "no catalog needs this depth")
            raise _Stop
        self._check_tag(event)
        self._nodes += 1
        value: Any = {} if is_mapping else []
        marks: dict[str | int, tuple[Any, Any]] = {}
        self._marks[id(value)] = marks
        self._place(value, event.start_mark, closed=False)
        self._stack.append(_Open(value, marks, event.anchor, self._nodes, is_mapping))

    def _close(self) -> None:
        closed = self._stack.pop()
        if closed.anchor is not None:
            self._anchors[closed.anchor] = (closed.value, self._nodes - closed.nodes + 1)
        if self._stack and self._stack[-1].is_mapping:
            self._stack[-1].key = None

    def _alias(self, event: Any) -> None:
        top = self._stack[-1] if self._stack else None
        known = self._anchors.get(event.anchor)
        if known is None:
            is_open = any(each.anchor == event.anchor for each in self._stack)
            code = "recursive-alias" if is_open else "yaml-syntax"
            word = "inside itself" if is_open else "that is set nowhere above"
            self._report(
                code, event.start_mark, f"`*{event.anchor}` is an alias {word}", "write it out"
            )
            raise _Stop
        if top is not None and top.is_mapping and top.key is None:
            self._report("bad-key", event.start_mark, "a key is an alias", "write the key out")
            raise _Stop
        value, nodes = known
        self._nodes += nodes
        if self._nodes > self.limits.expanded:
            message = f"aliases expand to more than {self.limits.expanded} values"
            self._report("alias-bomb", event.start_mark, message, "write fewer aliases")
            raise _Stop
        self._place(value, event.start_mark)

    def _key(self, top: _Open, event: Any) -> None:
        key = event.value
        if key == "<<" and not event.style:
            message = "`<<` merges another mapping"
            self._report("merge-key", event.start_mark, message, "write the entries out")
        elif key in top.value:
            line = top.marks[key][0].line + 1
            message = f"the key `{key}` is given twice"
            hint = f"it is already on line {line}; keep one of them"
            self._report("duplicate-key", event.start_mark, message, hint)
        top.key = key
        top.key_mark = event.start_mark

    def _place(self, value: Any, mark: Any, *, closed: bool = True) -> None:
        if not self._stack:
            self.document = Document(self.file, value, self.text, mark, self._marks)
            return
        top = self._stack[-1]
        if top.is_mapping:
            key = top.key or ""
            if key not in top.value:
                top.value[key] = value
                top.marks[key] = (top.key_mark, mark)
            if closed:
                top.key = None
        else:
            top.marks[len(top.value)] = (mark, mark)
            top.value.append(value)

    def _scalar(self, event: Any) -> Any:
        if event.style or event.tag is not None:
            self._check_tag(event)
            return event.value
        text = event.value
        try:
            return self._plain[text]
        except KeyError:
            value, hint = _plain_value(text)
            if hint:
                message = f"`{text[:40]}` can be read in more than one way"
                self._report("ambiguous-scalar", event.start_mark, message, hint)
            else:
                self._plain[text] = value
            return value

    def _check_tag(self, event: Any) -> None:
        if event.tag is not None and event.tag != "!":
            message = f"`{event.tag}` is a tag"
            self._report("yaml-tag", event.start_mark, message, "leave the tag out")

    def _report(self, code: str, mark: Any, message: str, hint: str) -> None:
        span = Span(self.file, mark.line + 1, mark.column + 1)
        keys = [str(each.key) for each in self._stack if each.key is not None]
        self.issues.append(
            Issue(
                code=code,
                span=span,
                message=message,
                hint=hint,
                path=".".join(keys),
                source=_line_of(self.text, span.line),
            )
        )


def _events(parser: Any) -> Iterator[Any]:
    while (event := parser.get_event()) is not None:
        yield event
        if type(event) is yaml.StreamEndEvent:
            return


def _plain_value(text: str) -> tuple[Any, str]:
    """Return the value of an unquoted scalar, and a hint if it is ambiguous."""
    if text in CONSTANTS:
        return CONSTANTS[text], ""
    if INTEGER.fullmatch(text):
        return int(text), ""
    if DECIMAL.fullmatch(text):
        return Decimal(text), ""
    if ODD_NUMBER.fullmatch(text) or PLUS_DECIMAL.fullmatch(text):
        return text, f"write a plain number such as 36 or 0.5, or quote a text: '{text[:40]}'"
    if text in ODD_WORDS:
        return text, f"write true or false, or quote a text: '{text}'"
    return text, ""


def _syntax(file: str, text: str, error: yaml.YAMLError) -> Issue:
    mark = getattr(error, "problem_mark", None)
    line = (mark.line if mark is not None else 0) + 1
    column = (mark.column if mark is not None else 0) + 1
    problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
    source = _line_of(text, line)
    lead = source[: len(source) - len(source.lstrip())]
    if "\t" in lead or "\\t" in problem or (source[column - 1 : column] == "\t"):
        column = source.find("\t") + 1
        message, hint, code = "a tab indents the line", "indent with spaces", "tab-indentation"
    else:
        message, hint, code = problem, "check quotes, colons and indentation here", "yaml-syntax"
    return Issue(
        code=code, span=Span(file, line, column), message=message, hint=hint, source=source
    )


def _line_of(text: str, line: int) -> str:
    lines = text.split("\n", line)
    return lines[line - 1].rstrip("\r") if len(lines) >= line else ""


def _too_large(file: str, size: int, limits: Limits) -> Issue:
    message = f"the file has {size} bytes; at most {limits.size} are read"
    return _whole(file, "too-large", message, "split it, or keep large rate tables as CSV decks")


def _whole(file: str, code: str, message: str, hint: str = "") -> Issue:
    return Issue(code=code, span=Span(file, 0, 0), message=message, hint=hint)
