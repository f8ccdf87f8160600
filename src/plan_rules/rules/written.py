"""Conditions in the words of their author, on one line."""

from __future__ import annotations

from plan_rules.rules.condition import LISTED, All, AnyOf, Comparison, Condition, Not, Operator
from plan_rules.rules.fact import FactSpec, FactType, Vocabulary

SHOWN = 4
"""How many conditions or words of a list are written out before the rest is counted."""


def as_written(condition: Condition, *, vocabulary: Vocabulary) -> str:
    """Return a condition as it may stand in a file, such as `usage.minutes: {gt: 300}`.

    Of long lists the first entries are written out.
    """
    match condition:
        case Comparison():
            return _comparison(condition, vocabulary[condition.fact])
        case Not():
            return f"not: {{{as_written(condition.condition, vocabulary=vocabulary)}}}"
        case All() | AnyOf():
            word = "all" if isinstance(condition, All) else "any"
            parts = [
                f"{{{as_written(each, vocabulary=vocabulary)}}}"
                for each in condition.conditions[:SHOWN]
            ]
            return f"{word}: [{_listed(parts, len(condition.conditions))}]"


def _comparison(comparison: Comparison, spec: FactSpec) -> str:
    operator, operands = comparison.operator, comparison.operands
    if operator is Operator.KNOWN:
        return f"{spec.name}: {{known: {'true' if operands[0] else 'false'}}}"
    words = [
        spec.values[code] if spec.type is FactType.SET else spec.words(code)
        for code in operands[:SHOWN]
    ]
    if operator is Operator.EQ:
        return f"{spec.name}: {words[0]}"
    if operator in LISTED or operator is Operator.BETWEEN:
        return f"{spec.name}: {{{operator}: [{_listed(words, len(operands))}]}}"
    return f"{spec.name}: {{{operator}: {words[0]}}}"


def _listed(parts: list[str], count: int) -> str:
    more = count - len(parts)
    return ", ".join(parts) + (f", and {more} more" if more else "")
