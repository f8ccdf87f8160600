"""Adjusting one bill in whole numbers of 64 bits, or saying that they do not hold it.

The rules are those of `assessment.adjusting`. Every product is bounded before it is made, by a
float that errs by less than the room left to 64 bits; floats carry no amount.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.compiled import compiled_bare
from plan_rules.batch.exact import rounded
from plan_rules.batch.rules.amounts import (
    DISCOUNT,
    EFFECT_COLUMNS,
    EFFECT_DEN,
    EFFECT_IS_SHARE,
    EFFECT_KIND,
    EFFECT_NUM,
    EFFECT_ON,
    ON_BILL,
    ON_FEE,
    ON_USAGE,
)
from plan_rules.batch.rules.programs import (
    ALONE,
    F_ADDED,
    F_EFFECTS,
    F_GROSS_FEE,
    F_GROSS_USAGE,
    F_GROSS_WHOLE,
    F_RIVAL,
    F_TABLE,
    F_TAX_MODE,
    F_TAX_STEP,
)

FITS = float(2**61)
"""What a product may be about; twice as much still fits."""

# Columns of the scratch that a bill needs, a row an effect.
WORK_NUM, WORK_DEN = 0, 1
WORK_COLUMNS = 2


@compiled_bare
def _fits(one: int, other: int) -> bool:
    """Whether a product is far from the end of 64 bits."""
    return abs(float(one)) * abs(float(other)) < FITS


Part = tuple[bool, int, int, int]
"""Whether 64 bits held what some effects bring to a bill; it without added tax, with it, and what
discounts take off. If they did not, the others mean nothing."""


@compiled_bare
def adjust_bill(
    flat: NDArray[np.int64],
    begin: int,
    end: int,
    step: int,
    mode: int,
    usage: int,
    fee: int,
    off: int,
    work: NDArray[np.int64],
) -> Part:
    """Return what the effects at `begin` to `end` (exclusive) of the programs bring to a bill.

    Those before it have taken `off` (below 0); they are all on the fee, and none of these is, or
    there are none. `usage` and `fee` are the bill as priced, neither below 0.
    """
    count = end - begin
    total = usage + fee
    effects, rivals, table = flat[F_EFFECTS] + begin, flat[F_RIVAL] + begin, flat[F_TABLE]
    for i in range(count):
        effect = table + flat[effects + i] * EFFECT_COLUMNS
        num, on = flat[effect + EFFECT_NUM], flat[effect + EFFECT_ON]
        if num == 0 or flat[F_GROSS_WHOLE] == 0:
            return False, 0, 0, 0
        if flat[effect + EFFECT_IS_SHARE]:
            base = fee if on == ON_FEE else (usage if on == ON_USAGE else total)
            if not _fits(num, base):
                return False, 0, 0, 0
            num *= base
        work[i, WORK_NUM] = num
        work[i, WORK_DEN] = flat[effect + EFFECT_DEN]
    net, taxed = 0, 0
    left_bill, left, base = total + off, fee, ON_FEE
    for i in range(count):
        effect = table + flat[effects + i] * EFFECT_COLUMNS
        num, den = work[i, WORK_NUM], work[i, WORK_DEN]
        rival = flat[rivals + i]
        if rival != ALONE:
            rival += i
            other_num, other_den = work[rival, WORK_NUM], work[rival, WORK_DEN]
            if not (_fits(num, other_den) and _fits(other_num, den)):
                return False, 0, 0, 0
            mine, other = num * other_den, other_num * den
            if mine < other or (mine == other and rival < i):
                continue
        on = flat[effect + EFFECT_ON]
        if on != base:
            base = on
            left = usage if on == ON_USAGE else left_bill
        discount = flat[effect + EFFECT_KIND] == DISCOUNT
        is_share = flat[effect + EFFECT_IS_SHARE] != 0
        most = max(0, min(left, left_bill))
        if discount:
            if not _fits(most, den):
                return False, 0, 0, 0
            if num > most * den:
                num, den, is_share = most, 1, False
        if not _fits(den, step):
            return False, 0, 0, 0
        amount = rounded(num, den * step, step, mode)
        if discount:
            amount = min(amount, most)
        if amount == 0:
            continue
        with_tax = amount
        if flat[F_ADDED]:
            # The share of an amount on the bill that is taxed as the fee is the fee's.
            factor, whole = flat[F_GROSS_USAGE], flat[F_GROSS_WHOLE]
            if base == ON_FEE or (base == ON_BILL and total <= 0):
                factor = flat[F_GROSS_FEE]
            elif base == ON_BILL:
                if not (_fits(flat[F_GROSS_FEE], fee) and _fits(factor, usage)):
                    return False, 0, 0, 0
                factor = flat[F_GROSS_FEE] * fee + factor * usage
                if is_share:
                    num = flat[effect + EFFECT_NUM]
                else:
                    if not _fits(whole, total):
                        return False, 0, 0, 0
                    whole *= total
            if not (_fits(num, factor) and _fits(den, whole)):
                return False, 0, 0, 0
            den *= whole
            if not _fits(den, flat[F_TAX_STEP]):
                return False, 0, 0, 0
            tax_step = flat[F_TAX_STEP]
            with_tax = rounded(num * factor, den * tax_step, tax_step, flat[F_TAX_MODE])
            with_tax = max(with_tax, amount)
        if discount:
            amount, with_tax = -amount, -with_tax
            left_bill += amount
            left += amount
        if abs(float(net) + float(amount)) >= FITS or abs(float(taxed) + with_tax) >= FITS:
            return False, 0, 0, 0
        net += amount
        taxed += with_tax
    return True, net, taxed, left_bill - total - off
