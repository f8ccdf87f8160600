"""On which day a switch costs least in all, found by looking at every day.

A total is what the customer pays from the day of the quote to one fixed end, whatever the day
of the switch: cycles of the present plan until then, the lines of the switch, cycles of the new
plan afterwards, and expected usage. Of a cycle that goes on beyond the end, the days beyond are
left out. It is compared, never charged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cached_property

from plan_rules.catalog.catalog import Catalog
from plan_rules.catalog.plan import Plan
from plan_rules.money import RoundingMode, round_ratio
from plan_rules.periods import add_months, time_zone
from plan_rules.switching.charging import next_charge
from plan_rules.switching.dues import convention_of, grid_cycle
from plan_rules.switching.events import Event, Grid, Promotion
from plan_rules.switching.fee_adjustment import FeeAdjustment
from plan_rules.switching.forecast import UsageForecast
from plan_rules.switching.leaving import fees_to_come
from plan_rules.switching.line import PAYS_FOR_DAYS, gross_of
from plan_rules.switching.move import Move, Wish, move
from plan_rules.switching.policy import IMMEDIATELY, Effect
from plan_rules.switching.pricing import Pricer, full_price
from plan_rules.switching.proration import share_left
from plan_rules.switching.quote import Comparison, DayOption, Moment
from plan_rules.switching.share import WHOLE
from plan_rules.switching.subscription import Subscription
from plan_rules.switching.termination import FeeLeft
from plan_rules.switching.undoing import switch_to_undo

LONGEST_SEARCH_MONTHS = 24
"""How far the search goes: no consumer may be bound longer (Directive (EU) 2018/1972, Art 105)."""

Rules = tuple[FeeAdjustment, ...]
"""Discounts and surcharges on the fee of a plan, in their order."""

HORIZON_MONTHS = 12
"""How far a total goes at least."""


@dataclass(kw_only=True)
class Days:
    """Every day a switch could take effect on, and what the present plan costs until then.

    `bases` are the subscription as it stands, and after each cycle that will be charged if
    nothing else happens; a day belongs to the first whose cycle it lies in or ends.
    """

    catalog: Catalog
    subscription: Subscription
    wish: Wish
    as_of: datetime
    forecast: UsageForecast
    bases: list[Subscription] = field(init=False)
    paid: list[int] = field(init=False)
    to_come: dict[int, tuple[FeeLeft, ...]] = field(default_factory=dict, init=False)
    later: dict[tuple[str, Rules, Grid, date, int], Fraction] = field(
        default_factory=dict, init=False
    )
    fees: dict[tuple[str, Rules, Grid, date, bool], tuple[int, date]] = field(
        default_factory=dict, init=False
    )

    def __post_init__(self) -> None:
        """Begin with the subscription as it stands; a switch agreed for later is replaced."""
        self.bases = [replace(self.subscription, scheduled=None)]
        self.paid = [0]

    @cached_property
    def today(self) -> date:
        """The customer's local day of the quote."""
        return self.subscription.day_of(self.as_of)

    @property
    def next_cycle(self) -> date:
        """The first day of the next cycle."""
        return self.subscription.cycle.end

    @cached_property
    def end_of_commitment(self) -> date:
        """The first day of the first cycle after the minimum term; of the next one without."""
        term = self.subscription.term
        day = self.next_cycle
        while term is not None and day < term.end:
            day = self.base_for(day + timedelta(days=1)).cycle.end
        return day

    @cached_property
    def until(self) -> date:
        """The last day that is looked at."""
        last = max(self.next_cycle, self.end_of_commitment)
        return min(last, add_months(self.today, LONGEST_SEARCH_MONTHS))

    @cached_property
    def end(self) -> date:
        """The end of every total, exclusive."""
        return max(add_months(self.today, HORIZON_MONTHS), self.until, self.next_cycle)

    def base_for(self, day: date) -> Subscription:
        """Return the subscription as it will stand when a switch takes effect on a day."""
        return self.bases[self._place(day)]

    def is_boundary(self, day: date) -> bool:
        """Whether a cycle that was not charged yet begins on the day."""
        return day == self.base_for(day).cycle.end

    def allows(self, day: date) -> bool:
        """Whether the switch policy allows the day; a way back on the same day always may be."""
        if self._undoes(day) or self.wish.plan.id == self.subscription.plan_id:
            return day >= self.today
        match self.wish.policy.effect:
            case Effect.AT_ONCE:
                return day >= self.today
            case Effect.CYCLE_START:
                return day == self.begun or (day > self.today and self.is_boundary(day))
            case Effect.CYCLE_END:
                return day > self.today and self.is_boundary(day)
            case Effect.COMMITMENT_END:
                late = day >= self.end_of_commitment
                return late and day > self.today and self.is_boundary(day)

    @cached_property
    def begun(self) -> date:
        """The day that a back-dated switch takes effect on: the start of the charged cycle.

        Where service began or was resumed within the cycle it is that day.
        """
        return self.subscription.served_from

    def first_allowed(self, day: date) -> date | None:
        """Return the first day from `day` on that the policy allows, within the search."""
        return next((each for each in self._every(day) if self.allows(each)), None)

    def searched(self) -> Iterator[date]:
        """Yield every day that the policy allows, in order, the day of a back-dated one first."""
        if self.begun < self.today and self.allows(self.begun):
            yield self.begun
        yield from (day for day in self._every(self.today) if self.allows(day))

    def move(self, day: date) -> Move:
        """Return what the switch moves and changes on a day.

        On a day that the policy does not allow it is what a switch at once would be.
        """
        wish = self.wish
        if not self.allows(day):
            wish = replace(wish, policy=IMMEDIATELY)
        at = self.as_of if day == self.today else None
        place = self._place(day)
        base = self.bases[place]
        if place not in self.to_come:
            self.to_come[place] = fees_to_come(self.catalog, base, on=day)
        return move(
            catalog=self.catalog,
            base=base,
            wish=wish,
            on=day,
            at=at,
            to_come=self.to_come[place],
        )

    def total(self, day: date, step: Move) -> Fraction:
        """Return all that is paid until the end if the switch takes effect on a day."""
        plan, on_plan = self.wish.plan, step.on_plan
        fees = self.paid[self._place(day)] + gross_of(step.lines)
        total = Fraction(fees) - self._beyond(step)
        if not plan.billing.fee_in_advance and step.cycle.end > day:
            gross, _ = self._fee(plan, step.grid, day, on_plan.promotion, self._rules)
            total += gross
        total += self._cycles(plan, step.grid, step.cycle.end, on_plan.promotion, self._rules)
        begins = max(day, self.today)
        total += self.forecast.between(
            self.subscription.plan_id,
            start=self.today,
            end=begins,
            chosen=self.subscription.on_plan.chosen_country,
        )
        return total + self.forecast.between(
            plan.id, start=begins, end=self.end, chosen=on_plan.chosen_country
        )

    def stay(self) -> Fraction:
        """Return all that is paid until the end without a switch."""
        present = self.subscription
        usage = self.forecast.between(
            present.plan_id,
            start=self.today,
            end=self.end,
            chosen=present.on_plan.chosen_country,
        )
        plan = self.catalog.plans.get(present.plan_id)
        if plan is None:
            return usage
        total = usage
        if not plan.billing.fee_in_advance:
            start = present.segment_start
            total += self._fee(plan, present.grid, start, present.promotion, self._present)[0]
        return total + self._cycles(
            plan, present.grid, present.cycle.end, present.promotion, self._present
        )

    def fee(self, grid: Grid, day: date, promotion: Promotion | None) -> int:
        """Return the fee of the new plan for the cycle that begins on a day, tax included."""
        return self._fee(self.wish.plan, grid, day, promotion, self._rules)[0]

    @property
    def by_policy(self) -> date:
        """The day the policy itself has a switch take effect on."""
        if self.undoes_today or self.wish.plan.id == self.subscription.plan_id:
            return self.today
        match self.wish.policy.effect:
            case Effect.AT_ONCE:
                return self.today
            case Effect.CYCLE_START:
                return self.begun
            case Effect.CYCLE_END:
                return self.next_cycle
            case Effect.COMMITMENT_END:
                return self.end_of_commitment

    @property
    def undoes_today(self) -> bool:
        """Whether the switch is the way back of one that took effect today."""
        return self._undoes(self.today)

    @property
    def _rules(self) -> Rules:
        return self.wish.adjustments

    @property
    def _present(self) -> Rules:
        return self.wish.present_adjustments

    def _undoes(self, day: date) -> bool:
        if day != self.today:
            return False
        to, base = self.wish.plan.id, self.subscription
        return switch_to_undo(catalog=self.catalog, base=base, to=to, on=day) is not None

    def _every(self, day: date) -> Iterator[date]:
        while day <= self.until:
            yield day
            day += timedelta(days=1)

    def _place(self, day: date) -> int:
        while day > self.bases[-1].cycle.end:
            self._charge()
        return next(place for place, each in enumerate(self.bases) if day <= each.cycle.end)

    def _charge(self) -> None:
        base = self.bases[-1]
        charge = next_charge(self.catalog, base, adjustments=self._present)
        event = Event(
            sequence=base.version + 1,
            effective=base.cycle.end,
            recorded=self.as_of,
            change=charge,
        )
        self.bases.append(base.after((event,)))
        self.paid.append(self.paid[-1] + gross_of(charge.lines))

    def _cycles(
        self,
        plan: Plan,
        grid: Grid,
        start: date,
        promotion: Promotion | None,
        rules: Rules,
    ) -> Fraction:
        """Return the fees of all cycles from `start` on, of the last one up to the end."""
        left = 0 if promotion is None else promotion.left
        key = (plan.id, rules, grid, start, left)
        if key in self.later:
            return self.later[key]
        total, day = Fraction(0), start
        while day < self.end:
            offered = promotion if left > 0 else None
            gross, end = self._fee(plan, grid, day, offered, rules)
            total += gross
            if end > self.end:
                total -= Fraction(gross * (end - self.end).days, (end - day).days)
            day, left = end, left - 1
        self.later[key] = total
        return total

    def _fee(
        self,
        plan: Plan,
        grid: Grid,
        day: date,
        promotion: Promotion | None,
        rules: Rules,
    ) -> tuple[int, date]:
        """Return the fee of the cycle, or the rest of it, that begins on a day, and its end."""
        key = (plan.id, rules, grid, day, promotion is not None)
        if key not in self.fees:
            cycle = grid_cycle(grid, day)
            convention = convention_of(self.catalog, plan.id)
            share = WHOLE
            if cycle.start != day:
                zone = time_zone(self.subscription.zone)
                share = share_left(cycle=cycle, convention=convention, on=day, zone=zone)
            line = Pricer.of(self.catalog).fee(
                plan.id,
                full_price(plan, on=day, promotion=promotion, adjustments=rules),
                start=day,
                end=cycle.end,
                convention=convention,
                share=share,
            )
            self.fees[key] = (line.gross_micros, cycle.end)
        return self.fees[key]

    def _beyond(self, step: Move) -> Fraction:
        """Return what the lines of the switch pay for days beyond the end."""
        beyond = Fraction(0)
        for line in step.lines:
            if line.kind in PAYS_FOR_DAYS and line.start is not None and line.end is not None:
                late = max(0, (line.end - self.end).days)
                beyond += Fraction(line.gross_micros * late, (line.end - line.start).days)
        return beyond


