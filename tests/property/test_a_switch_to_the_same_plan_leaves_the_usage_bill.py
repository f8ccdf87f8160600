"""A switch from a plan to itself changes nothing that is due for the usage of its cycle."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from plan_rules.catalog import (
    Allowance,
    Billing,
    Catalog,
    Dated,
    Limit,
    LimitMetric,
    Limits,
    Reset,
    Volume,
    VolumeModel,
    VolumeTier,
)
from plan_rules.rating import Bill
from plan_rules.switching import Subscription, bill_usage, count_usage
from plan_rules.usage import Call
from tests.unit.switching.subscribers import (
    EVERYWHERE,
    LONDON,
    MEXICO,
    call_on,
    catalog_of,
    minutes,
    noon,
    plan_of,
    subscriber,
    switched_to,
)

MAY = date(2026, 5, 1)


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog:
    """Return a catalog with a plan that has all that a cycle settles, and fair use."""
    found: tuple[Allowance, ...] = ()
    if draw(st.booleans()):
        limit = Limit(
            metric=draw(st.sampled_from([LimitMetric.SECONDS, LimitMetric.NUMBERS])),
            per=draw(st.sampled_from(Reset)),
            amount=draw(st.integers(1, 900)),
        )
        amount = draw(st.one_of(st.none(), st.integers(1, 60)))
        found = (
            Allowance(
                id="talk",
                unit=minutes("talk", 1).unit,
                amount=None if amount is None else 60 * amount,
                to=EVERYWHERE,
                limits=Limits(limits=(limit,)),
            ),
        )
    tiers = (
        VolumeTier(up_to=draw(st.integers(1, 30)), price=90_000, flat=draw(st.integers(0, 9_000))),
        VolumeTier(up_to=None, price=20_000),
    )
    model = draw(st.sampled_from([VolumeModel.GRADUATED, VolumeModel.WHOLE_VOLUME]))
    volume = Volume(id="much", to=EVERYWHERE, model=model, tiers=tiers)
    plan = plan_of(
        "one",
        30_000_000,
        allowances=found,
        volumes=(volume,) if draw(st.booleans()) else (),
        billing=Billing(minimum_spend=Dated.always(draw(st.sampled_from([0, 3_000_000])))),
    )
    return catalog_of(plan)


CALLS = st.lists(
    st.builds(
        call_on,
        st.dates(MAY, date(2026, 5, 31)),
        st.integers(1, 40),
        st.sampled_from([MEXICO, LONDON]),
    ),
    max_size=8,
)
DAYS = st.lists(st.dates(date(2026, 5, 2), date(2026, 5, 31)), max_size=3, unique=True)


def billed(catalog: Catalog, known: Subscription, calls: Iterable[Call]) -> Bill:
    (bill,) = bill_usage(catalog=catalog, subscription=known, calls=calls, on=MAY)
    return bill


@given(catalogs(), CALLS, DAYS)
def test_a_switch_to_itself_leaves_the_usage_bill(
    catalog: Catalog, calls: list[Call], days: list[date]
) -> None:
    once = subscriber(catalog, "one", MAY)
    known = once
    for day in sorted(days):
        # Calls are at ten in the morning, the switch is at noon.
        known = known.after(
            count_usage(catalog=catalog, subscription=known, calls=calls, as_of=noon(day))
        )
        known = switched_to(catalog, known, "one", day)
    found, straight = billed(catalog, known, calls), billed(catalog, once, calls)

    assert found.lines == straight.lines
    assert found.charges == straight.charges
    assert known.due_micros == once.due_micros
    end = noon(date(2026, 5, 31)) + timedelta(hours=11)
    (counted,), (at_once,) = (
        count_usage(catalog=catalog, subscription=each, calls=calls, as_of=end)
        for each in (known, once)
    )
    assert [each.left for each in counted.change.counters] == [  # type: ignore[union-attr]
        each.left
        for each in at_once.change.counters  # type: ignore[union-attr]
    ]
