"""Decks: rates by prefix in a CSV file beside the YAML of their table.

A deck is read a line at a time and with bounds. Its rows repeat a few terms many times, so
equal terms share one value. The header says which columns there are; `columns` in the YAML
says what those of a foreign deck mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from plan_rules.catalog.dated import Dated
from plan_rules.catalog.rate import Increment, RateEntry, RateTerms
from plan_rules.destinations.number import MAX_DIGITS
from plan_rules.destinations.selector import Selector, SelectorKind
from plan_rules.errors import InvalidValue, Issue, Severity, Span, did_you_mean
from plan_rules.loading.page import Page
from plan_rules.loading.reader import Limits
from plan_rules.money import parse_micros
from plan_rules.usage.readers.lines import Line, NotReadable, lines_of, opened
from plan_rules.usage.readers.rows import DELIMITERS, cells_of

NEEDED = ("prefix", "price")
AMOUNTS = ("price", "first-price", "connection-fee", "minimum", "cap")
COLUMNS = (*NEEDED, *AMOUNTS[1:], "increment", "first", "next", "start", "note")
"""What a column of a deck can mean."""

DECK_BYTES = 64 * 1024 * 1024
"""Bytes a deck may have: some two million rows."""

AMOUNT = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,12})?", re.ASCII)
PREFIX = re.compile(r"\+?[1-9][0-9]*", re.ASCII)
INCREMENT = re.compile(r"[1-9][0-9]{0,4}(?:/[1-9][0-9]{0,4})?", re.ASCII)
SHOWN = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class DeckPlace:
    """Where a table's deck is looked for: the folder of its YAML, and how issues call it."""

    folder: Path
    shown_as: str
    limits: Limits


class _Fault(Exception):
    """A cell that cannot be read."""

    def __init__(self, name: str, text: str, expected: str) -> None:
        self.name = name
        self.text = text
        self.expected = expected
        super().__init__(name)


def build_deck(page: Page, value: Mapping[str, Any], place: DeckPlace) -> tuple[RateEntry, ...]:
    """Return the rates of the deck that `csv` names; what is wrong is noted on the page."""
    name = value["file"]
    path = place.folder / name
    shown = (Path(place.shown_as).parent / name).as_posix()
    if not path.is_file():
        message, hint = f"there is no file `{name}` beside the table", _nearest(place.folder, name)
        page.note("missing-file", ("csv", "file"), message, hint=hint)
        return ()
    if path.is_symlink() and not path.resolve().is_relative_to(place.folder.parent.resolve()):
        message, hint = "the link leads out of the catalog", "copy the file here"
        page.note("link-outside", ("csv", "file"), message, hint=hint)
        return ()
    if path.stat().st_size > DECK_BYTES:
        message = f"the deck `{name}` has more than {DECK_BYTES // 2**20} MiB"
        page.note("too-large", ("csv", "file"), message, hint="split it, a table for each part")
        return ()
    reading = _Reading(page=page, shown_as=shown, most=place.limits.issues)
    try:
        with opened(path) as stream:
            reading.read(lines_of(stream), value)
    except (OSError, NotReadable) as error:
        reason = getattr(error, "reason", "") or getattr(error, "strerror", "") or str(error)
        page.note("unreadable-file", ("csv", "file"), f"`{name}` cannot be read: {reason}")
    return reading.entries()


def _nearest(folder: Path, name: str) -> str:
    known = sorted(each.name for each in folder.glob("*.csv"))
    return did_you_mean(name, known) or "put the deck into the folder of the table"


