"""Which restriction of a plan bites this customer: allowances used up, calls refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from plan_rules.rating.bill import NO_PRICE, NOT_REACHED, Bill
from plan_rules.rating.charge import Outcome
from plan_rules.tariff.book import Maker


class BiteKind(StrEnum):
    """How a restriction made itself felt."""

    USED_UP = "used-up"
    BLOCKED = "blocked"
    UNCOVERED = "uncovered"
    UNRATED = "unrated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bite:
    """A restriction that bit: in how many `cycles`, and for how many `calls` (0 if not known)."""

    kind: BiteKind
    maker: Maker
    cycles: int
    calls: int


def bites_of(bills: Iterable[Bill]) -> tuple[Bite, ...]:
    """Return every restriction that bit in some cycle, the most cycles first."""
    cycles: dict[tuple[BiteKind, Maker], int] = {}
    calls: dict[tuple[BiteKind, Maker], int] = {}
    for bill in bills:
        here: set[tuple[BiteKind, Maker]] = set()
        for charge in bill.charges:
            if charge.outcome is Outcome.RATED:
                continue
            if charge.reason >= 0:
                maker = bill.tariff.makers[charge.reason]
            else:
                maker = NOT_REACHED if charge.outcome is Outcome.UNCOVERED else NO_PRICE
            key = (BiteKind(charge.outcome.value), maker)
            calls[key] = calls.get(key, 0) + 1
            here.add(key)
        for usage in bill.allowances:
            if usage.limit is not None and usage.used >= usage.limit > 0:
                here.add((BiteKind.USED_UP, usage.maker))
        for key in here:
            cycles[key] = cycles.get(key, 0) + 1
    found = [
        Bite(kind=kind, maker=maker, cycles=count, calls=calls.get((kind, maker), 0))
        for (kind, maker), count in cycles.items()
    ]
    return tuple(sorted(found, key=lambda bite: (-bite.cycles, -bite.calls, bite.maker.id)))
