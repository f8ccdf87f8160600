"""Hypothesis strategies for legal catalogs, cycles and calls, near where raters fail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from hypothesis import strategies as st

from plan_rules.catalog.catalog import Catalog, EitherPolicy, Tax
from plan_rules.catalog.plan import (
    ALLOWANCE_ROUNDINGS,
    MAY_HAVE_DEVICE,
    NEEDS_DEVICE,
    PRORATIONS,
    SWITCH_POLICIES,
    AllowanceMode,
    Billing,
    Commitment,
    Device,
    EarlyTermination,
    Intro,
    Plan,
    PlanKind,
    Restriction,
    RestrictionKind,
    Surcharge,
    Switching,
)
from plan_rules.periods import BandSet, Cycle, CycleLength, CycleUnit, cycle_at
from plan_rules.testing.allowance_strategies import (
    allowances,
    some_selectors,
    volumes,
    with_hours,
)
from plan_rules.testing.rate_strategies import (
    band_sets,
    dated,
    prices,
    rate_entries,
    rate_tables,
    roundings,
    zones,
)
from plan_rules.testing.universe import (
    NUMBERS,
    UNIVERSE,
)
from plan_rules.usage.call import Call


def cycles() -> st.SearchStrategy[Cycle]:
    """Return a billing cycle: of months, weeks or days, cut from any anchor, in any year."""
    days = st.dates(date(1990, 1, 1), date(2090, 1, 1))
    lengths = st.one_of(
        st.just(CycleLength()),
        st.builds(CycleLength, unit=st.sampled_from(CycleUnit), count=st.integers(1, 24)),
    )
    return st.builds(
        lambda day, anchor, length: cycle_at(day, anchor=anchor, length=length),
        days,
        days,
        lengths,
    )


def days_within(cycle: Cycle) -> st.SearchStrategy[date]:
    """Return a day of a cycle, its first and its last ones more often than their share."""
    edges = {cycle.start, cycle.end - timedelta(days=1), cycle.start + timedelta(days=1)}
    return st.one_of(
        st.sampled_from(sorted(day for day in edges if day in cycle)),
        st.dates(cycle.start, cycle.end - timedelta(days=1)),
    )


def commitments() -> st.SearchStrategy[Commitment]:
    """Return a minimum term with any early-termination formula and what it reads."""

    def of(formula: EarlyTermination) -> st.SearchStrategy[Commitment]:
        devices = st.builds(Device, value=st.integers(1, 900_000_000), months=st.integers(1, 24))
        given: st.SearchStrategy[Device | None] = st.none()
        if formula in MAY_HAVE_DEVICE:
            given = devices if formula in NEEDS_DEVICE else st.none() | devices
        fixed = formula is EarlyTermination.FIXED
        return st.builds(
            Commitment,
            cycles=st.integers(1, 24),
            early_termination=st.just(formula),
            amount=prices(200_000_000) if fixed else st.none(),
            device=given,
        )

    return st.sampled_from(EarlyTermination).flatmap(of)


def switchings() -> st.SearchStrategy[Switching]:
    """Return any presets for a switch to or from a plan."""
    policies = st.sampled_from(SWITCH_POLICIES)
    return st.builds(
        Switching,
        proration=st.sampled_from(PRORATIONS),
        allowance=st.sampled_from(AllowanceMode),
        allowance_rounding=st.sampled_from(ALLOWANCE_ROUNDINGS),
        upgrade=policies,
        downgrade=policies,
    )


def plans(
    zone_ids: Sequence[str] = (), plan_id: str = "plan", bands: BandSet | None = None
) -> st.SearchStrategy[Plan]:
    """Return a plan over the table `table`, with anything the grammar allows."""
    restriction = st.builds(
        Restriction,
        id=st.sampled_from(["r", "s"]),
        kind=st.sampled_from(RestrictionKind),
        to=some_selectors(zone_ids),
        reason=st.just("not part of the plan"),
    )
    surcharge = st.builds(
        Surcharge,
        id=st.sampled_from(["u", "v"]),
        to=some_selectors(zone_ids),
        per_minute=prices(100_000),
        per_call=prices(100_000),
    )
    length = st.sampled_from(
        [CycleLength(), CycleLength(unit=CycleUnit.DAY, count=28), CycleLength(count=2)]
    )
    return st.builds(
        Plan,
        id=st.just(plan_id),
        name=st.just(plan_id),
        kind=st.sampled_from(PlanKind),
        summary=st.just(""),
        fee=dated(prices(20_000_000)),
        intro=st.none() | st.builds(Intro, cycles=st.integers(1, 2), fee=prices()),
        billing=st.builds(
            Billing,
            length=length,
            fee_in_advance=st.booleans(),
            minimum_spend=dated(st.sampled_from([0, 0, 5_000_000])),
        ),
        allowances=with_hours(allowances(zone_ids), bands),
        choose_from=st.just(()) | some_selectors(zone_ids),
        rates=st.sampled_from(["table", "table", "table", ""]),
        overrides=st.just(()) | rate_entries(zone_ids, None),
        coverage=st.none() | st.none() | some_selectors(zone_ids),
        restrictions=st.just(())
        | st.lists(restriction, max_size=1, unique_by=lambda each: each.id).map(tuple),
        surcharges=st.lists(surcharge, max_size=2, unique_by=lambda each: each.id).map(tuple),
        volumes=st.just(()) | volumes(zone_ids),
        switching=switchings(),
        commitment=st.none() | commitments(),
        rounding=roundings(),
    )


def catalogs(
    *, min_plans: int = 1, max_plans: int = 2, taxed: bool = False
) -> st.SearchStrategy[Catalog]:
    """Return a catalog over the universe with one rate table, zones and perhaps bands."""

    @st.composite
    def build(draw: st.DrawFn) -> Catalog:
        bands = draw(st.none() | band_sets())
        found = draw(zones())
        ids = sorted(found)
        count = draw(st.integers(min_plans, max_plans))
        table = draw(rate_tables(ids, bands))
        drawn = [draw(plans(ids, f"plan-{index}", bands)) for index in range(count)]
        percent = st.sampled_from([Fraction(0), Fraction(1, 10), Fraction(3, 40)])
        tax = st.builds(Tax, usage=percent, fee=percent, included=st.booleans())
        return Catalog(
            id="generated",
            currency="USD",
            zone="Europe/Berlin",
            plans={plan.id: plan for plan in drawn},
            rate_tables={"table": table},
            zones=found,
            band_sets={bands.id: bands} if bands is not None else {},
            either=draw(st.sampled_from(EitherPolicy)),
            tax=draw(tax) if taxed else None,
            base_numbering=UNIVERSE,
        )

    return build()


def calls(*, max_size: int = 12) -> st.SearchStrategy[list[Call]]:
    """Return calls of three months: near midnight, band edges, cycle edges and clock changes."""
    edges = st.sampled_from(
        [
            datetime(2026, 1, 30, 23, 59, tzinfo=UTC),
            datetime(2026, 2, 9, 22, 59, tzinfo=UTC),
            datetime(2026, 2, 28, 4, 59, tzinfo=UTC),
            datetime(2026, 3, 2, 6, 59, 30, tzinfo=UTC),
            datetime(2026, 3, 2, 17, 59, 30, tzinfo=UTC),
            datetime(2026, 3, 29, 0, 59, tzinfo=UTC),
            datetime(2026, 3, 31, 3, 59, 30, tzinfo=UTC),
        ]
    )
    start = st.builds(lambda edge, off: edge + timedelta(seconds=off), edges, st.integers(0, 120))
    seconds = st.sampled_from([0, 1, 29, 30, 31, 59, 60, 61, 119, 120, 601]) | st.integers(0, 5000)
    one = st.builds(Call, start=start, number=st.sampled_from(NUMBERS), seconds=seconds)
    return st.lists(one, max_size=max_size)
