"""The reference engine: reads each condition as it is written, and is right by definition.

It knows no normal form and remembers nothing. The other engines are held to its answers.
"""

from __future__ import annotations

from dataclasses import dataclass

from plan_rules.rules.condition import All, AnyOf, Comparison, Condition, Not, compare
from plan_rules.rules.fact import Facts
from plan_rules.rules.rule import RuleSet


def is_true(condition: Condition, facts: Facts) -> bool:
    """Whether a condition holds for these facts."""
    match condition:
        case Comparison():
            return compare(condition, facts.get(condition.fact))
        case All():
            return all(is_true(each, facts) for each in condition.conditions)
        case AnyOf():
            return any(is_true(each, facts) for each in condition.conditions)
        case Not():
            return not is_true(condition.condition, facts)


@dataclass(frozen=True, slots=True)
class Interpreter:
    """Decides by walking the conditions of `rules`."""

    rules: RuleSet

    @property
    def name(self) -> str:
        """The name that outcomes carry."""
        return "interpreter"

    def fired(self, layer: tuple[int, ...], facts: Facts) -> frozenset[int]:
        """Return the indexes of the rules of a layer that are true.

        Raises `MissingFact` where a fact that is always known was not given.
        """
        facts.require(self.rules.needs(layer))
        return frozenset(
            index for index in layer if is_true(self.rules.rules[index].condition, facts)
        )
