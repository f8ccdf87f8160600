"""Many bills adjusted: which effects fire on each is looked up, then added up."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.compiled import compiled, compiled_bare, wide
from plan_rules.batch.cycles import Cut, anchor_of, boundary, cycle_index
from plan_rules.batch.lanes import Measures, Units, Values
from plan_rules.batch.packed import PACKED, SECONDS_MASK
from plan_rules.batch.rules.adjusting import FITS, WORK_COLUMNS, adjust_bill
from plan_rules.batch.rules.keys import ABSENT, Slots, number_of
from plan_rules.batch.rules.programs import F_FIRST, F_STEADY, NO_PROGRAM
from plan_rules.batch.rules.rulebook import (
    CUT_BEGIN,
    CUT_COLUMNS,
    CUT_END,
    CUT_FACT,
    CUT_WORTH,
    OF_CALLS,
    OF_FEE,
    OF_MINUTES,
    OF_PAID_MINUTES,
    OF_TOTAL,
    OF_USAGE,
    BillCuts,
)
from plan_rules.batch.rules.usage import MINUTE, mean
from plan_rules.batch.sums import Horizon
from plan_rules.batch.tables import (
    PLAN_INTRO_CYCLES,
    PLAN_INTRO_FEE,
    PLAN_MODE,
    PLAN_STEP,
    T_FEES,
    T_MINIMUMS,
    T_PLANS,
    at,
)

WANTED = 1 << 16
"""Keys that are asked about at once."""

BEYOND = 1 << 12
"""Bills at least that may be left to fractions at once."""

# Columns of a bill that is left to fractions: where it belongs (unit or row, column), how many
# times it counts, the bill as priced, and the effects that fired.
B_WHERE, B_COLUMN, B_TIMES, B_USAGE, B_FEE, B_PROGRAM = 0, 1, 2, 3, 4, 5
B_COLUMNS = 6


class Brought(NamedTuple):
    """What fires where and brings what, and which facts of a bill rules tell apart.

    `flat` is the flat form of the programs, of which there are `programs`, the longest of
    `longest` effects. `slots` have the program of each key of a bill.
    """

    flat: NDArray[np.int64]
    programs: int
    longest: int
    slots: Slots
    cuts: BillCuts
    stretch_cuts: NDArray[np.int64]


class RowCounts(NamedTuple):
    """Of each row, answered calls and called seconds; empty where no rule asks."""

    answered: NDArray[np.int64]
    seconds: NDArray[np.int64]


class Pending(NamedTuple):
    """What a kernel leaves undone: keys nobody asked about, and bills that 64 bits do not hold.

    `done` marks what is not to be done again; `counts` says how many keys and bills there are.
    """

    done: NDArray[np.bool_]
    wanted: NDArray[np.int64]
    beyond: NDArray[np.int64]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, rows: int, columns: int, *, most: int) -> Pending:
        """Return room for so many bills of one row and column at most."""
        return cls(
            np.zeros((rows, columns), np.bool_),
            np.empty(WANTED, np.int64),
            np.empty((max(BEYOND, most), B_COLUMNS), np.int64),
            np.zeros(2, np.int64),
        )


@compiled
def count_answered(
    records: NDArray[np.int64], row_of: NDArray[np.int32], rows: int
) -> NDArray[np.int64]:
    """Return the answered calls of each row."""
    found = np.zeros(rows, np.int64)
    for k in range(len(records)):
        if row_of[k] >= 0 and records[k, PACKED] & SECONDS_MASK:
            found[row_of[k]] += 1
    return found


@compiled_bare
def _kind(
    cuts: NDArray[np.int64],
    usage: int,
    fee: int,
    calls: int,
    seconds: int,
    paid: int,
    missed: int,
) -> int:
    """Return the kind of a bill: for each fact that rules ask for, the interval it lies in.

    `calls` and `seconds` are those carried.
    """
    kind = 0
    for index in range(cuts[0]):
        told = 1 + CUT_COLUMNS * index
        fact = cuts[told + CUT_FACT]
        value = missed
        if fact == OF_TOTAL:
            value = usage + fee
        elif fact == OF_USAGE:
            value = usage
        elif fact == OF_FEE:
            value = fee
        elif fact == OF_CALLS:
            value = calls
        elif fact == OF_MINUTES:
            value = mean(seconds, MINUTE)
        elif fact == OF_PAID_MINUTES:
            value = mean(paid, MINUTE)
        begin = place = cuts[told + CUT_BEGIN]
        while place < cuts[told + CUT_END] and cuts[place] <= value:
            place += 1
        kind += (place - begin) * cuts[told + CUT_WORTH]
    return kind


@compiled_bare
def _want(pending: Pending, key: int) -> None:
    count = pending.counts[0]
    if count < len(pending.wanted) and (count == 0 or pending.wanted[count - 1] != key):
        pending.wanted[count] = key
        pending.counts[0] = count + 1


@compiled_bare
def _leave(
    pending: Pending, where: int, column: int, times: int, usage: int, fee: int, program: int
) -> bool:
    """Leave a bill to fractions; return whether there was room for it."""
    count = pending.counts[1]
    if count == len(pending.beyond):
        return False
    pending.beyond[count, B_WHERE] = where
    pending.beyond[count, B_COLUMN] = column
    pending.beyond[count, B_TIMES] = times
    pending.beyond[count, B_USAGE] = usage
    pending.beyond[count, B_FEE] = fee
    pending.beyond[count, B_PROGRAM] = program
    pending.counts[1] = count + 1
    return True


# What the steady part of each program brings to a bill on the plan at hand, a row a program: the
# fee it was found for (below 0: it was not), and what `adjust_bill` returns.
S_FEE, S_HELD, S_NET, S_TAXED, S_OFF = 0, 1, 2, 3, 4
S_COLUMNS = 5


@compiled_bare
def _adjusted(
    flat: NDArray[np.int64], steady: NDArray[np.int64], program: int, step: int, mode: int,
    usage: int, fee: int, work: NDArray[np.int64],
) -> tuple[bool, int, int]:  # fmt: skip
    """Return what a program brings to a bill, and whether 64 bits held it."""
    begin, end = flat[flat[F_FIRST] + program], flat[flat[F_FIRST] + program + 1]
    middle = flat[flat[F_STEADY] + program]
    if steady[program, S_FEE] != fee:
        held, net, taxed, off = adjust_bill(flat, begin, middle, step, mode, 0, fee, 0, work)
        steady[program, S_FEE] = fee
        steady[program, S_HELD] = held
        steady[program, S_NET] = net
        steady[program, S_TAXED] = taxed
        steady[program, S_OFF] = off
    net, taxed = steady[program, S_NET], steady[program, S_TAXED]
    if steady[program, S_HELD] == 0:
        return False, 0, 0
    if middle == end:
        return True, net, taxed
    held, more, more_taxed, _ = adjust_bill(
        flat, middle, end, step, mode, usage, fee, steady[program, S_OFF], work
    )
    # Each is far below the end of 64 bits, and so is their sum.
    return held, net + more, taxed + more_taxed


@compiled
def adjust_rows(
    tables: NDArray[np.int64],
    brought: Brought,
    plans: NDArray[np.int64],
    values: Values,
    measures: Measures,
    counts: RowCounts,
    stretch: NDArray[np.int64],
    classes: NDArray[np.int32],
    fees: NDArray[np.int64],
    pending: Pending,
    nets: NDArray[np.int64],
    totals: NDArray[np.int64],
) -> None:
    """Write what rules bring to the bill of each row and plan, and add it, taxed, to the total."""
    stretches, kinds = len(brought.stretch_cuts) + 1, brought.cuts.kinds
    flat, cuts, slots = brought.flat, brought.cuts.flat, brought.slots
    steady = np.full((len(plans), brought.programs, S_COLUMNS), -1, np.int64)
    work = np.zeros((max(1, brought.longest), WORK_COLUMNS), np.int64)
    tells_missed, tells_paid = len(counts.answered) > 0, len(measures.paid) > 0
    calls, seconds, paid, missed = wide(0), wide(0), wide(0), wide(0)
    pending.counts[:] = 0
    for row in range(len(stretch)):
        terms = values.fixed if values.fixed >= 0 else wide(values.row_epoch[row])
        for k in range(len(plans)):
            if pending.done[row, k]:
                continue
            plan = plans[k]
            usage = measures.usage[row, k] + measures.volume[row, k]
            usage = max(usage, at(tables, T_MINIMUMS, plan, terms))
            fee = fees[row, k]
            key = (wide(classes[row, k]) * stretches + stretch[row]) * kinds
            if kinds > 1:
                if tells_missed:
                    calls, seconds, missed = counts.answered[row], counts.seconds[row], 0
                    for outcome in range(measures.calls.shape[0]):
                        missed += wide(measures.calls[outcome, row, k])
                        seconds -= measures.seconds[outcome, row, k]
                    calls -= missed
                if tells_paid:
                    paid = measures.paid[row, k]
                key += _kind(cuts, usage, fee, calls, seconds, paid, missed)
            program = number_of(slots, key)
            if program == ABSENT:
                _want(pending, key)
                continue
            if program != NO_PROGRAM:
                held, net, gross = _adjusted(
                    flat, steady[k], program, at(tables, T_PLANS, plan, PLAN_STEP),
                    at(tables, T_PLANS, plan, PLAN_MODE), usage, fee, work,
                )  # fmt: skip
                if held and abs(float(totals[row, k])) + abs(float(gross)) < FITS:
                    nets[row, k] = net
                    totals[row, k] += gross
                elif not _leave(pending, row, k, 1, usage, fee, program):
                    continue
            pending.done[row, k] = True


@compiled
def runs_ahead(
    cut: Cut,
    horizon: Horizon,
    stretch_cuts: NDArray[np.int64],
    customers: NDArray[np.int64],
    epoch: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return runs of cycles ahead that start in an epoch and in one stretch, and where each starts.

    A run is its first cycle ahead, how many there are, the cycle of today, and the stretch; those
    of unit u are the runs `first[u]` up to `first[u + 1]`.
    """
    first = np.zeros(len(customers) + 1, np.int64)
    runs = np.empty((len(customers) * (len(stretch_cuts) + 1), 4), np.int64)
    found = 0
    for u in range(len(customers)):
        anchor = anchor_of(cut, wide(horizon.anchors[customers[u]]), horizon.month_starts)
        now = cycle_index(cut, anchor, horizon.as_of, horizon.month_starts)
        for ahead in range(horizon.cycles):
            start = max(horizon.as_of, boundary(cut, anchor, now + ahead, horizon.month_starts))
            if np.searchsorted(horizon.epoch_days, start, "right") - 1 != epoch:
                continue
            stretch = np.searchsorted(stretch_cuts, start, "right")
            if found > first[u] and runs[found - 1, 3] == stretch:
                runs[found - 1, 1] += 1
            else:
                runs[found, 0], runs[found, 1], runs[found, 2] = ahead, 1, now
                runs[found, 3] = stretch
                found += 1
        first[u + 1] = found
    return runs, first


