"""The strict reader: the YAML text of one file becomes plain values with positions, or issues.

YAML's own rules would read Norway's `NO` as false, the prefix `0044` as 36 and `12:30` as
750, and drop the first of two equal keys. Here only true, false and null, plain integers
and plain decimals are more than text; what could be meant in two ways is an issue. The
parser's events are taken one by one and never by recursion, so that depth, aliases and size
stay bounded whatever a file holds. What a catalog means is not known here.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import yaml

from plan_rules.errors import Issue, Severity, Span

Scalar: TypeAlias = bool | int | Decimal | str | None
"""A single value of a document."""

# Not a union of dict and list: readers index into it before its schema has narrowed it.
Value: TypeAlias = Any
"""A value of a document: a `Scalar`, a list of values, or a dict from text to values."""

Steps: TypeAlias = tuple[str | int, ...]
"""The keys and indexes that lead from the root of a document to a value."""

PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The parser whose events are read: libyaml's, or PyYAML's own where that is missing."""

INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)", re.ASCII)
DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+", re.ASCII)
PREFIX = re.compile(r"\+[0-9]+", re.ASCII)
ZEROS_FIRST = re.compile(r"-?0[0-9]+(?:\.[0-9]+)?", re.ASCII)
NUMBER_LIKE = re.compile(
    r"[-+]?(?:0x[0-9a-f_]+|0o[0-7_]+|0b[01_]+"
    r"|\.[0-9][0-9_]*(?:e[-+]?[0-9]+)?|[0-9][0-9_]*(?:\.[0-9_]*)?(?:e[-+]?[0-9]+)?"
    r"|\.inf|\.nan)",
    re.ASCII | re.IGNORECASE,
)
NUMBER_STARTS = frozenset("0123456789-+.")
MAX_DIGITS = 100
"""Digits a number may have; beyond, it is an account number and belongs in quotes."""

CONSTANTS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "true": True,
    "false": False,
}
WORDS = {
    **dict.fromkeys(("yes", "on", "y", "true"), "true"),
    **dict.fromkeys(("no", "off", "n", "false"), "false"),
    "null": "null",
}
"""What other readers take for a constant, in any case, and how the constant is written here."""
CODES = frozenset({"NO", "ON"})
"""Two capitals are a country, a state or a zone, never a yes or no."""

# C0 and C1 controls and DEL, line breaks no editor counts alike, byte order marks inside the
# text, and code points that are no characters: what libyaml would refuse without a place.
CONTROL = re.compile(
    "[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]"
)
PLAIN_BYTES = bytes([0x09, 0x0A, 0x0D, *range(0x20, 0x7F)])

# Two things take libyaml time that grows with the square of their number, before it returns:
# blanks in a row, and directives. No catalog has them.
BLANK_BLOCK = 1024
MAX_DIRECTIVES = 1000

SHOWN = 40
"""Characters of an author's text that a message repeats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one file may hold; what goes beyond is an issue and the file is not used.

    `size` is in bytes; `depth` counts lists and mappings inside one another; `nodes` counts
    keys and values; `aliased` counts the values that aliases repeat; `length` is in
    characters of one key or text; after `issues` issues reading ends.
    """

    size: int = 8 * 1024 * 1024
    depth: int = 32
    nodes: int = 300_000
    aliased: int = 100_000
    length: int = 100_000
    issues: int = 1_000


DEFAULT_LIMITS = Limits()
"""The limits of a catalog's files."""


class Place(NamedTuple):
    """Where an entry stands: its key, its value (from 1), and the places inside the value.

    An entry without a key, which is one of a list or the root, has its value's place for both.
    """

    key_line: int
    key_column: int
    line: int
    column: int
    inside: Mapping[str | int, Place] | None


