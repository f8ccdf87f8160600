from __future__ import annotations

import numpy as np
import pytest

from plan_rules.batch.lookup import place_of, places_of, trie_of
from plan_rules.destinations.number import sort_key
from plan_rules.destinations.plan import Destination, NumberingPlan
from plan_rules.testing import UNIVERSE


def numbered(plan: NumberingPlan) -> tuple[list[int], dict[Destination | None, int]]:
    places = {where: index for index, where in enumerate(dict.fromkeys(plan.destinations))}
    return [places[where] for where in plan.destinations], places


@pytest.mark.parametrize(
    "number",
    ["+12125550100", "+19005550100", "+447700900000", "+525512345678", "+99912345", "+4930901820"],
)
def test_a_number_has_the_place_of_its_longest_prefix(number: str) -> None:
    where, places = numbered(UNIVERSE)
    trie = trie_of(UNIVERSE.starts, where)
    assert place_of(int(number[1:]), trie) == places[UNIVERSE.lookup(number)]


def test_a_number_shorter_than_a_prefix_does_not_begin_with_it() -> None:
    destinations = dict(UNIVERSE.prefixes)
    destinations["5255000000"] = destinations["870"]
    plan = NumberingPlan.from_prefixes(destinations)
    where, places = numbered(plan)
    trie = trie_of(plan.starts, where)
    for number in ("525500", "525500000", "5255000000", "52550000001", "525500000000000"):
        assert place_of(int(number), trie) == places[plan.lookup("+" + number)]


def test_every_start_of_an_interval_and_its_neighbours_are_found() -> None:
    plan = NumberingPlan.standard()
    where, places = numbered(plan)
    trie = trie_of(plan.starts, where)
    texts = [
        str(number)[:length]
        for key in plan.starts[1::3]
        for number in ((key >> 4) - 1, key >> 4, (key >> 4) + 1)
        for length in (5, 7, 9, 11, 15)
        if len(str(number)) == 15
    ]
    found = places_of(np.array([int(text) for text in texts]), trie)
    assert found.tolist() == [places[plan.lookup("+" + text)] for text in texts]


def test_the_table_of_many_places_is_wider() -> None:
    starts = [0, *(sort_key(str(prefix)) & ~15 for prefix in range(10_000, 99_999))]
    trie = trie_of(starts, range(len(starts)))
    assert trie.cells.dtype == np.int32
    assert place_of(54_321_000_000, trie) == 54_321 - 10_000 + 1


@pytest.mark.parametrize("number", [-1, 0, 9_999, 10**15, 10**18])
def test_what_is_no_number_has_no_place(number: int) -> None:
    where, _ = numbered(UNIVERSE)
    assert place_of(number, trie_of(UNIVERSE.starts, where)) == -1
