"""The rules of a catalog laid out for many customers: immutable, picklable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.compiled import wide
from plan_rules.batch.laying import BeyondBatch
from plan_rules.batch.rules.amounts import Amounts
from plan_rules.batch.rules.intervals import Intervals, literals_in
from plan_rules.batch.rules.needs import Needs, deciding_rules
from plan_rules.batch.rules.places import PlaceFacts
from plan_rules.batch.rules.plans import PlanFacts, cutting_days
from plan_rules.batch.rules.stretches import Stretches
from plan_rules.catalog.catalog import Catalog
from plan_rules.catalog.vocabulary import FactName
from plan_rules.rules.fact import AS_OF, TAGS
from plan_rules.rules.literal import Literal
from plan_rules.rules.normal import normal_forms
from plan_rules.rules.rule import RuleSet
from plan_rules.tariff.book import TariffBook

BILL_FACTS = (
    FactName.BILL_TOTAL,
    FactName.BILL_USAGE,
    FactName.BILL_FEE,
    FactName.BILL_CALLS,
    FactName.BILL_MINUTES,
    FactName.BILL_PAID_MINUTES,
    FactName.BILL_MISSED_CALLS,
)
"""The facts of a bill, in the order in which kernels have them."""

OF_TOTAL, OF_USAGE, OF_FEE, OF_CALLS, OF_MINUTES, OF_PAID_MINUTES = map(wide, range(6))
"""The places of these facts, as kernels compare them; what is left are missed calls."""

CELL_FACTS = (FactName.IS_CURRENT, FactName.UNCOVERED_SHARE, FactName.INCLUDED_SHARE)
"""The facts that depend on both the customer and the plan, in the order of a key's digits."""

CUT_FACT, CUT_BEGIN, CUT_END, CUT_WORTH = 0, 1, 2, 3
CUT_COLUMNS = 4

PLAN = "plan."
BILL = "bill."
MOST_KEYS = 2**40
"""Kinds of bills, or of customers' ways with a plan, that rules may tell apart."""


class BillCuts(NamedTuple):
    """The intervals of those facts of a bill that rules tell values apart of.

    A kind of bill is a number, one of `kinds`, with a digit for each of them: the interval that
    the fact lies in. `flat` has how many facts there are, then for each its place among
    `BILL_FACTS`, where its cuts begin and end, and what its digit is worth, and then the cuts.
    """

    flat: NDArray[np.int64]
    kinds: int

    def digits(self, kind: NDArray[np.int64]) -> dict[int, NDArray[np.int64]]:
        """Return the interval of each fact in some kinds, by its place among `BILL_FACTS`."""
        facts = self.flat[1 : 1 + CUT_COLUMNS * self.flat[0]].reshape(-1, CUT_COLUMNS).tolist()
        return {fact: kind // worth % (end - begin + 1) for fact, begin, end, worth in facts}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RuleBook:
    """The rules that decide something in a batch, and all they ask that no customer changes.

    `rules` are those of the catalog that exclude, deny intro prices or adjust bills, and those
    whose tags they read. `subject` are the facts that a customer on a day has, whatever the plan
    is, and `literals` what is asked of them. `cells` are the intervals of `CELL_FACTS`, `bills`
    those of `BILL_FACTS`. `home_code` gives the code of each country.
    """

    rules: RuleSet
    needs: Needs
    subject: tuple[str, ...]
    literals: tuple[Literal, ...]
    stretches: Stretches
    plans: PlanFacts
    plan_codes: NDArray[np.int64]
    cells: tuple[Intervals, ...]
    bills: tuple[Intervals, ...]
    cuts: BillCuts
    amounts: Amounts
    places: PlaceFacts | None = None

    @classmethod
    def of(
        cls, catalog: Catalog, book: TariffBook, *, places: PlaceFacts | None = None
    ) -> RuleBook | None:
        """Return the rules of a catalog, or `None` if none of them decides anything.

        `places` are what facts of usage see of the places of the book. Raises `BeyondBatch` for
        rules that tell too many bills apart.
        """
        rules = deciding_rules(catalog.rules)
        if not rules.rules:
            return None
        read = rules.facts_read
        vocabulary = rules.vocabulary
        forms = normal_forms(rules)
        literals = literals_in(forms)
        stretches = Stretches.of(forms, cutting_days(catalog, book, read))
        subject = tuple(
            name
            for name in sorted(read)
            if not name.startswith((PLAN, BILL)) and name not in {AS_OF, TAGS}
        )
        cells = tuple(Intervals.of(vocabulary[name], literals) for name in CELL_FACTS)
        bills = tuple(Intervals.of(vocabulary[name], literals) for name in BILL_FACTS)
        return cls(
            rules=rules,
            needs=Needs.of(rules),
            subject=subject,
            literals=tuple(each for each in literals if each.fact in subject),
            stretches=stretches,
            plans=PlanFacts.of(catalog, book, read=read, stretches=stretches),
            plan_codes=np.array(
                [vocabulary[FactName.PLAN].word_code(plan) for plan in book.plans], np.int64
            ),
            cells=cells,
            bills=bills,
            cuts=_cuts(bills),
            amounts=Amounts.of(catalog, rules),
            places=places,
        )


def _cuts(bills: tuple[Intervals, ...]) -> BillCuts:
    told = [(fact, each) for fact, each in enumerate(bills) if len(each) > 1]
    header: list[int] = [len(told)]
    at, worth = 1 + CUT_COLUMNS * len(told), 1
    for fact, each in told:
        header += [fact, at, at + len(each.cuts), worth]
        at += len(each.cuts)
        worth *= len(each)
    if worth > MOST_KEYS:
        raise BeyondBatch(name="rules", value=worth, expected=f"at most {MOST_KEYS} kinds of bills")
    cuts = [each.cuts for _, each in told]
    return BillCuts(flat=np.concatenate([np.array(header, np.int64), *cuts]), kinds=worth)
