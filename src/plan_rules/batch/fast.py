"""The fast lane: all plain plans of one call at once, whole numbers in lanes of floats.

A plan is plain if a call costs it a multiplication: one price a minute and a fee for each class
and band, perhaps a surcharge, perhaps one allowance of seconds for the whole cycle. Its columns
lie beside each other, so that one instruction serves several plans while calls go by in order,
and an allowance is drawn exactly as the exact lane draws it.

Floats are exact here. Every quantity is a whole number below 2**51 (guarded). A whole y below
that is divided by a whole D, rounding down, as the whole number nearest to
(y - (D - 1) / 2) * (1 / D): that lies at least 1 / (2 * D) from where the nearest one changes,
and the product errs by less than (y + D) / D * 2**-52. Nearest is what adding and taking away
3 * 2**51 leaves, after which floats are whole.

A call that crosses the edge of a band, or uses up an allowance whose increments are not the
rate's, is given to the exact lane.
"""

from __future__ import annotations

import numpy as np

from plan_rules.batch.clocks import BandClock, BandEdges
from plan_rules.batch.compiled import compiled_wide, wide
from plan_rules.batch.exact import OUT_AMOUNT, OUT_PAID, S_OUT, S_USED, CallAt, Integers, rate_call
from plan_rules.batch.fast_tables import (
    BANDED,
    CELL_FEE,
    CELL_PRICE,
    CELLS,
    EXTRA_FLAT,
    EXTRA_INSIDE,
    EXTRAS,
    LANE_BIAS,
    LANE_INVERSE,
    LANE_LIMIT,
    LANE_STEP,
    MIXED,
    NO_METER,
    REFUSES,
    RUN,
    STATE_CHARGED,
    STATE_OVERAGE,
    STATE_ROOM,
    STEP_FIRST,
    STEP_HALF,
    STEP_INVERSE,
    STEP_NEXT,
    STEPS,
    UNEQUAL,
    WHOLE,
    CallRows,
    FastState,
    FastTables,
    Floats,
)
from plan_rules.batch.lanes import WORD, Measures, Placed, Units, Values
from plan_rules.batch.packed import PACKED, SECONDS_MASK, SHIFT, START
from plan_rules.batch.runs import charge_run
from plan_rules.batch.tables import (
    RATED,
    T_CHAIN,
    T_CHAINS,
    T_CHAINS_OF,
    T_ROW_OF,
    T_ROWS,
    at,
)
from plan_rules.batch.vectors import (
    WIDTH,
    Vector,
    least,
    load,
    most,
    spread,
    store,
    where_positive,
    where_set,
)


@compiled_wide
def rate_fast(
    fast: FastTables,
    tables: Integers,
    clock: BandClock,
    placed: Placed,
    exact: Integers,
    found: CallRows,
    lane: FastState,
    units: Units,
    values: Values,
    measures: Measures,
    detail: bool,
    misses: bool,
) -> None:
    """Rate every unit, whose calls were looked up, on every plain plan."""
    nothing = len(fast.marks) - 1
    for u in range(len(units.customer)):
        c = units.customer[u]
        shift = units.shift[u]
        current = -1
        k, last = placed.first[c], placed.first[c + 1]
        while k < last:
            row = wide(placed.row[k])
            if row < 0:
                k += 1
                continue
            if row != current:
                if current >= 0:
                    _finish(fast, lane.now, current + shift, measures, detail)
                current = row
                _begin(fast, lane.now)
            if found.rows[k] < 0:
                _rate_special(
                    fast, tables, clock, placed, exact, lane, values, measures,
                    k, -1 - wide(found.rows[k]), row, shift, detail, misses,
                )  # fmt: skip
                k += 1
                continue
            begin, end = k, min(last, k + RUN)
            pattern = -1
            while k < end and wide(placed.row[k]) == row and found.rows[k] >= 0:
                r = wide(found.rows[k])
                if r != nothing:
                    q = wide(fast.patterns[r, 0])
                    if pattern >= 0 and q != pattern:
                        break
                    pattern = q
                    if detail and fast.marks[r] & REFUSES:
                        _count_refusals(fast, r, row + shift, wide(found.seconds[k]), measures)
                k += 1
            if pattern >= 0:
                charge_run(fast, found, lane, pattern, begin, k - begin, detail)
        if current >= 0:
            _finish(fast, lane.now, current + shift, measures, detail)


