"""From a folder to a catalog: read, check the form, build, check across files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from plan_rules.catalog.catalog import Catalog
from plan_rules.catalog.rate import RateTable
from plan_rules.errors import Issue, Severity, Span
from plan_rules.loading.bands import build_bands
from plan_rules.loading.decks import DeckPlace
from plan_rules.loading.facts import build_facts
from plan_rules.loading.files import CatalogFile, find_files
from plan_rules.loading.page import Page
from plan_rules.loading.plans import build_plan
from plan_rules.loading.prices import note_prices
from plan_rules.loading.rates import build_rate_table
from plan_rules.loading.reach import note_reach
from plan_rules.loading.reader import DEFAULT_LIMITS, Document, Limits, read_yaml_file
from plan_rules.loading.references import note_references
from plan_rules.loading.root import build_root
from plan_rules.loading.rules import build_rules, read_rules
from plan_rules.loading.schema import judge
from plan_rules.loading.sheets import Sheet, Sheets, sound
from plan_rules.loading.zones import build_zone
from plan_rules.rules.rule import RuleSet

T = TypeVar("T")

READ_ON = frozenset({"ambiguous-scalar", "duplicate-key", "merge-key", "yaml-tag"})
"""Issues of the reader after which it still reads the whole file."""

NAMED_BY = {
    "catalog": "catalog",
    "zone": "zone",
    "bands": "bands",
    "rates": "rate-table",
    "plan": "plan",
}
"""The key that holds the id, of each kind of file that has one."""


def read_catalog(
    folder: Path, limits: Limits | None = None
) -> tuple[Catalog | None, tuple[Issue, ...]]:
    """Return the catalog of a folder, `None` if there is an error, and all issues in order."""
    files, found = find_files(folder)
    issues = list(found)
    sheets = Sheets()
    bounds = limits or DEFAULT_LIMITS
    decks: list[CatalogFile] = []
    for file in files:
        match file.kind:
            case "catalog":
                sheets.root = _sheet(file, build_root, issues, bounds)
            case "zone":
                sheets.zones.append(_sheet(file, build_zone, issues, bounds))
            case "bands":
                sheets.bands.append(_sheet(file, build_bands, issues, bounds))
            case "rates":
                sheets.rates.append(_sheet(file, _table_builder(file, bounds), issues, bounds))
            case "deck":
                decks.append(file)
            case "facts":
                sheets.facts = _sheet(file, build_facts, issues, bounds)
            case "rules":
                sheets.rules.append(_sheet(file, build_rules, issues, bounds))
            case _:
                sheets.plans.append(_sheet(file, build_plan, issues, bounds))
    note_references(sheets, folder, issues)
    issues += _unused(decks, sheets)
    note_prices(sheets)
    note_reach(sheets)
    rules = read_rules(sheets)
    issues += sheets.issues()
    unique = {(each.span, each.code, each.path, each.message): each for each in issues}
    ordered = tuple(unique[key] for key in sorted(unique))
    return _catalog(sheets, rules, ordered), ordered


def _sheet(
    file: CatalogFile, build: Callable[[Page], T], issues: list[Issue], limits: Limits
) -> Sheet[T]:
    """Read one file as far as it goes."""
    document, found = read_yaml_file(file.path, shown_as=file.shown_as, limits=limits)
    issues += found
    if document is None:
        return Sheet(id=file.path.stem, page=None, value=None)
    sheet_id = _id(document, file)
    if any(each.code not in READ_ON for each in found):
        return Sheet(id=sheet_id, page=None, value=None)
    told = {each.span for each in found}
    verdict = judge(document, file.kind)
    faults = [each for each in verdict.issues if each.span not in told]
    issues += faults
    if found or not verdict.is_buildable:
        return Sheet(id=sheet_id, page=None, value=None)
    page = Page(document)
    value = build(page)
    told = {each.span for each in faults}
    page.issues[:] = [each for each in page.issues if each.span not in told]
    is_sound = not faults and not page.is_broken
    return Sheet(id=sheet_id, page=page, value=value if is_sound else None)


def _table_builder(file: CatalogFile, limits: Limits) -> Callable[[Page], RateTable]:
    place = DeckPlace(folder=file.path.parent, shown_as=file.shown_as, limits=limits)
    return lambda page: build_rate_table(page, place)


def _unused(decks: list[CatalogFile], sheets: Sheets) -> Iterator[Issue]:
    """Yield a warning for each deck that no table names; all are, if a table cannot be read."""
    if any(sheet.page is None for sheet in sheets.rates):
        return
    named = {
        sheet.page.value["csv"]["file"]
        for sheet in sheets.rates
        if sheet.page is not None and "csv" in sheet.page.value
    }
    for deck in decks:
        if deck.path.name not in named:
            yield Issue(
                code="unused-deck",
                span=Span(deck.shown_as, 0, 0),
                message="no rate table names this deck; it is not read",
                hint=f"write a table with `csv: {{file: {deck.path.name}}}`, or delete the file",
                severity=Severity.WARNING,
            )


def _id(document: Document, file: CatalogFile) -> str:
    value: Any = document.value
    written = value.get(NAMED_BY.get(file.kind)) if isinstance(value, dict) else None
    return written if isinstance(written, str) else file.path.stem


def _catalog(sheets: Sheets, rules: RuleSet, issues: tuple[Issue, ...]) -> Catalog | None:
    root = sheets.root.value if sheets.root else None
    if root is None or any(issue.is_error for issue in issues):
        return None
    return Catalog(
        id=root.id,
        currency=root.currency,
        zone=root.zone,
        plans=sound(sheets.plans),
        rate_tables=sound(sheets.rates),
        zones=sound(sheets.zones),
        band_sets=sound(sheets.bands),
        either=root.either,
        tax=root.tax,
        numbering=root.numbering,
        rules=rules,
        span=root.span,
    )
