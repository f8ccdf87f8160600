"""The bill of one cycle: charges gathered into lines by what made them.

The lines sum to the total. A call's rounded amount is shared among its makers so that the
shares sum to it: each share is the rounded sum so far less the rounded sum before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from plan_rules.catalog.catalog import Tax
from plan_rules.errors import Span
from plan_rules.money import Money
from plan_rules.periods import Cycle
from plan_rules.rating.adjustment import Adjustment
from plan_rules.rating.charge import Charge, Outcome
from plan_rules.rating.settling import Settlement
from plan_rules.rating.taxing import net_and_gross
from plan_rules.rating.walk import SIXTY
from plan_rules.tariff.book import Maker, MakerKind, PlanTariff
from plan_rules.tariff.meters import UNLIMITED, CycleState, MeterKind

NOT_REACHED = Maker(MakerKind.COVERAGE, "uncovered")
"""The maker of a call to a destination that the plan names nowhere."""

NO_PRICE = Maker(MakerKind.RATE, "unrated")
"""The maker of a call for which no price is in force."""

FEES = frozenset({MakerKind.FEE, MakerKind.INTRO_FEE})


@dataclass(frozen=True, slots=True, kw_only=True)
class BillLine:
    """One line: what made it, how many calls and billed seconds, and its amounts in micros.

    `amount_micros` is the amount as priced. `net_micros` and `gross_micros` are without and
    with tax; where there is no tax they equal it. `outcome` tells lines of refused calls apart.
    """

    maker: Maker
    outcome: Outcome
    calls: int
    seconds: int
    amount_micros: int
    net_micros: int
    gross_micros: int

    @property
    def tax_micros(self) -> int:
        """The tax of the line."""
        return self.gross_micros - self.net_micros

    @property
    def span(self) -> Span:
        """Where what made the line is written."""
        return self.maker.span


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowanceUsage:
    """How far an allowance was used up in a cycle: `used` of `limit` (`None`: unlimited).

    Both count in `unit`: seconds, calls or micros.
    """

    maker: Maker
    unit: MeterKind
    used: int
    limit: int | None
    country: str = ""


@dataclass(slots=True)
class _Gathered:
    calls: int = 0
    seconds: int = 0
    amount: int = 0
    sixtieths: int = 0


@dataclass(frozen=True, kw_only=True)
class Bill:
    """What one customer owes for one cycle on one plan, and why.

    `charges` are the calls in the order of rating. `lines` and `total` are derived from them
    and from what the cycle settles, when first asked for.
    """

    plan_id: str
    cycle: Cycle
    currency: str
    charges: tuple[Charge, ...]
    settlements: tuple[Settlement, ...]
    state: CycleState
    limits: tuple[int, ...]
    tariff: PlanTariff = field(repr=False)
    tax: Tax | None = None
    adjustments: tuple[Adjustment, ...] = ()

    @property
    def usage_micros(self) -> int:
        """What the calls cost before volume prices, minimum spend, fee and tax."""
        return sum(charge.amount_micros for charge in self.charges)

    @property
    def fee_micros(self) -> int:
        """The fee or intro price of the cycle."""
        makers = self.tariff.makers
        return sum(
            each.amount_micros for each in self.settlements if makers[each.maker].kind in FEES
        )

    @property
    def priced_micros(self) -> int:
        """What the cycle costs as priced: calls and all that settles it, before adjustments."""
        return self.usage_micros + sum(each.amount_micros for each in self.settlements)

    @cached_property
    def lines(self) -> tuple[BillLine, ...]:
        """Every line: usage by maker, refused calls, what settles the cycle, adjustments."""
        settled = (self._settled_line(each) for each in self.settlements)
        adjusted = (self._adjusted_line(each) for each in self.adjustments)
        return (*self._call_lines(), *settled, *adjusted)

    @cached_property
    def net_micros(self) -> int:
        """The sum of the lines without tax."""
        if self.tax is None:
            return self.priced_micros + sum(each.amount_micros for each in self.adjustments)
        return sum(line.net_micros for line in self.lines)

    @cached_property
    def total_micros(self) -> int:
        """What the customer pays, tax included: the sum of the lines."""
        if self.tax is None:
            return self.net_micros
        return sum(line.gross_micros for line in self.lines)

    @property
    def total(self) -> Money:
        """What the customer pays, tax included."""
        return Money(self.total_micros, self.currency)

    @property
    def allowances(self) -> tuple[AllowanceUsage, ...]:
        """How far each allowance was used up."""
        found = []
        seen: set[tuple[int, str]] = set()
        for index, spec in enumerate(self.tariff.meters):
            maker = self.tariff.makers[spec.maker]
            if maker.kind is not MakerKind.ALLOWANCE or (spec.maker, spec.country) in seen:
                continue
            seen.add((spec.maker, spec.country))
            limit = self.limits[index]
            found.append(
                AllowanceUsage(
                    maker=maker,
                    unit=spec.kind,
                    used=self.state.used[index],
                    limit=None if limit >= UNLIMITED else limit,
                    country=spec.country,
                )
            )
        return tuple(found)

    def calls_with(self, outcome: Outcome) -> tuple[Charge, ...]:
        """Return the charges of the calls that came to one outcome."""
        return tuple(charge for charge in self.charges if charge.outcome is outcome)

    def parts_of(self, charge: Charge) -> tuple[tuple[Maker, int, int], ...]:
        """Return (maker, billed seconds, micros) of each part of a charge, money draws last.

        The micros sum to the amount of the charge.
        """
        makers = self.tariff.makers
        shares = _shares(charge, self.tariff)
        found = [
            (makers[part.maker], part.seconds, share)
            for part, share in zip(charge.parts, shares, strict=True)
        ]
        found += [
            (makers[draw.maker], 0, -draw.amount)
            for draw in charge.draws
            if self.tariff.meters[draw.meter].kind is MeterKind.MICROS
        ]
        return tuple(found)

    def _call_lines(self) -> list[BillLine]:
        gathered: dict[tuple[Outcome, Maker], _Gathered] = {}

        def add(key: tuple[Outcome, Maker], seconds: int, amount: int, sixtieths: int) -> None:
            line = gathered.setdefault(key, _Gathered())
            line.calls += 1
            line.seconds += seconds
            line.amount += amount
            line.sixtieths += sixtieths

        makers = self.tariff.makers
        for charge in self.charges:
            if charge.outcome is not Outcome.RATED:
                seconds = charge.call.seconds
                add((charge.outcome, _refuser(charge, makers)), seconds, 0, 0)
                continue
            for part, share in zip(charge.parts, _shares(charge, self.tariff), strict=True):
                key = (Outcome.RATED, makers[part.maker])
                add(key, part.seconds, share, part.sixtieths)
            for draw in charge.draws:
                if self.tariff.meters[draw.meter].kind is MeterKind.MICROS:
                    key = (Outcome.RATED, makers[draw.maker])
                    add(key, 0, -draw.amount, -draw.amount * SIXTY)
        return [
            self._line(outcome, maker, line)
            for (outcome, maker), line in sorted(gathered.items(), key=_line_order)
        ]

    def _settled_line(self, each: Settlement) -> BillLine:
        maker = self.tariff.makers[each.maker]
        line = _Gathered(amount=each.amount_micros, sixtieths=each.sixtieths)
        return self._line(Outcome.RATED, maker, line)

    def _adjusted_line(self, each: Adjustment) -> BillLine:
        if self.tax is None:
            rate = Fraction(0)
        else:
            rate = self.tax.fee * each.fee_share + self.tax.usage * (1 - each.fee_share)
        line = _Gathered(amount=each.amount_micros)
        return self._taxed_line(Outcome.RATED, each.maker, line, exact=each.exact, rate=rate)

    def _line(self, outcome: Outcome, maker: Maker, line: _Gathered) -> BillLine:
        if self.tax is None:
            return self._taxed_line(outcome, maker, line, exact=Fraction(0), rate=Fraction(0))
        rate = self.tax.fee if maker.kind in FEES else self.tax.usage
        exact = Fraction(line.sixtieths, SIXTY)
        return self._taxed_line(outcome, maker, line, exact=exact, rate=rate)

    def _taxed_line(
        self, outcome: Outcome, maker: Maker, line: _Gathered, *, exact: Fraction, rate: Fraction
    ) -> BillLine:
        """Return a line with its tax at `rate`, computed from the exact amount in micros."""
        net, gross = net_and_gross(micros=line.amount, rate=rate, tax=self.tax, exact=exact)
        return BillLine(
            maker=maker,
            outcome=outcome,
            calls=line.calls,
            seconds=line.seconds,
            amount_micros=line.amount,
            net_micros=net,
            gross_micros=gross,
        )


def _refuser(charge: Charge, makers: tuple[Maker, ...]) -> Maker:
    if charge.reason >= 0:
        return makers[charge.reason]
    return NOT_REACHED if charge.outcome is Outcome.UNCOVERED else NO_PRICE


def _shares(charge: Charge, tariff: PlanTariff) -> list[int]:
    """Return the rounded amount of a charge, shared among its parts."""
    shares, exact, before = [], 0, 0
    for part in charge.parts:
        exact += part.sixtieths
        rounded = tariff.plan.rounding.apply(numerator=exact, denominator=SIXTY)
        shares.append(rounded - before)
        before = rounded
    return shares


def _line_order(item: tuple[tuple[Outcome, Maker], _Gathered]) -> tuple[object, ...]:
    (outcome, maker), _ = item
    return (list(Outcome).index(outcome), list(MakerKind).index(maker.kind), maker.span, maker.id)
