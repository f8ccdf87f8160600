"""The amounts that rules bring, laid out for kernels, and the same in fractions of any size.

`assessment.adjusting` says what they mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.laying import MODES
from plan_rules.catalog.catalog import Catalog
from plan_rules.money import Rounding
from plan_rules.rules.effect import WHOLE, Adjust, AdjustmentKind, Base, Stack
from plan_rules.rules.rule import RuleSet

DISCOUNT, SURCHARGE = 0, 1
ON_FEE, ON_USAGE, ON_BILL = 0, 1, 2

# Columns of the table of effects. An amount is `num / den`, of the base where it is a share.
EFFECT_KIND, EFFECT_ON, EFFECT_IS_SHARE, EFFECT_NUM, EFFECT_DEN = 0, 1, 2, 3, 4
EFFECT_COLUMNS = 5

KINDS = {AdjustmentKind.DISCOUNT: DISCOUNT, AdjustmentKind.SURCHARGE: SURCHARGE}
BASES = {Base.FEE: ON_FEE, Base.USAGE: ON_USAGE, Base.BILL: ON_BILL}

LARGEST_ENTRY = 2**53
"""No number of a table is larger; an effect with a larger one is left to fractions."""


class Gross(NamedTuple):
    """The tax added to an amount: `fee / whole` and `usage / whole` of it are with tax."""

    added: bool
    fee: int
    usage: int
    whole: int
    step: int
    mode: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Amounts:
    """The effects of a rule set that adjust bills, in order, and how bills are taxed and rounded.

    `rule` is the index of each effect's rule. `table` has a row an effect, whose numerator is 0
    where the kernels cannot hold it. `gross.whole` is 0 where they cannot hold the tax.
    """

    effects: tuple[Adjust, ...]
    rule: NDArray[np.int64]
    table: NDArray[np.int64]
    gross: Gross
    roundings: tuple[Rounding, ...]
    tax_rounding: Rounding
    tax_fee: Fraction
    tax_usage: Fraction

    @classmethod
    def of(cls, catalog: Catalog, rules: RuleSet) -> Amounts:
        """Return the amounts of some rules of a catalog."""
        found = [
            (index, effect)
            for index, rule in enumerate(rules)
            for effect in rule.effects
            if isinstance(effect, Adjust)
        ]
        tax = catalog.tax
        added = tax is not None and not tax.included
        fee = tax.fee if tax is not None and added else Fraction(0)
        usage = tax.usage if tax is not None and added else Fraction(0)
        rounding = tax.rounding if tax is not None else Rounding()
        whole = lcm(fee.denominator, usage.denominator)
        gross = (int((1 + fee) * whole), int((1 + usage) * whole), whole)
        if max(*gross, rounding.step_micros) > LARGEST_ENTRY:
            gross = (0, 0, 0)
        return cls(
            effects=tuple(effect for _, effect in found),
            rule=np.array([index for index, _ in found], np.int64),
            table=np.array([_row(effect) for _, effect in found], np.int64).reshape(
                len(found), EFFECT_COLUMNS
            ),
            gross=Gross(
                added, *gross, min(rounding.step_micros, LARGEST_ENTRY), MODES[rounding.mode]
            ),
            roundings=tuple(plan.rounding for plan in catalog.plans.values()),
            tax_rounding=rounding,
            tax_fee=fee,
            tax_usage=usage,
        )

    def exactly(
        self, program: Sequence[int], *, usage: int, fee: int, plan: int
    ) -> tuple[int, int]:
        """Return what effects bring to a bill, without added tax and with it, whatever its size.

        `program` are the effects that fired, in order; `usage` and `fee` the bill as priced.
        """
        bases = {Base.FEE: fee, Base.USAGE: usage, Base.BILL: usage + fee}
        wanted = [(each, _exact(each, bases)) for each in map(self.effects.__getitem__, program)]
        kept = [at for at in range(len(wanted)) if _winner(at, wanted) == at]
        left = dict(bases)
        net = gross = 0
        for base in Base:
            for effect, exact in (wanted[at] for at in kept):
                if effect.on is not base:
                    continue
                discount = effect.kind is AdjustmentKind.DISCOUNT
                most = max(0, min(left[base], left[Base.BILL]))
                size = min(exact, Fraction(most)) if discount else exact
                amount = self.roundings[plan].apply(
                    numerator=size.numerator, denominator=size.denominator
                )
                amount = min(amount, most) if discount else amount
                if not amount:
                    continue
                if discount:
                    for each in {base, Base.BILL}:
                        left[each] -= amount
                taxed = max(amount, self._taxed(size, base, bases))
                net += -amount if discount else amount
                gross += -taxed if discount else taxed
        return net, gross

    def _taxed(self, size: Fraction, base: Base, bases: dict[Base, int]) -> int:
        if not self.gross.added:
            return 0
        total = bases[Base.BILL]
        share = Fraction(bases[Base.FEE], total) if total > 0 else Fraction(1)
        share = {Base.FEE: Fraction(1), Base.USAGE: Fraction(0), Base.BILL: share}[base]
        exact = size * (1 + self.tax_fee * share + self.tax_usage * (1 - share))
        return self.tax_rounding.apply(numerator=exact.numerator, denominator=exact.denominator)


def _row(effect: Adjust) -> tuple[int, ...]:
    if effect.percent is None:
        share = Fraction(effect.amount_micros or 0)
    else:
        share = effect.percent / WHOLE
    small = max(share.numerator, share.denominator) <= LARGEST_ENTRY
    numbers = (share.numerator, share.denominator) if small else (0, 1)
    kinds = (KINDS[effect.kind], BASES[effect.on])
    return (*kinds, int(effect.percent is not None), *numbers)


def _exact(effect: Adjust, bases: dict[Base, int]) -> Fraction:
    if effect.percent is not None:
        return bases[effect.on] * effect.percent / WHOLE
    return Fraction(effect.amount_micros or 0)


def _winner(at: int, wanted: Sequence[tuple[Adjust, Fraction]]) -> int:
    """Return the place of the amount that counts where this one was asked for."""
    mine = wanted[at][0]
    rivals = [
        place
        for place, (other, _) in enumerate(wanted)
        if (other.kind, other.on) == (mine.kind, mine.on)
    ]
    exclusive = [place for place in rivals if wanted[place][0].stack is Stack.EXCLUSIVE]
    if not exclusive and mine.stack is Stack.ADDITIVE:
        return at
    largest = [place for place in rivals if wanted[place][0].stack is Stack.LARGEST]
    return max(exclusive or largest, key=lambda place: wanted[place][1])
