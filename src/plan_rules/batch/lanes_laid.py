"""Plain plans laid out for the fast lane: which they are, and the cells of their lanes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.clocks import BandClock
from plan_rules.batch.fast_tables import (
    BANDED,
    LANE_BIAS,
    MIXED,
    MOST_KINDS,
    NO_METER,
    REFUSES,
    STEP_FIRST,
    STEP_NEXT,
    STEPS,
    TOGETHER,
    UNEQUAL,
    FastTables,
    Kinds,
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

# Columns of cells while they are laid out.
PRICE, FEE, INCLUDED, INSIDE, FLAT = 0, 1, 2, 3, 4
CELLS = 5

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
    shape = (len(pairs), classes, codes)
    laid = _cells(tables, plans, pairs, bands)
    order = _vectors(plains, laid.rate_steps)
    plains, columns = [plains[lane] for lane in order], [columns[lane] for lane in order]
    plans, laid = plans[order], laid.of_lanes(order)
    # One row more than there are: in the last one nothing costs anything.
    cells = aligned((count + 1, CELLS, lanes))
    status = np.zeros((count + 1, lanes), np.uint8)
    banded = np.zeros((count + 1, lanes), np.uint8)
    steps = np.full((2, count + 1, lanes), laid.steps.none, np.int32)
    used = slice(0, len(plans))
    for place, values in enumerate(laid.cells):
        cells[:-1].reshape(*shape, CELLS, lanes)[..., place, used] = values
    status[:-1].reshape(*shape, lanes)[..., used] = laid.status
    banded[:-1].reshape(*shape, lanes)[..., used] = laid.banded
    for each, laid_steps in zip(steps, (laid.rate_steps, laid.draw_steps), strict=True):
        each[:-1].reshape(*shape, lanes)[..., used] = laid_steps
    idle = (cells == 0).all(axis=1)
    fixed = _lanes(tables, plains, lanes)
    limited = np.zeros(lanes, np.bool_)
    limited[: len(plans)] = [each.limit < NO_END for each in plains]
    _forget_idle(steps[0], idle=idle)
    # Lanes that no plan has are like the last one that a plan has.
    steps[..., len(plans) :] = steps[..., len(plans) - 1 : len(plans)]
    cells[:, FEE] += fixed[LANE_BIAS]
    unequal = (steps[0] != steps[1]) & (cells[:, INCLUDED] > 0) & limited
    patterns, increments = _patterns(steps, laid.steps)
    marks = (
        REFUSES * (status > 0).any(axis=1)
        | MIXED * ((cells[:, INSIDE:] > 0).any(axis=(1, 2)) | unequal.any(axis=1))
        | UNEQUAL * unequal.any(axis=1)
        | BANDED * (banded > 0).any(axis=1)
    )
    return FastTables(
        plans=plans,
        columns=np.array(columns, np.int64),
        pair_of=pair_of,
        classes=classes,
        codes=codes,
        cells=_narrow(cells[:, [PRICE, FEE]].reshape(count + 1, 2, -1, WIDTH).swapaxes(1, 2)),
        included=np.packbits(cells[:, INCLUDED] > 0, axis=1, bitorder="little"),
        extras=np.ascontiguousarray(cells[:, [INSIDE, FLAT]]),
        patterns=patterns,
        increments=increments,
        lanes=fixed,
        status=status,
        marks=marks.astype(np.uint8),
        unequal=unequal.astype(np.uint8),
        banded=banded,
        refused=_refused(tables, plans, status),
        meters=np.array([each.meters for each in plains], np.int64).reshape(len(plains), 2),
        limited=_limited_vectors(plains, lanes),
        kinds=_kinds(increments),
    )


def _narrow(values: NDArray[np.float64]) -> NDArray[np.float32] | NDArray[np.float64]:
    """Return numbers in 32 bits if all of them fit: most do, and are read twice as fast."""
    narrow = aligned(values.shape, np.float32)
    narrow[...] = values
    if (narrow == values).all():
        return narrow
    whole = aligned(values.shape)
    whole[...] = values
    return whole


def _vectors(plains: Sequence[PlainPlan], steps: NDArray[np.int32]) -> list[int]:
    """Return plans in the order of their lanes: those of one vector are alike, if they can be.

    Those with an allowance come first. Those that have the same increments fill vectors of
    their own, and what is left over stands together.
    """
    limited, limited_rest = _filled(plains, steps, has_allowance=True)
    free, free_rest = _filled(plains, steps, has_allowance=False)
    filling = -len(limited_rest) % WIDTH
    return limited + limited_rest + free_rest[:filling] + free + free_rest[filling:]


def _filled(
    plains: Sequence[PlainPlan], steps: NDArray[np.int32], *, has_allowance: bool
) -> tuple[list[int], list[int]]:
    """Return the plans, with an allowance or without, that fill vectors, and the others."""
    alike: dict[bytes, list[int]] = {}
    for lane, each in enumerate(plains):
        if each.has_allowance == has_allowance:
            alike.setdefault(steps[..., lane].tobytes(), []).append(lane)
    full: list[int] = []
    rest: list[list[int]] = []
    for same in alike.values():
        end = len(same) - len(same) % WIDTH
        full += same[:end]
        rest.append(same[end:])
    rest.sort(key=len, reverse=True)
    return full, [lane for same in rest for lane in same]


def _limited_vectors(plains: Sequence[PlainPlan], lanes: int) -> NDArray[np.bool_]:
    """Return which vectors have a lane with an allowance."""
    limited = np.zeros(lanes, np.bool_)
    limited[: len(plains)] = [each.has_allowance for each in plains]
    return cast("NDArray[np.bool_]", limited.reshape(-1, WIDTH).any(axis=1))


def _kinds(increments: NDArray[np.float64]) -> Kinds:
    """Return which lanes of a pattern have the same increments."""
    patterns, _, lanes = increments.shape
    vectors = lanes // WIDTH
    first_of = np.full((patterns, MOST_KINDS), NONE, np.int32)
    counts = np.full((patterns, vectors), TOGETHER + 1, np.int32)
    of = np.zeros((patterns, vectors, TOGETHER), np.int32)
    later = aligned((TOGETHER, patterns, lanes))
    for pattern, steps in enumerate(increments[:, [STEP_FIRST, STEP_NEXT]]):
        _, places, kind = np.unique(steps, axis=1, return_index=True, return_inverse=True)
        if len(places) > MOST_KINDS:
            continue
        first_of[pattern, : len(places)] = places
        for vector, mine in enumerate(kind.reshape(vectors, WIDTH)):
            different = np.unique(mine)
            counts[pattern, vector] = len(different)
            if len(different) <= TOGETHER:
                of[pattern, vector, : len(different)] = different
                same = np.searchsorted(different, mine)
                later[same, pattern, np.arange(WIDTH) + vector * WIDTH] = 1
    return Kinds(lanes=first_of, counts=counts, of=of, second=later[1], third=later[2])


def _codes(clock: BandClock) -> tuple[int, Ints]:
    """Return how many codes a clock has, and the band of each set for each of them."""
    codes = int(clock.codes.max()) + 1
    bands = np.zeros((codes, clock.bands.shape[1]), np.int64)
    bands[clock.codes] = clock.bands
    return codes, bands


@dataclass(frozen=True, slots=True, kw_only=True)
class _Laid:
    """Plans at pairs of epochs: `[pair, class, code, plan]`; `steps` numbers increments."""

    cells: tuple[NDArray[Any], ...]
    status: Ints
    banded: NDArray[np.bool_]
    steps: _Steps
    rate_steps: NDArray[np.int32]
    draw_steps: NDArray[np.int32]

    def of_lanes(self, lanes: Sequence[int]) -> _Laid:
        """Return some of the plans, in the order given."""
        return _Laid(
            cells=tuple(each[..., lanes] for each in self.cells),
            status=self.status[..., lanes],
            banded=self.banded[..., lanes],
            steps=self.steps,
            rate_steps=self.rate_steps[..., lanes],
            draw_steps=self.draw_steps[..., lanes],
        )


class _Steps:
    """The increments of rates and allowances, numbered; `none` is that of neither, 1/1."""

    def __init__(self, tables: PlanTables) -> None:
        self._columns: list[Ints] = []
        rates = tables.rates[:, [RATE_FIRST, RATE_NEXT]]
        uses = tables.uses[:, [USE_FIRST, USE_NEXT]]
        numbers = np.zeros(len(rates) + len(uses) + 1, np.int32)
        for column in np.concatenate([rates, uses, [[1, 1]]]).T:
            different = np.unique(column)
            self._columns.append(different)
            numbers = numbers * len(different) + np.searchsorted(different, column)
        self.none = int(numbers[-1])
        self.of_rates = np.append(numbers[: len(rates)], numbers[-1]).astype(np.int32)
        self.of_uses = numbers[len(rates) :].astype(np.int32)

    def increments(self, numbers: NDArray[np.int32]) -> tuple[Ints, Ints]:
        """Return the first and the following increment of each number."""
        firsts, followings = self._columns
        return firsts[numbers // len(followings)], followings[numbers % len(followings)]


def _cells(tables: PlanTables, plans: Ints, pairs: Sequence[tuple[int, int]], bands: Ints) -> _Laid:
    """Return the cells of plans at pairs of epochs, of the cycle and of the call.

    `bands` has the band of each set for each code. What codes cannot change is worked out
    without them, and has one entry for all of them.
    """
    terms, epochs = np.array(pairs, np.int64).T
    treated = _by_class(tables.rows[tables.row_of[plans][:, epochs]])
    chain = tables.chain[_by_class(tables.chains[tables.chains_of[plans][:, terms]])]
    serves = chain[..., 0] < chain[..., 1]
    first_use = np.append(tables.chain_uses, NONE)[np.where(serves, chain[..., 0], NONE)]
    treatments = tables.treatments
    schedules = treatments[:, TREAT_SCHEDULE][treated]
    band_sets = _rows(tables.schedules, NONE)[:, SCHEDULE_BAND_SET][schedules]
    refused = np.where(
        treatments[:, TREAT_REFUSED] >= 0,
        BLOCKED,
        np.where(treatments[:, TREAT_OUTSIDE] >= 0, UNCOVERED, 0),
    )[treated]
    per_minute, per_call = (
        (sums[treatments[:, TREAT_SURCHARGES_END]] - sums[treatments[:, TREAT_SURCHARGES]])[treated]
        for sums in (
            _sums(tables.surcharges[:, SURCHARGE_PER_MINUTE]),
            _sums(tables.surcharges[:, SURCHARGE_PER_CALL]),
        )
    )
    rates = _rates(tables, schedules, band_sets, bands)
    free = ~serves & (refused == 0)
    unrated = np.where(free & (schedules < 0), UNCOVERED, np.where(free, UNRATED, refused))
    status = np.where(rates < 0, unrated, refused)
    rated = status == 0
    included = serves & (refused == 0)
    rows = _rows(tables.rates)
    priced = np.where(rated, rates, NONE)
    steps = _Steps(tables)
    of_rate, of_use = steps.of_rates[priced], steps.of_uses[first_use]
    return _Laid(
        cells=(
            rows[:, RATE_PRICE][priced] + rated * per_minute,
            SIXTY * rows[:, RATE_FEE][priced],
            included,
            included * (_rows(tables.uses)[:, USE_PRICE][first_use] + per_minute),
            rated * (SIXTY * per_call),
        ),
        status=status,
        banded=band_sets >= 0,
        steps=steps,
        rate_steps=np.where(included & (rates < 0), of_use, of_rate),
        draw_steps=np.where(included, of_use, of_rate),
    )


def _by_class(values: NDArray[Any]) -> NDArray[Any]:
    """Return values by plan, pair and class as `[pair, class, 1, plan]`."""
    return np.ascontiguousarray(values.transpose(1, 2, 0))[:, :, None, :]


def _rows(table: Ints, fill: int = 0) -> Ints:
    """Return a table with one row more for what has none: its index is -1."""
    return np.pad(table, ((0, 1), (0, 0)), constant_values=fill)


def _rates(tables: PlanTables, schedules: Ints, band_sets: Ints, bands: Ints) -> Ints:
    """Return the rate of each class and code, -1 for none."""
    first = _rows(tables.schedules)[:, SCHEDULE_RATES][schedules]
    inside = np.zeros((1, 1, len(bands), 1), np.int64)
    if bands.shape[1]:
        inside = 1 + bands.T[np.maximum(band_sets[:, :, 0], 0)].swapaxes(2, 3)
    offset = np.where(band_sets < 0, 0, inside)
    return np.where(schedules < 0, NONE, np.append(tables.rate_of, NONE)[first + offset])


def _sums(column: Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(column)])


def _forget_idle(steps: NDArray[np.int32], *, idle: NDArray[np.bool_]) -> None:
    """Give every lane its usual increments where a call costs it nothing, whatever they are.

    So most rows have the same increments, and calls are charged in long runs.
    """
    for lane in range(steps.shape[1]):
        busy = np.flatnonzero(~idle[:, lane])
        if len(busy):
            steps[idle[:, lane], lane] = steps[busy[0], lane]


def _patterns(
    numbers: NDArray[np.int32], steps: _Steps
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Return for each row which increments hold, of the rate and of the allowance."""
    width = numbers[0, 0].nbytes
    text = numbers.tobytes()
    known: dict[bytes, int] = {}
    found = [
        known.setdefault(text[at : at + width], len(known)) for at in range(0, len(text), width)
    ]
    kept = np.frombuffer(b"".join(known), np.int32).reshape(len(known), -1)
    first, following = (each.astype(float) for each in steps.increments(kept))
    patterns = np.array(found, np.int32).reshape(2, -1).T
    increments = aligned((len(kept), STEPS, kept.shape[1]))
    increments[...] = np.stack([first, following, 1 / following, (following - 1) / 2], axis=1)
    return np.ascontiguousarray(patterns), increments


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
    for lane in np.flatnonzero(status.any(axis=0)).tolist():
        plan = int(plans[lane])
        bit = np.uint64(1 << plan % WORD)
        words[:, plan // WORD] |= np.where(status[:, lane] > 0, bit, np.uint64(0))
    return words
