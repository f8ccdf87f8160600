"""Selectors: how an author names destinations, and which of two is more specific."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from plan_rules.destinations.countries import GLOBAL
from plan_rules.destinations.line_type import LineType
from plan_rules.destinations.number import MAX_DIGITS
from plan_rules.errors import InvalidValue

ID_PATTERN = r"[a-z0-9]+(-[a-z0-9]+)*"
"""What the ids of authors look like: kebab-case."""

LINES = frozenset(line.value for line in LineType)
FORMS = (
    "a prefix (+5255), a country (MX), a country and line (MX/mobile), a zone (europe), "
    "a zone and line (europe/mobile), a line (satellite), default, or chosen"
)


class SelectorKind(StrEnum):
    """The forms of a selector."""

    PREFIX = "prefix"
    COUNTRY_LINE = "country/line"
    COUNTRY = "country"
    ZONE_LINE = "zone/line"
    ZONE = "zone"
    LINE = "line"
    DEFAULT = "default"
    CHOSEN = "chosen"
    CHOSEN_LINE = "chosen/line"


RANKS = {
    SelectorKind.PREFIX: 0,
    SelectorKind.COUNTRY_LINE: 1,
    SelectorKind.CHOSEN_LINE: 1,
    SelectorKind.COUNTRY: 2,
    SelectorKind.CHOSEN: 2,
    SelectorKind.ZONE_LINE: 3,
    SelectorKind.ZONE: 4,
    SelectorKind.LINE: 5,
    SelectorKind.DEFAULT: 6,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """A set of destinations as an author names it; `str()` gives the text back.

    `prefix` holds digits without the plus sign.
    """

    kind: SelectorKind
    prefix: str = ""
    country: str = ""
    zone: str = ""
    line: LineType | None = None

    @property
    def rank(self) -> tuple[int, int]:
        """A key that is smaller for a more specific selector: longest prefix first, default last.

        Price never decides: in a real deck of 36,205 prefixes, 18,834 of 35,580 nested ones are
        dearer than their parent, so that "the cheapest match" underbills.
        """
        return RANKS[self.kind], -len(self.prefix)

    def __str__(self) -> str:
        """Return the authored text."""
        if self.kind is SelectorKind.PREFIX:
            return f"+{self.prefix}"
        if self.kind is SelectorKind.DEFAULT:
            return "default"
        if self.kind is SelectorKind.LINE:
            return str(self.line)
        head = self.country or self.zone or "chosen"
        return head if self.line is None else f"{head}/{self.line}"


def parse_selector(text: str) -> Selector:
    """Return the selector an author wrote.

    Whether its country or zone exists is not asked here. Raises `InvalidValue` for a text of
    no known form.

    >>> parse_selector("MX/mobile").kind
    <SelectorKind.COUNTRY_LINE: 'country/line'>
    """
    if text.startswith("+"):
        digits = text[1:]
        if re.fullmatch(r"[1-9][0-9]*", digits, re.ASCII) and len(digits) <= MAX_DIGITS:
            return Selector(kind=SelectorKind.PREFIX, prefix=digits)
        raise InvalidValue(
            name="selector", value=text, expected=f"a plus sign and 1 to {MAX_DIGITS} digits"
        )
    if text == "default":
        return Selector(kind=SelectorKind.DEFAULT)
    if text in LINES:
        return Selector(kind=SelectorKind.LINE, line=LineType(text))
    head, slash, tail = text.partition("/")
    if slash and tail not in LINES:
        raise InvalidValue(
            name="selector",
            value=text,
            expected=f"a line type after the slash: {', '.join(sorted(LINES))}",
        )
    line = LineType(tail) if slash else None
    if head == "chosen":
        kind = SelectorKind.CHOSEN_LINE if line else SelectorKind.CHOSEN
        return Selector(kind=kind, line=line)
    if head == GLOBAL or re.fullmatch(r"[A-Z]{2}", head, re.ASCII):
        kind = SelectorKind.COUNTRY_LINE if line else SelectorKind.COUNTRY
        return Selector(kind=kind, country=head, line=line)
    if re.fullmatch(ID_PATTERN, head, re.ASCII) and head not in LINES | {"default"}:
        kind = SelectorKind.ZONE_LINE if line else SelectorKind.ZONE
        return Selector(kind=kind, zone=head, line=line)
    raise InvalidValue(name="selector", value=text, expected=FORMS)
