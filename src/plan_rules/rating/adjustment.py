"""What is taken off a bill or put on it once its cycle is settled."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from plan_rules.errors import InvalidValue
from plan_rules.tariff.book import Maker


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """One amount beside those of the tariff: below 0 for a discount, above for a surcharge.

    `exact` is the amount in micros before its one rounding, `amount_micros` after it.
    `fee_share`, from 0 to 1, is how much of it falls on the fee and is taxed as fees are; the
    rest is taxed as usage.
    """

    maker: Maker
    amount_micros: int
    exact: Fraction
    fee_share: Fraction

    def __post_init__(self) -> None:
        """Refuse a share outside 0 to 1."""
        if not 0 <= self.fee_share <= 1:
            raise InvalidValue(name="fee_share", value=self.fee_share, expected="from 0 to 1")