def compare_days(days: Days, *, chosen: date) -> Comparison:
    """Return the named days and the `chosen` one with their totals, and the cheapest of all."""
    names: dict[date, list[Moment]] = {}
    for day, moment in (
        (days.today, Moment.NOW),
        (days.next_cycle, Moment.NEXT_CYCLE),
        (days.end_of_commitment, Moment.END_OF_COMMITMENT),
    ):
        names.setdefault(day, []).append(moment)
    options = {day: _option(days, day, names.get(day, [])) for day in {*names, chosen}}
    best: DayOption | None = None
    for day in days.searched():
        option = options.get(day) or _option(days, day, [])
        if best is None or option.total_micros < best.total_micros:
            best = option
    if best is not None:
        best = replace(best, moments=(*best.moments, Moment.CHEAPEST_DAY))
        options[best.on] = best
    stay = days.stay()
    return Comparison(
        start=days.today,
        end=days.end,
        searched_until=days.until,
        options=tuple(options[day] for day in sorted(options)),
        cheapest=best,
        stay_micros=_rounded(stay),
        history_cycles=len(days.forecast.cycles(days.wish.plan.id)),
    )


def _option(days: Days, day: date, moments: list[Moment]) -> DayOption:
    step = days.move(day)
    return DayOption(
        on=day,
        moments=tuple(moments),
        lines_micros=gross_of(step.lines),
        total_micros=_rounded(days.total(day, step)),
        is_allowed=days.allows(day),
    )


def _rounded(exact: Fraction) -> int:
    return round_ratio(
        numerator=exact.numerator, denominator=exact.denominator, mode=RoundingMode.HALF_UP
    )
