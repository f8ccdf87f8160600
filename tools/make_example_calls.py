"""Write the sample calls of the docs: six months of one household, drawn with a fixed seed.

Run `python tools/make_example_calls.py`. It writes `docs/examples/calls-six-months.csv`, and
the calls of its last month as Asterisk would have logged them, `docs/examples/Master.csv`.
Where a country reserves numbers for fiction, those are used; elsewhere the digits follow the
same pattern.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"
ZONE = ZoneInfo("America/New_York")
SEED = 20260101
OWN_NUMBER = "+16465550100"

MONTHS = tuple(date(2026, month, 1) for month in range(1, 8))
"""First days of the six months, and the end of the last."""

FEWEST, MOST = 42, 60
"""Calls in a month."""

UNANSWERED = 0.08
SPREAD = 1.05
"""Standard deviation of the logarithm of durations: many short calls, a few very long ones."""

LONGEST = 3 * 3600
WEEKEND = 5
"""The first weekday, counted from Monday as 0, that is weekend."""

EVENING = {17: 2, 18: 5, 19: 8, 20: 9, 21: 6, 22: 2}
MORNING = {7: 3, 8: 6, 9: 7, 10: 5, 11: 3}
DAY = {9: 2, 10: 4, 11: 5, 12: 4, 13: 4, 14: 5, 15: 5, 16: 5, 17: 5, 18: 5, 19: 4, 20: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Someone the household calls: how often (a weight), and how long (median seconds).

    On weekdays calls fall in `hours`; on weekends during the day, far-off places excepted.
    """

    number: str
    weight: int
    median: int
    hours: dict[int, int]
    far: bool = False


CONTACTS = (
    # Mexico: parents, a sister, friends
    Contact(number="+525555500142", weight=30, median=330, hours=EVENING),
    Contact(number="+523335550177", weight=18, median=260, hours=EVENING),
    Contact(number="+522225550118", weight=8, median=200, hours=EVENING),
    Contact(number="+528185550104", weight=5, median=150, hours=DAY),
    # the Dominican Republic
    Contact(number="+18095550136", weight=11, median=240, hours=EVENING),
    Contact(number="+18295550184", weight=7, median=180, hours=EVENING),
    # India, where evening is New York's morning
    Contact(number="+919876500142", weight=10, median=280, hours=MORNING, far=True),
    Contact(number="+919876500187", weight=4, median=170, hours=MORNING, far=True),
    Contact(number="+918045550119", weight=3, median=210, hours=MORNING, far=True),
    # the United Kingdom: London, and a mobile
    Contact(number="+442079460321", weight=6, median=240, hours=MORNING),
    Contact(number="+447700900417", weight=3, median=120, hours=DAY),
    # at home
    Contact(number="+12125550143", weight=8, median=110, hours=DAY),
    Contact(number="+17185550129", weight=7, median=150, hours=EVENING),
    Contact(number="+13125550161", weight=3, median=300, hours=EVENING),
    Contact(number="+18005550199", weight=1, median=420, hours=DAY),
    # now and then
    Contact(number="+14165550127", weight=3, median=200, hours=EVENING),
    Contact(number="+573005550171", weight=2, median=190, hours=EVENING),
    Contact(number="+18765550166", weight=1, median=130, hours=EVENING),
    Contact(number="+33199004712", weight=1, median=160, hours=MORNING),
    Contact(number="+493023125014", weight=1, median=140, hours=MORNING),
    Contact(number="+639175550133", weight=1, median=220, hours=MORNING, far=True),
)

SINGLE_CALLS = (
    (datetime(2026, 1, 1, 0, 2, 18, tzinfo=ZONE), "+525555500142", 1264),
    (datetime(2026, 2, 17, 20, 14, 5, tzinfo=ZONE), "+881632550142", 87),
    (datetime(2026, 3, 31, 23, 51, 40, tzinfo=ZONE), "+525555500142", 1523),
    (datetime(2026, 4, 22, 13, 6, 32, tzinfo=ZONE), "+449098790142", 52),
    (datetime(2026, 5, 10, 12, 3, 11, tzinfo=ZONE), "+525555500142", 4710),
)
"""New Year, a ship by satellite, a call across the end of a month, a premium number, and
Mother's Day."""

