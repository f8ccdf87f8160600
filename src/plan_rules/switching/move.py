"""What a switch does on one day: lines of money, and where the customer stands afterwards.

One function, `move`, is behind a quote, its confirmation, the switch that was agreed for later
and the search for the cheapest day, so that they cannot differ.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from fractions import Fraction

from plan_rules.assessment.eligibility import OPEN, Eligibility
from plan_rules.catalog.catalog import Catalog
from plan_rules.catalog.plan import Plan
from plan_rules.money import format_micros
from plan_rules.periods import Cycle
from plan_rules.switching.carrying import (
    carried_counters,
    cut_back,
    fresh_counters,
    spent_of,
)
from plan_rules.switching.convention import (
    ProrationConvention,
)
from plan_rules.switching.counter import Counter, Spent
from plan_rules.switching.dues import (
    arrears_lines,
    convention_of,
    credited_lines,
    grid_cycle,
    left_of,
    next_charge_lines,
    once_lines,
    term_from,
)
from plan_rules.switching.events import (
    Event,
    Grid,
    OnPlan,
    Promotion,
)
from plan_rules.switching.fee_adjustment import FeeAdjustment
from plan_rules.switching.leaving import termination_lines
from plan_rules.switching.line import NOT_A_CREDIT, Line, LineKind
from plan_rules.switching.policy import Portion, SwitchPolicy
from plan_rules.switching.pricing import Price, Pricer, full_price
from plan_rules.switching.proration import days_bought
from plan_rules.switching.share import WHOLE, Share
from plan_rules.switching.subscription import Subscription
from plan_rules.switching.termination import FeeLeft
from plan_rules.switching.undoing import lines_taken_back, switch_to_undo
from plan_rules.tariff.compiling import tariff_book

MOST_BOUGHT_DAYS = 366
"""The value left of a plan buys a year of another at most; else it becomes account credit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Where to: the plan, by which policy, with which country chosen, under which rules.

    `adjustments` change the fee of the plan, in their order, and `present_adjustments` that of
    the plan that is left.
    """

    plan: Plan
    policy: SwitchPolicy
    eligibility: Eligibility = OPEN
    adjustments: tuple[FeeAdjustment, ...] = ()
    present_adjustments: tuple[FeeAdjustment, ...] = ()
    chosen_country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A switch `on` a day: its lines, and plan, grid and cycle afterwards.

    `share` is what was left of the cycle for the new plan. `undoes` is the sequence of the
    switch that this one undoes, or 0.
    """

    on: date
    on_plan: OnPlan
    grid: Grid
    cycle: Cycle
    lines: tuple[Line, ...]
    share: Share
    undoes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """What every step of a move looks at."""

    catalog: Catalog
    base: Subscription
    wish: Wish
    on: date
    at: datetime | None
    to_come: tuple[FeeLeft, ...] | None = None
    pricer: Pricer = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pricer", Pricer.of(self.catalog))

    @property
    def convention(self) -> ProrationConvention:
        return convention_of(self.catalog, self.base.plan_id)

    @property
    def stays(self) -> bool:
        """Whether the customer asks for the plan they are on."""
        return self.wish.plan.id == self.base.plan_id

    @property
    def goes_on(self) -> bool:
        """Whether the current cycle, which was charged, is still running on the day."""
        return self.on < self.base.cycle.end

    def left(self, cycle: Cycle) -> Share:
        """Return what is left of a cycle on the day; of one that begins anew, the whole."""
        if cycle.start == self.on and cycle != self.base.cycle:
            return WHOLE
        return left_of(cycle, self.base, self.convention, on=self.on, at=self.at)


def move(
    *,
    catalog: Catalog,
    base: Subscription,
    wish: Wish,
    on: date,
    at: datetime | None = None,
    to_come: tuple[FeeLeft, ...] | None = None,
) -> Move:
    """Return what a switch costs and changes on a day of the charged cycle, or at its end.

    The present plan says how a part of a cycle is counted, for what comes back and for what is
    due alike. `at` is the moment of a switch that takes effect now: where seconds are counted
    it splits them, and only then a switch of the same day can be undone. `to_come` are the fees
    of later cycles of the term, where many days of one cycle are looked at.
    """
    ground = _Ground(catalog=catalog, base=base, wish=wish, on=on, at=at, to_come=to_come)
    if at is not None:
        undone = switch_to_undo(catalog=catalog, base=base, to=wish.plan.id, on=on)
        if undone is not None:
            return _undo(ground, undone)
    if ground.stays:
        return _stay(ground)
    return _move(ground)


