"""Rows that are no calls or no customers: why, where, and what they hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from plan_rules.batch.intake.schemas import REJECTED
from plan_rules.errors import PlanRulesError

Faults = npt.NDArray[np.uint8]

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "": "",
        "column-count": "the row has not the columns of the header; quote texts with commas",
        "missing-field": "`customer_id`, `start`, `number` or `seconds` is empty; fill it in",
        "unknown-customer": "the customers table has no such customer, or rejected the row",
        "bad-start": "`start` is no instant from 1970 to 2199; write 2026-03-01T18:30:00-05:00",
        "naive-start": "`start` has no offset from UTC; write one behind the time",
        "bad-number": "`number` is not E.164: 5 to 15 digits, country code first",
        "bad-seconds": "`seconds` is no duration up to 31 days; convert milliseconds to seconds",
        "missing-customer-id": "`customer_id` is empty; give each customer an id",
        "repeated-customer": "`customer_id` stands in more than one row; keep one of them",
        "unknown-country": "`home` is no ISO country code, such as US",
        "unknown-chosen-country": "`chosen_country` is no ISO country code, such as US",
        "unknown-zone": "`zone` is no IANA time zone, such as America/New_York",
        "bad-anchor": "`anchor` is no date from 1900 to 2199, such as 2026-01-31",
        "bad-since": "`since` is no date from 1900 to 2199, such as 2026-01-31",
        "unknown-plan": "the catalog has no such plan; name another, or leave `plan` empty",
        "bad-fact": "a fact has a value that its declaration does not allow; see `facts.yaml`",
        "missing-fact": "a fact that has to be known is not; fill it in, or declare it optional",
    }
)
"""Why rows are rejected, by code."""

CODES = tuple(REASONS)
SHOWN = 40
"""Characters of a value that are shown."""

FIRST_ROWS = 20
"""Rejected rows that a report shows."""


def fault(code: str) -> int:
    """Return the number by which columns of faults tell a code; 0 is no fault."""
    return CODES.index(code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where rows were read: `source`, `row_group`, and the position of each row, from 0.

    A range stands for rows that follow one another.
    """

    source: str
    row_group: int
    rows: npt.NDArray[np.int64] | range


def rejected_rows(
    *,
    table: str,
    place: Place,
    faults: Faults,
    customer_id: pa.Array,
    values: Mapping[str, pa.Array],
    seconds: npt.NDArray[np.int64] | None = None,
) -> pa.Table:
    """Return the rows with a fault as a table of schema `REJECTED`.

    `values` holds, by code, the column at fault; `seconds` durations, negative where they
    cannot be read.
    """
    at = np.flatnonzero(faults)
    codes = faults[at]
    shown = np.full(len(at), None, dtype=object)
    for code, column in values.items():
        mine = codes == fault(code)
        if mine.any():
            shown[mine] = _texts(column.take(pa.array(at[mine]))).to_numpy(zero_copy_only=False)
    lasted = pa.nulls(len(at), pa.int64())
    if seconds is not None:
        lasted = pa.array(seconds[at], mask=seconds[at] < 0)
    return pa.table(
        [
            pa.repeat(table, len(at)),
            pa.repeat(place.source, len(at)),
            pa.repeat(pa.scalar(place.row_group, pa.int32()), len(at)),
            pa.array(np.asarray(place.rows)[at]),
            pa.array(CODES).take(pa.array(codes)),
            pa.array(list(REASONS.values())).take(pa.array(codes)),
            _texts(customer_id.take(pa.array(at))),
            pa.array(shown, pa.string()),
            lasted,
        ],
        schema=REJECTED,
    )


def malformed_rows(*, table: str, source: str, found: Sequence[tuple[int, str]]) -> pa.Table:
    """Return rows of a CSV file whose columns are not those of the header."""
    count = len(found)
    return pa.table(
        {
            "table": [table] * count,
            "source": [source] * count,
            "row_group": [0] * count,
            "row": [row for row, _ in found],
            "code": ["column-count"] * count,
            "reason": [REASONS["column-count"]] * count,
            "customer_id": [None] * count,
            "value": [text[:SHOWN] for _, text in found],
            "seconds": [None] * count,
        },
        schema=REJECTED,
    )


def _texts(column: pa.Array) -> pa.Array:
    """Return the beginning of values as texts; bytes that are not UTF-8 are shown as marks."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind):
        raw = (None if each is None else each[: 4 * SHOWN] for each in column.to_pylist())
        words = [None if each is None else each.decode("utf-8", "replace") for each in raw]
        column = pa.array(words, pa.string())
    return pc.utf8_slice_codeunits(column.cast(pa.string()), 0, SHOWN)


@dataclass(slots=True)
class Rejections:
    """How many rows of a table were rejected, by code, and the first of them."""

    counts: Counter[str]
    first: list[Mapping[str, object]]
    seconds: int = 0

    @classmethod
    def none(cls) -> Self:
        """Return that nothing was rejected."""
        return cls(Counter(), [])

    @property
    def rows(self) -> int:
        """Rejected rows."""
        return self.counts.total()

    def as_line(self) -> dict[str, Any]:
        """Return the counts and the first rows as plain values."""
        return {"counts": dict(self.counts), "first": self.first, "seconds": self.seconds}

    @classmethod
    def of_line(cls, line: Mapping[str, Any]) -> Self:
        """Return what plain values tell."""
        return cls(Counter(line["counts"]), list(line["first"]), line["seconds"])

    def add(self, rows: pa.Table) -> None:
        """Count more rejected rows."""
        for pair in pc.value_counts(rows["code"]).to_pylist():
            self.counts[pair["values"]] += pair["counts"]
        self.seconds += pc.sum(rows["seconds"]).as_py() or 0
        wanted = FIRST_ROWS - len(self.first)
        if wanted > 0:
            self.first += rows.slice(0, wanted).to_pylist()


class RowsRejected(PlanRulesError, ValueError):
    """Tables with rows that cannot be read were to be read strictly; `rows` shows the first."""

    def __init__(self, rows: pa.Table) -> None:
        """Keep the first rows and how many there are of them."""
        self.rows: tuple[Mapping[str, object], ...] = tuple(rows.slice(0, FIRST_ROWS).to_pylist())
        self.count = rows.num_rows
        first = self.rows[0]
        where = f"{first['source']}, row group {first['row_group']}, row {first['row']}"
        super().__init__(
            f"{first['table']}: {self.count} row(s) cannot be read; first: {where}: "
            f"{first['reason']}"
        )
