"""How large amounts can grow, so that no sum leaves the numbers it is kept in.

The exact lane keeps whole numbers of 64 bits, the fast lane whole numbers in floats of 64 bits,
which are exact below 2**53 and are divided exactly below 2**51. What a customer's calls can
cost at most is bounded before any is rated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from plan_rules.batch.laying import NEVER_REACHED, BeyondBatch
from plan_rules.batch.tables import (
    PLAN_INTRO_FEE,
    PLAN_MAKERS,
    RATE_CAP,
    RATE_FEE,
    RATE_FIRST,
    RATE_FIRST_PRICE,
    RATE_MINIMUM,
    RATE_NEXT,
    RATE_PRICE,
    SURCHARGE_PER_CALL,
    SURCHARGE_PER_MINUTE,
    TIER_PRICE,
    TIER_STEP,
    USE_FIRST,
    USE_NEXT,
    USE_PRICE,
    VOLUME_PACKAGE_PRICE,
    VOLUME_TIER_FLAT,
    VOLUME_TIER_PRICE,
    PlanTables,
    Table,
    TaxTable,
)

SIXTY = 60
FAST_CALL = 2**51
"""Sixtieths of a micro that one call may cost in the fast lane: 37 million units of a currency."""

FAST_MOST = 60 * 2**53
"""Sixtieths of a micro that a cycle may cost in the fast lane."""

EXACT_SUM = 2**62
EXACT_MOST = 2**60
"""Sixtieths of a micro that a cycle may cost in the exact lane: 19 billion units of a currency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """The most that any customer of a batch calls: calls, seconds, and the longest call."""

    calls: int
    seconds: int
    longest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """The most that anything in a catalog costs.

    `per_minute` and `per_call` bound every price and fee that one call can meet at once,
    `per_unit` the price of a unit or package of a volume. `increment` is the longest increment
    in seconds. `per_cycle` bounds what the volumes of a cycle add once, `fixed` its fee and
    minimum spend; a bill has at most `lines` lines.
    """

    per_minute: int
    per_unit: int
    per_call: int
    increment: int
    per_cycle: int
    fixed: int
    lines: int

    def sixtieths(self, usage: Usage) -> int:
        """Return what a customer's calls can cost at most, in sixtieths of a micro."""
        billed = usage.seconds + usage.calls * self.increment
        of_calls = billed * self.per_minute + SIXTY * usage.calls * self.per_call
        # A volume counts calls as sixty sixtieths, and starts one package at most in vain.
        of_volumes = SIXTY * (billed + usage.calls + 1) * self.per_unit
        return of_calls + of_volumes + SIXTY * self.per_cycle


def ceiling_of(tables: PlanTables) -> Ceiling:
    """Return the most that anything in the tables costs; raise `BeyondBatch` if it is too much.

    A price below 0 is refused too: no catalog that was read from files has one.
    """
    prices = (
        _most("price", tables.rates, RATE_PRICE, RATE_FIRST_PRICE),
        _most("price", tables.tiers, TIER_PRICE),
        _most("price", tables.uses, USE_PRICE),
    )
    per_unit = max(
        _most("price", tables.volume_tiers, VOLUME_TIER_PRICE),
        _most("price", tables.volumes, VOLUME_PACKAGE_PRICE),
    )
    surcharges = len(tables.surcharges)
    per_minute = max(prices) + surcharges * _most(
        "surcharges", tables.surcharges, SURCHARGE_PER_MINUTE
    )
    _most("cap", tables.rates[tables.rates[:, RATE_CAP] >= 0], RATE_CAP)
    per_call = (
        _most("connection-fee", tables.rates, RATE_FEE)
        + _most("minimum", tables.rates, RATE_MINIMUM)
        + surcharges * _most("surcharges", tables.surcharges, SURCHARGE_PER_CALL)
    )
    increment = max(
        _most("increment", tables.rates, RATE_FIRST, RATE_NEXT),
        _most("increment", tables.tiers, TIER_STEP),
        _most("increment", tables.uses, USE_FIRST, USE_NEXT),
    )
    per_cycle = len(tables.volume_tiers) * _most("flat", tables.volume_tiers, VOLUME_TIER_FLAT)
    intro = _most("intro", tables.plans, PLAN_INTRO_FEE)
    fee = max(intro, _most("fee", tables.fees))
    return Ceiling(
        per_minute=per_minute,
        per_unit=per_unit,
        per_call=per_call,
        increment=increment,
        per_cycle=per_cycle,
        fixed=fee + _most("minimum-spend", tables.minimums),
        lines=_most("makers", tables.plans, PLAN_MAKERS) + len(tables.volumes),
    )


def _most(name: str, table: Table, *columns: int) -> int:
    """Return the largest entry of some columns, all if none is named; 0 for no rows."""
    entries = table[:, list(columns)] if columns else table
    if not entries.size:
        return 0
    least, most = int(np.min(entries)), int(np.max(entries))
    if least < 0 or most > NEVER_REACHED:
        raise BeyondBatch(
            name=name, value=least if least < 0 else most, expected=f"0 to {NEVER_REACHED}"
        )
    return most


def fits_fast(ceiling: Ceiling, usage: Usage, step: int) -> bool:
    """Whether no call and no cycle can cost more than the fast lane can hold.

    `step` is the coarsest step of rounding, in micros.
    """
    billed = usage.longest + ceiling.increment
    one = billed * ceiling.per_minute + SIXTY * (ceiling.per_call + step)
    return one < FAST_CALL and ceiling.sixtieths(usage) + SIXTY * step * usage.calls < FAST_MOST


def demand_exact(ceiling: Ceiling, usage: Usage) -> None:
    """Raise `BeyondBatch` if a customer's calls could cost more than the exact lane can hold."""
    if ceiling.sixtieths(usage) >= EXACT_MOST:
        raise BeyondBatch(
            name="calls",
            value=f"{usage.calls} calls and {usage.seconds} seconds of one customer",
            expected=f"calls that cannot cost {EXACT_MOST // SIXTY} micros",
        )


def demand_sums(
    ceiling: Ceiling, usage: Usage, tax: TaxTable, *, cycles: int, horizon: int
) -> None:
    """Raise `BeyondBatch` if the bills of a horizon could sum to more than 64 bits hold."""
    bill = ceiling.sixtieths(usage) // SIXTY + ceiling.fixed + ceiling.lines * tax.step
    taxed = 2 + SIXTY * max(tax.usage_numerator, tax.fee_numerator) * max(1, tax.step) // min(
        tax.usage_denominator, tax.fee_denominator
    )
    if (cycles + 1) * (horizon + 1) * bill * taxed >= EXACT_SUM:
        raise BeyondBatch(
            name="calls",
            value=f"{cycles} cycles of bills of up to {bill} micros",
            expected=f"bills that cannot sum to {EXACT_SUM} micros",
        )
