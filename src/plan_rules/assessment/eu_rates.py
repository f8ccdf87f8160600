"""The dearest price of a minute to the states of the EU and the EEA, as rules may ask for it.

Regulation (EU) 2015/2120, article 5a, caps what consumers pay for a call from home to another
member state, before tax; the EEA states follow it. It is a fact about a plan: whether the cap
holds, and for whom, is a rule of the catalog, with its dates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction

from plan_rules.catalog.catalog import Tax
from plan_rules.catalog.plan import VolumeModel, VolumeUnit
from plan_rules.destinations.line_type import ORDINARY
from plan_rules.tariff.book import PlanTariff, TariffBook, Treatment

CODES = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
EEA = frozenset(CODES.split())
"""The 27 member states of the EU, and Iceland, Liechtenstein and Norway, by ISO codes."""


def classes_in_eea(book: TariffBook, *, home: str) -> frozenset[int]:
    """Return the classes of the ordinary lines of every EEA state but `home`."""
    others = EEA - {home}
    return frozenset(
        place.class_index
        for place in book.places
        if place.destination is not None
        and place.destination.line in ORDINARY
        and place.destination.country in others
    )


class HighestRates:
    """The dearest prices per minute of one book; a treatment that classes share is read once."""

    def __init__(self, book: TariffBook) -> None:
        """Read nothing yet."""
        self._book = book
        self._known: dict[tuple[str, int], int | None] = {}

    def of(self, tariff: PlanTariff, *, classes: Iterable[int], on: date) -> int | None:
        """Return the dearest price per minute, in micros before tax and rounded up, or `None`.

        Asked about are `classes`, with the values in force on `on`: rates of every band and
        tier, surcharges per minute, and volume prices per minute. `None` means that the plan
        has no such price: it reaches none of them, or only from its allowances.
        """
        row = tariff.rows[self._book.epoch_index(on)]
        found = (self._dearest(tariff, row[index]) for index in classes)
        prices = [price for price in found if price is not None]
        return None if not prices else _untaxed(max(prices), self._book.tax)

    def _dearest(self, tariff: PlanTariff, treatment: Treatment) -> int | None:
        key = (tariff.plan.id, id(treatment))
        if key not in self._known:
            self._known[key] = max(_prices(tariff, treatment), default=None)
        return self._known[key]


def _prices(tariff: PlanTariff, treatment: Treatment) -> Iterator[int]:
    """Yield every price of a minute that a call of the class could have, in micros."""
    if treatment.refused_by >= 0 or treatment.outside_of >= 0:
        return
    extra = sum(each.per_minute for each in treatment.surcharges)
    if treatment.volume >= 0:
        volume, _ = tariff.volumes[treatment.volume]
        if volume.unit is VolumeUnit.MINUTES and volume.model is not VolumeModel.PACKAGE:
            yield from (tier.price + extra for tier in volume.tiers)
        return
    if treatment.schedule is None:
        return
    for rate in treatment.schedule.rates:
        if rate is not None:
            yield max(rate.price, rate.first_price) + extra
            yield from (tier.price + extra for tier in rate.tiers)


def _untaxed(price: int, tax: Tax | None) -> int:
    if tax is None or not tax.included:
        return price
    exact = Fraction(price) / (1 + tax.usage)
    return -(-exact.numerator // exact.denominator)
