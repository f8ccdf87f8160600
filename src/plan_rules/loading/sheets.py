"""What was read, before it is known to fit together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from plan_rules.catalog.plan import Plan
from plan_rules.catalog.rate import RateTable
from plan_rules.catalog.zone import Zone
from plan_rules.errors import Issue
from plan_rules.loading.page import Page
from plan_rules.loading.root import Root
from plan_rules.periods import BandSet
from plan_rules.rules.fact import FactSpec

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet(Generic[T]):
    """One file as far as it could be read.

    `id` is what others may call it by; of a file that could not be read, its name stands in.
    `page` is `None` if the form of the file is not right. `value` is `None` if it has errors.
    """

    id: str
    page: Page | None
    value: T | None


@dataclass(slots=True)
class Sheets:
    """Every file of a catalog, by kind. Of rule files the ids of the rules are the value."""

    root: Sheet[Root] | None = None
    zones: list[Sheet[Zone]] = field(default_factory=list)
    bands: list[Sheet[BandSet]] = field(default_factory=list)
    rates: list[Sheet[RateTable]] = field(default_factory=list)
    plans: list[Sheet[Plan]] = field(default_factory=list)
    facts: Sheet[tuple[FactSpec, ...]] | None = None
    rules: list[Sheet[tuple[str, ...]]] = field(default_factory=list)

    def pages(self) -> Iterator[Page]:
        """Yield every page whose form is right."""
        single = (self.root, self.facts)
        for sheet in (*single, *self.zones, *self.bands, *self.rates, *self.plans, *self.rules):
            if sheet is not None and sheet.page is not None:
                yield sheet.page

    def issues(self) -> Iterator[Issue]:
        """Yield every issue noted on a page."""
        for page in self.pages():
            yield from page.issues


def ids(sheets: list[Sheet[T]]) -> list[str]:
    """Return the ids of files, whether sound or not."""
    return [sheet.id for sheet in sheets]


def sound(sheets: list[Sheet[T]]) -> dict[str, T]:
    """Return the values of the files that have no error, by id."""
    return {sheet.id: sheet.value for sheet in sheets if sheet.value is not None}
