"""The two catalogs that are compared, and the plans of both by one numbering."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from plan_rules.batch.book import BatchBook, batch_book
from plan_rules.batch.columns import CustomerColumns, FactColumns, Int32s
from plan_rules.batch.tables import PLAN_SLOTS
from plan_rules.catalog.catalog import Catalog
from plan_rules.errors import PlanRulesError
from plan_rules.tariff.book import TariffBook
from plan_rules.tariff.compiling import tariff_book


class Incomparable(StrEnum):
    """Why two catalogs cannot be compared: their amounts are of different currencies."""

    CURRENCY = "currency"


class NotComparable(PlanRulesError, ValueError):
    """Two catalogs whose amounts cannot be compared; `reason` says why, `old` and `new` differ."""

    def __init__(self, *, reason: Incomparable, old: str, new: str) -> None:
        """Keep what differs."""
        self.reason = reason
        self.old = old
        self.new = new
        super().__init__(
            f"the catalogs have different currencies, {old} and {new}; "
            "write both in one before comparing them"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two catalogs, compiled and laid out; `number` is 0 for the old one, 1 for the new.

    `index_of` gives, for each plan of both catalogs, its index in this book, -1 for none; its
    last entry is that of no plan, so that -1 finds it.
    """

    number: int
    catalog: Catalog
    book: TariffBook
    batch_book: BatchBook
    index_of: Int32s

    def customers(
        self, columns: CustomerColumns, facts: FactColumns | None = None
    ) -> CustomerColumns:
        """Return customers, whose plans are numbered over both catalogs, as this book numbers.

        `facts` are their facts as this catalog declares them.
        """
        return replace(columns, plan=self.index_of[columns.plan], facts=facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The old catalog and the new; `plan_ids` are the plans of both, the old ones first.

    `place_alike` tells whether calls have the same places by both.
    """

    old: Side
    new: Side
    plan_ids: tuple[str, ...]
    place_alike: bool

    @classmethod
    def of(cls, old: Catalog, new: Catalog) -> Sides:
        """Compile both catalogs.

        Raises `NotComparable` for different currencies, `BeyondBatch` for a catalog whose
        amounts 64 bits cannot hold.
        """
        if old.currency != new.currency:
            raise NotComparable(reason=Incomparable.CURRENCY, old=old.currency, new=new.currency)
        books = tariff_book(old), tariff_book(new)
        plan_ids = tuple(dict.fromkeys([*books[0].plans, *books[1].plans]))
        sides = [_side(number, catalog, plan_ids) for number, catalog in enumerate((old, new))]
        return cls(
            old=sides[0],
            new=sides[1],
            plan_ids=plan_ids,
            place_alike=_place_alike(*(side.batch_book for side in sides)),
        )

    @property
    def both(self) -> tuple[Side, Side]:
        """The old side and the new one."""
        return self.old, self.new

    @property
    def are_one(self) -> bool:
        """Whether both are the same catalog, so that nothing changes."""
        return self.old.book.digest == self.new.book.digest

    @property
    def currency(self) -> str:
        """The currency of all amounts."""
        return self.old.book.currency


def _place_alike(old: BatchBook, new: BatchBook) -> bool:
    """Return whether both look numbers up, divide time, and tell numbers apart alike."""

    def times(book: BatchBook) -> tuple[object, ...]:
        return book.zone, book.epochs, book.band_sets, bool(book.tables.plans[:, PLAN_SLOTS].any())

    return times(old) == times(new) and all(
        np.array_equal(one, other) for one, other in zip(old.trie, new.trie, strict=True)
    )


def _side(number: int, catalog: Catalog, plan_ids: tuple[str, ...]) -> Side:
    book = tariff_book(catalog)
    at = {plan_id: index for index, plan_id in enumerate(book.plans)}
    indexes = [at.get(plan_id, -1) for plan_id in plan_ids]
    return Side(
        number=number,
        catalog=catalog,
        book=book,
        batch_book=batch_book(catalog),
        index_of=np.array([*indexes, -1], np.int32),
    )
