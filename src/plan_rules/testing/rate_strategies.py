"""Hypothesis strategies for legal prices, rates, bands and zones, near the boundaries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from hypothesis import strategies as st

from plan_rules.catalog.dated import Dated
from plan_rules.catalog.rate import Increment, RateEntry, RateTable, RateTerms, RateTier
from plan_rules.catalog.zone import Zone, ZoneMembers
from plan_rules.destinations.selector import Selector, parse_selector
from plan_rules.money import Rounding, RoundingMode
from plan_rules.periods import BandSet, TimeBand
from plan_rules.testing.universe import (
    CHANGES,
    EVERYWHERE,
    SELECTORS,
    SMALL_ZONES,
)

T = TypeVar("T")


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
