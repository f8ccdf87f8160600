"""Band runs equal asking the wall clock at every second of a call."""

from __future__ import annotations

from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from plan_rules.periods import DAY_SECONDS, BandSet, TimeBand, local_moment

ZONES = [
    ZoneInfo(name)
    for name in (
        "UTC",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "Europe/Berlin",
    )
]
# Around the changes of the clock of 2026 in those zones, and plain days.
STARTS = st.one_of(
    *(
        st.integers(centre - 7200, centre + 7200)
        for centre in (1_772_953_200, 1_774_746_000, 1_775_314_800, 1_793_512_800, 1_780_000_000)
    )
)


@st.composite
def band_sets(draw: st.DrawFn) -> BandSet:
    clock = st.integers(0, 47).map(lambda half_hours: half_hours * 1800)
    bands = []
    for index in range(draw(st.integers(1, 3))):
        start, length = draw(clock), draw(st.integers(1, 48)) * 1800
        end = start + length
        if end > DAY_SECONDS:
            end -= DAY_SECONDS
        if end == start:
            start, end = 0, DAY_SECONDS
        bands.append(
            TimeBand(
                id=f"band-{index}",
                start=start,
                end=end,
                weekdays=draw(st.frozensets(st.integers(1, 7), min_size=1)),
                precedence=draw(st.integers(0, 2)),
            )
        )
    return BandSet(id="bands", bands=tuple(bands))


@given(band_sets(), STARTS, st.integers(1, 5000), st.sampled_from(ZONES))
def test_runs_agree_with_the_clock(
    bands: BandSet, epoch: int, seconds: int, zone: ZoneInfo
) -> None:
    runs = bands.runs(epoch, seconds, zone=zone)
    assert runs[0][0] == 0
    assert all(before[1] != after[1] for before, after in pairwise(runs))
    for second in {*range(0, seconds, 97), *(start for start, _ in runs), seconds - 1}:
        found = [index for start, index in runs if start <= second][-1]
        assert found == bands.index_at(local_moment(epoch + second, zone=zone))
