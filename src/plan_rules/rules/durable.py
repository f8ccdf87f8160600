"""durable_rules as the engine that decides, through nothing but its C module.

Its documented interface starts threads that never stop, swallows exceptions and keeps what it
was told; none of that is used. A session is one set of its handles. It serves one question at a
time, tells a sheet of facts, collects what fires and takes the sheet back, so that an answer
depends on nothing before it. Sessions that wait for a question lie in a pool: whoever asks takes
one, or opens one, and gives it back; so no two threads, and no question within a question, ever
share handles, a forked process inherits only sessions at rest, and those of a dead thread serve
the next. A session in which anything went wrong is never given back: its handles are released
when it is no longer referred to.
"""

from __future__ import annotations

import importlib
import os
import sys
import threading
import weakref
from collections import deque
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Protocol, cast

from plan_rules.errors import PlanRulesError
from plan_rules.rules.fact import Facts
from plan_rules.rules.normal import Alternatives, normal_forms
from plan_rules.rules.rule import RuleSet
from plan_rules.rules.shards import WARM_RULE, WARMING, CannotCarry, Shard, shards

WAITING = 64
"""The most sessions that wait for a question; each may hold half a megabyte for a shard."""

NAME = slice(2, 4)
"""Where in a firing its name stands: `{"07":{"m":{...}}}`."""

NOT_HANDLED = 1
"""What `assert_fact` says of a sheet that no rule fires for, and which it did not keep."""


class Library(Protocol):
    """The functions of the C module `durable_rules_engine` that are used."""

    error: type[Exception]

    def create_ruleset(self, name: str, definition: str) -> int:
        """Return a handle."""

    def delete_ruleset(self, handle: int) -> None:
        """Release the rules of a handle, but not what is remembered for a state."""

    def delete_state(self, handle: int, sid: str | None) -> None:
        """Release what is remembered; ends the process before the first firing."""

    def assert_fact(self, handle: int, fact: str) -> tuple[int, int]:
        """Return a code and the place of the state."""

    def retract_fact(self, handle: int, fact: str) -> tuple[int, int]:
        """Take back the fact with the same id."""

    def start_action_for_state(self, handle: int, state: int) -> tuple[str, str] | None:
        """Return the state and the first firing."""

    def complete_and_start_action(self, handle: int, state: int) -> str | None:
        """Return the next firing."""


_LOADING = threading.Lock()


def load() -> Library:
    """Return the C module, imported when first asked for.

    From Python 3.13 on it names a function that Python no longer has, in code that is not used
    here; binding names only when they are called lets it be imported nevertheless. Raises
    `ImportError` where it is not installed or cannot be imported.
    """
    with _LOADING:
        if not hasattr(sys, "setdlopenflags"):
            return cast("Library", importlib.import_module("durable_rules_engine"))
        flags = sys.getdlopenflags()
        try:
            sys.setdlopenflags(os.RTLD_LAZY)
            return cast("Library", importlib.import_module("durable_rules_engine"))
        finally:
            sys.setdlopenflags(flags)


class EngineFailed(PlanRulesError, RuntimeError):
    """durable_rules gave an error twice, on handles that were made for the purpose."""

    def __init__(self, *, why: str) -> None:
        """Keep what it said."""
        self.why = why
        super().__init__(f"durable_rules failed twice: {why}")


class _Strange(Exception):
    """An answer of durable_rules that it never gives while it works."""


