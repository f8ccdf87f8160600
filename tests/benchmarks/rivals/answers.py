"""Answers of contenders in one form, and the demand that all of them are equal.

No time is worth printing before this holds: every bill of every customer, cycle and plan, by
checksum, and every row of the best plans, value by value.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

Int64s = NDArray[np.int64]

BEST = ("customer_id", "rank", "plan", "monthly_micros", "missed_calls")
"""The columns of best plans that contenders have in common."""


class AnswersDiffer(Exception):
    """Two contenders do not answer alike; `where` names the first value that differs."""

    def __init__(self, *, contender: str, other: str, where: str) -> None:
        self.contender, self.other, self.where = contender, other, where
        super().__init__(f"{contender} and {other} differ, so nothing is compared: {where}")


@dataclass(frozen=True, slots=True)
class Bills:
    """Every bill, one row a customer and cycle: id, first day of the cycle, micros by plan."""

    rows: Int64s

    @classmethod
    def of(cls, customers: Int64s, starts: Int64s, totals: NDArray[np.generic]) -> Bills:
        """Return bills by customer and cycle, whatever their order was."""
        order = np.lexsort((starts, customers))
        columns = (customers[order, None], starts[order, None], totals[order])
        return cls(np.ascontiguousarray(np.concatenate(columns, axis=1), np.int64))

    @property
    def checksum(self) -> str:
        """The SHA-256 of all values, and how many there are."""
        shape = "x".join(map(str, self.rows.shape))
        return f"{shape}:{hashlib.sha256(self.rows.tobytes()).hexdigest()}"

    def of_customers(self, customers: Int64s) -> Bills:
        """Return the bills of some customers."""
        return Bills(self.rows[np.isin(self.rows[:, 0], customers)])

    def save(self, folder: Path) -> None:
        """Keep the bills for the one who compares them."""
        np.save(folder / "bills.npy", self.rows)

    @classmethod
    def read(cls, folder: Path) -> Bills:
        """Return bills that were saved."""
        return cls(np.load(folder / "bills.npy"))


def read_best(folder: Path) -> pa.Table:
    """Return the best plans below a folder, by customer and rank, as plain columns."""
    paths = sorted([*folder.glob("best.parquet"), *folder.glob("best/*.parquet")])
    table = pa.concat_tables([pq.read_table(path, columns=list(BEST)) for path in paths])
    kinds = (pa.int64(), pa.int32(), pa.string(), pa.int64(), pa.int32())
    plain = pa.table([table[name].cast(kind) for name, kind in zip(BEST, kinds, strict=True)], BEST)
    return plain.sort_by([("customer_id", "ascending"), ("rank", "ascending")])


def demand_equal_bills(mine: Bills, theirs: Bills, *, contender: str, other: str) -> None:
    """Hold bills against another's; raises `AnswersDiffer`."""
    if mine.checksum == theirs.checksum:
        return
    where = f"{mine.rows.shape} bills, {theirs.rows.shape} of the other"
    if mine.rows.shape == theirs.rows.shape:
        row, column = np.argwhere(mine.rows != theirs.rows)[0].tolist()
        where = (
            f"customer {mine.rows[row, 0]}, cycle from day {mine.rows[row, 1]}, column {column}: "
            f"{mine.rows[row, column]}, {theirs.rows[row, column]} of the other"
        )
    raise AnswersDiffer(contender=contender, other=other, where=where)


def demand_equal_best(mine: pa.Table, theirs: pa.Table, *, contender: str, other: str) -> None:
    """Hold best plans against another's, row by row; raises `AnswersDiffer`."""
    if len(mine) != len(theirs):
        where = f"{len(mine)} best plans, {len(theirs)} of the other"
        raise AnswersDiffer(contender=contender, other=other, where=where)
    for name in BEST:
        same = pa.compute.equal(mine[name], theirs[name])
        at = pa.compute.index(same, value=False).as_py()
        if at >= 0:
            where = (
                f"best plans: {mine.slice(at, 1).to_pylist()}, {theirs.slice(at, 1).to_pylist()}"
            )
            raise AnswersDiffer(contender=contender, other=other, where=where)
