"""Which rules, and which comparisons in them, have been tried: true, false, or never decided.

A rule is read as people read it: `all` stops at the first condition that is false, `any` at the
first that is true, and what comes after is not decided. Coverage of many sheets of facts is the
sum of the coverage of each, in whatever order and grouping they are added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from types import MappingProxyType

from plan_rules.errors import InvalidValue
from plan_rules.rules.condition import All, AnyOf, Comparison, Condition, Not, compare, comparisons
from plan_rules.rules.explanation import explain_rule, nearness
from plan_rules.rules.fact import AS_OF, Facts, Stage, Vocabulary
from plan_rules.rules.need import Need
from plan_rules.rules.rule import Rule, RuleSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """How often a comparison was true, and how often false; undecided times do not count."""

    true: int = 0
    false: int = 0

    def __add__(self, other: Decided) -> Decided:
        """Return both counts together."""
        return Decided(true=self.true + other.true, false=self.false + other.false)


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """The sheet of facts that came nearest to making a rule fire, and what it lacks."""

    sheet: str
    needs: tuple[Need, ...]

    @property
    def key(self) -> tuple[tuple[int, Fraction], str, tuple[tuple[str, int, str], ...]]:
        """What orders near misses: the smallest is the nearest, and no two are alike."""
        lacks = tuple(
            (each.fact.name, _order(each.have), repr(each.literal)) for each in self.needs
        )
        return nearness(self.needs), self.sheet, lacks


def _order(code: int | None) -> int:
    """Return a number for a code, one of its own for what is not known."""
    return -1 if code is None else 2 * code if code >= 0 else -2 * code + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """How often one rule was asked, was in force on the day, and fired.

    `leaves` are its comparisons in the order of writing, its dates left out. `near` is how near
    it came to firing while it has never fired.
    """

    asked: int = 0
    in_force: int = 0
    fired: int = 0
    leaves: tuple[Decided, ...] = ()
    near: Near | None = None

    def __add__(self, other: Tried) -> Tried:
        """Return what both tell together; raise `InvalidValue` if they are of two rules."""
        if len(self.leaves) != len(other.leaves):
            raise InvalidValue(
                name="leaves", value=len(other.leaves), expected=f"{len(self.leaves)} comparisons"
            )
        fired = self.fired + other.fired
        near = [each for each in (self.near, other.near) if each is not None and not fired]
        return Tried(
            asked=self.asked + other.asked,
            in_force=self.in_force + other.in_force,
            fired=fired,
            leaves=tuple(map(Decided.__add__, self.leaves, other.leaves)),
            near=min(near, key=lambda each: each.key, default=None),
        )


Known = dict[tuple[str, tuple[int | None, ...]], tuple[Need, ...] | None]
"""How near rules came to firing, by their ids and the codes of the facts that they ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What was tried of each rule, by its id; rules that were never asked are not in it."""

    by_rule: Mapping[str, Tried] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Freeze the mapping."""
        object.__setattr__(self, "by_rule", MappingProxyType(dict(self.by_rule)))

    def __add__(self, other: Coverage) -> Coverage:
        """Return what both tell together."""
        found = dict(self.by_rule)
        for name, tried in other.by_rule.items():
            found[name] = found[name] + tried if name in found else tried
        return Coverage(by_rule=found)

    def of(self, rule: Rule) -> Tried:
        """Return what was tried of a rule."""
        nothing = Tried(leaves=tuple(Decided() for _ in comparisons(rule.when)))
        return self.by_rule.get(rule.id, nothing)

    def with_sheet(
        self,
        *,
        rules: RuleSet,
        stage: Stage,
        facts: Facts,
        sheet: str = "",
        known: Known | None = None,
    ) -> Coverage:
        """Return this coverage with the rules of a stage asked about one sheet of facts more.

        `facts` hold the tags set so far, as those of a `Decision` do. `sheet` names them to
        people. What was worked out is kept in `known`, for the next sheet of the same rules.
        """
        memo = {} if known is None else known
        found = {}
        for rule in rules:
            if rule.stage is stage:
                found[rule.id] = one = tried(rule, facts=facts)
                if not one.fired and not self.of(rule).fired:
                    near = _near(rule, rules.vocabulary, facts, sheet, memo)
                    found[rule.id] = replace(one, near=near)
        return self + Coverage(by_rule=found)


def tried(rule: Rule, *, facts: Facts) -> Tried:
    """Return what one sheet of facts tries of a rule, how near a miss was left out."""
    leaves = [Decided() for _ in comparisons(rule.when)]
    is_in_force = all(compare(each, facts.get(AS_OF)) for each in _dates(rule))
    fired = is_in_force and _walk(rule.when, facts, leaves, 0)
    return Tried(asked=1, in_force=int(is_in_force), fired=int(fired), leaves=tuple(leaves))


def _near(
    rule: Rule, vocabulary: Vocabulary, facts: Facts, sheet: str, known: Known
) -> Near | None:
    """Return how near a rule came to firing, `None` if nothing could make it fire."""
    asked = tuple(facts.get(each.fact) for each in comparisons(rule.condition))
    key = (rule.id, asked)
    if key not in known:
        explained = explain_rule(rule=rule, vocabulary=vocabulary, facts=facts)
        known[key] = explained.needs if explained.can_fire else None
    needs = known[key]
    return None if needs is None else Near(sheet=sheet, needs=needs)


def _dates(rule: Rule) -> tuple[Comparison, ...]:
    """Return the comparisons by which a rule is in force or not."""
    asked = tuple(comparisons(rule.condition))
    return asked[: len(asked) - leaves_of(rule.when)]


def leaves_of(condition: Condition) -> int:
    """Return how many comparisons a condition holds."""
    return sum(1 for _ in comparisons(condition))


def _walk(condition: Condition, facts: Facts, leaves: list[Decided], place: int) -> bool:
    """Return whether a condition is true, and count what is decided from `place` on."""
    match condition:
        case Comparison():
            found = compare(condition, facts.get(condition.fact))
            leaves[place] += Decided(true=int(found), false=int(not found))
            return found
        case Not():
            return not _walk(condition.condition, facts, leaves, place)
        case All() | AnyOf():
            settles = isinstance(condition, AnyOf)
            for each in condition.conditions:
                if _walk(each, facts, leaves, place) is settles:
                    return settles
                place += leaves_of(each)
            return not settles
