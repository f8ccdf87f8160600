"""Cases: what product managers expect of rules, told by a few facts and without calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from plan_rules.errors import NOWHERE, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCase:
    """Facts, and the ids of exactly those rules that are to fire.

    `codes` are the facts said, `None` for one said to be unknown; of a named `plan` the
    catalog says the rest. `about` are the ids of the rules that the case is about, all others
    are passed over; none of them means all.
    """

    name: str
    fires: tuple[str, ...]
    codes: Mapping[str, int | None] = field(default_factory=dict)
    plan: str = ""
    about: tuple[str, ...] = ()
    span: Span = NOWHERE

    def __post_init__(self) -> None:
        """Freeze the mapping."""
        object.__setattr__(self, "codes", MappingProxyType(dict(self.codes)))
