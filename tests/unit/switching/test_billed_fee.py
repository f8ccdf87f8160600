from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from plan_rules.errors import InvalidValue
from plan_rules.money import MICROS
from plan_rules.periods import Cycle, Period
from plan_rules.switching.billed_fee import BilledFee
from plan_rules.switching.billing import BilledPeriod
from plan_rules.switching.convention import CALENDAR_DAY, FOREIGN_CONVENTIONS, ProrationConvention

CENTS = CALENDAR_DAY.rounding_to(MICROS // 100)
CHARGED_ITEM = FOREIGN_CONVENTIONS["charged-item"]
MARCH = Cycle(start=date(2025, 3, 1), end=date(2025, 4, 1), index=0)
FROM_THE_15TH = BilledFee(
    period=BilledPeriod(start=date(2025, 3, 15), end=date(2025, 4, 1), cycle=MARCH),
    full_micros=60 * MICROS,
    charged_micros=32_900_000,
)
FROM_THE_20TH = Period(start=date(2025, 3, 20), end=date(2025, 4, 1))


def test_a_credit_is_a_share_of_the_full_price_or_of_what_was_charged() -> None:
    by_price = FROM_THE_15TH.credit(part=FROM_THE_20TH, convention=CALENDAR_DAY, rounding=CENTS)
    by_item = FROM_THE_15TH.credit(part=FROM_THE_20TH, convention=CHARGED_ITEM, rounding=CENTS)
    assert (by_price, by_item) == (23_230_000, 23_220_000)
    shares = [
        FROM_THE_15TH.share(part=FROM_THE_20TH, convention=each)
        for each in (CALENDAR_DAY, replace(CHARGED_ITEM, share_decimals=None))
    ]
    assert [share.fraction for share in shares] == [Fraction(12, 31), Fraction(12, 17)]


@pytest.mark.parametrize("convention", [CALENDAR_DAY, CHARGED_ITEM])
def test_what_came_back_before_is_not_given_again(convention: ProrationConvention) -> None:
    for credited, found in ((0, 32_900_000), (9_680_000, 23_220_000), (40_000_000, 0)):
        fee = replace(FROM_THE_15TH, credited_micros=credited)
        back = fee.credit(part=fee.period.period, convention=convention, rounding=CENTS)
        assert back == found


def test_days_that_were_not_billed_give_back_nothing_of_a_charged_item() -> None:
    before = Period(start=date(2025, 3, 10), end=date(2025, 3, 20))
    with pytest.raises(InvalidValue) as refused:
        FROM_THE_15TH.credit(part=before, convention=CHARGED_ITEM, rounding=CENTS)
    assert refused.value.name == "part"


@pytest.mark.parametrize("name", ["full_micros", "charged_micros", "credited_micros"])
def test_negative_amounts_are_refused(name: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        replace(FROM_THE_15TH, **{name: -1})  # type: ignore[arg-type]
    assert refused.value.name == name
