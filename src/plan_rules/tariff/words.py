"""What the selectors of one plan hold at one time, asked once for all numbers they hold alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from plan_rules.catalog.allowance import Allowance, InsidePrice
from plan_rules.catalog.plan import Plan, Restriction, RestrictionKind, Surcharge
from plan_rules.destinations.selector import Selector, SelectorKind
from plan_rules.tariff.matching import specificity
from plan_rules.tariff.survey import Survey

HELD = "1"

Sign = str
"""For each set of numbers that a plan names, in the order of its words: `1` if held, or `0`."""

Rank = tuple[int, ...]
"""How specifically something is named; smaller is more specific."""

Levels = tuple[tuple[Rank, int], ...]
"""Places in a sign, most specific first."""


class Included(NamedTuple):
    """An allowance as it serves some numbers, and the price inside it.

    With `chosen` it serves only the country the customer chose.
    """

    allowance: Allowance
    rank: Rank
    chosen: bool
    price: int


class _Signs:
    """Sets of numbers, each with its place in a sign."""

    def __init__(self, survey: Survey, epoch: int) -> None:
        self._survey = survey
        self._atlas = survey.atlas(epoch)
        self._rows: list[str] = []

    def place(self, selectors: Iterable[Selector]) -> int:
        """Return the place that tells whether any of some selectors holds."""
        return self._add(self._atlas.reached(selectors))

    def levels(self, selectors: Iterable[Selector], *, chosen: bool = False) -> Levels:
        """Return the places that tell how specifically some selectors hold.

        If it is `chosen` that is asked about, it holds whatever the country.
        """
        masks: dict[Rank, int] = {}
        for each in selectors:
            rank = specificity(each)
            masks[rank] = masks.get(rank, 0) | self._mask(each, chosen=chosen)
        return tuple((rank, self._add(masks[rank])) for rank in sorted(masks))

    def prices(self, prices: Sequence[InsidePrice]) -> tuple[tuple[int, int], ...]:
        """Return the price and the place of prices inside an allowance, most specific first."""
        ordered = sorted(prices, key=lambda each: specificity(each.selector))
        return tuple((each.price, self.place([each.selector])) for each in ordered)

    def all(self) -> list[Sign]:
        """Return the sign of each bit, the last of numbers that lead nowhere."""
        if not self._rows:
            return [""] * len(self._survey.held(0))
        return list(map("".join, zip(*self._rows, strict=True)))

    def _mask(self, selector: Selector, *, chosen: bool) -> int:
        world = self._atlas.world
        if chosen and selector.kind is SelectorKind.CHOSEN:
            return world.ordinary
        if chosen and selector.kind is SelectorKind.CHOSEN_LINE and selector.line is not None:
            return world.lines[selector.line]
        return self._atlas.reached([selector])

    def _add(self, mask: int) -> int:
        self._rows.append(self._survey.held(mask))
        return len(self._rows) - 1


class PlanWords:
    """Restrictions, coverage, surcharges, volumes and allowances of a plan, by sign.

    `signs` has the sign of each bit of the world of zones and plans.
    """

    def __init__(self, plan: Plan, survey: Survey, epoch: int) -> None:
        """Find what each of them holds in an epoch."""
        signs = _Signs(survey, epoch)
        self._restrictions = [
            (each, signs.place(each.to))
            for each in plan.restrictions
            if each.kind is not RestrictionKind.ADVISE
        ]
        self._coverage = -1 if plan.coverage is None else signs.place(plan.coverage)
        self._surcharges = [(each, signs.place(each.to)) for each in plan.surcharges]
        self._volumes = [(each.id, signs.levels(each.to)) for each in plan.volumes]
        self._choosable = signs.place(plan.choose_from) if plan.choose_from else -1
        self._allowances = [
            (
                each,
                signs.levels(each.to),
                signs.levels(each.to, chosen=True) if plan.choose_from else (),
                signs.place(each.without),
                signs.prices(each.prices),
            )
            for each in plan.allowances
        ]
        self.signs = signs.all()

    def refusal(self, sign: Sign) -> Restriction | None:
        """Return the first restriction that refuses calls."""
        for each, place in self._restrictions:
            if (sign[place] == HELD) is (each.kind is RestrictionKind.BLOCK):
                return each
        return None

    def is_outside(self, sign: Sign) -> bool:
        """Whether numbers lie outside of the plan's coverage."""
        return self._coverage >= 0 and sign[self._coverage] != HELD

    def surcharges(self, sign: Sign) -> list[Surcharge]:
        """Return the surcharges on calls, in the order they are written."""
        return [each for each, place in self._surcharges if sign[place] == HELD]

    def volume(self, signs: Sequence[Sign]) -> int:
        """Return the index of the volume that counts numbers of these readings, or -1."""
        found = [
            (rank, name, index)
            for index, (name, levels) in enumerate(self._volumes)
            if (rank := _rank(levels, signs)) is not None
        ]
        return min(found)[2] if found else -1

    def included(self, signs: Sequence[Sign]) -> list[Included]:
        """Return the allowances that serve numbers of these readings, in the order written."""
        found: list[Included] = []
        for allowance, levels, if_chosen, without, prices in self._allowances:
            if any(sign[without] == HELD for sign in signs):
                continue
            rank, chosen = _rank(levels, signs), False
            if rank is None and all(sign[self._choosable] == HELD for sign in signs):
                rank, chosen = _rank(if_chosen, signs), True
            if rank is not None:
                inside = [
                    next((price for price, place in prices if sign[place] == HELD), 0)
                    for sign in signs
                ]
                found.append(Included(allowance, rank, chosen, max(inside)))
        return found


def _rank(levels: Levels, signs: Sequence[Sign]) -> Rank | None:
    """Return how specifically *every* reading of a number is named, or `None`."""
    worst: Rank = ()
    for sign in signs:
        rank = next((rank for rank, place in levels if sign[place] == HELD), None)
        if rank is None:
            return None
        worst = max(worst, rank)
    return worst
