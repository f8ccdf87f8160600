"""When a switch takes effect and which money moves then: switch policies, declared and named.

A policy is a small record of choices; it holds no date and no amount. A plan names one for a
dearer and one for a cheaper plan (`switching.upgrade`, `switching.downgrade`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from plan_rules.errors import UnknownId


class Effect(StrEnum):
    """When the new plan begins.

    `at-once`: on the day asked for. `cycle-start`: on the first day of the cycle that holds
    it. `cycle-end`: with the next cycle. `commitment-end`: with the first cycle after the
    minimum term, or the next cycle where there is none.
    """

    AT_ONCE = "at-once"
    CYCLE_START = "cycle-start"
    CYCLE_END = "cycle-end"
    COMMITMENT_END = "commitment-end"


class Portion(StrEnum):
    """How much of a fee moves: the `share` left of the cycle, the `full` fee, or `nothing`."""

    SHARE = "share"
    FULL = "full"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchPolicy:
    """What a switch does with dates and money.

    `credit` is what comes back of the old fee, `charge` what is due of the new one, both for
    the cycle in which the new plan begins. With `new_cycle` the anchor moves to that day.
    With `buys_days` the credit is not paid out: it buys days of the new plan, and the first
    cycle of the new plan begins when they are used up.
    """

    id: str
    effect: Effect
    credit: Portion
    charge: Portion
    new_cycle: bool = False
    buys_days: bool = False


IMMEDIATELY = SwitchPolicy(
    id="immediately", effect=Effect.AT_ONCE, credit=Portion.SHARE, charge=Portion.SHARE
)
"""The default for a dearer plan: at once, both plans prorated, the anchor kept."""

CYCLE_END = SwitchPolicy(
    id="cycle-end", effect=Effect.CYCLE_END, credit=Portion.NOTHING, charge=Portion.NOTHING
)
"""The default for a cheaper plan: with the next cycle, no money before."""

POLICIES: Mapping[str, SwitchPolicy] = MappingProxyType(
    {
        each.id: each
        for each in (
            IMMEDIATELY,
            CYCLE_END,
            SwitchPolicy(
                id="full-price",
                effect=Effect.AT_ONCE,
                credit=Portion.SHARE,
                charge=Portion.FULL,
                new_cycle=True,
            ),
            SwitchPolicy(
                id="deferred",
                effect=Effect.COMMITMENT_END,
                credit=Portion.NOTHING,
                charge=Portion.NOTHING,
            ),
            SwitchPolicy(
                id="back-dated",
                effect=Effect.CYCLE_START,
                credit=Portion.FULL,
                charge=Portion.FULL,
            ),
            SwitchPolicy(
                id="value-to-days",
                effect=Effect.AT_ONCE,
                credit=Portion.SHARE,
                charge=Portion.NOTHING,
                new_cycle=True,
                buys_days=True,
            ),
            SwitchPolicy(
                id="none",
                effect=Effect.AT_ONCE,
                credit=Portion.NOTHING,
                charge=Portion.NOTHING,
            ),
        )
    }
)
"""The policies a plan can name, by id."""


def policy_named(name: str) -> SwitchPolicy:
    """Return the policy of that id; raise `UnknownId` with the nearest ids if none has it."""
    if name not in POLICIES:
        raise UnknownId(kind="switch policy", value=name, known=POLICIES)
    return POLICIES[name]
