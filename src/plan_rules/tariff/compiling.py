"""From a catalog to a `TariffBook`: epochs, cuts, one compiler for each plan, classes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from plan_rules.catalog.catalog import Catalog
from plan_rules.tariff.book import Place, PlanTariff, TariffBook
from plan_rules.tariff.digest import catalog_digest
from plan_rules.tariff.matching import ZoneMap, prefixes_in, targets_of
from plan_rules.tariff.plan_compiler import PlanCompiler
from plan_rules.tariff.scopes import ZoneSigns
from plan_rules.tariff.tables import TableIndex
from plan_rules.tariff.targets import Cut, cuts

MEMO = "tariff-book"


def tariff_book(catalog: Catalog) -> TariffBook:
    """Return the compiled catalog, compiling it at the first call only.

    A catalog is immutable, so its book is kept with it.
    """
    known = catalog.memo.get(MEMO)
    if isinstance(known, TariffBook):
        return known
    book = compile_catalog(catalog)
    keep_book(catalog, book)
    return book


def keep_book(catalog: Catalog, book: TariffBook) -> None:
    """Keep the compiled form of a catalog with it."""
    catalog.memo[MEMO] = book


def compile_catalog(catalog: Catalog) -> TariffBook:
    """Compile every plan of a catalog into one book.

    Classes are found in two steps: cuts of the numbers that no selector tells apart, then
    cuts that all plans of the book treat alike, which share a class.
    """
    epochs = _epochs(catalog)
    found = cuts(catalog.numbering_plan(), prefixes_in(catalog.selectors()))
    zone_maps = _zone_maps(catalog, epochs)
    signs = ZoneSigns(catalog, _zone_days(catalog))
    tables = {
        table.id: TableIndex(catalog, table, zone_maps, signs)
        for table in catalog.rate_tables.values()
    }
    compilers = [
        PlanCompiler(
            catalog=catalog, plan=plan, epochs=epochs, zones=zone_maps, tables=tables, signs=signs
        )
        for plan in catalog.plans.values()
    ]
    classes: dict[tuple[int, ...], int] = {}
    places: list[Place] = []
    starts: list[int] = []
    for cut, class_index in _classified(found, compilers, classes):
        place = Place(class_index, cut.destination)
        if not places or places[-1] != place:
            starts.append(cut.start)
            places.append(place)
    columns = list(zip(*classes, strict=True)) or [() for _ in compilers]
    plans: dict[str, PlanTariff] = {
        compiler.plan.id: compiler.finish(column)
        for compiler, column in zip(compilers, columns, strict=True)
    }
    return TariffBook(
        digest=catalog_digest(catalog),
        currency=catalog.currency,
        zone=catalog.zone,
        tax=catalog.tax,
        epochs=epochs,
        starts=tuple(starts),
        places=tuple(places),
        class_count=len(classes),
        band_sets=tuple(catalog.band_sets.values()),
        plans=plans,
    )


def _classified(
    found: tuple[Cut, ...], compilers: list[PlanCompiler], classes: dict[tuple[int, ...], int]
) -> Iterator[tuple[Cut, int]]:
    """Yield each cut with its class: the tuple of every plan's treatment of it, numbered."""
    known: dict[tuple[object, tuple[str, ...]], int] = {}
    for cut in found:
        key = (cut.destination, cut.prefixes)
        class_index = known.get(key)
        if class_index is None:
            targets = targets_of(cut.destination, cut.prefixes)
            signature = tuple(compiler.track_of(targets) for compiler in compilers)
            class_index = classes.setdefault(signature, len(classes))
            known[key] = class_index
        yield cut, class_index


def _zone_maps(catalog: Catalog, epochs: tuple[date, ...]) -> list[ZoneMap]:
    """Return the map of zones of each epoch; epochs in which no zone changes share theirs."""
    changes = _zone_days(catalog)
    maps: list[ZoneMap] = []
    for day in epochs:
        maps.append(ZoneMap(catalog, day) if day in changes else maps[-1])
    return maps


def _zone_days(catalog: Catalog) -> list[date]:
    """Return the days on which a zone changes, `date.min` first."""
    return sorted({date.min}.union(*(zone.members.dates for zone in catalog.zones.values())))


def _epochs(catalog: Catalog) -> tuple[date, ...]:
    """Return the first days of all times between which no value of the catalog changes."""
    days = {date.min}
    for zone in catalog.zones.values():
        days.update(zone.members.dates)
    for table in catalog.rate_tables.values():
        for entry in table.entries:
            days |= entry.dates
    for plan in catalog.plans.values():
        days.update(plan.fee.dates, plan.billing.minimum_spend.dates)
        for entry in plan.overrides:
            days |= entry.dates
    return tuple(sorted(days))
