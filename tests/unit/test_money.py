from __future__ import annotations

from decimal import Decimal

import pytest

from plan_rules.errors import CurrencyMismatch, InvalidValue
from plan_rules.money import (
    Money,
    Rounding,
    RoundingMode,
    allocate,
    format_micros,
    parse_micros,
    round_ratio,
)

# Every mode times every side of a tie: (numerator, half-up, half-even, up, down), over 10.
ROUNDED = [
    (0, 0, 0, 0, 0),
    (1, 0, 0, 1, 0),
    (4, 0, 0, 1, 0),
    (5, 1, 0, 1, 0),
    (6, 1, 1, 1, 0),
    (10, 1, 1, 1, 1),
    (14, 1, 1, 2, 1),
    (15, 2, 2, 2, 1),
    (25, 3, 2, 3, 2),
    (26, 3, 3, 3, 2),
]


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("numerator", "half_up", "half_even", "up", "down"), ROUNDED)
def test_every_mode_treats_both_signs_alike(
    numerator: int, half_up: int, half_even: int, up: int, down: int, sign: int
) -> None:
    expected = dict(zip(RoundingMode, (half_up, half_even, up, down), strict=True))
    for mode, whole in expected.items():
        rounded = round_ratio(numerator=sign * numerator, denominator=10, mode=mode)
        assert rounded == sign * whole, mode


@pytest.mark.parametrize("denominator", [0, -1])
def test_a_ratio_needs_a_positive_denominator(denominator: int) -> None:
    with pytest.raises(InvalidValue) as refused:
        round_ratio(numerator=1, denominator=denominator, mode=RoundingMode.UP)
    assert refused.value.name == "denominator"


def test_rounding_goes_to_multiples_of_its_step() -> None:
    cents = Rounding(step_micros=10_000, mode=RoundingMode.HALF_UP)
    assert cents.apply(numerator=1_234_999) == 1_230_000
    assert cents.apply(numerator=1_235_000) == 1_240_000
    assert cents.apply(numerator=7, denominator=2) == 0


def test_a_rounding_step_is_at_least_one_micro() -> None:
    with pytest.raises(InvalidValue):
        Rounding(step_micros=0)


def test_amounts_of_one_currency_add_subtract_and_negate() -> None:
    one, two = Money(1_000_000, "USD"), Money(2_000_000, "USD")
    assert one + one == two
    assert one - two == -one
    assert one < two


def test_amounts_of_two_currencies_never_meet() -> None:
    with pytest.raises(CurrencyMismatch) as refused:
        Money(1, "USD") + Money(1, "EUR")
    assert (refused.value.expected, refused.value.given) == ("USD", "EUR")


@pytest.mark.parametrize("currency", ["usd", "US", "DOLLAR", "ÄÖÜ", "U5D"])
def test_a_currency_is_three_capital_letters(currency: str) -> None:
    with pytest.raises(InvalidValue):
        Money(1, currency)


@pytest.mark.parametrize("micros", [1.0, True, "1"])
def test_an_amount_is_an_integer(micros: object) -> None:
    with pytest.raises(InvalidValue):
        Money(micros, "USD")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("12.50", 12_500_000),
        ("-0.000001", -1),
        (" 7 ", 7_000_000),
        ("1E+3", 1_000_000_000),
        ("0", 0),
        (Decimal("0.1"), 100_000),
        ("1.0000000", 1_000_000),
    ],
)
def test_decimals_are_read_exactly(text: str | Decimal, micros: int) -> None:
    assert parse_micros(text) == micros
    assert Money.parse(text, currency="USD").micros == micros


@pytest.mark.parametrize("text", ["", "abc", "NaN", "inf", "0.0000001", "1,5"])
def test_what_is_no_exact_amount_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        parse_micros(text)
    assert refused.value.value == text


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (0, "0.00"),
        (12_500_000, "12.50"),
        (-1, "-0.000001"),
        (-4_670_000, "-4.67"),
        (1_234_500_000, "1234.50"),
    ],
)
def test_amounts_are_written_without_loss(micros: int, text: str) -> None:
    assert format_micros(micros) == text
    assert parse_micros(text) == micros


def test_an_amount_is_written_with_its_currency() -> None:
    assert str(Money(1_500_000, "EUR")) == "1.50 EUR"
    assert format_micros(3_000_000, decimals=0) == "3"


@pytest.mark.parametrize(
    ("micros", "weights", "parts"),
    [
        (100, (1, 1, 1), (34, 33, 33)),
        (-100, (1, 1, 1), (-34, -33, -33)),
        (5, (0, 3, 7), (0, 2, 3)),
        (0, (1, 2), (0, 0)),
    ],
)
def test_leftovers_go_one_by_one(
    micros: int, weights: tuple[int, ...], parts: tuple[int, ...]
) -> None:
    assert allocate(micros, weights=weights) == parts


@pytest.mark.parametrize("weights", [(), (0, 0), (1, -1, 5)])
def test_weights_must_weigh_something(weights: tuple[int, ...]) -> None:
    with pytest.raises(InvalidValue):
        allocate(1, weights=weights)
