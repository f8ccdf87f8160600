"""Conditions over facts: comparisons, and `all`, `any` and `not` of conditions.

Two values only: a comparison with a fact that is not known is false, also `ne` and `not-in`;
`not` is classical. Operands are codes of the fact's values (see `fact`), so that there is no
other comparison than that of integers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from plan_rules.errors import NOWHERE, InvalidValue, Span
from plan_rules.rules.fact import FactType


class Operator(StrEnum):
    """How a fact is compared; `between` includes both ends."""

    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    BETWEEN = "between"
    IN = "in"
    NOT_IN = "not-in"
    HAS = "has"
    HAS_ANY = "has-any"
    HAS_ALL = "has-all"
    KNOWN = "known"


ORDERED = frozenset({FactType.INTEGER, FactType.MONEY, FactType.DATE})
LISTED = frozenset({Operator.IN, Operator.NOT_IN, Operator.HAS_ANY, Operator.HAS_ALL})
"""Operators whose operand is a list of one value or more."""


def operators_of(kind: FactType) -> tuple[Operator, ...]:
    """Return the operators that a fact of this type can be compared by."""
    equality = (Operator.EQ, Operator.NE)
    order = (Operator.LT, Operator.LTE, Operator.GT, Operator.GTE, Operator.BETWEEN)
    choice = (Operator.IN, Operator.NOT_IN)
    found: tuple[Operator, ...] = equality
    if kind in ORDERED:
        found = (*equality, *order, *choice)
    elif kind is FactType.ENUM:
        found = (*equality, *choice)
    elif kind is FactType.SET:
        found = (Operator.HAS, Operator.HAS_ANY, Operator.HAS_ALL)
    return (*found, Operator.KNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One fact compared with `operands`, which are codes.

    `eq`, `ne` and the four of order have one operand, `between` has the two ends, `in`,
    `not-in`, `has-any` and `has-all` one or more, ascending; `has` has one. The operands of
    `has`, `has-any` and `has-all` are places of words (bits), not sets. `known` has 1 for
    true, 0 for false.
    """

    fact: str
    operator: Operator
    operands: tuple[int, ...]
    span: Span = NOWHERE

    def __post_init__(self) -> None:
        """Refuse a number of operands that the operator cannot have."""
        count = len(self.operands)
        fits = (
            count >= 1
            if self.operator in LISTED
            else count == (2 if self.operator is Operator.BETWEEN else 1)
        )
        if not fits:
            raise InvalidValue(
                name=self.operator.value, value=self.operands, expected="as many values as it takes"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class All:
    """True if every one of `conditions`, at least one, is true."""

    conditions: tuple[Condition, ...]
    span: Span = NOWHERE

    def __post_init__(self) -> None:
        """Refuse an empty list."""
        if not self.conditions:
            raise InvalidValue(name="all", value=(), expected="at least one condition")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """True if at least one of `conditions`, at least one, is true."""

    conditions: tuple[Condition, ...]
    span: Span = NOWHERE

    def __post_init__(self) -> None:
        """Refuse an empty list."""
        if not self.conditions:
            raise InvalidValue(name="any", value=(), expected="at least one condition")


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """True if `condition` is false, and so also where it is false for want of a fact."""

    condition: Condition
    span: Span = NOWHERE


Condition = Comparison | All | AnyOf | Not


def comparisons(condition: Condition) -> Iterator[Comparison]:
    """Yield every comparison of a condition in the order in which they are written."""
    match condition:
        case Comparison():
            yield condition
        case All() | AnyOf():
            for each in condition.conditions:
                yield from comparisons(each)
        case Not():
            yield from comparisons(condition.condition)


def _has(code: int, bits: tuple[int, ...]) -> bool:
    return all(code >> bit & 1 for bit in bits)


TESTS: Mapping[Operator, Callable[[int, tuple[int, ...]], bool]] = MappingProxyType(
    {
        Operator.EQ: lambda code, operands: code == operands[0],
        Operator.NE: lambda code, operands: code != operands[0],
        Operator.LT: lambda code, operands: code < operands[0],
        Operator.LTE: lambda code, operands: code <= operands[0],
        Operator.GT: lambda code, operands: code > operands[0],
        Operator.GTE: lambda code, operands: code >= operands[0],
        Operator.BETWEEN: lambda code, operands: operands[0] <= code <= operands[1],
        Operator.IN: lambda code, operands: code in operands,
        Operator.NOT_IN: lambda code, operands: code not in operands,
        Operator.HAS: _has,
        Operator.HAS_ALL: _has,
        Operator.HAS_ANY: lambda code, operands: any(code >> bit & 1 for bit in operands),
    }
)
"""What each operator asks of the code of a known fact; `known` asks nothing of it."""


def compare(comparison: Comparison, code: int | None) -> bool:
    """Whether a comparison holds for a fact of this code, `None` if it is not known."""
    if comparison.operator is Operator.KNOWN:
        return (code is not None) == bool(comparison.operands[0])
    return code is not None and TESTS[comparison.operator](code, comparison.operands)
