"""Meters: the only state while a cycle is rated."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from plan_rules.catalog.allowance import Reset

UNLIMITED = 1 << 60
"""The limit of a meter without one: more seconds, calls or micros than a cycle can hold."""


class MeterKind(StrEnum):
    """What a meter counts. `numbers` are distinct numbers, `units` those of a volume price."""

    SECONDS = "seconds"
    CALLS = "calls"
    MICROS = "micros"
    NUMBERS = "numbers"
    UNITS = "units"


@dataclass(frozen=True, slots=True)
class MeterSpec:
    """One meter of a plan: what it counts, when it goes back to nothing, what owns it.

    `maker` is the index of the allowance or volume in the plan's makers; `country` is set
    where each country has a meter of its own.
    """

    kind: MeterKind
    resets: Reset
    maker: int
    country: str = ""


@dataclass(slots=True)
class CycleState:
    """How far each meter of one plan has come within one cycle; small and copyable.

    `used` is indexed like the plan's meters; `numbers` holds the admitted numbers of the
    meters that count them. `day` is the proleptic ordinal of the local day the daily meters
    belong to, 0 before the first call. Carrying a state over equals rating all calls at once.
    """

    used: list[int]
    numbers: dict[int, set[str]] = field(default_factory=dict)
    day: int = 0

    @classmethod
    def fresh(cls, meters: tuple[MeterSpec, ...]) -> CycleState:
        """Return a state in which nothing has been used."""
        return cls(used=[0] * len(meters))

    def copy(self) -> CycleState:
        """Return a state that can go its own way."""
        return CycleState(
            used=list(self.used),
            numbers={meter: set(numbers) for meter, numbers in self.numbers.items()},
            day=self.day,
        )

    def roll(self, day: int, *, daily: tuple[int, ...]) -> None:
        """Begin the local day `day` (an ordinal): the `daily` meters go back to nothing."""
        if day != self.day:
            self.day = day
            for meter in daily:
                self.used[meter] = 0
                self.numbers.pop(meter, None)