@compiled_wide
def look_up(
    fast: FastTables,
    clock: BandClock,
    placed: Placed,
    found: CallRows,
    units: Units,
    values: Values,
    measures: Measures,
    misses: bool,
) -> None:
    """Write row and seconds of the calls of every unit, and note which plans miss them."""
    words = fast.refused.shape[1]
    nothing = len(fast.marks) - 1
    fixed = fast.pair_of[values.fixed, values.fixed] if values.fixed >= 0 else -1
    for u in range(len(units.customer)):
        c = units.customer[u]
        for k in range(placed.first[c], placed.first[c + 1]):
            packed = placed.records[k, PACKED]
            seconds = packed & SECONDS_MASK
            edge = wide(placed.edges[k])
            row = wide(placed.row[k])
            if seconds == 0 or row < 0:
                found.rows[k] = nothing
                found.seconds[k] = float(seconds)
                continue
            pair = fixed
            if pair < 0:
                pair = fast.pair_of[values.row_epoch[row], clock.epochs[edge]]
            class_index = wide(placed.place_class[packed >> SHIFT])
            r = (pair * fast.classes + class_index) * fast.codes + wide(clock.codes[edge])
            marks = fast.marks[r]
            if misses:
                for word in range(words):
                    measures.missed[k, word] |= fast.refused[r, word]
            crosses = clock.edges[edge + 1] < placed.records[k, START] + seconds
            special = marks & (MIXED | UNEQUAL) or (crosses and marks & BANDED)
            found.rows[k] = -1 - r if special else r
            found.seconds[k] = float(seconds)


