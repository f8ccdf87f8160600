"""Plain plans laid out for the fast lane: which they are, and the cells of their lanes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.clocks import BandClock
from plan_rules.batch.fast import (
    BANDED,
    CELL_FEE,
    CELLS,
    LANE_BIAS,
    MIXED,
    NO_METER,
    REFUSES,
    STEPS,
    UNEQUAL,
    FastTables,
)
from plan_rules.batch.guards import SIXTY
from plan_rules.batch.lanes import WORD
from plan_rules.batch.tables import (
    BLOCKED,
    HALF_EVEN,
    HALF_UP,
    LIMIT_AMOUNT,
    LIMIT_KIND,
    LIMIT_METER,
    METER_DAILY,
    NONE,
    PLAN_METERS,
    PLAN_METERS_END,
    PLAN_MODE,
    PLAN_STEP,
    PLAN_VOLUMES,
    PLAN_VOLUMES_END,
    RATE_CAP,
    RATE_FEE,
    RATE_FIRST,
    RATE_FIRST_PRICE,
    RATE_MINIMUM,
    RATE_NEXT,
    RATE_PRICE,
    RATE_TIERS,
    RATE_TIERS_END,
    SCHEDULE_BAND_SET,
    SCHEDULE_RATES,
    SECONDS,
    SURCHARGE_PER_CALL,
    SURCHARGE_PER_MINUTE,
    TREAT_OUTSIDE,
    TREAT_REFUSED,
    TREAT_SCHEDULE,
    TREAT_SURCHARGES,
    TREAT_SURCHARGES_END,
    UNCOVERED,
    UNRATED,
    UP,
    USE_BAND_SET,
    USE_BLOCKS,
    USE_CHOSEN,
    USE_FIRST,
    USE_FORFEITS,
    USE_KIND,
    USE_LIMITS,
    USE_LIMITS_END,
    USE_METER,
    USE_NEXT,
    USE_PRICE,
    PlanTables,
)
from plan_rules.batch.vectors import WIDTH, aligned

NO_END = 2**52
"""The limit of an allowance that no cycle reaches."""

MOST_CELLS = 2**25
"""Cells that are laid out at most; a catalog of more epochs is rated in the exact lane."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainPlan:
    """A plan that the fast lane can rate: its index, and its allowance, if it has one.

    `limit` is what the allowance holds in seconds, `meters` what counts it, `unequal` whether
    its increments may differ from the rate's.
    """

    plan: int
    limit: int
    meters: tuple[int, int]


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
    found = (
        _plain_plan(tables, plan, plain_treatment | refuses, gaps)
        for plan in range(len(tables.plans))
    )
    return tuple(each for each in found if each is not None)


def _plain_plan(
    tables: PlanTables, plan: int, plain_treatment: NDArray[np.bool_], gaps: NDArray[np.bool_]
) -> PlainPlan | None:
    """Return a plan as a plain one, or `None`."""
    facts = tables.plans[plan]
    treated = tables.rows[np.unique(tables.row_of[plan])]
    has_volumes = facts[PLAN_VOLUMES] < facts[PLAN_VOLUMES_END]
    if facts[PLAN_MODE] == HALF_EVEN or has_volumes or not plain_treatment[treated].all():
        return None
    chained = tables.chains[np.unique(tables.chains_of[plan])]
    chains = np.unique(chained)
    chains = chains[tables.chain[chains, 0] < tables.chain[chains, 1]]
    if not len(chains):
        return PlainPlan(plan=plan, limit=0, meters=(NO_METER, NO_METER))
    if (tables.chain[chains, 1] - tables.chain[chains, 0] > 1).any():
        return None
    bucket = _bucket(tables, plan, tables.chain_uses[tables.chain[chains, 0]])
    if bucket is None:
        return None
    # Where a price has a gap, what becomes of a call depends on what is left.
    serving = np.isin(chained, chains).any(axis=0)
    if bucket.limit < NO_END and gaps[treated[:, serving]].any():
        return None
    return bucket


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


