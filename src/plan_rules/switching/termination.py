"""What leaving a commitment early costs, by each named formula, with the words of its derivation.

Pure functions of the plan's commitment, the days of the term and the fees that would still have
been billed. The figures of laws stand here as constants with their source; check them before
relying on them, and as of when.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from plan_rules.catalog.plan import Commitment, Device, EarlyTermination
from plan_rules.errors import InvalidValue
from plan_rules.money import MICROS, Rounding, format_micros
from plan_rules.periods import add_months, months_between

CANADA_MONTHS = 24
CANADA_PERCENT = Fraction(1, 10)
CANADA_AT_MOST = 50 * MICROS
"""CRTC Wireless Code, part G: with a device its value falls to 0 within 24 months; without one
the smaller of CA$50 and 10 % of the monthly charges left, none after 24 months."""

BELGIUM_FREE_AFTER_MONTHS = 6
BELGIUM_DEVICE_MONTHS = 24
"""Act of 13 June 2005 on electronic communications, Art 111/3: after six months leaving is free
of fees; a device is paid off linearly within 24 months."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeLeft:
    """A fee in micros, net of promotions, that would be billed for days from `start` on."""

    start: date
    micros: int

    def __post_init__(self) -> None:
        """Refuse a negative fee."""
        if self.micros < 0:
            raise InvalidValue(name="micros", value=self.micros, expected="a fee of 0 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminationFee:
    """What leaving costs, 0 or more micros, and how that came about in words."""

    micros: int
    derivation: str


def termination_fee(
    *,
    commitment: Commitment,
    start: date,
    end: date,
    on: date,
    fees_left: Sequence[FeeLeft],
    rounding: Rounding,
) -> TerminationFee:
    """Return what it costs to leave a term of `[start, end)` so that `on` is no longer in it.

    `fees_left` are the fees that would be billed for `on` to `end`, in order; for a cycle that
    is cut, the part that is not paid or comes back. Months are whole months since `start`. The
    amount is rounded once; sums of fees are exact. From the end on, leaving costs nothing.

    Raises `InvalidValue` for a term of no day, a day before its start, and a fee before `on`.
    """
    if end <= start:
        raise InvalidValue(name="end", value=end.isoformat(), expected=f"a date after {start}")
    if on < start:
        raise InvalidValue(name="on", value=on.isoformat(), expected=f"{start} or later")
    if any(fee.start < on for fee in fees_left):
        raise InvalidValue(name="fees_left", value=str(on), expected=f"fees from {on} on only")
    if on >= end:
        return TerminationFee(micros=0, derivation=f"the commitment ended before {end}")
    term = _Term(start=start, on=on, fees_left=tuple(fees_left), rounding=rounding)
    return _by_formula(commitment, term)


def _by_formula(commitment: Commitment, term: _Term) -> TerminationFee:
    match commitment.early_termination:
        case EarlyTermination.NONE | EarlyTermination.FIXED:
            return _fixed(commitment.amount)
        case EarlyTermination.REMAINING_FEES:
            return term.fees()
        case EarlyTermination.LINEAR_DEVICE:
            return term.device(commitment.device)
        case EarlyTermination.EECC:
            return _smaller(term.device(commitment.device), term.fees())
        case EarlyTermination.CANADA:
            return term.canada(commitment.device)
        case EarlyTermination.BELGIUM:
            return term.belgium(commitment.device)


def _fixed(amount: int | None) -> TerminationFee:
    if amount is None:
        return TerminationFee(micros=0, derivation="leaving early costs nothing")
    return TerminationFee(micros=amount, derivation=f"{format_micros(amount)} fixed")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Term:
    """A term that is left on a day before its end."""

    start: date
    on: date
    fees_left: tuple[FeeLeft, ...]
    rounding: Rounding

    @property
    def months(self) -> int:
        """Whole months since the start."""
        return months_between(self.start, self.on)

    def fees(self, *, months: int | None = None) -> TerminationFee:
        """Return the sum of the fees left, only those of the first `months` if said."""
        until = date.max if months is None else add_months(self.start, months)
        left = [fee.micros for fee in self.fees_left if fee.start < until]
        words = f"{len(left)} fees left" + ("" if months is None else f" of {months} months")
        return TerminationFee(
            micros=sum(left), derivation=f"{words}, {format_micros(sum(left))} together"
        )

    def device(self, device: Device | None, *, at_most: int | None = None) -> TerminationFee:
        """Return what is left of a device, which falls in equal monthly steps."""
        if device is None:
            return TerminationFee(micros=0, derivation="no device")
        months = device.months if at_most is None else min(device.months, at_most)
        left = max(0, months - self.months)
        words = f"{format_micros(device.value)} x {left} of {months} months left"
        rest = self.rounding.apply(numerator=device.value * left, denominator=months)
        return TerminationFee(micros=rest, derivation=words)

    def canada(self, device: Device | None) -> TerminationFee:
        """Return the fee of the Canadian Wireless Code."""
        if device is not None:
            return self.device(device, at_most=CANADA_MONTHS)
        fees = self.fees(months=CANADA_MONTHS)
        share = self.rounding.apply(
            numerator=fees.micros * CANADA_PERCENT.numerator,
            denominator=CANADA_PERCENT.denominator,
        )
        tenth = TerminationFee(micros=share, derivation=f"10 % of {fees.derivation}")
        return _smaller(TerminationFee(micros=CANADA_AT_MOST, derivation="at most"), tenth)

    def belgium(self, device: Device | None) -> TerminationFee:
        """Return the fee of the Belgian Act, with what is left of a device if there is one."""
        fees = self.fees(months=BELGIUM_FREE_AFTER_MONTHS)
        rest = self.device(device, at_most=BELGIUM_DEVICE_MONTHS)
        return TerminationFee(
            micros=fees.micros + rest.micros, derivation=f"{fees.derivation}; {rest.derivation}"
        )


def _smaller(first: TerminationFee, second: TerminationFee) -> TerminationFee:
    """Return the smaller of two fees; its words say both."""
    both = " and ".join(
        f"{format_micros(each.micros)} ({each.derivation})" for each in (first, second)
    )
    return TerminationFee(
        micros=min(first.micros, second.micros), derivation=f"the smaller of {both}"
    )
