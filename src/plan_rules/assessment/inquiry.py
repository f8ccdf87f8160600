"""The rules of a catalog, asked about one customer: what they may have, what bills become.

Everything that does not depend on a plan is found once, when the inquiry is made.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from plan_rules.assessment.adjusting import WHOLE_CYCLE, Adjusted, adjust
from plan_rules.assessment.coverage import CountryCoverage
from plan_rules.assessment.eligibility import OPEN, Eligibility, eligibility_of
from plan_rules.assessment.eu_rates import classes_in_eea
from plan_rules.assessment.facts import (
    facts_of_bill,
    facts_of_customer,
    facts_of_plan,
    facts_of_usage,
)
from plan_rules.assessment.history import History
from plan_rules.catalog.catalog import Catalog
from plan_rules.catalog.vocabulary import FactName
from plan_rules.rating.bill import Bill
from plan_rules.rules.decision import Engine, decide
from plan_rules.rules.effect import Base
from plan_rules.rules.engines import engine_for
from plan_rules.rules.fact import AS_OF, Facts, Stage
from plan_rules.tariff.book import PlanTariff, TariffBook
from plan_rules.tariff.compiling import tariff_book
from plan_rules.usage.customer import Customer

MEMO = "rule-engine"


def rule_engine(catalog: Catalog) -> Engine:
    """Return the engine that decides the rules of a catalog, made at the first call only."""
    known = catalog.memo.get(MEMO)
    if known is None:
        known = catalog.memo[MEMO] = engine_for(catalog.rules)
    return known  # type: ignore[return-value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """One customer and the rules: `codes` are the facts of the customer and their usage.

    `eea` are the classes of calls to EEA states abroad, where a rule asks about them.
    """

    catalog: Catalog
    book: TariffBook
    engine: Engine
    customer: Customer
    codes: Mapping[str, int]
    eea: frozenset[int] = frozenset()

    @classmethod
    def of(
        cls,
        *,
        catalog: Catalog,
        customer: Customer,
        as_of: date,
        history: History | None = None,
        engine: Engine | None = None,
    ) -> Inquiry:
        """Return the inquiry about a customer on `as_of`, with or without a history of calls.

        `engine` decides in place of the catalog's own. Raises, by the fact's name, for facts of
        the customer that the catalog does not declare, that are missing, or out of range.
        """
        book = tariff_book(catalog)
        codes: dict[str, int] = {}
        eea: frozenset[int] = frozenset()
        if catalog.rules.rules:
            codes |= facts_of_customer(catalog, customer, as_of=as_of)
            codes |= facts_of_usage(catalog, book, history)
            if FactName.HIGHEST_RATE_EU in catalog.rules.facts_read:
                eea = classes_in_eea(book, home=customer.home)
        return cls(
            catalog=catalog,
            book=book,
            engine=engine or rule_engine(catalog),
            customer=customer,
            codes=codes,
            eea=eea,
        )

    def facts(
        self, tariff: PlanTariff, *, on: date, coverage: Iterable[CountryCoverage] = ()
    ) -> Facts:
        """Return all that the eligibility rules may know of a plan on a day."""
        plan = facts_of_plan(
            self.catalog,
            self.book,
            tariff,
            customer=self.customer,
            on=on,
            coverage=coverage,
            eea=self.eea,
        )
        return self._within({**self.codes, **plan, AS_OF: on.toordinal()})

    def eligibility(
        self, tariff: PlanTariff, *, on: date, coverage: Iterable[CountryCoverage] = ()
    ) -> Eligibility:
        """Return whether and how the customer may have a plan on a day."""
        rules = self.catalog.rules
        if not rules.rules:
            return OPEN
        facts = self.facts(tariff, on=on, coverage=coverage)
        return eligibility_of(
            decide(rules=rules, engine=self.engine, stage=Stage.ELIGIBILITY, facts=facts)
        )

    def billing_rules(self, on: date) -> tuple[int, ...]:
        """Return the indexes of the billing rules whose dates hold a day."""
        return tuple(
            index
            for index, rule in enumerate(self.catalog.rules)
            if rule.stage is Stage.BILLING and on in rule.valid
        )

    def adjusted(
        self,
        bill: Bill,
        eligibility: Eligibility,
        *,
        on: date,
        share: Fraction = WHOLE_CYCLE,
        bases: Container[Base] = tuple(Base),
    ) -> Adjusted:
        """Return a bill with the adjustments of the billing rules that hold on a day.

        `eligibility` is the answer about the bill's plan: its facts and tags hold for the bill.
        `share` is how much of a cycle the bill is for; only adjustments of `bases` are made.
        """
        decided = eligibility.decision
        if decided is None:
            return Adjusted(bill=bill)
        billed = {**facts_of_bill(bill), AS_OF: on.toordinal()}
        known = self._within({**decided.facts.codes, **billed})
        decision = decide(
            rules=self.catalog.rules, engine=self.engine, stage=Stage.BILLING, facts=known
        )
        return adjust(bill, decision, share=share, bases=bases)

    def _within(self, codes: Mapping[str, int]) -> Facts:
        """Return facts whose computed codes lie in their ranges: the largest stands for more."""
        vocabulary = self.catalog.rules.vocabulary
        return Facts({name: vocabulary[name].nearest(code) for name, code in codes.items()})
