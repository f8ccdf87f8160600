"""Literals: what one fact has to be, so plain that engines need nothing else.

Of one fact a literal says all there is to say: that it is known and within ranges, that it is a
known set with and without some words, or that it is not known. Two literals of one fact have
one literal in common, or nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from plan_rules.errors import InvalidValue

Ranges = tuple[tuple[int, int], ...]
"""Ranges of codes, ascending, both ends inclusive, with a gap between any two."""


def joined(ranges: Ranges) -> Ranges:
    """Return the same codes as ranges in order, those that overlap or touch made one."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(each for each in ranges if each[0] <= each[1]):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return tuple(found)


def common(ranges: Ranges, others: Ranges) -> Ranges:
    """Return the codes that both hold."""
    return joined(
        tuple((max(a, c), min(b, d)) for a, b in ranges for c, d in others if a <= d and c <= b)
    )


def without(ranges: Ranges, *, low: int, high: int) -> Ranges:
    """Return the codes from `low` to `high` that the ranges do not hold."""
    edges = ((low, low - 1), *common(ranges, ((low, high),)), (high + 1, high))
    return joined(tuple((before[1] + 1, after[0] - 1) for before, after in pairwise(edges)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Among:
    """The fact is known and its code lies in one of `ranges`, of which there is at least one."""

    fact: str
    ranges: Ranges

    def __post_init__(self) -> None:
        """Refuse ranges that are not in order, overlap or touch, and none at all."""
        if not self.ranges or joined(self.ranges) != self.ranges:
            raise InvalidValue(name="ranges", value=self.ranges, expected="ranges in order, apart")

    def holds(self, code: int | None) -> bool:
        """Whether a fact of this code, `None` if it is not known, is so."""
        return code is not None and any(low <= code <= high for low, high in self.ranges)

    def example(self) -> int | None:
        """Return one code for which it holds."""
        return self.ranges[0][0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """The fact is a known set with all words of `has`, none of `lacks`, one of each of `some`.

    All are bits of a code. What `some` asks for is asked nowhere else: see `members`.
    """

    fact: str
    has: int = 0
    lacks: int = 0
    some: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a word both there and absent, and a choice that is none."""
        taken = self.has | self.lacks
        if self.has & self.lacks or any(
            mask & taken or mask.bit_count() < 2  # noqa: PLR2004  a choice is among two
            for mask in self.some
        ):
            raise InvalidValue(
                name="some",
                value=(self.has, self.lacks, self.some),
                expected="each word asked for in one way",
            )

    def holds(self, code: int | None) -> bool:
        """Whether a fact of this code, `None` if it is not known, is so."""
        return (
            code is not None
            and code & self.has == self.has
            and not code & self.lacks
            and all(code & mask for mask in self.some)
        )

    def example(self) -> int | None:
        """Return one code for which it holds: the first word of each choice, and no more."""
        code = self.has
        for mask in self.some:
            code |= 0 if code & mask else mask & -mask
        return code


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """The fact is not known."""

    fact: str

    def holds(self, code: int | None) -> bool:
        """Whether a fact of this code, `None` if it is not known, is so."""
        return code is None

    def example(self) -> int | None:
        """Return the one value for which it holds."""
        return None


Literal = Among | Members | Unknown


def members(
    *, fact: str, has: int = 0, lacks: int = 0, some: tuple[int, ...] = ()
) -> Members | None:
    """Return what is asked of a set in its plainest form, or `None` if no set is so.

    A choice that a word of `has` already meets is dropped, words of `lacks` leave every choice, a
    choice of one word joins `has`, and a choice that holds another is dropped.
    """
    while True:
        some = tuple(mask & ~lacks for mask in some if not mask & has)
        settled = [mask for mask in some if mask.bit_count() <= 1]
        if has & lacks or 0 in settled:
            return None
        if not settled:
            break
        for mask in settled:
            has |= mask
    least = {
        mask for mask in some if not any(other != mask and other & ~mask == 0 for other in some)
    }
    return Members(fact=fact, has=has, lacks=lacks, some=tuple(sorted(least)))


def meet(one: Literal, other: Literal) -> Literal | None:
    """Return what holds where two literals of one fact both do, or `None` if nowhere."""
    match one, other:
        case Unknown(), Unknown():
            return one
        case Among(), Among():
            ranges = common(one.ranges, other.ranges)
            return Among(fact=one.fact, ranges=ranges) if ranges else None
        case Members(), Members():
            return members(
                fact=one.fact,
                has=one.has | other.has,
                lacks=one.lacks | other.lacks,
                some=(*one.some, *other.some),
            )
        case _:
            return None


def implies(one: Literal, other: Literal) -> bool:
    """Whether a literal of a fact holds wherever another of the same fact does."""
    return meet(one, other) == one
