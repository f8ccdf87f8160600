"""A customer's usage and billing history: what the guide has an agent review, and a portal show.

Every figure is taken from bills of the readable engine, so that a usage page and a bill cannot
disagree. Days, cycles and clocks are the customer's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from plan_rules.assessment.billing import adjusted_bill, adjusted_bills
from plan_rules.catalog.catalog import Catalog
from plan_rules.catalog.plan import Plan
from plan_rules.destinations.line_type import LineType
from plan_rules.errors import InvalidValue
from plan_rules.journey.projection import calls_to_come, repeated_weeks
from plan_rules.journey.standing import AllowanceStanding, standings
from plan_rules.money import Money
from plan_rules.periods import (
    Cycle,
    CycleLength,
    cycle_at,
    cycles_between,
    epoch_seconds,
    local_moment,
    time_zone,
)
from plan_rules.rating.bill import FEES, Bill
from plan_rules.rating.charge import Charge, Outcome
from plan_rules.rating.placing import place_calls
from plan_rules.rating.rating import CycleInputs, billing_anchor, rate_cycle
from plan_rules.switching.line import Line, gross_of
from plan_rules.tariff.book import CycleTerms, PlanTariff, TariffBook
from plan_rules.tariff.compiling import tariff_book
from plan_rules.usage.call import Call
from plan_rules.usage.customer import Customer


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationSummary:
    """The answered calls of a cycle to one country and line type, and what they came to.

    `country` is empty and `line` `None` for numbers that lead nowhere known. `seconds` are
    called, `included_seconds` drawn from allowances, `paid_seconds` billed by a rate.
    `refused_calls` are blocked, uncovered or unrated ones, among `calls`; they cost nothing.
    """

    country: str
    line: LineType | None
    calls: int
    seconds: int
    included_seconds: int
    paid_seconds: int
    refused_calls: int
    amount_micros: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleSummary:
    """One billing cycle, or the part of one on a plan: its bill, and its calls counted.

    Destinations come by descending seconds, then country and line. `unanswered` calls are
    counted apart. `projected` is the bill of the whole cycle with the calls still to come,
    `None` for a cycle that is over and where nothing is projected. `charged` are the pro-rated
    lines that a subscription was charged, in place of the bill's fee; `None` where there is no
    subscription, and the bill's own fee stands.
    """

    bill: Bill = field(repr=False)
    is_over: bool
    destinations: tuple[DestinationSummary, ...]
    allowances: tuple[AllowanceStanding, ...]
    unanswered: int
    projected: Bill | None = field(default=None, repr=False)
    charged: tuple[Line, ...] | None = None

    @property
    def plan(self) -> Plan:
        """The plan the calls were made on."""
        return self.bill.tariff.plan

    @property
    def cycle(self) -> Cycle:
        """The cycle."""
        return self.bill.cycle

    @property
    def calls(self) -> int:
        """Answered calls."""
        return sum(each.calls for each in self.destinations)

    @property
    def seconds(self) -> int:
        """Called seconds."""
        return sum(each.seconds for each in self.destinations)

    @property
    def refused_calls(self) -> int:
        """Calls that the plan did not carry."""
        return sum(each.refused_calls for each in self.destinations)

    @property
    def total(self) -> Money:
        """What the cycle comes to, tax included; so far, if it is not over."""
        return Money(self._total(self.bill), self.bill.currency)

    @property
    def projected_total(self) -> Money | None:
        """What the cycle will come to if the customer goes on as in the last weeks."""
        if self.projected is None:
            return None
        return Money(self._total(self.projected), self.bill.currency)

    def _total(self, bill: Bill) -> int:
        if self.charged is None:
            return bill.total_micros
        usage = (line.gross_micros for line in bill.lines if line.maker.kind not in FEES)
        return sum(usage) + gross_of(self.charged)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageReport:
    """A customer's usage at `as_of`: cycles in order, the open one last.

    A cycle in which the plan changed is told in parts, one for each plan. `repeated_weeks` is
    how many weeks of calls the projection repeats, 0 if it has none. `unserved_calls` were made
    before the plan began, or while service was paused, and are on no bill; `later_calls` at
    `as_of` or after. Every call given is in a bill or in one of these two.
    """

    customer_id: str
    zone: str
    as_of: datetime
    cycles: tuple[CycleSummary, ...]
    repeated_weeks: int
    unserved_calls: int
    later_calls: int

    @property
    def current(self) -> CycleSummary:
        """The last cycle: it holds `as_of`, unless service has stopped before."""
        return self.cycles[-1]

    @property
    def plan(self) -> Plan:
        """The present plan."""
        return self.current.plan

    @property
    def billing_history(self) -> tuple[CycleSummary, ...]:
        """The cycles that are over, in order."""
        return tuple(each for each in self.cycles if each.is_over)

    @property
    def currency(self) -> str:
        """The currency of all amounts."""
        return self.current.bill.currency


def review_usage(
    *, catalog: Catalog, customer: Customer, calls: Iterable[Call], as_of: datetime
) -> UsageReport:
    """Return the customer's usage by cycle, destination and allowance on their present plan.

    `as_of` is an aware instant: calls that started before it count. Cycles run from the one of
    the first call, or of `customer.since` if the plan began later, to the one that holds
    `as_of`; each is priced by the values in force on its own dates, with what rules take off it
    or put on it. The open cycle is projected
    to its end by `plan_rules.journey.projection`: the rest of it repeats the last four weeks.

    Raises `InvalidValue` for a customer without a plan, for a naive `as_of`, and for one before
    the plan began; `UnknownId` for a plan the catalog does not have.
    """
    if not customer.plan:
        raise InvalidValue(
            name="plan", value=customer.plan, expected="the id of the customer's present plan"
        )
    until = epoch_seconds(as_of)
    zone = time_zone(customer.zone)
    today = as_of.astimezone(zone).date()
    if customer.since is not None and today < customer.since:
        raise InvalidValue(
            name="as_of", value=as_of.isoformat(), expected=f"{customer.since} or later"
        )
    book = tariff_book(catalog)
    tariff = book.plan(customer.plan)
    given = tuple(sorted(calls))
    known = tuple(call for call in given if call.epoch < until)
    billed = tuple(
        call
        for call in known
        if customer.since is None or local_moment(call.epoch, zone=zone).date() >= customer.since
    )
    rater = _Rater.of(book, tariff, customer)
    by_cycle: dict[Cycle, list[Call]] = {}
    for call in billed:
        day = local_moment(call.epoch, zone=zone).date()
        by_cycle.setdefault(rater.cycle(day), []).append(call)
    current = rater.cycle(today)
    first = customer.since or (min(by_cycle).start if by_cycle else today)
    over = cycles_between(first, current.start, anchor=rater.anchor, length=rater.length)
    own = by_cycle.get(current, [])
    bills = [rater.bill(cycle, by_cycle.get(cycle, ())) for cycle in (*over, current)]
    *closed, present = adjusted_bills(catalog=catalog, customer=customer, bills=bills, calls=known)
    projected = None
    weeks = repeated_weeks(known, as_of=as_of, zone=zone)
    if weeks:
        coming = calls_to_come(known, as_of=as_of, end=current.end, zone=zone)
        projected = adjusted_bill(
            catalog=catalog,
            customer=customer,
            bill=rater.bill(current, (*own, *coming)),
            before=closed,
            calls=known,
        )
    summaries = [rater.summary(bill, projected=None, is_over=True) for bill in closed]
    summaries.append(rater.summary(present, projected=projected, is_over=False))
    return UsageReport(
        customer_id=customer.id,
        zone=customer.zone,
        as_of=as_of,
        cycles=tuple(summaries),
        repeated_weeks=weeks,
        unserved_calls=len(known) - len(billed),
        later_calls=len(given) - len(known),
    )


@dataclass(frozen=True, slots=True)
class _Rater:
    """Rates single cycles of one customer on one plan."""

    book: TariffBook
    tariff: PlanTariff
    customer: Customer
    anchor: date
    length: CycleLength
    joined: int | None

    @classmethod
    def of(cls, book: TariffBook, tariff: PlanTariff, customer: Customer) -> _Rater:
        length = tariff.plan.billing.length
        anchor = billing_anchor(tariff, customer.anchor)
        joined = None
        if customer.since is not None:
            joined = cycle_at(customer.since, anchor=anchor, length=length).index
        return cls(book, tariff, customer, anchor, length, joined)

    def cycle(self, day: date) -> Cycle:
        return cycle_at(day, anchor=self.anchor, length=self.length)

    def bill(self, cycle: Cycle, calls: Sequence[Call]) -> Bill:
        return rate_cycle(
            self.book,
            self.tariff,
            cycle=cycle,
            placed=place_calls(self.book, calls, zone=self.customer.zone),
            inputs=CycleInputs(
                chosen=self.customer.chosen_country,
                intro_cycle=None if self.joined is None else cycle.index - self.joined,
            ),
        )

    def summary(self, bill: Bill, *, projected: Bill | None, is_over: bool) -> CycleSummary:
        terms = self.tariff.terms[self.book.epoch_index(bill.cycle.start)]
        chosen = self.customer.chosen_country
        return cycle_summary(bill, terms, chosen=chosen, projected=projected, is_over=is_over)


def cycle_summary(
    bill: Bill,
    terms: CycleTerms,
    *,
    chosen: str,
    projected: Bill | None,
    is_over: bool,
    charged: tuple[Line, ...] | None = None,
) -> CycleSummary:
    """Return the summary of a bill; `terms` are those that its cycle began with."""
    return CycleSummary(
        bill=bill,
        is_over=is_over,
        destinations=_destinations(bill.charges),
        allowances=standings(bill, terms, chosen=chosen, projected=projected),
        unanswered=sum(not charge.call.seconds for charge in bill.charges),
        projected=projected,
        charged=charged,
    )


def _destinations(charges: tuple[Charge, ...]) -> tuple[DestinationSummary, ...]:
    by_place: dict[tuple[str, LineType | None], list[Charge]] = {}
    for charge in charges:
        if charge.call.seconds:
            place = charge.placed.destination
            key = ("", None) if place is None else (place.country, place.line)
            by_place.setdefault(key, []).append(charge)
    found = [
        DestinationSummary(
            country=country,
            line=line,
            calls=len(group),
            seconds=sum(charge.call.seconds for charge in group),
            included_seconds=sum(charge.billed_seconds - charge.paid_seconds for charge in group),
            paid_seconds=sum(charge.paid_seconds for charge in group),
            refused_calls=sum(charge.outcome is not Outcome.RATED for charge in group),
            amount_micros=sum(charge.amount_micros for charge in group),
        )
        for (country, line), group in by_place.items()
    ]
    return tuple(sorted(found, key=lambda each: (-each.seconds, each.country, each.line or "")))
