"""A fee that was billed for days of a cycle, and what comes back of it by a convention."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from plan_rules.errors import InvalidValue
from plan_rules.money import Rounding
from plan_rules.periods import Cycle, Period
from plan_rules.switching.billing import BilledPeriod
from plan_rules.switching.convention import CreditBasis, ProrationConvention
from plan_rules.switching.proration import credit, share_of
from plan_rules.switching.share import Share


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledFee:
    """What was billed for a `period`, in micros, 0 or more.

    `full_micros` is the price of a full cycle at that time, net of promotions, `charged_micros`
    what the line came to, and `credited_micros` what came back of it so far.
    """

    period: BilledPeriod
    full_micros: int
    charged_micros: int
    credited_micros: int = 0

    def __post_init__(self) -> None:
        """Refuse negative amounts."""
        for name in ("full_micros", "charged_micros", "credited_micros"):
            if getattr(self, name) < 0:
                raise InvalidValue(name=name, value=getattr(self, name), expected="0 or more")

    @property
    def item(self) -> Cycle:
        """The days that were billed, taken for a full cycle of themselves."""
        cycle = self.period.cycle
        return Cycle(
            start=self.period.start, end=self.period.end, index=cycle.index, length=cycle.length
        )

    def share(
        self, *, part: Period, convention: ProrationConvention, zone: ZoneInfo | None = None
    ) -> Share:
        """Return the share that days of the period are of what its credit is measured by."""
        whole = (
            self.period.cycle if convention.credit_basis is CreditBasis.FULL_PRICE else self.item
        )
        return share_of(part=part, cycle=whole, convention=convention, zone=zone)

    def credit(
        self,
        *,
        part: Period,
        convention: ProrationConvention,
        rounding: Rounding,
        zone: ZoneInfo | None = None,
    ) -> int:
        """Return what comes back for days of the period, in micros, capped at what is left of it.

        By a convention of the full price it is a share of that, by one of the charged item a
        share of what was charged.
        """
        of_price = convention.credit_basis is CreditBasis.FULL_PRICE
        return credit(
            billed_micros=self.full_micros if of_price else self.charged_micros,
            share=self.share(part=part, convention=convention, zone=zone),
            paid_micros=self.charged_micros,
            credited_micros=self.credited_micros,
            rounding=rounding,
        )
