from __future__ import annotations

from fractions import Fraction

import pytest

from plan_rules.errors import InvalidValue
from plan_rules.money import MICROS, Rounding
from plan_rules.switching.discount import NO_DISCOUNT, Discount
from plan_rules.switching.proration import prorate
from plan_rules.switching.share import Share

CENTS = Rounding(step_micros=MICROS // 100)


@pytest.mark.parametrize(
    ("discount", "net", "off"),
    [
        (NO_DISCOUNT, 9_990_000, 0),
        (Discount(percent=Fraction(1, 4)), 7_490_000, 2_500_000),
        (Discount(micros=2_000_000), 7_990_000, 2_000_000),
        (Discount(percent=Fraction(1, 2), micros=2_000_000), 2_990_000, 7_000_000),
        (Discount(micros=20_000_000), 0, 9_990_000),
        (Discount(percent=Fraction(1)), 0, 9_990_000),
    ],
)
def test_a_discount_comes_off_the_full_price_and_never_below_0(
    discount: Discount, net: int, off: int
) -> None:
    assert discount.net_of(micros=9_990_000, rounding=CENTS) == net
    assert discount.off(micros=9_990_000, rounding=CENTS) == off


def test_a_fixed_discount_is_prorated_with_the_price_it_came_off() -> None:
    net = Discount(micros=2_000_000).net_of(micros=10_000_000, rounding=CENTS)
    half = Share(numerator=15, denominator=30)
    assert prorate(micros=net, share=half, rounding=CENTS) == 4_000_000


@pytest.mark.parametrize(
    ("name", "percent", "micros"),
    [("percent", Fraction(-1, 4), 0), ("percent", Fraction(5, 4), 0), ("micros", Fraction(0), -1)],
)
def test_a_discount_that_adds_to_a_price_is_refused(
    name: str, percent: Fraction, micros: int
) -> None:
    with pytest.raises(InvalidValue) as refused:
        Discount(percent=percent, micros=micros)
    assert refused.value.name == name
