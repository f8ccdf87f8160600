"""Which rules decide anything in a batch, and what they have to know."""

from __future__ import annotations

from dataclasses import dataclass, replace

from plan_rules.catalog.vocabulary import FactName, declared_facts
from plan_rules.rules.effect import Adjust, DenyIntro, Exclude
from plan_rules.rules.fact import Vocabulary
from plan_rules.rules.rule import Rule, RuleSet

DECIDING = (Exclude, DenyIntro, Adjust)
"""Effects that change who may have a plan, or what it costs; all others are told to people."""

USAGE = "usage."


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What the deciding rules have to know beside what stands in tables.

    `usage`: facts of the calls made so far. Of every bill, `missed`: calls and seconds that are
    not carried; `included`: seconds carried that cost nothing; `paid`: seconds paid by rate.
    `covers` tells whether a share of the calls is asked for, `adjusts` whether any rule changes
    a bill.
    """

    usage: bool
    missed: bool
    included: bool
    paid: bool
    covers: bool
    adjusts: bool

    @classmethod
    def of(cls, rules: RuleSet) -> Needs:
        """Return what some rules need."""
        read = rules.facts_read
        missed = {
            FactName.UNCOVERED_SHARE,
            FactName.BILL_CALLS,
            FactName.BILL_MINUTES,
            FactName.BILL_MISSED_CALLS,
        }
        return cls(
            usage=any(name.startswith(USAGE) for name in read),
            missed=not missed.isdisjoint(read),
            included=FactName.INCLUDED_SHARE in read,
            paid=FactName.BILL_PAID_MINUTES in read,
            covers=not read.isdisjoint({FactName.UNCOVERED_SHARE, FactName.INCLUDED_SHARE}),
            adjusts=any(_has(rule, Adjust) for rule in rules),
        )


def deciding_rules(rules: RuleSet) -> RuleSet:
    """Return the rules that decide something, and those that set tags which these read.

    Homes and facts of customers may be unknown to them: where a fact has to be known, whoever
    reads customers sees to it, and nothing at all may be known of who has none but calls.
    """
    kept = {rule.id for rule in rules if _has(rule, *DECIDING)}
    while True:
        read = {rules.tags[bit] for rule in rules if rule.id in kept for bit in rule.reads_tags}
        more = {rule.id for rule in rules if not read.isdisjoint(rule.sets)} - kept
        if not more:
            break
        kept |= more
    own = {FactName.HOME.value, *(spec.name for spec in declared_facts(rules))}
    specs = {
        spec.name: replace(spec, optional=True) if spec.name in own else spec
        for spec in rules.vocabulary
    }
    return RuleSet(
        rules=tuple(rule for rule in rules if rule.id in kept),
        vocabulary=Vocabulary(specs=specs),
    )


def _has(rule: Rule, *kinds: type) -> bool:
    return any(isinstance(each, kinds) for each in rule.effects)


NO_NEEDS = Needs(usage=False, missed=False, included=False, paid=False, covers=False, adjusts=False)
"""What a catalog needs none of whose rules decides anything."""
