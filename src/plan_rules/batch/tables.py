"""The tables of a compiled tariff as arrays, and the names of their columns.

What is a small value in `tariff` (a treatment, a rate, the use of an allowance) is here one row
of a table of whole numbers; what refers to another value is the index of its row, or -1. A
range of rows is a first row and the row after the last. Units are those of `tariff`: seconds,
micros, micros per minute.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.compiled import compiled_bare, wide

Table = NDArray[np.int64]
"""Rows of whole numbers; the columns are named below."""

# Columns and tables are numbered in the type that kernels compute in: a plain number would have
# `at` compiled anew for each of them.

# What a plan is.
PLAN_METERS, PLAN_METERS_END = map(wide, (0, 1))
PLAN_VOLUMES, PLAN_VOLUMES_END = map(wide, (2, 3))
PLAN_STEP, PLAN_MODE = map(wide, (4, 5))
PLAN_MAKERS, PLAN_SLOTS = map(wide, (6, 7))
PLAN_INTRO_CYCLES, PLAN_INTRO_FEE = map(wide, (8, 9))

# How a plan treats a class at one time.
TREAT_SCHEDULE, TREAT_REFUSED, TREAT_OUTSIDE, TREAT_VOLUME = map(wide, (0, 1, 2, 3))
TREAT_SURCHARGES, TREAT_SURCHARGES_END, TREAT_SIMPLE = map(wide, (4, 5, 6))

SCHEDULE_BAND_SET, SCHEDULE_RATES = map(wide, (0, 1))
SCHEDULE_MAKER, SCHEDULE_FEE_MAKER, SCHEDULE_MINIMUM_MAKER, SCHEDULE_CAP_MAKER = map(
    wide, (2, 3, 4, 5)
)

RATE_PRICE, RATE_FIRST, RATE_NEXT, RATE_FIRST_PRICE = map(wide, (0, 1, 2, 3))
RATE_FEE, RATE_MINIMUM, RATE_CAP, RATE_TIERS, RATE_TIERS_END = map(wide, (4, 5, 6, 7, 8))

TIER_AFTER, TIER_PRICE, TIER_STEP = map(wide, (0, 1, 2))

SURCHARGE_MAKER, SURCHARGE_PER_MINUTE, SURCHARGE_PER_CALL = map(wide, (0, 1, 2))

# An allowance as it serves a class. Meters are counted within the plan.
USE_MAKER, USE_METER, USE_KIND, USE_FIRST, USE_NEXT, USE_PRICE = map(wide, (0, 1, 2, 3, 4, 5))
USE_FORFEITS, USE_BLOCKS, USE_CHOSEN, USE_NEEDS_ALL = map(wide, (6, 7, 8, 9))
USE_LIMITS, USE_LIMITS_END, USE_BAND_SET, USE_BANDS = map(wide, (10, 11, 12, 13))

LIMIT_METER, LIMIT_AMOUNT, LIMIT_KIND = map(wide, (0, 1, 2))

# `slot` numbers the meters of a plan that count distinct numbers.
METER_KIND, METER_DAILY, METER_SLOT = map(wide, (0, 1, 2))

VOLUME_METER, VOLUME_COUNTS_CALLS, VOLUME_FREE, VOLUME_MODEL = map(wide, (0, 1, 2, 3))
VOLUME_TIERS, VOLUME_TIERS_END, VOLUME_PACKAGE_SIZE, VOLUME_PACKAGE_PRICE = map(wide, (4, 5, 6, 7))

VOLUME_TIER_UP_TO, VOLUME_TIER_PRICE, VOLUME_TIER_FLAT = map(wide, (0, 1, 2))

SECONDS, CALLS, MICROS, NUMBERS, UNITS = 0, 1, 2, 3, 4
"""What a meter counts."""

HALF_UP, HALF_EVEN, UP, DOWN = 0, 1, 2, 3
"""Ways to round."""

GRADUATED, WHOLE_VOLUME, PACKAGE = 0, 1, 2
"""Ways to price a volume."""

RATED, BLOCKED, UNCOVERED, UNRATED = 0, 1, 2, 3
"""What becomes of a call."""

NONE = -1


class PlanTables(NamedTuple):
    """Every plan of a book.

    `rows[row_of[plan, epoch], class]` is a treatment, `chains[chains_of[plan, epoch], class]`
    a row of `chain`, whose entries `chain_uses` lists. `rate_of` lists the rates of schedules,
    the one in a gap first. `use_bands` tells which bands the hours of an allowance hold.
    `meter_limits` is by meter and epoch; `fees` and `minimums` by plan and epoch.
    """

    plans: Table
    row_of: Table
    rows: NDArray[np.int32]
    treatments: Table
    schedules: Table
    rate_of: Table
    rates: Table
    tiers: Table
    surcharges: Table
    chains_of: Table
    chains: NDArray[np.int32]
    chain: Table
    chain_uses: Table
    uses: Table
    use_bands: Table
    limits: Table
    meters: Table
    meter_limits: Table
    volumes: Table
    volume_tiers: Table
    fees: Table
    minimums: Table

    @property
    def flat(self) -> NDArray[np.int64]:
        """All tables one after the other, behind where each begins and how wide its rows are.

        A kernel that is given one array is called in a tenth of the time of one given twenty.
        """
        tables: list[NDArray[np.integer[Any]]] = list(self)
        header = 2 * len(tables)
        found = np.zeros(header + sum(table.size for table in tables), np.int64)
        at = header
        for index, table in enumerate(tables):
            found[2 * index : 2 * index + 2] = at, table.shape[1] if table.ndim > 1 else 1
            found[at : at + table.size] = table.ravel()
            at += table.size
        return found


# Which table of `PlanTables.flat`: its place among the fields.
T_PLANS = wide(0)
T_ROW_OF = wide(1)
T_ROWS = wide(2)
T_TREATMENTS = wide(3)
T_SCHEDULES = wide(4)
T_RATE_OF = wide(5)
T_RATES = wide(6)
T_TIERS = wide(7)
T_SURCHARGES = wide(8)
T_CHAINS_OF = wide(9)
T_CHAINS = wide(10)
T_CHAIN = wide(11)
T_CHAIN_USES = wide(12)
T_USES = wide(13)
T_USE_BANDS = wide(14)
T_LIMITS = wide(15)
T_METERS = wide(16)
T_METER_LIMITS = wide(17)
T_VOLUMES = wide(18)
T_VOLUME_TIERS = wide(19)
T_FEES = wide(20)
T_MINIMUMS = wide(21)


@compiled_bare
def at(tables: NDArray[np.int64], table: int, row: int, column: int) -> int:
    """Return an entry of one of the flat tables."""
    return tables[tables[2 * table] + row * tables[2 * table + 1] + column]


class TaxTable(NamedTuple):
    """A tax added to usage and to fees: `share` of an exact amount in sixtieths is the gross.

    Each share is a numerator and a denominator, the denominator times sixty and the step of
    rounding. `added` is false where nothing is taxed, or where prices hold the tax already.
    """

    added: bool
    usage_numerator: int
    usage_denominator: int
    fee_numerator: int
    fee_denominator: int
    step: int
    mode: int
