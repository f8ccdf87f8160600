"""A witness: a customer, told by a few facts, at whom everyone can see what a finding says.

A witness is picked out of a box, so that it stands for all: whatever its other facts are, the
rules do the same. Values are those an author would choose, at the border of what was written,
amounts in whole cents where they can be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from plan_rules.money import MICROS
from plan_rules.rules.boxes import TAGGED_ON, Box, Cell, Numbers, Words
from plan_rules.rules.fact import AS_OF, Facts, FactSpec, FactType, Vocabulary

CENT = MICROS // 100
SOME_DAY = date(2026, 1, 1).toordinal()
"""The day of a witness for whom any day will do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a witness says of one fact; a `code` of `None` says that it is not known."""

    fact: FactSpec
    code: int | None

    @property
    def value(self) -> str:
        """The value as an author would write it, or `unknown`."""
        return "unknown" if self.code is None else self.fact.words(self.code)

    def __str__(self) -> str:
        """Return `name: value unit`, such as `usage.minutes: 501 minutes`."""
        unit = f" {self.fact.unit}" if self.fact.unit and self.code is not None else ""
        return f"{self.fact.name}: {self.value}{unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """What is said of a customer, in the order of names; all else does not matter.

    `fires` and `silent` are ids of rules that fire, and that do not fire, for the customer.
    """

    said: tuple[Said, ...] = ()
    fires: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        box: Box,
        *,
        vocabulary: Vocabulary,
        fires: tuple[str, ...] = (),
        silent: tuple[str, ...] = (),
    ) -> Witness:
        """Return a customer that lies in the box."""
        codes = {name: _picked(spec_of(name, vocabulary), cell) for name, cell in box.cells.items()}
        _put_in_order(codes, box)
        said = (
            Said(fact=spec_of(name, vocabulary), code=code) for name, code in sorted(codes.items())
        )
        return cls(said=tuple(said), fires=fires, silent=silent)

    @property
    def facts(self) -> Facts:
        """The facts said to be known."""
        return Facts({each.fact.name: each.code for each in self.said if each.code is not None})

    def __iter__(self) -> Iterator[Said]:
        """Yield what is said, in the order of names."""
        return iter(self.said)

    def __str__(self) -> str:
        """Return all that is said on one line, `anyone` if nothing has to be."""
        return ", ".join(str(each) for each in self.said) or "anyone"


def spec_of(name: str, vocabulary: Vocabulary) -> FactSpec:
    """Return the fact that a cell of a box is about."""
    return replace(vocabulary[AS_OF], name=name) if name == TAGGED_ON else vocabulary[name]


def completed(codes: Mapping[str, int], *, vocabulary: Vocabulary) -> Facts:
    """Return facts in which all that is always known has a value, the lowest if none is given.

    Where only one of the two days of a bill is said, the other is the same.
    """
    found = {**{spec.name: spec.low for spec in vocabulary if not spec.optional}, **codes}
    if AS_OF in found:
        day = codes.get(AS_OF, codes.get(TAGGED_ON, found[AS_OF]))
        found |= {AS_OF: day, TAGGED_ON: codes.get(TAGGED_ON, day)}
    return Facts(found)


def _put_in_order(codes: dict[str, int | None], box: Box) -> None:
    """Choose days anew where tags would be set after the bill they are asked about."""
    earlier, later = box.cells.get(TAGGED_ON), box.cells.get(AS_OF)
    if not (isinstance(earlier, Numbers) and isinstance(later, Numbers)):
        return
    if (codes[TAGGED_ON] or 0) > (codes[AS_OF] or 0):
        codes[TAGGED_ON] = earlier.ranges[0][0]
    if (codes[TAGGED_ON] or 0) > (codes[AS_OF] or 0):
        codes[AS_OF] = later.ranges[-1][1]


def _picked(spec: FactSpec, cell: Cell) -> int | None:
    """Return the code of a cell that an author would choose, or `None` for unknown."""
    if isinstance(cell, Words):
        return cell.fewest()
    if not cell.ranges:
        return None
    return _at_the_border(spec, cell)


def _at_the_border(spec: FactSpec, cell: Numbers) -> int:
    """Return the code next to what was written: the first that is allowed, or the last.

    Where nothing was written, a plain day or the lowest value.
    """
    low, high = cell.ranges[0]
    if low > spec.low:
        return _round_up(spec, low, high)
    if high < spec.high:
        return _round_down(spec, low, high)
    return max(low, min(SOME_DAY, high)) if spec.type is FactType.DATE else low


def _round_up(spec: FactSpec, low: int, high: int) -> int:
    cents = -(-low // CENT) * CENT
    return cents if spec.type is FactType.MONEY and cents <= high else low


def _round_down(spec: FactSpec, low: int, high: int) -> int:
    cents = high // CENT * CENT
    return cents if spec.type is FactType.MONEY and cents >= low else high
