"""What durable_rules is kept from: sharing, remembering, leaking, and staying broken."""

from __future__ import annotations

import copy
import gc
import importlib
import os
import pickle
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from plan_rules.rules import durable, shards
from plan_rules.rules.condition import All, AnyOf, Operator
from plan_rules.rules.durable import DurableRules, EngineFailed
from plan_rules.rules.fact import LARGEST, Facts, FactType
from plan_rules.rules.interpreter import Interpreter
from plan_rules.rules.normal import TooManyAlternatives
from plan_rules.rules.rule import RuleSet
from plan_rules.rules.shards import CannotCarry, field_names, name_hash
from tests.unit.rules.sample_rules import MANY, SHEETS, compared, fact, rule_set

try:
    LIBRARY = durable.load()
except ImportError:
    pytest.skip("durable_rules cannot be imported", allow_module_level=True)

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
EVALUATIONS = 1_000_000 if NIGHTLY else 30_000
STATM = Path("/proc/self/statm")
LAYER = MANY.layers[0]
EXPECTED = [Interpreter(MANY).fired(LAYER, facts) for facts in SHEETS]

needs_statm = pytest.mark.skipif(
    not STATM.exists(), reason="the memory of a process is read from /proc, which is Linux's"
)


def resident() -> int:
    """Bytes of memory that the process holds."""
    gc.collect()
    return int(STATM.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Watched:
    """The C module, its live handles counted, and failing now and then if told to.

    `fails` is asked before each call with the name of the function.
    """

    def __init__(self, fails: Callable[[str], None] = lambda _: None) -> None:
        self.live: set[int] = set()
        self.broken: set[int] = set()
        self.error = LIBRARY.error
        self.fails = fails

    def create_ruleset(self, name: str, definition: str) -> int:
        self.fails("create_ruleset")
        handle = LIBRARY.create_ruleset(name, definition)
        self.live.add(handle)
        return handle

    def delete_ruleset(self, handle: int) -> None:
        LIBRARY.delete_ruleset(handle)
        self.live.remove(handle)

    def delete_state(self, handle: int, sid: str | None) -> None:
        LIBRARY.delete_state(handle, sid)

    def assert_fact(self, handle: int, fact: str) -> tuple[int, int]:
        self.fails("assert_fact")
        if handle in self.broken:
            raise self.error("broken")
        return LIBRARY.assert_fact(handle, fact)

    def retract_fact(self, handle: int, fact: str) -> tuple[int, int]:
        self.fails("retract_fact")
        return LIBRARY.retract_fact(handle, fact)

    def start_action_for_state(self, handle: int, state: int) -> tuple[str, str] | None:
        self.fails("start_action_for_state")
        return LIBRARY.start_action_for_state(handle, state)

    def complete_and_start_action(self, handle: int, state: int) -> str | None:
        self.fails("complete_and_start_action")
        return LIBRARY.complete_and_start_action(handle, state)


def watched(
    monkeypatch: pytest.MonkeyPatch, fails: Callable[[str], None] = lambda _: None
) -> tuple[DurableRules, Watched]:
    library = Watched()
    monkeypatch.setattr(durable, "load", lambda: library)
    engine = DurableRules(MANY)
    library.fails = fails
    return engine, library


def answers(engine: DurableRules) -> list[frozenset[int]]:
    return [engine.fired(LAYER, facts) for facts in SHEETS]


class Failing:
    """Gives an error at every so many-th call of a thread, of one function or of any."""

    def __init__(
        self, every: int, name: str = "", error: type[BaseException] | None = None
    ) -> None:
        self.every = every
        self.name = name
        self.error = error or LIBRARY.error
        self.calls = threading.local()

    def __call__(self, name: str) -> None:
        if self.name in {"", name}:
            count = getattr(self.calls, "count", 0) + 1
            self.calls.count = count
            if count % self.every == 0:
                raise self.error("told to")


@pytest.mark.parametrize(
    "name",
    ["assert_fact", "retract_fact", "start_action_for_state", "complete_and_start_action"],
)
def test_an_error_costs_a_session_and_not_the_answer(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, library = watched(monkeypatch, Failing(17, name))
    before = len(library.live)
    for _ in range(20):
        assert answers(engine) == EXPECTED
    gc.collect()
    assert len(library.live) == before


def test_after_an_error_no_session_that_waited_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, library = watched(monkeypatch)
    nested = iter((True, True))

    def asks_again(name: str) -> None:
        if name == "start_action_for_state" and next(nested, None):
            engine.fired(LAYER, SHEETS[1])

    library.fails = asks_again
    engine.fired(LAYER, SHEETS[0])
    assert len(library.live) == 3
    library.broken = set(library.live)
    assert answers(engine) == EXPECTED
    gc.collect()
    assert len(library.live) == 1


def test_an_error_that_stays_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, library = watched(monkeypatch, Failing(1, "start_action_for_state"))
    with pytest.raises(EngineFailed) as failed:
        engine.fired(LAYER, SHEETS[0])
    assert failed.value.why
    library.fails = lambda _: None
    assert answers(engine) == EXPECTED


def test_an_interrupt_passes_through_and_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted = Failing(3, "complete_and_start_action", KeyboardInterrupt)
    engine, library = watched(monkeypatch, interrupted)
    with pytest.raises(KeyboardInterrupt):
        answers(engine)
    library.fails = lambda _: None
    assert answers(engine) == EXPECTED
    gc.collect()
    assert len(library.live) == 1


def test_a_code_it_never_gives_counts_as_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, library = watched(monkeypatch)
    strange = iter([(2, 0)])
    whole = library.assert_fact
    monkeypatch.setattr(library, "assert_fact", lambda *each: next(strange, None) or whole(*each))
    assert answers(engine) == EXPECTED


def test_handles_are_released_with_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, library = watched(monkeypatch)
    assert len(library.live) == 1
    threads = [threading.Thread(target=answers, args=(engine,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= len(library.live) <= 8
    del engine
    threads.clear()
    gc.collect()
    assert library.live == set()


def test_sessions_that_wait_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable, "WAITING", 2)
    engine, library = watched(monkeypatch)
    nested = iter(range(5))

    def asks_again(name: str) -> None:
        if name == "start_action_for_state" and next(nested, None) is not None:
            assert engine.fired(LAYER, SHEETS[1]) == EXPECTED[1]

    library.fails = asks_again
    assert engine.fired(LAYER, SHEETS[0]) == EXPECTED[0]
    gc.collect()
    assert len(library.live) == 2


def test_a_question_within_a_question_has_a_session_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine, library = watched(monkeypatch)
    inner: list[frozenset[int]] = []

    def asks_again(name: str) -> None:
        if name == "complete_and_start_action" and not inner:
            inner.append(frozenset())
            inner[0] = engine.fired(LAYER, SHEETS[3])

    library.fails = asks_again
    assert engine.fired(LAYER, SHEETS[0]) == EXPECTED[0]
    assert inner == [EXPECTED[3]]


@pytest.mark.parametrize("every", [0, 97])
def test_eight_threads_get_the_answers_of_one(every: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also while errors make them rebuild their handles."""
    engine, _ = watched(monkeypatch, Failing(every) if every else lambda _: None)
    wrong: list[object] = []
    done: list[int] = []

    def ask() -> None:
        try:
            for _ in range(60):
                found = answers(engine)
                if found != EXPECTED:
                    wrong.append(found)
                done.append(1)
        except Exception as error:  # noqa: BLE001  told to the thread that asserts
            wrong.append(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert wrong == []
    assert len(done) == 8 * 60


@needs_statm
def test_asking_leaves_nothing_behind() -> None:
    engine = DurableRules(MANY)

    def ask(count: int) -> None:
        for number in range(count):
            engine.fired(LAYER, SHEETS[number % len(SHEETS)])

    ask(5_000)
    before = resident()
    ask(EVALUATIONS)
    growth = resident() - before
    print(f"{EVALUATIONS:,} evaluations: {growth:,} bytes more")  # noqa: T201  shown by -rP
    assert growth < 1_000_000


@needs_statm
def test_building_leaves_nothing_behind() -> None:
    for _ in range(20):
        answers(DurableRules(MANY))
    before = resident()
    for _ in range(200):
        answers(DurableRules(MANY))
    assert resident() - before < 4_000_000


@needs_statm
def test_rebuilding_after_errors_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, _ = watched(monkeypatch, Failing(41))
    for _ in range(20):
        assert answers(engine) == EXPECTED
    before = resident()
    for _ in range(100):
        assert answers(engine) == EXPECTED
    assert resident() - before < 4_000_000


def test_an_engine_can_be_sent_elsewhere_and_copied() -> None:
    engine = DurableRules(MANY)
    for again in (
        pickle.loads(pickle.dumps(engine)),  # noqa: S301  our own bytes
        copy.copy(engine),
        copy.deepcopy(engine),
    ):
        assert answers(again) == EXPECTED
    assert answers(engine) == EXPECTED


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_decides_and_so_does_its_parent() -> None:
    engine = DurableRules(MANY)
    assert answers(engine) == EXPECTED
    child = os.fork()
    if not child:  # pragma: no cover  in another process
        right = answers(engine) == EXPECTED
        del engine
        gc.collect()
        os._exit(0 if right else 1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert answers(engine) == EXPECTED


def wide(width: int) -> RuleSet:
    names = [f"{row}-{column}" for row in "ab" for column in range(width)]
    rows = [
        AnyOf(
            conditions=tuple(compared(f"{row}-{column}", Operator.EQ, 1) for column in range(width))
        )
        for row in "ab"
    ]
    specs = [fact(name, FactType.BOOLEAN) for name in names]
    return rule_set(specs, All(conditions=tuple(rows)))


def test_too_many_alternatives_are_refused_when_it_is_made() -> None:
    DurableRules(wide(8))
    with pytest.raises(TooManyAlternatives) as refused:
        DurableRules(wide(9))
    assert refused.value.count == 81


def test_too_many_fields_are_refused_when_it_is_made() -> None:
    specs = [fact(f"f{number}") for number in range(201)]
    every = All(conditions=tuple(compared(spec.name, Operator.GT, 1) for spec in specs))
    with pytest.raises(CannotCarry) as refused:
        DurableRules(rule_set(specs, every))
    assert refused.value.rule == "rule-0"
    fewer = All(conditions=every.conditions[:200])
    engine = DurableRules(rule_set(specs, fewer))
    facts = Facts({spec.name: 2 for spec in specs})
    assert engine.fired((0,), facts) == {0}


def test_numbers_beyond_a_short_long_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "LARGEST_LONG", 2**31 - 1)
    specs = (fact("x", low=-LARGEST),)
    DurableRules(rule_set(specs, compared("x", Operator.GT, 2**31 - 2)))
    with pytest.raises(CannotCarry) as refused:
        DurableRules(rule_set(specs, compared("x", Operator.EQ, -(2**31))))
    assert refused.value.rule == "rule-0"


@pytest.mark.parametrize("name", ["create_ruleset", "start_action_for_state"])
def test_what_it_will_not_take_is_refused_when_it_is_made(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = Watched(Failing(1, name))
    monkeypatch.setattr(durable, "load", lambda: library)
    with pytest.raises(CannotCarry) as refused:
        DurableRules(MANY)
    assert refused.value.rule == ""
    assert refused.value.why


def test_rules_that_do_not_answer_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the clock of the machine stands at its beginning: nothing would ever fire."""
    library = Watched()
    monkeypatch.setattr(library, "start_action_for_state", lambda *_: None)
    monkeypatch.setattr(durable, "load", lambda: library)
    with pytest.raises(CannotCarry):
        DurableRules(MANY)


def test_no_session_is_opened_for_rules_that_never_fire(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Watched()
    monkeypatch.setattr(durable, "load", lambda: library)
    never = All(conditions=(compared("x", Operator.LT, 3), compared("x", Operator.GT, 3)))
    rules = rule_set((fact("x"),), never)
    engine = DurableRules(rules)
    assert engine.fired((0,), Facts({"x": 3})) == frozenset()
    assert library.live == set()


def test_only_the_c_module_is_loaded_and_flags_are_put_back() -> None:
    before = sys.getdlopenflags()
    flags = os.RTLD_NOW | os.RTLD_LOCAL
    try:
        sys.setdlopenflags(flags)
        assert durable.load() is importlib.import_module("durable_rules_engine")
        assert sys.getdlopenflags() == flags
    finally:
        sys.setdlopenflags(before)
    assert not any(name.startswith("durable.") for name in sys.modules)


def test_it_is_loaded_where_binding_cannot_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows."""
    monkeypatch.delattr(sys, "setdlopenflags")
    assert durable.load() is LIBRARY


def test_names_of_fields_have_hashes_of_their_own() -> None:
    assert name_hash("costarring") == name_hash("liquid")

    def crowded(name: str) -> int:
        return name_hash(name) % 97

    reserved = {crowded(name) for name in shards.RESERVED}
    names = field_names(crowded)
    found = [next(names) for _ in range(97 - len(reserved))]
    assert {crowded(name) for name in found} == set(range(97)) - reserved
    assert len(set(found)) == len(found)
