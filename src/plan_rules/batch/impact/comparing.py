"""Two catalogs compared over all customers: from files to one `Impact`, in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.columns import CustomerColumns
from plan_rules.batch.impact.callers import callers_of
from plan_rules.batch.impact.hurt import Hurt, MostHurt
from plan_rules.batch.impact.sides import Sides
from plan_rules.batch.impact.slices import ComparedSlice, Comparer
from plan_rules.batch.impact.spread import Spread, basis_points
from plan_rules.batch.impact.sums import (
    Apart,
    Compared,
    ImpactSums,
    counted_ranges,
    plan_changes,
)
from plan_rules.batch.in_order import in_order
from plan_rules.batch.intake.customers import TABLE as CUSTOMERS_TABLE
from plan_rules.batch.intake.customers import CustomerTable, read_customers
from plan_rules.batch.intake.door import TABLE as CALLS_TABLE
from plan_rules.batch.intake.rejecting import Rejections, RowsRejected
from plan_rules.batch.intake.sources import Given, source_of
from plan_rules.batch.placing import Range
from plan_rules.batch.run.collecting import Collector
from plan_rules.batch.run.conservation import demand
from plan_rules.batch.run.gathering import Intake
from plan_rules.batch.run.journal import Journal
from plan_rules.batch.run.memory import DEFAULT_MEMORY, MemoryPlan
from plan_rules.batch.run.parts import Gathered, Piece
from plan_rules.batch.run.progress import Listener, Progress, Stage, nobody
from plan_rules.catalog.catalog import Catalog
from plan_rules.errors import InvalidValue, UnknownId

FIRST_DAY, LAST_DAY = date(1970, 1, 2), date(2199, 12, 30)
"""The days that calls can be made on wherever the customer lives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What a change of the catalog does to customers, all of them accounted for.

    `sums` count and sum up; they can be added to those of other customers. `money` and
    `relative` are how customers' months change, in micros and in basis points of the old month.
    `hurt` are those who pay most more. `assumed` customers were on no plan and are taken to be
    on the plan that was named for such. `rows` of calls were read: `calls` were admitted, with
    `seconds`, and those `rejected`.
    """

    old_digest: str
    new_digest: str
    currency: str
    as_of: date
    values_on: date
    plan_ids: tuple[str, ...]
    old_plans: frozenset[str]
    new_plans: frozenset[str]
    sums: ImpactSums
    money: Spread
    relative: Spread
    hurt: tuple[Hurt, ...]
    assumed: int
    customers_rejected: Rejections
    rows: int
    calls: int
    seconds: int
    rejected: Rejections


def compare_catalogs(
    *,
    old: Catalog,
    new: Catalog,
    calls: Given,
    customers: Given | None = None,
    as_of: date,
    values_on: date | None = None,
    assume_plan: str = "",
    top: int = 10,
    memory: int = DEFAULT_MEMORY,
    threads: int = 2,
    strict: bool = False,
    scratch: Path | str | None = None,
    progress: Listener = nobody,
) -> Impact:
    """Return what customers pay on their present plan by each of two catalogs, compared.

    Both price the same calls by the values of `values_on` (by default `as_of`), without intro
    prices; a customer without calls is compared by their fee. Customers on no plan, or on one
    that a catalog does not have, are counted apart; with `assume_plan` those on none are taken
    to be on that one. Best plans are what `recommend` advises at `as_of` by either catalog. The
    `top` customers who pay most more are explained line by line.

    `calls` and `customers` are given as to `price_batch`. Without `customers` they are whoever
    made the calls (files only): in the zone of the new catalog, with cycles from the first of
    the month, on no plan; neither homes nor facts are known of them, so that rules which compare
    these do not hold. `memory` is a limit in bytes, kept by putting calls onto disk, into a
    folder below `scratch` that is gone afterwards. Neither it nor `threads` changes the result.

    Raises `NotComparable` for different currencies, `UnknownId` for a plan to assume that
    neither catalog has, `InvalidValue` for `top` below 0, `threads` below 1 and a day that calls
    cannot be made on; `EnginesDisagree` and `NotConserved`, which would be our fault; and what
    `price_batch` raises for its input.
    """
    if top < 0:
        raise InvalidValue(name="top", value=top, expected="0 or more")
    if threads < 1:
        raise InvalidValue(name="threads", value=threads, expected="at least 1")
    on = as_of if values_on is None else values_on
    for name, day in (("as_of", as_of), ("values_on", on)):
        if not FIRST_DAY <= day <= LAST_DAY:
            raise InvalidValue(
                name=name, value=day.isoformat(), expected="a day from 1970-01-02 to 2199-12-30"
            )
    sides = Sides.of(old, new)
    if assume_plan and assume_plan not in sides.plan_ids:
        raise UnknownId(kind="plan", value=assume_plan, known=sides.plan_ids)
    table, lost = _customers(calls, customers, sides, strict=strict)
    table, assumed = _assumed(table, assume_plan)
    on_both, apart = told_apart(table.columns, sides)
    limits = MemoryPlan.of(memory, customers_size=2 * table.size)
    with TemporaryDirectory(prefix="plan-rules-", dir=scratch) as folder:
        intake, gathered = _gathered(
            Path(folder),
            calls=calls,
            table=table,
            memory=limits,
            strict=strict,
            progress=progress,
        )
        comparing = _Comparing(
            comparer=Comparer(
                sides=sides,
                customers=table.columns,
                facts=table.coded,
                on_both=on_both,
                as_of=as_of,
                values_on=on,
            ),
            memory=limits,
            threads=threads,
            progress=progress,
            hurt=MostHurt(sides=sides, customers=table, top=top),
        )
        comparing.compare(gathered)
        demand("calls", expected=intake.calls, found=comparing.calls)
    demand("customers", expected=len(table), found=comparing.sums.customers)
    compared = Compared.joined(comparing.pieces)
    return Impact(
        old_digest=sides.old.book.digest,
        new_digest=sides.new.book.digest,
        currency=sides.currency,
        as_of=as_of,
        values_on=on,
        plan_ids=sides.plan_ids,
        old_plans=frozenset(sides.old.book.plans),
        new_plans=frozenset(sides.new.book.plans),
        sums=replace(
            comparing.sums,
            all=compared.changes(),
            apart=apart,
            plans=plan_changes(compared, sides.plan_ids),
            ranges=counted_ranges(compared),
        ),
        money=Spread.of(compared.difference),
        relative=Spread.of(basis_points(compared.old_month, compared.difference)),
        hurt=comparing.hurt.explained(values_on=on),
        assumed=assumed,
        customers_rejected=lost,
        rows=intake.rows,
        calls=intake.calls,
        seconds=intake.seconds,
        rejected=intake.rejected,
    )


def _customers(
    calls: Given, customers: Given | None, sides: Sides, *, strict: bool
) -> tuple[CustomerTable, Rejections]:
    lost = Rejections.none()
    declared = tuple(side.batch_book.declared for side in sides.both)
    if customers is None:
        zone = sides.new.book.zone
        return callers_of(calls, zone=zone, plan_ids=sides.plan_ids, declared=declared), lost
    source = source_of(customers, CUSTOMERS_TABLE)
    read = read_customers(source, plan_ids=sides.plan_ids, declared=declared)
    if read.rejected is not None:
        if strict:
            raise RowsRejected(read.rejected)
        lost.add(read.rejected)
    demand("rows of customers", expected=read.rows, found=len(read.customers) + lost.rows)
    return read.customers, lost


def _assumed(table: CustomerTable, plan: str) -> tuple[CustomerTable, int]:
    """Return customers with those on no plan put onto one, and how many these are."""
    columns = table.columns
    if not plan:
        return table, 0
    nowhere = columns.plan < 0
    put = np.where(nowhere, table.plan_ids.index(plan), columns.plan).astype(np.int32)
    return replace(table, columns=replace(columns, plan=put)), int(nowhere.sum())


def _gathered(
    folder: Path,
    *,
    calls: Given,
    table: CustomerTable,
    memory: MemoryPlan,
    strict: bool,
    progress: Listener,
) -> tuple[Intake, Gathered]:
    """Return all calls at hand, those that do not fit into memory below a folder."""
    with Journal(folder / "run", identity={}, resume=False) as journal:
        collector = Collector(
            source=source_of(calls, CALLS_TABLE),
            table=table,
            plan=memory,
            journal=journal,
            rejected=folder / "rejected",
            spill=folder / "spill",
        )
        return collector.collect(strict=strict, listener=progress)


@dataclass(slots=True, kw_only=True)
class _Comparing:
    """One comparison, some customers at a time."""

    comparer: Comparer
    memory: MemoryPlan
    threads: int
    progress: Listener
    hurt: MostHurt
    sums: ImpactSums = field(default_factory=ImpactSums)
    pieces: list[Compared] = field(default_factory=list)
    calls: int = 0

    def compare(self, gathered: Gathered) -> None:
        """Compare all customers."""
        self._tell(0)
        for part in gathered.division:
            for piece in gathered.pieces(part, most=self.memory.calls):
                for found in self._slices(piece):
                    self._add(found)
                    self._tell(found.end)

    def _tell(self, done: int) -> None:
        self.progress(Progress(stage=Stage.PRICE, done=done, total=len(self.comparer.customers)))

    def _slices(self, piece: Piece) -> Iterator[ComparedSlice]:
        """Yield what the slices of a piece say, in order."""
        step = min(
            self.memory.customers_at_once(side.book, days=piece.held.span.days, with_bills=False)
            for side in self.comparer.sides.both
        )
        most = max(1, step // (2 * self.threads))

        def compared(each: Range) -> ComparedSlice:
            start, end = each
            calls = piece.between(start, end).columns
            return self.comparer.compare(start, end, calls, span=piece.held.span)

        yield from in_order(compared, piece.slices(customers=most), threads=self.threads)

    def _add(self, found: ComparedSlice) -> None:
        self.hurt.look_at(found.compared, calls=found.calls, base=found.start)
        self.pieces.append(found.compared)
        self.calls += found.made
        self.sums += ImpactSums(
            customers=found.end - found.start,
            old_months=found.old.months,
            new_months=found.new.months,
            best=found.best,
        )


def told_apart(columns: CustomerColumns, sides: Sides) -> tuple[NDArray[np.bool_], Apart]:
    """Return which customers are on a plan that both catalogs have, and count the others."""
    in_old, in_new = (side.index_of[columns.plan] >= 0 for side in sides.both)

    def counted(only: NDArray[np.bool_]) -> Counter[str]:
        return Counter(sides.plan_ids[plan] for plan in columns.plan[only].tolist())

    return in_old & in_new, Apart(
        without_plan=int(np.count_nonzero(columns.plan < 0)),
        only_in_old=counted(in_old & ~in_new),
        only_in_new=counted(in_new & ~in_old),
    )
