"""What one fact would have to be for a rule to fire, in fields and in words."""

from __future__ import annotations

from dataclasses import dataclass

from plan_rules.money import MICROS
from plan_rules.rules.fact import FactSpec, FactType
from plan_rules.rules.literal import Among, Literal, Members, Unknown

CENT = MICROS // 100
MICRO_TO_CENT = 4
"""Decimal places between a micro and a cent: how far off is said in cents."""

SHOWN = 5
"""How many words of a choice are named before the rest is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What one fact would have to be: now it is `have`, and `target` is the nearest that would do.

    Both are codes, `None` for not known. `literal` says all values that would do.
    """

    fact: FactSpec
    have: int | None
    target: int | None
    literal: Literal

    @property
    def short(self) -> int | None:
        """How far a number, an amount or a date is off; `None` where there is no such distance."""
        worded = self.fact.type in {FactType.ENUM, FactType.SET, FactType.BOOLEAN}
        if worded or self.have is None or self.target is None:
            return None
        return self.target - self.have

    def words(self) -> str:
        """Return the need in a sentence without a stop, values as an author would write them."""
        name = f"`{self.fact.name}`"
        match self.literal:
            case Unknown():
                return f"{name} would have to be unknown"
            case Members():
                return f"{name} would have to {self._member_words(self.literal)}"
            case Among():
                wanted = f"{name} would have to be {self._among_words(self.literal)}"
                return f"{wanted}; it is {self._have_words()}"

    def _have_words(self) -> str:
        if self.have is None:
            return "not known"
        have, off = self.fact.words(self.have), self.short
        if off is None or self.fact.type is FactType.DATE:
            return have
        is_money = self.fact.type is FactType.MONEY
        size = round(abs(off), -MICRO_TO_CENT) if is_money else abs(off)
        less, many = ("little", "much") if is_money else ("few", "many")
        return f"{have}, {self.fact.words(size)} too {less if off > 0 else many}" if size else have

    def _among_words(self, literal: Among) -> str:
        spec = self.fact
        if spec.type in {FactType.ENUM, FactType.BOOLEAN}:
            words = [
                spec.words(code) for low, high in literal.ranges for code in range(low, high + 1)
            ]
            return _listed(words)
        return " or ".join(self._range_words(low, high) for low, high in literal.ranges)

    def _range_words(self, low: int, high: int) -> str:
        spec = self.fact
        unit = f" {spec.unit}" if spec.unit else ""
        if low == high:
            return f"{spec.words(low)}{unit}"
        if high == spec.high:
            return f"{self._from_words(low)}{unit}"
        if low == spec.low:
            return f"{self._to_words(high)}{unit}"
        return f"from {spec.words(low)} to {spec.words(high)}{unit}"

    def _from_words(self, low: int) -> str:
        """Return a lower end: what is a micro more than whole cents is above them."""
        spec = self.fact
        if spec.type is FactType.MONEY and low % CENT == 1:
            return f"above {spec.words(low - 1)}"
        return f"{'on or after' if spec.type is FactType.DATE else 'at least'} {spec.words(low)}"

    def _to_words(self, high: int) -> str:
        """Return an upper end: what is a micro less than whole cents is below them."""
        spec = self.fact
        if spec.type is FactType.MONEY and (high + 1) % CENT == 0:
            return f"below {spec.words(high + 1)}"
        return f"{'on or before' if spec.type is FactType.DATE else 'at most'} {spec.words(high)}"

    def _member_words(self, literal: Members) -> str:
        """Return which words are missing, and which are there and must not be."""
        have, words = self.have or 0, []
        missing = literal.has & ~have
        choices = [mask for mask in literal.some if not mask & have]
        surplus = literal.lacks & have
        if missing:
            words.append(f"have {self._bits(missing, 'and')}")
        words += [f"have {self._bits(mask, 'or')}" for mask in choices]
        if surplus:
            words.append(f"not have {self._bits(surplus, 'or')}")
        return " and ".join(words) or "be known"

    def _bits(self, mask: int, last: str) -> str:
        found = [word for bit, word in enumerate(self.fact.values) if mask >> bit & 1]
        return f" {last} ".join(f"`{word}`" for word in found)


def _listed(words: list[str]) -> str:
    more = len(words) - SHOWN
    return " or ".join(words[:SHOWN]) + (f" or one of {more} more" if more > 0 else "")