@dataclass(frozen=True, slots=True)
class Document:
    """What a file holds: plain values, and where each of them stands.

    `value` is made of dict, list, str, int, Decimal, bool and None, and is read, not changed;
    what an alias repeats is one shared value. A path names a value by keys and indexes.
    `lines` are the lines of the file without their ends.
    """

    file: str
    value: Value
    place: Place = field(repr=False)
    lines: tuple[str, ...] = field(repr=False)

    def span(self, path: Steps = ()) -> Span:
        """Return where the value at `path` begins; for an unknown path, where its parent does."""
        place = self._nearest(path)
        return Span(self.file, place.line, place.column)

    def key_span(self, path: Steps) -> Span:
        """Return where the key of the entry at `path` begins; for an unknown path, its parent's."""
        place = self._nearest(path)
        return Span(self.file, place.key_line, place.key_column)

    def source_line(self, line: int) -> str:
        """Return a line of the file, counted from 1; an empty text if there is none."""
        return _line_of(self.lines, line)

    def issue(
        self,
        code: str,
        path: Steps,
        message: str,
        hint: str = "",
        *,
        severity: Severity = Severity.ERROR,
        at_key: bool = False,
    ) -> Issue:
        """Return an issue at the value of `path`, or at its key; place and source are filled in."""
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

    def _nearest(self, path: Steps) -> Place:
        place = self.place
        for step in path:
            inner = place.inside.get(step) if place.inside is not None else None
            if inner is None:
                break
            place = inner
        return place


