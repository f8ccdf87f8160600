"""What customers pay on their present plan: over all their cycles, and for a month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from fractions import Fraction

import numpy as np

from plan_rules.batch.bills import CycleBills, CycleTable
from plan_rules.batch.columns import CallColumns, CustomerColumns, Int32s, Int64s
from plan_rules.batch.impact.exact import demand_room, exact_sum, rounded_ratios
from plan_rules.batch.impact.sides import Side
from plan_rules.batch.pricing import price
from plan_rules.periods import MONTHS_PER_YEAR, epoch_seconds, time_zone

NOON = time(12)
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
    calls: CallColumns,
    values_on: date,
    threads: int,
) -> PresentCosts:
    """Price calls on the plan each customer is on, by the values of one day.

    `customers` are numbered as the book of the side does. Raises what `price` raises.
    """
    bills = price(
        side.batch_book,
        customers=customers,
        calls=calls,
        values_on=values_on,
        threads=threads,
        detail=False,
    )
    return costs_of(bills, customers.plan)


def costs_of(bills: CycleBills, plan: Int32s) -> PresentCosts:
    """Return what bills say of the one plan that each customer is on, -1 for none."""
    cycles, totals, months = (np.zeros(len(plan), np.int64) for _ in range(3))
    by_month: dict[str, CycleSums] = {}
    for table in bills.tables:
        column_of = np.full(len(bills.plan_ids) + 1, -1, np.int64)
        column_of[list(table.plans)] = np.arange(len(table.plans))
        columns = column_of[plan]
        rows = np.flatnonzero(columns[table.customer] >= 0)
        customer = table.customer[rows]
        amounts = table.total_micros[rows, columns[customer]]
        np.add.at(cycles, customer, 1)
        demand_room(amounts, times=int(cycles.max(initial=1)))
        np.add.at(totals, customer, amounts)
        here = (columns >= 0) & (cycles > 0)
        months[here] = _monthly(table, totals[here], cycles[here])
        _add_months(by_month, table.start[rows], amounts)
    return PresentCosts(cycles=cycles, total_micros=totals, month_micros=months, months=by_month)


def _add_months(by_month: dict[str, CycleSums], starts: Int32s, amounts: Int64s) -> None:
    """Add bills to the months their cycles start in; starts are days since 1970-01-01."""
    months = starts.astype("datetime64[D]").astype("datetime64[M]")
    for month in np.unique(months):
        mine = amounts[months == month]
        known = by_month.get(str(month), CycleSums())
        by_month[str(month)] = known + CycleSums(bills=len(mine), micros=exact_sum(mine))


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
