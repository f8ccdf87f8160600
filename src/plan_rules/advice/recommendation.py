"""A ranked, explained recommendation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from plan_rules.advice.policy import Policy
from plan_rules.assessment.assessment import Assessment, assess_plan
from plan_rules.assessment.eligibility import OPEN, Eligibility
from plan_rules.assessment.history import History
from plan_rules.assessment.inquiry import Inquiry
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
    EXCLUDED = "excluded"
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
    """A plan the customer may not choose.

    `assessment` is what it would have cost a customer whom rules exclude, with their reasons in
    `eligibility`; it is `None` for a plan that is not for sale.
    """

    plan: Plan
    why_not: WhyNot
    assessment: Assessment | None = None

    @property
    def eligibility(self) -> Eligibility:
        """What the rules say; nothing of a plan that is not for sale."""
        return OPEN if self.assessment is None else self.assessment.eligibility


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """Every plan of the catalog, answered: `options` in order of rank, and `rejected`.

    `advised` is the option to take. It is the present plan unless the first option saves at
    least the margin, and `None` where the customer may have no plan at all. `cycles` counts the
    complete cycles the advice rests on. `engine` is what decided the rules, empty without rules.
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
    engine: str = ""

    @property
    def advised(self) -> Option | None:
        """The option to take, if there is any option."""
        return next((option for option in self.options if option.why_not is None), None)

    @property
    def excluded(self) -> tuple[Rejection, ...]:
        """The plans on sale that rules keep from the customer, in the order of ids."""
        return tuple(each for each in self.rejected if each.why_not is WhyNot.EXCLUDED)

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

    The catalog's rules are asked about every plan: one that excludes the customer is rejected
    with its reasons, save the present plan, which nobody loses by asking for advice; discounts
    and surcharges of billing rules are in the cost.

    Raises `UnknownId` for a present plan the catalog does not have, `NotEnoughHistory` without
    a complete cycle, `InvalidValue` for a horizon below one cycle, `CurrencyMismatch` for a
    margin in another currency than the catalog's, and, by the fact's name, for facts of the
    customer that the catalog does not declare, that are missing or out of range.
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
    inquiry = Inquiry.of(catalog=catalog, customer=customer, as_of=as_of, history=history)
    open_plans = [
        plan for plan in catalog.plans.values() if plan.is_sold(as_of) or plan.id == customer.plan
    ]
    assessed = [
        assess_plan(book, plan.id, history, horizon_cycles=horizon_cycles, inquiry=inquiry)
        for plan in open_plans
    ]
    offered = [
        each for each in assessed if each.eligibility.is_allowed or each.plan_id == customer.plan
    ]
    missing = missed_calls(offered)
    ranked = sorted(offered, key=lambda each: _order(each, missing, policy))
    options = _options(
        ranked, missing, customer=customer, book_currency=catalog.currency, margin=needed
    )
    by_plan = {each.plan_id: each for each in assessed}
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
            Rejection(
                plan=plan,
                why_not=WhyNot.EXCLUDED if plan.id in by_plan else WhyNot.NOT_FOR_SALE,
                assessment=by_plan.get(plan.id),
            )
            for plan in catalog.plans.values()
            if plan.id not in {each.plan_id for each in offered}
        ),
        engine=next((each.eligibility.engine for each in assessed), ""),
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
    if not ranked:
        return ()
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
