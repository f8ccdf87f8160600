"""Plain plans laid out for the fast lane: the cells of their lanes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.clocks import BandClock
from plan_rules.batch.fast_tables import (
    BANDED,
    LANE_BIAS,
    MIXED,
    REFUSES,
    STEPS,
    UNEQUAL,
    FastTables,
)
from plan_rules.batch.guards import SIXTY
from plan_rules.batch.lane_order import in_vectors, kinds_of, limited_vectors
from plan_rules.batch.lanes import WORD
from plan_rules.batch.plain_plans import NO_END, PlainPlan
from plan_rules.batch.tables import (
    BLOCKED,
    HALF_UP,
    NONE,
    PLAN_MODE,
    PLAN_STEP,
    RATE_FEE,
    RATE_FIRST,
    RATE_NEXT,
    RATE_PRICE,
    SCHEDULE_BAND_SET,
    SCHEDULE_RATES,
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
    USE_FIRST,
    USE_NEXT,
    USE_PRICE,
    PlanTables,
)
from plan_rules.batch.vectors import WIDTH, aligned

# Columns of cells while they are laid out.
PRICE, FEE, INCLUDED, INSIDE, FLAT = 0, 1, 2, 3, 4
COLUMNS = 5

MOST_CELLS = 2**25
"""Cells that are laid out at most; a catalog of more epochs is rated in the exact lane."""

Ints = NDArray[np.int64]


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
    if count * lanes * COLUMNS > MOST_CELLS:
        return None
    shape = (len(pairs), classes, codes)
    laid = _cells(tables, plans, pairs, bands)
    order = in_vectors(plains, laid.rate_steps)
    plains, columns = [plains[lane] for lane in order], [columns[lane] for lane in order]
    plans, laid = plans[order], laid.of_lanes(order)
    # One row more than there are: in the last one nothing costs anything.
    cells = aligned((count + 1, COLUMNS, lanes))
    status = np.zeros((count + 1, lanes), np.uint8)
    banded = np.zeros((count + 1, lanes), np.uint8)
    steps = np.full((2, count + 1, lanes), laid.steps.none, np.int32)
    used = slice(0, len(plans))
    for place, values in enumerate(laid.cells):
        cells[:-1].reshape(*shape, COLUMNS, lanes)[..., place, used] = values
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
        limited=limited_vectors(plains, lanes),
        kinds=kinds_of(increments),
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
