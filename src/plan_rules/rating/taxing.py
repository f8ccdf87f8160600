"""The tax of one line: net and gross each rounded from the exact value, tax their difference."""

from __future__ import annotations

from fractions import Fraction

from plan_rules.catalog.catalog import Tax


def net_and_gross(
    *, micros: int, rate: Fraction, tax: Tax | None, exact: Fraction | None = None
) -> tuple[int, int]:
    """Return an amount without and with tax, in micros; without a tax both are the amount.

    `rate` is the tax's on what the line is for: `tax.fee`, `tax.usage`, or between them. `exact`
    is the amount before its own rounding, where there was one. A credit is taxed like the charge
    it takes back, so that both cancel out.
    """
    if tax is None:
        return micros, micros
    factor = 1 / (1 + rate) if tax.included else 1 + rate
    whole = micros if exact is None else exact
    other = tax.rounding.apply(
        numerator=whole.numerator * factor.numerator,
        denominator=whole.denominator * factor.denominator,
    )
    # A tax rounded more coarsely than its line could run against it.
    at_most = tax.included == (micros >= 0)
    other = min(other, micros) if at_most else max(other, micros)
    return (other, micros) if tax.included else (micros, other)
