"""Bills of many customers as an Arrow table: one row a cycle, in it a list with every plan."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from plan_rules.batch.bills import CycleBills, CycleTable
from plan_rules.tariff.book import TariffBook

PREFIX = "plan_rules."

LISTS = {
    "total_micros": pa.int64(),
    "blocked_calls": pa.int32(),
    "uncovered_calls": pa.int32(),
    "unrated_calls": pa.int32(),
    "overage_seconds": pa.int64(),
}
"""Columns that hold a value for each plan, in the order of the schema's metadata."""

ADJUSTMENTS = "adjustments_micros"
"""The column behind the totals, where rules of the catalog adjust bills."""


def lists_of(*, adjusted: bool) -> dict[str, pa.DataType]:
    """Return the columns that hold a value for each plan; `adjusted` if rules adjust bills."""
    if not adjusted:
        return LISTS
    total, *others = LISTS.items()
    return dict([total, (ADJUSTMENTS, pa.int64()), *others])


def metadata(book: TariffBook, *, as_of: date, values_on: date | None) -> dict[str, str]:
    """Return what every table of results says of itself: plans in order, digest, currency, day.

    `as_of` is the day that plans are compared on. `values_on` is the day whose values bills are
    priced by, empty where each call is priced by those of its own date.
    """
    return {
        f"{PREFIX}plans": json.dumps(list(book.plans)),
        f"{PREFIX}catalog_digest": book.digest,
        f"{PREFIX}currency": book.currency,
        f"{PREFIX}as_of": as_of.isoformat(),
        f"{PREFIX}values_on": "" if values_on is None else values_on.isoformat(),
    }


def bills_schema(
    *,
    ids: pa.DataType,
    plans: int,
    adjusted: bool = False,
    metadata: Mapping[str, str] | None = None,
) -> pa.Schema:
    """Return the schema of bills; `ids` is the type of `customer_id`, lists are `plans` long.

    `adjusted` tells whether rules of the catalog adjust bills.


    `cut` says how the cycle is cut, as in `1-month` or `28-day`; a plan that cuts its cycles
    otherwise has null in the lists of that row. `start` is inclusive, `end` exclusive.
    """
    return pa.schema(
        [
            pa.field("customer_id", ids, nullable=False),
            pa.field("cut", pa.dictionary(pa.int8(), pa.string()), nullable=False),
            pa.field("start", pa.date32(), nullable=False),
            pa.field("end", pa.date32(), nullable=False),
            pa.field("calls", pa.int32(), nullable=False),
            pa.field("seconds", pa.int64(), nullable=False),
            *(
                pa.field(name, pa.list_(pa.field("plan", kind), plans), nullable=False)
                for name, kind in lists_of(adjusted=adjusted).items()
            ),
        ],
        metadata=metadata,
    )


def cut_name(table: CycleTable) -> str:
    """Return how the cycles of a table are cut, such as `1-month` or `1-month-calendar`."""
    length = table.length
    return f"{length.count}-{length.unit.value}" + ("-calendar" if table.calendar else "")


def bills_table(bills: CycleBills, *, ids: pa.Array, schema: pa.Schema) -> pa.Table:
    """Return bills by customer, first day of the cycle, and cut.

    `ids` are those of the customers priced, in their order.
    """
    tables = [each for each in bills.tables if len(each)]
    if not tables:
        return schema.empty_table()
    cuts = sorted({cut_name(each) for each in bills.tables})
    kind = np.concatenate(
        [np.full(len(each), cuts.index(cut_name(each)), dtype=np.int8) for each in tables]
    )
    together = _Together(tables, len(bills.plan_ids))
    order = None
    if len(tables) > 1:
        order = np.lexsort((kind, *map(together.rows, ("end", "start", "customer"))))

    def column(name: str) -> pa.Array:
        found = pa.array(together.rows(name))
        return found if order is None else found.take(pa.array(order))

    cut = pa.DictionaryArray.from_arrays(
        pa.array(kind if order is None else kind[order]), pa.array(cuts)
    )
    return pa.table(
        [
            ids.take(column("customer")),
            cut,
            column("start").cast(pa.date32()),
            column("end").cast(pa.date32()),
            column("calls"),
            column("seconds"),
            *(
                together.lists(name, order).cast(schema.field(name).type)
                for name in _lists_in(schema)
            ),
        ],
        schema=schema,
    )


def _lists_in(schema: pa.Schema) -> list[str]:
    return [name for name in schema.names if name in LISTS or name == ADJUSTMENTS]


class _Together:
    """The tables of all cuts as one, row by row."""

    def __init__(self, tables: Sequence[CycleTable], plans: int) -> None:
        self._tables = tables
        self._plans = plans

    def rows(self, name: str) -> npt.NDArray[np.generic]:
        return np.concatenate([getattr(each, name) for each in self._tables])

    def lists(self, name: str, order: npt.NDArray[np.int64] | None) -> pa.Array:
        """Return a column of lists, null where a plan's cycles are cut otherwise."""
        tables = self._tables
        if len(tables) == 1 and tables[0].plans == tuple(range(self._plans)):
            flat = np.ascontiguousarray(getattr(tables[0], name)).reshape(-1)
            return pa.FixedSizeListArray.from_arrays(pa.array(flat), self._plans)
        rows = sum(len(each) for each in tables)
        values = np.zeros((rows, self._plans), dtype=getattr(tables[0], name).dtype)
        others = np.ones((rows, self._plans), dtype=np.bool_)
        at = 0
        for each in tables:
            mine = slice(at, at + len(each))
            values[mine, list(each.plans)] = getattr(each, name)
            others[mine, list(each.plans)] = False
            at += len(each)
        if order is not None:
            values, others = values[order], others[order]
        flat = pa.array(values.reshape(-1), mask=others.reshape(-1))
        return pa.FixedSizeListArray.from_arrays(flat, self._plans)
