"""What files name in other files: zones, rate tables, bands; and ids that two files claim."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from plan_rules.destinations.selector import Selector
from plan_rules.errors import InvalidValue, Issue, Severity, Span, did_you_mean
from plan_rules.loading.files import ROOT
from plan_rules.loading.page import Page
from plan_rules.loading.reader import Steps
from plan_rules.loading.scalars import is_dated
from plan_rules.loading.selectors import parsed, zone_or_country_hint
from plan_rules.loading.sheets import Sheet, Sheets, ids

T = TypeVar("T")
CHOSEN = frozenset({"chosen"})


def note_references(sheets: Sheets, folder: Path, issues: list[Issue]) -> None:
    """Note what is named and not there. What is there and could not be read counts as there."""
    _note_duplicates(sheets.zones, ("zone",))
    _note_duplicates(sheets.bands, ("bands",))
    _note_duplicates(sheets.rates, ("rate-table",))
    _note_duplicates(sheets.plans, ("plan",))
    if not sheets.plans:
        span = Span((folder / ROOT).as_posix(), 0, 0)
        message, hint = "the catalog has no plan", "write one in the folder `plans`"
        issues.append(Issue(code="no-plans", span=span, message=message, hint=hint))
    zones = sorted(ids(sheets.zones))
    for zone in sheets.zones:
        if zone.page is not None:
            _note_zones(zone.page, f"zone `{zone.id}`", _of_zone(zone.page.value), zones)
    for table in sheets.rates:
        if table.page is not None:
            _note_table(table, table.page, sheets, zones)
    for plan in sheets.plans:
        if plan.page is not None:
            _note_plan(plan.id, plan.page, sheets, zones)
    _note_unused(sheets)
    _note_cycles(sheets)


Mention = tuple[Steps, str, bool]
"""Where a selector is written, its text, and whether it is a key."""


def _note_duplicates(sheets: list[Sheet[T]], path: Steps) -> None:
    seen: dict[str, Sheet[T]] = {}
    for sheet in sheets:
        first = seen.setdefault(sheet.id, sheet)
        if first is not sheet and sheet.page is not None and first.page is not None:
            message = f"the id `{sheet.id}` is taken"
            hint = f"it is already at {first.page.span(path)}; choose another"
            sheet.page.note("duplicate-id", path, message, hint=hint)


def _note_zones(page: Page, who: str, mentions: Iterator[Mention], zones: list[str]) -> None:
    known = frozenset(zones)
    for path, text, at_key in mentions:
        found = _selector(text)
        if found is None or not found.zone or found.zone in known:
            continue
        is_country, hint = zone_or_country_hint(found, zones)
        if not hint:
            hint = "known zones: " + ", ".join(zones) if zones else "the catalog has no zones"
        if is_country:
            message = f"unknown country `{text}`"
            page.note("unknown-country", path, message, hint=hint, at_key=at_key)
        else:
            message = f"{who} names unknown zone `{found.zone}`"
            page.note("unknown-zone", path, message, hint=hint, at_key=at_key)


def _selector(text: str) -> Selector | None:
    try:
        return parsed(text)
    except InvalidValue:
        return None


def _note_table(sheet: Sheet[Any], page: Page, sheets: Sheets, zones: list[str]) -> None:
    value = page.value
    _note_zones(page, f"rate table `{sheet.id}`", _keys(value.get("rates", {}), ("rates",)), zones)
    named = value.get("bands", "")
    known = ids(sheets.bands)
    if named and named not in known:
        hint = did_you_mean(named, known) or "write them in the folder `bands`"
        message = f"rate table `{sheet.id}` names unknown bands `{named}`"
        page.note("unknown-bands", ("bands",), message, hint=hint)
    else:
        _note_bands(page, value.get("rates", {}), ("rates",), named, sheets)
    for text in value.get("rates", {}):
        _note_misplaced(page, text, ("rates", text), at_key=True)


def _note_bands(
    page: Page, rows: Mapping[str, Any], path: Steps, named: str, sheets: Sheets
) -> None:
    """Note bands that the rates at `path` price and the set `named` does not have."""
    bands: list[str] | None = []
    if named:
        found = next((each.value for each in sheets.bands if each.id == named), None)
        bands = None if found is None else [band.id for band in found.bands]
    if bands is None:
        return
    for text, row in rows.items():
        if not isinstance(row, dict) or is_dated(row):
            continue
        for band in row.get("bands", {}):
            if band in bands:
                continue
            here = (*path, text, "bands", band)
            if named:
                hint = did_you_mean(band, bands) or "known bands: " + ", ".join(bands)
                message = f"`{named}` has no band `{band}`"
            else:
                message = f"`{text}` has a price for `{band}`, but the rate table names no bands"
                hint = "add `bands: ...` to the rate table"
            page.note("unknown-band", here, message, hint=hint, at_key=True)


def _note_plan(plan_id: str, page: Page, sheets: Sheets, zones: list[str]) -> None:
    value = page.value
    who = f"plan `{plan_id}`"
    _note_zones(page, who, _of_plan(value), zones)
    tables = ids(sheets.rates)
    named = value.get("rates", "")
    if named and named not in tables:
        hint = did_you_mean(named, tables) or (
            f"known rate tables: {', '.join(tables)}" if tables else "write it in `rates`"
        )
        message = f"{who} names unknown rate table `{named}`"
        page.note("unknown-rate-table", ("rates",), message, hint=hint)
    else:
        table = next((each for each in sheets.rates if each.id == named), None)
        if table is None or table.value is not None:
            bands = table.value.bands if table is not None and table.value is not None else ""
            _note_bands(page, value.get("overrides", {}), ("overrides",), bands, sheets)
    _note_choice(page, value, who)
    for index, row in enumerate(value.get("allowances", [])):
        if "hours" in row:
            _note_hours(page, row["hours"], ("allowances", index, "hours"), sheets)


def _note_hours(page: Page, hours: Mapping[str, Any], path: Steps, sheets: Sheets) -> None:
    """Note hours of a band set, or of a band, that is not there."""
    known = ids(sheets.bands)
    named = hours["bands"]
    if named not in known:
        hint = did_you_mean(named, known) or "write them in the folder `bands`"
        message = f"the hours name unknown bands `{named}`"
        page.note("unknown-bands", (*path, "bands"), message, hint=hint)
        return
    found = next((each.value for each in sheets.bands if each.id == named), None)
    bands = [] if found is None else [band.id for band in found.bands]
    for index, band in enumerate(hours["within"]):
        if found is not None and band not in bands:
            hint = did_you_mean(band, bands) or "known bands: " + ", ".join(bands)
            message = f"`{named}` has no band `{band}`"
            page.note("unknown-band", (*path, "within", index), message, hint=hint)


def _note_choice(page: Page, value: Mapping[str, Any], who: str) -> None:
    """Note `chosen` without `choose`, the reverse, and `chosen` where it has no meaning."""
    is_used = False
    for path, text, at_key in _of_plan(value):
        if text.partition("/")[0] not in CHOSEN:
            continue
        if path[0] == "allowances" and path[2] == "to":
            is_used = True
            if "choose" not in value:
                message = f"{who} uses `{text}`, but there is nothing to choose from"
                hint = "add `choose: [...]` with countries or zones"
                page.note("chosen-without-choose", path, message, hint=hint)
        else:
            _note_misplaced(page, text, path, at_key=at_key)
    if "choose" in value and not is_used:
        message = f"{who} lets customers choose a country that no allowance uses"
        hint = "write `to: [chosen]` in an allowance, or take `choose` out"
        page.note("choose-without-chosen", ("choose",), message, hint=hint, at_key=True)


def _note_misplaced(page: Page, text: str, path: Steps, *, at_key: bool) -> None:
    if text.partition("/")[0] in CHOSEN:
        message = f"`{text}` has no meaning here"
        hint = "a chosen country belongs in the `to` of an allowance"
        page.note("misplaced-chosen", path, message, hint=hint, at_key=at_key)


def _note_unused(sheets: Sheets) -> None:
    if not sheets.plans or any(plan.page is None for plan in sheets.plans):
        return
    used = {plan.page.value.get("rates") for plan in sheets.plans if plan.page is not None}
    if not used <= {None, *ids(sheets.rates)}:
        return
    for table in sheets.rates:
        if table.id not in used and table.page is not None:
            message = f"no plan uses the rate table `{table.id}`"
            hint = "name it in a plan, or delete the file"
            path: Steps = ("rate-table",)
            severity = Severity.WARNING
            table.page.note("unused-rate-table", path, message, hint=hint, severity=severity)


def _note_cycles(sheets: Sheets) -> None:
    """Note each zone that holds itself, once for each circle of zones."""
    nested: dict[str, dict[str, Steps]] = {}
    pages: dict[str, Page] = {}
    for sheet in sheets.zones:
        if sheet.page is not None:
            pages[sheet.id] = sheet.page
            inside = nested.setdefault(sheet.id, {})
            for path, text, _ in _of_zone(sheet.page.value):
                found = _selector(text)
                if found is not None and found.zone:
                    inside.setdefault(found.zone, path)
    told: set[frozenset[str]] = set()
    for start in sorted(nested):
        circle = _circle(start, nested)
        if circle and frozenset(circle) not in told:
            told.add(frozenset(circle))
            path = nested[start][circle[1] if len(circle) > 1 else start]
            way = " > ".join((*circle, start))
            message = f"zone `{start}` holds itself: {way}"
            hint = "take one of these zones out of the other"
            pages[start].note("zone-cycle", path, message, hint=hint)


def _circle(start: str, nested: Mapping[str, Mapping[str, Steps]]) -> list[str]:
    """Return a way of zones from `start` back to it, or nothing."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for zone in nested.get(way[-1], {}):
            if zone == start:
                return way
            if zone not in seen:
                seen.add(zone)
                ways.append([*way, zone])
    return []


def _of_zone(value: Mapping[str, Any]) -> Iterator[Mention]:
    members = value["members"]
    if isinstance(members, dict):
        for start, texts in members.items():
            yield from _items(texts, ("members", start))
    else:
        yield from _items(members, ("members",))
    yield from _items(value.get("without", []), ("without",))


def _of_plan(value: Mapping[str, Any]) -> Iterator[Mention]:
    for key in ("choose", "coverage"):
        yield from _items(value.get(key, []), (key,))
    yield from _keys(value.get("overrides", {}), ("overrides",))
    for key in ("allowances", "restrictions", "surcharges", "volumes"):
        for index, row in enumerate(value.get(key, [])):
            for name in ("to", "without", "block", "allow", "advise"):
                yield from _items(row.get(name, []), (key, index, name))
            yield from _keys(row.get("prices", {}), (key, index, "prices"))


def _items(texts: list[str], path: Steps) -> Iterator[Mention]:
    return (((*path, index), text, False) for index, text in enumerate(texts))


def _keys(rows: Mapping[str, Any], path: Steps) -> Iterator[Mention]:
    return (((*path, text), text, True) for text in rows)