Drawn = tuple[datetime, str, int]


def drawn_calls(random: Random) -> list[Drawn]:
    """Return all calls by start. One line: no two calls overlap."""
    calls = list(SINGLE_CALLS)
    for first, end in pairwise(MONTHS):
        wanted = random.randint(FEWEST, MOST)
        while sum(first <= start.date() < end for start, _, _ in calls) < wanted:
            call = drawn_call(random, first=first, days=(end - first).days)
            if not any(overlap(call, other) for other in calls):
                calls.append(call)
    return sorted(calls, key=lambda call: call[0].astimezone(UTC))


def drawn_call(random: Random, *, first: date, days: int) -> Drawn:
    """Return one call of a month; weekends are twice as likely as other days."""
    contact = random.choices(CONTACTS, [each.weight for each in CONTACTS])[0]
    all_days = [first + timedelta(days=index) for index in range(days)]
    weights = [2 if day.weekday() >= WEEKEND else 1 for day in all_days]
    day = random.choices(all_days, weights)[0]
    hours = contact.hours if contact.far or day.weekday() < WEEKEND else DAY
    hour = random.choices(list(hours), list(hours.values()))[0]
    clock = time(hour, random.randrange(60), random.randrange(60), tzinfo=ZONE)
    seconds = 0
    if random.random() >= UNANSWERED:
        length = contact.median * random.lognormvariate(0, SPREAD)
        seconds = min(max(round(length), 4), LONGEST)
    return datetime.combine(day, clock), contact.number, seconds


def overlap(call: Drawn, other: Drawn) -> bool:
    """Whether two calls are closer than half a minute."""
    gap = timedelta(seconds=30)
    (start, _, seconds), (other_start, _, other_seconds) = call, other
    own = start.astimezone(UTC), start.astimezone(UTC) + timedelta(seconds=seconds) + gap
    others = other_start.astimezone(UTC)
    return own[0] < others + timedelta(seconds=other_seconds) + gap and others < own[1]


def generic_rows(calls: list[Drawn]) -> Iterator[list[str]]:
    """Yield the rows of a plain call file: start with its offset, number, seconds."""
    yield ["start", "number", "seconds"]
    for start, number, seconds in calls:
        yield [start.isoformat(), number, str(seconds)]


def asterisk_rows(calls: list[Drawn], random: Random) -> Iterator[list[str | int]]:
    """Yield the 16 columns of Asterisk's Master.csv, in local time, numbers as dialed."""
    own = OWN_NUMBER.removeprefix("+")
    for index, (start, number, seconds) in enumerate(calls, start=1):
        ringing = random.randint(3, 14) if seconds else random.randint(18, 40)
        setup = start.astimezone(UTC)
        if seconds:
            setup -= timedelta(seconds=ringing)
        end = setup + timedelta(seconds=ringing + seconds)
        digits = number.removeprefix("+")
        yield [
            "home",
            own,
            digits if digits.startswith("1") else f"011{digits}",
            "from-internal",
            f'"Home" <{own}>',
            f"SIP/home-{index:08x}",
            f"SIP/trunk-{index:08x}",
            "Dial",
            f"SIP/trunk/{digits},60",
            clock_text(setup),
            clock_text(start) if seconds else "",
            clock_text(end),
            ringing + seconds,
            seconds,
            "ANSWERED" if seconds else "NO ANSWER",
            "DOCUMENTATION",
        ]


def clock_text(moment: datetime) -> str:
    """Return the local time as Asterisk writes it."""
    return f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M:%S}"


def main() -> None:
    """Write both files."""
    random = Random(SEED)  # noqa: S311  sample calls, nothing secret
    calls = drawn_calls(random)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(generic_rows(calls))
    (EXAMPLES / "calls-six-months.csv").write_text(text.getvalue(), "ascii")
    last = [call for call in calls if call[0].date() >= MONTHS[-2]]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerows(asterisk_rows(last, random))
    (EXAMPLES / "Master.csv").write_text(text.getvalue(), "ascii")
    print(f"{len(calls)} calls, {len(last)} of them in Master.csv")


if __name__ == "__main__":
    main()
