"""From new to old is minus from old to new; from a catalog to itself is nothing at all."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import HealthCheck, given, settings

from plan_rules.batch.impact.figures import FIGURES, Unit, figures_of
from plan_rules.batch.impact.sums import Amounts, Changes
from tests.unit.batch.impacts import Case, cases

SLOW = list(HealthCheck)
MOST = settings.get_profile(settings.get_current_profile_name()).max_examples


def swapped(amounts: Amounts) -> Amounts:
    return Amounts(old=amounts.new, new=amounts.old)


def mirrored(changes: Changes) -> Changes:
    """What is the same backwards; 5 % of what it was, and nothing before, are not."""
    return replace(
        changes,
        up=changes.down,
        down=changes.up,
        bills_old=changes.bills_new,
        bills_new=changes.bills_old,
        total=swapped(changes.total),
        month=swapped(changes.month),
        up_5pct=0,
        down_5pct=0,
        from_zero=0,
    )


def plain(changes: Changes) -> Changes:
    return replace(changes, up_5pct=0, down_5pct=0, from_zero=0)


@settings(max_examples=MOST // 5, suppress_health_check=SLOW)
@given(cases())
def test_every_difference_is_negated(case: Case) -> None:
    there, back = case.impact(), case.swapped().impact()
    assert plain(back.sums.all) == mirrored(there.sums.all)
    assert back.sums.all.month.difference == -there.sums.all.month.difference
    assert back.sums.all.total.difference == -there.sums.all.total.difference
    assert {plan: plain(each) for plan, each in back.sums.plans.items()} == {
        plan: mirrored(each) for plan, each in there.sums.plans.items()
    }
    assert (back.sums.old_months, back.sums.new_months) == (
        there.sums.new_months,
        there.sums.old_months,
    )
    assert back.sums.apart.only_in_old == there.sums.apart.only_in_new
    assert back.sums.apart.only_in_new == there.sums.apart.only_in_old
    assert back.sums.apart.without_plan == there.sums.apart.without_plan
    assert back.sums.best.moves == Counter(
        {(after, before): count for (before, after), count in there.sums.best.moves.items()}
    )
    if there.money.least is not None:
        assert back.money.greatest == -there.money.least


@settings(max_examples=MOST // 5, suppress_health_check=SLOW)
@given(cases())
def test_a_catalog_that_does_not_change_has_no_impact(case: Case) -> None:
    known = {"", *case.old.plans}
    who = tuple(each if each.plan in known else replace(each, plan="") for each in case.who)
    impact = replace(case, new=case.old, who=who).impact()
    assert impact.old_digest == impact.new_digest
    every = impact.sums.all
    assert (every.up, every.down, every.same) == (0, 0, every.compared)
    assert every.total.old == every.total.new
    assert every.month.old == every.month.new
    assert impact.sums.old_months == impact.sums.new_months
    assert impact.sums.best.changed == 0
    assert impact.hurt == ()
    assert not impact.sums.apart.only_in_old + impact.sums.apart.only_in_new
    differences = {
        name: value
        for name, value in figures_of(impact).items()
        if "difference" in name or "change_" in name or FIGURES[name].unit is Unit.SHARE
    }
    assert not any(differences.values())
