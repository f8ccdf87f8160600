"""What can be said of rules without a customer: faults of meaning, each with a witness.

Every finding is certain, and holds for all customers alike; of rules too intricate to say, and
only of these, some may be missed (`left_out`). Facts are taken to be independent of each other:
that a bill's total is never below its fee is not known here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from plan_rules.errors import PlanRulesError, Span
from plan_rules.rules.boxes import TAGGED_ON, box_of
from plan_rules.rules.checks.amounts import exclusive_overlaps, never_bites
from plan_rules.rules.checks.firing import (
    always_fires,
    dead_branches,
    never_fires,
)
from plan_rules.rules.checks.shadows import shadowed
from plan_rules.rules.checks.tags import unread_tags, unset_tags
from plan_rules.rules.checks.twins import duplicates
from plan_rules.rules.checks.versions import versions
from plan_rules.rules.decision import decide
from plan_rules.rules.fact import AS_OF, TAGS, Stage
from plan_rules.rules.finding import Finding, Gravity
from plan_rules.rules.inclusion import Inclusions
from plan_rules.rules.interpreter import Interpreter
from plan_rules.rules.regions import EVERYWHERE, Regions
from plan_rules.rules.rule import Rule, RuleSet
from plan_rules.rules.witness import Witness, completed

Check = Callable[[Inclusions], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    never_fires,
    always_fires,
    dead_branches,
    duplicates,
    shadowed,
    exclusive_overlaps,
    never_bites,
    versions,
    unset_tags,
    unread_tags,
)
"""Every check that there is."""


class WitnessRefuted(PlanRulesError):
    """A finding whose witness the interpreter denies: a fault of the analysis, never of rules."""

    def __init__(self, *, finding: Finding) -> None:
        """Keep the finding."""
        self.finding = finding
        super().__init__(
            f"{finding.code} of {', '.join(finding.rules)} does not hold for {finding.witness}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """The findings in the order of their places, and the rules of which not all could be said."""

    rules: int
    findings: tuple[Finding, ...]
    left_out: tuple[Rule, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether nothing but notes was found."""
        return all(each.gravity is Gravity.NOTE for each in self.findings)

    def of(self, gravity: Gravity) -> tuple[Finding, ...]:
        """Return the findings that matter that much."""
        return tuple(each for each in self.findings if each.gravity is gravity)


def analyse(*, rules: RuleSet, plans: Iterable[Mapping[str, int]] = ()) -> Analysis:
    """Return what is wrong with rules, in their meaning rather than their form.

    `plans` are the codes of the facts that each plan of the catalog always has. With them, two
    rules are only said to meet where they do so for one of these plans; all other findings are
    about any plan, also one to come.

    Every witness is asked for again by the interpreter. Raises `UnknownId` for dated rules where
    the day asked about is no fact.
    """
    known = tuple(box_of(codes, vocabulary=rules.vocabulary) for codes in plans)
    inclusions = Inclusions(Regions(rules), known or EVERYWHERE)
    findings = [finding for check in CHECKS for finding in check(inclusions)]
    for finding in findings:
        _verify(finding, rules)
    order = {rule.id: place for place, rule in enumerate(rules)}
    return Analysis(
        rules=len(rules),
        findings=tuple(sorted(findings, key=lambda each: (_key(each.span), order[each.rules[0]]))),
        left_out=tuple(sorted(inclusions.intricate.values(), key=lambda each: order[each.id])),
    )


def _key(span: Span) -> tuple[str, int, int]:
    return span.file, span.line, span.column


def _verify(finding: Finding, rules: RuleSet) -> None:
    witness = finding.witness
    if witness is None:
        return
    fired = fires_for(witness, rules, asked=(*witness.fires, *witness.silent))
    if not fired.issuperset(witness.fires) or fired.intersection(witness.silent):
        raise WitnessRefuted(finding=finding)


def fires_for(witness: Witness, rules: RuleSet, *, asked: Iterable[str]) -> frozenset[str]:
    """Return the ids of those rules that fire for a witness, as the interpreter says.

    Besides those `asked` about the rules that set tags for them decide as well. What the witness
    leaves open is unknown, or as low as it can be where it must be known.
    """
    some = _with_setters(rules, frozenset(asked))
    known = completed(witness.facts.codes, vocabulary=rules.vocabulary)
    day, tagged_on = known.get(AS_OF), known.get(TAGGED_ON)
    facts = known.with_codes({TAGS: 0} if TAGS in rules.vocabulary else {})
    engine = Interpreter(some)
    asked_on = {} if tagged_on is None else {AS_OF: tagged_on}
    first = decide(
        rules=some, engine=engine, stage=Stage.ELIGIBILITY, facts=facts.with_codes(asked_on)
    )
    billed_on = {} if day is None else {AS_OF: day}
    then = decide(
        rules=some, engine=engine, stage=Stage.BILLING, facts=first.facts.with_codes(billed_on)
    )
    return frozenset(rule.id for rule in (*first.fired, *then.fired))


def _with_setters(rules: RuleSet, ids: frozenset[str]) -> RuleSet:
    """Return the rules of these ids, and those that set tags which they need, in order."""
    kept = ids
    while True:
        read = {rules.tags[word] for rule in rules if rule.id in kept for word in rule.reads_tags}
        more = kept | {rule.id for rule in rules if read.intersection(rule.sets)}
        if more == kept:
            return replace(rules, rules=tuple(rule for rule in rules if rule.id in kept))
        kept = more
