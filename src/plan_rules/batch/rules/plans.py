"""Facts of plans as tables: by plan, by stretch of days, and by the home of who asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from plan_rules.assessment.eu_rates import EEA, HighestRates
from plan_rules.assessment.fixed import facts_as_written
from plan_rules.batch.rules.stretches import Stretches
from plan_rules.catalog.catalog import Catalog
from plan_rules.catalog.vocabulary import FactName
from plan_rules.destinations.line_type import ORDINARY
from plan_rules.rules.columns import Column
from plan_rules.rules.fact import FactSpec
from plan_rules.tariff.book import PlanTariff, TariffBook

ABROAD = ""
"""The home that stands for all outside the EEA."""

NO_PRICE = -1

PRICED = frozenset({FactName.FEE, FactName.MINIMUM_SPEND, FactName.HIGHEST_RATE_EU})
"""The facts that change with the values in force."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlanFacts:
    """The facts of every plan that some rules read.

    `written` are by plan, `dated` by stretch and plan. `highest[g, s, plan]` is the dearest
    price to the EEA of who lives in a country of group `g`, `NO_PRICE` where there is none;
    homes are of one group if no rule could tell their prices apart. `group_of` tells the group
    of each home, `ABROAD` standing for those outside.
    """

    written: dict[str, NDArray[np.int64]]
    dated: dict[str, NDArray[np.int64]]
    highest: NDArray[np.int64] | None
    group_of: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        catalog: Catalog,
        book: TariffBook,
        *,
        read: frozenset[str],
        stretches: Stretches,
    ) -> PlanFacts:
        """Return those facts of the plans of a catalog that are read."""
        vocabulary = catalog.rules.vocabulary
        written = [facts_as_written(catalog, plan) for plan in catalog.plans.values()]
        days = stretches.days
        tariffs = tuple(book.plans.values())
        terms = [[each.terms[book.epoch_index(day)] for each in tariffs] for day in days]
        dated = {
            FactName.FEE: [[each.fee for each in row] for row in terms],
            FactName.MINIMUM_SPEND: [[each.minimum_spend for each in row] for row in terms],
            FactName.ON_SALE: [[int(each.plan.is_sold(day)) for each in tariffs] for day in days],
        }
        highest, group_of = None, {ABROAD: 0}
        if FactName.HIGHEST_RATE_EU in read:
            spec = vocabulary[FactName.HIGHEST_RATE_EU]
            highest, group_of = _by_home(book, tariffs, days, spec)
        return cls(
            written={
                name: _codes([row[name] for row in written], vocabulary[name])
                for name in (written[0] if written else ())
                if name in read
            },
            dated={
                name: _codes(rows, vocabulary[name]) for name, rows in dated.items() if name in read
            },
            highest=highest,
            group_of=group_of,
        )

    def columns(
        self,
        *,
        plan: NDArray[np.int64],
        stretch: NDArray[np.int64],
        group: NDArray[np.int64],
    ) -> dict[str, Column]:
        """Return the facts of plans in stretches, each for a home of a group."""
        found = {name: Column(codes=codes[plan]) for name, codes in self.written.items()}
        found |= {name: Column(codes=codes[stretch, plan]) for name, codes in self.dated.items()}
        if self.highest is not None:
            prices = self.highest[group, stretch, plan]
            found[FactName.HIGHEST_RATE_EU] = Column(
                codes=np.maximum(prices, 0), known=prices != NO_PRICE
            )
        return found


def cutting_days(catalog: Catalog, book: TariffBook, read: frozenset[str]) -> set[date]:
    """Return the days on which a fact of a plan that is read may change."""
    days: set[date] = set()
    if not PRICED.isdisjoint(read):
        days |= set(book.epochs)
    if FactName.ON_SALE in read:
        for plan in catalog.plans.values():
            days |= {day for day in (plan.sold.start, plan.sold.end) if day is not None}
    return days


def _codes(values: Sequence[object], spec: FactSpec) -> NDArray[np.int64]:
    """Return codes within the range of their fact."""
    found = np.array(values, np.int64)
    return np.clip(found, spec.low, spec.high)


def _by_home(
    book: TariffBook, tariffs: Sequence[PlanTariff], days: Sequence[date], spec: FactSpec
) -> tuple[NDArray[np.int64], dict[str, int]]:
    """Return the highest rates by group of homes, and the group of each home."""
    countries = sorted(EEA)
    known: dict[tuple[int, int, str], int] = {}
    by_country = np.full((len(countries), len(days), len(tariffs)), NO_PRICE, np.int64)
    classes_of, rates = _classes_of(book), HighestRates(book)
    for at, country in enumerate(countries):
        classes = classes_of.get(country, frozenset())
        for stretch, day in enumerate(days):
            epoch = book.epoch_index(day)
            for plan, tariff in enumerate(tariffs):
                key = (plan, id(tariff.rows[epoch]), country)
                if key not in known:
                    price = rates.of(tariff, classes=classes, on=day)
                    known[key] = NO_PRICE if price is None else min(price, spec.high)
                by_country[at, stretch, plan] = known[key]
    homes = [ABROAD, *countries]
    rows = [
        np.delete(by_country, countries.index(home), axis=0).max(axis=0)
        if home in EEA
        else by_country.max(axis=0)
        for home in homes
    ]
    groups: dict[bytes, int] = {}
    group_of = {
        home: groups.setdefault(row.tobytes(), len(groups))
        for home, row in zip(homes, rows, strict=True)
    }
    found = np.zeros((len(groups), len(days), len(tariffs)), np.int64)
    for home, row in zip(homes, rows, strict=True):
        found[group_of[home]] = row
    return found, group_of


def _classes_of(book: TariffBook) -> dict[str, frozenset[int]]:
    """Return the classes of the ordinary lines of each country; few places are different."""
    found: dict[str, set[int]] = {}
    for place in {id(place): place for place in book.places}.values():
        if place.destination is not None and place.destination.line in ORDINARY:
            found.setdefault(place.destination.country, set()).add(place.class_index)
    return {country: frozenset(classes) for country, classes in found.items()}
