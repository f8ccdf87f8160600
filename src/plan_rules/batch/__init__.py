"""Many customers at once: the columnar reading of the compiled tariff.

The one idea: the same words as columns, and the same answer as `rating` to the micro. Both read
one `TariffBook`; pricing must never import `rating`, so that their agreement is a matter of
tests and not of shared code (only `impact` asks it, to explain single bills). This package must
not know advice or switching, and its memory is bounded whatever the size of the input.

What needs the extra `batch` (NumPy, Numba, pyarrow) is imported when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plan_rules.batch.bills import CycleBills, CycleTable
    from plan_rules.batch.book import BatchBook
    from plan_rules.batch.columns import CallColumns, CustomerColumns
    from plan_rules.batch.impact.comparing import Impact, compare_catalogs
    from plan_rules.batch.impact.sides import NotComparable
    from plan_rules.batch.laying import BeyondBatch
    from plan_rules.batch.pricing import price
    from plan_rules.batch.ranking import BestPlans, best
    from plan_rules.batch.run.in_memory import BatchTables, price_tables
    from plan_rules.batch.run.job import BatchSummary, price_batch
    from plan_rules.batch.shards import account_shards, price_shard, write_shards

__all__ = [
    "BatchBook",
    "BatchSummary",
    "BatchTables",
    "BestPlans",
    "BeyondBatch",
    "CallColumns",
    "CustomerColumns",
    "CycleBills",
    "CycleTable",
    "Impact",
    "NotComparable",
    "account_shards",
    "best",
    "compare_catalogs",
    "price",
    "price_batch",
    "price_shard",
    "price_tables",
    "write_shards",
]

HOMES = {
    "BatchBook": "book",
    "BatchSummary": "run.job",
    "BatchTables": "run.in_memory",
    "BestPlans": "ranking",
    "BeyondBatch": "laying",
    "CallColumns": "columns",
    "CustomerColumns": "columns",
    "CycleBills": "bills",
    "CycleTable": "bills",
    "Impact": "impact.comparing",
    "NotComparable": "impact.sides",
    "account_shards": "shards",
    "best": "ranking",
    "compare_catalogs": "impact.comparing",
    "price": "pricing",
    "price_batch": "run.job",
    "price_shard": "shards",
    "price_tables": "run.in_memory",
    "write_shards": "shards",
}
"""The module that each public name lives in."""


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for."""
    if name not in HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"{__name__}.{HOMES[name]}"), name)
