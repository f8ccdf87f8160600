"""Write the sample calls of docs/examples: six months of one household, from a fixed seed.

Numbers lie in ranges assigned to their kind of line; those of the United States are in the
555-01xx range kept free for fiction. Durations have a heavy tail, most calls fall into
evenings and weekends, and about one in twelve is not answered.
"""

from __future__ import annotations

import csv
import random
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"
ZONE = ZoneInfo("America/New_York")
FAVOURITES = (
    ("+525555500143", 11),
    ("+523312345670", 9),
    ("+525512340987", 4),
    ("+919812300045", 6),
    ("+442079460018", 5),
    ("+447700900123", 3),
    ("+18095550161", 5),
    ("+18295550122", 3),
    ("+12125550143", 4),
    ("+4930901820", 1),
    ("+33199004567", 1),
    ("+573001234567", 1),
)
MONTHS = range(1, 7)


def calls() -> list[tuple[datetime, str, int]]:
    chance = random.Random(20260701)  # noqa: S311  sample data, not a secret
    found = []
    numbers = [number for number, _ in FAVOURITES]
    weights = [weight for _, weight in FAVOURITES]
    for month in MONTHS:
        for _ in range(chance.randint(44, 58)):
            day = datetime(2026, month, chance.randint(1, 28), tzinfo=ZONE)
            late = chance.random() < (0.6 if day.isoweekday() > 5 else 0.75)
            hour = chance.randint(18, 22) if late else chance.randint(9, 17)
            start = day + timedelta(hours=hour, seconds=chance.randint(0, 3599))
            seconds = (
                0 if chance.random() < 0.08 else min(7200, int(chance.lognormvariate(5.6, 1.1)) + 1)
            )
            found.append((start, chance.choices(numbers, weights)[0], seconds))
    return sorted(found)


def main() -> None:
    rows = calls()
    with EXAMPLES.joinpath("calls-six-months.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("start", "number", "seconds"))
        writer.writerows((start.isoformat(), number, seconds) for start, number, seconds in rows)
    with EXAMPLES.joinpath("Master.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
        for start, number, seconds in rows:
            if start.month == MONTHS[-1]:
                writer.writerow(asterisk_row(start, number, seconds))


def asterisk_row(start: datetime, number: str, seconds: int) -> tuple[object, ...]:
    """Return one row as Asterisk's cdr_csv writes it, dialed with the prefix 011."""
    ring = timedelta(seconds=8)
    dialed = number.removeprefix("+") if number.startswith("+1") else "011" + number[1:]
    clock = "%Y-%m-%d %H:%M:%S"
    return (
        "",
        "100",
        dialed,
        "from-internal",
        '"Household" <100>',
        "PJSIP/100-00000001",
        "PJSIP/trunk-00000002",
        "Dial",
        f"PJSIP/{dialed}@trunk,60",
        (start - ring).strftime(clock),
        start.strftime(clock) if seconds else "",
        (start + timedelta(seconds=seconds)).strftime(clock),
        seconds + 8,
        seconds,
        "ANSWERED" if seconds else "NO ANSWER",
        "DOCUMENTATION",
    )


if __name__ == "__main__":
    main()
