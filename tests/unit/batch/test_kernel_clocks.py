from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest

from plan_rules.batch.clocks import FOREVER, band_clock, offsets_of, zone_clock
from plan_rules.periods import BandSet, Period, TimeBand, local_moment, time_zone

HOURS = BandSet(
    id="hours",
    bands=(
        TimeBand(id="peak", weekdays=frozenset({1, 2, 3, 4, 5}), start=8 * 3600, end=19 * 3600),
        TimeBand(id="night", start=22 * 3600 + 90, end=3 * 3600),
    ),
)
FEAST = BandSet(
    id="feast",
    bands=(
        TimeBand(
            id="day",
            dates=(Period(start=date(2026, 3, 28), end=date(2026, 3, 30)),),
            start=20 * 3600,
            end=4 * 3600,
        ),
    ),
)


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]
)
def test_bands_and_epochs_are_those_of_the_wall_clock(zone: str) -> None:
    epochs = (date.min, date(2026, 2, 10), date(2026, 3, 29))
    sets = (HOURS, FEAST)
    clock = band_clock(sets, epochs, zone=zone, first_year=2026, end_year=2027)
    info = time_zone(zone)
    start = int(datetime(2026, 3, 27, tzinfo=UTC).timestamp())
    for instant in range(start, start + 4 * 86_400, 450):
        edge = int(np.searchsorted(clock.edges, instant, "right")) - 1
        wall = local_moment(instant, zone=info)
        assert clock.bands[edge].tolist() == [each.index_at(wall) for each in sets]
        assert clock.epochs[edge] == sum(day <= wall.date() for day in epochs[1:])
        assert clock.edges[clock.quarters[(instant - clock.base) // 900]] <= instant


def test_equal_bands_have_one_code() -> None:
    clock = band_clock((HOURS,), (date.min,), zone="UTC", first_year=2026, end_year=2027)
    pairs = set(zip(clock.codes.tolist(), clock.bands[:, 0].tolist(), strict=True))
    assert len(pairs) == len({code for code, _ in pairs}) == 3


def test_a_book_without_bands_has_edges_too() -> None:
    clock = band_clock((), (date.min,), zone="UTC", first_year=2026, end_year=2027)
    assert clock.edges[-1] == FOREVER
    assert clock.bands.shape == (len(clock.codes), 0)


def test_offsets_change_at_the_second_the_clock_does() -> None:
    found = offsets_of("Europe/Berlin", 2026, 2027)
    assert found[1:] == (
        (int(datetime(2026, 3, 29, 1, tzinfo=UTC).timestamp()), 7200),
        (int(datetime(2026, 10, 25, 1, tzinfo=UTC).timestamp()), 3600),
    )


def test_zones_stand_one_behind_the_other() -> None:
    clock = zone_clock(("UTC", "Europe/Berlin"), first_year=2026, end_year=2027)
    assert clock.first.tolist() == [0, 2, 6]
    assert clock.starts[[1, 5]].tolist() == [FOREVER, FOREVER]