def fast_tables(
    tables: PlanTables,
    clock: BandClock,
    plains: Sequence[PlainPlan],
    columns: Sequence[int],
    epochs: Sequence[tuple[int, int]],
) -> FastTables | None:
    """Return plain plans as lanes, for pairs of epochs (of the cycle, of the call).

    `columns` are the plans' places in what is measured. `None` where no epoch is met, or
    where there would be too many cells.
    """
    if not epochs:
        return None
    plans = np.array([each.plan for each in plains], np.int64)
    lanes = -(-len(plans) // WIDTH) * WIDTH
    codes, bands = _codes(clock)
    contents: dict[tuple[bytes, bytes], int] = {}
    pair_of = np.zeros(tables.fees.shape[1:] * 2, np.int64)
    pairs: list[tuple[int, int]] = []
    for terms, epoch in epochs:
        key = (tables.chains_of[plans, terms].tobytes(), tables.row_of[plans, epoch].tobytes())
        if key not in contents:
            contents[key] = len(pairs)
            pairs.append((terms, epoch))
        pair_of[terms, epoch] = contents[key]
    classes = tables.rows.shape[1]
    count = len(pairs) * classes * codes
    if count * lanes * CELLS > MOST_CELLS:
        return None
    laid = _Cells(tables, plains, bands, classes)
    shape = (len(pairs), classes, codes)
    cells = aligned((count, CELLS, lanes))
    status = np.zeros((count, lanes), np.uint8)
    banded = np.zeros((count, lanes), np.uint8)
    rate_steps = np.ones((count, lanes, 2), np.int64)
    draw_steps = np.ones((count, lanes, 2), np.int64)
    for lane, plan in enumerate(plans.tolist()):
        parts = [laid.of(plan, terms, epoch) for terms, epoch in pairs]
        for name, target in (
            ("cells", cells[:, :, lane]),
            ("status", status[:, lane]),
            ("banded", banded[:, lane]),
            ("rate_steps", rate_steps[:, lane]),
            ("draw_steps", draw_steps[:, lane]),
        ):
            stacked = np.stack([getattr(part, name) for part in parts])
            target[...] = stacked.reshape(target.shape)
    idle = (cells == 0).all(axis=1)
    fixed = _lanes(tables, plains, lanes)
    limited = np.zeros(lanes, np.bool_)
    limited[: len(plans)] = [each.limit < NO_END for each in plains]
    _forget_idle(rate_steps, idle=idle)
    cells[:, CELL_FEE] += fixed[LANE_BIAS]
    unequal = (rate_steps != draw_steps).any(axis=2) & (cells[:, 2] > 0) & limited
    patterns, increments = _patterns(rate_steps, draw_steps)
    marks = (
        REFUSES * (status > 0).any(axis=1)
        | MIXED * ((cells[:, 3:] > 0).any(axis=(1, 2)) | unequal.any(axis=1))
        | UNEQUAL * unequal.any(axis=1)
        | BANDED * (banded > 0).any(axis=1)
    )
    return FastTables(
        plans=plans,
        columns=np.array(columns, np.int64),
        pair_of=pair_of,
        row_of=np.arange(count, dtype=np.int32).reshape(shape),
        cells=cells,
        patterns=patterns,
        increments=increments,
        lanes=fixed,
        status=status,
        marks=marks.astype(np.uint8),
        unequal=unequal.astype(np.uint8),
        banded=banded,
        refused=_refused(tables, plans, status),
        meters=np.array([each.meters for each in plains], np.int64).reshape(len(plains), 2),
    )


def _codes(clock: BandClock) -> tuple[int, Ints]:
    """Return how many codes a clock has, and the band of each set for each of them."""
    codes = int(clock.codes.max()) + 1
    bands = np.zeros((codes, clock.bands.shape[1]), np.int64)
    bands[clock.codes] = clock.bands
    return codes, bands


@dataclass(frozen=True, slots=True, kw_only=True)
class _Laid:
    """One plan at one pair of epochs, by class and code."""

    cells: NDArray[np.float64]
    status: NDArray[np.uint8]
    banded: NDArray[np.uint8]
    rate_steps: Ints
    draw_steps: Ints


class _Cells:
    """Lays out one plan after another; what concerns all of them is worked out once."""

    def __init__(
        self, tables: PlanTables, plains: Sequence[PlainPlan], bands: Ints, classes: int
    ) -> None:
        self._tables, self._bands = tables, bands
        self._shape = (classes, len(bands))
        self._plain = {each.plan: each for each in plains}
        treatments = tables.treatments
        self._sums = [
            _sums(tables.surcharges[:, column])
            for column in (SURCHARGE_PER_MINUTE, SURCHARGE_PER_CALL)
        ]
        self._schedule = treatments[:, TREAT_SCHEDULE]
        self._status = np.where(
            treatments[:, TREAT_REFUSED] >= 0,
            BLOCKED,
            np.where(treatments[:, TREAT_OUTSIDE] >= 0, UNCOVERED, 0),
        )

    def of(self, plan: int, terms: int, epoch: int) -> _Laid:
        """Return the cells of a plan: `terms` is the epoch of the cycle, `epoch` of the call."""
        tables = self._tables
        treated = tables.rows[tables.row_of[plan, epoch]]
        chains = tables.chains[tables.chains_of[plan, terms]]
        serves = tables.chain[chains, 0] < tables.chain[chains, 1]
        uses = (
            tables.chain_uses[np.where(serves, tables.chain[chains, 0], 0)]
            if len(tables.chain_uses)
            else np.zeros(len(chains), np.int64)
        )
        schedules = self._schedule[treated]
        band_sets = (
            np.where(schedules < 0, NONE, tables.schedules[schedules, SCHEDULE_BAND_SET])
            if len(tables.schedules)
            else np.full(len(schedules), NONE)
        )
        rates = self._rates(schedules, band_sets)
        status = np.repeat(self._status[treated][:, None], self._shape[1], axis=1)
        free = ~serves[:, None] & (status == 0)
        status = np.where(free & (rates < 0), UNRATED, status)
        status = np.where(free & (schedules < 0)[:, None], UNCOVERED, status)
        rated = status == 0
        rows = (
            np.append(tables.rates, np.zeros_like(tables.rates[:1]), axis=0)
            if len(tables.rates)
            else np.zeros((1, tables.rates.shape[1]), np.int64)
        )
        rate = rows[np.where(rated, rates, NONE)]
        included = serves[:, None] & rated
        per_minute, per_call = (
            sums[tables.treatments[treated, TREAT_SURCHARGES_END]]
            - sums[tables.treatments[treated, TREAT_SURCHARGES]]
            for sums in self._sums
        )
        inside = tables.uses[uses, USE_PRICE] if len(tables.uses) else np.zeros_like(uses)
        cells = np.zeros((*self._shape, CELLS))
        cells[..., 0] = rated * (rate[..., RATE_PRICE] + per_minute[:, None])
        cells[..., 1] = rated * SIXTY * rate[..., RATE_FEE]
        cells[..., 2] = included
        cells[..., 3] = included * (inside + per_minute)[:, None]
        cells[..., 4] = rated * SIXTY * per_call[:, None]
        steps = rate[..., [RATE_FIRST, RATE_NEXT]]
        steps = np.where(steps > 0, steps, 1)
        drawn = tables.uses[uses][:, [USE_FIRST, USE_NEXT]] if len(tables.uses) else steps[:, 0]
        return _Laid(
            cells=cells,
            status=status.astype(np.uint8),
            banded=np.repeat((band_sets >= 0)[:, None], self._shape[1], axis=1).astype(np.uint8),
            rate_steps=np.where(
                (rates >= 0)[..., None], steps, np.where(included[..., None], drawn[:, None], 1)
            ),
            draw_steps=np.where(included[..., None], drawn[:, None], steps),
        )

    def _rates(self, schedules: Ints, band_sets: Ints) -> Ints:
        """Return the rate of each class and code, -1 for none."""
        tables = self._tables
        if not len(tables.schedules):
            return np.full(self._shape, NONE)
        first = tables.schedules[schedules, SCHEDULE_RATES]
        if self._bands.shape[1]:
            band = 1 + self._bands[:, np.maximum(band_sets, 0)].T
        else:
            band = np.zeros(self._shape, np.int64)
        offset = np.where(band_sets[:, None] < 0, 0, band)
        return np.where(schedules[:, None] < 0, NONE, tables.rate_of[first[:, None] + offset])


def _sums(column: Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(column)])


