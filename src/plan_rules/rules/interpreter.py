"""The reference engine: reads each condition as it is written, and is right by definition.

It knows no normal form. The other engines are held to its answers.
"""

from __future__ import annotations

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


class Interpreter:
    """Decides by walking the conditions of `rules`."""

    name = "interpreter"
    """The name that outcomes carry."""

    def __init__(self, rules: RuleSet) -> None:
        """Keep the conditions, dates included, and what each layer cannot do without."""
        self.rules = rules
        self._conditions = tuple(rule.condition for rule in rules)
        self._needs = {layer: rules.needs(layer) for layer in rules.layers}

    def fired(self, layer: tuple[int, ...], facts: Facts) -> frozenset[int]:
        """Return the indexes of the rules of a layer that are true.

        Raises `MissingFact` where a fact that is always known was not given.
        """
        facts.require(self._needs[layer])
        return frozenset(index for index in layer if is_true(self._conditions[index], facts))
