"""Which plans are plain: those whose every call the fast lane can rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.fast_tables import NO_METER
from plan_rules.batch.tables import (
    HALF_EVEN,
    LIMIT_AMOUNT,
    LIMIT_KIND,
    LIMIT_METER,
    METER_DAILY,
    NONE,
    PLAN_METERS,
    PLAN_METERS_END,
    PLAN_MODE,
    PLAN_VOLUMES,
    PLAN_VOLUMES_END,
    RATE_CAP,
    RATE_FIRST_PRICE,
    RATE_MINIMUM,
    RATE_PRICE,
    RATE_TIERS,
    RATE_TIERS_END,
    SCHEDULE_RATES,
    SECONDS,
    TREAT_OUTSIDE,
    TREAT_REFUSED,
    TREAT_SCHEDULE,
    USE_BAND_SET,
    USE_BLOCKS,
    USE_CHOSEN,
    USE_FORFEITS,
    USE_KIND,
    USE_LIMITS,
    USE_LIMITS_END,
    USE_METER,
    PlanTables,
)

NO_END = 2**52
"""The limit of an allowance that no cycle reaches."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainPlan:
    """A plan that the fast lane can rate: its index, and its allowance, if it has one.

    `limit` is what the allowance holds in seconds, `meters` what counts it.
    """

    plan: int
    limit: int
    meters: tuple[int, int]

    @property
    def has_allowance(self) -> bool:
        """Whether it has an allowance."""
        return self.meters[0] != NO_METER


def plain_plans(tables: PlanTables) -> tuple[PlainPlan, ...]:
    """Return the plans whose every call, in every class and epoch, is plain."""
    rates, treatments = tables.rates, tables.treatments
    plain_rate = (
        (rates[:, RATE_FIRST_PRICE] == rates[:, RATE_PRICE])
        & (rates[:, RATE_MINIMUM] == 0)
        & (rates[:, RATE_CAP] < 0)
        & (rates[:, RATE_TIERS] == rates[:, RATE_TIERS_END])
    )
    rate_of = np.append(tables.rate_of, NONE)
    is_plain = np.append(plain_rate, True)[rate_of]
    # The rates of schedules stand one schedule after the other.
    firsts = tables.schedules[:, SCHEDULE_RATES]
    plain_schedule = np.ones(len(firsts) + 1, np.bool_)
    gap_schedule = np.ones(len(firsts) + 1, np.bool_)
    if len(firsts):
        plain_schedule[:-1] = np.logical_and.reduceat(is_plain[:-1], firsts)
        gap_schedule[:-1] = np.logical_or.reduceat(tables.rate_of < 0, firsts)
    plain_treatment = plain_schedule[treatments[:, TREAT_SCHEDULE]]
    refuses = (treatments[:, TREAT_REFUSED] >= 0) | (treatments[:, TREAT_OUTSIDE] >= 0)
    gaps = gap_schedule[treatments[:, TREAT_SCHEDULE]] & ~refuses
    plain_row: NDArray[np.bool_] = np.all((plain_treatment | refuses)[tables.rows], axis=1)
    found = (_plain_plan(tables, plan, plain_row, gaps) for plan in range(len(tables.plans)))
    return tuple(each for each in found if each is not None)


def _plain_plan(
    tables: PlanTables, plan: int, plain_row: NDArray[np.bool_], gaps: NDArray[np.bool_]
) -> PlainPlan | None:
    """Return a plan as a plain one, or `None`."""
    facts = tables.plans[plan]
    rows = _different(tables.row_of[plan])
    has_volumes = facts[PLAN_VOLUMES] < facts[PLAN_VOLUMES_END]
    if facts[PLAN_MODE] == HALF_EVEN or has_volumes or not plain_row[rows].all():
        return None
    chained = tables.chains[_different(tables.chains_of[plan])]
    lengths = tables.chain[:, 1] - tables.chain[:, 0]
    serving = lengths[chained] > 0
    if not serving.any():
        return PlainPlan(plan=plan, limit=0, meters=(NO_METER, NO_METER))
    chains = _different(chained[serving])
    if (lengths[chains] > 1).any():
        return None
    bucket = _bucket(tables, plan, tables.chain_uses[tables.chain[chains, 0]])
    if bucket is None:
        return None
    # Where a price has a gap, what becomes of a call depends on what is left.
    if bucket.limit < NO_END and gaps[tables.rows[rows][:, serving.any(axis=0)]].any():
        return None
    return bucket


def _different(indexes: NDArray[Any]) -> Ints:
    """Return the different ones of small indexes, ascending."""
    return np.flatnonzero(np.bincount(indexes))


def _bucket(tables: PlanTables, plan: int, uses: Ints) -> PlainPlan | None:
    """Return the plan with its one allowance of seconds for the cycle, or `None`."""
    first_meter, end_meter = tables.plans[plan, PLAN_METERS], tables.plans[plan, PLAN_METERS_END]
    rows = tables.uses[uses]
    rare = (
        (rows[:, USE_KIND] != SECONDS)
        | (rows[:, USE_FORFEITS] != 0)
        | (rows[:, USE_BLOCKS] != 0)
        | (rows[:, USE_CHOSEN] != 0)
        | (rows[:, USE_BAND_SET] >= 0)
        | (rows[:, USE_LIMITS_END] - rows[:, USE_LIMITS] > 1)
        | (rows[:, USE_METER] != rows[0, USE_METER])
    )
    limits = tables.meter_limits[first_meter:end_meter]
    if (
        rare.any()
        or (limits != limits[:, :1]).any()
        or tables.meters[first_meter:end_meter, METER_DAILY].any()
    ):
        return None
    meters = [int(rows[0, USE_METER]), NO_METER]
    limit = int(limits[meters[0], 0])
    limited = rows[:, USE_LIMITS_END] > rows[:, USE_LIMITS]
    if limited.any():
        given = tables.limits[rows[limited, USE_LIMITS]]
        if not limited.all() or (given != given[0]).any() or given[0, LIMIT_KIND] != SECONDS:
            return None
        meters[1] = int(given[0, LIMIT_METER])
        limit = min(limit, int(given[0, LIMIT_AMOUNT]))
    if end_meter - first_meter != 1 + (meters[1] != NO_METER):
        return None
    return PlainPlan(plan=plan, limit=min(limit, NO_END), meters=(meters[0], meters[1]))
