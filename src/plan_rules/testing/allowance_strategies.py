"""Hypothesis strategies for legal allowances and volume prices, near their limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st

from plan_rules.catalog.allowance import (
    Allowance,
    AllowanceUnit,
    Hours,
    InsidePrice,
    Limit,
    LimitMetric,
    Limits,
    Remnant,
    Reset,
    Share,
    WhenUsedUp,
)
from plan_rules.catalog.plan import (
    Volume,
    VolumeModel,
    VolumeTier,
    VolumeUnit,
)
from plan_rules.destinations.selector import Selector, parse_selector
from plan_rules.periods import BandSet
from plan_rules.testing.rate_strategies import (
    increments,
    prices,
    selectors,
)
from plan_rules.testing.universe import (
    EVERYWHERE,
)


def some_selectors(zone_ids: Sequence[str]) -> st.SearchStrategy[tuple[Selector, ...]]:
    """Selectors of an allowance or a volume price, often everywhere."""
    return st.lists(selectors(zone_ids), min_size=1, max_size=3, unique=True).map(tuple) | st.just(
        (EVERYWHERE,)
    )


def with_chosen(zone_ids: Sequence[str]) -> st.SearchStrategy[tuple[Selector, ...]]:
    """Return selectors of an allowance that follow the customer's choice of a country."""
    chosen = st.sampled_from(["chosen", "chosen/mobile", "chosen/fixed"]).map(parse_selector)
    others = st.lists(selectors(zone_ids), max_size=1)
    return st.tuples(chosen, others).map(lambda row: (row[0], *row[1]))


def allowances(zone_ids: Sequence[str] = ()) -> st.SearchStrategy[tuple[Allowance, ...]]:
    """Return up to three allowances of every unit, with limits, prices inside, and remnants."""
    metric = st.sampled_from(LimitMetric)
    limit = st.builds(
        Limit,
        metric=metric,
        per=st.sampled_from(Reset),
        amount=st.sampled_from([0, 1, 2, 60, 90, 300]),
    )
    inside = st.builds(InsidePrice, selector=selectors(zone_ids), price=prices(200_000))
    one = st.builds(
        Allowance,
        id=st.sampled_from(["a", "b", "c"]),
        unit=st.sampled_from([*AllowanceUnit, AllowanceUnit.SECONDS, AllowanceUnit.SECONDS]),
        amount=st.none() | st.sampled_from([0, 1, 3, 59, 60, 61, 119, 300, 1_000_000]),
        to=some_selectors(zone_ids) | with_chosen(zone_ids),
        without=st.just(()) | some_selectors(zone_ids),
        priority=st.integers(1, 2),
        increment=increments(),
        remnant=st.sampled_from(Remnant),
        when_used_up=st.sampled_from([*WhenUsedUp, WhenUsedUp.CHARGE]),
        share=st.sampled_from([Share.ALL, Share.ALL, Share.EACH_COUNTRY]),
        prices=st.just(())
        | st.lists(inside, max_size=2, unique_by=lambda each: each.selector).map(tuple),
        limits=st.builds(
            Limits,
            limits=st.just(())
            | st.lists(limit, max_size=2, unique_by=lambda each: (each.metric, each.per)).map(
                tuple
            ),
            needs_all=st.booleans(),
        ),
    ).map(_money_is_plain)
    return st.lists(one, max_size=3, unique_by=lambda each: each.id).map(tuple)


def _money_is_plain(allowance: Allowance) -> Allowance:
    if allowance.unit is not AllowanceUnit.MICROS:
        return allowance
    return Allowance(
        id=allowance.id,
        unit=allowance.unit,
        amount=allowance.amount,
        to=allowance.to,
        without=allowance.without,
        priority=allowance.priority,
        share=allowance.share,
    )


def volumes(zone_ids: Sequence[str] = ()) -> st.SearchStrategy[tuple[Volume, ...]]:
    """Return no volume price, or one of each model."""
    tiers = st.tuples(st.sampled_from([1, 2, 5]), prices(), prices(), prices(100_000)).map(
        lambda row: (
            VolumeTier(up_to=row[0], price=row[1], flat=row[3]),
            VolumeTier(up_to=None, price=row[2]),
        )
    )
    one = st.builds(
        Volume,
        id=st.just("volume"),
        to=some_selectors(zone_ids),
        model=st.sampled_from(VolumeModel),
        unit=st.sampled_from(VolumeUnit),
        free=st.sampled_from([0, 1, 3]),
        tiers=tiers,
        package_size=st.sampled_from([1, 3]),
        package_price=prices(),
    )
    return st.lists(one, max_size=1).map(tuple)


def with_hours(
    rows: st.SearchStrategy[tuple[Allowance, ...]], bands: BandSet | None
) -> st.SearchStrategy[tuple[Allowance, ...]]:
    """Return allowances some of which hold in some hours only."""
    if bands is None:
        return rows
    within = st.lists(
        st.sampled_from([band.id for band in bands.bands]), min_size=1, max_size=2, unique=True
    )
    hours = within.map(lambda names: Hours(bands=bands.id, within=tuple(names)))
    return st.tuples(rows, st.lists(st.none() | hours, min_size=3, max_size=3)).map(
        lambda row: tuple(
            replace(each, hours=given) for each, given in zip(row[0], row[1], strict=False)
        )
    )