def _move(ground: _Ground) -> Move:
    base, plan, policy, on = ground.base, ground.wish.plan, ground.wish.policy, ground.on
    grid, cycle = _grid_after(ground)
    arrears = arrears_lines(
        ground.catalog,
        base,
        until=on,
        pricer=ground.pricer,
        adjustments=ground.wish.present_adjustments,
    )
    given = _credits(ground) if policy.credit is not Portion.NOTHING else ()
    promotion = _promotion(ground)
    price = _price(ground, cycle, promotion)
    bought: tuple[Line, ...] = ()
    if policy.buys_days and ground.goes_on:
        bought, grid, cycle = _days_bought(ground, given, price, grid, cycle)
    charged: tuple[Line, ...] = ()
    share = ground.left(cycle)
    at_once = policy.charge is not Portion.NOTHING or policy.buys_days or not ground.goes_on
    if at_once and not bought and plan.billing.fee_in_advance:
        charged = (
            ground.pricer.fee(
                plan.id,
                price,
                start=on,
                end=cycle.end,
                convention=ground.convention,
                share=share,
            ),
        )
    if promotion is not None and any(line.kind is LineKind.INTRO_FEE for line in charged):
        promotion = replace(promotion, used=1)
    return Move(
        on=on,
        on_plan=OnPlan(
            plan_id=plan.id,
            since=on,
            chosen_country=ground.wish.chosen_country,
            promotion=promotion,
            term=term_from(plan, on),
        ),
        grid=grid,
        cycle=cycle,
        lines=(
            *arrears,
            *given,
            *bought,
            *charged,
            *once_lines(plan, ground.pricer),
            *termination_lines(
                ground.catalog,
                base,
                on=on,
                pricer=ground.pricer,
                given=given,
                to_come=ground.to_come,
            ),
        ),
        share=share,
    )


def _stay(ground: _Ground) -> Move:
    """Switch a plan to itself: what comes back is due again, and nothing else changes."""
    base, on = ground.base, ground.on
    on_plan = base.on_plan
    if ground.goes_on:
        cycle = base.cycle
        given = _credits(ground)
        lines = (*given, *(_due_again(line) for line in given))
    else:
        cycle = grid_cycle(base.grid, on)
        charge = next_charge_lines(ground.catalog, base, cycle, adjustments=ground.wish.adjustments)
        lines = charge
        promotion = on_plan.promotion
        if promotion is not None and any(line.kind is LineKind.INTRO_FEE for line in lines):
            on_plan = replace(on_plan, promotion=replace(promotion, used=promotion.used + 1))
    chosen = ground.wish.chosen_country or on_plan.chosen_country
    return Move(
        on=on,
        on_plan=replace(on_plan, chosen_country=chosen),
        grid=base.grid,
        cycle=cycle,
        lines=lines,
        share=ground.left(cycle),
    )


def _due_again(line: Line) -> Line:
    return replace(
        line,
        kind=LineKind(line.id),
        amount_micros=-line.amount_micros,
        net_micros=-line.net_micros,
        gross_micros=-line.gross_micros,
        credits=NOT_A_CREDIT,
    )


def _undo(ground: _Ground, undone: tuple[Event, Subscription]) -> Move:
    """Go back to where the day began; the share is counted as the switch counted it."""
    event, before = undone
    counted = convention_of(ground.catalog, before.plan_id)
    share = left_of(before.cycle, before, counted, on=ground.on)
    return Move(
        on=ground.on,
        on_plan=before.on_plan,
        grid=before.grid,
        cycle=before.cycle,
        lines=lines_taken_back(ground.base, event),
        share=share,
        undoes=event.sequence,
    )


def _grid_after(ground: _Ground) -> tuple[Grid, Cycle]:
    """Return what cycles are cut from after the switch, and the cycle that holds the day.

    The anchor is kept, so that the day of the bill stays, unless the policy begins a new cycle
    or the new plan has cycles of another length. Where no money moves before the next bill, the
    running cycle is finished first.
    """
    base, plan, on = ground.base, ground.wish.plan, ground.on
    billing = plan.billing
    waits = ground.goes_on and _waits(ground.wish.policy)
    begins = base.cycle.end if waits else on
    moves = billing.length != base.grid.length or (ground.wish.policy.new_cycle and not waits)
    anchor = begins if moves and not billing.calendar else base.grid.anchor
    grid = Grid(anchor=anchor, length=billing.length, calendar=billing.calendar)
    if waits or (grid == base.grid and ground.goes_on):
        return grid, base.cycle
    return grid, grid_cycle(grid, on)


