"""A ranked, explained recommendation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from plan_rules.advice.policy import Policy
from plan_rules.assessment.assessment import Assessment, History, assess_plan
from plan_rules.assessment.order import missed_calls, plan_order
from plan_rules.catalog.catalog import Catalog
from plan_rules.catalog.plan import Plan
from plan_rules.errors import CurrencyMismatch, InvalidValue
from plan_rules.money import MICROS, Money
from plan_rules.tariff.compiling import tariff_book
from plan_rules.usage.call import Call
from plan_rules.usage.customer import Customer

DEFAULT_MARGIN_MICROS = MICROS
"""The saving a month, in micros, below which staying is the better advice: one major unit.

Estimates from few months are noisy, and a change has its trouble (research on tariff choice:
Goettler and Clay 2011, switching costs and learning)."""

MEDIUM_CYCLES = 3
HIGH_CYCLES = 6


class Confidence(StrEnum):
    """How far the history carries: fewer than 3 complete cycles, fewer than 6, or more.

    Regret falls steeply up to three months of history and little after six.
    """

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @classmethod
    def of(cls, cycles: int) -> Confidence:
        """Return the confidence that a number of complete cycles allows."""
        if cycles < MEDIUM_CYCLES:
            return cls.LOW
        return cls.MEDIUM if cycles < HIGH_CYCLES else cls.HIGH


class WhyNot(StrEnum):
    """Why a plan is not the one advised."""

    NOT_FOR_SALE = "not-for-sale"
    DOES_NOT_COVER = "does-not-cover"
    DEARER = "dearer"
    MARGIN = "saving-below-margin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A plan the customer may have, with what it costs and covers.

    `rank` counts from 1. `monthly` is the expected cost of a month, tax included; `saving` is
    against the present plan, `None` where there is none, below zero where the plan is dearer.
    `missed` are calls the plan would not carry though another plan does; `missed_countries`
    name where to. `why_not` is `None` for the plan advised, with `dearer_by` a month else.
    """

    rank: int
    plan: Plan
    stay: bool
    monthly: Money
    saving: Money | None
    assessment: Assessment
    missed: int
    missed_countries: tuple[str, ...]
    why_not: WhyNot | None
    dearer_by: Money | None

    @property
    def covers(self) -> bool:
        """Whether the plan carries every call that any plan on offer carries."""
        return self.missed == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A plan the customer may not choose, with the reason."""

    plan: Plan
    why_not: WhyNot


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """Every plan of the catalog, answered: `options` in order of rank, and `rejected`.

    `advised` is the option to take. It is the present plan unless the first option saves at
    least the margin. `cycles` counts the complete cycles the advice rests on.
    """

    customer_id: str
    as_of: date
    currency: str
    policy: Policy
    catalog_digest: str
    cycles: int
    calls: int
    confidence: Confidence
    margin: Money
    options: tuple[Option, ...]
    rejected: tuple[Rejection, ...]

    @property
    def advised(self) -> Option:
        """The option to take."""
        return next(option for option in self.options if option.why_not is None)

    @property
    def stay(self) -> Option | None:
        """The present plan as an option, if the customer has one."""
        return next((option for option in self.options if option.stay), None)


def recommend(
    *,
    catalog: Catalog,
    calls: Iterable[Call],
    customer: Customer,
    as_of: date,
    policy: Policy = Policy.CHEAPEST_EXPECTED,
    margin: Money | None = None,
    horizon_cycles: int = 12,
) -> Recommendation:
    """Rank every plan a customer could be on at `as_of` by their own calls.

    Every complete billing cycle before `as_of` is rated on every plan on sale that day and on
    the customer's present plan (`customer.plan`), with the values in force and the changes
    already published for the next `horizon_cycles` cycles; then averaged. Plans that carry all
    calls rank before those that do not. A switch is advised only if it saves `margin` a month
    (one major unit if not given). Plans with cycles of another length compare by yearly cost.

    Raises `UnknownId` for a present plan the catalog does not have, `NotEnoughHistory` without
    a complete cycle, `InvalidValue` for a horizon below one cycle, `CurrencyMismatch` for a
    margin in another currency than the catalog's.
    """
    if horizon_cycles < 1:
        raise InvalidValue(name="horizon_cycles", value=horizon_cycles, expected="at least 1")
    book = tariff_book(catalog)
    if customer.plan:
        catalog.plan(customer.plan)
    needed = Money(DEFAULT_MARGIN_MICROS, catalog.currency) if margin is None else margin
    if needed.currency != catalog.currency:
        raise CurrencyMismatch(expected=catalog.currency, given=needed.currency)
    history = History.of(book=book, customer=customer, calls=calls, as_of=as_of)
    open_plans = [
        plan for plan in catalog.plans.values() if plan.is_sold(as_of) or plan.id == customer.plan
    ]
    assessed = [
        assess_plan(book, plan.id, history, horizon_cycles=horizon_cycles) for plan in open_plans
    ]
    missing = missed_calls(assessed)
    ranked = sorted(assessed, key=lambda each: _order(each, missing, policy))
    options = _options(
        ranked, missing, customer=customer, book_currency=catalog.currency, margin=needed
    )
    return Recommendation(
        customer_id=customer.id,
        as_of=as_of,
        currency=catalog.currency,
        policy=policy,
        catalog_digest=book.digest,
        cycles=len(ranked[0].bills) if ranked else 0,
        calls=len(history.calls),
        confidence=Confidence.of(len(ranked[0].bills) if ranked else 0),
        margin=needed,
        options=options,
        rejected=tuple(
            Rejection(plan=plan, why_not=WhyNot.NOT_FOR_SALE)
            for plan in catalog.plans.values()
            if plan not in open_plans
        ),
    )


def _order(
    assessment: Assessment, missing: Mapping[str, frozenset[Call]], policy: Policy
) -> tuple[int | str, ...]:
    uncovered, lost, monthly, plan_id = plan_order(assessment, missing)
    if policy is Policy.LOW_SURPRISE:
        worst = max(cost.total_micros for cost in assessment.cycle_costs)
        return (uncovered, lost, worst, monthly, plan_id)
    return (uncovered, lost, monthly, plan_id)


def _options(
    ranked: list[Assessment],
    missing: Mapping[str, frozenset[Call]],
    *,
    customer: Customer,
    book_currency: str,
    margin: Money,
) -> tuple[Option, ...]:
    present = next((each for each in ranked if each.plan_id == customer.plan), None)
    advised = _advised(ranked, present, missing, margin)
    options = []
    for rank, each in enumerate(ranked, start=1):
        lost = missing[each.plan_id]
        dearer = each.monthly_micros - advised.monthly_micros
        if each is advised:
            why_not = None
        elif lost and not missing[advised.plan_id]:
            why_not = WhyNot.DOES_NOT_COVER
        else:
            why_not = WhyNot.DEARER if dearer >= 0 else WhyNot.MARGIN
        options.append(
            Option(
                rank=rank,
                plan=each.tariff.plan,
                stay=each is present,
                monthly=Money(each.monthly_micros, book_currency),
                saving=None
                if present is None
                else Money(present.monthly_micros - each.monthly_micros, book_currency),
                assessment=each,
                missed=len(lost),
                missed_countries=tuple(
                    sorted({row.country for row in each.coverage if row.missed_calls})
                ),
                why_not=why_not,
                dearer_by=None if each is advised else Money(dearer, book_currency),
            )
        )
    return tuple(options)


def _advised(
    ranked: list[Assessment],
    present: Assessment | None,
    missing: Mapping[str, frozenset[Call]],
    margin: Money,
) -> Assessment:
    """Return the first of the ranked plans, or the present one if leaving it saves too little."""
    first = ranked[0]
    if present is None or len(missing[present.plan_id]) > len(missing[first.plan_id]):
        return first
    saving = present.monthly_micros - first.monthly_micros
    return first if saving >= margin.micros else present
