"""The best plans of every customer as an Arrow table."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from plan_rules.batch.bills import CycleBills, CycleTable
from plan_rules.batch.columns import CustomerColumns, day_number
from plan_rules.batch.run.results import metadata
from plan_rules.periods import MONTHS_PER_YEAR
from plan_rules.tariff.book import TariffBook

Integers = npt.NDArray[np.int64]


def best_schema(book: TariffBook, *, ids: pa.DataType, as_of: date | None) -> pa.Schema:
    """Return the schema of best plans; `ids` is the type of `customer_id`.

    `rank` counts from 1. `monthly_micros` is the mean bill of a month over the customer's
    `cycles`; `saving_micros` is against the present plan, null where there is none, below zero
    where the plan is dearer. `missed_calls` and `missed_seconds` could not be made on the plan
    or have no price; `calls` and `seconds` are all those compared, `missed_share` the share of
    the seconds.
    """
    return pa.schema(
        [
            pa.field("customer_id", ids, nullable=False),
            pa.field("rank", pa.int32(), nullable=False),
            pa.field("plan", pa.dictionary(pa.int32(), pa.string()), nullable=False),
            pa.field("is_current", pa.bool_(), nullable=False),
            pa.field("monthly_micros", pa.int64(), nullable=False),
            pa.field("saving_micros", pa.int64()),
            pa.field("cycles", pa.int32(), nullable=False),
            pa.field("calls", pa.int64(), nullable=False),
            pa.field("seconds", pa.int64(), nullable=False),
            pa.field("missed_calls", pa.int64(), nullable=False),
            pa.field("missed_seconds", pa.int64(), nullable=False),
            pa.field("missed_share", pa.float64(), nullable=False),
        ],
        metadata=metadata(book, as_of=as_of),
    )


def best_table(
    bills: CycleBills,
    *,
    customers: CustomerColumns,
    ids: pa.Array,
    as_of: date | None,
    top: int,
    schema: pa.Schema,
) -> pa.Table:
    """Return the `top` plans of each customer, the best first; ties go by the plan's id."""
    shape = (len(customers), len(bills.plan_ids))
    cost = np.zeros(shape, dtype=np.int64)
    cycles = np.zeros(shape, dtype=np.int64)
    calls = np.zeros(shape, dtype=np.int64)
    seconds, missed, lost = np.zeros_like(calls), np.zeros_like(calls), np.zeros_like(calls)
    for table in bills.tables:
        plans = list(table.plans)
        kept = _complete(table, as_of)
        at = table.customer[kept]
        count = np.bincount(at, minlength=shape[0])[:, None]
        cycles[:, plans] = count
        total = _summed(table.total_micros[kept], at, shape[0])
        per_year, parts = table.length.cycles_per_year
        cost[:, plans] = _rounded(total * per_year, np.maximum(count, 1) * parts * MONTHS_PER_YEAR)
        calls[:, plans] = _summed(table.calls[kept][:, None], at, shape[0])
        seconds[:, plans] = _summed(table.seconds[kept][:, None], at, shape[0])
        for outcome in ("blocked", "uncovered", "unrated"):
            missed[:, plans] += _summed(getattr(table, f"{outcome}_calls")[kept], at, shape[0])
            lost[:, plans] += _summed(getattr(table, f"{outcome}_seconds")[kept], at, shape[0])
    by_id = np.argsort(np.argsort(np.array(bills.plan_ids)))
    order = np.lexsort((np.broadcast_to(by_id, shape), cost, missed, cycles == 0), axis=1)[:, :top]
    there = np.take_along_axis(cycles, order, 1) > 0
    row, rank = np.nonzero(there)
    plan = order[row, rank]
    current = customers.plan[row]
    has_current = (current >= 0) & (cycles[row, current] > 0)
    saving = np.where(has_current, cost[row, current] - cost[row, plan], 0)
    words = pa.array(list(bills.plan_ids))
    return pa.table(
        [
            ids.take(pa.array(row)),
            pa.array((rank + 1).astype(np.int32)),
            pa.DictionaryArray.from_arrays(pa.array(plan.astype(np.int32)), words),
            pa.array(plan == current),
            pa.array(cost[row, plan]),
            pa.array(saving, mask=~has_current),
            pa.array(cycles[row, plan].astype(np.int32)),
            pa.array(calls[row, plan]),
            pa.array(seconds[row, plan]),
            pa.array(missed[row, plan]),
            pa.array(lost[row, plan]),
            pa.array(lost[row, plan] / np.maximum(seconds[row, plan], 1)),
        ],
        schema=schema,
    )


def _complete(table: CycleTable, as_of: date | None) -> npt.NDArray[np.int64]:
    if as_of is None:
        return np.arange(len(table))
    return np.flatnonzero(table.end <= day_number(as_of))


def _summed(values: npt.NDArray[np.generic], at: npt.NDArray[np.int32], count: int) -> Integers:
    """Return the sums of rows by customer; the rows go by customer."""
    found = np.zeros((count, values.shape[1]), dtype=np.int64)
    if len(at):
        firsts = np.flatnonzero(np.append(True, at[1:] != at[:-1]))
        found[at[firsts]] = np.add.reduceat(values, firsts, axis=0, dtype=np.int64)
    return found


def _rounded(numerator: Integers, denominator: Integers) -> Integers:
    """Return quotients rounded half-up; none is below zero."""
    return (2 * numerator + denominator) // (2 * denominator)