@dataclass(slots=True)
class _Reading:
    """One deck while it is read."""

    page: Page
    shown_as: str
    most: int
    columns: dict[str, int] = field(default_factory=dict)
    width: int = 0
    delimiter: str = ","
    comma: bool = False
    bytes_read: int = 0
    faults: int = 0
    rows: dict[str, list[tuple[date | None, RateTerms, Line]]] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    terms: dict[tuple[str, ...], RateTerms] = field(default_factory=dict)
    dated: dict[tuple[tuple[date | None, int], ...], Dated[RateTerms]] = field(default_factory=dict)
    uneven: set[Increment] = field(default_factory=set)

    def read(self, lines: Iterator[Line], value: Mapping[str, Any]) -> None:
        """Read the header and every row, until there are too many faults."""
        header = next(lines, None)
        if header is None:
            self._note("empty-file", Line(0, ""), "the deck is empty", "write a header and rows")
            return
        self.comma = value.get("decimal") == "comma"
        if not self._header(header, value.get("columns", {})):
            return
        for line in lines:
            self.bytes_read += len(line.text)
            if self.bytes_read > DECK_BYTES:
                message = f"the deck has more than {DECK_BYTES // 2**20} MiB"
                self._note("too-large", line, message, "split it, a table for each part")
                return
            self._row(line)
            if self.faults > self.most:
                message = f"more than {self.most} issues; reading ends here"
                self._note("too-many-issues", line, message, "mend these first")
                return
        if not self.rows and not self.faults:
            self._note("empty-file", Line(0, ""), "the deck has a header and no row", "add rates")

    def entries(self) -> tuple[RateEntry, ...]:
        """Return a rate for each prefix, in the order of the deck."""
        return tuple(self._entry(prefix, rows) for prefix, rows in self.rows.items())

    # -- header ---------------------------------------------------------------------------

    def _header(self, line: Line, given: Mapping[str, str]) -> bool:
        if line.code:
            self._note("bad-row", line, line.fault)
            return False
        found = {each: cells_of(line.text, each) or [] for each in DELIMITERS}
        self.delimiter = max(DELIMITERS, key=lambda each: len(found[each]))
        header = [cell.strip() for cell in found[self.delimiter]]
        self.width = len(header)
        wanted = dict(given) or {name: name for name in COLUMNS if name in header}
        noted = self.faults
        for name in NEEDED:
            if name not in wanted:
                message = f"no column of the deck is said to hold the {name}"
                hint = f"say which of {_listed(header)} it is: `columns: {{{name}: ...}}`"
                self._note("missing-column", line, message, hint)
        for name, title in wanted.items():
            if header.count(title) == 1:
                self.columns[name] = header.index(title)
                continue
            path = ("csv", "columns", name)
            if title in header:
                message = f"`{self.shown_as}` has {header.count(title)} columns `{title}`"
                self._page_note("missing-column", path, message, "give each a name of its own")
            else:
                hint = did_you_mean(title, header) or f"there are {_listed(header)}"
                message = f"`{self.shown_as}` has no column `{title}`"
                self._page_note("missing-column", path, message, hint)
        if not given and self.faults == noted:
            self._note_unread(line, header)
        return self.faults == noted

    def _note_unread(self, line: Line, header: list[str]) -> None:
        unread = [title for title in header if title not in COLUMNS]
        if unread:
            message = f"nothing is read from {_listed(unread)}"
            hint = "say what it means under `columns`, or list there the columns that count"
            self._note("unread-column", line, message, hint, severity=Severity.WARNING)

    # -- rows -----------------------------------------------------------------------------

    def _row(self, line: Line) -> None:
        if line.code:
            self._note("bad-row", line, line.fault)
            return
        cells = cells_of(line.text, self.delimiter)
        if cells is None:
            hint = "pair its quotes, and double a quote inside of quotes"
            self._note("bad-row", line, "the line is no CSV", hint)
            return
        if len(cells) != self.width:
            message = f"the line has {len(cells)} columns, the header {self.width}"
            hint = "put a cell that holds the separator into quotes"
            self._note("bad-row", line, message, hint)
            return
        row = {name: cells[index].strip() for name, index in self.columns.items()}
        try:
            prefix = _prefix(row["prefix"])
            start = _day(row.get("start", ""))
            terms = self._terms(row, line)
        except _Fault as fault:
            self._note_cell(line, cells, fault)
            return
        if row.get("note"):
            self.notes[prefix] = row["note"]
        versions = self.rows.setdefault(prefix, [])
        for known_start, known, first in versions:
            if known_start == start:
                self._note_repeated(line, prefix, first, is_equal=known == terms)
                return
        versions.append((start, terms, line))

    def _terms(self, row: Mapping[str, str], line: Line) -> RateTerms:
        texts = tuple(row.get(name, "") for name in (*AMOUNTS, "increment", "first", "next"))
        known = self.terms.get(texts)
        if known is None:
            if not row["price"]:
                raise _Fault("price", "", "an amount, as in 0.0125")
            known = self.terms[texts] = RateTerms(
                price=self._amount("price", row),
                first_price=self._amount("first-price", row),
                connection_fee=self._amount("connection-fee", row),
                minimum=self._amount("minimum", row),
                cap=self._amount("cap", row),
                increment=self._increment(row, line),
            )
        return known

    def _increment(self, row: Mapping[str, str], line: Line) -> Increment | None:
        found = _increment(row)
        if found is not None and found.first % found.next and found not in self.uneven:
            self.uneven.add(found)
            message = f"in `{found}` the next increment does not divide the first"
            hint = "check that this is meant; it is told once for the whole deck"
            self._note("uneven-increment", line, message, hint, severity=Severity.WARNING)
        return found

    def _amount(self, name: str, row: Mapping[str, str]) -> int | None:
        text = row.get(name, "")
        if not text:
            return None
        plain = text.replace(",", ".") if self.comma and "." not in text else text
        if not AMOUNT.fullmatch(plain) or (self.comma and "." in text):
            raise _Fault(name, text, f"an amount, as in {'0,0125' if self.comma else '0.0125'}")
        try:
            return parse_micros(Decimal(plain))
        except InvalidValue:
            raise _Fault(name, text, "an amount of at most six decimals") from None

    def _entry(self, prefix: str, rows: list[tuple[date | None, RateTerms, Line]]) -> RateEntry:
        ordered = sorted(rows, key=lambda row: row[0] or date.min)
        versions = tuple((start, id(terms)) for start, terms, _ in ordered)
        dated = self.dated.get(versions)
        if dated is None:
            dated = Dated(tuple((start, terms) for start, terms, _ in ordered))
            self.dated[versions] = dated
        return RateEntry(
            selector=Selector(kind=SelectorKind.PREFIX, prefix=prefix),
            terms=dated,
            note=self.notes.get(prefix, ""),
            span=Span(self.shown_as, rows[0][2].number, 1),
        )

    # -- notes ----------------------------------------------------------------------------

    def _note_repeated(self, line: Line, prefix: str, first: Line, *, is_equal: bool) -> None:
        message = f"`+{prefix}` stands in line {first.number} already"
        if is_equal:
            message += ", with equal terms"
        hint = "take one of the two lines out"
        severity = Severity.WARNING if is_equal else Severity.ERROR
        self._note("repeated-prefix", line, message, hint, severity=severity)

    def _note_cell(self, line: Line, cells: list[str], fault: _Fault) -> None:
        index = self.columns.get(fault.name, 0)
        before = line.text.split(self.delimiter)
        is_plain = len(before) == len(cells)
        column = sum(len(each) + 1 for each in before[:index]) + 1 if is_plain else 1
        text = f"`{fault.text[:SHOWN]}`" if fault.text else "an empty cell"
        message = f"{text} is no {fault.name} of a rate"
        self._note("bad-cell", line, message, f"write {fault.expected}", column=column)

    def _note(
        self,
        code: str,
        line: Line,
        message: str,
        hint: str = "",
        *,
        column: int = 1,
        severity: Severity = Severity.ERROR,
    ) -> None:
        self.faults += severity is Severity.ERROR
        self.page.issues.append(
            Issue(
                code=code,
                span=Span(self.shown_as, line.number, column if line.number else 0),
                message=message,
                hint=hint,
                severity=severity,
                path="csv",
                source=line.text,
            )
        )

    def _page_note(self, code: str, path: tuple[str, ...], message: str, hint: str) -> None:
        self.faults += 1
        self.page.note(code, path, message, hint=hint)


def _prefix(text: str) -> str:
    if not PREFIX.fullmatch(text) or len(text.lstrip("+")) > MAX_DIGITS:
        expected = f"1 to {MAX_DIGITS} digits that begin with a country code, as in 5255"
        raise _Fault("prefix", text, expected)
    return text.lstrip("+")


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _Fault("start", text, "a day as YYYY-MM-DD, or nothing for since ever") from None


def _increment(row: Mapping[str, str]) -> Increment | None:
    for name in ("increment", "first", "next"):
        text = row.get(name, "")
        if text and not INCREMENT.fullmatch(text):
            raise _Fault(name, text, "whole seconds, as in 6 or 60/6")
    first, _, following = row.get("increment", "").partition("/")
    first, following = row.get("first") or first, row.get("next") or following
    if not first and not following:
        return None
    return Increment(int(first or following), int(following or first))


def _listed(titles: list[str]) -> str:
    more = f" and {len(titles) - 12} more" if len(titles) > 12 else ""  # noqa: PLR2004  a line
    return ", ".join(f"`{title[:SHOWN]}`" for title in titles[:12]) + more
