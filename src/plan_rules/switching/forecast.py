"""What a customer's calls would cost a day on a plan, by the complete cycles of their history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from plan_rules.periods import Cycle, CycleLength, cycle_at, cycles_between
from plan_rules.rating.bill import FEES, Bill
from plan_rules.rating.placing import PlacedCall, place_calls
from plan_rules.rating.rating import CycleInputs, rate_cycle
from plan_rules.tariff.book import PlanTariff, TariffBook
from plan_rules.usage.call import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageForecast:
    """Expected usage, tax included, of one customer on any plan of a book.

    As in an assessment, every complete cycle of the history is rated as a whole, with the
    values in force on the day asked about and the wall clock of the calls kept; then the cost
    is spread over the days of those cycles. Without a complete cycle it is 0.
    """

    book: TariffBook
    zone: str
    anchor: date
    calls: tuple[Call, ...]
    start: date
    as_of: date
    known: dict[tuple[str, str, int], Fraction] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    @classmethod
    def of(
        cls, *, book: TariffBook, zone: str, anchor: date, calls: Iterable[Call], as_of: date
    ) -> UsageForecast:
        """Return the forecast by the calls before `as_of`, from the first one's month on."""
        before = [each for each in place_calls(book, calls, zone=zone) if each.day < as_of]
        first = before[0].day if before else as_of
        return cls(
            book=book,
            zone=zone,
            anchor=anchor,
            calls=tuple(each.call for each in before),
            start=cycle_at(first, anchor=anchor, length=CycleLength()).start,
            as_of=as_of,
        )

    def cycles(self, plan_id: str) -> tuple[Cycle, ...]:
        """Return the plan's cycles that lie wholly within the history."""
        if not self.calls or plan_id not in self.book.plans:
            return ()
        billing = self.book.plan(plan_id).plan.billing
        anchor = self.anchor.replace(day=1) if billing.calendar else self.anchor
        return tuple(
            cycle
            for cycle in cycles_between(
                self.start, self.as_of, anchor=anchor, length=billing.length
            )
            if self.start <= cycle.start and cycle.end <= self.as_of
        )

    def daily_micros(self, plan_id: str, *, on: date, chosen: str = "") -> Fraction:
        """Return the expected usage of a day on a plan at the values in force `on` a day."""
        if plan_id not in self.book.plans:
            return Fraction(0)
        key = (plan_id, chosen, self.book.epoch_index(on))
        if key not in self.known:
            cycles = self.cycles(plan_id)
            bills = self._bills(self.book.plan(plan_id), cycles, on=on, chosen=chosen)
            days = sum(cycle.days for cycle in cycles)
            total = sum(_usage(bill) for bill in bills)
            self.known[key] = Fraction(total, days) if days else Fraction(0)
        return self.known[key]

    def between(self, plan_id: str, *, start: date, end: date, chosen: str = "") -> Fraction:
        """Return the expected usage from `start` to `end`, each day at its own day's values."""
        total, day = Fraction(0), start
        epochs = [each for each in self.book.epochs if start < each < end]
        for until in (*epochs, end):
            if day < until:
                total += (until - day).days * self.daily_micros(plan_id, on=day, chosen=chosen)
                day = until
        return total

    def _bills(
        self, tariff: PlanTariff, cycles: tuple[Cycle, ...], *, on: date, chosen: str
    ) -> list[Bill]:
        by_cycle: dict[date, list[PlacedCall]] = {cycle.start: [] for cycle in cycles}
        placed = place_calls(self.book, self.calls, zone=self.zone, values_on=on)
        for each in placed:
            for cycle in cycles:
                if each.day in cycle:
                    by_cycle[cycle.start].append(each)
        return [
            rate_cycle(
                self.book,
                tariff,
                cycle=cycle,
                placed=tuple(by_cycle[cycle.start]),
                inputs=CycleInputs(chosen=chosen),
                terms_on=on,
            )
            for cycle in cycles
        ]


def _usage(bill: Bill) -> int:
    """Return what a bill comes to without its fee, tax included."""
    return sum(line.gross_micros for line in bill.lines if line.maker.kind not in FEES)
