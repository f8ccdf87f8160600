from __future__ import annotations

import pytest

from plan_rules.destinations import parse_selector
from plan_rules.errors import InvalidValue

SPECIFIC_FIRST = [
    "+52551",
    "+52",
    "MX/mobile",
    "MX",
    "europe/mobile",
    "europe",
    "mobile",
    "default",
]


@pytest.mark.parametrize(
    "text", [*SPECIFIC_FIRST, "chosen", "chosen/mobile", "001/satellite", "satellite", "zone-2"]
)
def test_a_selector_gives_its_text_back(text: str) -> None:
    assert str(parse_selector(text)) == text


def test_the_most_specific_ranks_first_and_the_longest_prefix_before_all() -> None:
    ranks = [parse_selector(text).rank for text in SPECIFIC_FIRST]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == len(ranks)
    assert parse_selector("chosen").rank == parse_selector("MX").rank


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        "+0",
        "+1234567890123456",
        "+52a",
        "MX/",
        "MX/tablet",
        "Mexico",
        "a_b",
        "/mobile",
        "fixed/mobile",
        "default/mobile",
    ],
)
def test_what_names_no_destination_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        parse_selector(text)
    assert refused.value.expected
