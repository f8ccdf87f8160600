"""In which order plain plans stand in lanes, so that what vectors have in common is used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from plan_rules.batch.fast_tables import (
    MOST_KINDS,
    STEP_FIRST,
    STEP_NEXT,
    TOGETHER,
    Kinds,
)
from plan_rules.batch.plain_plans import PlainPlan
from plan_rules.batch.tables import NONE
from plan_rules.batch.vectors import WIDTH, aligned


def in_vectors(plains: Sequence[PlainPlan], steps: NDArray[np.int32]) -> list[int]:
    """Return plans in the order of their lanes: those of one vector are alike, if they can be.

    Those with an allowance come first. Those that have the same increments fill vectors of
    their own, and what is left over stands together.
    """
    limited, limited_rest = _filled(plains, steps, has_allowance=True)
    free, free_rest = _filled(plains, steps, has_allowance=False)
    filling = -len(limited_rest) % WIDTH
    return limited + limited_rest + free_rest[:filling] + free + free_rest[filling:]


def _filled(
    plains: Sequence[PlainPlan], steps: NDArray[np.int32], *, has_allowance: bool
) -> tuple[list[int], list[int]]:
    """Return the plans, with an allowance or without, that fill vectors, and the others."""
    alike: dict[bytes, list[int]] = {}
    for lane, each in enumerate(plains):
        if each.has_allowance == has_allowance:
            alike.setdefault(steps[..., lane].tobytes(), []).append(lane)
    full: list[int] = []
    rest: list[list[int]] = []
    for same in alike.values():
        end = len(same) - len(same) % WIDTH
        full += same[:end]
        rest.append(same[end:])
    rest.sort(key=len, reverse=True)
    return full, [lane for same in rest for lane in same]


def limited_vectors(plains: Sequence[PlainPlan], lanes: int) -> NDArray[np.bool_]:
    """Return which vectors have a lane with an allowance."""
    limited = np.zeros(lanes, np.bool_)
    limited[: len(plains)] = [each.has_allowance for each in plains]
    return cast("NDArray[np.bool_]", limited.reshape(-1, WIDTH).any(axis=1))


def kinds_of(increments: NDArray[np.float64]) -> Kinds:
    """Return which lanes of a pattern have the same increments."""
    patterns, _, lanes = increments.shape
    vectors = lanes // WIDTH
    first_of = np.full((patterns, MOST_KINDS), NONE, np.int32)
    counts = np.full((patterns, vectors), TOGETHER + 1, np.int32)
    of = np.zeros((patterns, vectors, TOGETHER), np.int32)
    later = aligned((TOGETHER, patterns, lanes))
    for pattern, steps in enumerate(increments[:, [STEP_FIRST, STEP_NEXT]]):
        _, places, kind = np.unique(steps, axis=1, return_index=True, return_inverse=True)
        if len(places) > MOST_KINDS:
            continue
        first_of[pattern, : len(places)] = places
        for vector, mine in enumerate(kind.reshape(vectors, WIDTH)):
            different = np.unique(mine)
            counts[pattern, vector] = len(different)
            if len(different) <= TOGETHER:
                of[pattern, vector, : len(different)] = different
                same = np.searchsorted(different, mine)
                later[same, pattern, np.arange(WIDTH) + vector * WIDTH] = 1
    return Kinds(lanes=first_of, counts=counts, of=of, second=later[1], third=later[2])
