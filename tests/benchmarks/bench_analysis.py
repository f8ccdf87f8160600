"""How long the analysis of rules takes: `python -m tests.benchmarks.bench_analysis`.

Rules are drawn, from one seed, over the facts of the sample catalog: one to four conditions, one
rule in four with alternatives, one in ten reading a tag, effects of every kind. What is found is
counted, since a witness has to be told for it and verified.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

from plan_rules.loading.loader import load_catalog
from plan_rules.loading.places import sample_catalog_path
from plan_rules.rules.analysis import analyse
from plan_rules.rules.condition import All, AnyOf, Comparison, Condition, Not, Operator
from plan_rules.rules.effect import (
    Adjust,
    AdjustmentKind,
    Base,
    DenyIntro,
    Effect,
    Exclude,
    Note,
    ProofKind,
    Require,
    SetTag,
    Stack,
    Warn,
)
from plan_rules.rules.fact import TAGS, FactSpec, FactType, Stage, Vocabulary
from plan_rules.rules.rule import Rule, RuleSet

COUNTS = (30, 100, 300, 1_000)
SEED = 20_260_701
LARGEST = 5_000
"""The numbers that conditions compare with."""


def main() -> None:
    """Print a table of seconds and findings by the number of rules."""
    print(f"{'rules':>6} {'cpu s':>8} {'wall s':>8}  found")
    for count in COUNTS:
        rules = drawn_rules(count)
        wall, cpu = time.perf_counter(), time.process_time()
        analysis = analyse(rules=rules)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        found = Counter(each.code.value for each in analysis.findings)
        told = ", ".join(f"{number} {code}" for code, number in sorted(found.items()))
        print(f"{count:>6} {cpu:>8.2f} {wall:>8.2f}  {told}; {len(analysis.left_out)} left out")


def drawn_rules(count: int) -> RuleSet:
    """Return as many rules as asked for, the same ones at every call."""
    catalog = load_catalog(sample_catalog_path())
    chance = random.Random(SEED)  # noqa: S311  a benchmark's input
    declared = [spec for spec in catalog.rules.vocabulary if spec.name != TAGS]
    words = [f"tag-{number}" for number in range(max(3, min(40, count // 20)))]
    tags = FactSpec(
        name=TAGS, type=FactType.SET, values=tuple(words), meaning="Tags.", optional=False
    )
    vocabulary = Vocabulary(specs={spec.name: spec for spec in (*declared, tags)})
    setters = [_setter(chance, declared, tag) for tag in words]
    others = [_rule(chance, declared, words, number) for number in range(count - len(setters))]
    return RuleSet(rules=(*setters, *others), vocabulary=vocabulary)


def _setter(chance: random.Random, specs: list[FactSpec], tag: str) -> Rule:
    facts = [spec for spec in specs if spec.stage is Stage.ELIGIBILITY]
    parts = tuple(_comparison(chance, chance.choice(facts)) for _ in range(2))
    return Rule(
        id=f"sets-{tag}",
        stage=Stage.ELIGIBILITY,
        when=AnyOf(conditions=parts),
        effects=(SetTag(tag=tag),),
    )


def _rule(chance: random.Random, specs: list[FactSpec], tags: list[str], number: int) -> Rule:
    stage = chance.choice([Stage.ELIGIBILITY, Stage.ELIGIBILITY, Stage.BILLING])
    facts = [spec for spec in specs if stage is Stage.BILLING or spec.stage is stage]
    parts = list(_parts(chance, facts))
    if chance.random() < 0.1:
        word = chance.randrange(len(tags))
        parts.append(Comparison(fact=TAGS, operator=Operator.HAS, operands=(word,)))
    return Rule(
        id=f"rule-{number}",
        stage=stage,
        when=All(conditions=tuple(parts)),
        effects=(_effect(chance, stage),),
    )


def _parts(chance: random.Random, facts: list[FactSpec]) -> Iterator[Condition]:
    for _ in range(chance.randint(1, 4)):
        yield _comparison(chance, chance.choice(facts))
    if chance.random() < 0.25:
        branches = tuple(_comparison(chance, chance.choice(facts)) for _ in range(3))
        either = AnyOf(conditions=branches)
        yield Not(condition=either) if chance.random() < 0.3 else either


def _comparison(chance: random.Random, spec: FactSpec) -> Comparison:
    match spec.type:
        case FactType.BOOLEAN:
            return Comparison(
                fact=spec.name, operator=Operator.EQ, operands=(chance.randint(0, 1),)
            )
        case FactType.ENUM:
            size = min(chance.randint(1, 5), len(spec.values))
            words = sorted(chance.sample(range(len(spec.values)), size))
            operator = chance.choice([Operator.IN, Operator.IN, Operator.NOT_IN])
            return Comparison(fact=spec.name, operator=operator, operands=tuple(words))
        case FactType.SET:
            words = sorted({chance.randrange(len(spec.values)) for _ in range(2)})
            operator = chance.choice([Operator.HAS_ANY, Operator.HAS_ALL])
            return Comparison(fact=spec.name, operator=operator, operands=tuple(words))
        case FactType.INTEGER | FactType.MONEY | FactType.DATE:
            code = chance.randint(spec.low, min(spec.high, spec.low + LARGEST))
            operator = chance.choice([Operator.GT, Operator.GTE, Operator.LT, Operator.LTE])
            return Comparison(fact=spec.name, operator=operator, operands=(code,))


def _effect(chance: random.Random, stage: Stage) -> Effect:
    if stage is Stage.BILLING:
        return Adjust(
            kind=chance.choice([*AdjustmentKind, AdjustmentKind.DISCOUNT]),
            on=chance.choice(list(Base)),
            stack=chance.choice(list(Stack)),
            percent=Fraction(chance.randint(1, 30)),
            reason="drawn",
        )
    effects: list[Effect] = [
        Exclude(reason="drawn"),
        Exclude(reason="drawn"),
        Require(kind=ProofKind.CONSENT, id=chance.choice("abc"), reason="drawn"),
        DenyIntro(reason="drawn"),
        Warn(reason=f"drawn {chance.randint(1, 20)}"),
        Note(reason=f"drawn {chance.randint(1, 20)}"),
    ]
    return chance.choice(effects)


if __name__ == "__main__":
    main()
