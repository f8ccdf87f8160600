"""Adjusting one bill in whole numbers of 64 bits, or saying that they do not hold it.

The rules are those of `assessment.adjusting`. Every product is bounded before it is made, by a
float that errs by less than the room left to 64 bits; floats carry no amount.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.compiled import compiled_bare
from plan_rules.batch.exact import rounded
from plan_rules.batch.rules.amounts import (
    DISCOUNT,
    EFFECT_DEN,
    EFFECT_IS_SHARE,
    EFFECT_KIND,
    EFFECT_NUM,
    EFFECT_ON,
    ON_BILL,
    ON_FEE,
    ON_USAGE,
    Gross,
)
from plan_rules.batch.rules.programs import ALONE, Programs

FITS = float(2**61)
"""What a product may be about; twice as much still fits."""

# Columns of the scratch that a bill needs, a row an effect.
WORK_NUM, WORK_DEN = 0, 1
WORK_COLUMNS = 2


@compiled_bare
def _fits(one: int, other: int) -> bool:
    """Whether a product is far from the end of 64 bits."""
    return abs(float(one)) * abs(float(other)) < FITS


class Part(NamedTuple):
    """What some effects bring to a bill: without added tax, with it, and what discounts take off.

    `held` tells whether 64 bits held everything; if not, the others mean nothing.
    """

    held: bool
    net: int
    taxed: int
    off: int


@compiled_bare
def adjust_bill(
    effects: NDArray[np.int64],
    programs: Programs,
    begin: int,
    end: int,
    gross: Gross,
    step: int,
    mode: int,
    usage: int,
    fee: int,
    off: int,
    work: NDArray[np.int64],
) -> Part:
    """Return what the effects of a program from `begin` to `end` (exclusive) bring to a bill.

    Those before it have taken `off` (below 0); they are all on the fee, and none of these is, or
    there are none. `usage` and `fee` are the bill as priced, neither below 0.
    """
    count = end - begin
    total = usage + fee
    for i in range(count):
        effect = programs.effects[begin + i]
        num, on = effects[effect, EFFECT_NUM], effects[effect, EFFECT_ON]
        if num == 0 or gross.whole == 0:
            return Part(False, 0, 0, 0)
        if effects[effect, EFFECT_IS_SHARE]:
            base = fee if on == ON_FEE else (usage if on == ON_USAGE else total)
            if not _fits(num, base):
                return Part(False, 0, 0, 0)
            num *= base
        work[i, WORK_NUM] = num
        work[i, WORK_DEN] = effects[effect, EFFECT_DEN]
    net, taxed = 0, 0
    left_bill, left, base = total + off, fee, ON_FEE
    for i in range(count):
        effect = programs.effects[begin + i]
        num, den = work[i, WORK_NUM], work[i, WORK_DEN]
        rival = programs.rival[begin + i]
        if rival != ALONE:
            rival += i
            other_num, other_den = work[rival, WORK_NUM], work[rival, WORK_DEN]
            if not (_fits(num, other_den) and _fits(other_num, den)):
                return Part(False, 0, 0, 0)
            mine, other = num * other_den, other_num * den
            if mine < other or (mine == other and rival < i):
                continue
        on = effects[effect, EFFECT_ON]
        if on != base:
            base = on
            left = usage if on == ON_USAGE else left_bill
        discount = effects[effect, EFFECT_KIND] == DISCOUNT
        is_share = effects[effect, EFFECT_IS_SHARE] != 0
        most = max(0, min(left, left_bill))
        if discount:
            if not _fits(most, den):
                return Part(False, 0, 0, 0)
            if num > most * den:
                num, den, is_share = most, 1, False
        if not _fits(den, step):
            return Part(False, 0, 0, 0)
        amount = rounded(num, den * step, step, mode)
        if discount:
            amount = min(amount, most)
        if amount == 0:
            continue
        with_tax = amount
        if gross.added:
            # The share of an amount on the bill that is taxed as the fee is the fee's.
            factor, whole = gross.usage, gross.whole
            if base == ON_FEE or (base == ON_BILL and total <= 0):
                factor = gross.fee
            elif base == ON_BILL:
                if not (_fits(gross.fee, fee) and _fits(gross.usage, usage)):
                    return Part(False, 0, 0, 0)
                factor = gross.fee * fee + gross.usage * usage
                if is_share:
                    num = effects[effect, EFFECT_NUM]
                else:
                    if not _fits(whole, total):
                        return Part(False, 0, 0, 0)
                    whole *= total
            if not (_fits(num, factor) and _fits(den, whole)):
                return Part(False, 0, 0, 0)
            den *= whole
            if not _fits(den, gross.step):
                return Part(False, 0, 0, 0)
            with_tax = rounded(num * factor, den * gross.step, gross.step, gross.mode)
            with_tax = max(with_tax, amount)
        if discount:
            amount, with_tax = -amount, -with_tax
            left_bill += amount
            left += amount
        if abs(float(net) + float(amount)) >= FITS or abs(float(taxed) + with_tax) >= FITS:
            return Part(False, 0, 0, 0)
        net += amount
        taxed += with_tax
    return Part(True, net, taxed, left_bill - total - off)
