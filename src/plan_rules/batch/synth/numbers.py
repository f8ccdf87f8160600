"""Numbers that could be somebody's: a prefix of the numbering plan, then digits by chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from plan_rules.destinations.countries import GLOBAL, countries
from plan_rules.destinations.line_type import LineType
from plan_rules.destinations.number import MAX_DIGITS
from plan_rules.destinations.plan import NumberingPlan

Integers = npt.NDArray[np.int64]

USUAL_DIGITS = 10
"""Digits of a national number where the country leaves it open."""

ORDINARY = {LineType.FIXED, LineType.MOBILE, LineType.EITHER}


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRanges:
    """Ranges of numbers by country: range `i` holds `sizes[i]` numbers from `starts[i]` on.

    The ranges of country `c` are those from `firsts[c]` to `firsts[c + 1]`, end exclusive;
    the last country of all is that of `rare` numbers: premium, satellite and the like.
    """

    codes: tuple[str, ...]
    firsts: Integers
    starts: Integers
    sizes: Integers

    @property
    def rare(self) -> int:
        """The index of the numbers of no ordinary line, of any country."""
        return len(self.codes)

    def draw(self, generator: np.random.Generator, at: Integers) -> Integers:
        """Return a number, as an integer of its digits, in each of the countries `at`."""
        lows, highs = self.firsts[at], self.firsts[at + 1]
        ranges = lows + (generator.random(at.size) * (highs - lows)).astype(np.int64)
        offsets = (generator.random(at.size) * self.sizes[ranges]).astype(np.int64)
        return self.starts[ranges] + offsets


def number_ranges(numbering: NumberingPlan) -> NumberRanges:
    """Return the ranges of a numbering plan; countries are in the order of their codes."""
    by_country: dict[str, list[tuple[int, int]]] = {}
    rare: list[tuple[int, int]] = []
    for prefix, destination in numbering.prefixes.items():
        found = _range(prefix, destination.country)
        if destination.line in ORDINARY and destination.country != GLOBAL:
            by_country.setdefault(destination.country, []).append(found)
        else:
            rare.append(found)
    codes = tuple(sorted(by_country))
    groups = [*(by_country[code] for code in codes), rare]
    flat = [each for group in groups for each in group]
    return NumberRanges(
        codes=codes,
        firsts=np.cumsum([0, *(len(group) for group in groups)], dtype=np.int64),
        starts=np.array([start for start, _ in flat], dtype=np.int64),
        sizes=np.array([size for _, size in flat], dtype=np.int64),
    )


def _range(prefix: str, code: str) -> tuple[int, int]:
    """Return the first number that begins with a prefix, and how many there are of its length."""
    country = countries().get(code)
    digits = len(prefix) + 4
    if country is not None and country.calling_codes:
        least, most = country.national_digits
        usual = min(max(USUAL_DIGITS, least), most)
        digits = max(digits, len(country.calling_codes[0]) + usual)
    free = min(digits, MAX_DIGITS) - len(prefix)
    return int(prefix) * 10**free, 10**free
