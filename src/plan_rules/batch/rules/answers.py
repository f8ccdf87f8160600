"""What the rules answered so far: about customers that look alike to them, each asked once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.columns import Int32s, Int64s
from plan_rules.batch.laying import BeyondBatch
from plan_rules.batch.rules.intervals import Intervals
from plan_rules.batch.rules.keys import KeyTable, numbers_of
from plan_rules.batch.rules.rulebook import BILL_FACTS, CELL_FACTS, RuleBook
from plan_rules.rules.columns import WORD, Column, Columns, Firings
from plan_rules.rules.effect import DenyIntro, Exclude
from plan_rules.rules.fact import AS_OF, TAGS, Stage
from plan_rules.rules.literal import Unknown
from plan_rules.rules.masks import Mask, asking

MOST = 2**62
"""Keys are below this."""


class Programs(NamedTuple):
    """Lists of effects: program p is `effects[first[p]:first[p + 1]]`; program 0 is empty."""

    first: NDArray[np.int64]
    effects: NDArray[np.int64]
    longest: int


class Answers:
    """Answers of one thread; another has its own.

    A *signature* stands for all subjects of whom every comparison says the same; a *cell* for a
    signature, a plan, and what depends on both. Cells are numbered from 0.
    """

    def __init__(self, rules: RuleBook) -> None:
        """Begin without an answer."""
        self.rules = rules
        vocabulary = rules.rules.vocabulary
        self._columns = Columns(rules.rules)
        self._asks = [
            (each.fact, None if isinstance(each, Unknown) else asking(each, vocabulary[each.fact]))
            for each in rules.literals
        ]
        self._signatures: dict[bytes, int] = {}
        self._codes = {name: np.zeros(0, np.int64) for name in rules.subject}
        self._known = {name: np.zeros(0, np.bool_) for name in rules.subject}
        self._stretch = np.zeros(0, np.int64)
        self._group = np.zeros(0, np.int64)
        self._cells = KeyTable()
        self._signature_of = np.zeros(0, np.int64)
        self._plan_of = np.zeros(0, np.int64)
        self._shape_of = np.zeros(0, np.int64)
        self._tags_of = np.zeros(0, np.int64)
        self.allowed = np.zeros(0, np.bool_)
        self.denied = np.zeros(0, np.bool_)
        self.bills = KeyTable()
        self.programs = Programs(np.zeros(2, np.int64), np.zeros(0, np.int64), 0)
        self._program_of: dict[bytes, int] = {}
        self._ordinals = np.array([day.toordinal() for day in rules.stretches.days], np.int64)
        self._excludes = self._mask(Exclude)
        self._denies = self._mask(DenyIntro)

    @property
    def kinds(self) -> int:
        """How many keys of bills a cell has: one for each stretch and kind of bill."""
        return len(self.rules.stretches) * self.rules.cuts.kinds

    def signatures(
        self, columns: Mapping[str, Column], *, stretch: Int64s, group: Int64s
    ) -> Int64s:
        """Return the signature of each subject, by its facts, stretch and group of homes."""
        count = len(stretch)
        seen = _Seen(count)
        for fact, ask in self._asks:
            codes, known = columns[fact].codes, columns[fact].known
            assert not isinstance(codes, int)  # noqa: S101  subjects are columns
            held: Mask = np.logical_not(known) if ask is None else ask(codes) & known
            seen.add(held.astype(np.int64), 2)
        seen.add(stretch, len(self.rules.stretches))
        seen.add(group, len(self.rules.plans.group_of))
        firsts, mine = seen.together()
        numbers = np.empty(len(firsts), np.int64)
        new: list[int] = []
        for at, (first, key) in enumerate(zip(firsts.tolist(), seen.keys(firsts), strict=True)):
            numbers[at] = self._signatures.setdefault(key, len(self._signatures))
            if numbers[at] == len(self._stretch) + len(new):
                new.append(first)
        if new:
            for name in self.rules.subject:
                codes, known = columns[name].codes, columns[name].known
                self._codes[name] = np.append(self._codes[name], codes[new])  # type: ignore[index]
                self._known[name] = np.append(self._known[name], known[new])  # type: ignore[index]
            self._stretch = np.append(self._stretch, stretch[new])
            self._group = np.append(self._group, group[new])
        return numbers[mine]

    def cells(
        self,
        signature: Int64s,
        plan: Int64s,
        *,
        is_current: Mask,
        uncovered: Int64s | None = None,
        included: Int64s | None = None,
    ) -> Int32s:
        """Return the cell of each subject with each plan, asking about those not yet known.

        All arrays are of one shape, or stretch to it; shares are in percent, and may be left out
        where no rule reads them.
        """
        shape = np.broadcast_shapes(signature.shape, plan.shape, is_current.shape)
        none = np.zeros((1,) * len(shape), np.int64)
        values = (
            is_current.astype(np.int64),
            none if uncovered is None else uncovered,
            none if included is None else included,
        )
        key = signature * len(self.rules.plan_codes) + plan
        for intervals, value in zip(self.rules.cells, values, strict=True):
            key = key * len(intervals)
            if len(intervals) > 1:
                key = key + intervals.at(value)
        keys = np.ascontiguousarray(np.broadcast_to(key, shape)).reshape(-1)
        found = numbers_of(self._cells.slots, keys)
        missing = found < 0
        if missing.any():
            self._decide(np.unique(keys[missing]))
            found[missing] = numbers_of(self._cells.slots, keys[missing])
        return found.reshape(shape)

    def ask_bills(self, keys: Int64s) -> None:
        """Ask about bills, by the keys of kernels; one that is known already is left alone.

        A key is a cell, a stretch and a kind of bill, each times what comes behind it.
        """
        keys = np.unique(keys)
        keys = keys[numbers_of(self.bills.slots, keys) < 0]
        if not len(keys):
            return
        rest, kind = np.divmod(keys, self.rules.cuts.kinds)
        cell, stretch = np.divmod(rest, len(self.rules.stretches))
        table = self._table(cell) | {AS_OF: Column(codes=self._ordinals[stretch])}
        worth = self.rules.cuts.worth
        for at, (name, intervals) in enumerate(zip(BILL_FACTS, self.rules.bills, strict=True)):
            if len(intervals) > 1:
                digit = kind // worth[at] % len(intervals)
                table[name] = Column(codes=intervals.codes(digit))
        table |= self._constant(self.rules.bills, len(keys))
        fired = self._columns.decide(stage=Stage.BILLING, table=table, rows=len(keys))
        self.bills.add(keys, self._programs(fired))

    def _decide(self, keys: Int64s) -> None:
        """Ask about cells that nobody asked about before."""
        shapes = int(np.prod([len(each) for each in self.rules.cells]))
        rest, shape = np.divmod(keys, shapes)
        signature, plan = np.divmod(rest, len(self.rules.plan_codes))
        first = len(self.allowed)
        if (first + len(keys)) * self.kinds >= MOST:
            raise BeyondBatch(
                name="rules", value=first + len(keys), expected="fewer kinds of customers"
            )
        self._signature_of = np.append(self._signature_of, signature)
        self._plan_of = np.append(self._plan_of, plan)
        self._shape_of = np.append(self._shape_of, shape)
        new = np.arange(first, first + len(keys))
        self._tags_of = np.append(self._tags_of, np.zeros(len(keys), np.int64))
        table = self._table(new)
        fired = self._columns.decide(stage=Stage.ELIGIBILITY, table=table, rows=len(keys))
        self._tags_of[new] = fired.tags
        self.allowed = np.append(self.allowed, ~_any(fired, self._excludes))
        self.denied = np.append(self.denied, _any(fired, self._denies))
        self._cells.add(keys, new.astype(np.int32))

    def _table(self, cell: Int64s) -> dict[str, Column]:
        """Return all that is known of cells, the day of their eligibility included."""
        signature, plan = self._signature_of[cell], self._plan_of[cell]
        stretch = self._stretch[signature]
        table = {
            name: Column(codes=codes[signature], known=self._known[name][signature])
            for name, codes in self._codes.items()
        }
        table |= self.rules.plans.columns(plan=plan, stretch=stretch, group=self._group[signature])
        shape = self._shape_of[cell]
        for name, intervals in reversed(tuple(zip(CELL_FACTS, self.rules.cells, strict=True))):
            shape, digit = np.divmod(shape, len(intervals))
            if len(intervals) > 1:
                table[name] = Column(codes=intervals.codes(digit))
        table |= self._constant(self.rules.cells, len(cell))
        table[AS_OF] = Column(codes=self._ordinals[stretch])
        if self.rules.rules.tags:
            table[TAGS] = Column(codes=self._tags_of[cell])
        return table

    def _constant(self, facts: tuple[Intervals, ...], rows: int) -> dict[str, Column]:
        """Return the facts that rules read without telling any two of their values apart."""
        return {
            each.fact: Column(codes=np.full(rows, each.low, np.int64))
            for each in facts
            if len(each) == 1 and each.fact in self.rules.rules.facts_read
        }

    def _programs(self, fired: Firings) -> Int32s:
        """Return the program of what fired in each row: the effects of its rules, in order."""
        amounts = self.rules.amounts
        held = np.zeros((fired.words.shape[1], len(amounts.rule)), np.bool_)
        for at, rule in enumerate(amounts.rule.tolist()):
            held[:, at] = fired.rule(rule)
        rows, mine = np.unique(held, axis=0, return_inverse=True)
        numbers = np.empty(len(rows), np.int32)
        first, effects = self.programs.first.tolist(), self.programs.effects.tolist()
        for at, row in enumerate(rows):
            which = np.flatnonzero(row).tolist()
            if not which:
                numbers[at] = 0
                continue
            key = row.tobytes()
            if key not in self._program_of:
                self._program_of[key] = len(first) - 1
                effects += which
                first.append(len(effects))
            numbers[at] = self._program_of[key]
        self.programs = Programs(
            np.array(first, np.int64),
            np.array(effects, np.int64),
            int(np.diff(first).max(initial=0)),
        )
        return numbers[mine.reshape(-1)]

    def _mask(self, kind: type) -> NDArray[np.uint64]:
        """Return the words of the rules that have an effect of a kind."""
        words = np.zeros(-(-len(self.rules.rules) // WORD), np.uint64)
        for index, rule in enumerate(self.rules.rules):
            if any(isinstance(each, kind) for each in rule.effects):
                words[index // WORD] |= np.uint64(1 << index % WORD)
        return words


class _Seen:
    """What is seen of subjects, folded into whole numbers: equal where all of it is."""

    def __init__(self, count: int) -> None:
        self._columns = [np.zeros(count, np.int64)]
        self._sizes = [1]

    def add(self, digits: Int64s, size: int) -> None:
        """Add digits below `size`."""
        if self._sizes[-1] * size >= MOST:
            self._columns.append(np.zeros_like(digits))
            self._sizes.append(1)
        self._columns[-1] = self._columns[-1] * size + digits
        self._sizes[-1] *= size

    def together(self) -> tuple[Int64s, Int64s]:
        """Return the first subject of each kind, and the kind of each subject."""
        if len(self._columns) == 1:
            _, firsts, mine = np.unique(self._columns[0], return_index=True, return_inverse=True)
        else:
            _, firsts, mine = np.unique(
                np.stack(self._columns), axis=1, return_index=True, return_inverse=True
            )
        return firsts.astype(np.int64), mine.reshape(-1).astype(np.int64)

    def keys(self, subjects: Int64s) -> list[bytes]:
        """Return what is seen of some subjects as bytes."""
        rows = np.ascontiguousarray(np.stack([each[subjects] for each in self._columns], axis=1))
        return [row.tobytes() for row in rows]


def _any(fired: Firings, words: NDArray[np.uint64]) -> Mask:
    """Return the rows in which any of some rules fired."""
    found: Mask = np.logical_or.reduce((fired.words & words[:, None]) != 0, axis=0)
    return found
