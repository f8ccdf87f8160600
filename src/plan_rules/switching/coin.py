"""The smallest coin of a currency: the step that every line of a switch is rounded to, once."""

from __future__ import annotations

from plan_rules.money import MICRO_DECIMALS

USUAL_DECIMALS = 2
WITHOUT_DECIMALS = (
    *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"),
    *("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"),
)
DECIMALS = {
    **dict.fromkeys(WITHOUT_DECIMALS, 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
"""Decimals of the minor unit by ISO 4217, where they are not two."""


def coin_micros(currency: str) -> int:
    """Return the minor unit of a currency in micros: 10,000 for USD, 1,000,000 for JPY."""
    return int(10 ** (MICRO_DECIMALS - DECIMALS.get(currency, USUAL_DECIMALS)))
