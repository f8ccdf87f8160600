"""Plain plans as lanes: what the fast lane reads, and what it keeps while calls go by."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.vectors import WIDTH, aligned

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]

# Columns of `FastTables.cells`, by row and vector, and of `extras`, by row and lane.
CELL_PRICE, CELL_FEE = 0, WIDTH
CELLS = 2
EXTRA_INSIDE, EXTRA_FLAT = 0, 1
EXTRAS = 2

# Columns of `FastTables.increments`, by pattern and lane.
STEP_FIRST, STEP_NEXT, STEP_INVERSE, STEP_HALF = 0, 1, 2, 3
STEPS = 4

# Columns of `FastTables.lanes`, by lane.
LANE_BIAS, LANE_INVERSE, LANE_LIMIT, LANE_STEP = 0, 1, 2, 3

# Columns of the state, by lane.
STATE_ROOM, STATE_CHARGED, STATE_OVERAGE = 0, 1, 2

# What is to be known of a row: some plan refuses, some lane needs more than price and fee, some
# allowance has increments of its own, some plan has bands.
REFUSES, MIXED, UNEQUAL, BANDED = 1, 2, 4, 8

NO_METER = -1

WHOLE = 3.0 * 2.0**51
"""Added to a float below 2**51 and taken away again, it leaves the nearest whole number."""

RUN = 256
"""Calls of a run at most."""

MOST_KINDS = 8
"""Different increments of a pattern that a run is billed by at once; others are, lane by lane."""

TOGETHER = 3
"""Different increments that a vector may have to be charged what was billed at once."""


class Kinds(NamedTuple):
    """The different increments of each pattern: most lanes share theirs with others.

    `lanes[pattern]` has a lane of each kind, -1 behind the last. `counts[pattern, vector]` is how
    many kinds a vector has, `of[pattern, vector]` which these are, if they are at most three.
    `second` and `third` are above zero in the lanes that have the second and the third of them.
    """

    lanes: NDArray[np.int32]
    counts: NDArray[np.int32]
    of: NDArray[np.int32]
    second: Floats
    third: Floats


class FastTables(NamedTuple):
    """Plain plans as lanes, padded to whole vectors.

    `plans` and `columns` tell what each lane stands for; there are fewer of them than lanes.
    There is a row for each pair of epochs, class and code of the clock, in this order, and one
    behind them in which nothing costs anything; `pair_of[terms epoch, epoch]` is the pair. In
    `cells` are prices as sixtieths of a micro a second, `patterns` the increments of rate and
    allowance. `status` is what becomes of a call, `marks` what is to be known of the row,
    `unequal` and `banded` which lanes it concerns. `refused` has a bit for each plan that
    refuses. `meters` are the meters of a lane's allowance, `limited` tells which vectors have
    one, `kinds` which increments are the same.
    """

    plans: NDArray[np.int64]
    columns: NDArray[np.int64]
    pair_of: NDArray[np.int64]
    classes: int
    codes: int
    cells: NDArray[np.float32] | Floats
    included: Bytes
    extras: Floats
    patterns: NDArray[np.int32]
    increments: Floats
    lanes: Floats
    status: Bytes
    marks: Bytes
    unequal: Bytes
    banded: Bytes
    refused: NDArray[np.uint64]
    meters: NDArray[np.int64]
    limited: NDArray[np.bool_]
    kinds: Kinds


class CallRows(NamedTuple):
    """The row of each call, and its seconds, behind which there is room for one vector.

    A call that is to be rated by itself has -1 less its row; one that is not answered, or lies
    in no cycle, the last row, in which nothing costs anything.
    """

    rows: NDArray[np.int32]
    seconds: Floats

    @classmethod
    def room(cls, calls: int) -> CallRows:
        """Return room for so many calls."""
        return cls(np.empty(calls, np.int32), np.empty(calls + WIDTH))


class FastState(NamedTuple):
    """What every lane keeps during a cycle, room to keep lanes aside, and a run of calls.

    A run are calls in order that need nothing but price and fee and have the same increments;
    `billed` are the seconds billed of each, by kind of increments.
    """

    now: Floats
    kept: Floats
    special: NDArray[np.int64]
    billed: Floats

    @classmethod
    def new(cls, fast: FastTables) -> FastState:
        """Return room for every lane."""
        lanes = fast.lanes.shape[1]
        return cls(
            aligned((3, lanes)),
            aligned((3, lanes)),
            np.zeros(lanes, np.int64),
            aligned((MOST_KINDS, RUN)),
        )