def _forget_idle(steps: Ints, *, idle: NDArray[np.bool_]) -> None:
    """Give every lane its usual increments where a call costs it nothing, whatever they are.

    So most rows have the same increments, and calls are charged in long runs.
    """
    for lane in range(steps.shape[1]):
        busy = np.flatnonzero(~idle[:, lane])
        if len(busy):
            steps[idle[:, lane], lane] = steps[busy[0], lane]


def _patterns(rate_steps: Ints, draw_steps: Ints) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Return for each row which increments hold, of the rate and of the allowance."""
    numbers: dict[bytes, int] = {}
    kept: list[Ints] = []
    patterns = np.zeros((len(rate_steps), 2), np.int32)
    for place, steps in enumerate((rate_steps, draw_steps)):
        for row in range(len(steps)):
            key = steps[row].tobytes()
            number = numbers.setdefault(key, len(kept))
            if number == len(kept):
                kept.append(steps[row])
            patterns[row, place] = number
    first, following = (np.array([each[:, column] for each in kept], float) for column in (0, 1))
    increments = aligned((len(kept), STEPS, rate_steps.shape[1]))
    increments[...] = np.stack([first, following, 1 / following, (following - 1) / 2], axis=1)
    return patterns, increments


def _lanes(tables: PlanTables, plains: Sequence[PlainPlan], lanes: int) -> NDArray[np.float64]:
    """Return what is fixed of each lane: rounding, and what its allowance holds."""
    fixed = aligned((4, lanes))
    fixed[1], fixed[3] = 1 / SIXTY, 1
    for lane, each in enumerate(plains):
        step, mode = tables.plans[each.plan, PLAN_STEP], tables.plans[each.plan, PLAN_MODE]
        whole = SIXTY * int(step)
        bias = whole // 2 if mode == HALF_UP else whole - 1 if mode == UP else 0
        fixed[:, lane] = (bias - (whole - 1) / 2, 1 / whole, each.limit, step)
    return fixed


def _refused(tables: PlanTables, plans: Ints, status: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Return the bits of the plans that refuse, for each row."""
    words = np.zeros((len(status), -(-len(tables.plans) // WORD)), np.uint64)
    for lane, plan in enumerate(plans.tolist()):
        bit = np.uint64(1 << plan % WORD)
        words[:, plan // WORD] |= np.where(status[:, lane] > 0, bit, np.uint64(0))
    return words
