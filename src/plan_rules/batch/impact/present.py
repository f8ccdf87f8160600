"""What customers pay on their present plan: over all their cycles, and for a month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from fractions import Fraction

import numpy as np

from plan_rules.batch.bills import CycleTable
from plan_rules.batch.columns import CallColumns, CustomerColumns, Int32s, Int64s
from plan_rules.batch.impact.exact import demand_room, exact_sum, rounded_ratios
from plan_rules.batch.impact.sides import Side
from plan_rules.batch.placing import PlacedBatch
from plan_rules.batch.pricing import price_placed
from plan_rules.periods import MONTHS_PER_YEAR, epoch_seconds, time_zone

NOON = time(12)

Run = tuple[int, int, int]
"""A plan, numbered over both catalogs, and its customers: the first, the one after the last."""

ANY_NUMBER = 10**4
"""The number of a call that nobody answered: the least that can be written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleSums:
    """Bills whose cycles start in one month: how many, and their sum in micros."""

    bills: int = 0
    micros: int = 0

    def __add__(self, other: CycleSums) -> CycleSums:
        """Return the sums of both."""
        return CycleSums(bills=self.bills + other.bills, micros=self.micros + other.micros)


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentCosts:
    """What customers pay on their present plans, an entry each; 0 for those on none.

    `cycles` counts a customer's bills, `total_micros` is their sum, `month_micros` the same for
    a month: the mean of the bills times the cycles of a year over 12, rounded half-up to the
    micro. `months` are the bills of all of them by the month (`2026-03`) their cycle starts in.
    """

    cycles: Int64s
    total_micros: Int64s
    month_micros: Int64s
    months: Mapping[str, CycleSums]


def present_costs(
    side: Side,
    *,
    customers: CustomerColumns,
    placed: PlacedBatch,
    runs: Sequence[Run],
    values_on: date,
) -> PresentCosts:
    """Price calls in their places on the plan each customer is on, by the values of one day.

    `runs` are customers beside each other on one plan, that `index_of` of the side numbers; all
    of them have calls. Customers are numbered as the book of the side does. Raises what `price`
    raises.
    """
    cycles, totals, months = (np.zeros(len(customers), np.int64) for _ in range(3))
    starts, amounts = [np.zeros(0, np.int32)], [np.zeros(0, np.int64)]
    for plan, first, end in runs:
        bills = price_placed(
            side.batch_book,
            customers.between(first, end),
            placed.between(first, end),
            values_on=values_on,
            plans=(side.batch_book.plan_ids[side.index_of[plan]],),
            detail=False,
        )
        (table,) = bills.tables
        cycles[first:end] = np.bincount(table.customer, minlength=end - first)
        demand_room(table.total_micros, times=int(cycles[first:end].max()))
        rows = np.cumsum(cycles[first:end]) - cycles[first:end]
        totals[first:end] = np.add.reduceat(table.total_micros[:, 0], rows)
        months[first:end] = _monthly(table, totals[first:end], cycles[first:end])
        starts.append(table.start)
        amounts.append(table.total_micros[:, 0])
    return PresentCosts(
        cycles=cycles,
        total_micros=totals,
        month_micros=months,
        months=_by_month(np.concatenate(starts), np.concatenate(amounts)),
    )


def _by_month(starts: Int32s, amounts: Int64s) -> dict[str, CycleSums]:
    """Return bills by the months their cycles start in; starts are days since 1970-01-01."""
    months = starts.astype("datetime64[D]").astype("datetime64[M]")
    found: dict[str, CycleSums] = {}
    for month in np.unique(months):
        mine = amounts[months == month]
        found[str(month)] = CycleSums(bills=len(mine), micros=exact_sum(mine))
    return found


def _monthly(table: CycleTable, totals: Int64s, cycles: Int64s) -> Int64s:
    """Return the amount for a month of totals over so many cycles each."""
    share = Fraction(*table.length.cycles_per_year) / MONTHS_PER_YEAR
    demand_room(totals, times=share.numerator)
    return rounded_ratios(totals * share.numerator, cycles * share.denominator)


def with_idle(
    customers: CustomerColumns, calls: CallColumns, *, on: date
) -> tuple[CallColumns, Int64s]:
    """Return calls so that every customer has some, and the customers who had none.

    Who made no call is given one that nobody answered, at noon of the day `on` where they
    live. It costs nothing, and their bill of that cycle is their fee.
    """
    made = np.bincount(calls.customer, minlength=len(customers))
    idle = np.flatnonzero(made == 0)
    if not len(idle):
        return calls, idle
    noons = np.array(
        [
            epoch_seconds(datetime.combine(on, NOON, tzinfo=time_zone(zone)))
            for zone in customers.zones
        ],
        np.int64,
    )
    noon_calls = CallColumns(
        customer=idle.astype(np.int32),
        start=noons[customers.zone[idle]],
        number=np.full(len(idle), ANY_NUMBER, np.int64),
        seconds=np.zeros(len(idle), np.int32),
    )
    return CallColumns.joined([calls, noon_calls]), idle
