from __future__ import annotations

from itertools import product

import pytest

from plan_rules.errors import InvalidValue
from plan_rules.rules.literal import (
    Among,
    Literal,
    Members,
    Unknown,
    common,
    implies,
    joined,
    meet,
    members,
    without,
)

DOMAIN = range(8)
"""Every code of a number from 0 to 7, and of a set of three words."""

AMONG: tuple[Literal, ...] = tuple(
    Among(fact="f", ranges=ranges)
    for ranges in (((0, 7),), ((2, 5),), ((0, 0),), ((3, 7),), ((0, 1), (4, 4), (6, 7)), ((5, 5),))
)
MEMBERS: tuple[Literal, ...] = tuple(
    literal
    for has, lacks, some in product((0, 1, 6), (0, 2, 4), ((), (3,), (5, 6), (7,)))
    if (literal := members(fact="f", has=has, lacks=lacks, some=some)) is not None
)
UNKNOWN: tuple[Literal, ...] = (Unknown(fact="f"),)


def held(literal: Literal | None) -> set[int | None]:
    return set() if literal is None else {code for code in (None, *DOMAIN) if literal.holds(code)}


@pytest.mark.parametrize("kind", [AMONG, MEMBERS])
def test_two_literals_meet_where_both_hold(kind: tuple[Literal, ...]) -> None:
    for one, other in product((*kind, *UNKNOWN), repeat=2):
        assert held(meet(one, other)) == held(one) & held(other)
        assert implies(one, other) == (held(one) <= held(other))


def test_an_example_is_one_for_which_it_holds() -> None:
    for literal in (*AMONG, *MEMBERS, *UNKNOWN):
        assert literal.holds(literal.example())


def test_what_is_asked_of_a_set_has_one_plainest_form() -> None:
    for one, other in product(MEMBERS, repeat=2):
        assert (one == other) == (held(one) == held(other))


@pytest.mark.parametrize(
    ("has", "lacks", "some", "expected"),
    [
        (1, 1, (), None),
        (0, 3, (3,), None),
        (0, 2, (3,), Members(fact="f", has=1, lacks=2)),
        (1, 0, (3,), Members(fact="f", has=1)),
        (0, 0, (3, 7), Members(fact="f", some=(3,))),
        (0, 4, (5, 3), Members(fact="f", has=1, lacks=4)),
    ],
)
def test_choices_that_are_settled_go(
    has: int, lacks: int, some: tuple[int, ...], expected: Members | None
) -> None:
    assert members(fact="f", has=has, lacks=lacks, some=some) == expected


def test_ranges_are_sets_of_codes() -> None:
    sets = [frozenset(code for code in range(6) if pattern >> code & 1) for pattern in range(64)]
    ranges = {each: joined(tuple((code, code) for code in each)) for each in sets}
    for each in sets:
        assert without(ranges[each], low=0, high=5) == ranges[frozenset(range(6)) - each]
        assert without(ranges[each], low=2, high=3) == ranges[frozenset({2, 3}) - each]
    for one, other in product(sets, repeat=2):
        assert joined((*ranges[one], *ranges[other])) == ranges[one | other]
        assert common(ranges[one], ranges[other]) == ranges[one & other]


def test_neighbours_are_one_range_and_an_empty_range_is_none() -> None:
    assert joined(((5, 6), (1, 2), (3, 3), (9, 8))) == ((1, 3), (5, 6))


@pytest.mark.parametrize("ranges", [(), ((1, 2), (3, 4)), ((5, 6), (1, 2)), ((2, 1),)])
def test_ranges_out_of_order_are_refused(ranges: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(InvalidValue):
        Among(fact="f", ranges=ranges)


@pytest.mark.parametrize(("has", "lacks", "some"), [(1, 1, ()), (1, 0, (3,)), (0, 0, (4,))])
def test_a_word_asked_for_twice_is_refused(has: int, lacks: int, some: tuple[int, ...]) -> None:
    with pytest.raises(InvalidValue):
        Members(fact="f", has=has, lacks=lacks, some=some)
