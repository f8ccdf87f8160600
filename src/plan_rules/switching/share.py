"""A share of a billing cycle: an exact fraction that can say where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from plan_rules.errors import InvalidValue
from plan_rules.switching.convention import ProrationUnit


class SharePart(StrEnum):
    """Which part of a cycle a share is: what is `left`, what is `used`, or what is `billed`."""

    LEFT = "left"
    USED = "used"
    BILLED = "billed"


OTHER_PART = {SharePart.LEFT: SharePart.USED, SharePart.USED: SharePart.LEFT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`numerator` of `denominator` units of a cycle, from nothing to the whole; never reduced.

    `detail` are the words of the count where "16 of 31 days left" would not say it; `{part}`
    in them stands for the part. Raises `InvalidValue` for a share below 0 or above 1, and for
    a cycle of nothing.

    >>> share = Share(numerator=16, denominator=31)
    >>> share.words, share.rest.words
    ('16 of 31 days left', '15 of 31 days used')
    """

    numerator: int
    denominator: int
    unit: ProrationUnit = ProrationUnit.DAY
    part: SharePart = SharePart.LEFT
    detail: str = ""

    def __post_init__(self) -> None:
        """Refuse what is no part of a whole."""
        if self.denominator < 1:
            raise InvalidValue(name="denominator", value=self.denominator, expected="at least 1")
        if not 0 <= self.numerator <= self.denominator:
            raise InvalidValue(
                name="numerator", value=self.numerator, expected=f"0 to {self.denominator}"
            )

    @property
    def fraction(self) -> Fraction:
        """The share as an exact number from 0 to 1."""
        return Fraction(self.numerator, self.denominator)

    @property
    def words(self) -> str:
        """How the share was counted, as a line of a quote says it."""
        if self.detail:
            return self.detail.format(part=self.part.value)
        units = f"{self.unit.value}{'' if self.denominator == 1 else 's'}"
        return f"{self.numerator:,} of {self.denominator:,} {units} {self.part.value}"

    @property
    def rest(self) -> Share:
        """What is not in the share: used where this is left; both sum to the whole."""
        return Share(
            numerator=self.denominator - self.numerator,
            denominator=self.denominator,
            unit=self.unit,
            part=OTHER_PART.get(self.part, self.part),
            detail=f"all but {self.words}" if self.detail else "",
        )


WHOLE = Share(numerator=1, denominator=1, part=SharePart.BILLED, detail="the whole cycle")
"""A full cycle: what is prorated by it stays what it is."""
