"""Why a rule fired, and the nearest way in which one that did not fire would have.

Of a rule that fired, each comparison is shown with the value it was asked about. For one that
did not, every alternative of its normal form is held against the facts: the nearest way is the
one that changes the fewest facts, then the one that changes them least. Changing just these
facts to the values named makes the rule fire.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from plan_rules.rules.condition import Comparison, compare, comparisons
from plan_rules.rules.fact import Facts, FactType, Vocabulary
from plan_rules.rules.literal import Among, Literal, Members, Unknown
from plan_rules.rules.need import Need
from plan_rules.rules.normal import Alternative, Alternatives, normal_form
from plan_rules.rules.rule import Rule

DAYS_PER_YEAR = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One comparison as it was asked: the code of its fact, `None` if not known, and its truth."""

    comparison: Comparison
    code: int | None
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleExplanation:
    """One rule held against facts.

    `readings` are its comparisons in the order of writing, those of its dates first. `needs`
    is the nearest way for it to fire: empty if it fired, or if nothing can make it fire
    (`can_fire`).
    """

    rule: Rule
    fired: bool
    readings: tuple[Reading, ...]
    needs: tuple[Need, ...]
    can_fire: bool


def explain_rule(
    *, rule: Rule, vocabulary: Vocabulary, facts: Facts, alternatives: Alternatives | None = None
) -> RuleExplanation:
    """Return why a rule fires for these facts, or the nearest way in which it would.

    `alternatives` are its normal form, if that is at hand. Raises `TooManyAlternatives` for a
    rule that no engine carries.
    """
    condition = rule.condition
    readings = tuple(
        Reading(
            comparison=each, code=facts.get(each.fact), holds=compare(each, facts.get(each.fact))
        )
        for each in comparisons(condition)
    )
    if alternatives is None:
        alternatives = normal_form(rule=rule, vocabulary=vocabulary)
    fired = any(each.holds(facts) for each in alternatives)
    ways = [] if fired else [_needs(each, vocabulary, facts) for each in alternatives]
    return RuleExplanation(
        rule=rule,
        fired=fired,
        readings=readings,
        needs=min(ways, key=nearness, default=()),
        can_fire=bool(alternatives),
    )


def _needs(alternative: Alternative, vocabulary: Vocabulary, facts: Facts) -> tuple[Need, ...]:
    """Return what would have to change for an alternative to hold."""
    found = []
    for literal in alternative.literals:
        have = facts.get(literal.fact)
        if not literal.holds(have):
            spec = vocabulary[literal.fact]
            found.append(
                Need(fact=spec, have=have, target=_nearest(literal, have), literal=literal)
            )
    return tuple(found)


def _nearest(literal: Literal, have: int | None) -> int | None:
    """Return the code nearest to the present one for which a literal holds."""
    match literal:
        case Unknown():
            return None
        case Among() if have is None:
            return literal.ranges[0][0]
        case Among():
            ends = [end for each in literal.ranges for end in each]
            return min(ends, key=lambda end: (abs(end - (have or 0)), end))
        case Members():
            code = ((have or 0) | literal.has) & ~literal.lacks
            for mask in literal.some:
                code |= 0 if code & mask else mask & -mask
            return code


def nearness(needs: tuple[Need, ...]) -> tuple[int, Fraction]:
    """Return a key that is smaller for a nearer way: how many facts change, then how far."""
    return len(needs), sum((_part(each) for each in needs), Fraction(0))


def _part(need: Need) -> Fraction:
    off = need.short
    if off is None or need.have is None or need.target is None:
        return Fraction(1)
    size = (
        DAYS_PER_YEAR
        if need.fact.type is FactType.DATE
        else max(abs(need.have), abs(need.target), 1)
    )
    return min(Fraction(1), Fraction(abs(off), size))
