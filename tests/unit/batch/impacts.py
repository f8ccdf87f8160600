"""Comparisons of generated catalogs, and what the readable engine says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date
from fractions import Fraction

import pyarrow as pa
from hypothesis import strategies as st

from plan_rules.batch.impact.comparing import Impact, compare_catalogs
from plan_rules.catalog import Catalog
from plan_rules.money import RoundingMode, round_ratio
from plan_rules.periods import cycle_at, cycles_between
from plan_rules.rating import CycleInputs, billing_anchor, place_calls, rate_cycle
from plan_rules.tariff import tariff_book
from plan_rules.testing import calls, catalogs
from plan_rules.usage import Call, Customer

ON = date(2026, 4, 1)
ZONES = ("America/New_York", "Pacific/Auckland", "UTC")
ANCHORS = (date(2026, 1, 31), date(2024, 2, 29), date(1999, 1, 15))
PLANS = ("", "plan-0", "plan-1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Two catalogs, customers on plans of either or of none, and the calls of each."""

    old: Catalog
    new: Catalog
    who: tuple[Customer, ...]
    made: tuple[tuple[Call, ...], ...]

    def some(self, kept: Sequence[int]) -> Case:
        """The same with some of the customers."""
        return Case(
            old=self.old,
            new=self.new,
            who=tuple(self.who[at] for at in kept),
            made=tuple(self.made[at] for at in kept),
        )

    def swapped(self) -> Case:
        """The same backwards."""
        return Case(old=self.new, new=self.old, who=self.who, made=self.made)

    def impact(self, *, top: int = 2, threads: int = 1) -> Impact:
        """What the comparison says."""
        return compare_catalogs(
            old=self.old,
            new=self.new,
            calls=calls_table(self.made),
            customers=customers_table(self.who),
            as_of=ON,
            top=top,
            threads=threads,
        )


@st.composite
def cases(draw: st.DrawFn, *, taxed: bool = True) -> Case:
    old, new = (draw(catalogs(max_plans=2, taxed=taxed and draw(st.booleans()))) for _ in range(2))
    known = {"", *old.plans, *new.plans}
    people = st.builds(
        Customer,
        id=st.just("generated"),
        home=st.just("US"),
        zone=st.sampled_from(ZONES),
        anchor=st.sampled_from(ANCHORS),
        plan=st.sampled_from([plan for plan in PLANS if plan in known]),
        chosen_country=st.sampled_from(["", "MX", "GB"]),
    )
    who = tuple(draw(st.lists(people, min_size=1, max_size=4)))
    return Case(old=old, new=new, who=who, made=tuple(tuple(draw(calls())) for _ in who))


def customers_table(who: Sequence[Customer]) -> pa.Table:
    return pa.table(
        {
            "customer_id": pa.array(range(len(who)), pa.int64()),
            "home": pa.array([each.home for each in who], pa.string()),
            "zone": pa.array([each.zone for each in who], pa.string()),
            "anchor": pa.array([each.anchor for each in who], pa.date32()),
            "plan": pa.array([each.plan for each in who], pa.string()),
            "chosen_country": pa.array([each.chosen_country for each in who], pa.string()),
        }
    )


def calls_table(made: Sequence[Sequence[Call]]) -> pa.Table:
    rows = [(at, call) for at, calls in enumerate(made) for call in calls]
    starts = [call.start.astimezone(UTC) for _, call in rows]
    return pa.table(
        {
            "customer_id": pa.array([at for at, _ in rows], pa.int64()),
            "start": pa.array(starts, pa.timestamp("s", "UTC")),
            "number": pa.array([int(call.number[1:]) for _, call in rows], pa.int64()),
            "seconds": pa.array([call.seconds for _, call in rows], pa.int32()),
        }
    )


def readable(catalog: Catalog, who: Customer, made: Sequence[Call]) -> tuple[int, int, int]:
    """How many bills a customer has on their plan, their sum, and their month, in micros."""
    book = tariff_book(catalog)
    tariff = book.plan(who.plan)
    anchor, length = billing_anchor(tariff, who.anchor), tariff.plan.billing.length
    placed = place_calls(book, made, zone=who.zone, values_on=ON)
    days = [each.day for each in placed] or [ON]
    first, last = (cycle_at(day, anchor=anchor, length=length) for day in (min(days), max(days)))
    totals = [
        rate_cycle(
            book,
            tariff,
            cycle=cycle,
            placed=tuple(each for each in placed if each.day in cycle),
            inputs=CycleInputs(chosen=who.chosen_country),
            terms_on=ON,
        ).total_micros
        for cycle in cycles_between(first.start, last.end, anchor=anchor, length=length)
    ]
    month = Fraction(sum(totals), len(totals)) * Fraction(*length.cycles_per_year) / 12
    rounded = round_ratio(
        numerator=month.numerator, denominator=month.denominator, mode=RoundingMode.HALF_UP
    )
    return len(totals), sum(totals), rounded