@compiled_wide
def _rate_special(
    fast: FastTables,
    tables: Integers,
    clock: BandClock,
    placed: Placed,
    exact: Integers,
    lane: FastState,
    values: Values,
    measures: Measures,
    k: int,
    r: int,
    row: int,
    shift: int,
    detail: bool,
    misses: bool,
) -> None:
    """Rate a call that needs more than price and fee, or crosses the edge of a band."""
    state = lane.now
    packed = placed.records[k, PACKED]
    start, whole_seconds = placed.records[k, START], packed & SECONDS_MASK
    seconds = float(whole_seconds)
    edge = wide(placed.edges[k])
    marks = fast.marks[r]
    if detail and marks & REFUSES:
        _count_refusals(fast, r, row + shift, whole_seconds, measures)
    crosses = bool(marks & BANDED) and clock.edges[edge + 1] < start + whole_seconds
    crossed = r
    if crosses:
        crossed = r + wide(clock.codes[edge + 1]) - wide(clock.codes[edge])
        once = clock.edges[edge + 2] >= start + whole_seconds
        if not once or not _are_alike(fast, r, crossed):
            crossed = r
    count = 0
    if crosses or marks & UNEQUAL:
        count = _find_special(fast, lane, r, crosses, crossed != r, seconds)
    if crossed != r:
        before = float(clock.edges[edge + 1] - start)
        _charge_crossing(fast, state, r, crossed, seconds, before)
    else:
        _charge_mixed(fast, state, r, seconds)
    if count == 0:
        return
    terms = values.fixed if values.fixed >= 0 else wide(values.row_epoch[row])
    epoch = values.fixed if values.fixed >= 0 else wide(clock.epochs[edge])
    class_index = wide(placed.place_class[packed >> SHIFT])
    for j in range(count):
        p = lane.special[j]
        for column in range(3):
            state[column, p] = lane.kept[column, p]
        call = CallAt(start, whole_seconds, edge, 0, 0, -2)
        outcome = _charge_exactly(
            fast, tables, clock, state, exact, p, epoch, terms, class_index, call
        )
        if outcome != wide(fast.status[r, p]):
            plan, column = fast.plans[p], fast.columns[p]
            if misses:
                measures.missed[k, plan // WORD] |= np.uint64(1) << np.uint64(plan % WORD)
            if detail:
                measures.calls[outcome - 1, row + shift, column] += 1
                measures.seconds[outcome - 1, row + shift, column] += whole_seconds


@compiled_wide
def _begin(fast: FastTables, state: Floats) -> None:
    """Begin a cycle: allowances are whole, nothing is charged."""
    for p in range(fast.lanes.shape[1]):
        state[STATE_ROOM, p] = fast.lanes[LANE_LIMIT, p]
        state[STATE_CHARGED, p] = 0.0
        state[STATE_OVERAGE, p] = 0.0


@compiled_wide
def _charge_crossing(
    fast: FastTables, state: Floats, r: int, crossed: int, seconds: float, before: float
) -> None:
    """Charge a call that crosses one edge, `before` seconds after its start, into a row alike.

    Increments that start before the edge have the price of the first row, those after it of the
    second. Right for lanes whose allowance takes the whole call or none of it.
    """
    lanes = fast.lanes.shape[1]
    pattern = wide(fast.patterns[r, 0])
    zero = spread(0.0)
    for p in range(0, lanes, WIDTH):
        cell, other = (r * lanes + p) * CELLS, (crossed * lanes + p) * CELLS
        included = fast.included[r, p // WIDTH]
        billed = _billed(fast, pattern, p, seconds)
        room = where_set(included, load(state, STATE_ROOM * lanes + p), zero)
        drawn = least(billed, room)
        paid = billed - drawn
        early = least(_billed(fast, pattern, p, before), paid)
        exact = early * load(fast.cells, cell + CELL_PRICE)
        exact = exact + (paid - early) * load(fast.cells, other + CELL_PRICE)
        exact = exact + where_positive(paid, load(fast.cells, cell + CELL_FEE), zero)
        _charge(fast, state, p, exact, drawn, where_set(included, paid, zero))


@compiled_wide
def _charge_mixed(fast: FastTables, state: Floats, r: int, seconds: float) -> None:
    """Charge a call as a run does, with prices inside, surcharges, own increments."""
    lanes = fast.lanes.shape[1]
    rate, draw = wide(fast.patterns[r, 0]), wide(fast.patterns[r, 1])
    extras = r * EXTRAS * lanes
    zero = spread(0.0)
    for p in range(0, lanes, WIDTH):
        cell = (r * lanes + p) * CELLS
        included = fast.included[r, p // WIDTH]
        wanted = _billed(fast, draw, p, seconds)
        room = where_set(included, load(state, STATE_ROOM * lanes + p), zero)
        drawn = least(wanted, room)
        left = _billed(fast, rate, p, seconds) - room
        paid = where_positive(wanted - room, left, zero)
        exact = paid * load(fast.cells, cell + CELL_PRICE)
        exact = exact + drawn * load(fast.extras, extras + EXTRA_INSIDE * lanes + p)
        fee = load(fast.cells, cell + CELL_FEE)
        exact = exact + where_positive(paid, fee, load(fast.lanes, LANE_BIAS * lanes + p))
        exact = exact + load(fast.extras, extras + EXTRA_FLAT * lanes + p)
        _charge(fast, state, p, exact, drawn, where_set(included, paid, zero))


@compiled_wide
def _billed(fast: FastTables, pattern: int, p: int, seconds: float) -> Vector:
    """Return what is billed of some seconds in the lanes from `p` on: whole increments."""
    lanes = fast.lanes.shape[1]
    steps = pattern * STEPS * lanes + p
    first = load(fast.increments, steps + STEP_FIRST * lanes)
    half = load(fast.increments, steps + STEP_HALF * lanes)
    over = most(spread(seconds) - (first - half), half)
    count = over * load(fast.increments, steps + STEP_INVERSE * lanes) + spread(WHOLE)
    return first + load(fast.increments, steps + STEP_NEXT * lanes) * (count - spread(WHOLE))


@compiled_wide
def _charge(
    fast: FastTables, state: Floats, p: int, exact: Vector, drawn: Vector, overage: Vector
) -> None:
    """Add a call to the lanes from `p` on: what it costs, draws, and pays beyond an allowance."""
    lanes = fast.lanes.shape[1]
    rounding = load(fast.lanes, LANE_INVERSE * lanes + p)
    charge = exact * rounding + spread(WHOLE) - spread(WHOLE)
    for column, change in (
        (STATE_CHARGED, charge),
        (STATE_OVERAGE, overage),
        (STATE_ROOM, spread(0.0) - drawn),
    ):
        at = column * lanes + p
        store(state, at, load(state, at) + change)


@compiled_wide
def _are_alike(fast: FastTables, one: int, other: int) -> bool:
    """Whether two rows differ in prices only, so that a call may pass from one to the other."""
    if (fast.marks[one] | fast.marks[other]) & (MIXED | UNEQUAL):
        return False
    if fast.patterns[one, 0] != fast.patterns[other, 0]:
        return False
    for word in range(fast.refused.shape[1]):
        if fast.refused[one, word] != fast.refused[other, word]:
            return False
    return True


@compiled_wide
def _count_refusals(fast: FastTables, r: int, row: int, seconds: int, measures: Measures) -> None:
    """Count a call on every plan that refuses it."""
    for p in range(len(fast.plans)):
        status = wide(fast.status[r, p])
        if status != RATED:
            measures.calls[status - 1, row, fast.columns[p]] += 1
            measures.seconds[status - 1, row, fast.columns[p]] += seconds


@compiled_wide
def _find_special(
    fast: FastTables,
    lane: FastState,
    r: int,
    crosses: bool,
    alike: bool,
    seconds: float,
) -> int:
    """List the lanes that the exact lane has to rate, keep their state; return how many.

    Of a call that crosses into a row alike, only allowances that take part of it need that.
    """
    o = fast.patterns[r, 1]
    count = 0
    for p in range(len(fast.plans)):
        banded = crosses and fast.banded[r, p] != 0
        found = banded and not alike
        if not found and (fast.unequal[r, p] or (banded and _is_included(fast, r, p))):
            half = fast.increments[o, STEP_HALF, p]
            over = max(seconds - (fast.increments[o, STEP_FIRST, p] - half), half)
            steps = over * fast.increments[o, STEP_INVERSE, p] + WHOLE - WHOLE
            wanted = fast.increments[o, STEP_FIRST, p] + fast.increments[o, STEP_NEXT, p] * steps
            found = 0.0 < lane.now[STATE_ROOM, p] < wanted
        if found:
            for column in range(3):
                lane.kept[column, p] = lane.now[column, p]
            lane.special[count] = p
            count += 1
    return count


@compiled_wide
def _is_included(fast: FastTables, r: int, p: int) -> bool:
    """Whether the allowance of a lane serves the calls of a row."""
    return bool(wide(fast.included[r, p // WIDTH]) >> (p % WIDTH) & 1)


@compiled_wide
def _charge_exactly(
    fast: FastTables,
    tables: Integers,
    clock: BandClock,
    state: Floats,
    exact: Integers,
    lane: int,
    epoch: int,
    terms: int,
    class_index: int,
    call: CallAt,
) -> int:
    """Rate a call on one lane in the exact lane; return its outcome."""
    plan = fast.plans[lane]
    limit = fast.lanes[LANE_LIMIT, lane]
    used = wide(limit - state[STATE_ROOM, lane])
    meter = fast.meters[lane, 0]
    for j in range(2):
        if fast.meters[lane, j] != NO_METER:
            exact[exact[S_USED] + fast.meters[lane, j]] = used
    chain = at(tables, T_CHAINS, at(tables, T_CHAINS_OF, plan, terms), class_index)
    treatment = at(tables, T_ROWS, at(tables, T_ROW_OF, plan, epoch), class_index)
    hours = BandEdges(clock.edges, clock.bands)
    outcome = rate_call(tables, hours, exact, plan, treatment, chain, terms, call, False)
    state[STATE_CHARGED, lane] += exact[exact[S_OUT] + OUT_AMOUNT] // wide(
        fast.lanes[LANE_STEP, lane]
    )
    if at(tables, T_CHAIN, chain, 0) < at(tables, T_CHAIN, chain, 1):
        state[STATE_OVERAGE, lane] += exact[exact[S_OUT] + OUT_PAID]
        state[STATE_ROOM, lane] = limit - exact[exact[S_USED] + meter]
    return outcome


@compiled_wide
def _finish(
    fast: FastTables,
    state: Floats,
    row: int,
    measures: Measures,
    detail: bool,
) -> None:
    """End a cycle: write what its calls cost."""
    for p in range(len(fast.plans)):
        column = fast.columns[p]
        charged = wide(state[STATE_CHARGED, p]) * wide(fast.lanes[LANE_STEP, p])
        measures.usage[row, column] = charged
        if detail:
            measures.overage[row, column] = wide(state[STATE_OVERAGE, p])
