"""Hypothesis strategies for legal catalogs and calls, near the boundaries where raters fail.

The universe is small, so that examples shrink to one plan, one call and round numbers: a few
countries with fixed, mobile, undecided, premium and satellite numbers and nested prefixes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import TypeVar

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
from plan_rules.catalog.catalog import Catalog, EitherPolicy, Tax
from plan_rules.catalog.dated import Dated
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
    Volume,
    VolumeModel,
    VolumeTier,
    VolumeUnit,
)
from plan_rules.catalog.rate import Increment, RateEntry, RateTable, RateTerms, RateTier
from plan_rules.catalog.zone import Zone, ZoneMembers
from plan_rules.destinations.line_type import LineType
from plan_rules.destinations.plan import Destination, NumberingPlan
from plan_rules.destinations.selector import Selector, parse_selector
from plan_rules.money import Rounding, RoundingMode
from plan_rules.periods import BandSet, Cycle, CycleLength, CycleUnit, TimeBand, cycle_at
from plan_rules.usage.call import Call
from plan_rules.usage.customer import Customer

UNIVERSE = NumberingPlan.from_prefixes(
    {
        "1": Destination("US", LineType.EITHER),
        "1900": Destination("US", LineType.PREMIUM),
        "44": Destination("GB", LineType.FIXED),
        "447": Destination("GB", LineType.MOBILE),
        "49": Destination("DE", LineType.FIXED),
        "491": Destination("DE", LineType.MOBILE),
        "52": Destination("MX", LineType.EITHER),
        "5255": Destination("MX", LineType.FIXED),
        "870": Destination("001", LineType.SATELLITE),
    }
)
"""The numbering plan of generated catalogs."""

NUMBERS = (
    "+12125550100",
    "+19005550100",
    "+442079460000",
    "+447700900000",
    "+4930901820",
    "+491510000000",
    "+525512345678",
    "+523312345678",
    "+870773111111",
    "+99912345",
)
"""A number of every destination of the universe, and one outside of it."""

T = TypeVar("T")

CUSTOMER = Customer(id="generated", home="US", zone="America/New_York", anchor=date(2026, 1, 31))

SIMPLE = ("US", "GB", "DE", "MX", "GB/mobile", "DE/mobile", "MX/fixed", "MX/mobile", "US/either")
SELECTORS = (*SIMPLE, "+5255", "+447", "+4420", "+52551", "+999", "premium", "mobile", "default")
EVERYWHERE = parse_selector("default")
CHANGES = (date(2026, 2, 10), date(2026, 3, 5))
SMALL_ZONES = (("west", ("US", "MX", "MX/mobile", "+5255")), ("east", ("GB", "DE", "DE/fixed")))


def prices(maximum: int = 3_000_000) -> st.SearchStrategy[int]:
    """Return micros per minute or per call: round, or with an awkward remainder."""
    return st.one_of(
        st.sampled_from([0, 10_000, 20_000, 150_000, 1_000_000]), st.integers(0, maximum)
    )


def increments() -> st.SearchStrategy[Increment]:
    """Return increments of the field, and a few that do not divide."""
    return st.sampled_from(
        [Increment(60, 60), Increment(1, 1), Increment(30, 6), Increment(60, 1), Increment(30, 18)]
    )


def roundings() -> st.SearchStrategy[Rounding]:
    """Return every mode with a fine, a usual and a coarse step."""
    return st.builds(
        Rounding,
        step_micros=st.sampled_from([1, 100, 10_000]),
        mode=st.sampled_from(RoundingMode),
    )


def selectors(zones: Sequence[str] = ()) -> st.SearchStrategy[Selector]:
    """Return selectors of the universe, and those of the zones named."""
    words = [*SELECTORS, *zones, *(f"{zone}/mobile" for zone in zones)]
    return st.sampled_from(words).map(parse_selector)


def zones() -> st.SearchStrategy[dict[str, Zone]]:
    """Return up to two zones that share no destination, one of which may change on a date."""

    @st.composite
    def build(draw: st.DrawFn) -> dict[str, Zone]:
        found = {}
        for zone_id, words in SMALL_ZONES:
            if draw(st.booleans()):
                versions = st.lists(st.sampled_from(words), min_size=1, unique=True).map(_members)
                found[zone_id] = Zone(id=zone_id, name=zone_id, members=draw(dated(versions)))
        return found

    return build()


def _members(words: list[str]) -> ZoneMembers:
    return ZoneMembers(members=tuple(parse_selector(word) for word in words))


def dated(values: st.SearchStrategy[T]) -> st.SearchStrategy[Dated[T]]:
    """Return a value in force since ever, sometimes with others from later dates on."""

    @st.composite
    def build(draw: st.DrawFn) -> Dated[T]:
        later = draw(st.lists(st.sampled_from(CHANGES), unique=True, max_size=1))
        first: list[tuple[date | None, T]] = []
        if not later or draw(st.integers(0, 5)):
            first.append((None, draw(values)))
        return Dated((*first, *((day, draw(values)) for day in sorted(later))))

    return build()


def rate_terms(*, complete: bool = True) -> st.SearchStrategy[RateTerms]:
    """Return terms of a rate; complete ones have a price and an increment."""
    maybe = st.none()
    tier = st.builds(
        RateTier,
        after=st.sampled_from([30, 60, 120, 600]),
        price=prices(),
        increment=st.sampled_from([None, 1, 6, 60]),
    )
    tiers = st.lists(tier, min_size=1, max_size=2, unique_by=lambda each: each.after)
    return st.builds(
        RateTerms,
        price=prices() if complete else maybe | prices(),
        first_price=maybe | maybe | prices(),
        connection_fee=maybe | prices(500_000),
        increment=increments() if complete else maybe | increments(),
        minimum=maybe | maybe | prices(500_000),
        cap=maybe | maybe | prices(5_000_000),
        tiers=maybe
        | maybe
        | tiers.map(lambda rows: tuple(sorted(rows, key=lambda row: row.after))),
    )


def band_sets() -> st.SearchStrategy[BandSet]:
    """Return office hours, with or without a band for all other hours."""
    peak = TimeBand(
        id="peak",
        weekdays=frozenset({1, 2, 3, 4, 5}),
        start=8 * 3600,
        end=19 * 3600,
        precedence=5,
    )
    night = TimeBand(id="night", start=22 * 3600, end=3 * 3600)
    rest = TimeBand(id="rest", precedence=-1)
    return st.sampled_from(
        [
            BandSet(id="hours", bands=(peak, rest)),
            BandSet(id="hours", bands=(peak, night)),
            BandSet(id="hours", bands=(night, peak, rest)),
        ]
    )


def rate_entries(
    zone_ids: Sequence[str], bands: BandSet | None
) -> st.SearchStrategy[tuple[RateEntry, ...]]:
    """Return rows of a rate table, each selector once."""

    @st.composite
    def build(draw: st.DrawFn) -> tuple[RateEntry, ...]:
        chosen = draw(st.lists(selectors(zone_ids), unique=True, max_size=5))
        if draw(st.integers(0, 3)):
            chosen = [*(each for each in chosen if each != EVERYWHERE), EVERYWHERE]
        names = [band.id for band in bands.bands] if bands is not None else []
        rows = []
        for selector in chosen:
            banded = draw(st.lists(st.sampled_from(names), unique=True)) if names else []
            terms = dated(rate_terms(complete=not banded))
            by_band = tuple((name, draw(dated(rate_terms(complete=False)))) for name in banded)
            rows.append(RateEntry(selector=selector, terms=draw(terms), by_band=by_band))
        return tuple(rows)

    return build()


def rate_tables(
    zone_ids: Sequence[str] = (), bands: BandSet | None = None
) -> st.SearchStrategy[RateTable]:
    """Return a rate table over the universe."""
    defaults = st.builds(
        RateTerms, increment=increments(), connection_fee=st.none() | prices(100_000)
    )
    return st.builds(
        RateTable,
        id=st.just("table"),
        entries=rate_entries(zone_ids, bands),
        defaults=defaults,
        bands=st.just(bands.id if bands is not None else ""),
    )


def _some_selectors(zone_ids: Sequence[str]) -> st.SearchStrategy[tuple[Selector, ...]]:
    return st.lists(selectors(zone_ids), min_size=1, max_size=3, unique=True).map(tuple) | st.just(
        (EVERYWHERE,)
    )


def _with_chosen(zone_ids: Sequence[str]) -> st.SearchStrategy[tuple[Selector, ...]]:
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
        to=_some_selectors(zone_ids) | _with_chosen(zone_ids),
        without=st.just(()) | _some_selectors(zone_ids),
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
        to=_some_selectors(zone_ids),
        model=st.sampled_from(VolumeModel),
        unit=st.sampled_from(VolumeUnit),
        free=st.sampled_from([0, 1, 3]),
        tiers=tiers,
        package_size=st.sampled_from([1, 3]),
        package_price=prices(),
    )
    return st.lists(one, max_size=1).map(tuple)


def _with_hours(
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
        to=_some_selectors(zone_ids),
        reason=st.just("not part of the plan"),
    )
    surcharge = st.builds(
        Surcharge,
        id=st.sampled_from(["u", "v"]),
        to=_some_selectors(zone_ids),
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
        allowances=_with_hours(allowances(zone_ids), bands),
        choose_from=st.just(()) | _some_selectors(zone_ids),
        rates=st.sampled_from(["table", "table", "table", ""]),
        overrides=st.just(()) | rate_entries(zone_ids, None),
        coverage=st.none() | st.none() | _some_selectors(zone_ids),
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
