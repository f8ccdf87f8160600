"""How an allowance stands: used, left, what went beyond it, and where the cycle will end.

Beyond an allowance is what it reaches but did not give, because it was used up or a limit set
on it was: seconds that were paid, calls that were paid, or money that was charged. Where several
allowances could have served a call, what none of them gave counts once, with the last of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from plan_rules.rating.bill import AllowanceUsage, Bill
from plan_rules.rating.charge import Charge, Outcome
from plan_rules.rating.placing import PlacedCall
from plan_rules.tariff.book import AllowanceUse, CycleTerms, Maker
from plan_rules.tariff.meters import MeterKind


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowanceStanding:
    """An allowance within one cycle; every amount counts in `unit`: seconds, calls or micros.

    `used` of `limit` (`None`: unlimited) are drawn and `left` remain. `overage` went beyond it
    and was paid; `refused_calls` were refused because it was used up. `projected` is what used
    and overage will come to at the end of the cycle, `projected_overage` the part beyond it,
    both `None` where nothing is projected. `used_up_on` is the day on which nothing is left,
    past or projected, `None` if that day does not come within the cycle.
    """

    maker: Maker
    country: str
    unit: MeterKind
    limit: int | None
    used: int
    left: int | None
    overage: int
    refused_calls: int
    projected: int | None = None
    projected_overage: int | None = None
    used_up_on: date | None = None

    @property
    def id(self) -> str:
        """The allowance's id."""
        return self.maker.id


def standings(
    bill: Bill, terms: CycleTerms, *, chosen: str, projected: Bill | None
) -> tuple[AllowanceStanding, ...]:
    """Return how each allowance of a bill stands.

    `terms` are those the cycle began with, `chosen` the country the customer chose; `projected`
    is the bill of the same cycle with the calls still to come.
    """
    now = _Beyond.of(bill, terms, chosen=chosen)
    then = None if projected is None else _Beyond.of(projected, terms, chosen=chosen)
    ends = () if projected is None else projected.allowances
    found = []
    for index, usage in enumerate(bill.allowances):
        meter = _meter_of(bill, usage)
        overage = now.amounts.get(meter, 0)
        end = beyond = None
        if then is not None:
            beyond = then.amounts.get(meter, 0)
            end = ends[index].used + beyond
        found.append(
            AllowanceStanding(
                maker=usage.maker,
                country=usage.country,
                unit=usage.unit,
                limit=usage.limit,
                used=usage.used,
                left=None if usage.limit is None else max(0, usage.limit - usage.used),
                overage=overage,
                refused_calls=now.refused.get(meter, 0),
                projected=end,
                projected_overage=beyond,
                used_up_on=_used_up_on(projected or bill, meter),
            )
        )
    return tuple(found)


@dataclass(slots=True)
class _Beyond:
    """What went beyond each allowance of a bill, and the calls refused, by meter."""

    amounts: dict[int, int]
    refused: dict[int, int]

    @classmethod
    def of(cls, bill: Bill, terms: CycleTerms, *, chosen: str) -> _Beyond:
        beyond = cls({}, {})
        for charge in bill.charges:
            chain = terms.chains[charge.placed.class_index]
            if chain and charge.call.seconds:
                beyond.count(bill, charge, _serving(chain, charge.placed, chosen=chosen))
        return beyond

    def count(self, bill: Bill, charge: Charge, chain: list[AllowanceUse]) -> None:
        if charge.outcome is Outcome.BLOCKED:
            for use in chain:
                if use.maker == charge.reason:
                    self.refused[use.meter] = self.refused.get(use.meter, 0) + 1
            return
        specs = bill.tariff.meters
        money = [use for use in chain if specs[use.meter].kind is MeterKind.MICROS]
        others = [use for use in chain if specs[use.meter].kind is not MeterKind.MICROS]
        if others and charge.paid_seconds:
            last = others[-1]
            is_calls = specs[last.meter].kind is MeterKind.CALLS
            self._add(last, 1 if is_calls else charge.paid_seconds)
        if money:
            self._add(money[-1], charge.amount_micros)

    def _add(self, use: AllowanceUse, amount: int) -> None:
        self.amounts[use.meter] = self.amounts.get(use.meter, 0) + amount


def _serving(
    chain: tuple[AllowanceUse, ...], placed: PlacedCall, *, chosen: str
) -> list[AllowanceUse]:
    """Return the allowances that serve a call: of the chosen country, and at its hour."""
    country = "" if placed.destination is None else placed.destination.country
    return [
        use
        for use in chain
        if (not use.chosen or (country != "" and country == chosen))
        and (use.band_set < 0 or placed.runs(use.band_set)[0][1] in use.bands)
    ]


def _meter_of(bill: Bill, usage: AllowanceUsage) -> int:
    """Return the meter that counts an allowance: the first of its maker and country."""
    return next(
        index
        for index, spec in enumerate(bill.tariff.meters)
        if bill.tariff.makers[spec.maker] == usage.maker and spec.country == usage.country
    )


def _used_up_on(bill: Bill, meter: int) -> date | None:
    """Return the local day of the call that draws the last of a meter."""
    left = bill.limits[meter] - bill.state.used[meter]
    if left > 0:
        return None
    drawn = 0
    for charge in reversed(bill.charges):
        drawn += sum(draw.amount for draw in charge.draws if draw.meter == meter)
        if drawn:
            return charge.placed.day
    return bill.cycle.start
