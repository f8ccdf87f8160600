"""Regions: where a condition is true, and where it is false, as unions of boxes.

Tags are no facts here: a tag is set where one of the rules that set it fires, so that what a
rule asks of tags becomes what those rules ask of customers, and of the day on which they were
asked. Both sides of a condition are kept, so that every question of analysis is whether boxes
of one side meet boxes of another. A condition that would come to more than `MOST_BOXES` boxes
has no region (`TooIntricate`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from plan_rules.rules.boxes import FREE, TAGGED_ON, Box, TooIntricate, cell_of, outermost, whole
from plan_rules.rules.condition import All, AnyOf, Comparison, Condition, Not, Operator, compare
from plan_rules.rules.fact import AS_OF, TAGS, Stage
from plan_rules.rules.rule import Rule, RuleSet

MOST_BOXES = 512
"""The most boxes that a condition, or a part of it, may come to."""

Boxes = tuple[Box, ...]
"""A union of boxes, which may overlap; none at all is nowhere."""

EVERYWHERE: Boxes = (FREE,)
NOWHERE: Boxes = ()


@dataclass(frozen=True, slots=True)
class Regions:
    """The regions of the rules of a set; each is worked out once, when it is first asked for."""

    rules: RuleSet
    _known: dict[tuple[str, bool], Boxes | None] = field(default_factory=dict)
    _setters: dict[str, list[Rule]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Find out which rules set which tag."""
        for rule in self.rules:
            for tag in rule.sets:
                self._setters.setdefault(tag, []).append(rule)

    def setters(self, tag: str) -> tuple[Rule, ...]:
        """Return the rules that set a tag, in order."""
        return tuple(self._setters.get(tag, ()))

    def of(self, rule: Rule, *, fires: bool) -> Boxes:
        """Return where a rule fires, or where it does not; raise `TooIntricate`."""
        key = (rule.id, fires)
        if key not in self._known:
            try:
                self._known[key] = self.where(rule.condition, stage=rule.stage, holds=fires)
            except TooIntricate:
                self._known[key] = None
        found = self._known[key]
        if found is None:
            raise TooIntricate
        return found

    def where(self, condition: Condition, *, stage: Stage, holds: bool) -> Boxes:
        """Return where a condition of a stage is true, or false; raise `TooIntricate`."""
        match condition:
            case Comparison():
                return self._comparison(condition, stage=stage, holds=holds)
            case Not():
                return self.where(condition.condition, stage=stage, holds=not holds)
            case All() | AnyOf():
                parts = [
                    self.where(each, stage=stage, holds=holds) for each in condition.conditions
                ]
                return common_of(parts) if isinstance(condition, All) == holds else union_of(parts)

    def _comparison(self, comparison: Comparison, *, stage: Stage, holds: bool) -> Boxes:
        if comparison.fact == TAGS:
            return self._tags(comparison, stage=stage, holds=holds)
        spec = self.rules.vocabulary[comparison.fact]
        if stage is Stage.ELIGIBILITY and spec.stage is Stage.BILLING:
            return EVERYWHERE if compare(comparison, None) == holds else NOWHERE
        cell = cell_of(comparison, self.rules.vocabulary, wanted=holds)
        if cell == whole(spec):
            return EVERYWHERE
        return NOWHERE if cell.is_empty else (Box({comparison.fact: cell}),)

    def _tags(self, comparison: Comparison, *, stage: Stage, holds: bool) -> Boxes:
        if comparison.operator is Operator.KNOWN:
            return EVERYWHERE if bool(comparison.operands[0]) == holds else NOWHERE
        tags = [
            self._tag(self.rules.tags[word], stage=stage, holds=holds)
            for word in comparison.operands
        ]
        is_any = comparison.operator is Operator.HAS_ANY
        return union_of(tags) if is_any == holds else common_of(tags)

    def _tag(self, tag: str, *, stage: Stage, holds: bool) -> Boxes:
        parts = [self.of(rule, fires=holds) for rule in self.setters(tag)]
        found = union_of(parts) if holds else common_of(parts)
        return tuple(map(_before_a_bill, found)) if stage is Stage.BILLING else found


def _before_a_bill(box: Box) -> Box:
    """Return a box of eligibility as seen from a bill, which has a day of its own."""
    return Box({TAGGED_ON if name == AS_OF else name: cell for name, cell in box.cells.items()})


def union_of(parts: Iterable[Boxes]) -> Boxes:
    """Return what lies in one of the unions at least; raise `TooIntricate` for too many boxes."""
    found = [box for part in parts for box in part]
    if len(found) > MOST_BOXES:
        raise TooIntricate
    return outermost(found)


def common_of(parts: Iterable[Boxes]) -> Boxes:
    """Return what lies in all of the unions; raise `TooIntricate` for too many boxes."""
    found = EVERYWHERE
    for part in sorted(parts, key=len):
        both = (ours & theirs for ours in found for theirs in part)
        kept: list[Box] = []
        for box in both:
            if box is not None:
                kept.append(box)
                if len(kept) > MOST_BOXES:
                    raise TooIntricate
        found = outermost(kept)
    return found


def pairs_of(ours: Boxes, theirs: Boxes) -> Iterator[Box]:
    """Yield what each box of the one has in common with each box of the other, if anything."""
    for one in ours:
        for other in theirs:
            both = one & other
            if both is not None:
                yield both


def meet(ours: Boxes, theirs: Boxes) -> Box | None:
    """Return a box that lies in both unions, or `None` if they have nothing in common."""
    return next(pairs_of(ours, theirs), None)
