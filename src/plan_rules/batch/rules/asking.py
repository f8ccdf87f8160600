"""Rules asked about customers whose calls are in their places."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import numpy as np

from plan_rules.batch.book import BatchBook
from plan_rules.batch.columns import CustomerColumns, Int32s, Int64s
from plan_rules.batch.cycles import MONTH_STARTS
from plan_rules.batch.laying import BeyondBatch
from plan_rules.batch.rules.answers import Answers, Seen
from plan_rules.batch.rules.billing import (
    B_COLUMN,
    B_FEE,
    B_PROGRAM,
    B_TIMES,
    B_USAGE,
    B_WHERE,
    Brought,
    Pending,
)
from plan_rules.batch.rules.rulebook import RuleBook
from plan_rules.batch.rules.subjects import demand_facts, home_groups, subject_columns
from plan_rules.batch.rules.usage import PERCENT, PLACES, Subjects, count_usage

MEMO = "answers"
MOST_CLASSES = 2**18
"""Answers that are kept for the next customers; with more of them one begins anew."""

MOST_MICROS = 2**62


class Calls(Protocol):
    """Calls by customer in the order of rating, as `PlacedBatch` has them."""

    @property
    def records(self) -> Int64s:
        """Start, number, and place above seconds of each call."""

    @property
    def first(self) -> Int64s:
        """Where the calls of each customer start."""

    @property
    def days(self) -> Int32s:
        """The local day of each call."""


@contextmanager
def answers_of(book: BatchBook) -> Iterator[Answers | None]:
    """Give answers that nobody else uses meanwhile; what they learn stays with the book.

    There are none for a book without rules that decide something.
    """
    if book.rules is None:
        yield None
        return
    free = book.memo.setdefault(MEMO, [])
    assert isinstance(free, list)  # noqa: S101  nobody else uses the key
    try:
        answers = free.pop()
    except IndexError:
        answers = Answers(book.rules)
    yield answers
    if len(answers.allowed) <= MOST_CLASSES:
        free.append(answers)


def see(
    book: BatchBook,
    answers: Answers,
    customers: CustomerColumns,
    calls: Calls,
    *,
    who: Int64s | Int32s,
    first: Int64s,
    history: Int64s,
    day: Int64s,
) -> Seen:
    """See customers as they are on days, knowing their calls before the days `history`.

    The subjects of customer c are `first[c]` up to `first[c + 1]`; `who` is the customer of
    each. Raises `InvalidValue` for customers without the facts that rules ask for.
    """
    rules = answers.rules
    demand_facts(rules, customers)
    columns = subject_columns(
        rules,
        customers,
        who=who,
        day=day,
        countries=book.countries,
        usage=_usage(book, rules, customers, calls, first=first, history=history),
    )
    return answers.see(
        columns,
        stretch=rules.stretches.at(day),
        group=home_groups(rules, customers, who),
        present=customers.plan[who],
    )


def _usage(
    book: BatchBook,
    rules: RuleBook,
    customers: CustomerColumns,
    calls: Calls,
    *,
    first: Int64s,
    history: Int64s,
) -> Int64s | None:
    places = rules.places
    if places is None:
        return None
    found = np.empty((PLACES + len(places.names), len(history)), np.int64)
    subjects = Subjects(first, history, places.version_at(history))
    count_usage(
        calls.records, calls.first, calls.days, book.place_country, places.line, places.within,
        len(book.countries), customers.anchor, MONTH_STARTS, subjects, found,
    )  # fmt: skip
    return found


def brought_by(answers: Answers) -> Brought:
    """Return what kernels need to know of the rules that adjust bills, as far as it is known."""
    rules = answers.rules
    return Brought(
        answers.programs.flat(rules.amounts),
        len(answers.programs),
        answers.programs.longest,
        answers.bills.slots,
        rules.cuts,
        rules.stretches.cuts,
    )


def share(part: Int64s, whole: Int64s) -> Int64s:
    """Return a share in percent, rounded half-up; 0 of nothing."""
    some = np.maximum(whole, 1)
    return np.where(whole > 0, (2 * PERCENT * part + whole) // (2 * some), 0)


def finish(
    pending: Pending,
    answers: Answers,
    plans: Int64s,
    totals: Int64s,
    nets: Int64s | None = None,
) -> bool:
    """Do what a kernel left undone; return whether it has to be run again.

    Raises `BeyondBatch` for sums that 64 bits do not hold.
    """
    keys, bills = int(pending.counts[0]), int(pending.counts[1])
    if bills < 0:
        raise _too_much(MOST_MICROS)
    for row in pending.beyond[:bills].tolist():
        program = slice(*answers.programs.first[row[B_PROGRAM] : row[B_PROGRAM] + 2].tolist())
        net, gross = answers.rules.amounts.exactly(
            answers.programs.effects[program].tolist(),
            usage=row[B_USAGE],
            fee=row[B_FEE],
            plan=int(plans[row[B_COLUMN]]),
        )
        at = row[B_WHERE], row[B_COLUMN]
        total = int(totals[at]) + row[B_TIMES] * gross
        if max(abs(total), abs(net)) >= MOST_MICROS:
            raise _too_much(total)
        totals[at] = total
        if nets is not None:
            nets[at] = net
    if keys:
        answers.ask_bills(pending.wanted[:keys])
    return keys > 0 or bills == len(pending.beyond)


def _too_much(total: int) -> BeyondBatch:
    return BeyondBatch(
        name="rules", value=total, expected=f"adjustments that sum to less than {MOST_MICROS}"
    )
