from __future__ import annotations

from fractions import Fraction

import pytest

from plan_rules.assessment.adjusting import Adjusted
from plan_rules.assessment.billing import rate
from plan_rules.assessment.inquiry import Inquiry
from plan_rules.catalog import Tax
from plan_rules.errors import InvalidValue
from plan_rules.money import MICROS, Rounding
from plan_rules.rating import rating
from plan_rules.rating.adjustment import Adjustment
from plan_rules.rating.bill import Bill
from plan_rules.rules.effect import AdjustmentKind, Base, Stack
from plan_rules.rules.rule import Rule
from plan_rules.tariff.book import Maker, MakerKind
from tests.unit.assessment.rule_catalogs import (
    DOLLAR,
    calls,
    catalog,
    customer,
    discount,
    is_,
)

CENTS = Rounding(step_micros=MICROS // 100)
SURCHARGE = AdjustmentKind.SURCHARGE


def adjusted(*rules: Rule, minutes: int = 50, tax: Tax | None = None, **plan: object) -> Adjusted:
    """Adjust a bill of a fee of 10 dollars and calls of 10 cents a minute."""
    found = catalog(*rules, tax=tax, **plan)
    anyone = customer()
    (bill,) = rating.rate(
        catalog=found, plan="plain", calls=calls(minutes, months=[1]), customer=anyone
    )
    start = bill.cycle.start
    inquiry = Inquiry.of(catalog=found, customer=anyone, as_of=start)
    eligibility = inquiry.eligibility(bill.tariff, on=start)
    return inquiry.adjusted(bill, eligibility, on=start)


def amounts(bill: Bill) -> dict[str, int]:
    return {each.maker.id: each.amount_micros for each in bill.adjustments}


@pytest.mark.parametrize(
    ("on", "taken"),
    [(Base.FEE, 1 * DOLLAR), (Base.USAGE, DOLLAR // 2), (Base.BILL, 3 * DOLLAR // 2)],
)
def test_a_percentage_is_taken_of_its_base(on: Base, taken: int) -> None:
    bill = adjusted(discount("ten", percent="10", on=on)).bill
    assert amounts(bill) == {"ten": -taken}
    assert bill.total_micros == 15 * DOLLAR - taken
    line = bill.lines[-1]
    assert (line.maker.kind, line.maker.id) == (MakerKind.DISCOUNT, "ten")
    assert line.maker.reason == "The reason of ten."


def test_additive_amounts_add_up_and_are_taken_of_the_bill_as_priced() -> None:
    bill = adjusted(discount("ten", percent="10"), discount("half", percent="50")).bill
    assert amounts(bill) == {"ten": -DOLLAR, "half": -5 * DOLLAR}


def test_of_the_largest_ones_one_counts_beside_the_additive() -> None:
    found = adjusted(
        discount("small", percent="10", stack=Stack.LARGEST),
        discount("added", amount=DOLLAR),
        discount("large", amount=3 * DOLLAR, stack=Stack.LARGEST),
    )
    assert amounts(found.bill) == {"added": -DOLLAR, "large": -3 * DOLLAR}
    assert [(each.rule.id, each.by) for each in found.displaced] == [("small", "large")]


def test_an_exclusive_one_takes_the_place_of_all_others_of_its_kind_and_base() -> None:
    found = adjusted(
        discount("added", amount=9 * DOLLAR),
        discount("alone", amount=2 * DOLLAR, stack=Stack.EXCLUSIVE),
        discount("less", amount=DOLLAR, stack=Stack.EXCLUSIVE),
        discount("usage", percent="10", on=Base.USAGE),
        discount("extra", amount=DOLLAR, kind=SURCHARGE),
    )
    assert amounts(found.bill) == {
        "alone": -2 * DOLLAR,
        "extra": DOLLAR,
        "usage": -DOLLAR // 2,
    }
    assert {each.rule.id: each.by for each in found.displaced} == {
        "added": "alone",
        "less": "alone",
    }


def test_of_equal_amounts_the_first_counts() -> None:
    found = adjusted(
        discount("one", amount=DOLLAR, stack=Stack.EXCLUSIVE),
        discount("two", amount=DOLLAR, stack=Stack.EXCLUSIVE),
    )
    assert list(amounts(found.bill)) == ["one"]


def test_discounts_never_exceed_their_base_nor_the_bill() -> None:
    found = adjusted(
        discount("whole", percent="100"),
        discount("more", amount=DOLLAR),
        discount("all", amount=99 * DOLLAR, on=Base.BILL),
        discount("late", kind=SURCHARGE, amount=DOLLAR, on=Base.BILL),
    )
    assert amounts(found.bill) == {"whole": -10 * DOLLAR, "all": -5 * DOLLAR, "late": DOLLAR}
    assert found.bill.total_micros == DOLLAR


@pytest.mark.parametrize(("dollars", "taken"), [(3, 9), (4, 10)])
def test_rounding_never_takes_off_more_than_there_is(dollars: int, taken: int) -> None:
    coarse = Rounding(step_micros=dollars * MICROS)
    found = adjusted(discount("all", percent="100"), minutes=0, rounding=coarse)
    assert amounts(found.bill) == {"all": -taken * DOLLAR}


def test_an_amount_of_nothing_makes_no_line() -> None:
    bill = adjusted(discount("usage", percent="10", on=Base.USAGE), minutes=0).bill
    assert bill.adjustments == ()


def test_amounts_are_rounded_once_as_the_plan_rounds() -> None:
    bill = adjusted(discount("third", percent="33.333"), rounding=CENTS).bill
    assert amounts(bill) == {"third": -3_330_000}
    assert bill.adjustments[0].exact == Fraction(-3_333_300)


def test_a_discount_on_the_fee_is_taxed_as_fees_are_and_on_the_bill_in_proportion() -> None:
    tax = Tax(usage=Fraction(30, 100), fee=Fraction(10, 100))
    on_fee = adjusted(discount("fee", percent="50"), tax=tax).bill
    assert on_fee.lines[-1].gross_micros == -5_500_000
    on_usage = adjusted(discount("usage", percent="100", on=Base.USAGE), tax=tax).bill
    assert on_usage.lines[-1].gross_micros == -6_500_000
    on_bill = adjusted(discount("bill", percent="10", on=Base.BILL), tax=tax).bill
    assert on_bill.lines[-1].net_micros == -1_500_000
    assert on_bill.lines[-1].gross_micros == -1_750_000
    assert on_bill.total_micros == sum(line.gross_micros for line in on_bill.lines)


def test_prices_that_include_tax_have_discounts_that_do() -> None:
    tax = Tax(usage=Fraction(25, 100), fee=Fraction(25, 100), included=True)
    bill = adjusted(discount("fee", percent="50"), tax=tax).bill
    assert (bill.lines[-1].gross_micros, bill.lines[-1].net_micros) == (-5_000_000, -4_000_000)


def test_billing_rules_ask_about_the_bill() -> None:
    rules = (
        discount("big", amount=DOLLAR, when=is_("bill.total", "gte", 15 * DOLLAR)),
        discount("bigger", amount=DOLLAR, when=is_("bill.usage", "gt", 5 * DOLLAR)),
        discount("minutes", amount=DOLLAR, when=is_("bill.paid-minutes", "eq", 50)),
    )
    assert list(amounts(adjusted(*rules).bill)) == ["big", "minutes"]


def test_rated_bills_of_a_customer_are_adjusted_by_what_was_known_at_the_start_of_a_cycle() -> None:
    found = catalog(
        discount("heavy", amount=DOLLAR, when=is_("usage.minutes", "gte", 40)),
        discount("student", percent="50", when=is_("customer.student", "eq", 1)),
    )
    bills = rate(
        catalog=found,
        plan="plain",
        calls=(*calls(30, months=[1]), *calls(60, months=[2, 3])),
        customer=customer(facts={"student": True}),
    )
    assert [list(amounts(bill)) for bill in bills] == [
        ["student"],
        ["student"],
        ["heavy", "student"],
    ]


@pytest.mark.parametrize("share", [Fraction(-1, 9), Fraction(10, 9)])
def test_no_more_than_all_of_an_amount_falls_on_the_fee(share: Fraction) -> None:
    maker = Maker(MakerKind.DISCOUNT, "some")
    with pytest.raises(InvalidValue):
        Adjustment(maker=maker, amount_micros=-1, exact=Fraction(-1), fee_share=share)
