"""The best plans of every customer as an Arrow table: one row a plan."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from plan_rules.batch.columns import CustomerColumns
from plan_rules.batch.ranking import NOT_ASSESSED, BestPlans


def best_schema(*, ids: pa.DataType, metadata: Mapping[str, str] | None = None) -> pa.Schema:
    """Return the schema of best plans; `ids` is the type of `customer_id`.

    `rank` counts from 1; `is_advised` marks the plan to take, `is_current` the present one.
    `monthly_micros` is the expected cost of a month, tax included; `saving_micros` is against
    the present plan, null where there is none, below zero where the plan is dearer. `missed`
    calls would not be carried though another plan does; `calls` are all the customer made that
    were answered, `missed_share` is the one by the other. `chosen_country` is the country to
    choose, empty where the plan asks for none. `cycles` counts the complete cycles it rests on.
    """
    return pa.schema(
        [
            pa.field("customer_id", ids, nullable=False),
            pa.field("rank", pa.int32(), nullable=False),
            pa.field("plan", pa.dictionary(pa.int32(), pa.string()), nullable=False),
            pa.field("is_advised", pa.bool_(), nullable=False),
            pa.field("is_current", pa.bool_(), nullable=False),
            pa.field("monthly_micros", pa.int64(), nullable=False),
            pa.field("saving_micros", pa.int64()),
            pa.field("missed_calls", pa.int32(), nullable=False),
            pa.field("calls", pa.int32(), nullable=False),
            pa.field("missed_share", pa.float64(), nullable=False),
            pa.field("chosen_country", pa.dictionary(pa.int32(), pa.string()), nullable=False),
            pa.field("cycles", pa.int32(), nullable=False),
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
    to judge by has no row.
    """
    enough = (found.cycles > 0)[:, None] & (found.order[:, :top] >= 0)
    row, rank = np.nonzero(enough)
    plan = found.order[row, rank]
    current = customers.plan[row]
    now = found.monthly_micros[row, current]
    has_current = (current >= 0) & (now != NOT_ASSESSED)
    monthly, missed = found.monthly_micros[row, plan], found.missed_calls[row, plan]
    made = answered[row]
    chosen = found.chosen[row, plan]
    return pa.table(
        [
            ids.take(pa.array(row)),
            _int32(rank + 1),
            _words(plan, found.plan_ids),
            pa.array(plan == found.advised[row]),
            pa.array(plan == current),
            pa.array(monthly),
            pa.array(now - monthly, mask=~has_current),
            _int32(missed),
            _int32(made),
            pa.array(missed / np.maximum(made, 1)),
            _words(np.where(chosen < 0, len(found.countries), chosen), (*found.countries, "")),
            _int32(found.cycles[row]),
        ],
        schema=schema,
    )


def _int32(values: npt.NDArray[np.integer]) -> pa.Array:
    return pa.array(values.astype(np.int32))


def _words(at: npt.NDArray[np.integer], words: tuple[str, ...]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(_int32(at), pa.array(list(words), pa.string()))
