"""What the analysis of rules finds: the fact, its places, the remedy, and a witness."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from plan_rules.errors import Span
from plan_rules.rules.witness import Witness


class Gravity(StrEnum):
    """How much a finding matters.

    An `error` is surely not meant so, a `warning` hardly, and a `note` may well be.
    """

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class FindingCode(StrEnum):
    """What is found, by stable codes."""

    NEVER_FIRES = "never-fires"
    ALWAYS_FIRES = "always-fires"
    DEAD_BRANCH = "dead-branch"
    DUPLICATE = "duplicate-rule"
    SHADOWED = "shadowed"
    CONTRADICTION = "contradiction"
    EXCLUSIVE_OVERLAP = "exclusive-overlap"
    NEVER_BITES = "never-bites"
    VERSION_GAP = "version-gap"
    VERSION_OVERLAP = "version-overlap"
    UNSET_TAG = "unset-tag"
    UNREAD_TAG = "unread-tag"

    @property
    def gravity(self) -> Gravity:
        """How much findings of this code matter."""
        match self:
            case FindingCode.NEVER_FIRES:
                return Gravity.ERROR
            case FindingCode.UNREAD_TAG:
                return Gravity.NOTE
            case _:
                return Gravity.WARNING


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding about one rule or several.

    `rules` are ids, the one to be changed first; `spans` are the places of what is spoken of,
    the first one the place of the finding. `witness` is a customer at whom it can be seen.
    """

    code: FindingCode
    rules: tuple[str, ...]
    spans: tuple[Span, ...]
    message: str
    hint: str
    witness: Witness | None = None

    @property
    def gravity(self) -> Gravity:
        """How much the finding matters."""
        return self.code.gravity

    @property
    def span(self) -> Span:
        """Where the finding is."""
        return self.spans[0]
