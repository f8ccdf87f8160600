from __future__ import annotations

from datetime import UTC, date, datetime

from plan_rules.journey.projection import calls_to_come, repeated_weeks
from plan_rules.periods import time_zone
from plan_rules.usage import Call
from tests.unit.journey.samples import MEXICO, call_on

NEW_YORK = time_zone("America/New_York")
NOON = datetime(2026, 3, 15, 16, tzinfo=UTC)


def coming(*calls: Call, as_of: datetime = NOON, end: date = date(2026, 4, 1)) -> list[str]:
    found = sorted(calls_to_come(calls, as_of=as_of, end=end, zone=NEW_YORK))
    return [f"{each.start:%m-%d %H:%M}" for each in found]


def test_whole_weeks_are_repeated_and_at_most_four() -> None:
    def weeks(first: str) -> int:
        return repeated_weeks([call_on(first, 60)], as_of=NOON, zone=NEW_YORK)

    assert [weeks(f"2026-03-{day:02}") for day in (15, 9, 8, 2, 1)] == [0, 0, 1, 1, 2]
    assert weeks("2026-02-15") == 4
    assert weeks("2025-02-15") == 4
    assert repeated_weeks([], as_of=NOON, zone=NEW_YORK) == 0


def test_a_call_comes_again_at_its_weekday_and_wall_clock() -> None:
    """The clock changed on 8 March: 18:00 UTC is one o'clock before it, two o'clock after."""
    calls = [call_on(day, 60) for day in ("2026-02-15", "2026-02-17", "2026-03-10")]

    assert coming(*calls) == ["03-15 13:00", "03-17 13:00"]
    assert coming(*calls, end=date(2026, 4, 13)) == [
        "03-15 13:00",
        "03-17 13:00",
        "04-07 14:00",
        "04-12 13:00",
    ]


def test_calls_before_the_weeks_that_are_repeated_do_not_come_again() -> None:
    calls = [call_on(day, 60) for day in ("2026-01-05", "2026-02-15", "2026-02-16")]
    assert coming(*calls) == ["03-15 13:00", "03-16 13:00"]
    earlier_that_day = call_on("2026-02-15", 60, hour=16)
    assert coming(earlier_that_day, calls[2]) == ["03-16 13:00"]


def test_a_short_history_is_repeated_until_the_end() -> None:
    calls = [call_on("2026-03-08", 60), call_on("2026-03-09", 60)]
    assert coming(*calls) == [
        "03-15 14:00",
        "03-16 14:00",
        "03-22 14:00",
        "03-23 14:00",
        "03-29 14:00",
        "03-30 14:00",
    ]


def test_a_wall_clock_that_spring_skips_moves_on_with_the_clock() -> None:
    as_of = datetime(2026, 3, 7, 16, tzinfo=UTC)
    skipped = Call(datetime(2026, 3, 1, 2, 30, tzinfo=NEW_YORK), MEXICO, 60)
    early = Call(datetime(2026, 2, 28, 2, 30, tzinfo=NEW_YORK), MEXICO, 60)
    (found,) = calls_to_come([early, skipped], as_of=as_of, end=date(2026, 3, 9), zone=NEW_YORK)
    assert found.start.astimezone(UTC) == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)


def test_number_and_duration_stay_as_they_were() -> None:
    call = call_on("2026-03-08", 95)
    first, *_ = calls_to_come([call], as_of=NOON, end=date(2026, 4, 1), zone=NEW_YORK)
    assert (first.number, first.seconds) == (call.number, call.seconds)


def test_nothing_comes_of_too_little() -> None:
    assert coming(call_on("2026-03-10", 60)) == []
