"""Sheets of facts decided per CPU-second: 30 rules by each of our engines and by others.

All are given the same rules over the same facts, every fact known and none of them tags, for most
of the others know nothing like it. Answers are compared before any time is taken. Those that are
not installed (`pip install --group rivals`) are left out with a line that says so.
"""

from __future__ import annotations

import gc
import json
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from plan_rules.rules.columns import Column, Columns, Firings
from plan_rules.rules.condition import All, AnyOf, Comparison, Condition, Operator
from plan_rules.rules.decision import Engine
from plan_rules.rules.durable import DurableRules
from plan_rules.rules.effect import Note
from plan_rules.rules.fact import Facts, FactSpec, FactType, Stage, Vocabulary
from plan_rules.rules.interpreter import Interpreter
from plan_rules.rules.rule import Rule, RuleSet

RULES, SHEETS, ROWS, REPEATS, SECONDS = 30, 2_000, 2_000_000, 7, 0.3
COUNTRIES = (
    *("MX", "US", "GB", "DE", "CU", "FR", "IN", "BR", "NG", "PL"),
    *("KE", "VN", "PH", "CO", "AR", "CL", "PE", "ES", "IT", "PT"),
)
PLANS = ("world", "americas", "europe", "pay", "family", "staff")
NUMBERS = {"age": 90, "tenure": 120, "minutes": 3_000, "calls": 400, "spend": 200_000_000}
FLAGS = ("mobile", "roaming", "student")
WORDED = {"home": COUNTRIES, "called": COUNTRIES, "plan": PLANS}
Sheet = Mapping[str, int | str]
Answers = list[list[int]]


def vocabulary() -> Vocabulary:
    numbers = [
        FactSpec(name=name, type=FactType.INTEGER, meaning=name, high=high, optional=False)
        for name, high in NUMBERS.items()
    ]
    flags = [
        FactSpec(name=name, type=FactType.BOOLEAN, meaning=name, optional=False) for name in FLAGS
    ]
    words = [
        FactSpec(name=name, type=FactType.ENUM, meaning=name, values=values, optional=False)
        for name, values in WORDED.items()
    ]
    return Vocabulary(specs={spec.name: spec for spec in (*numbers, *flags, *words)})


def condition(chance: random.Random, depth: int) -> Condition:
    """Two thirds trees of two or three conditions, one third comparisons of each kind."""
    if depth and chance.random() < 0.8:
        kind = All if chance.random() < 0.75 else AnyOf
        count = chance.choice((2, 2, 3))
        return kind(conditions=tuple(condition(chance, depth - 1) for _ in range(count)))
    form = chance.randrange(5)
    if form == 0:
        return Comparison(fact=chance.choice(FLAGS), operator=Operator.EQ, operands=(1,))
    if form == 1:
        name = chance.choice(tuple(WORDED))
        count = chance.randint(2, 8) if name != "plan" else 2
        codes = chance.sample(range(len(WORDED[name])), count)
        return Comparison(fact=name, operator=Operator.IN, operands=tuple(sorted(codes)))
    if form == 2:
        return Comparison(fact="plan", operator=Operator.EQ, operands=(chance.randrange(6),))
    name = chance.choice(tuple(NUMBERS))
    operator = chance.choice((Operator.GT, Operator.GTE, Operator.LT, Operator.LTE))
    return Comparison(fact=name, operator=operator, operands=(chance.randrange(1, NUMBERS[name]),))


def rule_set(seed: int) -> RuleSet:
    chance = random.Random(seed)  # noqa: S311  a benchmark's input
    rules = tuple(
        Rule(
            id=f"rule-{number}",
            stage=Stage.ELIGIBILITY,
            when=condition(chance, 2),
            effects=(Note(reason="Because."),),
        )
        for number in range(RULES)
    )
    return RuleSet(rules=rules, vocabulary=vocabulary())


