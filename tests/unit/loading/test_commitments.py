from __future__ import annotations

from pathlib import Path

import pytest

from plan_rules.catalog import AllowanceMode, Commitment, Switching
from plan_rules.loading import check_catalog
from plan_rules.money import RoundingMode
from tests.unit.loading.catalogs import FILES, write

DEVICE = "device: {value: 480.00, months: 24}"


def issues(folder: Path, commitment: str, more: str = "") -> list[tuple[str, str]]:
    plan = f"{FILES['plans/basic.yaml']}{more}commitment: {{{commitment}}}\n"
    loaded = check_catalog(write(folder, plans_basic=plan))
    return [(issue.code, issue.path) for issue in loaded.issues]


def commitment(folder: Path, text: str) -> Commitment | None:
    plan = f"{FILES['plans/basic.yaml']}commitment: {{{text}}}\n"
    loaded = check_catalog(write(folder, plans_basic=plan))
    assert loaded.catalog is not None
    return loaded.catalog.plans["basic"].commitment


@pytest.mark.parametrize(
    ("text", "amount", "device"),
    [
        ("cycles: 12", None, None),
        ("cycles: 12, early-termination: fixed, amount: 99.50", 99_500_000, None),
        ("cycles: 12, early-termination: fixed, amount: 0", 0, None),
        ("cycles: 12, early-termination: remaining-fees", None, None),
        (f"cycles: 12, early-termination: linear-device, {DEVICE}", None, 480_000_000),
        (f"cycles: 12, early-termination: eecc, {DEVICE}", None, 480_000_000),
        ("cycles: 12, early-termination: canada", None, None),
        (f"cycles: 12, early-termination: canada, {DEVICE}", None, 480_000_000),
        ("cycles: 12, early-termination: belgium", None, None),
        (f"cycles: 12, early-termination: belgium, {DEVICE}", None, 480_000_000),
    ],
)
def test_each_formula_is_read_with_what_it_needs(
    tmp_path: Path, text: str, amount: int | None, device: int | None
) -> None:
    assert issues(tmp_path, text) == []
    found = commitment(tmp_path, text)
    assert found is not None
    assert found.amount == amount
    assert (found.device.value if found.device else None) == device
    assert found.span.line == 6


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("early-termination: fixed", [("missing-key", "commitment")]),
        ("early-termination: eecc", [("missing-key", "commitment")]),
        ("early-termination: linear-device", [("missing-key", "commitment")]),
        ("amount: 5", [("pointless-key", "commitment.amount")]),
        ("early-termination: canada, amount: 5", [("pointless-key", "commitment.amount")]),
        (f"early-termination: remaining-fees, {DEVICE}", [("pointless-key", "commitment.device")]),
        (
            f"early-termination: fixed, {DEVICE}",
            [("missing-key", "commitment"), ("pointless-key", "commitment.device")],
        ),
        ("early-termination: fixed, amount: -1", [("negative-price", "commitment.amount")]),
        (
            "early-termination: eecc, device: {value: 0, months: 24}",
            [("out-of-range", "commitment.device.value")],
        ),
        (
            "early-termination: eecc, device: {value: -1, months: 24}",
            [("negative-price", "commitment.device.value")],
        ),
        (
            "early-termination: eecc, device: {value: 1, months: 0}",
            [("out-of-range", "commitment.device.months")],
        ),
        (
            "early-termination: fixed, amount: 0.0000001",
            [("too-many-decimals", "commitment.amount")],
        ),
        ("early-termination: eecc, device: {value: 1}", [("missing-key", "commitment.device")]),
        ("early-termination: remaining-fee", [("unknown-value", "commitment.early-termination")]),
    ],
)
def test_nothing_a_formula_needs_is_missing_and_nothing_is_superfluous(
    tmp_path: Path, text: str, expected: list[tuple[str, str]]
) -> None:
    assert issues(tmp_path, f"cycles: 12, {text}") == expected


@pytest.mark.parametrize(
    ("billing", "cycles", "formula", "expected"),
    [
        ("", 24, "canada", []),
        ("", 25, "canada", ["long-commitment"]),
        ("", 25, "remaining-fees", []),
        ("billing: {cycle: 3 months}\n", 8, "belgium", []),
        ("billing: {cycle: 3 months}\n", 9, "belgium", ["long-commitment"]),
        ("billing: {cycle: 28 days}\n", 26, "canada", []),
        ("billing: {cycle: 28 days}\n", 27, "canada", ["long-commitment"]),
    ],
)
def test_a_term_beyond_the_law_of_its_formula_is_told(
    tmp_path: Path, billing: str, cycles: int, formula: str, expected: list[str]
) -> None:
    text = f"cycles: {cycles}, early-termination: {formula}"
    assert [code for code, _ in issues(tmp_path, text, billing)] == expected


def test_a_device_paid_off_beyond_the_law_is_told(tmp_path: Path) -> None:
    for months, expected in ((24, []), (25, [("long-commitment", "commitment.device.months")])):
        text = f"cycles: 24, early-termination: eecc, device: {{value: 1, months: {months}}}"
        assert issues(tmp_path, text) == expected


@pytest.mark.parametrize(
    ("switching", "code", "hint"),
    [
        ("{proration: calender-day}", "unknown-value", "`calendar-day`"),
        ("{upgrade: imediately}", "unknown-value", "`immediately`"),
        ("{allowance: prorate}", "unknown-value", "`prorated`"),
        ("{allowance-rounding: up}", "unknown-value", ""),
    ],
)
def test_a_misspelt_preset_is_told_with_the_nearest(
    tmp_path: Path, switching: str, code: str, hint: str
) -> None:
    plan = f"{FILES['plans/basic.yaml']}switching: {switching}\n"
    loaded = check_catalog(write(tmp_path, plans_basic=plan))
    assert [issue.code for issue in loaded.issues] == [code]
    assert hint in loaded.issues[0].hint


def test_the_modes_of_an_allowance_are_read(tmp_path: Path) -> None:
    plan = (
        f"{FILES['plans/basic.yaml']}switching: {{allowance: sum, allowance-rounding: half-up}}\n"
    )
    loaded = check_catalog(write(tmp_path, plans_basic=plan))
    assert loaded.catalog is not None
    assert loaded.catalog.plans["basic"].switching == Switching(
        allowance=AllowanceMode.SUM, allowance_rounding=RoundingMode.HALF_UP
    )
