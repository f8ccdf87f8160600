"""The exact lane over customers and cycles, and what a cycle adds when it ends."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.clocks import BandClock
from plan_rules.batch.compiled import compiled
from plan_rules.batch.exact import (
    OUT_AMOUNT,
    OUT_PAID,
    SIXTY,
    CallAt,
    CallState,
    new_state,
    rate_call,
    rounded,
    taxed,
)
from plan_rules.batch.grouping import NUMBER, PACKED, PLACE_SHIFT, SECONDS_MASK, START, number_ids
from plan_rules.batch.tables import (
    GRADUATED,
    METER_DAILY,
    METER_SLOT,
    NONE,
    PLAN_INTRO_CYCLES,
    PLAN_INTRO_FEE,
    PLAN_MAKERS,
    PLAN_METERS,
    PLAN_METERS_END,
    PLAN_MODE,
    PLAN_SLOTS,
    PLAN_STEP,
    PLAN_VOLUMES,
    PLAN_VOLUMES_END,
    RATED,
    VOLUME_COUNTS_CALLS,
    VOLUME_FREE,
    VOLUME_METER,
    VOLUME_MODEL,
    VOLUME_PACKAGE_PRICE,
    VOLUME_PACKAGE_SIZE,
    VOLUME_TIER_FLAT,
    VOLUME_TIER_PRICE,
    VOLUME_TIER_UP_TO,
    VOLUME_TIERS,
    VOLUME_TIERS_END,
    WHOLE_VOLUME,
    PlanTables,
    TaxTable,
)

NEVER = 2**40
"""The cycle in which an intro price began that is not the customer's: after every other."""

WORD = 64
"""Plans whose missed calls one word tells of."""


class Placed(NamedTuple):
    """Calls by customer with all that plans need to know of them; one entry for each call.

    `row` is the call's row in the table of cycles at hand, -1 outside of it.
    """

    records: NDArray[np.int64]
    first: NDArray[np.int64]
    days: NDArray[np.int32]
    edges: NDArray[np.int32]
    row: NDArray[np.int32]
    place_class: NDArray[np.int32]
    place_country: NDArray[np.int32]


class Units(NamedTuple):
    """What is rated: a customer, the country chosen (-1: none), and how far its rows are moved."""

    customer: NDArray[np.int64]
    chosen: NDArray[np.int64]
    shift: NDArray[np.int64]


class Values(NamedTuple):
    """Whose values hold: the epoch of `fixed`, or, where that is -1, of each call and row."""

    fixed: int
    row_epoch: NDArray[np.int32]


class Measures(NamedTuple):
    """What is measured of each row and plan, as in `CycleTable`.

    `calls` and `seconds` are by outcome (blocked, uncovered, unrated), row and plan; they and
    `overage` are empty where no detail is asked for. `missed` has a bit for each call and plan
    that misses it, or is empty.
    """

    usage: NDArray[np.int64]
    usage_gross: NDArray[np.int64]
    volume: NDArray[np.int64]
    volume_gross: NDArray[np.int64]
    calls: NDArray[np.int32]
    seconds: NDArray[np.int64]
    overage: NDArray[np.int64]
    missed: NDArray[np.uint64]


@compiled
def rate_exactly(
    tables: PlanTables,
    tax: TaxTable,
    clock: BandClock,
    placed: Placed,
    units: Units,
    low: int,
    high: int,
    plans: NDArray[np.int64],
    columns: NDArray[np.int64],
    values: Values,
    measures: Measures,
    detail: bool,  # noqa: FBT001  kernels take positions
    misses: bool,  # noqa: FBT001  kernels take positions
) -> None:
    """Rate units `low` up to `high` on plans, each plan into its column of the measures."""
    most = 0
    for u in range(low, high):
        c = units.customer[u]
        most = max(most, placed.first[c + 1] - placed.first[c])
    meters, slots, makers = 1, 0, 1
    for p in plans:
        meters = max(meters, tables.plans[p, PLAN_METERS_END] - tables.plans[p, PLAN_METERS])
        slots = max(slots, tables.plans[p, PLAN_SLOTS])
        makers = max(makers, tables.plans[p, PLAN_MAKERS])
    parts = 8 + len(tables.chain_uses) + len(tables.surcharges)
    state = new_state(meters, slots, most if slots else 0, makers, parts)
    ids = np.zeros(most, np.int64)
    stamp = np.zeros(1, np.int64)
    for u in range(low, high):
        c = units.customer[u]
        begin, end = placed.first[c], placed.first[c + 1]
        if begin == end:
            continue
        if slots:
            number_ids(placed.records, begin, end, ids)
        for k in range(len(plans)):
            _rate_plan(
                tables, tax, clock, placed, state, stamp, ids, c, units.chosen[u],
                units.shift[u], plans[k], columns[k], values, measures, detail, misses,
            )  # fmt: skip


