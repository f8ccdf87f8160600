from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from plan_rules.catalog import (
    Catalog,
    Dated,
    Increment,
    Plan,
    PlanKind,
    RateEntry,
    RateTable,
    RateTerms,
    Tax,
    Zone,
    ZoneMembers,
)
from plan_rules.destinations import Destination, LineType, parse_selector
from plan_rules.errors import Span, UnknownId
from plan_rules.tariff import catalog_digest, compile_catalog, tariff_book
from plan_rules.tariff.atlas import Atlas, World
from plan_rules.tariff.matching import ZoneMap
from plan_rules.tariff.targets import cuts
from plan_rules.testing import UNIVERSE

PLAN = Plan(
    id="plan",
    name="Plan",
    kind=PlanKind.UNLIMITED,
    summary="",
    fee=Dated.always(1),
    span=Span("a.yaml", 1, 1),
)
CATALOG = Catalog(id="c", currency="USD", zone="UTC", plans={"plan": PLAN}, base_numbering=UNIVERSE)


def test_a_book_is_compiled_once_and_can_be_sent_elsewhere() -> None:
    book = tariff_book(CATALOG)
    assert tariff_book(CATALOG) is book
    assert pickle.loads(pickle.dumps(book)) == book  # noqa: S301  our own bytes
    with pytest.raises(UnknownId):
        book.plan("other")


def test_a_catalog_with_numbering_of_its_own_can_be_sent_elsewhere() -> None:
    again = pickle.loads(pickle.dumps(CATALOG))  # noqa: S301  our own bytes
    assert catalog_digest(again) == catalog_digest(CATALOG)


def test_an_atlas_does_not_guess_what_an_unknown_zone_takes_out() -> None:
    members = ZoneMembers(members=(parse_selector("MX"),), without=(parse_selector("nowhere"),))
    zone = Zone(id="zone", name="zone", members=Dated.always(members))
    atlas = Atlas(World(UNIVERSE, ()), {"zone": zone}, date.min)
    assert atlas.mask(parse_selector("zone")) is None
    assert atlas.mask(parse_selector("MX")) != 0


def test_the_digest_names_the_meaning_and_not_the_place() -> None:
    moved = replace(CATALOG, plans={"plan": replace(PLAN, span=Span("b.yaml", 9, 9))})
    assert catalog_digest(moved) == catalog_digest(CATALOG)
    dearer = replace(CATALOG, plans={"plan": replace(PLAN, fee=Dated.always(2))})
    taxed = replace(CATALOG, tax=Tax(usage=Fraction(1, 3), fee=Fraction(0)))
    numbered = replace(CATALOG, numbering={"377": Destination("XK", LineType.MOBILE)})
    digests = {catalog_digest(each) for each in (CATALOG, dearer, taxed, numbered)}
    assert len(digests) == 4
    assert len(catalog_digest(CATALOG)) == 64


def test_a_digest_is_never_guessed_for_a_value_it_does_not_know() -> None:
    with pytest.raises(TypeError):
        catalog_digest(replace(CATALOG, currency=1.5))  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        catalog_digest(replace(CATALOG, id=object()))  # type: ignore[arg-type]


def test_one_class_serves_all_that_no_plan_tells_apart() -> None:
    book = compile_catalog(CATALOG)
    assert book.class_count == 1
    assert book.place("+525512345678").destination == Destination("MX", LineType.FIXED)
    assert book.place("+999123456").destination is None


def test_cuts_nest_and_join() -> None:
    found = cuts(UNIVERSE, ["52", "5255", "525"])
    covering = {cut.prefixes for cut in found}
    assert ("5255", "525", "52") in covering
    assert [cut.start for cut in found] == sorted({cut.start for cut in found})


def test_plans_share_what_their_rate_table_says() -> None:
    table = RateTable(id="table", entries=(_row("MX", 100), _row("DE", 200)), defaults=MINUTES)
    own = replace(PLAN, id="own", rates="table", overrides=(_row("MX", 50),))
    plans = {each.id: each for each in (replace(PLAN, rates="table"), own)}
    book = compile_catalog(replace(CATALOG, plans=plans, rate_tables={"table": table}))
    mexico, germany = (book.place(each).class_index for each in ("+525512345678", "+4912345678"))
    (shared,), (overriding,) = (book.plan(each).rows for each in ("plan", "own"))
    assert overriding[germany] is shared[germany]
    over, usual = overriding[mexico].schedule, shared[mexico].schedule
    assert over is not None
    assert usual is not None
    assert over.rates != usual.rates
    # The row of the table and the one that overrides it are written alike: one maker for both.
    for tariff in book.plans.values():
        assert len(set(tariff.makers)) == len(tariff.makers)
    assert over.maker == usual.maker


def _row(selector: str, price: int) -> RateEntry:
    return RateEntry(selector=parse_selector(selector), terms=Dated.always(RateTerms(price=price)))


MINUTES = RateTerms(increment=Increment(60, 60))


def test_a_zone_of_tomorrow_and_a_country_not_chosen_reach_nothing() -> None:
    members = ZoneMembers(members=(parse_selector("MX"),))
    zones = {"zone": Zone(id="zone", name="zone", members=Dated(((date(2026, 7, 1), members),)))}
    world = World(UNIVERSE, ())
    catalog = replace(CATALOG, zones=zones)
    for day, is_held in ((date(2026, 6, 30), False), (date(2026, 7, 1), True)):
        atlas, matching = Atlas(world, zones, day), ZoneMap(catalog, day)
        for selector, reached in (
            (parse_selector("zone"), is_held),
            (parse_selector("chosen"), False),
        ):
            assert bool(atlas.mask(selector)) is reached
            assert any(matching.matches(selector, each) for each in world.targets) is reached
