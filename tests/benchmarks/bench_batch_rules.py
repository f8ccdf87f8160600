"""What rules cost a batch: best plans and bills of the mix of fifty plans, with rules and without.

The rules are those of the sample catalog that ask neither for labels nor for single plans; what
customers are like is drawn so that most bills are adjusted. A few customers are first advised by
`recommend`, too, and have to be advised alike. Times are the least of a few, of the processor.
`python -m tests.benchmarks.bench_batch_rules 1000000` names the calls.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np

from plan_rules.advice import recommend
from plan_rules.batch.book import BatchBook
from plan_rules.batch.columns import CallColumns, CustomerColumns, FactColumns
from plan_rules.batch.pricing import price
from plan_rules.batch.ranking import best
from plan_rules.catalog import Catalog, vocabulary_of
from plan_rules.catalog.catalog import NO_RULES
from plan_rules.catalog.vocabulary import OWN, declared_facts
from plan_rules.loading import load_catalog
from plan_rules.rules.condition import comparisons
from plan_rules.rules.fact import FactType
from plan_rules.rules.rule import RuleSet
from plan_rules.usage.customer import Fact
from tests.benchmarks import mix
from tests.benchmarks.bench_kernel import best_of, read_back

ROOT = Path(__file__).parents[2]
CALLS, SAMPLE = 500_000, 2
AS_OF = date(2026, 4, 1)
OF_ITS_PLANS = {"plan.labels", "plan.id", "usage.minutes-to.americas"}


def ruled(catalog: Catalog) -> Catalog:
    """Return the catalog with those rules of the sample catalog that any plan can be asked."""
    sample = load_catalog(ROOT / "catalog").rules
    rules = tuple(
        rule
        for rule in sample
        if OF_ITS_PLANS.isdisjoint(each.fact for each in comparisons(rule.when))
    )
    known = vocabulary_of(
        plans=catalog.plans.values(), rules=rules, declared=declared_facts(sample)
    )
    return replace(catalog, rules=RuleSet(rules=rules, vocabulary=known))


def known_of(who: CustomerColumns, rules: RuleSet) -> CustomerColumns:
    """Return customers of whom half of all facts are known."""
    chance = np.random.default_rng(5)
    specs = declared_facts(rules)
    shape = (len(specs), len(who))
    codes = np.zeros(shape, np.int64)
    for row, spec in enumerate(specs):
        high = min(spec.high, spec.low + 100_000_000)
        codes[row] = chance.integers(spec.low, high + 1, len(who))
    facts = FactColumns(
        names=tuple(spec.name for spec in specs), codes=codes, known=chance.random(shape) < 0.5
    )
    home = np.zeros(len(who), np.int32)
    return replace(who, homes=("US",), home=home, facts=facts)


def facts_of(who: CustomerColumns, rules: RuleSet, index: int) -> dict[str, Fact]:
    """Return the facts of one customer as a file would have them."""
    assert who.facts is not None
    found: dict[str, Fact] = {}
    for row, spec in enumerate(declared_facts(rules)):
        code = int(who.facts.codes[row, index])
        if not who.facts.known[row, index]:
            continue
        value: Fact = spec.words(code)
        if spec.type is FactType.SET:
            value = tuple(word for bit, word in enumerate(spec.values) if code >> bit & 1)
        elif spec.type is FactType.BOOLEAN:
            value = bool(code)
        elif spec.type is FactType.INTEGER:
            value = code
        found[spec.name.removeprefix(OWN)] = value
    return found


def demand_equal(catalog: Catalog, who: CustomerColumns, calls: CallColumns) -> None:
    """Stop if a customer of the sample is not advised as `recommend` does."""
    some = calls.where(calls.customer < SAMPLE)
    book = BatchBook.of(catalog)
    found = best(book, customers=who.between(0, SAMPLE), calls=some, as_of=AS_OF)
    for index in range(SAMPLE):
        customer, made = read_back(who, some, index)
        told = recommend(
            catalog=catalog,
            calls=made,
            customer=replace(customer, facts=facts_of(who, catalog.rules, index)),
            as_of=AS_OF,
        )
        ranked = [book.plan_ids[plan] for plan in found.order[index] if plan >= 0]
        costs = [int(found.monthly_micros[index, book.plan_ids.index(each)]) for each in ranked]
        if [(each.plan.id, each.monthly.micros) for each in told.options] != list(
            zip(ranked, costs, strict=True)
        ):
            message = f"customer {index} is not advised as `recommend` does"
            raise SystemExit(message)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else CALLS
    catalog = ruled(mix.catalog())
    who, calls = mix.calls(count)
    who = known_of(who, catalog.rules)
    demand_equal(catalog, who, calls)
    print(
        f"{count} calls of {len(who)} customers x {len(catalog.plans)} plans, "
        f"{len(catalog.rules)} rules; load {os.getloadavg()[0]:.1f}"
    )
    books = [BatchBook.of(each) for each in (replace(catalog, rules=NO_RULES), catalog)]

    def ranked(book: BatchBook) -> object:
        return best(book, customers=who, calls=calls, as_of=AS_OF)

    def billed(book: BatchBook) -> object:
        return price(book, customers=who, calls=calls)

    for name, work in (("best plans", ranked), ("bills", billed)):
        plain, asked = (best_of(partial(work, book)) for book in books)
        more = (asked - plain) * 1e6
        print(
            f"{name:12} {plain:.3f} s without rules, {asked:.3f} s with them: {asked / plain:.1f} "
            f"times; {more / len(who):.0f} us a customer, {more / count:.2f} us a call more"
        )


if __name__ == "__main__":
    main()