@compiled
def _rate_plan(
    tables: PlanTables,
    tax: TaxTable,
    clock: BandClock,
    placed: Placed,
    state: CallState,
    stamp: NDArray[np.int64],
    ids: NDArray[np.int64],
    customer: int,
    chosen: int,
    shift: int,
    plan: int,
    column: int,
    values: Values,
    measures: Measures,
    detail: bool,  # noqa: FBT001  kernels take positions
    misses: bool,  # noqa: FBT001  kernels take positions
) -> None:
    begin, end = placed.first[customer], placed.first[customer + 1]
    meters, meters_end = tables.plans[plan, PLAN_METERS], tables.plans[plan, PLAN_METERS_END]
    daily = False
    for m in range(meters, meters_end):
        daily |= tables.meters[m, METER_DAILY] != 0
    word, bit = plan // WORD, np.uint64(1) << np.uint64(plan % WORD)
    current = -1
    today = -1
    usage = 0
    terms = 0
    for k in range(begin, end):
        row = np.int64(placed.row[k])
        if row < 0:
            continue
        if row != current:
            if current >= 0:
                _finish(tables, tax, state, plan, column, current + shift, usage, measures)
            current, usage, today = row, 0, -1
            _reset(tables, tax, state, stamp, plan)
            terms = values.fixed if values.fixed >= 0 else np.int64(values.row_epoch[row])
        if daily and np.int64(placed.days[k]) != today:
            today = np.int64(placed.days[k])
            _new_day(tables, state, stamp, plan)
        edge = np.int64(placed.edges[k])
        epoch = values.fixed if values.fixed >= 0 else np.int64(clock.epochs[edge])
        packed = placed.records[k, PACKED]
        seconds, place = packed & SECONDS_MASK, packed >> PLACE_SHIFT
        index = placed.place_class[place]
        chain = np.int64(tables.chains[tables.chains_of[plan, terms], index])
        call = CallAt(
            placed.records[k, START],
            seconds,
            edge,
            ids[k - begin],
            np.int64(placed.place_country[place]),
            chosen,
        )
        treatment = np.int64(tables.rows[tables.row_of[plan, epoch], index])
        outcome = rate_call(tables, clock, state, plan, treatment, chain, terms, call, tax.added)
        usage += state.out[OUT_AMOUNT]
        if outcome != RATED:
            if detail:
                measures.calls[outcome - 1, current + shift, column] += 1
                measures.seconds[outcome - 1, current + shift, column] += seconds
            if misses:
                measures.missed[k, word] |= bit
        elif detail and tables.chain[chain, 0] < tables.chain[chain, 1]:
            measures.overage[current + shift, column] += state.out[OUT_PAID]
    if current >= 0:
        _finish(tables, tax, state, plan, column, current + shift, usage, measures)


@compiled
def _reset(
    tables: PlanTables, tax: TaxTable, state: CallState, stamp: NDArray[np.int64], plan: int
) -> None:
    """Begin a cycle: nothing is used, no number known, no line written."""
    meters = tables.plans[plan, PLAN_METERS_END] - tables.plans[plan, PLAN_METERS]
    state.used[:meters] = 0
    if tables.plans[plan, PLAN_SLOTS]:
        stamp[0] += 1
        state.current[: tables.plans[plan, PLAN_SLOTS]] = stamp[0]
    if tax.added:
        state.line_sixtieths[: tables.plans[plan, PLAN_MAKERS]] = 0
        state.line_amounts[: tables.plans[plan, PLAN_MAKERS]] = 0


@compiled
def _new_day(tables: PlanTables, state: CallState, stamp: NDArray[np.int64], plan: int) -> None:
    """Begin a local day: the daily meters go back to nothing."""
    first = tables.plans[plan, PLAN_METERS]
    for m in range(first, tables.plans[plan, PLAN_METERS_END]):
        if tables.meters[m, METER_DAILY]:
            state.used[m - first] = 0
            slot = tables.meters[m, METER_SLOT]
            if slot >= 0:
                stamp[0] += 1
                state.current[slot] = stamp[0]


