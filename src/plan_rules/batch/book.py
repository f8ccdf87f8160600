"""A compiled tariff laid out as arrays."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.clocks import BandClock, ZoneClock, band_clock, zone_clock
from plan_rules.batch.columns import Int64s
from plan_rules.batch.cycles import LONGEST, Grid
from plan_rules.batch.exact import StateSizes
from plan_rules.batch.fast_tables import FastTables
from plan_rules.batch.guards import Ceiling, ceiling_of
from plan_rules.batch.lanes_laid import fast_tables
from plan_rules.batch.laying import BeyondBatch, lay_out, tax_table
from plan_rules.batch.lookup import Trie, trie_of
from plan_rules.batch.plain_plans import PlainPlan, plain_plans
from plan_rules.batch.rules.needs import Needs, deciding_rules
from plan_rules.batch.rules.places import NOTHING, Sign, Signs
from plan_rules.batch.rules.rulebook import RuleBook
from plan_rules.batch.tables import PlanTables, TaxTable
from plan_rules.catalog.catalog import Catalog
from plan_rules.catalog.plan import Plan
from plan_rules.catalog.vocabulary import declared_facts
from plan_rules.periods import BandSet, CycleLength, CycleUnit, Period
from plan_rules.rules.fact import FactSpec
from plan_rules.tariff.book import Place, TariffBook
from plan_rules.tariff.compiling import tariff_book

T = TypeVar("T")

LONGEST_DAYS = 36_500
MEMO = "batch-book"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFacts:
    """What ranking needs to know of a plan beside its prices.

    `one_time` is the sum of the fees due once; `chooses` tells whether the customer chooses a
    country.
    """

    sold: Period
    one_time: int
    chooses: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BatchBook:
    """A `TariffBook` as the columnar kernels read it: immutable, picklable.

    `places` numbers what numbers can lead to: `place_class` is the class of each place,
    `place_country` indexes `countries`, -1 for numbers that lead nowhere known. `grids` are the
    plans by the way they cut their cycles, `plains` those that the fast lane can rate. `rules`
    are those of the catalog that decide something here, `None` if none does; `declared` are
    the operator's own facts, `None` for a catalog without rules.
    """

    digest: str
    currency: str
    zone: str
    plan_ids: tuple[str, ...]
    facts: tuple[PlanFacts, ...]
    epochs: tuple[date, ...]
    band_sets: tuple[BandSet, ...]
    grids: tuple[Grid, ...]
    tables: PlanTables
    flat: NDArray[np.int64]
    tax: TaxTable
    trie: Trie
    place_class: NDArray[np.int32]
    place_country: NDArray[np.int32]
    countries: tuple[str, ...]
    ceiling: Ceiling
    state_sizes: StateSizes
    plains: tuple[PlainPlan, ...]
    rules: RuleBook | None = None
    declared: tuple[FactSpec, ...] | None = None
    memo: dict[object, object] = field(default_factory=dict, init=False, repr=False)
    """What was derived from these immutable values once and need not be derived again."""

    @classmethod
    def of(cls, catalog: Catalog) -> BatchBook:
        """Lay out a catalog, compiled and with its rules.

        Raises `BeyondBatch` for a catalog whose amounts 64 bits cannot hold, whose cycles are
        longer than a hundred years, or whose rules tell too many bills apart.
        """
        book = tariff_book(catalog)
        signs = _signs(catalog)
        starts, numbers, places = _signed_places(book, signs)
        countries = tuple(sorted({country for _, country, _ in places} - {""}))
        known = {country: index for index, country in enumerate(countries)} | {"": -1}
        tables = lay_out(book)
        return cls(
            digest=book.digest,
            currency=book.currency,
            zone=book.zone,
            plan_ids=tuple(book.plans),
            facts=tuple(_facts(tariff.plan) for tariff in book.plans.values()),
            epochs=book.epochs,
            band_sets=book.band_sets,
            grids=_grids(book),
            tables=tables,
            flat=tables.flat,
            tax=tax_table(book.tax),
            trie=trie_of(starts, numbers),
            place_class=np.array([class_index for class_index, _, _ in places], np.int32),
            place_country=np.array([known[country] for _, country, _ in places], np.int32),
            countries=countries,
            ceiling=ceiling_of(tables),
            state_sizes=StateSizes.of(tables),
            plains=plain_plans(tables),
            rules=RuleBook.of(
                catalog,
                book,
                places=None if signs is None else signs.facts([sign for _, _, sign in places]),
            ),
            declared=declared_by(catalog),
        )

    @property
    def adjusts(self) -> bool:
        """Whether rules of the catalog adjust bills."""
        return self.rules is not None and self.rules.needs.adjusts

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the tables, without what was derived from them."""
        return _restored, (
            {each.name: getattr(self, each.name) for each in fields(self) if each.init},
        )

    def epoch_index(self, day: date) -> int:
        """Return the index of the epoch that holds `day`."""
        return bisect_right(self.epochs, day) - 1

    def clock(self, years: tuple[int, int]) -> BandClock:
        """Return the bands and epochs of some years, first inclusive and last exclusive."""
        known = self.memo.get(years)
        if not isinstance(known, BandClock):
            known = band_clock(
                self.band_sets, self.epochs, zone=self.zone, first_year=years[0], end_year=years[1]
            )
            self.memo[years] = known
        return known

    def zone_clock(self, zones: tuple[str, ...], years: tuple[int, int]) -> ZoneClock:
        """Return the offsets of customers' zones in some years, as `clock` counts them."""
        known = self.memo.get((zones, years))
        if not isinstance(known, ZoneClock):
            known = zone_clock(zones, first_year=years[0], end_year=years[1])
            self.memo[zones, years] = known
        return known

    def fast(
        self, clock: BandClock, plans: Sequence[int], epochs: Sequence[tuple[int, int]]
    ) -> FastTables | None:
        """Return the plain ones of some plans as lanes, each in its column; `None` for none.

        `epochs` are the pairs that can be met, of the cycle and of the call.
        """
        key = (clock.base, len(clock.edges), tuple(plans), tuple(epochs))
        if key not in self.memo:
            columns = {plan: column for column, plan in enumerate(plans)}
            plains = [each for each in self.plains if each.plan in columns]
            places = [columns[each.plan] for each in plains]
            self.memo[key] = (
                fast_tables(self.tables, clock, plains, places, epochs) if plains else None
            )
        known = self.memo[key]
        return known if isinstance(known, FastTables) else None


