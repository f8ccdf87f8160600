"""Bits of words, in kernels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

Typed = tuple[Any, Callable[..., Any]]
"""The signature of an instruction, and what writes it."""


def _lowest(typing: object, bits: object) -> Typed:
    del typing, bits

    def write(context: Any, builder: Any, sig: Any, args: Any) -> object:  # noqa: ANN401  of Numba
        del context, sig
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.uint64), write


def _counted(typing: object, bits: object) -> Typed:
    del typing, bits

    def write(context: Any, builder: Any, sig: Any, args: Any) -> object:  # noqa: ANN401  of Numba
        del context, sig
        return builder.ctpop(args[0])

    return types.int64(types.uint64), write


lowest = cast("Callable[[np.uint64], int]", intrinsic(_lowest))
"""Return the place of the lowest bit that is set, counted from 0; 64 where none is."""

counted = cast("Callable[[np.uint64], int]", intrinsic(_counted))
"""Return how many bits are set."""
