"""Prices become lines: the fee of a cycle, what comes back of one, fees that are due once.

Promotions and discounts come off first, then the share of the cycle is taken and rounded once;
the tax of a line is computed as bills do it, and rounded apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from plan_rules.catalog.catalog import Catalog, Tax
from plan_rules.catalog.plan import Plan
from plan_rules.errors import Span
from plan_rules.money import Rounding, RoundingMode, format_micros, round_ratio
from plan_rules.rating.taxing import net_and_gross
from plan_rules.switching.coin import coin_micros
from plan_rules.switching.convention import ProrationConvention
from plan_rules.switching.events import Promotion
from plan_rules.switching.fee_adjustment import FeeAdjustment
from plan_rules.switching.line import Line, LineKind
from plan_rules.switching.payment import Payment
from plan_rules.switching.proration import capped, prorate
from plan_rules.switching.share import WHOLE, Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """The price of a full cycle net of promotions, in micros, and the words that led to it."""

    kind: LineKind
    micros: int
    words: str = ""
    span: Span | None = None


def full_price(
    plan: Plan,
    *,
    on: date,
    promotion: Promotion | None = None,
    adjustments: Iterable[FeeAdjustment] = (),
) -> Price:
    """Return what a full cycle of a plan that begins `on` a day costs.

    It is the promotion while it lasts, else the fee in force that day, then adjusted, in order,
    to 0 at least. Before the first date of a dated fee it is 0, as it is for bills.
    """
    fee, kind, words = plan.fee.at(on) or 0, LineKind.FEE, ""
    span = plan.fee_span
    if promotion is not None and promotion.left:
        fee, kind = promotion.fee_micros, LineKind.INTRO_FEE
        words = f"intro price, cycle {promotion.used + 1} of {promotion.cycles}; "
        span = plan.span if plan.intro is None else plan.intro.span
    exact = Fraction(fee)
    for each in adjustments:
        exact = max(Fraction(0), exact + each.micros + fee * each.share)
        words += f"{each.reason}: {format_micros(_rounded(exact))} a cycle; "
    return Price(kind=kind, micros=_rounded(exact), words=words, span=span)


def _rounded(exact: Fraction) -> int:
    return round_ratio(
        numerator=exact.numerator, denominator=exact.denominator, mode=RoundingMode.HALF_UP
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pricer:
    """Makes the lines of one catalog: its tax, and the smallest coin of its currency."""

    tax: Tax | None
    coin: int

    @classmethod
    def of(cls, catalog: Catalog) -> Pricer:
        """Return the pricer of a catalog."""
        return cls(tax=catalog.tax, coin=coin_micros(catalog.currency))

    def fee(
        self,
        plan_id: str,
        price: Price,
        *,
        start: date,
        end: date,
        convention: ProrationConvention,
        share: Share = WHOLE,
    ) -> Line:
        """Return the line that pays for `start` to `end`, a share of a full cycle."""
        rounding = convention.rounding_to(self.coin)
        amount = prorate(micros=price.micros, share=share, rounding=rounding)
        net, gross = self._taxed(amount)
        return Line(
            kind=price.kind,
            plan_id=plan_id,
            id=price.kind.value,
            amount_micros=amount,
            net_micros=net,
            gross_micros=gross,
            price_micros=price.micros,
            share=share.fraction,
            start=start,
            end=end,
            derivation=price.words + _derivation(price.micros, share, amount),
            written=_written(price.span),
        )

    def credit(
        self,
        payment: Payment,
        *,
        place: int,
        on: date,
        convention: ProrationConvention,
        share: Share,
    ) -> Line:
        """Return the line that gives back the share of a payment, at most what is left of it.

        A payment for days that begin after `on` is given back whole. What is given back whole
        is given back with the very tax that was paid.
        """
        rounding = convention.rounding_to(self.coin)
        exact = prorate(micros=payment.price_micros, share=share, rounding=rounding)
        amount = payment.left_micros
        if on >= payment.start:
            amount = capped(
                micros=exact - payment.credited_micros,
                paid_micros=payment.paid_micros,
                credited_micros=payment.credited_micros,
            )
        words = _derivation(payment.price_micros, share, exact)
        if amount != exact:
            words += f"; {format_micros(amount)} is left of what was paid"
        if amount == payment.left_micros:
            net, gross = payment.left_net_micros, payment.left_gross_micros
        else:
            net, gross = self._taxed(amount)
            net = min(net, payment.left_net_micros)
            gross = min(gross, payment.left_gross_micros)
        return Line(
            kind=LineKind.CREDIT,
            plan_id=payment.plan_id,
            id=payment.id,
            amount_micros=-amount,
            net_micros=-net,
            gross_micros=-gross,
            price_micros=payment.price_micros,
            share=share.fraction,
            start=max(on, payment.start),
            end=payment.end,
            credits=place,
            derivation=words,
        )

    def once(
        self, kind: LineKind, plan_id: str, name: str, micros: int, *, words: str, span: Span
    ) -> Line:
        """Return the line of an amount that is due once and never prorated."""
        amount = Rounding(step_micros=self.coin).apply(numerator=micros)
        net, gross = self._taxed(amount)
        return Line(
            kind=kind,
            plan_id=plan_id,
            id=name,
            amount_micros=amount,
            net_micros=net,
            gross_micros=gross,
            price_micros=micros,
            derivation=words,
            written=_written(span),
        )

    def _taxed(self, amount: int) -> tuple[int, int]:
        return net_and_gross(
            micros=amount, rate=self.tax.fee if self.tax else Fraction(0), tax=self.tax
        )


def reversed_line(line: Line, *, place: int) -> Line:
    """Return the line that takes another one back; `place` is that of the payment it touches."""
    return Line(
        kind=LineKind.REVERSAL,
        plan_id=line.plan_id,
        id=line.id,
        amount_micros=-line.amount_micros,
        net_micros=-line.net_micros,
        gross_micros=-line.gross_micros,
        price_micros=line.price_micros,
        share=line.share,
        start=line.start,
        end=line.end,
        credits=place,
        derivation=f"takes back: {line.derivation}",
        written=line.written,
    )


def _derivation(micros: int, share: Share, amount: int) -> str:
    price = format_micros(micros)
    if share.numerator == share.denominator:
        return f"{share.words.removesuffix(' billed')}, {price}"
    fraction = f"{share.numerator}/{share.denominator}"
    return f"{share.words}, {price} x {fraction} = {format_micros(amount)}"


def _written(span: Span | None) -> str:
    return str(span) if span is not None and span.line else ""
