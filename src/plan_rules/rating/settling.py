"""What is not per call: volume prices, minimum spend, fee or intro price.

A cycle settles in this order: usage, volume tiers, minimum spend (on usage, net), fee or
intro price. Adjustments by rules come later and tax is computed for each line of the bill.
"""

from __future__ import annotations

from dataclasses import dataclass

from plan_rules.catalog.plan import Volume, VolumeModel, VolumeUnit
from plan_rules.money import Rounding
from plan_rules.rating.charge import Charge, Outcome
from plan_rules.rating.walk import SIXTY
from plan_rules.tariff.book import CycleTerms, PlanTariff
from plan_rules.tariff.meters import CycleState


@dataclass(frozen=True, slots=True)
class Settlement:
    """One amount that a cycle as a whole adds: who made it, exactly (in sixtieths) and rounded."""

    maker: int
    sixtieths: int
    amount_micros: int


def settle_cycle(
    tariff: PlanTariff,
    terms: CycleTerms,
    *,
    charges: tuple[Charge, ...],
    state: CycleState,
    intro_cycle: int | None,
) -> tuple[Settlement, ...]:
    """Return what the cycle adds to its calls.

    `intro_cycle` counts the customer's cycles on the plan from 0; `None` means the intro price
    is not theirs. A volume price that nobody used adds nothing, and a minimum spend already
    reached adds a line of 0.
    """
    rounding = tariff.plan.rounding
    settled = [
        _volume(volume, tariff.meters[meter].maker, state.used[meter], rounding)
        for volume, meter in tariff.volumes
        if state.used[meter]
    ]
    if terms.minimum_spend:
        usage = sum(charge.amount_micros for charge in charges if charge.outcome is Outcome.RATED)
        usage += sum(each.amount_micros for each in settled)
        missing = max(0, terms.minimum_spend - usage)
        settled.append(Settlement(tariff.minimum_spend_maker, missing * SIXTY, missing))
    intro = tariff.plan.intro
    if intro is not None and intro_cycle is not None and 0 <= intro_cycle < intro.cycles:
        settled.append(Settlement(tariff.intro_maker, intro.fee * SIXTY, intro.fee))
    else:
        settled.append(Settlement(tariff.fee_maker, terms.fee * SIXTY, terms.fee))
    return tuple(settled)


def _volume(volume: Volume, maker: int, used: int, rounding: Rounding) -> Settlement:
    """Price the units of a cycle; `used` are seconds or calls.

    Everything is kept in sixtieths of a micro: a minute is sixty seconds, a call sixty sixtieths.
    """
    units = used if volume.unit is VolumeUnit.MINUTES else used * SIXTY
    paid = max(0, units - volume.free * SIXTY)
    if volume.model is VolumeModel.GRADUATED:
        sixtieths = _graduated(volume, paid)
    elif volume.model is VolumeModel.WHOLE_VOLUME:
        sixtieths = _whole(volume, paid)
    else:
        packages = -(-paid // (volume.package_size * SIXTY))
        sixtieths = packages * volume.package_price * SIXTY
    amount = rounding.apply(numerator=sixtieths, denominator=SIXTY)
    return Settlement(maker, sixtieths, amount)


def _graduated(volume: Volume, paid: int) -> int:
    """Price each unit in the tier it falls in; a tier's flat fee is due once it is entered."""
    total, reached = 0, 0
    for tier in volume.tiers:
        if paid <= reached:
            break
        top = paid if tier.up_to is None else min(paid, tier.up_to * SIXTY)
        total += (top - reached) * tier.price + SIXTY * tier.flat
        reached = top
    return total


def _whole(volume: Volume, paid: int) -> int:
    """Price all units in the tier that the total reaches; the last tier has no end."""
    if paid == 0:
        return 0
    reached = next(
        tier for tier in volume.tiers if tier.up_to is None or paid <= tier.up_to * SIXTY
    )
    return paid * reached.price + SIXTY * reached.flat
