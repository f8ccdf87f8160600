"""What customers pay before and after a change, summed up: sums of customers can be added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

import numpy as np

from plan_rules.batch.columns import Int64s
from plan_rules.batch.impact.exact import demand_room, exact_sum
from plan_rules.batch.impact.histogram import RANGES, range_counts
from plan_rules.batch.impact.present import CycleSums

TWENTIETH = 20
"""More than 5 % up: twenty times the difference is more than the old amount."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """An amount by the old catalog and by the new, in micros."""

    old: int = 0
    new: int = 0

    @property
    def difference(self) -> int:
        """The new amount less the old: above 0 where customers pay more."""
        return self.new - self.old

    def __add__(self, other: Amounts) -> Amounts:
        """Return the sums of both."""
        return Amounts(old=self.old + other.old, new=self.new + other.new)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """How many customers' months change, and what they sum to.

    `compared` customers are `up`, `down` or `same`; `up_5pct` and `down_5pct` are those of them
    whose month changes by more than 5 % of what it was; `from_zero` those who paid nothing and
    now pay. `idle` made no call, so that their fee alone is compared. `bills_old` and
    `bills_new` count their bills, `total` sums them, `month` sums their months.
    """

    compared: int = 0
    idle: int = 0
    up: int = 0
    down: int = 0
    same: int = 0
    up_5pct: int = 0
    down_5pct: int = 0
    from_zero: int = 0
    bills_old: int = 0
    bills_new: int = 0
    total: Amounts = Amounts()
    month: Amounts = Amounts()

    def __add__(self, other: Changes) -> Changes:
        """Return the sums of both."""
        return Changes(
            **{
                each.name: getattr(self, each.name) + getattr(other, each.name)
                for each in fields(self)
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Customers on a plan that both catalogs have, an entry each.

    `customer` is their row in the table of customers, `plan` indexes the plans of both. Of each
    the bills, their totals and their months in micros, by the old catalog and by the new.
    """

    customer: Int64s
    plan: Int64s
    is_idle: Int64s
    old_bills: Int64s
    new_bills: Int64s
    old_total: Int64s
    new_total: Int64s
    old_month: Int64s
    new_month: Int64s

    def __len__(self) -> int:
        """Return the number of customers."""
        return len(self.customer)

    @property
    def difference(self) -> Int64s:
        """How much more each customer pays for a month, in micros."""
        return self.new_month - self.old_month

    def changes(self) -> Changes:
        """Count and sum up the customers."""
        old, difference = self.old_month, self.difference
        demand_room(difference, times=TWENTIETH)
        twentyfold = TWENTIETH * difference
        up, down = difference > 0, difference < 0
        return Changes(
            compared=len(self),
            idle=_count(self.is_idle > 0),
            up=_count(up),
            down=_count(down),
            same=_count(difference == 0),
            up_5pct=_count(twentyfold > old),
            down_5pct=_count(-twentyfold > old),
            from_zero=_count(up & (old == 0)),
            bills_old=exact_sum(self.old_bills),
            bills_new=exact_sum(self.new_bills),
            total=Amounts(old=exact_sum(self.old_total), new=exact_sum(self.new_total)),
            month=Amounts(old=exact_sum(self.old_month), new=exact_sum(self.new_month)),
        )

    def taken(self, kept: Int64s) -> Compared:
        """Return some of the customers, by their places among these."""
        return Compared(**{each.name: getattr(self, each.name)[kept] for each in fields(self)})

    @classmethod
    def joined(cls, pieces: list[Compared]) -> Compared:
        """Return the customers of many pieces as one, in order."""
        none = np.zeros(0, np.int64)
        return cls(
            **{
                each.name: np.concatenate([getattr(piece, each.name) for piece in pieces] or [none])
                for each in fields(cls)
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """Customers who are not compared, and why: counted, never dropped.

    `without_plan` are on no plan. `only_in_old` and `only_in_new` count, by plan, those whose
    plan the other catalog does not have.
    """

    without_plan: int = 0
    only_in_old: Counter[str] = field(default_factory=Counter)
    only_in_new: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Apart) -> Apart:
        """Return the counts of both."""
        return Apart(
            without_plan=self.without_plan + other.without_plan,
            only_in_old=self.only_in_old + other.only_in_old,
            only_in_new=self.only_in_new + other.only_in_new,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BestChanges:
    """Which plans are advised: `moves` counts customers by the plan before and the plan after.

    Those whose best plan is the same are among them, from the plan to itself. `undecided`
    customers have too few calls to advise them anything, by one of the catalogs at least.
    """

    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    undecided: int = 0

    @property
    def compared(self) -> int:
        """Customers who are advised a plan by either catalog."""
        return self.moves.total()

    @property
    def changed(self) -> int:
        """Customers who are advised another plan than before."""
        return sum(count for (before, after), count in self.moves.items() if before != after)

    def __add__(self, other: BestChanges) -> BestChanges:
        """Return the counts of both."""
        return BestChanges(
            moves=self.moves + other.moves, undecided=self.undecided + other.undecided
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpactSums:
    """All that can be summed up over customers: of groups of customers the sums may be added.

    `customers` are `all.compared` and those `apart`. `plans` tells the same of the customers
    of each plan, `months` of the bills whose cycles start in each month, by either catalog.
    `ranges` counts changes in each of `RANGES`.
    """

    customers: int = 0
    all: Changes = Changes()
    apart: Apart = field(default_factory=Apart)
    plans: Mapping[str, Changes] = field(default_factory=dict)
    old_months: Mapping[str, CycleSums] = field(default_factory=dict)
    new_months: Mapping[str, CycleSums] = field(default_factory=dict)
    ranges: tuple[int, ...] = (0,) * len(RANGES)
    best: BestChanges = field(default_factory=BestChanges)

    def __add__(self, other: ImpactSums) -> ImpactSums:
        """Return the sums of both."""
        return ImpactSums(
            customers=self.customers + other.customers,
            all=self.all + other.all,
            apart=self.apart + other.apart,
            plans={
                plan: self.plans.get(plan, Changes()) + other.plans.get(plan, Changes())
                for plan in {**self.plans, **other.plans}
            },
            old_months=_added(self.old_months, other.old_months),
            new_months=_added(self.new_months, other.new_months),
            ranges=tuple(a + b for a, b in zip(self.ranges, other.ranges, strict=True)),
            best=self.best + other.best,
        )


def plan_changes(compared: Compared, plan_ids: tuple[str, ...]) -> dict[str, Changes]:
    """Return the changes of each plan that somebody is on."""
    return {
        plan_ids[plan]: compared.taken(np.flatnonzero(compared.plan == plan)).changes()
        for plan in np.unique(compared.plan).tolist()
    }


def counted_ranges(compared: Compared) -> tuple[int, ...]:
    """Return how many customers' months change so far, for each of `RANGES`."""
    return range_counts(compared.old_month, compared.difference)


def _added(some: Mapping[str, CycleSums], others: Mapping[str, CycleSums]) -> dict[str, CycleSums]:
    return {
        month: some.get(month, CycleSums()) + others.get(month, CycleSums())
        for month in sorted({*some, *others})
    }


def _count(mask: np.ndarray) -> int:
    return int(np.count_nonzero(mask))
