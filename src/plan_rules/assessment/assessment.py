"""What a plan would cost a customer, judged by their own history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from plan_rules.assessment.bites import Bite, bites_of
from plan_rules.assessment.coverage import CountryCoverage, coverage_by_country
from plan_rules.errors import PlanRulesError
from plan_rules.money import RoundingMode, round_ratio
from plan_rules.periods import MONTHS_PER_YEAR, Cycle, CycleLength, cycle_at, cycles_between
from plan_rules.rating.bill import Bill
from plan_rules.rating.charge import Charge, Outcome
from plan_rules.rating.placing import PlacedCall, place_calls
from plan_rules.rating.rating import CycleInputs, billing_anchor, rate_cycle, resettled
from plan_rules.tariff.book import PlanTariff, TariffBook
from plan_rules.usage.call import Call
from plan_rules.usage.customer import Customer


class NotEnoughHistory(PlanRulesError, ValueError):
    """There is no complete billing cycle of calls to judge by.

    `start` and `end` are the days the calls span; `needed` says what would be enough.
    """

    def __init__(self, *, start: date, end: date, needed: str) -> None:
        """Keep what there is and what is needed."""
        self.start = start
        self.end = end
        self.needed = needed
        super().__init__(f"the calls span {start} to {end}; needed: {needed}")


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A customer's calls before `as_of`, from `start` on, in the order they came."""

    customer: Customer
    calls: tuple[Call, ...]
    start: date
    as_of: date

    @classmethod
    def of(
        cls, *, book: TariffBook, customer: Customer, calls: Iterable[Call], as_of: date
    ) -> History:
        """Return the history that complete cycles can be cut from.

        It starts with the monthly cycle, from the customer's anchor, that holds the first
        call. Calls on `as_of` or later are left out.
        """
        placed = place_calls(book, calls, zone=customer.zone)
        before = [each for each in placed if each.day < as_of]
        first = before[0].day if before else as_of
        start = cycle_at(first, anchor=customer.anchor, length=CycleLength()).start
        return cls(
            customer=customer,
            calls=tuple(each.call for each in before),
            start=start,
            as_of=as_of,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleCost:
    """What one complete cycle of history would cost at the plan's steady price."""

    cycle: Cycle
    total_micros: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One plan, judged by every complete cycle of a customer's history.

    `monthly_micros` is the expected cost of a month: the horizon's expected bills, intro
    prices, published changes and one-time fees included, over twelve months a year, tax
    included, rounded half-up to a micro. `bills` are the historic cycles at the values in
    force at `as_of`, without the intro price. `chosen` is the country chosen for the customer
    where the plan asks for one.
    """

    tariff: PlanTariff
    bills: tuple[Bill, ...]
    monthly_micros: int
    one_time_micros: int
    coverage: tuple[CountryCoverage, ...]
    bites: tuple[Bite, ...]
    chosen: str = ""

    @property
    def plan_id(self) -> str:
        """The plan's id."""
        return self.tariff.plan.id

    @property
    def cycle_costs(self) -> tuple[CycleCost, ...]:
        """The cost of each historic cycle, in order."""
        return tuple(
            CycleCost(cycle=bill.cycle, total_micros=bill.total_micros) for bill in self.bills
        )

    @property
    def steady_micros(self) -> int:
        """The mean bill of a cycle once intro price and one-time fees are past."""
        total = sum(bill.total_micros for bill in self.bills)
        return round_ratio(numerator=total, denominator=len(self.bills), mode=RoundingMode.HALF_UP)

    def charges(self) -> Iterable[Charge]:
        """Yield the charge of every call of the historic cycles."""
        for bill in self.bills:
            yield from bill.charges


def assess_plan(
    book: TariffBook,
    plan_id: str,
    history: History,
    *,
    horizon_cycles: int = 12,
) -> Assessment:
    """Return what a plan would cost over the next cycles if calls went on as they were.

    Every complete cycle of the history is rated with the values in force at each future
    cycle's start (wall clock and weekday of the calls kept), then averaged. On the customer's
    present plan the intro price goes on from where it stands and no one-time fee is due.
    A country to choose is chosen for the lowest cost, ties by code. Raises `NotEnoughHistory`
    if no cycle of the plan is complete.
    """
    tariff = book.plan(plan_id)
    choices: tuple[str, ...] = ("",)
    if tariff.plan.choose_from:
        staying = history.customer.plan == plan_id and history.customer.chosen_country
        choices = (staying,) if staying else called_countries(book, history) or ("",)
    found = [
        _assess(book, tariff, history, chosen=chosen, horizon=horizon_cycles) for chosen in choices
    ]
    return min(found, key=lambda each: (each.monthly_micros, each.chosen))


def called_countries(book: TariffBook, history: History) -> tuple[str, ...]:
    """Return the codes of the countries called, in order."""
    places = (book.place(call.number) for call in history.calls if call.seconds)
    return tuple(
        sorted({place.destination.country for place in places if place.destination is not None})
    )


def _assess(
    book: TariffBook, tariff: PlanTariff, history: History, *, chosen: str, horizon: int
) -> Assessment:
    customer, plan = history.customer, tariff.plan
    length = plan.billing.length
    anchor = billing_anchor(tariff, customer.anchor)
    cycles = _complete_cycles(history, anchor=anchor, length=length)
    now = cycle_at(history.as_of, anchor=anchor, length=length)
    rated: dict[int, tuple[Bill, ...]] = {}

    def bills_on(day: date) -> tuple[Bill, ...]:
        epoch = book.epoch_index(day)
        if epoch not in rated:
            rated[epoch] = _rated_on(book, tariff, history, cycles, day=day, chosen=chosen)
        return rated[epoch]

    is_current = customer.plan == plan.id
    one_time = 0 if is_current else sum(amount for _, amount in plan.one_time)
    total = Fraction(one_time)
    for ahead in range(horizon):
        start = max(history.as_of, length.boundary(anchor, now.index + ahead))
        intro = (
            ahead if not is_current else _intro_cycle(customer, now.index + ahead, anchor, length)
        )
        bills = bills_on(start)
        if _has_intro(tariff, intro):
            bills = tuple(
                resettled(bill, book, terms_on=start, intro_cycle=intro) for bill in bills
            )
        total += Fraction(sum(bill.total_micros for bill in bills), len(bills))
    cycles_a_year = Fraction(*length.cycles_per_year)
    monthly = total / horizon * cycles_a_year / MONTHS_PER_YEAR
    steady = bills_on(history.as_of)
    return Assessment(
        tariff=tariff,
        bills=steady,
        monthly_micros=round_ratio(
            numerator=monthly.numerator, denominator=monthly.denominator, mode=RoundingMode.HALF_UP
        ),
        one_time_micros=one_time,
        coverage=coverage_by_country(charge for bill in steady for charge in bill.charges),
        bites=bites_of(steady),
        chosen=chosen,
    )


def _complete_cycles(history: History, *, anchor: date, length: CycleLength) -> tuple[Cycle, ...]:
    """Return the plan's cycles that lie wholly within the history."""
    found = tuple(
        cycle
        for cycle in cycles_between(history.start, history.as_of, anchor=anchor, length=length)
        if cycle.start >= history.start and cycle.end <= history.as_of
    )
    if not found:
        raise NotEnoughHistory(
            start=history.start,
            end=history.as_of,
            needed=f"one complete cycle of {length.count} {length.unit}(s) before {history.as_of}",
        )
    return found


def _rated_on(
    book: TariffBook,
    tariff: PlanTariff,
    history: History,
    cycles: tuple[Cycle, ...],
    *,
    day: date,
    chosen: str,
) -> tuple[Bill, ...]:
    placed = place_calls(book, history.calls, zone=history.customer.zone, values_on=day)
    by_cycle: dict[date, list[PlacedCall]] = {cycle.start: [] for cycle in cycles}
    position = 0
    for each in placed:
        while position < len(cycles) and each.day >= cycles[position].end:
            position += 1
        if position < len(cycles) and each.day in cycles[position]:
            by_cycle[cycles[position].start].append(each)
    return tuple(
        rate_cycle(
            book,
            tariff,
            cycle=cycle,
            placed=tuple(by_cycle[cycle.start]),
            inputs=CycleInputs(chosen=chosen),
            terms_on=day,
        )
        for cycle in cycles
    )


def _intro_cycle(customer: Customer, index: int, anchor: date, length: CycleLength) -> int | None:
    if customer.since is None:
        return None
    return index - cycle_at(customer.since, anchor=anchor, length=length).index


def _has_intro(tariff: PlanTariff, intro_cycle: int | None) -> bool:
    intro = tariff.plan.intro
    return intro is not None and intro_cycle is not None and 0 <= intro_cycle < intro.cycles


def missed(charge: Charge) -> bool:
    """Whether a call of some seconds could not be made, or has no price."""
    return charge.outcome is not Outcome.RATED
