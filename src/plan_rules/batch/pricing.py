"""Many customers' calls on every plan: from columns to bills."""

from __future__ import annotations

from datetime import date

from plan_rules.batch.bills import CycleBills
from plan_rules.batch.book import BatchBook
from plan_rules.batch.columns import CallColumns, CustomerColumns


def price(
    book: BatchBook,
    *,
    customers: CustomerColumns,
    calls: CallColumns,
    values_on: date | None = None,
    threads: int = 1,
    detail: bool = True,
) -> CycleBills:
    """Return what the calls cost every customer on every plan, cycle by cycle.

    The same micros as `rating`. Without `values_on` as `rate` says it: each call by the values
    in force on its own date, each cycle by those at its start, the intro price from `since`;
    a row for every cycle from that of a customer's first call to that of the last. With
    `values_on` the values of that day hold for all of it, without the intro price. `detail`
    adds what became of calls. `threads` work on customers side by side and change nothing.
    """
    raise NotImplementedError
