"""What the rules answered so far: about customers that look alike to them, each asked once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.columns import Int32s, Int64s
from plan_rules.batch.laying import BeyondBatch
from plan_rules.batch.rules.classes import ABSENT, ClassTable, find_classes
from plan_rules.batch.rules.intervals import Intervals
from plan_rules.batch.rules.keys import KeyTable, numbers_of
from plan_rules.batch.rules.programs import Programs
from plan_rules.batch.rules.rulebook import BILL_FACTS, RuleBook
from plan_rules.batch.rules.sights import Sights, Words
from plan_rules.rules.columns import WORD, Column, Columns, Firings
from plan_rules.rules.effect import DenyIntro, Exclude
from plan_rules.rules.fact import AS_OF, TAGS, Stage
from plan_rules.rules.masks import Mask

MOST = 2**62
"""Keys are below this."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """Customers on days, a subject each: their facts, and what rules see of them.

    `words` are the bits of `Sights`; `stretch` and `group` (of the home) tell which facts a plan
    has for them, `present` is their plan.
    """

    columns: Mapping[str, Column]
    words: Words
    stretch: Int64s
    group: Int64s
    present: Int32s

    def of(self, subjects: Int64s) -> Seen:
        """Return some subjects, perhaps again and again."""
        return Seen(
            columns={name: _taken(column, subjects) for name, column in self.columns.items()},
            words=self.words[subjects],
            stretch=self.stretch[subjects],
            group=self.group[subjects],
            present=self.present[subjects],
        )


class Answers:
    """What rules answered so far; another thread has answers of its own.

    Whoever looks alike to the rules with a plan is of one *class*, which is asked about once.
    """

    def __init__(self, rules: RuleBook) -> None:
        """Begin without an answer."""
        self.rules = rules
        self.sights = Sights.of(rules)
        self._columns = Columns(rules.rules)
        self._classes = ClassTable(self.sights.words + 1)
        self._facts: dict[str, Column] = {}
        self._tags = np.zeros(0, np.int64)
        self.allowed = np.zeros(0, np.bool_)
        self.denied = np.zeros(0, np.bool_)
        self.bills = KeyTable()
        self.programs = Programs.none()
        self._program_of: dict[tuple[int, ...], int] = {}
        self._ordinals = np.array([day.toordinal() for day in rules.stretches.days], np.int64)
        self._excludes = self._mask(Exclude)
        self._denies = self._mask(DenyIntro)

    def see(
        self, columns: Mapping[str, Column], *, stretch: Int64s, group: Int64s, present: Int32s
    ) -> Seen:
        """Return what rules see of subjects."""
        return Seen(
            columns=columns,
            words=self.sights.of_subjects(columns, len(stretch)),
            stretch=stretch,
            group=group,
            present=present,
        )

    def classes(
        self,
        seen: Seen,
        plans: Int64s,
        *,
        uncovered: Int64s | None = None,
        included: Int64s | None = None,
    ) -> Int32s:
        """Return the class of every subject with every plan, asking about those not yet known.

        Shares are in percent, by subject and plan; they may be left out where no rule reads them.
        """
        current, *shares = self.rules.cells
        digits = np.zeros((0, 0), np.int64)
        for intervals, value in zip(shares, (uncovered, included), strict=True):
            if len(intervals) > 1 and value is not None:
                before = digits if len(digits) else np.zeros_like(value)
                digits = before * len(intervals) + intervals.at(value)
        arguments = (
            seen.words, seen.group, seen.stretch, seen.present, self.sights.plans, plans,
            len(current) > 1, digits,
        )  # fmt: skip
        found = find_classes(self._classes.slots, *arguments)
        missing = np.argwhere(found == ABSENT)
        if len(missing):
            self._add(seen, missing[:, 0], missing[:, 1], plans, digits)
            found = find_classes(self._classes.slots, *arguments)
        return found

    def _add(
        self, seen: Seen, subject: Int64s, column: Int64s, plans: Int64s, digits: Int64s
    ) -> None:
        """Ask about classes that nobody asked about before, each by one of its members."""
        current, *shares = self.rules.cells
        plan = plans[column]
        last = np.zeros(len(subject), np.int64)
        if len(digits):
            last = 2 * digits[subject, column]
        is_current = (seen.present[subject] == plan).astype(np.int64)
        if len(current) > 1:
            last = last + is_current
        of_plan = self.sights.plans[seen.group[subject], seen.stretch[subject], plan]
        keys = np.column_stack([seen.words[subject] & of_plan, last.astype(np.uint64)])
        keys, firsts = np.unique(keys, axis=0, return_index=True)
        subject, plan, last = subject[firsts], plan[firsts], last[firsts]
        table = dict(seen.of(subject).columns)
        stretch, group = seen.stretch[subject], seen.group[subject]
        table |= self.rules.plans.columns(plan=plan, stretch=stretch, group=group)
        table |= self._constant(self.rules.cells, len(firsts))
        if len(current) > 1:
            table[current.fact] = Column(codes=is_current[firsts])
        shape = last // 2
        for intervals in reversed(shares):
            if len(intervals) > 1:
                shape, digit = np.divmod(shape, len(intervals))
                table[intervals.fact] = Column(codes=intervals.codes(digit))
        dated = table | {AS_OF: Column(codes=self._ordinals[stretch])}
        fired = self._columns.decide(stage=Stage.ELIGIBILITY, table=dated, rows=len(firsts))
        self._classes.add(keys)
        self._facts = {
            name: _behind(self._facts.get(name), column) for name, column in table.items()
        }
        self._tags = np.append(self._tags, fired.tags)
        self.allowed = np.append(self.allowed, ~_any(fired, self._excludes))
        self.denied = np.append(self.denied, _any(fired, self._denies))
        kinds = len(self.rules.stretches) * self.rules.cuts.kinds
        if len(self.allowed) * kinds >= MOST:
            raise BeyondBatch(
                name="rules", value=len(self.allowed), expected="fewer kinds of customers"
            )

    def ask_bills(self, keys: Int64s) -> None:
        """Ask about bills, by the keys of kernels; one that is known already is left alone.

        A key is a cell, a stretch and a kind of bill, each times what comes behind it.
        """
        keys = np.unique(keys)
        keys = keys[numbers_of(self.bills.slots, keys) < 0]
        if not len(keys):
            return
        rest, kind = np.divmod(keys, self.rules.cuts.kinds)
        number, stretch = np.divmod(rest, len(self.rules.stretches))
        table = {name: _taken(column, number) for name, column in self._facts.items()}
        table[AS_OF] = Column(codes=self._ordinals[stretch])
        if self.rules.rules.tags:
            table[TAGS] = Column(codes=self._tags[number])
        for fact, digit in self.rules.cuts.digits(kind).items():
            table[BILL_FACTS[fact]] = Column(codes=self.rules.bills[fact].codes(digit))
        table |= self._constant(self.rules.bills, len(keys))
        fired = self._columns.decide(stage=Stage.BILLING, table=table, rows=len(keys))
        self.bills.add(keys, self._programs(fired))

    def _constant(self, facts: tuple[Intervals, ...], rows: int) -> dict[str, Column]:
        """Return the facts that rules read without telling any two of their values apart."""
        return {
            each.fact: Column(codes=np.full(rows, each.low, np.int64))
            for each in facts
            if len(each) == 1 and each.fact in self.rules.rules.facts_read
        }

    def _programs(self, fired: Firings) -> Int32s:
        """Return the program of what fired in each row."""
        amounts = self.rules.amounts
        held = np.zeros((fired.words.shape[1], len(amounts.rule)), np.bool_)
        for at, rule in enumerate(amounts.rule.tolist()):
            held[:, at] = fired.rule(rule)
        rows, mine = np.unique(held, axis=0, return_inverse=True)
        numbers = np.empty(len(rows), np.int32)
        for at, row in enumerate(rows):
            program = tuple(np.flatnonzero(row).tolist())
            known = self._program_of.get(program)
            if known is None:
                self.programs, known = self.programs.with_(program, amounts)
                self._program_of[program] = known
            numbers[at] = known
        return numbers[mine.reshape(-1)]

    def _mask(self, kind: type) -> NDArray[np.uint64]:
        """Return the words of the rules that have an effect of a kind."""
        words = np.zeros(-(-len(self.rules.rules) // WORD), np.uint64)
        for index, rule in enumerate(self.rules.rules):
            if any(isinstance(each, kind) for each in rule.effects):
                words[index // WORD] |= np.uint64(1 << index % WORD)
        return words


def _taken(column: Column, rows: Int64s) -> Column:
    """Return the rows of a column, known or not in each."""
    codes, known = column.codes, column.known
    return Column(
        codes=codes if isinstance(codes, int) else codes[rows],
        known=known if isinstance(known, bool) else known[rows],
    )


def _behind(first: Column | None, more: Column) -> Column:
    """Return the rows of two columns behind one another."""
    if first is None:
        return more
    codes, known = [], []
    for each in (first, more):
        assert not isinstance(each.codes, int)  # noqa: S101  columns of facts are arrays here
        codes.append(each.codes)
        known.append(np.broadcast_to(each.known, each.codes.shape))
    return Column(codes=np.concatenate(codes), known=np.concatenate(known))


def _any(fired: Firings, words: NDArray[np.uint64]) -> Mask:
    """Return the rows in which any of some rules fired."""
    found: Mask = np.logical_or.reduce((fired.words & words[:, None]) != 0, axis=0)
    return found
