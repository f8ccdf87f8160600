"""The named figures of a comparison: what conditions ask about, and what a report shows first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType

from plan_rules.batch.impact.comparing import Impact
from plan_rules.batch.impact.spread import BASIS_POINTS
from plan_rules.batch.impact.sums import Amounts, Changes
from plan_rules.money import RoundingMode, round_ratio


class Unit(StrEnum):
    """What a figure counts: things, micros of the currency, basis points, or a share of 1."""

    COUNT = "count"
    MICROS = "micros"
    BASIS_POINTS = "basis-points"
    SHARE = "share"


Value = int | Fraction | None
"""A figure, exactly; `None` where nobody can tell it, as a share of no customers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A named figure: its unit, what it means, and how it is read off a comparison."""

    unit: Unit
    meaning: str
    of: Callable[[Impact], Value]


def figures_of(impact: Impact) -> dict[str, Value]:
    """Return every figure of a comparison by its name, in the order of `FIGURES`."""
    return {name: figure.of(impact) for name, figure in FIGURES.items()}


def share(part: int, whole: int) -> Fraction | None:
    """Return an exact share, `None` of nothing."""
    return Fraction(part, whole) if whole else None


def per_bill(changes: Changes) -> Amounts | None:
    """Return the mean bill by either catalog, each rounded half-up once; `None` without bills."""
    if not changes.bills_old or not changes.bills_new:
        return None
    return Amounts(
        old=_rounded(changes.total.old, changes.bills_old),
        new=_rounded(changes.total.new, changes.bills_new),
    )


def relative_basis_points(amounts: Amounts) -> int | None:
    """Return a difference in basis points of the old amount, rounded half-up; `None` of nothing."""
    return _rounded(BASIS_POINTS * amounts.difference, amounts.old) if amounts.old > 0 else None


def _rounded(numerator: int, denominator: int) -> int:
    return round_ratio(numerator=numerator, denominator=denominator, mode=RoundingMode.HALF_UP)


def _bill(side: Callable[[Amounts], int]) -> Callable[[Impact], Value]:
    def found(impact: Impact) -> Value:
        mean = per_bill(impact.sums.all)
        return None if mean is None else side(mean)

    return found


def _count(meaning: str, of: Callable[[Impact], Value]) -> Figure:
    return Figure(unit=Unit.COUNT, meaning=meaning, of=of)


def _micros(meaning: str, of: Callable[[Impact], Value]) -> Figure:
    return Figure(unit=Unit.MICROS, meaning=meaning, of=of)


def _points(meaning: str, of: Callable[[Impact], Value]) -> Figure:
    return Figure(unit=Unit.BASIS_POINTS, meaning=meaning, of=of)


def _share(meaning: str, name: str) -> Figure:
    def found(impact: Impact) -> Value:
        return share(getattr(impact.sums.all, name), impact.sums.all.compared)

    return Figure(unit=Unit.SHARE, meaning=meaning, of=found)


FIGURES: Mapping[str, Figure] = MappingProxyType(
    {
        "customers": _count("customers read", lambda of: of.sums.customers),
        "compared": _count(
            "customers on a plan that both catalogs have; all others are counted apart",
            lambda of: of.sums.all.compared,
        ),
        "idle": _count(
            "compared customers without calls, of whom the fee alone is compared",
            lambda of: of.sums.all.idle,
        ),
        "assumed": _count(
            "customers on no plan who were taken to be on the one named for such",
            lambda of: of.assumed,
        ),
        "without_plan": _count("customers on no plan", lambda of: of.sums.apart.without_plan),
        "only_in_old": _count(
            "customers whose plan the new catalog does not have",
            lambda of: of.sums.apart.only_in_old.total(),
        ),
        "only_in_new": _count(
            "customers whose plan the old catalog does not have",
            lambda of: of.sums.apart.only_in_new.total(),
        ),
        "rejected_customers": _count(
            "rows of customers that cannot be read", lambda of: of.customers_rejected.rows
        ),
        "rejected_calls": _count("rows of calls that cannot be read", lambda of: of.rejected.rows),
        "up": _count("compared customers who pay more", lambda of: of.sums.all.up),
        "down": _count("compared customers who pay less", lambda of: of.sums.all.down),
        "same": _count("compared customers who pay the same", lambda of: of.sums.all.same),
        "up_5pct": _count(
            "compared customers who pay more than 5 % more", lambda of: of.sums.all.up_5pct
        ),
        "down_5pct": _count(
            "compared customers who pay more than 5 % less", lambda of: of.sums.all.down_5pct
        ),
        "from_zero": _count(
            "compared customers who paid nothing and now pay", lambda of: of.sums.all.from_zero
        ),
        "share_up": _share("share of compared customers who pay more", "up"),
        "share_down": _share("share of compared customers who pay less", "down"),
        "share_up_5pct": _share(
            "share of compared customers who pay more than 5 % more", "up_5pct"
        ),
        "share_down_5pct": _share(
            "share of compared customers who pay more than 5 % less", "down_5pct"
        ),
        "old_bills": _count("bills by the old catalog", lambda of: of.sums.all.bills_old),
        "new_bills": _count("bills by the new catalog", lambda of: of.sums.all.bills_new),
        "old_micros": _micros(
            "sum of all bills by the old catalog", lambda of: of.sums.all.total.old
        ),
        "new_micros": _micros(
            "sum of all bills by the new catalog", lambda of: of.sums.all.total.new
        ),
        "difference_micros": _micros(
            "difference of the sums of all bills", lambda of: of.sums.all.total.difference
        ),
        "old_bill_micros": _micros(
            "mean bill of a cycle by the old catalog", _bill(lambda of: of.old)
        ),
        "new_bill_micros": _micros(
            "mean bill of a cycle by the new catalog", _bill(lambda of: of.new)
        ),
        "difference_bill_micros": _micros(
            "difference of the mean bills", _bill(lambda of: of.difference)
        ),
        "old_month_micros": _micros(
            "what all compared customers pay for a month by the old catalog",
            lambda of: of.sums.all.month.old,
        ),
        "new_month_micros": _micros(
            "what all compared customers pay for a month by the new catalog",
            lambda of: of.sums.all.month.new,
        ),
        "difference_month_micros": _micros(
            "difference of what they pay for a month", lambda of: of.sums.all.month.difference
        ),
        "difference_month_bp": _points(
            "the same in basis points of the old month",
            lambda of: relative_basis_points(of.sums.all.month),
        ),
        "min_change_micros": _micros(
            "least change of a customer's month", lambda of: of.money.least
        ),
        "p50_change_micros": _micros(
            "median change of a customer's month", lambda of: of.money.p50
        ),
        "p95_change_micros": _micros(
            "change of a customer's month that 95 of 100 do not exceed", lambda of: of.money.p95
        ),
        "max_change_micros": _micros(
            "greatest change of a customer's month", lambda of: of.money.greatest
        ),
        "min_change_bp": _points(
            "least change in basis points of the customer's old month",
            lambda of: of.relative.least,
        ),
        "p50_change_bp": _points(
            "median change in basis points of the customer's old month",
            lambda of: of.relative.p50,
        ),
        "p95_change_bp": _points(
            "change in basis points that 95 of 100 do not exceed", lambda of: of.relative.p95
        ),
        "max_change_bp": _points(
            "greatest change in basis points of the customer's old month",
            lambda of: of.relative.greatest,
        ),
        "best_compared": _count(
            "customers with calls enough to advise them a plan by either catalog",
            lambda of: of.sums.best.compared,
        ),
        "best_undecided": _count(
            "customers with too few calls to advise them a plan",
            lambda of: of.sums.best.undecided,
        ),
        "best_changed": _count(
            "customers whose best plan is another", lambda of: of.sums.best.changed
        ),
        "share_best_changed": Figure(
            unit=Unit.SHARE,
            meaning="share of customers with a best plan for whom it is another",
            of=lambda of: share(of.sums.best.changed, of.sums.best.compared),
        ),
    }
)
"""Every figure that has a name, in the order in which they are told."""