def dotted(path: Steps) -> str:
    """Return a path as text, such as `rates.MX/mobile.tiers[0]`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def read_yaml_file(
    path: Path, *, shown_as: str, limits: Limits = DEFAULT_LIMITS
) -> tuple[Document | None, tuple[Issue, ...]]:
    """Return what a file holds and its issues, as `read_yaml` does; `shown_as` names the file.

    Links are followed. A file that is too large is not opened, one that cannot be read is an
    issue `unreadable-file`.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            message = "this is not a file that can be read"
            return None, (_of_file(shown_as, "unreadable-file", message),)
        if status.st_size > limits.size:
            return None, (_too_large(shown_as, limits),)
        with path.open("rb") as file:
            data = file.read(limits.size + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"the file cannot be read: {reason.lower()}"
        return None, (_of_file(shown_as, "unreadable-file", message),)
    return read_yaml(data, file=shown_as, limits=limits)


def read_yaml(
    text: bytes, *, file: str, limits: Limits = DEFAULT_LIMITS
) -> tuple[Document | None, tuple[Issue, ...]]:
    """Return what the bytes of a file hold, and every issue found, in the order of reading.

    No content makes it raise. There is a document if all of its values could be read: beside
    it may still be errors, of equal keys (the first is kept), of ambiguous values (kept as
    text) and of tags (passed over). Without a document there is at least one error.
    """
    if len(text) > limits.size:
        return None, (_too_large(file, limits),)
    try:
        decoded = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return None, (_bad_encoding(file, text, error),)
    lines = _lines(decoded)
    refused = _refusal(file, text, decoded, lines)
    if refused is not None:
        return None, (refused,)
    builder = _Builder(file, lines, limits)
    return builder.read(decoded), tuple(builder.issues)


class _Stop(Exception):
    """Reading ends here; the issue that says why is recorded."""


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet.

    `key` is the key whose value comes next, or `None` where a key comes next; `is_dropped`
    says that this value is not kept; `is_key` that all of this stands where a key belongs.
    """

    value: Any
    is_mapping: bool
    line: int
    column: int
    anchor: str | None
    nodes_before: int
    deepest: int
    is_key: bool
    inside: dict[str | int, Place] = field(default_factory=dict)
    key: str | None = None
    key_line: int = 0
    key_column: int = 0
    is_dropped: bool = False

    @property
    def expects_key(self) -> bool:
        return self.is_mapping and self.key is None


class _Anchored(NamedTuple):
    """A value that aliases may repeat, with the nodes and the depth it brings along."""

    value: Any
    inside: Mapping[str | int, Place] | None
    nodes: int
    depth: int


class _Builder:
    """Makes values and places of events, with a stack of its own."""

    def __init__(self, file: str, lines: tuple[str, ...], limits: Limits) -> None:
        self.file = file
        self.lines = lines
        self.limits = limits
        self.issues: list[Issue] = []
        self._document: Document | None = None
        self._is_whole = True
        self._stack: list[_Open] = []
        self._anchors: dict[str, _Anchored | None] = {}
        self._known: dict[str, Scalar] = {}
        self._nodes = 0
        self._aliased = 0
        self._documents = 0

    def read(self, text: str) -> Document | None:
        """Return the document of a text; the issues are in `issues`."""
        take = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._open_mapping,
            yaml.SequenceStartEvent: self._open_list,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._begin,
            yaml.DocumentEndEvent: self._pass,
            yaml.StreamStartEvent: self._pass,
        }
        parser = PARSER(text)
        try:
            while type(event := parser.get_event()) is not yaml.StreamEndEvent:
                take[type(event)](event)
        except _Stop:
            return None
        except yaml.YAMLError as error:
            self.issues.append(_syntax(self.file, self.lines, error))
            return None
        except (ValueError, OverflowError):  # PyYAML's own parser, of an escape such as \UFFFFFFFF
            message = "an escape or a number in the file is out of range"
            self.issues.append(_of_file(self.file, "yaml-syntax", message))
            return None
        finally:
            parser.dispose()
        if self._document is None and self._is_whole:
            message = "the file holds no value"
            self.issues.append(_of_file(self.file, "empty-file", message, "write it, or delete it"))
        return self._document if self._is_whole else None

    def _pass(self, event: Any) -> None:
        """Take an event that says nothing about values."""

    def _begin(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            message = "a second document begins here"
            self._report("second-document", event.start_mark, message, "delete the `---`")
            self._is_whole = False
            raise _Stop

    def _scalar(self, event: Any) -> None:
        stack = self._stack
        mark = event.start_mark
        text = event.value
        self._count(mark)
        if len(text) > self.limits.length:
            message = f"a text has {len(text)} characters; at most {self.limits.length} are read"
            self._report("too-large", mark, message, "shorten it")
            raise _Stop
        if stack and stack[-1].expects_key:
            self._key(stack[-1], event)
            return
        value: Scalar = text
        if event.tag is not None:
            self._tag(event)
        elif event.implicit[0]:
            try:
                value = self._known[text]
            except KeyError:
                value = self._plain(text, mark)
            if value is None and text == "" and not stack:
                return
        elif event.style == '"' and CONTROL.search(text):
            self._control(text, mark)
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchored(value, None, 1, 0)
        self._put(value, mark.line + 1, mark.column + 1, None)

    def _plain(self, text: str, mark: Any) -> Scalar:
        value, hint = plain_value(text)
        if hint:
            message = f"`{_short(text)}` can be read in more than one way"
            self._report("ambiguous-scalar", mark, message, hint)
        else:
            self._known[text] = value
        return value

    def _key(self, top: _Open, event: Any) -> None:
        key: str = event.value
        mark = event.start_mark
        top.key, top.key_line, top.key_column = key, mark.line + 1, mark.column + 1
        is_plain = event.implicit[0]
        if event.tag is not None:
            self._tag(event)
        if event.anchor is not None:
            value = plain_value(key)[0] if is_plain else key
            self._anchors[event.anchor] = _Anchored(value, None, 1, 0)
        if key in top.value:
            first = top.inside[key].key_line
            hint = f"it is already on line {first}; keep one of the two"
            self._report("duplicate-key", mark, f"the key `{_short(key)}` is given twice", hint)
            top.is_dropped = True
        elif is_plain and key == "<<":
            self._report("merge-key", mark, "`<<` merges a mapping", "write its entries out")
            top.is_dropped, self._is_whole = True, False
        elif is_plain and key == "":
            self._report("bad-key", mark, "an entry has no key", "write the key before the colon")
            top.is_dropped, self._is_whole = True, False
        elif event.style == '"' and CONTROL.search(key):
            self._control(key, mark)

    def _open_mapping(self, event: Any) -> None:
        self._open(event, {}, is_mapping=True)

    def _open_list(self, event: Any) -> None:
        self._open(event, [], is_mapping=False)

    def _open(self, event: Any, value: Any, *, is_mapping: bool) -> None:
        stack = self._stack
        mark = event.start_mark
        is_key = bool(stack) and stack[-1].expects_key
        if is_key:
            message = "a list or a mapping stands where a key belongs"
            hint = "a key is a single text; quote one with brackets"
            self._report("bad-key", mark, message, hint)
            self._is_whole = False
        depth = len(stack) + 1
        if depth > self.limits.depth:
            self._too_deep(mark)
        if event.tag is not None:
            self._tag(event)
        before = self._nodes + self._aliased
        self._count(mark)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        stack.append(
            _Open(
                value,
                is_mapping,
                mark.line + 1,
                mark.column + 1,
                event.anchor,
                before,
                depth,
                is_key,
            )
        )

    def _close(self, _event: Any) -> None:
        closed = self._stack.pop()
        depth = len(self._stack)
        if closed.anchor is not None:
            nodes = self._nodes + self._aliased - closed.nodes_before
            known = _Anchored(closed.value, closed.inside, nodes, closed.deepest - depth)
            self._anchors[closed.anchor] = known
        if self._stack:
            self._stack[-1].deepest = max(self._stack[-1].deepest, closed.deepest)
        if closed.is_key:
            self._drop_entry(self._stack[-1], closed.line, closed.column)
        else:
            self._put(closed.value, closed.line, closed.column, closed.inside)

    def _alias(self, event: Any) -> None:
        stack = self._stack
        mark = event.start_mark
        top = stack[-1] if stack else None
        name = _short(event.anchor)
        if top is not None and top.expects_key:
            message = f"the alias `*{name}` stands where a key belongs"
            self._report("bad-key", mark, message, "write the key out")
            self._is_whole = False
            self._drop_entry(top, mark.line + 1, mark.column + 1)
            return
        known = self._anchors.get(event.anchor)
        if known is None:
            if event.anchor in self._anchors:
                message = f"`*{name}` repeats a value inside itself"
                self._report("recursive-alias", mark, message, "write the value out")
            else:
                message = f"`*{name}` repeats a value that nothing above calls `&{name}`"
                hint = f"write the value out, or quote the text '*{name}'"
                self._report("yaml-syntax", mark, message, hint)
            self._is_whole = False
            self._put(None, mark.line + 1, mark.column + 1, None)
            return
        self._aliased += known.nodes
        if self._aliased > self.limits.aliased:
            message = f"aliases repeat more than {self.limits.aliased} values"
            self._report("alias-bomb", mark, message, "write fewer aliases")
            raise _Stop
        if top is not None:
            top.deepest = max(top.deepest, len(stack) + known.depth)
            if top.deepest > self.limits.depth:
                self._too_deep(mark)
        self._put(known.value, mark.line + 1, mark.column + 1, known.inside)

    def _put(
        self, value: Any, line: int, column: int, inside: Mapping[str | int, Place] | None
    ) -> None:
        """Add a finished value to the list or mapping it stands in."""
        if not self._stack:
            place = Place(line, column, line, column, inside)
            self._document = Document(self.file, value, place, self.lines)
            return
        top = self._stack[-1]
        if not top.is_mapping:
            top.inside[len(top.value)] = Place(line, column, line, column, inside)
            top.value.append(value)
            return
        key, top.key = top.key, None
        if top.is_dropped or key is None:
            top.is_dropped = False
            return
        top.value[key] = value
        top.inside[key] = Place(top.key_line, top.key_column, line, column, inside)

    def _drop_entry(self, top: _Open, line: int, column: int) -> None:
        """Let the value that comes next be read, and not kept."""
        top.key, top.key_line, top.key_column, top.is_dropped = "", line, column, True

    def _count(self, mark: Any) -> None:
        self._nodes += 1
        if self._nodes > self.limits.nodes:
            message = f"the file holds more than {self.limits.nodes} keys and values"
            self._report("too-large", mark, message, "split it")
            raise _Stop

    def _too_deep(self, mark: Any) -> None:
        message = f"lists and mappings stand inside one another more than {self.limits.depth} deep"
        self._report("too-deep", mark, message, "no catalog needs this; check the brackets")
        raise _Stop

    def _tag(self, event: Any) -> None:
        message = f"`{_short(event.tag)}` is a tag"
        hint = "leave it out: what a value is shows in how it is written; quote a text"
        self._report("yaml-tag", event.start_mark, message, hint)

    def _control(self, text: str, mark: Any) -> None:
        found = CONTROL.search(text)
        code = ord(found[0]) if found is not None else 0
        message = f"a text holds the control character U+{code:04X}"
        self._report("control-character", mark, message, "delete the escape")

    def _report(self, code: str, mark: Any, message: str, hint: str) -> None:
        self.issues.append(
            Issue(
                code=code,
                span=Span(self.file, mark.line + 1, mark.column + 1),
                message=message,
                hint=hint,
                path=dotted(self._path()),
                source=_line_of(self.lines, mark.line + 1),
            )
        )
        if len(self.issues) >= self.limits.issues:
            message = f"the file has more than {self.limits.issues} issues; the rest is not read"
            self.issues.append(_of_file(self.file, "too-many-issues", message))
            raise _Stop

    def _path(self) -> Steps:
        path: list[str | int] = []
        for each in self._stack:
            if not each.is_mapping:
                path.append(len(each.value))
            elif each.key is not None:
                path.append(each.key)
        return tuple(path)


def plain_value(text: str) -> tuple[Scalar, str]:
    """Return the value of an unquoted text, and a hint if it could be meant in two ways.

    Numbers are exact: `15.00` is the decimal with two places. What is ambiguous stays text.
    """
    if text in CONSTANTS:
        return CONSTANTS[text], ""
    if text[0] in NUMBER_STARTS:
        return _number(text)
    word = WORDS.get(text.lower())
    if word is None or text in CODES:
        return text, ""
    return text, f"write {word}, or quote the text: '{text}'"


def _number(text: str) -> tuple[Scalar, str]:
    if len(text) <= MAX_DIGITS:
        if DECIMAL.fullmatch(text):
            return Decimal(text), ""
        if INTEGER.fullmatch(text):
            return int(text), ""
    if PREFIX.fullmatch(text):
        return text, ""
    if ZEROS_FIRST.fullmatch(text):
        short = text.lstrip("-0")
        number = "-" * text.startswith("-") + ("0" * (short[:1] in {"", "."}) + short)
        return text, f"quote the text: '{_short(text)}', or write the number as {_short(number)}"
    if NUMBER_LIKE.fullmatch(text):
        hint = f"write a plain number such as 1000 or 0.5, or quote the text: '{_short(text)}'"
        return text, hint
    return text, ""


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else text[:SHOWN] + "..."


def _lines(text: str) -> tuple[str, ...]:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return tuple(text.split("\n"))


def _line_of(lines: tuple[str, ...], line: int) -> str:
    return lines[line - 1] if 1 <= line <= len(lines) else ""


def _refusal(file: str, data: bytes, text: str, lines: tuple[str, ...]) -> Issue | None:
    """Return why a text is not given to the parser at all, or `None` if it may be."""
    control = None
    if data.translate(None, PLAIN_BYTES):
        control = CONTROL.search(text)
    if control is not None:
        at = control.start()
        before = _lines(text[:at])
        span = Span(file, len(before), len(before[-1]) + 1)
        more = len(CONTROL.findall(text)) - 1
        message = f"the file holds the control character U+{ord(control[0]):04X}"
        message += f" and {more} more such" if more else ""
        hint = "delete it; check that the file is a text"
        source = _line_of(lines, span.line)
        return Issue(code="control-character", span=span, message=message, hint=hint, source=source)
    for start in range(0, len(text) - BLANK_BLOCK + 1, BLANK_BLOCK):
        if text[start : start + BLANK_BLOCK].isspace():
            span = Span(file, len(_lines(text[:start])), 1)
            message = f"more than {BLANK_BLOCK} blanks stand in a row"
            return Issue(code="too-large", span=span, message=message, hint="delete them")
    if text.count("\n%") > MAX_DIRECTIVES:
        message = f"more than {MAX_DIRECTIVES} lines begin with `%`"
        return _of_file(file, "too-large", message, "delete them: a catalog needs no directives")
    return None


def _bad_encoding(file: str, data: bytes, error: UnicodeDecodeError) -> Issue:
    before = _lines(data[: error.start].decode("utf-8-sig"))
    source = _line_of(_lines(data.decode("utf-8-sig", "replace")), len(before))
    return Issue(
        code="bad-encoding",
        span=Span(file, len(before), len(before[-1]) + 1),
        message=f"byte {error.start + 1} of the file is not UTF-8",
        hint="save the file as UTF-8",
        source=source,
    )


UNCLOSED = {"'}'": "`{`", "']'": "`[`"}
"""What the parser missed, and what had opened it."""

NEITHER = (
    "the line is neither `key: value` nor `- value`",
    "write a colon and a space after the key",
)

FAULTS = (
    (
        "mapping values",
        "a second `: ` stands in one entry",
        "write a space after the colon of the entry above, line keys up, or quote the text",
    ),
    (
        "token",
        "`{found}` cannot begin an unquoted text",
        "quote the text",
    ),
    (
        "block collection",
        "a list goes on with something that is no `- value`",
        "begin the line with `- `, or line it up with the key it belongs to",
    ),
    (
        "node content",
        "a value is missing before `{found}`",
        "write the value, or quote the text",
    ),
    (
        "document start",
        "the line does not line up with the entries above",
        "begin it in the same column as the entries it belongs to",
    ),
    (
        "expected key",
        "the text goes on where an entry should end",
        "line it up with the entries above, or quote the whole text",
    ),
    (
        "block end",
        "the text goes on where an entry should end",
        "line it up with the entries above, or quote the whole text",
    ),
    (
        "alphabetic or numeric",
        "`{found}` after `*` or `&` is no name",
        "quote a text that begins with `*` or `&`",
    ),
)
"""Words of the parser's own sentences, what they come to, and the remedy."""


def _syntax(file: str, lines: tuple[str, ...], error: yaml.YAMLError) -> Issue:
    """Return what the parser could not read, in plain words."""
    problem = str(getattr(error, "problem", None) or "the text is not YAML").strip()
    context = str(getattr(error, "context", None) or "")
    mark = getattr(error, "problem_mark", None)
    opened = getattr(error, "context_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    if line > len(lines):
        line, column = len(lines), len(lines[-1]) + 1
    source = _line_of(lines, line)
    indent = source[: len(source) - len(source.lstrip(" \t"))]
    found = source[column - 1 : column]
    code, message, hint = "yaml-syntax", "", ""
    if found == "\t" or "\t" in indent or "a tab character" in problem:
        column = column if found == "\t" else source.find("\t") + 1
        code, hint = "tab-indentation", "indent with spaces"
        message = "a tab stands where only spaces may"
    elif opened is not None and (message := _unclosed(problem, context)):
        line, column = opened.line + 1, opened.column + 1
        source = _line_of(lines, line)
        hint = "close it; a text that holds it goes in quotes"
    elif opened is not None and "expected ':'" in problem:
        line, column = opened.line + 1, opened.column + 1
        source = _line_of(lines, line)
        message, hint = NEITHER
    said = f"{problem} {context}".replace("<", "").replace(">", "")
    for part, fact, remedy in FAULTS:
        if not message and part in said:
            message = fact.format(found=found or "the end of the line")
            hint = remedy
    return Issue(
        code=code,
        span=Span(file, line, max(column, 1)),
        message=message or problem,
        hint=hint or "check quotes, colons and indentation here",
        source=source,
    )


def _unclosed(problem: str, context: str) -> str:
    if "quoted scalar" in context and ("end of stream" in problem or "document" in problem):
        return "the quote opened here is not closed"
    for missing, opened in UNCLOSED.items():
        if missing in problem:
            return f"the {opened} opened here is not closed, or a comma is missing in it"
    return ""


def _too_large(file: str, limits: Limits) -> Issue:
    message = f"the file is larger than {limits.size} bytes"
    return _of_file(file, "too-large", message, "split it")


def _of_file(file: str, code: str, message: str, hint: str = "") -> Issue:
    return Issue(code=code, span=Span(file, 0, 0), message=message, hint=hint)
