"""Rate tables, and the rates that plans override.

Thousands of rows are one plain number each, and decks repeat their prices: equal plain
prices share one value.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from plan_rules.catalog.dated import Dated
from plan_rules.catalog.rate import RateEntry, RateTable, RateTerms, RateTier
from plan_rules.errors import Severity
from plan_rules.loading.decks import DeckPlace, build_deck
from plan_rules.loading.page import Page
from plan_rules.loading.reader import Steps
from plan_rules.loading.scalars import day, increment, is_dated, micros
from plan_rules.loading.selectors import selector

AMOUNTS = {
    "price": "price",
    "first-price": "first_price",
    "connection-fee": "connection_fee",
    "minimum": "minimum",
    "cap": "cap",
}
"""The amounts of a rate: the key, and the field of `RateTerms`."""

Timeline = dict[date | None, dict[str, Any]]
"""What is written of a rate's fields, by the date from which it holds."""


def build_rate_table(page: Page, place: DeckPlace) -> RateTable:
    """Return the rate table of a file, with the deck it may have at `place`."""
    value = page.value
    entries = build_entries(page, value.get("rates", {}), ("rates",))
    if "csv" in value:
        entries = _joined(page, entries, build_deck(page, value["csv"], place))
    return RateTable(
        id=value["rate-table"],
        entries=entries,
        defaults=_plain_terms(page, value.get("defaults", {}), ("defaults",)),
        bands=value.get("bands", ""),
        span=page.span(("rate-table",)),
    )


def _joined(
    page: Page, written: tuple[RateEntry, ...], deck: tuple[RateEntry, ...]
) -> tuple[RateEntry, ...]:
    """Return all rates of a table; a prefix has its rate in the YAML or in the deck."""
    by_selector = {entry.selector: entry for entry in deck}
    for entry in written:
        other = by_selector.pop(entry.selector, None)
        if other is not None:
            is_equal = entry.terms == other.terms and not entry.by_band
            message = f"`{entry.selector}` has a rate at {other.span.file}:{other.span.line} too"
            severity = Severity.WARNING if is_equal else Severity.ERROR
            path: Steps = ("rates", str(entry.selector))
            hint = "take one of the two out"
            page.note("repeated-prefix", path, message, hint=hint, severity=severity, at_key=True)
    return (*written, *by_selector.values())


def build_entries(page: Page, rows: Mapping[str, Any], path: Steps) -> tuple[RateEntry, ...]:
    """Return the rates written by selector at `path`."""
    entries: list[RateEntry] = []
    plain: dict[int | Decimal, Dated[RateTerms]] = {}
    for text, row in rows.items():
        here = (*path, text)
        where = selector(page, text, here, at_key=True)
        if where is None:
            continue
        if isinstance(row, dict):
            bands = {} if is_dated(row) else row.get("bands", {})
            entry = RateEntry(
                selector=where,
                terms=_terms(page, row, here),
                by_band=tuple(
                    (band, _terms(page, each, (*here, "bands", band)))
                    for band, each in bands.items()
                ),
                note="" if is_dated(row) else row.get("note", ""),
                span=page.key_span(here),
            )
        else:
            terms = plain.get(row)
            if terms is None:
                terms = plain[row] = _terms(page, row, here)
            entry = RateEntry(selector=where, terms=terms, span=page.key_span(here))
        entries.append(entry)
    return tuple(entries)


def _terms(page: Page, value: Any, path: Steps) -> Dated[RateTerms]:
    """Return the terms of a price, of a mapping by date, or of a mapping of fields.

    Each amount may be dated by itself and `dated` may date them all; what is in force on a
    day is then put together from what each of them says for that day.
    """
    if not isinstance(value, dict):
        return Dated.always(RateTerms(price=micros(page, value, path)))
    if is_dated(value):
        timelines = [_versions(page, value, path)]
    else:
        timelines = _amounts(page, value, path)
        lasting = _lasting_fields(page, value, path)
        if "dated" in value:
            timelines.append(_versions(page, value["dated"], (*path, "dated")))
        if lasting or not timelines:
            timelines.insert(0, {None: lasting})
    starts: list[date | None] = [None] if any(None in line for line in timelines) else []
    starts += sorted({start for line in timelines for start in line if start})
    return Dated(tuple((start, _in_force(timelines, start)) for start in starts))


def _in_force(timelines: list[Timeline], start: date | None) -> RateTerms:
    fields: dict[str, Any] = {}
    for line in timelines:
        known = [each for each in line if each is None or (start is not None and each <= start)]
        if known:
            fields |= line[max(known, key=lambda each: each or date.min)]
    return RateTerms(**fields)


def _versions(page: Page, value: Mapping[str, Any], path: Steps) -> Timeline:
    found: Timeline = {}
    for text, each in value.items():
        here = (*path, text)
        start = day(page, text, here, at_key=True)
        if isinstance(each, dict):
            found[start] = {
                **{
                    name: found_amount
                    for line in _amounts(page, each, here)
                    for name, found_amount in _undated(page, line, here).items()
                },
                **_lasting_fields(page, each, here),
            }
        else:
            found[start] = {"price": micros(page, each, here)}
    return found


def _undated(page: Page, line: Timeline, path: Steps) -> dict[str, Any]:
    """Return the single version of an amount; a date inside a date has no meaning."""
    if None not in line:
        name = next(iter(next(iter(line.values()))))
        message = f"`{name.replace('_', '-')}` is dated inside terms that are dated already"
        page.note("dated-twice", path, message, hint="write one price for each date")
        return {}
    return line[None]


def _amounts(page: Page, value: Mapping[str, Any], path: Steps) -> list[Timeline]:
    lines: list[Timeline] = []
    for key, name in AMOUNTS.items():
        if key not in value:
            continue
        here = (*path, key)
        if isinstance(value[key], dict):
            lines.append(
                {
                    day(page, text, (*here, text), at_key=True): {
                        name: micros(page, each, (*here, text))
                    }
                    for text, each in value[key].items()
                }
            )
        else:
            lines.append({None: {name: micros(page, value[key], here)}})
    return lines


def _lasting_fields(page: Page, value: Mapping[str, Any], path: Steps) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if "increment" in value:
        fields["increment"] = increment(page, value["increment"], (*path, "increment"))
    if "tiers" in value:
        fields["tiers"] = _tiers(page, value["tiers"], (*path, "tiers"))
    return fields


def _plain_terms(page: Page, value: Mapping[str, Any], path: Steps) -> RateTerms:
    fields = _lasting_fields(page, value, path)
    for line in _amounts(page, value, path):
        fields |= line[None]
    return RateTerms(**fields)


def _tiers(page: Page, values: list[Mapping[str, Any]], path: Steps) -> tuple[RateTier, ...]:
    tiers = [
        RateTier(
            after=each["after"],
            price=micros(page, each["price"], (*path, index, "price")),
            increment=each.get("increment"),
        )
        for index, each in enumerate(values)
    ]
    for index, (first, later) in enumerate(pairwise(tiers), start=1):
        if later.after <= first.after:
            message = f"the tier after {later.after} seconds follows the one after {first.after}"
            hint = "list tiers in ascending order"
            page.note("unordered-tiers", (*path, index, "after"), message, hint=hint)
    return tuple(tiers)
