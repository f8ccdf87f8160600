"""The best plans of every customer as an Arrow table: one row a plan."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from plan_rules.batch.columns import CustomerColumns
from plan_rules.batch.ranking import BestPlans
from plan_rules.batch.sums import NOT_ASSESSED


def best_schema(*, ids: pa.DataType, metadata: Mapping[str, str] | None = None) -> pa.Schema:
    """Return the schema of best plans; `ids` is the type of `customer_id`.

    `rank` counts from 1; `is_advised` marks the plan to take, `is_current` the present one.
    `monthly_micros` is the expected cost of a month, tax included; `saving_micros` is against
    the present plan, null where there is none, below zero where the plan is dearer. `missed`
    calls would not be carried though another plan does; `calls` are all the customer made that
    were answered, `missed_share` is the one by the other. `chosen_country` is the country to
    choose, empty where the plan asks for none. `cycles` counts the complete cycles it rests on,
    `excluded` the plans on sale that rules keep from the customer. One from whom every plan is
    kept has one row, of `rank` 0, in which nothing is told of a plan.
    """
    return pa.schema(
        [
            pa.field("customer_id", ids, nullable=False),
            pa.field("rank", pa.int32(), nullable=False),
            pa.field("plan", pa.dictionary(pa.int32(), pa.string())),
            pa.field("is_advised", pa.bool_(), nullable=False),
            pa.field("is_current", pa.bool_(), nullable=False),
            pa.field("monthly_micros", pa.int64()),
            pa.field("saving_micros", pa.int64()),
            pa.field("missed_calls", pa.int32()),
            pa.field("calls", pa.int32(), nullable=False),
            pa.field("missed_share", pa.float64()),
            pa.field("chosen_country", pa.dictionary(pa.int32(), pa.string()), nullable=False),
            pa.field("cycles", pa.int32(), nullable=False),
            pa.field("excluded", pa.int32(), nullable=False),
        ],
        metadata=metadata,
    )


def best_table(
    found: BestPlans,
    *,
    customers: CustomerColumns,
    answered: npt.NDArray[np.int32],
    ids: pa.Array,
    top: int,
    schema: pa.Schema,
) -> pa.Table:
    """Return the `top` plans of each customer, the best first.

    `answered` are the calls of each that were answered. A customer whose calls are not enough
    to judge by has no row; one from whom rules keep every plan has one that says so.
    """
    told = (found.cycles > 0)[:, None] & (found.order[:, :top] >= 0)
    excluded = np.zeros(len(found), np.int32)
    if found.excluded is not None:
        excluded = found.excluded.sum(axis=1, dtype=np.int32)
        told[:, :1] |= ((found.cycles == 0) & (excluded > 0))[:, None]
    row, rank = np.nonzero(told)
    plan = found.order[row, rank]
    nothing = plan < 0
    lacks = nothing if nothing.any() else None
    current = customers.plan[row]
    now = found.monthly_micros[row, current]
    has_current = (current >= 0) & (now != NOT_ASSESSED)
    monthly, missed = found.monthly_micros[row, plan], found.missed_calls[row, plan]
    made = answered[row]
    chosen = np.where(nothing, -1, found.chosen[row, plan])
    return pa.table(
        [
            ids.take(pa.array(row)),
            _int32(np.where(nothing, 0, rank + 1)),
            _words(plan, found.plan_ids, lacks),
            pa.array((plan == found.advised[row]) & ~nothing),
            pa.array((plan == current) & ~nothing),
            pa.array(monthly, mask=lacks),
            pa.array(now - monthly, mask=~has_current),
            pa.array(missed.astype(np.int32), mask=lacks),
            _int32(made),
            pa.array(missed / np.maximum(made, 1), mask=lacks),
            _words(np.where(chosen < 0, len(found.countries), chosen), (*found.countries, "")),
            _int32(found.cycles[row]),
            pa.array(excluded[row]),
        ],
        schema=schema,
    )


def _int32(values: npt.NDArray[np.integer]) -> pa.Array:
    return pa.array(values.astype(np.int32))


def _words(
    at: npt.NDArray[np.integer],
    words: tuple[str, ...],
    lacks: npt.NDArray[np.bool_] | None = None,
) -> pa.Array:
    indices = pa.array(at.astype(np.int32), mask=lacks)
    return pa.DictionaryArray.from_arrays(indices, pa.array(list(words), pa.string()))