def _waits(policy: SwitchPolicy) -> bool:
    return policy.charge is Portion.NOTHING and not policy.buys_days


def _credits(ground: _Ground) -> tuple[Line, ...]:
    return credited_lines(ground.base, ground.on, ground.at, ground.convention, ground.pricer)


def _price(ground: _Ground, cycle: Cycle, promotion: Promotion | None) -> Price:
    """Return the price of a full cycle of the plan wished for.

    A price that was billed for the running cycle holds for that cycle, so that neither a
    published change nor an ended promotion makes the way back to a plan dearer.
    """
    for payment in reversed(ground.base.payments):
        same = payment.cycle == cycle
        bought = payment.id == LineKind.DAYS_BOUGHT
        if same and payment.plan_id == ground.wish.plan.id and not bought:
            words = "price as billed before in this cycle; "
            return Price(kind=LineKind(payment.id), micros=payment.price_micros, words=words)
    return full_price(
        ground.wish.plan,
        on=ground.on,
        promotion=promotion,
        adjustments=ground.wish.adjustments,
    )


def _promotion(ground: _Ground) -> Promotion | None:
    """Return the introductory price of the new plan, which a customer is given once."""
    plan = ground.wish.plan
    denied = bool(ground.wish.eligibility.intro_denied) or ground.base.had_promotion(plan.id)
    if plan.intro is None or denied:
        return None
    return Promotion(fee_micros=plan.intro.fee, cycles=plan.intro.cycles)


def _days_bought(
    ground: _Ground, given: tuple[Line, ...], price: Price, grid: Grid, cycle: Cycle
) -> tuple[tuple[Line, ...], Grid, Cycle]:
    """Turn what would come back into days of the new plan, the last one whole; none if nothing."""
    value = -sum(line.amount_micros for line in given)
    if not value or not price.micros:
        return (), grid, cycle
    exact = sum((_unrounded(line, ground.pricer.coin) for line in given), Fraction(0))
    days = days_bought(
        billed_micros=exact.numerator,
        share=Share(numerator=1, denominator=exact.denominator),
        price_micros=price.micros,
        cycle_days=cycle.days,
    )
    if days > MOST_BOUGHT_DAYS:
        return (), grid, cycle
    on, end = ground.on, ground.on + timedelta(days=days)
    line = Line(
        kind=LineKind.DAYS_BOUGHT,
        plan_id=ground.wish.plan.id,
        id=LineKind.DAYS_BOUGHT.value,
        amount_micros=value,
        net_micros=-sum(each.net_micros for each in given),
        gross_micros=-sum(each.gross_micros for each in given),
        price_micros=value,
        start=on,
        end=end,
        derivation=(
            f"{format_micros(value)} buys {days} days of a plan of {format_micros(price.micros)} "
            f"for {cycle.days} days, a begun day is whole"
        ),
    )
    bought = Cycle(start=on, end=end, index=0, length=grid.length)
    return (line,), replace(grid, anchor=end), bought


def _unrounded(line: Line, coin: int) -> Fraction:
    """Return the share of a price that a credit was rounded from, or the credit if it was less."""
    exact = line.price_micros * line.share
    return exact if 2 * abs(exact + line.amount_micros) <= coin else Fraction(-line.amount_micros)


def counters_after(
    catalog: Catalog, base: Subscription, step: Move
) -> tuple[tuple[Counter, ...], tuple[Spent, ...]]:
    """Return the counters of the plan after a move, and what earlier plans of the cycle spent.

    In a cycle that begins with the move nothing is used yet; one that a switch undone had cut
    short goes on as it was.
    """
    plan = catalog.plan(step.on_plan.plan_id)
    book = tariff_book(catalog)
    switching = plan.switching
    if step.cycle != base.cycle and step.undoes:
        base = Subscription.replay(base.events[: step.undoes - 1])
    if step.cycle != base.cycle:
        fresh = fresh_counters(
            book,
            plan.id,
            on=step.on,
            share=step.share.fraction,
            mode=switching.allowance,
            rounding=switching.allowance_rounding,
        )
        return fresh, ()
    share = step.share.fraction
    chosen = base.on_plan.chosen_country
    ended = spent_of(base.plan_id, base.counters, share=share, chosen=chosen)
    spent = (*cut_back(base.spent, share=share), *ended)
    counters = carried_counters(
        book,
        plan.id,
        on=step.on,
        share=share,
        chosen=step.on_plan.chosen_country,
        spent=spent,
        mode=switching.allowance,
        rounding=switching.allowance_rounding,
    )
    return counters, spent
