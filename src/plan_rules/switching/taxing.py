"""The tax of one line, by the rule of the bill: net and gross each rounded from the exact value."""

from __future__ import annotations

from fractions import Fraction

from plan_rules.catalog.catalog import Tax


def net_and_gross(*, micros: int, rate: Fraction, tax: Tax | None) -> tuple[int, int]:
    """Return an amount without and with tax, in micros; without a tax both are the amount.

    `rate` is the tax's on what the line is for: `tax.fee` or `tax.usage`. A credit is taxed
    like the charge it takes back, so that both cancel out.
    """
    if tax is None:
        return micros, micros
    factor = 1 / (1 + rate) if tax.included else 1 + rate
    other = tax.rounding.apply(numerator=micros * factor.numerator, denominator=factor.denominator)
    # A tax rounded more coarsely than its line could run against it.
    at_most = tax.included == (micros >= 0)
    other = min(other, micros) if at_most else max(other, micros)
    return (other, micros) if tax.included else (micros, other)
