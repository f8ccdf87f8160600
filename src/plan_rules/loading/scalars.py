"""Texts and numbers of a document, made into exact values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from plan_rules.catalog.dated import Dated
from plan_rules.catalog.rate import Increment
from plan_rules.destinations.countries import countries, country, find_country
from plan_rules.destinations.selector import Selector, parse_selector
from plan_rules.errors import InvalidValue, Issue, Span, did_you_mean
from plan_rules.loading.reader import Document
from plan_rules.money import Rounding, RoundingMode, parse_micros
from plan_rules.periods import CycleLength, CycleUnit, Period

T = TypeVar("T")
Where = tuple[str | int, ...]


class Reading:
    """One document of the right shape, being made into values; faults are collected."""

    def __init__(self, document: Document) -> None:
        """Begin with no issue."""
        self.document = document
        self.issues: list[Issue] = []

    @property
    def value(self) -> Any:
        """The document's value, whose shape the schema has already settled."""
        return self.document.value

    def span(self, *path: str | int) -> Span:
        """Return where the value at `path` stands."""
        return self.document.span(path)

    def fault(
        self, code: str, path: Where, message: str, hint: str = "", *, at_key: bool = False
    ) -> None:
        """Record an error."""
        self.issues.append(self.document.issue(code, path, message, hint=hint, at_key=at_key))

    def micros(self, value: int | Decimal, path: Where) -> int:
        """Return a price in micros; more than six decimals are a fault."""
        try:
            return parse_micros(Decimal(value))
        except InvalidValue:
            message = f"`{value}` has more than six decimals"
            self.fault("too-many-decimals", path, message, "prices are exact to a millionth")
            return 0

    def optional_micros(self, row: Mapping[str, Any], key: str, path: Where) -> int | None:
        """Return the price under a key, or `None` if it is not given."""
        return self.micros(row[key], (*path, key)) if key in row else None

    def day(self, text: str, path: Where, *, at_key: bool = False) -> date | None:
        """Return a date; a day that no calendar has is a fault."""
        try:
            return date.fromisoformat(text)
        except ValueError:
            message = f"`{text}` is no day of the calendar"
            self.fault("bad-date", path, message, "check the month and the day", at_key=at_key)
            return None

    def dated(
        self, value: Any, path: Where, read: Callable[[Any, Where], T], *, is_dated: bool
    ) -> Dated[T] | None:
        """Return a value that may be given by dates."""
        if not is_dated:
            return Dated.always(read(value, path))
        entries: list[tuple[date, T]] = []
        for key, each in value.items():
            start = self.day(key, (*path, key), at_key=True)
            if start is not None:
                entries.append((start, read(each, (*path, key))))
        entries.sort(key=lambda entry: entry[0])
        return Dated(tuple(entries)) if entries else None

    def dated_micros(self, value: Any, path: Where) -> Dated[int]:
        """Return a price that may be given by dates."""
        found = self.dated(value, path, self.micros, is_dated=isinstance(value, dict))
        return found or Dated.always(0)

    def period(self, row: Mapping[str, str], path: Where) -> Period:
        """Return a period from `start` and `end`, each of which may be open."""
        start = self.day(row["start"], (*path, "start")) if "start" in row else None
        end = self.day(row["end"], (*path, "end")) if "end" in row else None
        try:
            return Period(start=start, end=end)
        except InvalidValue:
            message = f"the period ends on {end}, not after its start on {start}"
            self.fault("empty-period", (*path, "end"), message, "`end` is the first day after it")
            return Period(start=start)

    def increment(self, value: str | int) -> Increment:
        """Return an increment from `first/next`, or one number for both."""
        first, _, following = str(value).partition("/")
        return Increment(int(first), int(following or first))

    def rounding(self, row: Mapping[str, Any], path: Where) -> Rounding:
        """Return a declared rounding."""
        step = self.micros(row["to"], (*path, "to")) or 1
        return Rounding(step_micros=step, mode=RoundingMode(row.get("mode", "half-up")))

    def cycle_length(self, text: str) -> CycleLength:
        """Return the length of a cycle from `month` or `28 days`."""
        head, _, unit = text.rpartition(" ")
        return CycleLength(unit=CycleUnit(unit.removesuffix("s")), count=int(head or 1))

    def selector(self, text: str, path: Where, *, at_key: bool = False) -> Selector | None:
        """Return a selector; a country nobody knows is a fault with the country meant."""
        try:
            found = parse_selector(text)
        except InvalidValue as error:
            message = f"`{text}` names no destination"
            self.fault("bad-selector", path, message, f"write {error.expected}", at_key=at_key)
            return None
        if found.country and country(found.country) is None:
            meant = find_country(found.country)
            hint = did_you_mean(found.country, countries())
            if meant is not None:
                hint = f"did you mean `{meant.code}` ({meant.name})?"
            message = f"unknown country `{found.country}`"
            self.fault("unknown-country", path, message, hint, at_key=at_key)
            return None
        return found

    def selectors(self, texts: list[str], path: Where) -> tuple[Selector, ...]:
        """Return a list of selectors, leaving out those at fault."""
        found = (self.selector(text, (*path, index)) for index, text in enumerate(texts))
        return tuple(each for each in found if each is not None)