def _class_and_country(place: Place) -> tuple[int, str]:
    return place.class_index, "" if place.destination is None else place.destination.country


def _restored(values: dict[str, Any]) -> BatchBook:
    return BatchBook(**values)


def declared_by(catalog: Catalog) -> tuple[FactSpec, ...] | None:
    """Return the operator's own facts, or `None` for a catalog without rules, which asks none."""
    return declared_facts(catalog.rules) if catalog.rules.rules else None


def _signs(catalog: Catalog) -> Signs | None:
    """Return what rules that decide something see of numbers, `None` if no number matters."""
    rules = deciding_rules(catalog.rules)
    return Signs.of(catalog, rules) if rules.rules and Needs.of(rules).usage else None


def _signed_places(
    book: TariffBook, signs: Signs | None
) -> tuple[Int64s, Int64s, list[tuple[int, str, Sign]]]:
    """Return where numbers are cut, and which of the different places begins there.

    A place is a class, a country, and what rules see of its numbers. Few places are different
    values, so that each is looked at once.
    """
    starts = np.array(book.starts, np.int64)
    different, place_of = _numbered(book.places)
    kinds: list[Sign] = [NOTHING]
    sign_of = np.zeros(len(starts), np.int64)
    if signs is not None:
        kinds, sign_of = _numbered(signs.signs)
        begin = starts, np.array(signs.starts, np.int64)
        starts = np.union1d(*begin)
        place_of, sign_of = (
            numbers[np.searchsorted(each, starts, "right") - 1]
            for each, numbers in zip(begin, (place_of, sign_of), strict=True)
        )
    pairs, pair_of = np.unique(place_of * len(kinds) + sign_of, return_inverse=True)
    places: dict[tuple[int, str, Sign], int] = {}
    numbers = [
        places.setdefault((*_class_and_country(different[place]), kinds[sign]), len(places))
        for place, sign in (divmod(pair, len(kinds)) for pair in pairs.tolist())
    ]
    return starts, np.array(numbers, np.int64)[pair_of], list(places)


def _numbered(values: Sequence[T]) -> tuple[list[T], Int64s]:
    """Return the different objects among some, and the number of each."""
    known: dict[int, int] = {}
    numbers = [known.setdefault(id(each), len(known)) for each in values]
    first = dict(zip(reversed(numbers), reversed(values), strict=True))
    return [first[number] for number in range(len(known))], np.array(numbers, np.int64)


def _facts(plan: Plan) -> PlanFacts:
    return PlanFacts(
        sold=plan.sold,
        one_time=sum(amount for _, amount in plan.one_time),
        chooses=bool(plan.choose_from),
    )


def _grids(book: TariffBook) -> tuple[Grid, ...]:
    """Return the plans by length of cycle, in the order of their first plan."""
    grids: dict[tuple[CycleLength, bool], list[int]] = {}
    for index, tariff in enumerate(book.plans.values()):
        billing = tariff.plan.billing
        most = LONGEST if billing.length.unit is CycleUnit.MONTH else LONGEST_DAYS
        if billing.length.count > most:
            raise BeyondBatch(name="cycle", value=billing.length.count, expected=f"at most {most}")
        grids.setdefault((billing.length, billing.calendar), []).append(index)
    return tuple(
        Grid(length=length, calendar=calendar, plans=tuple(plans))
        for (length, calendar), plans in grids.items()
    )


def batch_book(catalog: Catalog) -> BatchBook:
    """Return a catalog laid out, laying it out at the first call only; it is kept with the catalog.

    Raises `BeyondBatch` as `BatchBook.of` does.
    """
    known = catalog.memo.get(MEMO)
    if not isinstance(known, BatchBook):
        known = catalog.memo[MEMO] = BatchBook.of(catalog)
    return known
