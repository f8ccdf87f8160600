"""What a plan would cost a customer, judged by their own history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from plan_rules.assessment.adjusting import Adjusted
from plan_rules.assessment.bites import Bite, bites_of
from plan_rules.assessment.coverage import CountryCoverage, coverage_by_country
from plan_rules.assessment.eligibility import OPEN, Eligibility
from plan_rules.assessment.history import History, called_countries, complete_cycles, cycle_of
from plan_rules.assessment.inquiry import Inquiry
from plan_rules.money import RoundingMode, round_ratio
from plan_rules.periods import MONTHS_PER_YEAR, Cycle, cycle_at
from plan_rules.rating.bill import Bill
from plan_rules.rating.charge import Charge, Outcome
from plan_rules.rating.placing import PlacedCall, place_calls
from plan_rules.rating.rating import CycleInputs, billing_anchor, rate_cycle, resettled
from plan_rules.tariff.book import PlanTariff, TariffBook


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
    force at `as_of`, without the intro price, each with the adjustments that rules bring and
    with what gave way to them (`adjusted`). `eligibility` is what the rules say of the customer
    and the plan at `as_of`. `chosen` is the country chosen for the customer where the plan asks
    for one.
    """

    tariff: PlanTariff
    adjusted: tuple[Adjusted, ...]
    eligibility: Eligibility
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
    def bills(self) -> tuple[Bill, ...]:
        """The historic cycles, in order."""
        return tuple(each.bill for each in self.adjusted)

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
    inquiry: Inquiry | None = None,
) -> Assessment:
    """Return what a plan would cost over the next cycles if calls went on as they were.

    Every complete cycle of the history is rated with the values in force at each future
    cycle's start (wall clock and weekday of the calls kept), then averaged. On the customer's
    present plan the intro price goes on from where it stands and no one-time fee is due.
    A country to choose is chosen for the lowest cost, ties by code.

    `inquiry` asks the catalog's rules: whether the customer may have the plan at `as_of`, and
    how each bill is adjusted by the billing rules that hold at the start of its future cycle.
    Without it there are no rules.

    Raises `NotEnoughHistory` if no cycle of the plan is complete.
    """
    tariff = book.plan(plan_id)
    choices: tuple[str, ...] = ("",)
    if tariff.plan.choose_from:
        staying = history.customer.plan == plan_id and history.customer.chosen_country
        choices = (staying,) if staying else called_countries(book, history) or ("",)
    found = [
        _Outlook(book, tariff, history, chosen=chosen, inquiry=inquiry).assess(horizon_cycles)
        for chosen in choices
    ]
    return min(found, key=lambda each: (each.monthly_micros, each.chosen))


class _Outlook:
    """One plan with one chosen country, priced on any day to come; each price is found once."""

    def __init__(
        self,
        book: TariffBook,
        tariff: PlanTariff,
        history: History,
        *,
        chosen: str,
        inquiry: Inquiry | None,
    ) -> None:
        self._book = book
        self._tariff = tariff
        self._history = history
        self._chosen = chosen
        self._inquiry = inquiry
        self._length = tariff.plan.billing.length
        self._anchor = billing_anchor(tariff, history.customer.anchor)
        self._cycles = complete_cycles(history, anchor=self._anchor, length=self._length)
        self._rated: dict[int, tuple[Bill, ...]] = {}
        self._adjusted: dict[tuple[int, bool, tuple[int, ...]], tuple[Adjusted, ...]] = {}
        steady = self._bills_on(history.as_of)
        self._coverage = coverage_by_country(charge for bill in steady for charge in bill.charges)
        self._eligibility = (
            OPEN
            if inquiry is None
            else inquiry.eligibility(tariff, on=history.as_of, coverage=self._coverage)
        )

    def assess(self, horizon: int) -> Assessment:
        """Return the assessment over the next `horizon` cycles."""
        as_of, plan = self._history.as_of, self._tariff.plan
        now = cycle_at(as_of, anchor=self._anchor, length=self._length)
        is_current = self._history.customer.plan == plan.id
        one_time = 0 if is_current else sum(amount for _, amount in plan.one_time)
        total = Fraction(one_time)
        for ahead in range(horizon):
            index = now.index + ahead
            start = max(as_of, self._length.boundary(self._anchor, index))
            intro = self._present_intro(index) if is_current else self._new_intro(ahead)
            bills = self._adjusted_on(start, intro=intro)
            total += Fraction(sum(each.bill.total_micros for each in bills), len(bills))
        cycles_a_year = Fraction(*self._length.cycles_per_year)
        monthly = total / horizon * cycles_a_year / MONTHS_PER_YEAR
        steady = self._adjusted_on(as_of, intro=None)
        return Assessment(
            tariff=self._tariff,
            adjusted=steady,
            eligibility=self._eligibility,
            monthly_micros=round_ratio(
                numerator=monthly.numerator,
                denominator=monthly.denominator,
                mode=RoundingMode.HALF_UP,
            ),
            one_time_micros=one_time,
            coverage=self._coverage,
            bites=bites_of(each.bill for each in steady),
            chosen=self._chosen,
        )

    def _bills_on(self, day: date) -> tuple[Bill, ...]:
        """Return the historic cycles as priced by the values of a day."""
        epoch = self._book.epoch_index(day)
        if epoch not in self._rated:
            self._rated[epoch] = _rated_on(
                self._book, self._tariff, self._history, self._cycles, day=day, chosen=self._chosen
            )
        return self._rated[epoch]

    def _adjusted_on(self, day: date, *, intro: int | None) -> tuple[Adjusted, ...]:
        """Return the historic cycles as billed on a day, in the cycle `intro` of an intro price."""
        inquiry = self._inquiry
        has_intro = _has_intro(self._tariff, intro)
        rules = () if inquiry is None else inquiry.billing_rules(day)
        key = (self._book.epoch_index(day), has_intro, rules)
        if key not in self._adjusted:
            bills = self._bills_on(day)
            if has_intro:
                bills = tuple(
                    resettled(bill, self._book, terms_on=day, intro_cycle=intro) for bill in bills
                )
            self._adjusted[key] = tuple(
                Adjusted(bill=bill)
                if inquiry is None or not rules
                else inquiry.adjusted(bill, self._eligibility, on=day)
                for bill in bills
            )
        return self._adjusted[key]

    def _present_intro(self, index: int) -> int | None:
        """Return which cycle on their present plan a customer is in, if that is known."""
        since = self._history.customer.since
        if since is None:
            return None
        return index - cycle_at(since, anchor=self._anchor, length=self._length).index

    def _new_intro(self, ahead: int) -> int | None:
        """Return which cycle a customer who joins now is in, unless intro prices are denied."""
        return None if self._eligibility.intro_denied else ahead


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
    for each in placed:
        cycle = cycle_of(each.day, cycles)
        if cycle is not None:
            by_cycle[cycle.start].append(each)
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


def _has_intro(tariff: PlanTariff, intro_cycle: int | None) -> bool:
    intro = tariff.plan.intro
    return intro is not None and intro_cycle is not None and 0 <= intro_cycle < intro.cycles


def missed(charge: Charge) -> bool:
    """Whether a call of some seconds could not be made, or has no price."""
    return charge.outcome is not Outcome.RATED
