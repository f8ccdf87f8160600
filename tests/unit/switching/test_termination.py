from __future__ import annotations

from datetime import date

import pytest

from plan_rules.catalog import Commitment, Device, EarlyTermination
from plan_rules.errors import InvalidValue
from plan_rules.money import MICROS, Rounding, parse_micros
from plan_rules.periods import add_months
from plan_rules.switching.termination import FeeLeft, TerminationFee, termination_fee

CENTS = Rounding(step_micros=MICROS // 100)
START = date(2026, 1, 31)
DEVICE = Device(value=480 * MICROS, months=24)
FEE = 15 * MICROS


def leaving(
    formula: str,
    *,
    on: date,
    months: int = 24,
    fee: int = FEE,
    device: Device | None = None,
    amount: int | None = None,
) -> TerminationFee:
    """Return the fee for leaving a term from 31 January 2026, billed by the month."""
    starts = [add_months(START, month) for month in range(months)]
    return termination_fee(
        commitment=Commitment(
            cycles=months,
            early_termination=EarlyTermination(formula),
            device=device,
            amount=amount,
        ),
        start=START,
        end=add_months(START, months),
        on=on,
        fees_left=[FeeLeft(start=start, micros=fee) for start in starts if start >= on],
        rounding=CENTS,
    )


@pytest.mark.parametrize(
    ("formula", "device", "amount", "months", "fee"),
    [
        ("none", None, None, 10, "0"),
        ("fixed", None, 99_500_000, 10, "99.50"),
        ("fixed", None, 0, 10, "0"),
        ("remaining-fees", None, None, 0, "360"),
        ("remaining-fees", None, None, 10, "210"),
        ("remaining-fees", None, None, 23, "15"),
        ("linear-device", DEVICE, None, 0, "480"),
        ("linear-device", DEVICE, None, 10, "280"),
        ("linear-device", Device(value=100 * MICROS, months=7), None, 3, "57.14"),
        ("linear-device", Device(value=100 * MICROS, months=7), None, 7, "0"),
        ("linear-device", Device(value=100 * MICROS, months=7), None, 9, "0"),
        ("eecc", DEVICE, None, 10, "210"),
        ("eecc", Device(value=100 * MICROS, months=20), None, 10, "50"),
        ("canada", DEVICE, None, 10, "280"),
        ("canada", Device(value=480 * MICROS, months=36), None, 12, "240"),
        ("canada", Device(value=480 * MICROS, months=12), None, 6, "240"),
        ("canada", None, None, 0, "36"),
        ("canada", None, None, 10, "21"),
        ("belgium", None, None, 2, "60"),
        ("belgium", None, None, 6, "0"),
        ("belgium", DEVICE, None, 2, "500"),
        ("belgium", DEVICE, None, 6, "360"),
        ("belgium", Device(value=480 * MICROS, months=30), None, 12, "240"),
    ],
)
def test_each_formula_prices_leaving_after_so_many_months(
    formula: str, device: Device | None, amount: int | None, months: int, fee: str
) -> None:
    on = add_months(START, months)
    found = leaving(formula, on=on, device=device, amount=amount)
    assert found.micros == parse_micros(fee)
    assert found.derivation


def test_canada_takes_at_most_50_and_nothing_after_two_years() -> None:
    dear = 60 * MICROS
    assert leaving("canada", on=START, fee=dear).micros == 50 * MICROS
    last = leaving("canada", on=add_months(START, 23), months=36, fee=dear)
    after = leaving("canada", on=add_months(START, 24), months=36, fee=dear)
    assert (last.micros, after.micros) == (6 * MICROS, 0)
    rest = leaving("canada", on=add_months(START, 25), months=36, device=DEVICE)
    assert rest.micros == 0


def test_months_are_whole_and_their_days_clamped() -> None:
    for on, left in (
        (date(2026, 2, 27), 480),
        (date(2026, 2, 28), 460),
        (date(2026, 3, 30), 460),
        (date(2026, 3, 31), 440),
    ):
        assert leaving("linear-device", on=on, device=DEVICE).micros == left * MICROS


@pytest.mark.parametrize("formula", ["none", "remaining-fees", "canada", "belgium"])
def test_from_the_end_on_leaving_costs_nothing(formula: str) -> None:
    for on in (date(2028, 1, 31), date(2030, 1, 1)):
        assert leaving(formula, on=on).micros == 0


def test_from_the_end_on_no_device_and_no_amount_is_due() -> None:
    device = Device(value=480 * MICROS, months=36)
    for on, rest, amount in ((date(2028, 1, 30), "173.33", 99), (date(2028, 1, 31), "0", 0)):
        assert leaving("linear-device", on=on, device=device).micros == parse_micros(rest)
        assert leaving("fixed", on=on, amount=99 * MICROS).micros == amount * MICROS


def test_the_words_hold_the_figures_of_both_sides() -> None:
    words = leaving("eecc", on=add_months(START, 10), device=DEVICE).derivation
    assert words == (
        "the smaller of 280.00 (480.00 x 14 of 24 months left)"
        " and 210.00 (14 fees left, 210.00 together)"
    )


def test_a_part_of_a_cycle_counts_as_it_is_given() -> None:
    found = termination_fee(
        commitment=Commitment(cycles=2, early_termination=EarlyTermination.REMAINING_FEES),
        start=date(2026, 1, 1),
        end=date(2026, 3, 1),
        on=date(2026, 1, 16),
        fees_left=[
            FeeLeft(start=date(2026, 1, 16), micros=7_740_000),
            FeeLeft(start=date(2026, 2, 1), micros=15_000_000),
        ],
        rounding=CENTS,
    )
    assert found.micros == 22_740_000


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("end", {"end": START}),
        ("on", {"on": date(2026, 1, 30)}),
        ("fees_left", {"fees_left": [FeeLeft(start=date(2026, 2, 1), micros=1)]}),
    ],
)
def test_an_impossible_term_is_refused(name: str, changes: dict[str, object]) -> None:
    given: dict[str, object] = {
        "commitment": Commitment(cycles=1),
        "start": START,
        "end": date(2027, 1, 31),
        "on": date(2026, 3, 1),
        "fees_left": [],
        "rounding": CENTS,
    }
    with pytest.raises(InvalidValue) as refused:
        termination_fee(**(given | changes))  # type: ignore[arg-type]
    assert refused.value.name == name
    with pytest.raises(InvalidValue):
        FeeLeft(start=START, micros=-1)


@pytest.mark.parametrize(
    ("name", "commitment"),
    [
        ("cycles", {"cycles": 0}),
        ("amount", {"early_termination": "fixed"}),
        ("amount", {"early_termination": "fixed", "amount": -1}),
        ("amount", {"amount": 1}),
        ("device", {"early_termination": "eecc"}),
        ("device", {"early_termination": "linear-device"}),
        ("device", {"early_termination": "remaining-fees", "device": DEVICE}),
    ],
)
def test_a_commitment_without_what_its_formula_reads_is_refused(
    name: str, commitment: dict[str, object]
) -> None:
    formula = EarlyTermination(str(commitment.pop("early_termination", "none")))
    given = {"cycles": 12, "early_termination": formula} | commitment
    with pytest.raises(InvalidValue) as refused:
        Commitment(**given)  # type: ignore[arg-type]
    assert refused.value.name == name


@pytest.mark.parametrize(("name", "value", "months"), [("value", 0, 24), ("months", 1, 0)])
def test_a_device_of_no_value_or_time_is_refused(name: str, value: int, months: int) -> None:
    with pytest.raises(InvalidValue) as refused:
        Device(value=value, months=months)
    assert refused.value.name == name
