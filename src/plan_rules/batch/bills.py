"""What many customers owe for each cycle on each plan, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from plan_rules.periods import CycleLength

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleTable:
    """One row for each cycle of each customer, for the plans that cut their cycles alike.

    Plans of one `length` and `calendar` (cut on the first of the month whatever the anchor)
    share their cycles and so a table; `plans` are the indexes of its columns in the book's
    `plan_ids`. Rows go by customer, then by cycle.

    Of each row: `customer`; `index`, the cycle counted from the customer's anchor; `start`
    (inclusive) and `end` (exclusive) in days since 1970-01-01; `calls` and `seconds` made in it,
    whatever became of them.

    Of each row and plan, arrays of shape [rows, plans]: `total_micros`, what the customer pays,
    tax included; `usage_micros` and `volume_micros`, what calls and volume prices cost without
    added tax, and both with tax (`_gross_micros`; the same array where nothing is taxed);
    `fee_micros`, fee or intro price as priced. The total is the two gross columns, the taxed
    minimum spend and the taxed fee. Then `blocked`, `uncovered` and `unrated` calls and their
    called seconds, and `overage_seconds`: seconds paid by rate in calls to where the plan has
    an allowance. These seven are `None` where no detail was asked for. `adjustments_micros` are
    the discounts (below 0) and surcharges of rules, without added tax, and are in the total,
    taxed; `None` where the catalog has no such rule.
    """

    length: CycleLength
    calendar: bool
    plans: tuple[int, ...]
    customer: Int32s
    index: Int32s
    start: Int32s
    end: Int32s
    calls: Int32s
    seconds: Int64s
    total_micros: Int64s
    usage_micros: Int64s
    usage_gross_micros: Int64s
    volume_micros: Int64s
    volume_gross_micros: Int64s
    fee_micros: Int64s
    blocked_calls: Int32s | None
    uncovered_calls: Int32s | None
    unrated_calls: Int32s | None
    blocked_seconds: Int64s | None
    uncovered_seconds: Int64s | None
    unrated_seconds: Int64s | None
    overage_seconds: Int64s | None
    adjustments_micros: Int64s | None = None

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.customer)


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleBills:
    """The bills of a batch: a table for each way its plans cut their cycles.

    Most catalogs have one table, of months. Every plan that was priced is a column of exactly
    one; `plan_ids` are all of the book.
    `customers` is how many were priced.
    """

    plan_ids: tuple[str, ...]
    currency: str
    digest: str
    customers: int
    tables: tuple[CycleTable, ...]

    @classmethod
    def joined(cls, pieces: Sequence[Self]) -> Self:
        """Return the bills of batches as those of one, whose customers follow one another."""
        if len(pieces) == 1:
            return pieces[0]
        starts = np.cumsum([0, *(each.customers for each in pieces)])
        return replace(
            pieces[0],
            customers=int(starts[-1]),
            tables=tuple(
                _joined(tables, starts[:-1].tolist())
                for tables in zip(*(each.tables for each in pieces), strict=True)
            ),
        )


def _joined(tables: Sequence[CycleTable], starts: Sequence[int]) -> CycleTable:
    """Return tables as one, whose customers are counted on from `starts`."""
    found: dict[str, Any] = {}
    for each in fields(CycleTable):
        columns = [getattr(table, each.name) for table in tables]
        if each.name == "customer":
            columns = [
                column + np.int32(start) for column, start in zip(columns, starts, strict=True)
            ]
        if isinstance(columns[0], np.ndarray):
            same = each.name.replace("_gross", "")
            is_same = columns[0] is getattr(tables[0], same) and same in found
            found[each.name] = found[same] if is_same else np.concatenate(columns)
    return replace(tables[0], **found)
