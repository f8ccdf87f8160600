"""Who calls where, when and how long: the shares that calls are drawn by.

The shapes are those that studies of call records agree on: few customers make most calls, a
handful of numbers gets most of a customer's calls, durations have a long tail, evenings and
weekends are busiest, December is above the other months. The figures are round.
"""

from __future__ import annotations

from dataclasses import dataclass

from plan_rules.errors import InvalidValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where customers live: country, time zone, how many of them (a weight), whom they call.

    `corridors` are the countries called most, the first most of all.
    """

    country: str
    zone: str
    weight: int
    corridors: tuple[str, ...]


AMERICAN = ("MX", "IN", "PH", "DO", "CN", "GB", "CA", "GT", "SV", "CO", "VN", "NG")
HOMES = (
    Home(country="US", zone="America/New_York", weight=30, corridors=("DO", *AMERICAN)),
    Home(country="US", zone="America/Chicago", weight=18, corridors=AMERICAN),
    Home(country="US", zone="America/Denver", weight=5, corridors=AMERICAN),
    Home(country="US", zone="America/Los_Angeles", weight=17, corridors=("MX", "PH", *AMERICAN)),
    Home(country="CA", zone="America/Toronto", weight=8, corridors=("US", "IN", "CN", "PH", "GB")),
    Home(country="GB", zone="Europe/London", weight=7, corridors=("IN", "PK", "PL", "IE", "NG")),
    Home(country="DE", zone="Europe/Berlin", weight=5, corridors=("TR", "PL", "AT", "IT", "RO")),
    Home(country="ES", zone="Europe/Madrid", weight=4, corridors=("MA", "CO", "EC", "RO", "FR")),
    Home(country="MX", zone="America/Mexico_City", weight=3, corridors=("US", "CO", "ES", "CU")),
    Home(country="AU", zone="Australia/Sydney", weight=3, corridors=("GB", "NZ", "IN", "CN", "PH")),
)

WEEKDAY_HOURS = (1, 1, 0, 0, 0, 1, 2, 4, 5, 5, 5, 5, 6, 6, 5, 5, 6, 9, 13, 17, 18, 14, 8, 3)
WEEKEND_HOURS = (
    2,
    1,
    1,
    0,
    0,
    1,
    1,
    3,
    6,
    10,
    13,
    14,
    13,
    12,
    12,
    12,
    12,
    12,
    13,
    14,
    13,
    10,
    6,
    3,
)
"""How many calls start in each hour of the day by the clock at home, as weights."""

SEASON = (1.02, 0.92, 0.97, 0.98, 1.10, 0.98, 0.95, 0.93, 0.97, 1.0, 1.03, 1.35)
"""How busy each month is, January first; May has Mother's Day."""

FAVOURITE_SHARES = (0.40, 0.20, 0.14, 0.11, 0.08, 0.07)
"""How a customer's calls to their favourite numbers divide among these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What may be changed about the calls that are drawn; everything else is fixed.

    `calls_a_month` is the mean over customers. `spread` is the standard deviation of the
    logarithm of a customer's calls a month, `median_seconds` and `duration_spread` shape the
    durations. `unanswered`, `elsewhere` (not to a favourite number), `rare` (premium,
    satellite and the like, among the calls elsewhere) and `weekend` (a weekend day against
    another) are shares; `zipf` is the exponent by which countries fall behind the first.

    Raises `InvalidValue` for a share outside 0 to 1 and for what is not above 0.
    """

    calls_a_month: float = 13.3
    spread: float = 1.0
    median_seconds: float = 170.0
    duration_spread: float = 1.1
    longest_seconds: int = 4 * 3600
    unanswered: float = 0.08
    elsewhere: float = 0.06
    rare: float = 0.02
    weekend: float = 1.7
    zipf: float = 1.1
    homes: tuple[Home, ...] = HOMES

    def __post_init__(self) -> None:
        """Refuse habits nobody can have."""
        for name in ("unanswered", "elsewhere", "rare"):
            share = getattr(self, name)
            if not 0 <= share <= 1:
                raise InvalidValue(name=name, value=share, expected="a share from 0 to 1")
        for name in ("calls_a_month", "median_seconds", "longest_seconds", "weekend", "homes"):
            value = getattr(self, name)
            if not value or (name != "homes" and value < 0):
                raise InvalidValue(name=name, value=value, expected="more than 0")