@compiled
def add_adjustments(
    tables: NDArray[np.int64],
    brought: Brought,
    horizon: Horizon,
    runs: NDArray[np.int64],
    first_run: NDArray[np.int64],
    plans: NDArray[np.int64],
    units: Units,
    first_row: NDArray[np.int64],
    measures: Measures,
    counts: RowCounts,
    epoch: int,
    classes: NDArray[np.int32],
    denied: NDArray[np.bool_],
    pending: Pending,
    totals: NDArray[np.int64],
) -> None:
    """Add to `totals` [units, plans] what rules bring to the cycles ahead that start in an epoch.

    As `add_epoch` adds the bills themselves: for each cycle those of the whole history. `runs`
    are those of `runs_ahead`; `classes` and `denied` (no intro price) are by unit and plan.
    """
    stretches, kinds = len(brought.stretch_cuts) + 1, brought.cuts.kinds
    flat, cuts, slots = brought.flat, brought.cuts.flat, brought.slots
    # The fee and the intro price of each plan.
    steady = np.full((2 * len(plans), brought.programs, S_COLUMNS), -1, np.int64)
    work = np.zeros((max(1, brought.longest), WORK_COLUMNS), np.int64)
    tells_missed, tells_paid = len(counts.answered) > 0, len(measures.paid) > 0
    calls, seconds, paid, missed = wide(0), wide(0), wide(0), wide(0)
    pending.counts[:] = 0
    for u in range(len(units.customer)):
        c, shift = units.customer[u], units.shift[u]
        begin, end = first_row[c], first_row[c + 1]
        if begin == end:
            continue
        present = wide(horizon.present[c])
        for k in range(len(plans)):
            if pending.done[u, k]:
                continue
            plan = plans[k]
            step, mode = at(tables, T_PLANS, plan, PLAN_STEP), at(tables, T_PLANS, plan, PLAN_MODE)
            least = at(tables, T_MINIMUMS, plan, epoch)
            intro_cycles = at(tables, T_PLANS, plan, PLAN_INTRO_CYCLES)
            if present != plan and denied[u, k]:
                intro_cycles = 0
            number = wide(classes[u, k])
            left = pending.counts[1]
            complete = True
            added = 0
            for run in range(first_run[u], first_run[u + 1]):
                early, count = runs[run, 0], runs[run, 1]
                if present == plan:
                    early += runs[run, 2] - horizon.joined[c]
                intro = max(0, min(early + count, intro_cycles) - max(early, 0))
                base = (number * stretches + runs[run, 3]) * kinds
                known, program = wide(-1), wide(ABSENT)
                for index in range(2):
                    times = intro if index else count - intro
                    if times == 0:
                        continue
                    fee = at(tables, T_FEES, plan, epoch)
                    if index:
                        fee = at(tables, T_PLANS, plan, PLAN_INTRO_FEE)
                    for row in range(begin + shift, end + shift):
                        usage = max(measures.usage[row, k] + measures.volume[row, k], least)
                        key = base
                        if kinds > 1:
                            if tells_missed:
                                calls, missed = counts.answered[row - shift], 0
                                seconds = counts.seconds[row - shift]
                                for outcome in range(measures.calls.shape[0]):
                                    missed += wide(measures.calls[outcome, row, k])
                                    seconds -= measures.seconds[outcome, row, k]
                                calls -= missed
                            if tells_paid:
                                paid = measures.paid[row, k]
                            key += _kind(cuts, usage, fee, calls, seconds, paid, missed)
                        if key != known:
                            known = key
                            program = number_of(slots, key)
                        if program == ABSENT:
                            _want(pending, key)
                            complete = False
                            continue
                        if program == NO_PROGRAM:
                            continue
                        held, _, gross = _adjusted(
                            flat, steady[2 * k + index], program, step, mode, usage, fee, work
                        )
                        if held and abs(float(added)) + float(times) * abs(float(gross)) < FITS:
                            added += times * gross
                        elif not _leave(pending, u, k, times, usage, fee, program):
                            complete = False
            if complete and abs(float(totals[u, k])) + abs(float(added)) < FITS:
                totals[u, k] += added
                pending.done[u, k] = True
            elif complete:
                pending.counts[1] = -1
                return
            else:
                pending.counts[1] = left
