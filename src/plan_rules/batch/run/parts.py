"""Ranges of customers that are priced one after the other, whole customers each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from plan_rules.batch.columns import CallColumns, CustomerColumns, Int32s


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Part:
    """The customers of the rows from `start` to `end` (exclusive); `number` counts from 0."""

    number: int
    start: int
    end: int

    @property
    def customers(self) -> int:
        """How many customers there are in the part."""
        return self.end - self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """So many customers, divided into parts of one width; the last may be narrower."""

    customers: int
    width: int

    @classmethod
    def of(cls, customers: int, *, parts: int) -> Division:
        """Divide customers into at most so many parts."""
        return cls(customers=customers, width=max(1, -(-customers // max(1, parts))))

    def __len__(self) -> int:
        """Return how many parts there are, at least one."""
        return max(1, -(-self.customers // self.width))

    def __iter__(self) -> Iterator[Part]:
        """Yield the parts in order."""
        for number in range(len(self)):
            start = number * self.width
            yield Part(number=number, start=start, end=min(self.customers, start + self.width))

    def part_of(self, customer: Int32s) -> Int32s:
        """Return the number of the part that each customer belongs to."""
        return customer // np.int32(self.width)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Customers from `start` to `end` (exclusive) with their calls, counted from the first."""

    start: int
    end: int
    calls: CallColumns


class Gathered(Protocol):
    """All sound calls of a batch, at hand part by part."""

    @property
    def division(self) -> Division:
        """How the customers are divided."""

    def pieces(self, part: Part, *, most: int) -> Iterator[Piece]:
        """Yield a part in pieces of whole customers, in order.

        A piece has at most `most` calls, or else a single customer.
        """


def customers_between(columns: CustomerColumns, start: int, end: int) -> CustomerColumns:
    """Return the customers of the rows from `start` to `end` (exclusive)."""
    return CustomerColumns(
        zones=columns.zones,
        zone=columns.zone[start:end],
        anchor=columns.anchor[start:end],
        plan=columns.plan[start:end],
        since=columns.since[start:end],
        countries=columns.countries,
        chosen=columns.chosen[start:end],
    )


class InMemory:
    """Calls that fit into memory."""

    def __init__(self, calls: CallColumns, division: Division) -> None:
        """Order the calls by part, once."""
        self._division = division
        self._calls = calls
        self._bounds = np.array([0, len(calls)], dtype=np.int64)
        if len(division) > 1:
            numbers = division.part_of(calls.customer)
            order = np.argsort(numbers, kind="stable")
            self._calls = CallColumns(
                customer=calls.customer[order],
                start=calls.start[order],
                number=calls.number[order],
                seconds=calls.seconds[order],
            )
            counts = np.bincount(numbers, minlength=len(division))
            self._bounds = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])

    @property
    def division(self) -> Division:
        """How the customers are divided."""
        return self._division

    def pieces(self, part: Part, *, most: int) -> Iterator[Piece]:
        """Yield the part as it is: it is in memory already, whatever `most` says."""
        del most
        kept = slice(int(self._bounds[part.number]), int(self._bounds[part.number + 1]))
        calls = CallColumns(
            customer=self._calls.customer[kept] - np.int32(part.start),
            start=self._calls.start[kept],
            number=self._calls.number[kept],
            seconds=self._calls.seconds[kept],
        )
        yield Piece(start=part.start, end=part.end, calls=calls)
