"""What the checks of loading take a selector to reach is what the engines take it to reach."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from plan_rules.catalog import Catalog, Dated, Zone, ZoneMembers
from plan_rules.destinations import Destination, LineType, NumberingPlan, Selector, parse_selector
from plan_rules.tariff.atlas import Atlas, World
from plan_rules.tariff.matching import ZoneMap

PREFIXES = {
    f"{code}{digit}": Destination(country, line)
    for code, country in (("49", "DE"), ("33", "FR"), ("52", "MX"))
    for digit, line in enumerate(LineType, start=1)
}
NUMBERING = NumberingPlan.from_prefixes(PREFIXES)
CUTS = ("52", "523", "4912", "99")
SIMPLE = ["DE", "DE/mobile", "FR/premium", "MX/either", "MX", "+52", "+523", "+4912", "+99"]
NESTED = ["one", "one/mobile", "one/premium", "two", "two/fixed", "default", "satellite"]
MEMBERS = st.lists(st.sampled_from(SIMPLE).map(parse_selector), min_size=1, max_size=4)
OUTER = st.lists(st.sampled_from(SIMPLE + NESTED[:3]).map(parse_selector), min_size=1, max_size=4)
TAKEN = st.lists(st.sampled_from(SIMPLE).map(parse_selector), max_size=2)


@settings(max_examples=200)
@given(one=MEMBERS, two=OUTER, without=TAKEN)
def test_a_mask_holds_the_targets_a_selector_matches(
    one: list[Selector], two: list[Selector], without: list[Selector]
) -> None:
    zones = {
        "one": _zone("one", one, without),
        "two": _zone("two", two, without),
    }
    catalog = Catalog(id="c", currency="USD", zone="UTC", plans={}, zones=zones)
    matching = ZoneMap(catalog, date.max)
    world = World(NUMBERING, CUTS)
    atlas = Atlas(world, zones, date.max)

    for selector in map(parse_selector, SIMPLE + NESTED):
        mask = atlas.mask(selector)
        assert mask is not None
        for index, target in enumerate(world.targets):
            assert bool(mask >> index & 1) == matching.matches(selector, target), (selector, target)


def _zone(name: str, members: list[Selector], without: list[Selector]) -> Zone:
    version = ZoneMembers(members=tuple(members), without=tuple(without))
    return Zone(id=name, name=name, members=Dated.always(version))
