"""Which rules can fire together, and which fire whenever another does."""

from __future__ import annotations

from dataclasses import dataclass, field

from plan_rules.rules.boxes import Box, TooIntricate
from plan_rules.rules.fact import Facts
from plan_rules.rules.regions import EVERYWHERE, Boxes, Regions, pairs_of
from plan_rules.rules.rule import Rule
from plan_rules.rules.witness import Witness, completed

PLAN = "plan.id"
"""The fact that names a plan."""

SAMPLES = 4
"""How many customers of a rule are tried before regions are compared."""


@dataclass(frozen=True, slots=True)
class Inclusions:
    """Answers about pairs of rules, each worked out once.

    `plans` are the plans that there are, as boxes of their facts; everything is one if nothing
    is known of them. Nothing is claimed of a rule that is too intricate: it is in `intricate`
    from then on.
    """

    regions: Regions
    plans: Boxes = EVERYWHERE
    intricate: dict[str, Rule] = field(default_factory=dict)
    _samples: dict[str, tuple[Facts, ...]] = field(default_factory=dict)
    _included: dict[tuple[str, str], bool] = field(default_factory=dict)

    def fires(self, rule: Rule) -> Boxes | None:
        """Return where a rule fires, or `None` if it is too intricate to say."""
        return self._region(rule, fires=True)

    def silent(self, rule: Rule) -> Boxes | None:
        """Return where a rule does not fire, or `None` if it is too intricate to say."""
        return self._region(rule, fires=False)

    def _region(self, rule: Rule, *, fires: bool) -> Boxes | None:
        try:
            return self.regions.of(rule, fires=fires)
        except TooIntricate:
            self.intricate[rule.id] = rule
            return None

    def together(self, one: Rule, other: Rule) -> Box | None:
        """Return a box in which both rules fire for a plan that there is.

        `None` if there is none, or if it is not known.
        """
        ours, theirs = self.fires(one), self.fires(other)
        try:
            boxes = (box for box in pairs_of(ours or (), theirs or ()))
            return next((found for box in boxes if (found := self._of_a_plan(box))), None)
        except TooIntricate:
            return None

    def _of_a_plan(self, box: Box) -> Box | None:
        """Return a box narrowed to one of the plans, named if anything is asked of it."""
        for plan in self.plans:
            found = box & plan
            if found is not None:
                asked = box.cells.keys() & plan.cells.keys()
                kept = box.cells.keys() | (plan.cells.keys() & {PLAN} if asked else set())
                return Box({name: found.cells[name] for name in kept})
        return None

    def whenever(self, inner: Rule, outer: Rule) -> bool:
        """Whether `inner` can fire, and `outer` fires whenever it does."""
        key = (inner.id, outer.id)
        if key not in self._included:
            self._included[key] = self._whenever(inner, outer)
        return self._included[key]

    def _whenever(self, inner: Rule, outer: Rule) -> bool:
        ours, theirs = self.fires(inner), self.fires(outer)
        if not ours or theirs is None:
            return False
        for facts in self._some(inner, ours):
            if not any(box.holds(facts.codes) for box in theirs):
                return False
        outside = self.silent(outer)
        if outside is None:
            return False
        try:
            return not any(box.meets(other) for box in ours for other in outside)
        except TooIntricate:
            return False

    def _some(self, rule: Rule, boxes: Boxes) -> tuple[Facts, ...]:
        """Return a few customers for whom a rule fires; most pairs are told apart by them."""
        known = self._samples.get(rule.id)
        if known is None:
            vocabulary = self.regions.rules.vocabulary
            known = self._samples[rule.id] = tuple(
                completed(Witness.of(box, vocabulary=vocabulary).facts.codes, vocabulary=vocabulary)
                for box in boxes[:SAMPLES]
            )
        return known
