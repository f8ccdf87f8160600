"""How allowances are carried over a switch: what the rest of the cycle includes, and its use.

Every plan of a cycle includes its allowance for the share of the cycle that it held, and the
counter of use goes on. An earlier allowance is continued by one of the new plan: by itself if
the customer comes back to it, else by the one that shares the most destinations with it and
counts the same unit. What none continues rests, and is found again by a later switch.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from plan_rules.catalog.allowance import Reset
from plan_rules.catalog.plan import AllowanceMode
from plan_rules.money import RoundingMode
from plan_rules.switching.counter import Counter, Spent
from plan_rules.tariff.book import Maker, MakerKind, PlanTariff, TariffBook
from plan_rules.tariff.meters import UNLIMITED


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reach:
    """One allowance of a plan, and the classes of destinations it serves."""

    allowance: str
    country: str
    meter: int
    classes: frozenset[int]


def fresh_counters(
    book: TariffBook,
    plan_id: str,
    *,
    on: date,
    share: Fraction = Fraction(1),
    mode: AllowanceMode = AllowanceMode.PRORATED,
    rounding: RoundingMode = RoundingMode.DOWN,
) -> tuple[Counter, ...]:
    """Return the unused counters of a plan for a cycle, or for the `share` of it that is left."""
    tariff = book.plan(plan_id)
    limits = tariff.terms[book.epoch_index(on)].limits
    part = share if mode is AllowanceMode.PRORATED else Fraction(1)
    return tuple(
        Counter(
            allowance=maker.id,
            country=tariff.meters[meter].country,
            unit=tariff.meters[meter].kind,
            full=None if limits[meter] >= UNLIMITED else limits[meter],
            share=part,
            rounding=rounding,
        )
        for meter, maker in allowance_meters(tariff)
    )


def spent_of(
    plan_id: str, counters: Iterable[Counter], *, share: Fraction, chosen: str = ""
) -> tuple[Spent, ...]:
    """Return what a plan's counters come to when it ends with `share` of the cycle left."""
    found = []
    for each in counters:
        used = each.used - each.carried
        if used or (each.full and each.share > share):
            found.append(
                Spent(
                    plan_id=plan_id,
                    allowance=each.allowance,
                    country=each.country,
                    unit=each.unit,
                    full=each.full,
                    begin=each.share,
                    end=min(share, each.share),
                    used=used,
                    chosen=chosen,
                )
            )
    return tuple(found)


def cut_back(spent: Iterable[Spent], *, share: Fraction) -> tuple[Spent, ...]:
    """Return what earlier plans spent, ended at the latest where `share` of the cycle was left.

    That changes something only where a plan is dated back: it takes their later days.
    """
    return tuple(replace(each, end=max(each.end, min(each.begin, share))) for each in spent)


def carried_counters(
    book: TariffBook,
    plan_id: str,
    *,
    on: date,
    share: Fraction,
    chosen: str,
    spent: Iterable[Spent],
    mode: AllowanceMode,
    rounding: RoundingMode = RoundingMode.DOWN,
) -> tuple[Counter, ...]:
    """Return a plan's counters when it begins with `share` of the cycle left.

    Use that an unlimited allowance served counts against no limit. `mode` is what the plan says
    of its allowances: `prorated` by the share, `full` all of them with the use carried, `reset`
    all of them and nothing carried, `sum` all of them on top of those before.
    """
    counters = list(fresh_counters(book, plan_id, on=on, share=share, mode=mode, rounding=rounding))
    if mode is AllowanceMode.RESET:
        return tuple(counters)
    new = _reaches(book, plan_id, on=on, chosen=chosen)
    known: dict[tuple[str, str], dict[tuple[str, str], _Reach]] = {}
    for each in spent:
        before = (each.plan_id, each.chosen)
        if before not in known:
            old = _reaches(book, each.plan_id, on=on, chosen=each.chosen)
            known[before] = {(one.allowance, one.country): one for one in old}
        reach = known[before].get((each.allowance, each.country))
        place = _continued_by(each, reach, plan_id, new, counters)
        included = each.included(before=share)
        if place is None or included is None:
            continue
        counter = counters[place]
        adds = Fraction(0) if mode is AllowanceMode.FULL or counter.full is None else included
        counters[place] = replace(
            counter,
            before=counter.before + adds,
            carried=counter.carried + each.used,
            used=counter.used + each.used,
        )
    return tuple(counters)


def _continued_by(
    spent: Spent,
    reach: _Reach | None,
    plan_id: str,
    new: tuple[_Reach, ...],
    counters: list[Counter],
) -> int | None:
    """Return the place of the new allowance that goes on from an earlier one, if one does."""
    same = [
        place
        for place, each in enumerate(new)
        if spent.plan_id == plan_id
        and (each.allowance, each.country) == (spent.allowance, spent.country)
    ]
    if same:
        return same[0]
    if reach is None:
        return None
    shared = [
        (len(each.classes & reach.classes), -place)
        for place, each in enumerate(new)
        if counters[place].unit is spent.unit
    ]
    best, place = max(shared, default=(0, 0))
    return -place if best else None


def allowance_meters(tariff: PlanTariff) -> list[tuple[int, Maker]]:
    """Return the meter that counts each allowance: the first of its maker and country."""
    found: dict[tuple[int, str], int] = {}
    for index, spec in enumerate(tariff.meters):
        if tariff.makers[spec.maker].kind is MakerKind.ALLOWANCE and spec.resets is Reset.CYCLE:
            found.setdefault((spec.maker, spec.country), index)
    return [(meter, tariff.makers[maker]) for (maker, _), meter in found.items()]


def _reaches(book: TariffBook, plan_id: str, *, on: date, chosen: str) -> tuple[_Reach, ...]:
    """Return where each allowance of a plan holds; of one that is chosen, the chosen country."""
    if plan_id not in book.plans:
        return ()
    tariff = book.plan(plan_id)
    of_chosen = frozenset(
        place.class_index
        for place in book.places
        if place.destination is not None and place.destination.country == chosen
    )
    classes: dict[int, set[int]] = {}
    for index, chain in enumerate(tariff.terms[book.epoch_index(on)].chains):
        for use in chain:
            if not use.chosen or index in of_chosen:
                classes.setdefault(use.meter, set()).add(index)
    return tuple(
        _Reach(
            allowance=maker.id,
            country=tariff.meters[meter].country,
            meter=meter,
            classes=frozenset(classes.get(meter, ())),
        )
        for meter, maker in allowance_meters(tariff)
    )
