"""Which engine decides: durable_rules where it can be had, the interpreter elsewhere."""

from __future__ import annotations

import logging
from functools import cache

from plan_rules.rules.decision import Engine
from plan_rules.rules.durable import DurableRules
from plan_rules.rules.interpreter import Interpreter
from plan_rules.rules.normal import TooManyAlternatives
from plan_rules.rules.rule import RuleSet
from plan_rules.rules.shards import CannotCarry

LOG = logging.getLogger(__name__)


def engine_for(rules: RuleSet) -> Engine:
    """Return the engine that decides about one customer at a time.

    That is durable_rules. Where it cannot be imported, or cannot decide these rules, it is the
    interpreter, which gives the same answers; a decision carries the name of its engine, and
    the log says why, each reason once.
    """
    try:
        return DurableRules(rules)
    except (ImportError, TooManyAlternatives, CannotCarry) as reason:
        _say(str(reason))
        return Interpreter(rules)


@cache
def _say(reason: str) -> None:
    LOG.warning("the interpreter decides the rules: %s", reason)
