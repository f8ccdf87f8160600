"""What was paid for the current cycle and what came back of it; how lines are settled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from plan_rules.errors import InvalidValue
from plan_rules.periods import Cycle
from plan_rules.switching.line import Line, gross_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What was billed for days of the current cycle, and what of it was given back.

    `price_micros` is the price of a full cycle net of promotions. What was billed for `start`
    to `end` is `paid_micros` as priced, and without and with tax; so is what was `credited`,
    which never exceeds it. `cycle` is the one that the days are a share of.
    """

    plan_id: str
    id: str
    cycle: Cycle
    start: date
    end: date
    price_micros: int
    paid_micros: int
    paid_net_micros: int
    paid_gross_micros: int
    credited_micros: int = 0
    credited_net_micros: int = 0
    credited_gross_micros: int = 0

    @property
    def left_micros(self) -> int:
        """What was billed and not given back, as priced."""
        return self.paid_micros - self.credited_micros

    @property
    def left_net_micros(self) -> int:
        """What was billed and not given back, without tax."""
        return self.paid_net_micros - self.credited_net_micros

    @property
    def left_gross_micros(self) -> int:
        """What was billed and not given back, with tax."""
        return self.paid_gross_micros - self.credited_gross_micros

    def less(self, line: Line) -> Payment:
        """Return the payment after a line that gives back of it, or takes a credit back."""
        return replace(
            self,
            credited_micros=self.credited_micros - line.amount_micros,
            credited_net_micros=self.credited_net_micros - line.net_micros,
            credited_gross_micros=self.credited_gross_micros - line.gross_micros,
        )

    @property
    def is_possible(self) -> bool:
        """Whether what was given back lies between nothing and what was paid."""
        return (
            0 <= self.credited_micros <= self.paid_micros
            and 0 <= self.credited_net_micros <= self.paid_net_micros
            and 0 <= self.credited_gross_micros <= self.paid_gross_micros
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """How lines are paid: from the account credit first, and what is `due` beyond it.

    `gross_micros` is the sum of the lines with tax. Below 0 it becomes account credit. What the
    account holds afterwards is `credit_after_micros`.
    """

    gross_micros: int
    from_credit_micros: int
    due_micros: int
    credit_after_micros: int

    @classmethod
    def of(cls, lines: Iterable[Line], *, credit_micros: int) -> Settlement:
        """Settle lines against an account credit of 0 or more."""
        gross = gross_of(lines)
        used = min(credit_micros, max(0, gross))
        return cls(
            gross_micros=gross,
            from_credit_micros=used,
            due_micros=max(0, gross) - used,
            credit_after_micros=credit_micros - used + max(0, -gross),
        )


def payment_of(line: Line, cycle: Cycle) -> Payment:
    """Return what a line pays for days of a cycle."""
    if line.start is None or line.end is None:
        raise InvalidValue(name="start", value=None, expected="the days a fee pays for")
    return Payment(
        plan_id=line.plan_id,
        id=line.id,
        cycle=cycle,
        start=line.start,
        end=line.end,
        price_micros=line.price_micros,
        paid_micros=line.amount_micros,
        paid_net_micros=line.net_micros,
        paid_gross_micros=line.gross_micros,
    )
