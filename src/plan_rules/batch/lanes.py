"""The exact lane over customers and cycles, and what a cycle adds when it ends."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.clocks import BandClock, BandEdges
from plan_rules.batch.compiled import compiled_bare, wide
from plan_rules.batch.exact import (
    OUT_AMOUNT,
    OUT_PAID,
    S_CURRENT,
    S_LINE_AMOUNTS,
    S_LINE_SIXTIETHS,
    S_OUT,
    S_STAMP,
    S_USED,
    SIXTY,
    CallAt,
    Integers,
    rate_call,
    rounded,
    taxed,
)
from plan_rules.batch.packed import PACKED, SECONDS_MASK, SHIFT, START
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
    T_CHAIN,
    T_CHAINS,
    T_CHAINS_OF,
    T_FEES,
    T_METERS,
    T_MINIMUMS,
    T_PLANS,
    T_ROW_OF,
    T_ROWS,
    T_VOLUME_TIERS,
    T_VOLUMES,
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
    TaxTable,
    at,
)

NEVER = 2**40
"""The cycle in which an intro price began that is not the customer's: after every other."""

WORD = 64
"""Plans whose missed calls one word tells of."""


class Placed(NamedTuple):
    """Calls by customer with all that plans need to know of them; one entry for each call.

    `row` is the call's row in the table of cycles at hand, -1 outside of it. `numbers` tells
    which of the customer's different numbers was called; it is empty where no plan asks.
    """

    records: NDArray[np.int64]
    first: NDArray[np.int64]
    days: NDArray[np.int32]
    edges: NDArray[np.int32]
    numbers: NDArray[np.int32]
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
    that misses it, or is empty. `paid` are all seconds paid by rate, `included` those of calls
    that cost nothing; the exact lane measures them where they are not empty.
    """

    usage: NDArray[np.int64]
    usage_gross: NDArray[np.int64]
    volume: NDArray[np.int64]
    volume_gross: NDArray[np.int64]
    calls: NDArray[np.int32]
    seconds: NDArray[np.int64]
    overage: NDArray[np.int64]
    missed: NDArray[np.uint64]
    paid: NDArray[np.int64]
    included: NDArray[np.int64]


@compiled_bare
def rate_exactly(
    tables: Integers,
    tax: TaxTable,
    clock: BandClock,
    placed: Placed,
    state: Integers,
    units: Units,
    plans: NDArray[np.int64],
    columns: NDArray[np.int64],
    values: Values,
    measures: Measures,
    detail: bool,
    misses: bool,
) -> None:
    """Rate every unit on plans, each plan into its column of the measures."""
    for u in range(len(units.customer)):
        c = units.customer[u]
        begin, end = placed.first[c], placed.first[c + 1]
        if begin == end:
            continue
        for k in range(len(plans)):
            _rate_plan(
                tables, tax, clock, placed, state, c, units.chosen[u],
                units.shift[u], plans[k], columns[k], values, measures, detail, misses,
            )  # fmt: skip


@compiled_bare
def _rate_plan(
    tables: Integers,
    tax: TaxTable,
    clock: BandClock,
    placed: Placed,
    state: Integers,
    customer: int,
    chosen: int,
    shift: int,
    plan: int,
    column: int,
    values: Values,
    measures: Measures,
    detail: bool,
    misses: bool,
) -> None:
    begin, end = placed.first[customer], placed.first[customer + 1]
    meters, meters_end = (
        at(tables, T_PLANS, plan, PLAN_METERS),
        at(tables, T_PLANS, plan, PLAN_METERS_END),
    )
    hours = BandEdges(clock.edges, clock.bands)
    daily = False
    for m in range(meters, meters_end):
        daily |= at(tables, T_METERS, m, METER_DAILY) != 0
    word, bit = plan // WORD, np.uint64(1) << np.uint64(plan % WORD)
    current = -1
    today = -1
    usage = 0
    terms = 0
    for k in range(begin, end):
        row = wide(placed.row[k])
        if row < 0:
            continue
        if row != current:
            if current >= 0:
                _finish(tables, tax, state, plan, column, current + shift, usage, measures)
            current, usage, today = row, 0, -1
            _reset(tables, tax, state, plan)
            terms = values.fixed if values.fixed >= 0 else wide(values.row_epoch[row])
        if daily and wide(placed.days[k]) != today:
            today = wide(placed.days[k])
            _new_day(tables, state, plan)
        edge = wide(placed.edges[k])
        epoch = values.fixed if values.fixed >= 0 else wide(clock.epochs[edge])
        packed = placed.records[k, PACKED]
        seconds, place = packed & SECONDS_MASK, packed >> SHIFT
        index = wide(placed.place_class[place])
        chain = at(tables, T_CHAINS, at(tables, T_CHAINS_OF, plan, terms), index)
        call = CallAt(
            placed.records[k, START],
            seconds,
            edge,
            wide(placed.numbers[k]) if len(placed.numbers) else 0,
            wide(placed.place_country[place]),
            chosen,
        )
        treatment = at(tables, T_ROWS, at(tables, T_ROW_OF, plan, epoch), index)
        outcome = rate_call(tables, hours, state, plan, treatment, chain, terms, call, tax.added)
        usage += state[state[S_OUT] + OUT_AMOUNT]
        if outcome != RATED:
            if detail:
                measures.calls[outcome - 1, current + shift, column] += 1
                measures.seconds[outcome - 1, current + shift, column] += seconds
            if misses:
                measures.missed[k, word] |= bit
        else:
            if detail and at(tables, T_CHAIN, chain, 0) < at(tables, T_CHAIN, chain, 1):
                measures.overage[current + shift, column] += state[state[S_OUT] + OUT_PAID]
            if len(measures.paid):
                measures.paid[current + shift, column] += state[state[S_OUT] + OUT_PAID]
            if len(measures.included) and state[state[S_OUT] + OUT_AMOUNT] == 0:
                measures.included[current + shift, column] += seconds
    if current >= 0:
        _finish(tables, tax, state, plan, column, current + shift, usage, measures)


@compiled_bare
def _reset(tables: Integers, tax: TaxTable, state: Integers, plan: int) -> None:
    """Begin a cycle: nothing is used, no number known, no line written."""
    meters = at(tables, T_PLANS, plan, PLAN_METERS_END) - at(tables, T_PLANS, plan, PLAN_METERS)
    for m in range(meters):
        state[state[S_USED] + m] = 0
    slots = at(tables, T_PLANS, plan, PLAN_SLOTS)
    if slots:
        state[state[S_STAMP]] += 1
        for slot in range(slots):
            state[state[S_CURRENT] + slot] = state[state[S_STAMP]]
    if tax.added:
        for maker in range(at(tables, T_PLANS, plan, PLAN_MAKERS)):
            state[state[S_LINE_SIXTIETHS] + maker] = 0
            state[state[S_LINE_AMOUNTS] + maker] = 0


@compiled_bare
def _new_day(tables: Integers, state: Integers, plan: int) -> None:
    """Begin a local day: the daily meters go back to nothing."""
    first = at(tables, T_PLANS, plan, PLAN_METERS)
    for m in range(first, at(tables, T_PLANS, plan, PLAN_METERS_END)):
        if at(tables, T_METERS, m, METER_DAILY):
            state[state[S_USED] + m - first] = 0
            slot = at(tables, T_METERS, m, METER_SLOT)
            if slot >= 0:
                state[state[S_STAMP]] += 1
                state[state[S_CURRENT] + slot] = state[state[S_STAMP]]


@compiled_bare
def _finish(
    tables: Integers,
    tax: TaxTable,
    state: Integers,
    plan: int,
    column: int,
    row: int,
    usage: int,
    measures: Measures,
) -> None:
    """End a cycle: write its usage, price its volumes, add the tax of every line."""
    volume, volume_gross = 0, 0
    step, mode = at(tables, T_PLANS, plan, PLAN_STEP), at(tables, T_PLANS, plan, PLAN_MODE)
    for v in range(
        at(tables, T_PLANS, plan, PLAN_VOLUMES), at(tables, T_PLANS, plan, PLAN_VOLUMES_END)
    ):
        used = state[state[S_USED] + at(tables, T_VOLUMES, v, VOLUME_METER)]
        if used:
            sixtieths = _volume(tables, v, used)
            amount = rounded(sixtieths, SIXTY * step, step, mode)
            volume += amount
            volume_gross += gross_usage(tax, sixtieths, amount)
    measures.usage[row, column] = usage
    measures.volume[row, column] = volume
    if tax.added:
        gross = 0
        for maker in range(at(tables, T_PLANS, plan, PLAN_MAKERS)):
            gross += gross_usage(
                tax, state[state[S_LINE_SIXTIETHS] + maker], state[state[S_LINE_AMOUNTS] + maker]
            )
        measures.usage_gross[row, column] = gross
        measures.volume_gross[row, column] = volume_gross


@compiled_bare
def gross_usage(tax: TaxTable, sixtieths: int, amount: int) -> int:
    """Return a line of usage with the tax that is added to it."""
    if not tax.added:
        return amount
    return taxed(sixtieths, amount, tax.usage_numerator, tax.usage_denominator, tax.step, tax.mode)


@compiled_bare
def _volume(tables: Integers, volume: int, used: int) -> int:
    """Price the units of a cycle in sixtieths of a micro: a minute is sixty, a call is sixty."""
    units = used * SIXTY if at(tables, T_VOLUMES, volume, VOLUME_COUNTS_CALLS) else used
    paid = max(0, units - at(tables, T_VOLUMES, volume, VOLUME_FREE) * SIXTY)
    model = at(tables, T_VOLUMES, volume, VOLUME_MODEL)
    first, end = (
        at(tables, T_VOLUMES, volume, VOLUME_TIERS),
        at(tables, T_VOLUMES, volume, VOLUME_TIERS_END),
    )
    total = 0
    if model == GRADUATED:
        reached = 0
        for k in range(first, end):
            if paid <= reached:
                break
            up_to = at(tables, T_VOLUME_TIERS, k, VOLUME_TIER_UP_TO)
            top = paid if up_to == NONE else min(paid, up_to * SIXTY)
            total += (top - reached) * at(tables, T_VOLUME_TIERS, k, VOLUME_TIER_PRICE)
            total += SIXTY * at(tables, T_VOLUME_TIERS, k, VOLUME_TIER_FLAT)
            reached = top
    elif model == WHOLE_VOLUME:
        if paid:
            for k in range(first, end):
                up_to = at(tables, T_VOLUME_TIERS, k, VOLUME_TIER_UP_TO)
                if up_to == NONE or paid <= up_to * SIXTY:
                    total = paid * at(tables, T_VOLUME_TIERS, k, VOLUME_TIER_PRICE)
                    total += SIXTY * at(tables, T_VOLUME_TIERS, k, VOLUME_TIER_FLAT)
                    break
    else:
        size = at(tables, T_VOLUMES, volume, VOLUME_PACKAGE_SIZE) * SIXTY
        total = -(-paid // size) * at(tables, T_VOLUMES, volume, VOLUME_PACKAGE_PRICE) * SIXTY
    return total


@compiled_bare
def settle(
    tables: Integers,
    tax: TaxTable,
    plans: NDArray[np.int64],
    measures: Measures,
    values: Values,
    row_customer: NDArray[np.int32],
    row_index: NDArray[np.int32],
    joined: NDArray[np.int64],
    present: NDArray[np.int32],
    fees: NDArray[np.int64],
    totals: NDArray[np.int64],
) -> None:
    """Write fee and total of every row: usage, volumes, minimum spend, fee, tax.

    `joined` is the cycle in which each customer's intro price began, `NEVER` where it is not
    theirs; it is that of the plan they are on, or of any plan where they are on none.
    """
    for row in range(len(row_customer)):
        terms = values.fixed if values.fixed >= 0 else wide(values.row_epoch[row])
        customer = row_customer[row]
        since = wide(row_index[row]) - joined[customer]
        for k in range(len(plans)):
            plan = plans[k]
            usage = measures.usage[row, k] + measures.volume[row, k]
            total = measures.usage_gross[row, k] + measures.volume_gross[row, k]
            least = at(tables, T_MINIMUMS, plan, terms)
            if least:
                missing = max(0, least - usage)
                total += gross_usage(tax, missing * SIXTY, missing)
            fee = at(tables, T_FEES, plan, terms)
            stays = present[customer] < 0 or present[customer] == plan
            if stays and 0 <= since < at(tables, T_PLANS, plan, PLAN_INTRO_CYCLES):
                fee = at(tables, T_PLANS, plan, PLAN_INTRO_FEE)
            fees[row, k] = fee
            totals[row, k] = total + gross_fee(tax, fee)


@compiled_bare
def gross_fee(tax: TaxTable, fee: int) -> int:
    """Return a fee with the tax that is added to it."""
    if not tax.added:
        return fee
    return taxed(fee * SIXTY, fee, tax.fee_numerator, tax.fee_denominator, tax.step, tax.mode)
