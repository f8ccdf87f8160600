"""Runs of calls: charged to one vector of lanes after the other, whose state stays in registers.

What a call is billed depends on its seconds and on increments, which most lanes share. So it is
worked out once for each kind of increments, eight calls at a time, and a vector of lanes takes it
from there. Lanes with an allowance and lanes without stand in vectors of their own, because the
latter need a third of the work.
"""

from __future__ import annotations

from plan_rules.batch.compiled import compiled_wide, wide
from plan_rules.batch.fast_tables import (
    CELL_FEE,
    CELL_PRICE,
    CELLS,
    LANE_INVERSE,
    MOST_KINDS,
    RUN,
    STATE_CHARGED,
    STATE_OVERAGE,
    STATE_ROOM,
    STEP_FIRST,
    STEP_HALF,
    STEP_INVERSE,
    STEP_NEXT,
    STEPS,
    TOGETHER,
    WHOLE,
    CallRows,
    FastState,
    FastTables,
)
from plan_rules.batch.vectors import (
    WIDTH,
    least,
    load,
    load_same,
    most,
    spread,
    store,
    where_positive,
    where_set,
)

MANY = TOGETHER + 1
"""More kinds than are charged together."""


@compiled_wide
def charge_run(
    fast: FastTables,
    found: CallRows,
    lane: FastState,
    pattern: int,
    begin: int,
    count: int,
    detail: bool,
) -> None:
    """Charge a run of calls to every lane, each with the increments of a pattern.

    Billed seconds, less what is included, at a price, rounded.
    """
    _bill(fast, found, lane, pattern, begin, count)
    for vector in range(fast.lanes.shape[1] // WIDTH):
        kinds = wide(fast.kinds.counts[pattern, vector])
        if fast.limited[vector]:
            if kinds == 1:
                _charge(fast, found, lane, pattern, vector, begin, count, True, 1, detail)
            elif kinds <= TOGETHER:
                _charge(fast, found, lane, pattern, vector, begin, count, True, TOGETHER, detail)
            else:
                _charge(fast, found, lane, pattern, vector, begin, count, True, MANY, detail)
        elif kinds == 1:
            _charge(fast, found, lane, pattern, vector, begin, count, False, 1, False)
        elif kinds <= TOGETHER:
            _charge(fast, found, lane, pattern, vector, begin, count, False, TOGETHER, False)
        else:
            _charge(fast, found, lane, pattern, vector, begin, count, False, MANY, False)


@compiled_wide
def _charge(
    fast: FastTables,
    found: CallRows,
    lane: FastState,
    pattern: int,
    vector: int,
    begin: int,
    count: int,
    limited: bool,
    kinds: int,
    detail: bool,
) -> None:
    """Charge a run to a vector of lanes, with an allowance or without, of so many kinds.

    What is told here of limits and kinds is constant wherever it is called from, so that every
    caller has a loop of its own.
    """
    lanes = fast.lanes.shape[1]
    p = vector * WIDTH
    whole, zero = spread(WHOLE), spread(0.0)
    of = fast.kinds.of[pattern, vector]
    one, two, three = wide(of[0]) * RUN, wide(of[1]) * RUN, wide(of[2]) * RUN
    place = pattern * lanes + p
    second, third = load(fast.kinds.second, place), load(fast.kinds.third, place)
    steps = pattern * STEPS * lanes + p
    first = load(fast.increments, steps + STEP_FIRST * lanes)
    following = load(fast.increments, steps + STEP_NEXT * lanes)
    inverse = load(fast.increments, steps + STEP_INVERSE * lanes)
    half = load(fast.increments, steps + STEP_HALF * lanes)
    behind = first - half
    rounding = load(fast.lanes, LANE_INVERSE * lanes + p)
    room = load(lane.now, STATE_ROOM * lanes + p)
    charged = load(lane.now, STATE_CHARGED * lanes + p)
    overage = load(lane.now, STATE_OVERAGE * lanes + p)
    for k in range(count):
        r = wide(found.rows[begin + k])
        cell = (r * lanes + p) * CELLS
        if kinds == 1:
            billed = load_same(lane.billed, one + k)
        elif kinds <= TOGETHER:
            others = where_positive(
                second, load_same(lane.billed, two + k), load_same(lane.billed, one + k)
            )
            billed = where_positive(third, load_same(lane.billed, three + k), others)
        else:
            over = most(load_same(found.seconds, begin + k) - behind, half)
            billed = first + following * (over * inverse + whole - whole)
        price, fee = load(fast.cells, cell + CELL_PRICE), load(fast.cells, cell + CELL_FEE)
        if limited:
            included = fast.included[r, vector]
            drawn = least(billed, where_set(included, room, zero))
            paid = billed - drawn
            exact = paid * price + where_positive(paid, fee, zero)
            room = room - drawn
            if detail:
                overage = overage + where_set(included, paid, zero)
        else:
            exact = billed * price + fee
        charged = charged + (exact * rounding + whole - whole)
    store(lane.now, STATE_ROOM * lanes + p, room)
    store(lane.now, STATE_CHARGED * lanes + p, charged)
    store(lane.now, STATE_OVERAGE * lanes + p, overage)


@compiled_wide
def _bill(
    fast: FastTables, found: CallRows, lane: FastState, pattern: int, begin: int, count: int
) -> None:
    """Write the seconds billed of every call, by each kind of increments of a pattern."""
    whole = spread(WHOLE)
    for kind in range(MOST_KINDS):
        p = wide(fast.kinds.lanes[pattern, kind])
        if p < 0:
            break
        first = spread(fast.increments[pattern, STEP_FIRST, p])
        following = spread(fast.increments[pattern, STEP_NEXT, p])
        inverse = spread(fast.increments[pattern, STEP_INVERSE, p])
        half = spread(fast.increments[pattern, STEP_HALF, p])
        behind = first - half
        for k in range(0, count, WIDTH):
            over = most(load(found.seconds, begin + k) - behind, half)
            billed = first + following * (over * inverse + whole - whole)
            store(lane.billed, kind * RUN + k, billed)