def sheets(count: int) -> list[dict[str, int]]:
    chance = random.Random(2)  # noqa: S311  a benchmark's input
    return [
        {spec.name: chance.randint(spec.low, spec.high) for spec in vocabulary()}
        for _ in range(count)
    ]


def worded(codes: Mapping[str, int]) -> dict[str, int | str]:
    return {name: WORDED[name][code] if name in WORDED else code for name, code in codes.items()}


SIGNS = {
    Operator.EQ: "==",
    Operator.LT: "<",
    Operator.LTE: "<=",
    Operator.GT: ">",
    Operator.GTE: ">=",
}


def operand(fact: str, code: int) -> str:
    return f"'{WORDED[fact][code]}'" if fact in WORDED else str(code)


def text(condition: Condition, *, both: str, either: str, name: str = "{}") -> str:
    """The condition in the syntax that Python, zen, rule-engine and CEL nearly share."""
    match condition:
        case Comparison(operator=Operator.IN):
            words = ", ".join(operand(condition.fact, code) for code in condition.operands)
            return f"{name.format(condition.fact)} in [{words}]"
        case Comparison():
            sign = SIGNS[condition.operator]
            value = operand(condition.fact, condition.operands[0])
            return f"{name.format(condition.fact)} {sign} {value}"
        case All() | AnyOf():
            joint = both if isinstance(condition, All) else either
            parts = [
                text(each, both=both, either=either, name=name) for each in condition.conditions
            ]
            return f"({f' {joint} '.join(parts)})"
        case _:
            message = "the rules of this benchmark have no `not`"
            raise ValueError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """What is measured: `ask` decides sheets one after another, `most` sheets in one measure."""

    name: str
    ask: Callable[[int], Answers]
    building: float = 0.0
    most: int = SHEETS


def of_engine(name: str, engine: Engine, rules: RuleSet, given: Sequence[Facts]) -> Contender:
    layer = rules.strata(Stage.ELIGIBILITY)[0]
    fired = engine.fired
    return Contender(
        name=name, ask=lambda count: [sorted(fired(layer, each)) for each in islice(given, count)]
    )


def of_python(rules: RuleSet, given: Sequence[Sheet]) -> Contender:
    lines = ["def ask(facts):", "    found = []"]
    lines += [f"    {spec.name} = facts[{spec.name!r}]" for spec in rules.vocabulary]
    for index, rule in enumerate(rules):
        test = text(rule.when, both="and", either="or")
        lines += [f"    if {test}:", f"        found.append({index})"]
    lines += ["    return found"]
    scope: dict[str, Any] = {}
    exec("\n".join(lines), scope)  # noqa: S102  generated from our own rules
    ask = scope["ask"]
    return Contender(
        name="one generated Python function",
        ask=lambda count: [ask(each) for each in islice(given, count)],
    )


def of_zen(rules: RuleSet, given: Sequence[Sheet]) -> Sequence[Contender]:
    import zen  # noqa: PLC0415  a rival may be missing

    rows = [
        {"_id": str(index), "c": text(rule.when, both="and", either="or"), "o": str(index)}
        for index, rule in enumerate(rules)
    ]
    table = {
        "hitPolicy": "collect",
        "inputs": [{"id": "c", "name": "c", "type": "expression"}],
        "outputs": [{"id": "o", "name": "o", "field": "rule", "type": "expression"}],
        "rules": rows,
    }
    graph = {
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "in"},
            {"id": "t", "type": "decisionTableNode", "name": "t", "content": table},
            {"id": "out", "type": "outputNode", "name": "out"},
        ],
        "edges": [
            {"id": "1", "sourceId": "in", "targetId": "t", "type": "edge"},
            {"id": "2", "sourceId": "t", "targetId": "out", "type": "edge"},
        ],
    }
    decision = zen.ZenEngine().create_decision(json.dumps(graph))
    batch = zen.ZenEngine({"loader": {"type": "static", "content": {"rules": graph}}})
    requests: list[Any] = [{"key": "rules", "context": dict(each)} for each in given]

    def rules_of(found: Any) -> list[int]:
        return [int(each["rule"]) for each in found["result"] or ()]

    def one_by_one(count: int) -> Answers:
        return [rules_of(decision.evaluate(dict(each))) for each in islice(given, count)]

    def at_once(count: int) -> Answers:
        return [rules_of(each["data"]) for each in batch.evaluate_batch(requests[:count])]

    return (
        Contender(name="zen-engine, one by one", ask=one_by_one),
        Contender(name="zen-engine, batch", ask=at_once),
    )


