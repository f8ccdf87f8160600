"""Conditions on the named figures of a comparison: `share_up_5pct>0`, so that a build can fail."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from plan_rules.batch.impact.figures import FIGURES, Unit, Value
from plan_rules.errors import PlanRulesError, UnknownId
from plan_rules.money import MICROS

OPERATORS: Mapping[str, Callable[[Fraction, Fraction], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
}
FORM = re.compile(
    r"\s*(?P<name>[A-Za-z][\w.-]*)\s*(?P<op><=|>=|==|<|>)\s*"
    r"(?P<number>[+-]?\d+(?:\.\d+)?)\s*(?P<unit>%|[A-Z]{3})?\s*",
    re.ASCII,
)
PERCENT = "%"
WHOLE = 100


class UnreadableCondition(PlanRulesError, ValueError):
    """A text that is no condition: `text` as given, `expected` what would have been right."""

    def __init__(self, *, text: str, expected: str) -> None:
        """Keep the facts; the sentence is made from them."""
        self.text = text
        self.expected = expected
        super().__init__(f"{text!r} is no condition; expected {expected}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A figure, an operator and a number: `text` as it was written.

    `limit` is in the unit of the figure: micros, basis points, a share of 1, or a count.
    """

    text: str
    figure: str
    op: str
    limit: Fraction
    test: Callable[[Fraction, Fraction], bool] = field(compare=False, repr=False)

    @classmethod
    def parse(cls, text: str, *, currency: str) -> Condition:
        """Return the condition that a text says.

        A number stands alone or with a unit: `%` for shares and basis points, the currency for
        amounts (`difference_month_micros>250USD`). A share alone is a part of 1.

        Raises `UnknownId` for a figure that is none, `UnreadableCondition` for all else.
        """
        found = FORM.fullmatch(text)
        if found is None:
            raise UnreadableCondition(
                text=text, expected="a figure, one of < <= > >= ==, and a number"
            )
        name = found["name"]
        if name not in FIGURES:
            raise UnknownId(kind="figure", value=name, known=FIGURES)
        limit = Fraction(found["number"]) * _scale(
            text, FIGURES[name].unit, found["unit"], currency
        )
        if FIGURES[name].unit is Unit.SHARE and not 0 <= limit <= 1:
            raise UnreadableCondition(text=text, expected="a share from 0 to 1, or 0% to 100%")
        return cls(text=text, figure=name, op=found["op"], limit=limit, test=OPERATORS[found["op"]])

    def holds(self, figures: Mapping[str, Value]) -> bool | None:
        """Return whether it holds, `None` if nobody can tell the figure."""
        value = figures[self.figure]
        return None if value is None else self.test(Fraction(value), self.limit)


def _scale(text: str, unit: Unit, written: str | None, currency: str) -> Fraction:
    """Return what one of the written unit is in the unit of the figure."""
    if written is None:
        return Fraction(1)
    known = {
        Unit.COUNT: {},
        Unit.SHARE: {PERCENT: Fraction(1, WHOLE)},
        Unit.BASIS_POINTS: {PERCENT: Fraction(WHOLE)},
        Unit.MICROS: {currency: Fraction(MICROS)},
    }[unit]
    if written not in known:
        units = f" or a number of {next(iter(known))}" if known else ""
        raise UnreadableCondition(text=text, expected=f"a number alone{units}, since it is {unit}")
    return known[written]
