"""Bits of words, in kernels."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from plan_rules.batch.vectors import Builder, Context, Given, Typed

NO = ir.Constant(ir.IntType(1), 0)


def _of_word(instruction: Callable[[Builder, object], object]) -> Callable[..., Typed]:
    """Return what Numba asks for an instruction that makes a number of a word."""

    def typed(typing: object, bits: object) -> Typed:
        del typing, bits

        def write(context: Context, builder: Builder, sig: Given, args: Given) -> object:
            del context, sig
            return instruction(builder, args[0])

        return types.int64(types.uint64), write

    return typed


lowest = cast(
    "Callable[[np.uint64], int]",
    intrinsic(_of_word(lambda builder, bits: builder.cttz(bits, NO))),
)
"""Return the place of the lowest bit that is set, counted from 0; 64 where none is."""

counted = cast(
    "Callable[[np.uint64], int]", intrinsic(_of_word(lambda builder, bits: builder.ctpop(bits)))
)
"""Return how many bits are set."""
