"""What a comparison says of all customers is the sum, and the exact ranks, of what the readable
engine says of each; it can be divided by customer; threads change nothing."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plan_rules.batch.impact.histogram import RANGES
from plan_rules.batch.impact.sums import Amounts, ImpactSums
from plan_rules.money import RoundingMode, round_ratio
from tests.unit.batch.impacts import Case, cases, readable

SLOW = list(HealthCheck)
MOST = settings.get_profile(settings.get_current_profile_name()).max_examples


def half_up(value: Fraction) -> int:
    mode = RoundingMode.HALF_UP
    return round_ratio(numerator=value.numerator, denominator=value.denominator, mode=mode)


def range_of(old: int, change: int) -> int:
    """The only range that a change lies in, by what `Range` says of itself."""
    if old == 0 and change > 0:
        return len(RANGES) - 1
    percent = Fraction(100 * change, old) if old else Fraction(0)
    found = []
    for at, each in enumerate(RANGES[:-1]):
        over = Fraction(-(10**30)) if each.over is None else Fraction(each.over)
        up_to = Fraction(10**30) if each.up_to is None else Fraction(each.up_to)
        is_down = up_to <= 0 and over < up_to
        inside = over <= percent < up_to if is_down else over < percent <= up_to
        if inside or (over == up_to == percent):
            found.append(at)
    assert len(found) == 1
    return found[0]


@settings(max_examples=MOST // 5, suppress_health_check=SLOW)
@given(case=cases(), threads=st.integers(1, 2))
def test_sums_and_ranks_are_those_of_the_customers(case: Case, threads: int) -> None:
    impact = case.impact(threads=threads)
    both = [
        at for at, each in enumerate(case.who) if each.plan in {*case.old.plans} & {*case.new.plans}
    ]
    old = [readable(case.old, case.who[at], case.made[at]) for at in both]
    new = [readable(case.new, case.who[at], case.made[at]) for at in both]
    changes = [after[2] - before[2] for before, after in zip(old, new, strict=True)]
    every = impact.sums.all
    assert impact.sums.customers == len(case.who)
    assert (every.compared, every.bills_old, every.bills_new) == (
        len(both),
        sum(bills for bills, _, _ in old),
        sum(bills for bills, _, _ in new),
    )
    assert every.total == Amounts(old=sum(t for _, t, _ in old), new=sum(t for _, t, _ in new))
    assert every.month == Amounts(old=sum(m for _, _, m in old), new=sum(m for _, _, m in new))
    assert every.idle == sum(not case.made[at] for at in both)
    assert (every.up, every.down, every.same) == (
        sum(each > 0 for each in changes),
        sum(each < 0 for each in changes),
        changes.count(0),
    )
    fifth = [Fraction(before[2]) / 20 for before in old]
    assert every.up_5pct == sum(a > b for a, b in zip(changes, fifth, strict=True))
    assert every.down_5pct == sum(-a > b for a, b in zip(changes, fifth, strict=True))
    for bills, micros, months in (
        (every.bills_old, every.total.old, impact.sums.old_months),
        (every.bills_new, every.total.new, impact.sums.new_months),
    ):
        assert sum(each.bills for each in months.values()) == bills
        assert sum(each.micros for each in months.values()) == micros
    counted = [range_of(before[2], change) for before, change in zip(old, changes, strict=True)]
    assert impact.sums.ranges == tuple(counted.count(at) for at in range(len(RANGES)))
    if both:
        ordered = sorted(changes)
        middle, high = -(-len(both) // 2) - 1, -(-95 * len(both) // 100) - 1
        money = impact.money
        assert (money.least, money.p50, money.p95, money.greatest) == (
            ordered[0], ordered[middle], ordered[high], ordered[-1],
        )  # fmt: skip
        if all(before[2] for before in old):
            points = sorted(
                Fraction(10_000 * change, before[2])
                for before, change in zip(old, changes, strict=True)
            )
            relative = impact.relative
            assert (relative.p50, relative.greatest) == (
                half_up(points[middle]), half_up(points[-1]),
            )  # fmt: skip


@settings(max_examples=MOST // 5, suppress_health_check=SLOW)
@given(case=cases(), data=st.data())
def test_sums_of_groups_of_customers_add_up(case: Case, data: st.DataObject) -> None:
    halves = [data.draw(st.integers(0, 1)) for _ in case.who]
    parts = [[at for at, half in enumerate(halves) if half == which] for which in (0, 1)]
    found = ImpactSums()
    for part in parts:
        if part:
            found += case.some(part).impact().sums
    assert found == case.impact().sums


@settings(max_examples=MOST // 5, suppress_health_check=SLOW)
@given(case=cases())
def test_the_lines_told_sum_to_what_they_explain(case: Case) -> None:
    impact = case.impact(top=4)
    rises = [each.month.difference for each in impact.hurt]
    assert rises == sorted(rises, reverse=True)
    assert len(rises) == impact.sums.all.up
    assert sum(rises) - impact.sums.all.month.difference == sum(
        -min(0, after - before)
        for before, after in (
            (readable(case.old, who, made)[2], readable(case.new, who, made)[2])
            for who, made in zip(case.who, case.made, strict=True)
            if who.plan in {*case.old.plans} & {*case.new.plans}
        )
    )
    for each in impact.hurt:
        assert sum(line.difference_micros for line in each.lines) == each.total.difference
