"""How far a batch is: told to whoever asks, shown by nobody here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Stage(StrEnum):
    """What a batch is doing: reading and checking calls, or pricing and writing customers."""

    READ = "read"
    PRICE = "price"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a stage is: `done` of `total` (`None`: nobody knows yet), rows or customers."""

    stage: Stage
    done: int
    total: int | None


class Listener(Protocol):
    """Is told how far a batch is, now and then and at the end of each stage."""

    def __call__(self, progress: Progress, /) -> None:
        """Take note; what it raises stops the batch."""


def nobody(_: Progress, /) -> None:
    """Take no note."""
