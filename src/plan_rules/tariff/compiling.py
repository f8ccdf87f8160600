"""From a catalog to a `TariffBook`: epochs, cuts, one compiler for each plan, classes."""

from __future__ import annotations

from collections.abc import Sequence

from plan_rules.catalog.catalog import Catalog
from plan_rules.catalog.rate import RateTable
from plan_rules.tariff.book import Place, PlanTariff, TariffBook
from plan_rules.tariff.digest import catalog_digest
from plan_rules.tariff.plan_compiler import PlanCompiler
from plan_rules.tariff.survey import Kinds, Survey
from plan_rules.tariff.tables import Policy, TableIndex

NO_TABLE = RateTable(id="", entries=())
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
    survey = Survey(catalog)
    policy = Policy(catalog.either)
    tables = {
        table.id: TableIndex(table, survey, policy)
        for table in (NO_TABLE, *catalog.rate_tables.values())
    }
    compilers = [
        PlanCompiler(
            plan=plan,
            survey=survey,
            table=tables[plan.rates],
            policy=policy,
            no_rows=tables[NO_TABLE.id].index,
        )
        for plan in catalog.plans.values()
    ]
    kinds = survey.kinds
    signatures = list(zip(*(compiler.tracks() for compiler in compilers), strict=True))
    classes: dict[tuple[int, ...], int] = {}
    places = [
        Place(classes.setdefault(signature, len(classes)), destination)
        for signature, destination in zip(
            signatures or [()] * len(kinds.destinations), kinds.destinations, strict=True
        )
    ]
    starts, found = _joined(kinds, places)
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
        epochs=survey.epochs,
        starts=tuple(starts),
        places=tuple(found),
        class_count=len(classes),
        band_sets=tuple(catalog.band_sets.values()),
        plans=plans,
    )


def _joined(kinds: Kinds, places: Sequence[Place]) -> tuple[list[int], list[Place]]:
    """Return where each place starts; neighbours of one place are joined."""
    alike: dict[Place, Place] = {}
    places = [alike.setdefault(place, place) for place in places]
    starts: list[int] = []
    found: list[Place] = []
    last: Place | None = None
    for start, kind in zip(kinds.starts, kinds.at, strict=True):
        place = places[kind]
        if place is not last:
            starts.append(start)
            found.append(place)
            last = place
    return starts, found
