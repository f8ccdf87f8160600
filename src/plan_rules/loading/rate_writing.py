"""Rate tables as the files of their authors: the way back from `rates`."""

from __future__ import annotations

from collections.abc import Iterable

from plan_rules.catalog.dated import Dated
from plan_rules.catalog.rate import RateEntry, RateTable, RateTerms
from plan_rules.errors import InvalidValue
from plan_rules.loading.rates import AMOUNTS
from plan_rules.loading.written_values import (
    Document,
    written_amount,
    written_dated,
)


def table_document(table: RateTable) -> Document:
    """Return a rate table as its file says it."""
    document: Document = {"rate-table": table.id}
    if table.bands:
        document["bands"] = table.bands
    if table.defaults != RateTerms():
        document["defaults"] = _terms(table.defaults)
    return document | {"rates": filled(rates_document(table.entries), table.id)}


def rates_document(entries: Iterable[RateEntry]) -> Document:
    """Return rates by their selectors."""
    return {str(entry.selector): _rate(entry) for entry in entries}


def _rate(entry: RateEntry) -> Document:
    (first, always), *later = entry.terms.entries
    common = _terms(always) if first is None else {}
    versions = later if first is None else list(entry.terms.entries)
    document: Document = dict(common)
    if versions:
        written = {str(start): filled(_terms(terms), "terms") for start, terms in versions}
        if any(common.keys() - each.keys() for each in written.values()):
            raise InvalidValue(name="terms", value=str(entry.selector), expected="no field lost")
        document["dated"] = written
    if entry.by_band:
        document["bands"] = {band: _band_terms(terms) for band, terms in entry.by_band}
    if entry.note:
        document["note"] = entry.note
    return filled(document, str(entry.selector))


def filled(document: Document, name: str) -> Document:
    """Return a document; raise `InvalidValue` for one that says nothing."""
    if not document:
        raise InvalidValue(name=name, value=None, expected="something to write")
    return document


def _band_terms(terms: Dated[RateTerms]) -> Document:
    found: Document = written_dated(terms, lambda each: filled(_terms(each), "bands"))
    return found


def _terms(terms: RateTerms) -> Document:
    document: Document = {
        key: written_amount(amount)
        for key, name in AMOUNTS.items()
        if (amount := getattr(terms, name)) is not None
    }
    if terms.increment is not None:
        document["increment"] = str(terms.increment)
    if terms.tiers:
        document["tiers"] = [
            {"after": tier.after, "price": written_amount(tier.price)}
            | ({} if tier.increment is None else {"increment": tier.increment})
            for tier in terms.tiers
        ]
    return document
