"""What coverage lacks, and the customer who would fill each gap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from plan_rules.rules.boxes import TooIntricate
from plan_rules.rules.condition import All, Comparison, Condition, Not, comparisons
from plan_rules.rules.coverage import Coverage, Decided, Tried, leaves_of
from plan_rules.rules.regions import Boxes, Regions
from plan_rules.rules.rule import Rule, RuleSet
from plan_rules.rules.witness import Witness

WHOLE = Fraction(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """An outcome of a comparison that was never seen.

    `needed` is a customer for whom the comparison is decided so. Without one there is none
    (`is_possible` is false), or the rule is too intricate to say.
    """

    outcome: bool
    needed: Witness | None
    is_possible: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafReport:
    """One comparison of a rule with what was seen of it, and what was not."""

    comparison: Comparison
    decided: Decided
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleReport:
    """One rule with what was tried of it; `needed` is a customer for whom it would fire.

    `needed` is `None` for a rule that fired, that cannot fire, or that is too intricate to say.
    """

    rule: Rule
    tried: Tried
    leaves: tuple[LeafReport, ...]
    needed: Witness | None

    @property
    def is_complete(self) -> bool:
        """Whether the rule fired, and each comparison was seen in every way it can be decided."""
        return bool(self.tried.fired) and self.seen == self.possible

    @property
    def seen(self) -> int:
        """How many outcomes of comparisons were seen: true and false each count once."""
        return sum(bool(each.decided.true) + bool(each.decided.false) for each in self.leaves)

    @property
    def possible(self) -> int:
        """How many outcomes of comparisons there can be."""
        impossible = sum(not gap.is_possible for each in self.leaves for gap in each.gaps)
        return 2 * len(self.leaves) - impossible


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageReport:
    """What was tried of every rule, in order."""

    rules: tuple[RuleReport, ...]

    @property
    def fired(self) -> int:
        """How many rules fired at least once."""
        return sum(bool(each.tried.fired) for each in self.rules)

    @property
    def seen(self) -> int:
        """How many outcomes of comparisons were seen."""
        return sum(each.seen for each in self.rules)

    @property
    def possible(self) -> int:
        """How many outcomes of comparisons there can be."""
        return sum(each.possible for each in self.rules)

    @property
    def percent(self) -> Fraction:
        """The part of the possible outcomes that was seen, exact; all of none is 100."""
        return WHOLE * self.seen / self.possible if self.possible else WHOLE


def coverage_report(*, rules: RuleSet, coverage: Coverage) -> CoverageReport:
    """Return what was tried of every rule, and what would have to be for the rest."""
    regions = Regions(rules)
    return CoverageReport(rules=tuple(_rule(regions, rule, coverage.of(rule)) for rule in rules))


def _rule(regions: Regions, rule: Rule, tried: Tried) -> RuleReport:
    leaves = tuple(
        LeafReport(
            comparison=comparison,
            decided=decided,
            gaps=tuple(_gaps(regions, rule, place, decided)),
        )
        for place, (comparison, decided) in enumerate(
            zip(comparisons(rule.when), tried.leaves, strict=True)
        )
    )
    needed = None if tried.fired else _witness(regions, rule)[0]
    return RuleReport(rule=rule, tried=tried, leaves=leaves, needed=needed)


def _gaps(regions: Regions, rule: Rule, place: int, decided: Decided) -> Iterator[Gap]:
    for outcome, count in ((True, decided.true), (False, decided.false)):
        if not count:
            way = All(conditions=tuple(_way(rule.when, place, outcome=outcome)))
            needed, is_possible = _witness(regions, replace(rule, when=way))
            yield Gap(outcome=outcome, needed=needed, is_possible=is_possible)


def _witness(regions: Regions, rule: Rule) -> tuple[Witness | None, bool]:
    """Return a customer for whom a rule fires, and whether there can be one."""
    try:
        found: Boxes = regions.where(rule.condition, stage=rule.stage, holds=True)
    except TooIntricate:
        return None, True
    if not found:
        return None, False
    return Witness.of(found[0], vocabulary=regions.rules.vocabulary), True


def _way(condition: Condition, place: int, *, outcome: bool) -> Iterator[Condition]:
    """Yield what has to hold for a comparison to be come to, and to be decided so."""
    match condition:
        case Comparison():
            yield condition if outcome else Not(condition=condition)
        case Not():
            yield from _way(condition.condition, place, outcome=outcome)
        case _:
            for each in condition.conditions:
                if place < leaves_of(each):
                    yield from _way(each, place, outcome=outcome)
                    return
                place -= leaves_of(each)
                yield each if isinstance(condition, All) else Not(condition=each)
