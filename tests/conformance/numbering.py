"""How far the numbering plan agrees with a list of network prefixes, by kind of network.

Run `python -m tests.conformance.numbering FILE`: a CSV file with the columns `prefix`, `iso2` and
`network_type`. What differs, and why it is left, is said in `numbering.md` beside this file.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from plan_rules.destinations import LineType, NumberingPlan

LINES: Mapping[str, frozenset[LineType]] = {
    "Mobile": frozenset({LineType.MOBILE, LineType.EITHER}),
    "Landline": frozenset({LineType.FIXED, LineType.EITHER}),
    "Satellite": frozenset({LineType.SATELLITE}),
    "Paging": frozenset({LineType.SPECIAL, LineType.MOBILE}),
    "Mobile/Paging": frozenset({LineType.SPECIAL, LineType.MOBILE, LineType.EITHER}),
    "Supplementary services": frozenset({LineType.SPECIAL, LineType.PREMIUM, LineType.TOLL_FREE}),
    "UIFN": frozenset({LineType.TOLL_FREE}),
    "Premium-rate, global telecommunication service": frozenset({LineType.PREMIUM}),
}
"""The line types that agree with each kind of network; `either` agrees with fixed and mobile."""


@dataclass(slots=True)
class Agreement:
    """Counts of prefixes: all, those whose country agrees, and by kind of network."""

    rows: int = 0
    countries: int = 0
    by_kind: dict[str, Counter[bool]] = field(default_factory=dict)
    other_countries: Counter[tuple[str, str]] = field(default_factory=Counter)
    unknown_kinds: Counter[str] = field(default_factory=Counter)


def agreement(path: Path) -> Agreement:
    """Return how far the standard numbering plan agrees with a list of prefixes."""
    plan = NumberingPlan.standard()
    found = Agreement()
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            where = plan.lookup("+" + row["prefix"][:15].ljust(8, "0"))
            found.rows += 1
            country = where.country if where else ""
            if country != row["iso2"]:
                found.other_countries[row["iso2"], country] += 1
                continue
            found.countries += 1
            kind = row["network_type"]
            if kind not in LINES:
                found.unknown_kinds[kind] += 1
            elif where is not None:
                found.by_kind.setdefault(kind, Counter())[where.line in LINES[kind]] += 1
    return found


def lines_of(found: Agreement) -> list[str]:
    """Return the lines of the table."""
    share = f"{found.countries / found.rows:.2%}"
    lines = [f"country: {found.countries} of {found.rows} ({share})"]
    for kind, counts in sorted(found.by_kind.items()):
        total = counts.total()
        lines.append(f"{kind}: {counts[True]} of {total} ({counts[True] / total:.1%})")
    for (listed, ours), count in found.other_countries.most_common():
        lines.append(f"  {count} prefixes are listed under {listed}; here {ours or 'nowhere'}")
    return lines


if __name__ == "__main__":
    sys.stdout.write("\n".join(lines_of(agreement(Path(sys.argv[1])))) + "\n")
