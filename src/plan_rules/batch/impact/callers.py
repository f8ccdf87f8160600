"""Customers of whom nothing is known but their calls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from plan_rules.batch.columns import NO_DAY, CustomerColumns, FactColumns, day_number
from plan_rules.batch.intake.buffers import is_text
from plan_rules.batch.intake.customers import CustomerTable
from plan_rules.batch.intake.ids import IdIndex
from plan_rules.batch.intake.schemas import CALLS
from plan_rules.batch.intake.sources import Given, Table, source_of
from plan_rules.errors import InvalidValue
from plan_rules.rules.fact import FactSpec

ID = "customer_id"
IDS = Table(name="calls", columns={ID: CALLS[ID]}, others=True)

FIRST_OF_MONTH = day_number(date(2000, 1, 1))
"""Cycles of customers whose anchor nobody knows are cut on the first of the month."""


def callers_of(
    calls: Given,
    *,
    zone: str,
    plan_ids: tuple[str, ...],
    declared: Sequence[tuple[FactSpec, ...] | None] = (),
) -> CustomerTable:
    """Return whoever made the calls, in the order of their ids, each on no plan.

    They live in `zone`, and their cycles are cut on the first of the month. Neither their homes
    nor any of the `declared` facts of catalogs is known. Reads the ids of
    all calls once. Raises `InvalidValue` for calls that can be read only once, and what
    `source_of` raises.
    """
    if hasattr(calls, "__arrow_c_stream__"):
        raise InvalidValue(
            name="customers", value=None, expected="a table of customers where calls are no files"
        )
    found: pa.Array | None = None
    for unit in source_of(calls, IDS).units:
        for chunk in unit.chunks():
            ids = _plain(chunk.batch.column(ID))
            found = _together(ids if found is None else _both(found, ids))
    ids = pa.array([], pa.large_string()) if found is None else found
    ids = ids.take(pc.array_sort_indices(ids))
    count = len(ids)
    nobody = np.full(count, -1, np.int32)
    return CustomerTable(
        ids=ids,
        index=IdIndex(ids),
        columns=CustomerColumns(
            zones=(zone,),
            zone=np.zeros(count, np.int32),
            anchor=np.full(count, FIRST_OF_MONTH, np.int32),
            plan=nobody,
            since=np.full(count, NO_DAY, np.int32),
            countries=(),
            chosen=nobody,
            home=nobody,
        ),
        homes=pa.nulls(count, pa.string()),
        facts=pa.table({}),
        plan_ids=plan_ids,
        coded=tuple(
            None if specs is None else FactColumns.nothing([spec.name for spec in specs], count)
            for specs in declared
        ),
    )


def _plain(ids: pa.Array) -> pa.Array:
    """Return ids as whole numbers of 64 bits or as texts; bytes that are no text are left out."""
    if pa.types.is_dictionary(ids.type):
        ids = ids.dictionary_decode()
    if not is_text(ids.type):
        return ids.cast(pa.int64())
    try:
        return ids.cast(pa.large_string())
    except pa.ArrowInvalid:
        texts = [_text(each) for each in ids.to_pylist()]
        return pa.array(texts, pa.large_string())


def _text(raw: bytes | str | None) -> str | None:
    if isinstance(raw, bytes):
        try:
            return raw.decode()
        except UnicodeDecodeError:
            return None
    return raw


def _both(some: pa.Array, more: pa.Array) -> pa.Array:
    if some.type != more.type:
        some, more = some.cast(pa.large_string()), more.cast(pa.large_string())
    return pa.concat_arrays([some, more])


def _together(ids: pa.Array) -> pa.Array:
    """Return each id once, none of them null or empty."""
    ids = ids.unique().drop_null()
    return ids.filter(pc.not_equal(ids, "")) if is_text(ids.type) else ids
