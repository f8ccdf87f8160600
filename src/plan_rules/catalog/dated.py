"""Values that change on published dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Generic, TypeVar

from plan_rules.errors import InvalidValue

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Dated(Generic[T]):
    """A value in force from each date until the next: `entries` are (from, value), ascending.

    A first date of `None` means "since ever". Before the first date nothing is in force.
    """

    entries: tuple[tuple[date | None, T], ...]

    def __post_init__(self) -> None:
        """Refuse no entries, dates out of order, and `None` anywhere but first."""
        dates = [start for start, _ in self.entries]
        later = dates[1:] if dates and dates[0] is None else dates
        known = [start for start in later if start is not None]
        if (
            not dates
            or len(known) < len(later)
            or any(after <= before for before, after in pairwise(known))
        ):
            raise InvalidValue(name="entries", value=dates, expected="ascending dates")

    @classmethod
    def always(cls, value: T) -> Dated[T]:
        """Return a value that never changes."""
        return cls(((None, value),))

    def at(self, day: date) -> T | None:
        """Return the value in force on `day`, or `None` before the first date."""
        found: T | None = None
        for start, value in self.entries:
            if start is not None and start > day:
                break
            found = value
        return found

    @property
    def is_dated(self) -> bool:
        """Whether the value changes on some date."""
        return self.entries[-1][0] is not None

    @property
    def dates(self) -> tuple[date, ...]:
        """The dates on which the value changes."""
        return tuple(start for start, _ in self.entries if start is not None)

    @property
    def values(self) -> tuple[T, ...]:
        """Every value that is ever in force, in order."""
        return tuple(value for _, value in self.entries)
