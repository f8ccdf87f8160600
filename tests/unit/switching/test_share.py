from __future__ import annotations

from fractions import Fraction

import pytest

from plan_rules.errors import InvalidValue
from plan_rules.switching.convention import ProrationUnit
from plan_rules.switching.share import WHOLE, Share, SharePart


def test_a_share_is_exact_and_says_where_it_comes_from() -> None:
    share = Share(numerator=16, denominator=31)
    assert share.fraction == Fraction(16, 31)
    assert share.words == "16 of 31 days left"
    seconds = Share(numerator=1_425_600, denominator=2_678_400, unit=ProrationUnit.SECOND)
    assert seconds.words == "1,425,600 of 2,678,400 seconds left"
    assert Share(numerator=1, denominator=1).words == "1 of 1 day left"


def test_what_is_not_left_was_used_and_both_are_the_whole() -> None:
    share = Share(numerator=16, denominator=31)
    assert share.rest.words == "15 of 31 days used"
    assert share.fraction + share.rest.fraction == 1
    assert share.rest.rest == share
    assert Share(numerator=1, denominator=2, part=SharePart.BILLED).rest.part is SharePart.BILLED


def test_words_of_their_own_say_the_part() -> None:
    share = Share(numerator=204, denominator=365, detail="17 days {part}, at 12 fees for 365 days")
    assert share.words == "17 days left, at 12 fees for 365 days"
    assert share.rest.words == "all but 17 days left, at 12 fees for 365 days"
    assert WHOLE.fraction == 1
    assert WHOLE.words == "the whole cycle"


@pytest.mark.parametrize(
    ("name", "numerator", "denominator"),
    [("numerator", -1, 31), ("numerator", 32, 31), ("denominator", 0, 0)],
)
def test_what_is_no_part_of_a_whole_is_refused(name: str, numerator: int, denominator: int) -> None:
    with pytest.raises(InvalidValue) as refused:
        Share(numerator=numerator, denominator=denominator)
    assert refused.value.name == name
