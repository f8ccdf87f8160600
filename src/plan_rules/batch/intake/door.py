"""The door: rows of a table become calls as columns, or reported rows. None is lost.

A chunk is looked at column by column. What is sound throughout, as most chunks are, is seen
by its least and greatest value and costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from plan_rules.batch.columns import CallColumns
from plan_rules.batch.intake.buffers import Mask, is_text, missing_of, numbers_of, texts_of
from plan_rules.batch.intake.ids import IdIndex
from plan_rules.batch.intake.parsing import (
    NAIVE,
    UNREADABLE,
    read_numbers,
    read_seconds,
    read_starts,
)
from plan_rules.batch.intake.rejecting import fault, rejected_rows
from plan_rules.batch.intake.schemas import CALLS
from plan_rules.batch.intake.sources import Chunk, Table
from plan_rules.batch.spans import Span, span_of
from plan_rules.destinations.number import MAX_DIGITS, MIN_DIGITS
from plan_rules.usage.call import LAST_EPOCH
from plan_rules.usage.readers.fields import MAX_SECONDS

TABLE = Table(name="calls", columns=CALLS, others=True)

LEAST_NUMBER, NUMBERS_END = 10 ** (MIN_DIGITS - 1), 10**MAX_DIGITS
A_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}

Integers = npt.NDArray[np.signedinteger[Any]]
Reader = Callable[[npt.NDArray[np.int64], npt.NDArray[np.uint8]], Integers]


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A chunk that went through the door: sound `calls`, and `rejected` rows if any.

    `rows` is the sum of both. `seconds` are those of the sound calls, `span` their times.
    """

    calls: CallColumns
    span: Span
    rejected: pa.Table | None
    rows: int
    seconds: int


def admit(chunk: Chunk, index: IdIndex) -> Admitted:
    """Return the calls of a chunk, with their customers' rows in the customers table."""
    batch = chunk.batch
    ids = batch.column("customer_id")
    faults = np.zeros(batch.num_rows, dtype=np.uint8)
    customer = index.codes(ids)
    starts = _Column(batch.column("start"), _instants, read_starts)
    numbers = _Column(batch.column("number"), _whole, read_numbers)
    seconds = _Column(batch.column("seconds"), _lengths, read_seconds)
    values = {"unknown-customer": ids, "bad-seconds": seconds.column}
    values |= {"bad-start": starts.column, "naive-start": starts.column}
    values["bad-number"] = numbers.column

    def note(code: str, bad: Mask) -> None:
        faults[bad & (faults == 0)] = fault(code)

    for missing in (_empty(ids), starts.missing, numbers.missing, seconds.missing):
        if missing is not None:
            note("missing-field", missing)
    if len(customer) and customer.min() < 0:
        note("unknown-customer", customer < 0)
    if starts.outside(0, LAST_EPOCH):
        note("naive-start", starts.values == NAIVE)
        note("bad-start", (starts.values < 0) | (starts.values >= LAST_EPOCH))
    if numbers.outside(LEAST_NUMBER, NUMBERS_END):
        note("bad-number", (numbers.values < LEAST_NUMBER) | (numbers.values >= NUMBERS_END))
    if seconds.outside(0, MAX_SECONDS + 1):
        note("bad-seconds", (seconds.values < 0) | (seconds.values > MAX_SECONDS))
    found = [] if chunk.malformed is None else [chunk.malformed]
    arrays = (customer, starts.values, numbers.values, seconds.values)
    if faults.any():
        found.append(
            rejected_rows(
                table=TABLE.name,
                place=chunk.place,
                faults=faults,
                customer_id=ids,
                values=values,
                seconds=np.where(seconds.values > MAX_SECONDS, -1, seconds.values),
            )
        )
        kept = faults == 0
        arrays = tuple(each[kept] for each in arrays)
    calls = CallColumns(
        customer=arrays[0],
        start=arrays[1],
        number=arrays[2],
        seconds=arrays[3].astype(np.int32, copy=False),
    )
    return Admitted(
        calls=calls,
        span=span_of(calls) if found else Span(starts.least, starts.most, max(0, seconds.most)),
        rejected=pa.concat_tables(found) if found else None,
        rows=chunk.rows,
        seconds=int(calls.seconds.sum(dtype=np.int64)),
    )


class _Column:
    """A column as whole numbers; what cannot be read is below every bound."""

    def __init__(
        self, column: pa.Array, read: Callable[[pa.Array], Integers], read_texts: Reader
    ) -> None:
        if pa.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        self.column = column
        self.missing = _empty(column)
        if is_text(column.type):
            texts = texts_of(column)
            self.values = read_texts(texts.offsets, texts.data)
        else:
            self.values = read(column)
        self.least, self.most = LAST_EPOCH, -1
        if len(self.values):
            self.least, self.most = int(self.values.min()), int(self.values.max())

    def outside(self, least: int, end: int) -> bool:
        """Whether some value lies outside of the bounds, end exclusive."""
        return len(self.values) > 0 and (self.least < least or self.most >= end)


def _empty(column: pa.Array) -> Mask | None:
    """Return which values are null or empty texts, or `None` if none is."""
    missing = missing_of(column)
    if is_text(column.type):
        lengths = np.diff(texts_of(column).offsets)
        if len(lengths) and not lengths.min():
            empty: Mask = lengths == 0
            return empty if missing is None else missing | empty
    return missing


def _instants(column: pa.Array) -> Integers:
    """Return instants in whole seconds since 1970-01-01 UTC, what is less than one cut off."""
    unit = A_SECOND[column.type.unit]
    values = numbers_of(column)
    return values if unit == 1 else np.floor_divide(values, unit)


def _whole(column: pa.Array) -> Integers:
    values = numbers_of(column)
    if values.dtype == np.uint64:
        values = np.minimum(values, np.uint64(NUMBERS_END))
    return values.astype(np.int64, copy=False)


def _lengths(column: pa.Array) -> Integers:
    """Return durations in whole seconds, a started one counted whole."""
    kind = column.type
    if pa.types.is_int32(kind):
        return numbers_of(column)
    if pa.types.is_duration(kind):
        ticks = numbers_of(column)
        return np.where(ticks < 0, UNREADABLE + 2, -(-ticks // A_SECOND[kind.unit]))
    if pa.types.is_decimal(kind):
        return _real(_outward(column).cast(pa.float64()))
    if pa.types.is_floating(kind):
        return _real(_outward(column.cast(pa.float64())))
    return _whole(column)


def _outward(column: pa.Array) -> pa.Array:
    """Return numbers rounded away from zero: a started second counts, and below zero stays so."""
    return pc.round(column, round_mode="towards_infinity")


def _real(column: pa.Array) -> Integers:
    """Return real numbers that are whole as integers; infinite and huge ones are unreadable."""
    values = numbers_of(column)
    sound = (values >= -1) & (values <= MAX_SECONDS + 1)
    return np.where(sound, values, UNREADABLE + 2).astype(np.int64)
