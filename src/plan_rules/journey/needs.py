"""What a customer says they need, as an agent writes it down."""

from __future__ import annotations

from dataclasses import dataclass

from plan_rules.advice.policy import Policy
from plan_rules.destinations.countries import GLOBAL, countries, country
from plan_rules.destinations.line_type import LineType
from plan_rules.errors import InvalidValue, did_you_mean

LONGEST_NOTE = 2_000
"""Characters a note may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeededDestination:
    """A country the customer wants to call, on lines of one type or, with `None`, of any."""

    country: str
    line: LineType | None = None

    def __post_init__(self) -> None:
        """Refuse a country that there is not."""
        if self.country != GLOBAL and country(self.country) is None:
            hint = did_you_mean(self.country, countries()) or "such as MX"
            raise InvalidValue(
                name="country", value=self.country, expected=f"an ISO country code; {hint}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedNeeds:
    """Habits and wishes: where to call, what a month may cost, and how plans are ranked.

    `budget_micros` is the most a month may cost, tax included, `None` without such a wish.
    `accepts_commitment` says whether a plan may bind the customer for a term. Calls that were
    made tell more than any answer, so that options are ranked by those; what is said here is
    held against each option.
    """

    destinations: tuple[NeededDestination, ...] = ()
    budget_micros: int | None = None
    accepts_commitment: bool = True
    policy: Policy = Policy.CHEAPEST_EXPECTED
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse a budget below nothing, a destination said twice, and an endless note."""
        if self.budget_micros is not None and self.budget_micros < 0:
            raise InvalidValue(name="budget_micros", value=self.budget_micros, expected="0 or more")
        if len(set(self.destinations)) < len(self.destinations):
            raise InvalidValue(
                name="destinations", value=self.destinations, expected="each destination once"
            )
        if len(self.note) > LONGEST_NOTE:
            raise InvalidValue(
                name="note", value=len(self.note), expected=f"at most {LONGEST_NOTE} characters"
            )
