"""Ranges of customers that are priced one after the other, whole customers each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from plan_rules.batch.columns import Int32s
from plan_rules.batch.held import HeldCalls
from plan_rules.batch.packed import PackedCalls


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
    """Customers from `start` to `end` (exclusive) with their calls.

    `held` are these calls and perhaps those of others; its first customer is `base`.
    """

    start: int
    end: int
    held: HeldCalls
    base: int

    def between(self, start: int, end: int) -> PackedCalls:
        """Return the calls of some of the customers."""
        return self.held.between(start - self.base, end - self.base)

    def slices(self, *, customers: int) -> Iterator[tuple[int, int]]:
        """Yield ranges of at most so many of the customers, that are best priced together."""
        for start, end in self.held.slices(customers=customers):
            found = max(self.start, self.base + start), min(self.end, self.base + end)
            if found[0] < found[1]:
                yield found


class Gathered(Protocol):
    """All sound calls of a batch, at hand part by part."""

    @property
    def division(self) -> Division:
        """How the customers are divided."""

    def pieces(self, part: Part, *, most: int) -> Iterator[Piece]:
        """Yield a part in pieces of whole customers, in order.

        A piece has at most `most` calls, or else a single customer.
        """


class InMemory:
    """Calls that fit into memory."""

    def __init__(self, calls: HeldCalls, division: Division) -> None:
        """Divide calls that are held."""
        self._calls = calls
        self._division = division

    @property
    def division(self) -> Division:
        """How the customers are divided."""
        return self._division

    def pieces(self, part: Part, *, most: int) -> Iterator[Piece]:
        """Yield the part as it is: it is in memory already, whatever `most` says."""
        del most
        yield Piece(start=part.start, end=part.end, held=self._calls, base=0)
