"""A call, put into its place once for all plans: class, epoch, local day, cycle clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from plan_rules.destinations.plan import Destination
from plan_rules.periods import local_moment, time_zone
from plan_rules.tariff.book import TariffBook
from plan_rules.usage.call import Call

Runs = tuple[tuple[int, int], ...]
"""Which band is in force, as (elapsed second it starts at, band index) in order."""


@dataclass(frozen=True, slots=True)
class PlacedCall:
    """A call with what every plan needs to know of it.

    `class_index` is -1 only in a book without classes. `epoch_index` picks the rates by the
    date of the call in the catalog's zone; `day` is the local date in the customer's zone.
    """

    call: Call
    class_index: int
    destination: Destination | None
    epoch_index: int
    day: date
    book: TariffBook = field(repr=False, compare=False)
    known_runs: dict[int, Runs] = field(default_factory=dict, repr=False, compare=False)

    def runs(self, band_set: int) -> Runs:
        """Return the bands of a set of the book during the call, computed at first use."""
        known = self.known_runs.get(band_set)
        if known is None:
            known = self.book.band_sets[band_set].runs(
                self.call.epoch, self.call.seconds, zone=time_zone(self.book.zone)
            )
            self.known_runs[band_set] = known
        return known


def place_calls(
    book: TariffBook, calls: Iterable[Call], *, zone: str, values_on: date | None = None
) -> tuple[PlacedCall, ...]:
    """Return the calls in the order of rating, each in its place.

    Order of rating: answer time, then number, then duration. With `values_on`, the rates of
    that date hold for every call, whatever its own date: so history is priced on today's
    values. `zone` is the customer's IANA zone.
    """
    customers = time_zone(zone)
    catalogs = time_zone(book.zone)
    fixed = None if values_on is None else book.epoch_index(values_on)
    return tuple(
        _placed(book, call, customers=customers, catalogs=catalogs, fixed=fixed)
        for call in sorted(calls, key=rating_order)
    )


def rating_order(call: Call) -> tuple[int, str, int]:
    """Return the key by which calls are rated: answer time, then number, then duration."""
    return (call.epoch, call.number, call.seconds)


def _placed(
    book: TariffBook, call: Call, *, customers: ZoneInfo, catalogs: ZoneInfo, fixed: int | None
) -> PlacedCall:
    place = book.place(call.number)
    if fixed is None:
        fixed = book.epoch_index(local_moment(call.epoch, zone=catalogs).date())
    return PlacedCall(
        call=call,
        class_index=place.class_index,
        destination=place.destination,
        epoch_index=fixed,
        day=local_moment(call.epoch, zone=customers).date(),
        book=book,
    )
