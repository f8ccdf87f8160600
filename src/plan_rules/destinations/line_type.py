"""What kind of line a number leads to."""

from __future__ import annotations

from enum import StrEnum


class LineType(StrEnum):
    """The line a number leads to. `either` means the digits do not tell fixed from mobile."""

    FIXED = "fixed"
    MOBILE = "mobile"
    EITHER = "either"
    PREMIUM = "premium"
    SATELLITE = "satellite"
    TOLL_FREE = "toll-free"
    SPECIAL = "special"


ORDINARY = frozenset({LineType.FIXED, LineType.MOBILE, LineType.EITHER})
"""What a country, a zone or `default` reaches.

Premium, satellite, toll-free and special numbers are reached only where they are named
(`premium`, `MX/premium`, `europe/premium`) or by prefix: "Mexico, 0.02" has never meant
Mexico's premium numbers.
"""
