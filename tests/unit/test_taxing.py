from __future__ import annotations

from fractions import Fraction

import pytest

from plan_rules.catalog import Tax
from plan_rules.money import MICROS, Rounding
from plan_rules.rating.taxing import net_and_gross

FIFTH = Fraction(1, 5)


@pytest.mark.parametrize(
    ("micros", "included", "net", "gross"),
    [
        (1_940_000, False, 1_940_000, 2_330_000),
        (-19_350_000, False, -19_350_000, -23_220_000),
        (12_000_000, True, 10_000_000, 12_000_000),
        (-12_000_000, True, -10_000_000, -12_000_000),
        (0, False, 0, 0),
    ],
)
def test_the_tax_of_a_line_is_that_of_a_bill(
    *, micros: int, included: bool, net: int, gross: int
) -> None:
    tax = Tax(usage=Fraction(0), fee=FIFTH, included=included)
    assert net_and_gross(micros=micros, rate=tax.fee, tax=tax) == (net, gross)


def test_without_a_tax_net_and_gross_are_the_amount() -> None:
    assert net_and_gross(micros=5, rate=FIFTH, tax=None) == (5, 5)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("included", [True, False])
def test_a_tax_rounded_coarsely_never_runs_against_its_line(*, sign: int, included: bool) -> None:
    coarse = Rounding(step_micros=MICROS)
    tax = Tax(usage=FIFTH, fee=FIFTH, included=included, rounding=coarse)
    for cents in range(0, 300, 7):
        net, gross = net_and_gross(micros=sign * cents * 10_000, rate=FIFTH, tax=tax)
        assert sign * net <= sign * gross


def test_a_credit_cancels_the_charge_it_takes_back() -> None:
    tax = Tax(usage=FIFTH, fee=Fraction(19, 100))
    for micros in (1_940_000, 7_742_000, 12_345_678):
        charged = net_and_gross(micros=micros, rate=tax.fee, tax=tax)
        credited = net_and_gross(micros=-micros, rate=tax.fee, tax=tax)
        assert credited == (-charged[0], -charged[1])
