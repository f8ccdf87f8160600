"""Numbers looked up per second: one search in a sorted interval table, beside a dictionary walk."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable

from plan_rules.destinations import Destination, NumberingPlan

COUNT, REPEATS = 200_000, 5


def numbers(plan: NumberingPlan) -> list[str]:
    chance = random.Random(1)  # noqa: S311  a benchmark's input
    prefixes = sorted(plan.prefixes)
    return [
        "+" + (chance.choice(prefixes) + f"{chance.randrange(10**8):08d}")[:12]
        for _ in range(COUNT)
    ]


def walked(plan: NumberingPlan, number: str) -> Destination | None:
    digits = number[1:]
    while digits:
        found = plan.prefixes.get(digits)
        if found is not None:
            return found
        digits = digits[:-1]
    return None


def clocked(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    start = time.process_time()
    plan = NumberingPlan.standard()
    intervals = len(plan.starts)
    loading = time.process_time() - start
    dialed = numbers(plan)
    if [plan.lookup(each) for each in dialed] != [walked(plan, each) for each in dialed]:
        message = "the two ways do not agree; there is nothing to compare"
        raise SystemExit(message)
    pairs = [
        (
            clocked(lambda: [plan.lookup(each) for each in dialed]),
            clocked(lambda: [walked(plan, each) for each in dialed]),
        )
        for _ in range(REPEATS)
    ]
    mine, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(
        f"{len(plan.prefixes)} prefixes, {intervals} intervals, loaded in {loading * 1000:.0f} ms"
    )
    print(f"{'interval table':<20}{COUNT / mine / 1e6:>8.2f} million numbers per CPU-second")
    print(f"{'dictionary walk':<20}{COUNT / other / 1e6:>8.2f} million numbers per CPU-second")
    print(f"{'ratio':<20}{statistics.median(b / a for a, b in pairs):>8.2f} x")


if __name__ == "__main__":
    main()
