"""Coverage, told by country: what of a customer's calls is included, paid extra, not possible."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from plan_rules.rating.charge import Charge, Outcome

NOWHERE_KNOWN = ""
"""The country of numbers that belong to no known destination."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryCoverage:
    """Calls of some seconds to one country, by what a plan makes of them.

    `included` calls cost nothing beyond the fee, `paid` ones do, `missed` ones are blocked,
    uncovered or unrated. Seconds are called seconds.
    """

    country: str
    included_calls: int
    included_seconds: int
    paid_calls: int
    paid_seconds: int
    missed_calls: int
    missed_seconds: int

    @property
    def calls(self) -> int:
        """All calls to the country."""
        return self.included_calls + self.paid_calls + self.missed_calls

    @property
    def seconds(self) -> int:
        """All seconds called to the country."""
        return self.included_seconds + self.paid_seconds + self.missed_seconds


def coverage_by_country(charges: Iterable[Charge]) -> tuple[CountryCoverage, ...]:
    """Return the coverage of every country called, most seconds first, then by code.

    Unanswered calls do not count. A call counts as included if it was carried and cost nothing.
    """
    counts: dict[str, dict[str, int]] = {}
    for charge in charges:
        seconds = charge.call.seconds
        if not seconds:
            continue
        destination = charge.placed.destination
        country = destination.country if destination is not None else NOWHERE_KNOWN
        row = counts.setdefault(country, {})
        if charge.outcome is not Outcome.RATED:
            kind = "missed"
        else:
            kind = "paid" if charge.amount_micros else "included"
        row[f"{kind}_calls"] = row.get(f"{kind}_calls", 0) + 1
        row[f"{kind}_seconds"] = row.get(f"{kind}_seconds", 0) + seconds
    kinds = ("included", "paid", "missed")
    names = [f"{kind}_{what}" for kind in kinds for what in ("calls", "seconds")]
    found = [
        CountryCoverage(country=country, **{name: row.get(name, 0) for name in names})
        for country, row in counts.items()
    ]
    return tuple(sorted(found, key=lambda each: (-each.seconds, each.country)))
