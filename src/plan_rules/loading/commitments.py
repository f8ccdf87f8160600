"""The commitment of a plan: a minimum term, and what leaving it early costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plan_rules.catalog.plan import (
    MAY_HAVE_DEVICE,
    NEEDS_DEVICE,
    Commitment,
    Device,
    EarlyTermination,
)
from plan_rules.errors import Severity
from plan_rules.loading.page import Page
from plan_rules.loading.scalars import micros
from plan_rules.periods import MONTHS_PER_YEAR, CycleLength

LONGEST_MONTHS = {
    EarlyTermination.EECC: 24,
    EarlyTermination.CANADA: 24,
    EarlyTermination.BELGIUM: 24,
}
"""Months that the law of a formula lets a consumer be bound, and a device be paid off."""

STAND_IN_DEVICE = Device(value=1, months=1)
"""Takes the place of a device that is at fault or missing."""


def build_commitment(page: Page, value: Mapping[str, Any], length: CycleLength) -> Commitment:
    """Return the minimum term of a plan whose cycles are of `length`."""
    path = ("commitment",)
    formula = EarlyTermination(value.get("early-termination", "none"))
    _note_reads(page, value, formula)
    _note_long(page, value, formula, length)
    device = None
    if formula in NEEDS_DEVICE or (formula in MAY_HAVE_DEVICE and "device" in value):
        device = _device(page, value["device"]) if "device" in value else STAND_IN_DEVICE
    amount = None
    if formula is EarlyTermination.FIXED:
        amount = max(0, micros(page, value.get("amount", 0), (*path, "amount")))
    return Commitment(
        cycles=value["cycles"],
        early_termination=formula,
        amount=amount,
        device=device,
        span=page.key_span(path),
    )


def _note_reads(page: Page, value: Mapping[str, Any], formula: EarlyTermination) -> None:
    """Note what an early-termination formula needs and lacks, or has and does not read."""
    fixed = formula is EarlyTermination.FIXED
    for key, needs, reads in (
        ("amount", fixed, fixed),
        ("device", formula in NEEDS_DEVICE, formula in MAY_HAVE_DEVICE),
    ):
        if needs and key not in value:
            message = f"early termination `{formula.value}` has no `{key}`"
            page.note("missing-key", ("commitment",), message, hint=f"add `{key}`")
        if key in value and not reads:
            message = f"`{key}` means nothing for early termination `{formula.value}`"
            hint = "take it out, or name the formula that reads it"
            page.note("pointless-key", ("commitment", key), message, hint=hint, at_key=True)


def _note_long(
    page: Page, value: Mapping[str, Any], formula: EarlyTermination, length: CycleLength
) -> None:
    """Warn of a term, or of a device paid off, beyond what the law of the formula allows."""
    longest = LONGEST_MONTHS.get(formula)
    if longest is None:
        return
    cycles, years = length.cycles_per_year
    if value["cycles"] * MONTHS_PER_YEAR * years > longest * cycles:
        message = f"{value['cycles']} cycles are longer than the {longest} months of `{formula}`"
        page.note(
            "long-commitment",
            ("commitment", "cycles"),
            message,
            hint=f"bind customers for at most {longest} months, or name another formula",
            severity=Severity.WARNING,
        )
    months = value.get("device", {}).get("months", 0)
    if months > longest:
        message = f"a device is paid off over {months} months, but `{formula}` allows {longest}"
        page.note(
            "long-commitment",
            ("commitment", "device", "months"),
            message,
            hint=f"write at most {longest} months, or name another formula",
            severity=Severity.WARNING,
        )


def _device(page: Page, value: Mapping[str, Any]) -> Device:
    path = ("commitment", "device")
    worth = micros(page, value["value"], (*path, "value"))
    if not worth:
        message = "a device of value 0 leaves nothing to pay off"
        page.note("out-of-range", (*path, "value"), message, hint="write what it is worth")
    if worth <= 0:
        return STAND_IN_DEVICE
    return Device(value=worth, months=value["months"], span=page.key_span(path))