def of_rule_engine(rules: RuleSet, given: Sequence[Sheet]) -> Sequence[Contender]:
    import rule_engine  # noqa: PLC0415  a rival may be missing

    compiled = [rule_engine.Rule(text(rule.when, both="and", either="or")) for rule in rules]

    def ask(count: int) -> Answers:
        return [
            [index for index, rule in enumerate(compiled) if rule.matches(each)]
            for each in islice(given, count)
        ]

    return (Contender(name="rule-engine", ask=ask),)


def of_cel(rules: RuleSet, given: Sequence[Sheet]) -> Sequence[Contender]:
    import celpy  # noqa: PLC0415  a rival may be missing

    environment = celpy.Environment(runner_class=celpy.CompiledRunner)
    programs = [
        environment.program(environment.compile(text(rule.when, both="&&", either="||")))
        for rule in rules
    ]
    values = [
        {
            name: celpy.celtypes.IntType(value)
            if isinstance(value, int)
            else celpy.celtypes.StringType(value)
            for name, value in each.items()
        }
        for each in islice(given, 200)
    ]

    def ask(count: int) -> Answers:
        return [
            [index for index, program in enumerate(programs) if program.evaluate(each)]
            for each in islice(values, count)
        ]

    return (Contender(name="cel-python, compiled runner", ask=ask, most=len(values)),)


def of_business_rules(rules: RuleSet, given: Sequence[Sheet]) -> Sequence[Contender]:
    from business_rules import run_all  # noqa: PLC0415  a rival may be missing
    from business_rules.actions import BaseActions, rule_action  # noqa: PLC0415
    from business_rules.fields import FIELD_NUMERIC  # noqa: PLC0415
    from business_rules.variables import (  # noqa: PLC0415
        BaseVariables,
        numeric_rule_variable,
        string_rule_variable,
    )

    def variable(name: str) -> Any:
        def read(self: Any) -> Any:
            return self.sheet[name]

        read.__name__ = name
        return (string_rule_variable if name in WORDED else numeric_rule_variable)(read)

    def told(self: Any, sheet: Sheet) -> None:
        self.sheet = sheet

    names = {spec.name: variable(spec.name) for spec in rules.vocabulary}
    variables = type("Variables", (BaseVariables,), {"__init__": told, **names})

    def note(self: Any, rule: int) -> None:
        self.found.append(int(rule))

    def begun(self: Any) -> None:
        self.found = []

    noted = rule_action(params={"rule": FIELD_NUMERIC})(note)
    actions = type("Actions", (BaseActions,), {"__init__": begun, "note": noted})
    written = [
        {
            "conditions": for_business_rules(rule.when),
            "actions": [{"name": "note", "params": {"rule": index}}],
        }
        for index, rule in enumerate(rules)
    ]

    def one(sheet: Sheet) -> list[int]:
        asked = actions()
        run_all(written, variables(sheet), asked)
        found: list[int] = asked.found
        return found

    return (
        Contender(
            name="business-rules", ask=lambda count: [one(each) for each in islice(given, count)]
        ),
    )


BUSINESS = {
    Operator.EQ: "equal_to",
    Operator.LT: "less_than",
    Operator.LTE: "less_than_or_equal_to",
    Operator.GT: "greater_than",
    Operator.GTE: "greater_than_or_equal_to",
}


