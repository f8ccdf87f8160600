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
    CELL_FLAT,
    CELL_INCLUDED,
    CELL_INSIDE,
    CELL_PRICE,
    CELLS,
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
)


@compiled_wide
def rate_fast(
    fast: FastTables,
    tables: Integers,
    clock: BandClock,
    placed: Placed,
    exact: Integers,
    lane: FastState,
    units: Units,
    values: Values,
    measures: Measures,
    detail: bool,
    misses: bool,
) -> None:
    """Rate every unit on every plain plan."""
    state = lane.now
    words = fast.refused.shape[1]
    for u in range(len(units.customer)):
        c = units.customer[u]
        shift = units.shift[u]
        current = -1
        terms = 0
        run = 0
        pattern = 0
        for k in range(placed.first[c], placed.first[c + 1]):
            row = wide(placed.row[k])
            if row < 0:
                continue
            if row != current:
                if current >= 0:
                    charge_run(fast, lane, pattern, run, detail)
                    run = 0
                    _finish(fast, state, current + shift, measures, detail)
                current = row
                terms = values.fixed if values.fixed >= 0 else wide(values.row_epoch[row])
                _begin(fast, state)
            packed = placed.records[k, PACKED]
            whole_seconds = packed & SECONDS_MASK
            if whole_seconds == 0:
                continue
            place = packed >> SHIFT
            edge = wide(placed.edges[k])
            epoch = values.fixed if values.fixed >= 0 else wide(clock.epochs[edge])
            pair = fast.pair_of[terms, epoch]
            class_index = wide(placed.place_class[place])
            r = wide(fast.row_of[pair, class_index, clock.codes[edge]])
            marks = fast.marks[r]
            seconds = float(whole_seconds)
            q = wide(fast.patterns[r, 0])
            start = placed.records[k, START]
            if marks & REFUSES:
                if misses:
                    for word in range(words):
                        measures.missed[k, word] |= fast.refused[r, word]
                if detail:
                    _count_refusals(fast, r, current + shift, whole_seconds, measures)
            crosses = marks & BANDED and clock.edges[edge + 1] < start + whole_seconds
            if not crosses and not marks & (MIXED | UNEQUAL):
                if run == RUN or q != pattern:
                    charge_run(fast, lane, pattern, run, detail)
                    run = 0
                    pattern = q
                lane.rows[run] = r
                lane.seconds[run] = seconds
                run += 1
                continue
            charge_run(fast, lane, pattern, run, detail)
            run = 0
            crossed = r
            if crosses:
                crossed = wide(fast.row_of[pair, class_index, clock.codes[edge + 1]])
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
                        bit = np.uint64(1) << np.uint64(plan % WORD)
                        measures.missed[k, plan // WORD] |= bit
                    if detail:
                        measures.calls[outcome - 1, current + shift, column] += 1
                        measures.seconds[outcome - 1, current + shift, column] += whole_seconds
        if current >= 0:
            charge_run(fast, lane, pattern, run, detail)
            _finish(fast, state, current + shift, measures, detail)


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
    cells, others = r * CELLS * lanes, crossed * CELLS * lanes
    for p in range(0, lanes, WIDTH):
        billed = _billed(fast, pattern, p, seconds)
        included = load(fast.cells, cells + CELL_INCLUDED * lanes + p)
        room = load(state, STATE_ROOM * lanes + p)
        drawn = least(billed, room * included)
        paid = billed - drawn
        early = least(_billed(fast, pattern, p, before), paid)
        exact = early * load(fast.cells, cells + CELL_PRICE * lanes + p)
        exact = exact + (paid - early) * load(fast.cells, others + CELL_PRICE * lanes + p)
        fee = load(fast.cells, cells + CELL_FEE * lanes + p)
        exact = exact + where_positive(paid, fee, spread(0.0))
        _charge(fast, state, p, exact, drawn, paid * included)


@compiled_wide
def _charge_mixed(fast: FastTables, state: Floats, r: int, seconds: float) -> None:
    """Charge a call as `_charge_run` does, with prices inside, surcharges, own increments."""
    lanes = fast.lanes.shape[1]
    cells = r * CELLS * lanes
    rate, draw = wide(fast.patterns[r, 0]), wide(fast.patterns[r, 1])
    for p in range(0, lanes, WIDTH):
        wanted = _billed(fast, draw, p, seconds)
        included = load(fast.cells, cells + CELL_INCLUDED * lanes + p)
        room = load(state, STATE_ROOM * lanes + p) * included
        drawn = least(wanted, room)
        left = _billed(fast, rate, p, seconds) - room
        paid = where_positive(wanted - room, left, spread(0.0))
        exact = paid * load(fast.cells, cells + CELL_PRICE * lanes + p)
        exact = exact + drawn * load(fast.cells, cells + CELL_INSIDE * lanes + p)
        fee = load(fast.cells, cells + CELL_FEE * lanes + p)
        exact = exact + where_positive(paid, fee, load(fast.lanes, LANE_BIAS * lanes + p))
        exact = exact + load(fast.cells, cells + CELL_FLAT * lanes + p)
        _charge(fast, state, p, exact, drawn, paid * included)


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
        if not found and (fast.unequal[r, p] or (banded and fast.cells[r, CELL_INCLUDED, p] > 0.0)):
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
