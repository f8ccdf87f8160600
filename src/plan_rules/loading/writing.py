"""A catalog as the files its author would write: the way back from values to YAML.

Reading what is written gives the same catalog again, places in files aside; a property holds
that. A deck comes back as rates in the YAML of its table. Comments are not values and are lost.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from plan_rules.catalog.catalog import Catalog, Tax
from plan_rules.catalog.zone import Zone
from plan_rules.errors import InvalidValue
from plan_rules.loading.bands import WEEKDAYS
from plan_rules.loading.plan_writing import plan_document
from plan_rules.loading.rate_writing import table_document
from plan_rules.loading.reader import WORDS
from plan_rules.loading.rule_writing import rule_documents
from plan_rules.loading.written_values import (
    Document,
    written_dated,
    written_percent,
    written_period,
    written_rounding,
    written_selectors,
)
from plan_rules.periods import ALL_WEEKDAYS, DAY_SECONDS, BandSet, TimeBand

PLAIN = re.compile(r"[a-z][a-z-]*", re.ASCII)
"""Texts that no reader takes for anything else, some words aside; all others are quoted."""

ONE_LINE = 1_000_000
"""Characters of a line at most: texts are not folded."""


def write_catalog(catalog: Catalog, folder: Path | str) -> None:
    """Write the files of a catalog into a folder, which is made if need be.

    Files that are there already are replaced; others are left alone. Raises `InvalidValue` as
    `catalog_files` does, before anything is written.
    """
    place = Path(folder)
    for name, text in catalog_files(catalog).items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def catalog_files(catalog: Catalog) -> Mapping[str, str]:
    """Return the text of each file of a catalog, by its path within the catalog's folder.

    Raises `InvalidValue` for the few values that Python can hold and the files cannot say: an
    allowance of nothing or of broken minutes, a table or terms of nothing, terms of a band that
    change from a first value without a date, terms that lose a field on a later date, a
    numbering plan of one's own, and facts or operands that no rule file has.
    """
    if catalog.base_numbering is not None:
        raise InvalidValue(name="base_numbering", value="a plan", expected="the standard one")
    documents: dict[str, Document] = {"catalog.yaml": _root(catalog)}
    for zone in catalog.zones.values():
        documents[f"zones/{zone.id}.yaml"] = _zone(zone)
    for bands in catalog.band_sets.values():
        documents[f"bands/{bands.id}.yaml"] = _bands(bands)
    for table in catalog.rate_tables.values():
        documents[f"rates/{table.id}.yaml"] = table_document(table)
    for plan in catalog.plans.values():
        documents[f"plans/{plan.id}.yaml"] = plan_document(plan)
    documents |= rule_documents(catalog)
    return {name: _text(document) for name, document in documents.items()}


def _text(document: Document) -> str:
    import yaml  # noqa: PLC0415  slow to import

    class Dumper(yaml.SafeDumper):
        """Writes decimals exactly, texts in quotes, and repeats what stands in two places."""

        def ignore_aliases(self, _: object) -> bool:
            return True

    def decimal(dumper: Dumper, value: Decimal) -> yaml.Node:
        return dumper.represent_scalar("tag:yaml.org,2002:float", f"{value:f}")

    def words(dumper: Dumper, value: str) -> yaml.Node:
        style = None if PLAIN.fullmatch(value) and value not in WORDS else '"'
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(Decimal, decimal)
    Dumper.add_representer(str, words)
    text: str = yaml.dump(
        document, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=ONE_LINE
    )
    return text


def _root(catalog: Catalog) -> Document:
    document: Document = {
        "catalog": catalog.id,
        "currency": catalog.currency,
        "zone": catalog.zone,
        "either": catalog.either.value,
    }
    if catalog.tax is not None:
        document["tax"] = _tax(catalog.tax)
    if catalog.numbering:
        document["numbering"] = {f"+{key}": str(to) for key, to in catalog.numbering.items()}
    return document


def _tax(tax: Tax) -> Document:
    return {
        "name": tax.name,
        "usage": written_percent(tax.usage),
        "fee": written_percent(tax.fee),
        "prices": "including" if tax.included else "excluding",
        "rounding": written_rounding(tax.rounding),
    }


def _zone(zone: Zone) -> Document:
    without = {version.without for version in zone.members.values}
    if len(without) > 1:
        raise InvalidValue(name="without", value=zone.id, expected="the same on every date")
    document: Document = {
        "zone": zone.id,
        "name": zone.name,
        "members": written_dated(zone.members, lambda version: written_selectors(version.members)),
    }
    (taken,) = without
    return document | ({"without": written_selectors(taken)} if taken else {})


def _bands(bands: BandSet) -> Document:
    return {"bands": bands.id, "list": [_band(band) for band in bands.bands]}


def _band(band: TimeBand) -> Document:
    document: Document = {"id": band.id}
    if band.weekdays != ALL_WEEKDAYS:
        document["weekdays"] = [name for name, day in WEEKDAYS.items() if day in band.weekdays]
    if band.start:
        document["start"] = _clock(band.start)
    if band.end != DAY_SECONDS:
        document["end"] = _clock(band.end)
    if band.dates:
        document["dates"] = [written_period(days) for days in band.dates]
    return document | {"precedence": band.precedence}


def _clock(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    return f"{hours:02d}:{rest // 60:02d}"


__all__ = ["catalog_files", "write_catalog"]
