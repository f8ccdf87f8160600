"""Why one customer pays more: both bills line by line, by the readable engine.

Only this module and `adjusting` of `batch` ask the engines that answer one customer: prices never
come from here, and what is told here is told only if both engines agree to the micro.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from plan_rules.errors import PlanRulesError, Span
from plan_rules.periods import cycle_at, cycles_between
from plan_rules.rating.bill import Bill
from plan_rules.rating.charge import Outcome
from plan_rules.rating.placing import place_calls
from plan_rules.rating.rating import CycleInputs, billing_anchor, rate_cycle
from plan_rules.tariff.book import MakerKind, TariffBook
from plan_rules.usage.call import Call
from plan_rules.usage.customer import Customer


class EnginesDisagree(PlanRulesError, RuntimeError):
    """Both engines priced one customer's calls differently, which would be our fault.

    `plan` is the plan, `columnar` and `readable` are the totals in micros.
    """

    def __init__(self, *, plan: str, columnar: int, readable: int) -> None:
        """Keep both totals."""
        self.plan = plan
        self.columnar = columnar
        self.readable = readable
        super().__init__(
            f"plan `{plan}`: the columnar engine says {columnar} micros and the readable one "
            f"{readable}; do not use the results"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What pricing a customer's calls line by line needs to know of them.

    `codes` are those of home and of the operator's own facts, as far as they are known, for the
    rules of each catalog.
    """

    customer: Customer
    codes: tuple[Mapping[str, int], ...]
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSum:
    """One line over all bills: its calls, billed seconds and amount; places it is written at."""

    calls: int = 0
    seconds: int = 0
    micros: int = 0
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChange:
    """A line of the bills that is not what it was; one that is missing is all 0.

    `kind` and `id` say what makes the line, `outcome` what became of its calls. The amounts of
    both sides are what the customer pays, tax included.
    """

    kind: MakerKind
    id: str
    outcome: Outcome
    old: LineSum
    new: LineSum

    @property
    def difference_micros(self) -> int:
        """How much more the line costs."""
        return self.new.micros - self.old.micros


@dataclass(slots=True)
class _Sum:
    calls: int = 0
    seconds: int = 0
    micros: int = 0
    spans: set[Span] = field(default_factory=set)

    def told(self) -> LineSum:
        return LineSum(
            calls=self.calls,
            seconds=self.seconds,
            micros=self.micros,
            spans=tuple(sorted(self.spans)),
        )


Key = tuple[MakerKind, str, Outcome]


def bills_of(book: TariffBook, plan: str, caller: Caller, *, values_on: date) -> tuple[Bill, ...]:
    """Return every bill of a customer on a plan, by the values of one day.

    As `rate`, but for the values, and without an intro price. The caller has calls.
    """
    tariff = book.plan(plan)
    who = caller.customer
    anchor, length = billing_anchor(tariff, who.anchor), tariff.plan.billing.length
    placed = place_calls(book, caller.calls, zone=who.zone, values_on=values_on)
    days = [each.day for each in placed]
    first = cycle_at(min(days), anchor=anchor, length=length)
    last = cycle_at(max(days), anchor=anchor, length=length)
    return tuple(
        rate_cycle(
            book,
            tariff,
            cycle=cycle,
            placed=tuple(each for each in placed if each.day in cycle),
            inputs=CycleInputs(chosen=who.chosen_country),
            terms_on=values_on,
        )
        for cycle in cycles_between(first.start, last.end, anchor=anchor, length=length)
    )


def demand_agreement(bills: Sequence[Bill], *, plan: str, total_micros: int) -> None:
    """Raise `EnginesDisagree` unless the bills sum to what the columnar engine says."""
    readable = sum(bill.total_micros for bill in bills)
    if readable != total_micros:
        raise EnginesDisagree(plan=plan, columnar=total_micros, readable=readable)


def line_changes(old: Sequence[Bill], new: Sequence[Bill]) -> tuple[LineChange, ...]:
    """Return the lines that are not what they were, the most dearer first.

    Their differences sum to the difference of the totals.
    """
    before, after = _lines(old), _lines(new)
    changes = [
        LineChange(kind=kind, id=name, outcome=outcome, old=was, new=now)
        for key in {**before, **after}
        for kind, name, outcome in [key]
        for was, now in [(before[key].told(), after[key].told())]
        if (was.calls, was.seconds, was.micros) != (now.calls, now.seconds, now.micros)
    ]
    return tuple(sorted(changes, key=_dearest))


def _lines(bills: Sequence[Bill]) -> dict[Key, _Sum]:
    found: dict[Key, _Sum] = defaultdict(_Sum)
    for bill in bills:
        for line in bill.lines:
            known = found[line.maker.kind, line.maker.id, line.outcome]
            known.calls += line.calls
            known.seconds += line.seconds
            known.micros += line.gross_micros
            if line.span.line:
                known.spans.add(line.span)
    return found


def _dearest(change: LineChange) -> tuple[int, int, str]:
    return (-change.difference_micros, list(MakerKind).index(change.kind), change.id)
