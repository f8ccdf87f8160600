"""What fires on a bill as lists of effects, those left out that others always displace."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.rules.amounts import BASES, Amounts
from plan_rules.rules.effect import AdjustmentKind, Base, Stack

NO_PROGRAM = 0
"""The program of a bill that no effect changes."""

ALONE = 0
"""How far the rival of an effect is that always counts."""


# Where the parts of the flat form begin, and how bills are taxed, by the first entries of it.
F_FIRST, F_EFFECTS, F_RIVAL, F_STEADY, F_TABLE = 0, 1, 2, 3, 4
F_ADDED, F_GROSS_FEE, F_GROSS_USAGE, F_GROSS_WHOLE, F_TAX_STEP, F_TAX_MODE = 5, 6, 7, 8, 9, 10
FLAT_HEADER = 11


class Programs(NamedTuple):
    """Lists of effects by base: program p is `effects[first[p]:first[p + 1]]`, 0 is empty.

    `rival` is how far from each effect the one is that may displace it, or `ALONE`; of two
    rivals the larger counts, the first of equal ones. What the effects before `steady[p]` bring
    depends on the fee of a bill and not on its usage. `longest` is the length of the longest.
    """

    first: NDArray[np.int64]
    effects: NDArray[np.int64]
    rival: NDArray[np.int64]
    steady: NDArray[np.int64]
    longest: int

    @classmethod
    def none(cls) -> Programs:
        """Return the empty program alone."""
        nothing = np.zeros(0, np.int64)
        return cls(np.zeros(2, np.int64), nothing, nothing, np.zeros(1, np.int64), 0)

    def flat(self, amounts: Amounts) -> NDArray[np.int64]:
        """Return programs and effects as one array, as kernels read them.

        A kernel that hands on one array is several times as fast as one that hands on ten.
        """
        gross = amounts.gross
        tables = (self.first, self.effects, self.rival, self.steady, amounts.table.reshape(-1))
        begins = FLAT_HEADER + np.cumsum([0, *(len(each) for each in tables)])
        header = (*begins[:-1].tolist(), int(gross.added), *gross[1:])
        return np.concatenate([np.array(header, np.int64), *tables]).astype(np.int64)

    def __len__(self) -> int:
        """Return how many programs there are."""
        return len(self.steady)

    def with_(self, fired: Sequence[int], amounts: Amounts) -> tuple[Programs, int]:
        """Return the programs with one more, of effects that fired in this order, and its number.

        Nothing fired on the empty one, which is there already.
        """
        if not fired:
            return self, NO_PROGRAM
        kept = sorted(_counting(fired, amounts), key=lambda each: BASES[amounts.effects[each].on])
        rivals = [_rival(at, kept, amounts) for at in range(len(kept))]
        found = Programs(
            np.append(self.first, self.first[-1] + len(kept)),
            np.append(self.effects, kept),
            np.append(self.rival, rivals),
            np.append(self.steady, self.first[-1] + _steady(kept, amounts)),
            max(self.longest, len(kept)),
        )
        return found, len(self)


def _counting(fired: Sequence[int], amounts: Amounts) -> list[int]:
    """Return the effects that can count: at most one share and one amount of those that compete."""
    groups: dict[tuple[AdjustmentKind, Base], list[int]] = {}
    for each in fired:
        effect = amounts.effects[each]
        groups.setdefault((effect.kind, effect.on), []).append(each)
    kept: set[int] = set()
    for group in groups.values():
        exclusive = [each for each in group if amounts.effects[each].stack is Stack.EXCLUSIVE]
        largest = [each for each in group if amounts.effects[each].stack is Stack.LARGEST]
        if not exclusive:
            kept |= {each for each in group if amounts.effects[each].stack is Stack.ADDITIVE}
        for is_share in (True, False):
            rivals = [each for each in exclusive or largest if _is_share(each, amounts) is is_share]
            if rivals:
                kept.add(max(rivals, key=lambda each: _size(each, amounts)))
    return [each for each in fired if each in kept]


def _rival(at: int, kept: Sequence[int], amounts: Amounts) -> int:
    """Return how far what competes with an effect is, or `ALONE`."""
    mine = amounts.effects[kept[at]]
    if mine.stack is Stack.ADDITIVE:
        return ALONE
    for place, each in enumerate(kept):
        other = amounts.effects[each]
        if place != at and (other.kind, other.on, other.stack) == (mine.kind, mine.on, mine.stack):
            return place - at
    return ALONE


def _steady(kept: Sequence[int], amounts: Amounts) -> int:
    """Return how many of the effects depend on the fee alone: all of them, or those on the fee."""
    if not any(_varies(each, amounts) for each in kept):
        return len(kept)
    return sum(amounts.effects[each].on is Base.FEE for each in kept)


def _varies(each: int, amounts: Amounts) -> bool:
    effect = amounts.effects[each]
    if effect.on is Base.FEE:
        return False
    is_capped = effect.kind is AdjustmentKind.DISCOUNT
    shares_tax = amounts.gross.added and effect.on is Base.BILL
    return _is_share(each, amounts) or is_capped or shares_tax


def _is_share(each: int, amounts: Amounts) -> bool:
    return amounts.effects[each].percent is not None


def _size(each: int, amounts: Amounts) -> Fraction:
    effect = amounts.effects[each]
    return Fraction(effect.amount_micros or 0) if effect.percent is None else effect.percent