@compiled
def _finish(
    tables: PlanTables,
    tax: TaxTable,
    state: CallState,
    plan: int,
    column: int,
    row: int,
    usage: int,
    measures: Measures,
) -> None:
    """End a cycle: write its usage, price its volumes, add the tax of every line."""
    volume, volume_gross = 0, 0
    step, mode = tables.plans[plan, PLAN_STEP], tables.plans[plan, PLAN_MODE]
    for v in range(tables.plans[plan, PLAN_VOLUMES], tables.plans[plan, PLAN_VOLUMES_END]):
        used = state.used[tables.volumes[v, VOLUME_METER]]
        if used:
            sixtieths = _volume(tables, v, used)
            amount = rounded(sixtieths, SIXTY * step, step, mode)
            volume += amount
            volume_gross += gross_usage(tax, sixtieths, amount)
    measures.usage[row, column] = usage
    measures.volume[row, column] = volume
    if tax.added:
        gross = 0
        for maker in range(tables.plans[plan, PLAN_MAKERS]):
            gross += gross_usage(tax, state.line_sixtieths[maker], state.line_amounts[maker])
        measures.usage_gross[row, column] = gross
        measures.volume_gross[row, column] = volume_gross


@compiled
def gross_usage(tax: TaxTable, sixtieths: int, amount: int) -> int:
    """Return a line of usage with the tax that is added to it."""
    if not tax.added:
        return amount
    return taxed(sixtieths, amount, tax.usage_numerator, tax.usage_denominator, tax.step, tax.mode)


@compiled
def _volume(tables: PlanTables, volume: int, used: int) -> int:
    """Price the units of a cycle in sixtieths of a micro: a minute is sixty, a call is sixty."""
    units = used * SIXTY if tables.volumes[volume, VOLUME_COUNTS_CALLS] else used
    paid = max(0, units - tables.volumes[volume, VOLUME_FREE] * SIXTY)
    model = tables.volumes[volume, VOLUME_MODEL]
    first, end = tables.volumes[volume, VOLUME_TIERS], tables.volumes[volume, VOLUME_TIERS_END]
    total = 0
    if model == GRADUATED:
        reached = 0
        for k in range(first, end):
            if paid <= reached:
                break
            up_to = tables.volume_tiers[k, VOLUME_TIER_UP_TO]
            top = paid if up_to == NONE else min(paid, up_to * SIXTY)
            total += (top - reached) * tables.volume_tiers[k, VOLUME_TIER_PRICE]
            total += SIXTY * tables.volume_tiers[k, VOLUME_TIER_FLAT]
            reached = top
    elif model == WHOLE_VOLUME:
        if paid:
            for k in range(first, end):
                up_to = tables.volume_tiers[k, VOLUME_TIER_UP_TO]
                if up_to == NONE or paid <= up_to * SIXTY:
                    total = paid * tables.volume_tiers[k, VOLUME_TIER_PRICE]
                    total += SIXTY * tables.volume_tiers[k, VOLUME_TIER_FLAT]
                    break
    else:
        size = tables.volumes[volume, VOLUME_PACKAGE_SIZE] * SIXTY
        total = -(-paid // size) * tables.volumes[volume, VOLUME_PACKAGE_PRICE] * SIXTY
    return total


@compiled
def settle(
    tables: PlanTables,
    tax: TaxTable,
    plans: NDArray[np.int64],
    measures: Measures,
    values: Values,
    row_customer: NDArray[np.int32],
    row_index: NDArray[np.int32],
    joined: NDArray[np.int64],
    present: NDArray[np.int32],
    low: int,
    high: int,
    fees: NDArray[np.int64],
    totals: NDArray[np.int64],
) -> None:
    """Write fee and total of rows `low` up to `high`: usage, volumes, minimum spend, fee, tax.

    `joined` is the cycle in which each customer's intro price began, `NEVER` where it is not
    theirs; it is that of the plan they are on, or of any plan where they are on none.
    """
    for row in range(low, high):
        terms = values.fixed if values.fixed >= 0 else np.int64(values.row_epoch[row])
        customer = row_customer[row]
        since = np.int64(row_index[row]) - joined[customer]
        for k in range(len(plans)):
            plan = plans[k]
            usage = measures.usage[row, k] + measures.volume[row, k]
            total = measures.usage_gross[row, k] + measures.volume_gross[row, k]
            least = tables.minimums[plan, terms]
            if least:
                missing = max(0, least - usage)
                total += gross_usage(tax, missing * SIXTY, missing)
            fee = tables.fees[plan, terms]
            stays = present[customer] < 0 or present[customer] == plan
            if stays and 0 <= since < tables.plans[plan, PLAN_INTRO_CYCLES]:
                fee = tables.plans[plan, PLAN_INTRO_FEE]
            fees[row, k] = fee
            totals[row, k] = total + gross_fee(tax, fee)


@compiled
def gross_fee(tax: TaxTable, fee: int) -> int:
    """Return a fee with the tax that is added to it."""
    if not tax.added:
        return fee
    return taxed(fee * SIXTY, fee, tax.fee_numerator, tax.fee_denominator, tax.step, tax.mode)
