"""Whether a longer call can ever make a bill smaller: derived from the compiled plan."""

from __future__ import annotations

from plan_rules.catalog.plan import VolumeModel
from plan_rules.tariff.book import AllowanceUse, PlanTariff, Schedule, Treatment


def is_monotone(tariff: PlanTariff) -> bool:
    """Return whether a bill before tax never shrinks when a call of it grows longer.

    Tax is rounded line by line, and may take back a step of its rounding where a cap is a line.

    Never declared, and `True` only where it is sure: increments, bands, tiers by elapsed time,
    fees, minimum and cap never break it. What can break it is listed here.
    """
    if any(volume.model is not VolumeModel.GRADUATED for volume, _ in tariff.volumes):
        return False
    return all(
        _is_sure(treatment, chain)
        for row, terms in zip(tariff.rows, tariff.terms, strict=True)
        for treatment, chain in zip(row, terms.chains, strict=True)
    )


def _is_sure(treatment: Treatment, chain: tuple[AllowanceUse, ...]) -> bool:
    """Whether nothing in how a plan treats a class can make a longer call cheaper.

    A class whose price has a gap gives a call that reaches it no price at all. The same holds
    for an allowance that blocks, or that nothing follows. A price inside an allowance, or a
    surcharge on its rounded seconds, may be dearer than what follows it. What an allowance
    forfeits, and limits that act together, can leave more to later calls than was saved.
    """
    if treatment.refused_by >= 0 or treatment.outside_of >= 0:
        return True
    if _has_gap(treatment.schedule, needed=bool(chain) or treatment.volume >= 0):
        return False
    if not chain:
        return True
    return not treatment.surcharges and all(_is_plain(use) for use in chain)


def _has_gap(schedule: Schedule | None, *, needed: bool) -> bool:
    return needed if schedule is None else None in schedule.rates


def _is_plain(use: AllowanceUse) -> bool:
    return not (use.blocks or use.forfeits or use.inside_price or use.limits)
