"""Rate tables and overrides: rows of prices by selector."""

from __future__ import annotations

import re
from typing import Any

from plan_rules.catalog.dated import Dated
from plan_rules.catalog.rate import RateEntry, RateTable, RateTerms, RateTier
from plan_rules.loading.scalars import Reading, Where

DATE_KEY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def build_rate_table(reading: Reading) -> RateTable:
    """Return the rate table of a document of the right shape."""
    row = reading.value
    return RateTable(
        id=row["rate-table"],
        entries=build_entries(reading, row["rates"], ("rates",)),
        defaults=_terms(reading, row.get("defaults", {}), ("defaults",)),
        bands=row.get("bands", ""),
        span=reading.span("rate-table"),
    )


def build_entries(reading: Reading, rows: dict[str, Any], path: Where) -> tuple[RateEntry, ...]:
    """Return the rows of a rate table, or of a plan's overrides."""
    found = []
    for key, value in rows.items():
        here = (*path, key)
        selector = reading.selector(key, here, at_key=True)
        if selector is None:
            continue
        if not isinstance(value, dict):
            terms = Dated.always(RateTerms(price=reading.micros(value, here)))
            span = reading.document.key_span(here)
            found.append(RateEntry(selector=selector, terms=terms, span=span))
            continue
        bands = value.get("bands", {})
        common = {name: each for name, each in value.items() if name not in {"bands", "note"}}
        found.append(
            RateEntry(
                selector=selector,
                terms=_dated_terms(reading, common, here),
                by_band=tuple(
                    (band, _dated_terms(reading, each, (*here, "bands", band)))
                    for band, each in bands.items()
                ),
                note=value.get("note", ""),
                span=reading.document.key_span(here),
            )
        )
    return tuple(found)


def _dated_terms(reading: Reading, value: Any, path: Where) -> Dated[RateTerms]:
    """Return terms, or terms by date. Dates beside terms cannot both be meant."""
    if not isinstance(value, dict):
        return Dated.always(RateTerms(price=reading.micros(value, path)))
    dates = {key for key in value if DATE_KEY.fullmatch(key)}
    if not dates:
        return _priced_by_date(reading, value, path)
    for key in value:
        if key not in dates:
            message = f"`{key}` stands beside dates"
            reading.fault(
                "dates-and-terms", (*path, key), message, "write it under each date", at_key=True
            )
    chosen = {key: each for key, each in value.items() if key in dates}
    found = reading.dated(chosen, path, lambda each, at: _single(reading, each, at), is_dated=True)
    return found or Dated.always(RateTerms())


def _priced_by_date(reading: Reading, value: dict[str, Any], path: Where) -> Dated[RateTerms]:
    """Return terms of which only the price may be given by dates."""
    rest = _terms(reading, {name: each for name, each in value.items() if name != "price"}, path)
    price = value.get("price")
    if not isinstance(price, dict):
        own = RateTerms(price=reading.optional_micros(value, "price", path))
        return Dated.always(own.over(rest))
    prices = reading.dated_micros(price, (*path, "price"))
    return Dated(tuple((day, RateTerms(price=each).over(rest)) for day, each in prices.entries))


def _single(reading: Reading, value: Any, path: Where) -> RateTerms:
    if not isinstance(value, dict):
        return RateTerms(price=reading.micros(value, path))
    return _terms(reading, value, path)


def _terms(reading: Reading, row: dict[str, Any], path: Where) -> RateTerms:
    tiers = None
    if "tiers" in row:
        tiers = _tiers(reading, row["tiers"], (*path, "tiers"))
    return RateTerms(
        price=reading.optional_micros(row, "price", path),
        first_price=reading.optional_micros(row, "first-price", path),
        connection_fee=reading.optional_micros(row, "connection-fee", path),
        increment=reading.increment(row["increment"]) if "increment" in row else None,
        minimum=reading.optional_micros(row, "minimum", path),
        cap=reading.optional_micros(row, "cap", path),
        tiers=tiers,
    )


def _tiers(reading: Reading, rows: list[dict[str, Any]], path: Where) -> tuple[RateTier, ...]:
    found: list[RateTier] = []
    for index, row in enumerate(rows):
        if found and row["after"] <= found[-1].after:
            message = f"the tier starts after {row['after']} seconds, no later than the one before"
            reading.fault(
                "tier-order", (*path, index, "after"), message, "list tiers by ascending `after`"
            )
            continue
        found.append(
            RateTier(
                after=row["after"],
                price=reading.micros(row["price"], (*path, index, "price")),
                increment=row.get("increment"),
            )
        )
    return tuple(found)
