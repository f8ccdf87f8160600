"""What rules see of a customer with a plan: one bit for all that an alternative asks of both.

An alternative of a rule in normal form asks some comparisons of the customer on a day, some of
the plan, and some that only a bill, tags, or both together can answer. A bit of the customer's
word holds where all of the first do, a bit of the plan's where all of the second do; where both
do, so does that of the two together. Who shows the same bits gets the same answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.rules.rulebook import CELL_FACTS, RuleBook
from plan_rules.rules.columns import WORD, Column
from plan_rules.rules.fact import AS_OF, TAGS, Stage
from plan_rules.rules.literal import Literal, Unknown
from plan_rules.rules.masks import Ask, Mask, asking
from plan_rules.rules.normal import normal_forms

Words = NDArray[np.uint64]
Parts = tuple[tuple[Literal, ...], tuple[Literal, ...]]
"""What an alternative asks of the customer, and of the plan."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sights:
    """The parts that alternatives have, a bit each, and what answers their comparisons.

    `plans[g, s, plan]` are the words of plans in a stretch, for homes of a group.
    """

    parts: tuple[Parts, ...]
    asks: Mapping[Literal, Ask | None]
    plans: Words

    @property
    def words(self) -> int:
        """How many words of 64 bits there are, at least one."""
        return max(1, -(-len(self.parts) // WORD))

    @classmethod
    def of(cls, rules: RuleBook) -> Sights:
        """Return what the rules of a book see."""
        parts = tuple(dict.fromkeys(each for each in _parts(rules) if each[0] or each[1]))
        vocabulary = rules.rules.vocabulary
        literals = {each for of_both in parts for one in of_both for each in one}
        asks = {
            each: None if isinstance(each, Unknown) else asking(each, vocabulary[each.fact])
            for each in literals
        }
        groups, stretches, plans = (
            len(set(rules.plans.group_of.values())),
            len(rules.stretches),
            len(rules.plan_codes),
        )
        grid = np.indices((groups, stretches, plans)).reshape(3, -1)
        ordinals = np.array([day.toordinal() for day in rules.stretches.days], np.int64)
        table = rules.plans.columns(group=grid[0], stretch=grid[1], plan=grid[2])
        table[AS_OF] = Column(codes=ordinals[grid[1]])
        found = _held(asks, [of_plan for _, of_plan in parts], table, grid.shape[1])
        return cls(
            parts=parts, asks=asks, plans=found.reshape(groups, stretches, plans, found.shape[1])
        )

    def of_subjects(self, columns: Mapping[str, Column], count: int) -> Words:
        """Return the words of so many subjects."""
        return _held(self.asks, [of_subject for of_subject, _ in self.parts], columns, count)


def _parts(rules: RuleBook) -> list[Parts]:
    found = []
    for rule, form in zip(rules.rules, normal_forms(rules.rules), strict=True):
        for alternative in form:
            of_subject = tuple(each for each in alternative.literals if each.fact in rules.subject)
            of_plan = tuple(
                each for each in alternative.literals if _is_of_plan(each, rules, rule.stage)
            )
            found.append((of_subject, of_plan))
    return found


def _is_of_plan(literal: Literal, rules: RuleBook, stage: Stage) -> bool:
    """Whether a plan answers a comparison, on the day of its eligibility; bills have their own."""
    if literal.fact == AS_OF:
        return stage is Stage.ELIGIBILITY
    spec = rules.rules.vocabulary[literal.fact]
    others = {TAGS, *CELL_FACTS, *rules.subject}
    return literal.fact not in others and spec.stage is not Stage.BILLING


def _held(
    asks: Mapping[Literal, Ask | None],
    parts: list[tuple[Literal, ...]],
    columns: Mapping[str, Column],
    count: int,
) -> Words:
    """Return a bit for each part, where all of its comparisons hold."""
    masks: dict[Literal, Mask] = {}

    def mask(literal: Literal) -> Mask:
        if literal not in masks:
            masks[literal] = _mask(asks[literal], columns[literal.fact], count)
        return masks[literal]

    words = np.zeros((count, max(1, -(-len(parts) // WORD))), np.uint64)
    for bit, literals in enumerate(parts):
        held = np.ones(count, np.bool_)
        for literal in literals:
            held &= mask(literal)
        words[:, bit // WORD] |= held.astype(np.uint64) << np.uint64(bit % WORD)
    return words


def _mask(ask: Ask | None, column: Column, count: int) -> Mask:
    codes, known = column.codes, np.broadcast_to(column.known, (count,))
    if ask is None:
        return ~known
    assert not isinstance(codes, int)  # noqa: S101  columns of facts are arrays here
    held: Mask = ask(codes) & known
    return held