def for_business_rules(condition: Condition) -> dict[str, Any]:
    match condition:
        case Comparison():
            words = WORDED.get(condition.fact)
            operator = BUSINESS.get(condition.operator, "equal_to")
            each = [
                {
                    "name": condition.fact,
                    "operator": operator,
                    "value": words[code] if words else code,
                }
                for code in condition.operands
            ]
            return {"any": each} if condition.operator is Operator.IN else each[0]
        case All() | AnyOf():
            key = "all" if isinstance(condition, All) else "any"
            return {key: [for_business_rules(each) for each in condition.conditions]}
        case _:
            message = "the rules of this benchmark have no `not`"
            raise ValueError(message)


def clocked(work: Callable[[], object]) -> float:
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start


def measure(contender: Contender) -> Callable[[], float]:
    """Return what measures sheets per CPU-second, each time for a good part of a second."""
    few = min(50, contender.most)
    first = max(clocked(lambda: contender.ask(few)), 1e-6)
    times = max(1, int(SECONDS / (first / few * contender.most)))

    def work() -> None:
        for _ in range(times):
            contender.ask(contender.most)

    return lambda: times * contender.most / clocked(work)


def of_columns(
    rules: RuleSet, codes: list[dict[str, int]], expected: Answers
) -> Callable[[], float]:
    """Compare the answers of columns over `ROWS` rows, and return what measures them."""
    engine = Columns(rules)
    table = {}
    for spec in rules.vocabulary:
        kind = np.int16 if spec.high < 2**15 else np.int64
        column = np.array([each[spec.name] for each in codes], dtype=kind)
        table[spec.name] = Column(codes=np.tile(column, ROWS // len(codes)))

    def work() -> Firings:
        return engine.decide(stage=Stage.ELIGIBILITY, table=table, rows=ROWS)

    firings = work()
    if [sorted(firings.of(row)) for row in range(ROWS - len(codes), ROWS)] != expected:
        message = "columns give other answers; there is nothing to compare"
        raise SystemExit(message)
    return lambda: ROWS / clocked(work)


def contenders(rules: RuleSet, codes: list[dict[str, int]]) -> list[Contender]:
    facts = [Facts(each) for each in codes]
    words = [worded(each) for each in codes]
    found = [
        of_engine("interpreter", Interpreter(rules), rules, facts),
        of_python(rules, words),
    ]
    try:
        found.insert(0, of_engine("durable-rules, ours", DurableRules(rules), rules, facts))
    except ImportError as missing:
        print(f"left out: {missing}")
    for rival in (of_zen, of_rule_engine, of_business_rules, of_cel):
        try:
            found += rival(rules, words)
        except ImportError as missing:
            print(f"left out: {missing}")
    return found


def main() -> None:
    rules, codes = rule_set(7), sheets(SHEETS)
    found = contenders(rules, codes)
    reference = next(each for each in found if each.name == "interpreter")
    expected = reference.ask(SHEETS)
    firing = sum(map(len, expected)) / SHEETS
    print(f"{RULES} rules, {SHEETS} sheets of facts, {firing:.1f} rules fire for a sheet")
    for each in found:
        if each.ask(each.most) != expected[: each.most]:
            message = f"{each.name} gives other answers; there is nothing to compare"
            raise SystemExit(message)
    measures = {f"columns, {ROWS:,} rows": of_columns(rules, codes, expected)}
    measures |= {each.name: measure(each) for each in found}
    print("all answers are equal")
    print(f"{'':<34}{'sheets per CPU-second':>22}{'to ' + reference.name:>18}")
    rounds = [{name: rated() for name, rated in measures.items()} for _ in range(REPEATS)]
    for name in measures:
        middle = statistics.median(each[name] for each in rounds)
        ratio = statistics.median(each[name] / each[reference.name] for each in rounds)
        print(f"{name:<34}{middle:>22,.0f}{ratio:>16,.2f} x")


if __name__ == "__main__":
    main()
