"""One line of what a switch, a cycle or a cancellation moves, with its derivation in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from plan_rules.errors import InvalidValue

NOT_A_CREDIT = -1
"""The `credits` of a line that gives nothing back."""


class LineKind(StrEnum):
    """What a line is for.

    `fee` and `intro-fee` pay for days of a plan; `credit` gives back such a payment; `one-time`
    is due once; `early-termination` is the price of leaving a commitment; `days-bought` is the
    value that was turned into days of the new plan; `reversal` takes back a line of a switch
    that is undone on its own day.
    """

    FEE = "fee"
    INTRO_FEE = "intro-fee"
    CREDIT = "credit"
    ONE_TIME = "one-time"
    EARLY_TERMINATION = "early-termination"
    DAYS_BOUGHT = "days-bought"
    REVERSAL = "reversal"


PAYS_FOR_DAYS = frozenset({LineKind.FEE, LineKind.INTRO_FEE, LineKind.DAYS_BOUGHT})
"""Kinds of lines that pay for days of a cycle, and of which what is left can be given back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One amount in micros: above 0 the customer owes it, below 0 it is given back.

    `amount_micros` is as priced; `net_micros` and `gross_micros` are without and with tax.
    `price_micros` is the whole price that `share` of was taken: for a fee that of a full
    cycle, net of promotions. `start` and `end` are the days paid for. `credits` is the place,
    among what was paid for the current cycle, of the payment that a line gives back (`-1`:
    none). `derivation` says in words how the amount came about, `written` where the price is
    written.
    """

    kind: LineKind
    plan_id: str
    id: str
    amount_micros: int
    net_micros: int
    gross_micros: int
    price_micros: int
    share: Fraction = Fraction(1)
    start: date | None = None
    end: date | None = None
    credits: int = NOT_A_CREDIT
    derivation: str = ""
    written: str = ""

    def __post_init__(self) -> None:
        """Refuse a share that is none, and a line that pays for days without saying which."""
        if not 0 <= self.share <= 1:
            raise InvalidValue(name="share", value=str(self.share), expected="from 0 to 1")
        if self.kind in PAYS_FOR_DAYS and (
            self.start is None or self.end is None or self.end <= self.start
        ):
            raise InvalidValue(
                name="end", value=self.end, expected="the days paid for, at least one"
            )

    @property
    def tax_micros(self) -> int:
        """The tax of the line, of its sign."""
        return self.gross_micros - self.net_micros


def gross_of(lines: Iterable[Line]) -> int:
    """Return the sum of lines, tax included, in micros."""
    return sum(line.gross_micros for line in lines)
