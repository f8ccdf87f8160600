"""Which plan is best for each customer: the order of plans as `assessment` and `advice` give it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.book import BatchBook
from plan_rules.batch.columns import NO_DAY, CallColumns, CustomerColumns, day_number
from plan_rules.batch.cycles import MONTH_STARTS, Cut, Grid, join_cycles, start_cycles
from plan_rules.batch.guards import demand_exact, demand_sums
from plan_rules.batch.held import SLICE_CALLS, HeldCalls
from plan_rules.batch.in_order import in_order
from plan_rules.batch.lanes import NEVER, WORD, Measures, Units, Values
from plan_rules.batch.placing import PlacedBatch, Range, Rows, place, rows_of
from plan_rules.batch.pricing import (
    NO_COUNTRY,
    Lanes,
    chosen_countries,
    measured_for,
    new_measures,
    rate_units,
)
from plan_rules.batch.rules.adjusted import Advice
from plan_rules.batch.rules.answers import Answers
from plan_rules.batch.rules.asking import answers_of
from plan_rules.batch.sums import (
    NOT_ASSESSED,
    Horizon,
    add_epoch,
    called_countries,
    count_missed,
    monthly_costs,
    order_plans,
)
from plan_rules.errors import InvalidValue
from plan_rules.money import MICROS
from plan_rules.periods import MONTHS_PER_YEAR, CycleLength

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
Bools = NDArray[np.bool_]

DEFAULT_MARGIN_MICROS = MICROS
"""The saving a month below which staying is the better advice, as in `advice`: one major unit."""

COLUMNS = ("order", "monthly_micros", "missed_calls", "chosen", "advised", "cycles")
"""The arrays of `BestPlans`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How plans are compared: on which day, over how many cycles, by what margin in micros.

    `ranks` is how many plans are put in order, all if it is not given.
    """

    as_of: date
    horizon: int = 12
    margin: int = DEFAULT_MARGIN_MICROS
    ranks: int | None = None

    def __post_init__(self) -> None:
        """Refuse a horizon below one cycle."""
        if self.horizon < 1:
            raise InvalidValue(name="horizon_cycles", value=self.horizon, expected="at least 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class BestPlans:
    """Every customer's plans in order, best first: what `recommend` advises, as columns.

    Arrays have one row for each customer and, where they are of two dimensions, one column for
    each plan of `plan_ids`. `order` lists indexes of plans by rank, -1 after the last; it has
    a column for each rank that was asked for. `monthly_micros` is the expected cost of a month
    and `missed_calls` the calls a plan would not carry though another does, both -1 for plans
    the customer may not choose. `excluded` tells which plans, on sale or not, rules keep from
    the customer; it is `None` where no rule decides anything. `chosen` indexes `countries`: the
    country that would be chosen, -1 for none. `advised` is the plan to take. `cycles` counts
    the complete cycles of the history on the first plan; it is 0, and `advised` -1, for a
    customer whose calls are not enough, or from whom every plan is excluded.
    """

    plan_ids: tuple[str, ...]
    countries: tuple[str, ...]
    currency: str
    digest: str
    order: Int32s
    monthly_micros: Int64s
    missed_calls: Int32s
    chosen: Int32s
    advised: Int32s
    cycles: Int32s
    excluded: Bools | None = None

    def __len__(self) -> int:
        """Return the number of customers."""
        return len(self.advised)

    @classmethod
    def joined(cls, pieces: Sequence[Self]) -> Self:
        """Return the best plans of batches as those of one, customers behind one another."""
        if len(pieces) == 1:
            return pieces[0]
        names = [name for name in COLUMNS if getattr(pieces[0], name) is not None]
        columns: dict[str, Any] = {
            name: np.concatenate([getattr(each, name) for each in pieces]) for name in names
        }
        return replace(pieces[0], **columns)


def best(
    book: BatchBook,
    *,
    customers: CustomerColumns,
    calls: CallColumns,
    as_of: date,
    horizon_cycles: int = 12,
    margin_micros: int = DEFAULT_MARGIN_MICROS,
    threads: int = 1,
    slice_calls: int = SLICE_CALLS,
) -> BestPlans:
    """Rank every plan each customer could be on at `as_of` by their own calls.

    As `recommend` does with the policy `cheapest-expected`: every complete cycle before `as_of`
    is rated on every plan on sale that day and on the present plan, with the values in force
    and those published for the next `horizon_cycles`; then averaged. Plans that carry all calls
    come first. Plans that rules keep from a customer are left out, save the present one;
    discounts and surcharges of rules are in the cost. A switch is advised only if it saves
    `margin_micros` a month. `threads` work on customers side by side, about `slice_calls` calls
    at a time; neither changes a result.

    Raises `InvalidValue` for a horizon below one cycle and for calls that cannot be,
    `BeyondBatch` for calls that could cost more than 64 bits hold.
    """
    held = HeldCalls.of(calls, customers=len(customers))
    terms = Terms(as_of=as_of, horizon=horizon_cycles, margin=margin_micros)

    def ranked(each: Range) -> BestPlans:
        mine = customers.between(*each)
        placed = place(book, mine, held.between(*each), span=held.span)
        return rank_placed(book, mine, placed, terms)

    pieces = list(in_order(ranked, held.slices(calls=slice_calls), threads=threads))
    return BestPlans.joined(pieces or [ranked((0, 0))])


def rank_placed(
    book: BatchBook, customers: CustomerColumns, placed: PlacedBatch, terms: Terms
) -> BestPlans:
    """Rank the plans of customers whose calls are in their places, as `best` does."""
    demand_exact(book.ceiling, placed.usage)
    with answers_of(book) as answers:
        return _Ranking(book, customers, placed, terms, answers).ranked()


class _Ranking:
    """One batch being ranked."""

    def __init__(
        self,
        book: BatchBook,
        customers: CustomerColumns,
        placed: PlacedBatch,
        terms: Terms,
        answers: Answers | None,
    ) -> None:
        self._book, self._customers, self._placed = book, customers, placed
        self._as_of, self._horizon = day_number(terms.as_of), terms.horizon
        self._margin, self._ranks = terms.margin, terms.ranks
        self._steady = book.epoch_index(terms.as_of)
        count, plans = len(customers), len(book.plan_ids)
        self._start, self._end = self._history()
        self._monthly = np.full((count, plans), NOT_ASSESSED, np.int64)
        self._cycles = np.zeros((count, plans), np.int32)
        self._chosen = np.full((count, plans), NO_COUNTRY, np.int32)
        self._missed = np.zeros((len(placed.days), -(-plans // WORD)), np.uint64)
        self._open = self._open_plans(terms.as_of)
        self._needs = measured_for(book)
        self._advice = None
        self._classes = np.zeros((0, 0), np.int32)
        if answers is not None:
            self._advice = Advice.of(book, answers, customers, placed, as_of=self._as_of)
            self._classes = np.zeros((count, plans), np.int32)
        self._epoch_days = np.array([NO_DAY, *map(day_number, book.epochs[1:])], np.int64)

    def ranked(self) -> BestPlans:
        """Rate, sum up and rank."""
        grids = [(grid, self._assess(grid)) for grid in self._book.grids]
        count, plans = self._monthly.shape
        lost = np.zeros((count, plans), np.int32)
        order = np.full((count, min(plans, self._ranks or plans)), -1, np.int32)
        advised = np.full(count, -1, np.int32)
        cycles = np.zeros(count, np.int32)
        row_of = _stacked([rows.row_of for _, rows in grids])
        masks = np.stack([_mask(grid.plans, plans) for grid, _ in grids]) if grids else self._missed
        offered, excluded = self._offered()
        count_missed(
            self._placed.records, self._placed.first, self._missed, row_of, masks, offered, lost
        )
        order_plans(
            self._open, offered, self._monthly, lost, self._cycles, self._customers.plan,
            self._margin, order, advised, cycles,
        )  # fmt: skip
        return BestPlans(
            plan_ids=self._book.plan_ids,
            countries=self._book.countries,
            currency=self._book.currency,
            digest=self._book.digest,
            order=order,
            monthly_micros=self._monthly,
            missed_calls=lost,
            chosen=np.maximum(self._chosen, -1, out=self._chosen),
            advised=advised,
            cycles=cycles,
            excluded=excluded,
        )

    def _offered(self) -> tuple[Bools, Bools | None]:
        """Return the open plans that each customer may have, and those that rules exclude.

        Nobody loses their present plan by asking. Nothing is excluded from who has not called
        enough to be told anything.
        """
        if self._advice is None:
            return self._open, None
        present = self._customers.plan[:, None] == np.arange(self._open.shape[1])
        offered = self._open & (self._advice.allowed(self._classes) | present)
        enough = ~(self._open & (self._cycles == 0)).any(axis=1)
        return offered, self._open & ~offered & enough[:, None]

    def _history(self) -> tuple[Int32s, Int32s]:
        """Return the days each history spans: from the monthly cycle of the first call on."""
        first = np.full(len(self._customers), self._as_of, np.int32)
        called = np.diff(self._placed.first) > 0
        begun = self._placed.days[self._placed.first[:-1][called]]
        first[called] = np.minimum(begun, self._as_of)
        month = Grid(length=CycleLength(), calendar=False, plans=()).cut
        start = start_cycles(month, self._customers.anchor, first, MONTH_STARTS)
        return start, np.full_like(first, self._as_of)

    def _open_plans(self, as_of: date) -> NDArray[np.bool_]:
        """Return which plans each customer may be on: those on sale, and the present one."""
        sold = np.array([as_of in facts.sold for facts in self._book.facts], np.bool_)
        open_plans = np.repeat(sold[None, :], len(self._customers), axis=0)
        on_one = np.flatnonzero(self._customers.plan >= 0)
        open_plans[on_one, self._customers.plan[on_one]] = True
        return open_plans

    def _assess(self, grid: Grid) -> Rows:
        """Rate the plans of one grid on the values of every epoch ahead, and sum them up."""
        rows = rows_of(
            grid, self._customers, self._placed, start=self._start, end=self._end, whole=True
        )
        self._cycles[:, self._columns(grid.plans)] = np.diff(rows.first)[:, None]
        facts = self._book.facts
        plain = tuple(plan for plan in grid.plans if not facts[plan].chooses)
        if plain:
            count = len(self._customers)
            nobody = np.full(count, NO_COUNTRY, np.int64)
            units = Units(np.arange(count), nobody, np.zeros(count, np.int64))
            columns = self._columns(plain)
            costs, classes = self._costs(grid, rows, units, plain)
            if len(plain) == len(self._book.plan_ids):
                self._monthly = costs
            else:
                self._monthly[:, columns] = costs
            if self._advice is not None:
                self._classes[:, columns] = classes
        for plan in grid.plans:
            if facts[plan].chooses:
                self._choose(grid, rows, plan)
        return rows

    def _columns(self, plans: tuple[int, ...]) -> slice | Int64s:
        """Return where plans stand among all of them: a slice if they are all."""
        return slice(None) if len(plans) == self._open.shape[1] else np.array(plans, np.int64)

    def _choose(self, grid: Grid, rows: Rows, plan: int) -> None:
        """Assess a plan that asks for a country, with the country that makes it cheapest."""
        customers = self._customers
        known = called_countries(
            self._placed.records, self._placed.first, self._placed.days, self._as_of,
            self._book.place_country, len(self._book.countries),
        )  # fmt: skip
        given = chosen_countries(self._book, customers)
        stays = (customers.plan == plan) & (customers.chosen >= 0)
        choices = [
            [int(given[c])] if stays[c] else known[c].nonzero()[0].tolist() or [NO_COUNTRY]
            for c in range(len(customers))
        ]
        customer = np.repeat(np.arange(len(customers)), [len(each) for each in choices])
        chosen = np.array([code for each in choices for code in each], np.int64)
        lengths = np.diff(rows.first)[customer]
        bases = np.concatenate([[0], np.cumsum(lengths)])[:-1]
        units = Units(customer, chosen, (bases - rows.first[customer]).astype(np.int64))
        all_costs, classes = self._costs(grid, rows, units, (plan,), misses=False)
        costs = all_costs[:, 0]
        order = np.lexsort((chosen, costs, customer))
        first = order[np.append(True, np.diff(customer[order]) > 0)] if len(order) else order
        self._monthly[:, plan] = costs[first]
        self._chosen[:, plan] = chosen[first]
        if self._advice is not None:
            self._classes[:, plan] = classes[first, 0]
        picked = Units(customer[first], chosen[first], np.zeros(len(first), np.int64))
        measures = self._room(len(rows), 1)
        self._rate(rows, picked, (plan,), self._steady, measures, misses=True)

    def _costs(
        self, grid: Grid, rows: Rows, units: Units, plans: tuple[int, ...], *, misses: bool = True
    ) -> tuple[Int64s, Int32s]:
        """Return the expected cost of a month of each unit on each plan, in micros.

        And, where rules decide anything, the class in which they see the unit and the plan.
        """
        own = len(rows) if misses else int(np.diff(rows.first)[units.customer].sum())
        measures = self._room(own, len(plans))
        totals = np.zeros((len(units.customer), len(plans)), np.int64)
        columns = np.array(plans, np.int64)
        horizon = self._horizon_of(grid.cut)
        demand_sums(
            self._book.ceiling, self._placed.usage, self._book.tax,
            cycles=int(np.diff(rows.first).max(initial=0)), horizon=self._horizon,
        )  # fmt: skip
        rated: tuple[bytes, ...] | None = None
        classes, denied = np.zeros((0, 0), np.int32), np.zeros((0, 0), np.bool_)
        for epoch in self._epochs_ahead(grid.cut):
            tables = self._book.tables
            key = (
                tables.row_of[columns, epoch].tobytes(),
                tables.chains_of[columns, epoch].tobytes(),
            )
            if key != rated:
                if rated is not None:
                    measures = self._room(own, len(plans))
                now = misses and epoch == self._steady
                self._rate(rows, units, plans, epoch, measures, misses=now)
                rated = key
            if self._advice is not None and epoch == self._steady:
                classes = self._advice.classes(rows, units, columns, measures)
                denied = self._advice.denied(classes)
            add_epoch(
                self._book.flat, self._book.tax, grid.cut, horizon, columns, units, rows.first,
                measures, epoch, denied, totals,
            )  # fmt: skip
            if self._advice is not None:
                self._advice.add(
                    grid.cut, horizon, plans=columns, units=units, rows=rows, measures=measures,
                    epoch=epoch, classes=classes, totals=totals,
                )  # fmt: skip
        one_time = np.array([self._book.facts[plan].one_time for plan in plans], np.int64)
        year = Fraction(*grid.length.cycles_per_year) / MONTHS_PER_YEAR
        costs = monthly_costs(
            units.customer, columns, totals, np.diff(rows.first), one_time, self._customers.plan,
            self._horizon, year.numerator, year.denominator,
        )  # fmt: skip
        return costs, classes

    def _room(self, rows: int, plans: int) -> Measures:
        taxed, needs = self._book.tax.added, self._needs
        room = new_measures(rows, plans, detail=needs.missed, taxed=taxed, needs=needs)
        return room._replace(missed=self._missed)

    def _rate(
        self,
        rows: Rows,
        units: Units,
        plans: tuple[int, ...],
        epoch: int,
        measures: Measures,
        *,
        misses: bool,
    ) -> None:
        lanes = Lanes.of(self._book, self._placed, plans, fixed=epoch)

        rate_units(
            self._book, self._placed, rows, units, lanes, Values(epoch, np.zeros(0, np.int32)),
            measures, detail=self._needs.missed, misses=misses,
        )  # fmt: skip

    def _horizon_of(self, cut: Cut) -> Horizon:
        joined = join_cycles(
            cut, self._customers.anchor, self._customers.since, NO_DAY, NEVER, MONTH_STARTS
        )
        return Horizon(
            self._customers.anchor, self._customers.plan, joined, self._as_of, self._horizon,
            self._epoch_days, MONTH_STARTS,
        )  # fmt: skip

    def _epochs_ahead(self, cut: Cut) -> tuple[int, ...]:
        """Return the epochs in which some cycle ahead starts, that of today first."""
        longest = cut.months * 31 if cut.months else cut.days
        end = self._as_of + (self._horizon + 1) * longest
        last = int(np.searchsorted(self._epoch_days, end, "right")) - 1
        return tuple(range(self._steady, last + 1))


def _stacked(rows: Sequence[Int32s]) -> Int32s:
    """Return arrays of one length one above the other."""
    if len(rows) == 1:
        return rows[0][None]
    return np.stack(rows) if rows else np.zeros((0, 0), np.int32)


def _mask(plans: tuple[int, ...], count: int) -> NDArray[np.uint64]:
    """Return the bits of some plans."""
    bits = sum(1 << plan for plan in plans)
    words = range(0, max(count, 1), WORD)
    return np.array([bits >> word & (1 << WORD) - 1 for word in words], np.uint64)
