"""The numbering plan: from a number's prefix to a country and a line type."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from types import MappingProxyType

from plan_rules.destinations.line_type import LineType
from plan_rules.destinations.number import BEYOND, MAX_DIGITS, prefix_range, sort_key
from plan_rules.errors import InvalidValue


@dataclass(frozen=True, slots=True, order=True)
class Destination:
    """Where a number leads: the ISO code of a country (or `GLOBAL`) and a line type."""

    country: str
    line: LineType

    def __str__(self) -> str:
        """Return the selector that names the destination, such as `MX/mobile`."""
        return f"{self.country}/{self.line}"


class NumberingPlan:
    """Which prefixes lead where; the longest prefix of a number decides.

    Immutable. Prefixes are digits without a plus sign. Lookup is one search in a sorted
    table of intervals: `destinations[i]` holds from `starts[i]` (a number's sort
    key) to the next start; `None` marks numbers that lead nowhere known.
    """

    def __init__(self, prefixes: Mapping[str, Destination]) -> None:
        """Keep the prefixes; the interval table is laid out when first needed."""
        self.prefixes: Mapping[str, Destination] = MappingProxyType(dict(sorted(prefixes.items())))

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the prefixes; the table is laid out again when needed."""
        return NumberingPlan, (dict(self.prefixes),)

    @classmethod
    def from_prefixes(cls, prefixes: Mapping[str, Destination]) -> NumberingPlan:
        """Return a numbering plan of exactly these prefixes."""
        return cls(prefixes)

    @classmethod
    def standard(cls) -> NumberingPlan:
        """Return the plan of the whole world, generated from public numbering metadata."""
        return _standard()

    def with_overrides(self, overrides: Mapping[str, Destination]) -> NumberingPlan:
        """Return this plan with more prefixes; each replaces all that was known of its range."""
        lengths = sorted({len(prefix) for prefix in overrides})
        kept = {
            prefix: destination
            for prefix, destination in self.prefixes.items()
            if not any(prefix[:length] in overrides for length in lengths if length <= len(prefix))
        }
        return NumberingPlan({**kept, **overrides})

    @cached_property
    def _table(self) -> tuple[tuple[int, ...], tuple[Destination | None, ...]]:
        return _intervals(self.prefixes)

    @property
    def starts(self) -> tuple[int, ...]:
        """Where each interval starts, ascending, the first at 0."""
        return self._table[0]

    @property
    def destinations(self) -> tuple[Destination | None, ...]:
        """What each interval leads to."""
        return self._table[1]

    def lookup(self, number: str) -> Destination | None:
        """Return where an E.164 number such as `+525512345678` leads, or `None`.

        Raises `InvalidValue` for more than 15 digits, and where the plus sign is missing:
        digits alone may be national.
        """
        if number[:1] != "+" or len(number) > MAX_DIGITS + 1:
            raise InvalidValue(name="number", value=number, expected="E.164, as in +525512345678")
        starts, destinations = self._table
        return destinations[bisect_right(starts, sort_key(number[1:])) - 1]

    def matching_prefix(self, number: str) -> str:
        """Return the prefix that decides where a number leads, or an empty text."""
        digits = number.removeprefix("+")
        for length in range(len(digits), 0, -1):
            if digits[:length] in self.prefixes:
                return digits[:length]
        return ""

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the prefixes and where they lead, in hexadecimal digits."""
        lines = "\n".join(f"{prefix} {where}" for prefix, where in self.prefixes.items())
        return hashlib.sha256(lines.encode()).hexdigest()


def _intervals(
    prefixes: Mapping[str, Destination],
) -> tuple[tuple[int, ...], tuple[Destination | None, ...]]:
    """Lay prefixes out as disjoint intervals; neighbours that lead to the same place are joined.

    Prefixes nest or lie apart. Sorted as texts, a prefix comes right before those it contains,
    so that a stack of open prefixes knows what holds after each of them ends.
    """
    starts: list[int] = [0]
    destinations: list[Destination | None] = [None]

    def cut(start: int, destination: Destination | None) -> None:
        if start == starts[-1]:
            destinations[-1] = destination
            if len(starts) > 1 and destinations[-2] == destination:
                starts.pop()
                destinations.pop()
        elif destinations[-1] != destination:
            starts.append(start)
            destinations.append(destination)

    open_prefixes: list[tuple[int, Destination | None]] = [(BEYOND, None)]
    for prefix in sorted(prefixes):
        start, end = prefix_range(prefix)
        while open_prefixes[-1][0] <= start:
            closed, _ = open_prefixes.pop()
            cut(closed, open_prefixes[-1][1])
        cut(start, prefixes[prefix])
        open_prefixes.append((end, prefixes[prefix]))
    while len(open_prefixes) > 1:
        closed, _ = open_prefixes.pop()
        cut(closed, open_prefixes[-1][1])
    return tuple(starts), tuple(destinations)


@cache
def _standard() -> NumberingPlan:
    text = files("plan_rules.destinations").joinpath("data/numbering.txt").read_text("ascii")
    prefixes: dict[str, Destination] = {}
    for row in text.splitlines():
        if not row.startswith("#"):
            where, _, digits = row.partition(" ")
            country, _, line = where.partition("/")
            destination = Destination(country, LineType(line))
            prefixes.update(dict.fromkeys(digits.split(), destination))
    return NumberingPlan(prefixes)
