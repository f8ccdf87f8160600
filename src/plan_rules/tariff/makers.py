"""The makers of a plan, numbered."""

from __future__ import annotations

from plan_rules.catalog.rate import RateEntry
from plan_rules.errors import Span
from plan_rules.tariff.book import Maker, MakerKind

DERIVED = (MakerKind.CONNECTION_FEE, MakerKind.MINIMUM, MakerKind.CAP)
"""The makers that follow a schedule's own, in this order."""


class Makers:
    """Different makers in the order they were met.

    Those of a rate table come first and are numbered alike in every plan that uses it, so that
    the plans share its schedules.
    """

    def __init__(self, first: Makers | None = None) -> None:
        """Begin with all that another has, or with none."""
        self.all: list[Maker] = [] if first is None else list(first.all)
        self.numbers: dict[Maker, int] = {} if first is None else dict(first.numbers)

    def number(self, kind: MakerKind, word: str, span: Span, reason: str = "") -> int:
        """Return the index of a maker, which is added if it is new."""
        return self._number(Maker(kind, word, span, reason))

    def of_row(self, entry: RateEntry) -> int:
        """Return the index of a row's maker; the makers derived from it follow."""
        word = str(entry.selector)
        found = self._number(Maker(MakerKind.RATE, word, entry.span, entry.note))
        if found == len(self.all) - 1:
            self.all += [Maker(kind, word, entry.span, entry.note) for kind in DERIVED]
        return found

    def _number(self, maker: Maker) -> int:
        found = self.numbers.setdefault(maker, len(self.all))
        if found == len(self.all):
            self.all.append(maker)
        return found