class _Session:
    """One handle for each shard, warmed up, and released when nothing refers to the session."""

    def __init__(self, library: Library, plan: tuple[Shard, ...]) -> None:
        self.handles: list[int] = []
        self._numbers = count(1)
        self._library = library
        weakref.finalize(self, _release, library, self.handles).atexit = False
        for shard in plan:
            handle = library.create_ruleset("plan-rules", shard.definition)
            firings = self._firings(handle, f'{{"id":0,"{WARMING}":1}}', 0)
            if [each[NAME] for each in firings] != [WARM_RULE]:
                raise _Strange("it does not answer")
            self.handles.append(handle)

    def fired(self, plan: tuple[Shard, ...], facts: Facts) -> frozenset[int]:
        """Return the indexes of the rules that fire for a sheet of facts."""
        found: list[int] = []
        for shard, handle in zip(plan, self.handles, strict=True):
            number = next(self._numbers)
            firings = self._firings(handle, shard.sheet(facts, number=number), number)
            rules = shard.rules
            found += [rules[each[NAME]] for each in firings]
        return frozenset(found)

    def _firings(self, handle: int, sheet: str, number: int) -> list[str]:
        """Tell a sheet, take it back, and return what fired: JSON with the name as only key."""
        library = self._library
        code, state = library.assert_fact(handle, sheet)
        if code == NOT_HANDLED:
            return []
        if code:
            raise _Strange(f"code {code} for a sheet of facts")
        try:
            first = library.start_action_for_state(handle, state)
            if first is None:
                return []
            following = partial(library.complete_and_start_action, handle, state)
            return [first[1], *iter(following, None)]
        finally:
            library.retract_fact(handle, f'{{"id":{number}}}')


def _release(library: Library, handles: list[int]) -> None:
    """Give back the memory of warmed handles."""
    for handle in handles:
        library.delete_state(handle, None)
        library.delete_ruleset(handle)
    handles.clear()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layer:
    """The rules of one layer, written for durable_rules, and the sessions at rest."""

    needs: frozenset[str]
    plan: tuple[Shard, ...]
    waiting: deque[_Session] = field(default_factory=lambda: deque(maxlen=WAITING))


class DurableRules:
    """Decides by durable_rules; refuses at construction what it cannot decide.

    An engine can be used from any number of threads, forked, copied and pickled; a copy has
    sessions of its own.

    Raises `ImportError` where the C module cannot be imported, `TooManyAlternatives` and
    `CannotCarry` for rules that cannot be written for it.
    """

    name = "durable-rules"
    """The name that outcomes carry."""

    def __init__(self, rules: RuleSet) -> None:
        """Write the rules of every layer and open a first session for each."""
        self.rules = rules
        self._library = load()
        forms = normal_forms(rules)
        self._layers = {layer: self._layer(layer, forms) for layer in rules.layers}
        for layer in self._layers.values():
            try:
                layer.waiting.append(_Session(self._library, layer.plan))
            except (self._library.error, _Strange) as refused:
                raise CannotCarry(rule="", why=str(refused)) from None

    def __reduce__(self) -> tuple[object, ...]:
        """Copy and pickle the rules; handles are of one process."""
        return DurableRules, (self.rules,)

    def fired(self, layer: tuple[int, ...], facts: Facts) -> frozenset[int]:
        """Return the indexes of the rules of a layer that are true.

        Raises `MissingFact` where a fact that is always known was not given, and `EngineFailed`
        if durable_rules gives an error on fresh handles too.
        """
        asked = self._layers[layer]
        facts.require(asked.needs)
        try:
            return self._ask(asked, facts)
        except (self._library.error, _Strange):
            asked.waiting.clear()
        try:
            return self._ask(asked, facts)
        except (self._library.error, _Strange) as again:
            raise EngineFailed(why=str(again)) from again

    def _layer(self, layer: tuple[int, ...], forms: tuple[Alternatives, ...]) -> _Layer:
        pairs = ((index, each) for index in layer for each in forms[index])
        return _Layer(needs=self.rules.needs(layer), plan=shards(pairs, rules=self.rules))

    def _ask(self, asked: _Layer, facts: Facts) -> frozenset[int]:
        """Answer with a session of its own, which waits for the next only if nothing failed."""
        try:
            session = asked.waiting.pop()
        except IndexError:
            session = _Session(self._library, asked.plan)
        found = session.fired(asked.plan, facts)
        asked.waiting.append(session)
        return found
