"""The customers who pay most more, kept with their calls until they are explained."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np

from plan_rules.batch.columns import NO_DAY, CallColumns, day_of
from plan_rules.batch.impact.adjusting import adjusted_bills, known_codes
from plan_rules.batch.impact.explaining import (
    Caller,
    LineChange,
    bills_of,
    demand_agreement,
    line_changes,
)
from plan_rules.batch.impact.sides import Sides
from plan_rules.batch.impact.sums import Amounts, Compared
from plan_rules.batch.intake.customers import CustomerTable
from plan_rules.usage.call import Call
from plan_rules.usage.customer import Customer

ANY_HOME = "US"
"""The home of who lives nobody knows where; nothing that is told depends on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hurt:
    """A customer who pays more, and which lines of the bills made the difference.

    `month` and `total` are amounts for a month and over all bills, `bills_old` and `bills_new`
    how many there are. The differences of `lines` sum to that of `total`. `is_idle` tells that
    the customer made no call, so that this is their fee alone.
    """

    customer_id: str
    plan: str
    is_idle: bool
    bills_old: int
    bills_new: int
    month: Amounts
    total: Amounts
    lines: tuple[LineChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """A customer, by their row in the table, and one entry of `Compared`."""

    row: int
    amounts: Compared
    calls: CallColumns

    @property
    def order(self) -> tuple[int, int]:
        """The most hurt first; ties by the order of the table."""
        return -int(self.amounts.difference[0]), self.row


class MostHurt:
    """Keeps the `top` customers whose months rise most, by what they pay more."""

    def __init__(self, *, sides: Sides, customers: CustomerTable, top: int) -> None:
        """Keep none yet."""
        self._sides, self._customers, self._top = sides, customers, top
        self._kept: list[_Kept] = []

    def look_at(self, compared: Compared, *, calls: CallColumns, base: int) -> None:
        """Look at more customers, who are counted from the row `base` on."""
        rises = compared.difference
        least = 0
        if 0 < self._top == len(self._kept):
            least = int(self._kept[-1].amounts.difference[0])
        risen = np.flatnonzero(rises > least)
        most = risen[np.argsort(-rises[risen], kind="stable")][: self._top]
        for place in most.tolist():
            row = int(compared.customer[place])
            kept = _Kept(
                row=row,
                amounts=compared.taken(np.array([place])),
                calls=calls.where(calls.customer == row - base),
            )
            self._kept.append(kept)
        self._kept = sorted(self._kept, key=lambda each: each.order)[: self._top]

    def explained(self, *, values_on: date) -> tuple[Hurt, ...]:
        """Return who was kept, the most hurt first, with the lines that made the difference.

        Raises `EnginesDisagree` if the readable engine says other totals.
        """
        return tuple(self._explained(each, values_on) for each in self._kept)

    def _explained(self, kept: _Kept, values_on: date) -> Hurt:
        amounts = kept.amounts
        plan = self._sides.plan_ids[amounts.plan[0]]
        total = Amounts(old=int(amounts.old_total[0]), new=int(amounts.new_total[0]))
        caller = self._caller(kept)
        old, new = (
            adjusted_bills(
                side,
                bills_of(side.book, plan, caller, values_on=values_on),
                caller,
                values_on=values_on,
            )
            for side in self._sides.both
        )
        demand_agreement(old, plan=plan, total_micros=total.old)
        demand_agreement(new, plan=plan, total_micros=total.new)
        return Hurt(
            customer_id=str(self._customers.ids[kept.row].as_py()),
            plan=plan,
            is_idle=bool(amounts.is_idle[0]),
            bills_old=len(old),
            bills_new=len(new),
            month=Amounts(old=int(amounts.old_month[0]), new=int(amounts.new_month[0])),
            total=total,
            lines=line_changes(old, new),
        )

    def _caller(self, kept: _Kept) -> Caller:
        columns, row, calls = self._customers.columns, kept.row, kept.calls
        chosen, plan, since = (
            int(each[row]) for each in (columns.chosen, columns.plan, columns.since)
        )
        code = -1 if columns.home is None else int(columns.home[row])
        home = "" if code < 0 else columns.homes[code]
        return Caller(
            customer=Customer(
                id=str(self._customers.ids[row].as_py()),
                home=home or ANY_HOME,
                zone=columns.zones[columns.zone[row]],
                anchor=day_of(int(columns.anchor[row])),
                plan="" if plan < 0 else self._sides.plan_ids[plan],
                since=None if since == NO_DAY else day_of(since),
                chosen_country="" if chosen < 0 else columns.countries[chosen],
            ),
            codes=tuple(
                known_codes(side, facts, row, home)
                for side, facts in zip(self._sides.both, self._customers.coded, strict=True)
            ),
            calls=tuple(
                Call(start=datetime.fromtimestamp(start, UTC), number=f"+{number}", seconds=seconds)
                for start, number, seconds in zip(
                    calls.start.tolist(),
                    calls.number.tolist(),
                    calls.seconds.tolist(),
                    strict=True,
                )
            ),
        )
