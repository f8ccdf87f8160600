"""Eight floats at a time, in kernels: vectors are loaded, computed with, and stored.

LLVM makes of them the widest instructions that the processor has. Unlike a loop over arrays
that is left to the compiler, nothing needs to be proved about arrays that may overlap, which
takes longer than the arithmetic where loops are short. The names below mean something in
compiled kernels only; Numba tells how it is extended in its manual ("Low-level extension API").
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from math import prod
from typing import Any, TypeAlias, TypeVar, cast, overload

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.core.imputils import lower_builtin
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, models, register_model
from numpy.typing import NDArray

from plan_rules.batch.compiled import FUSED

WIDTH = 8
"""Floats in a vector."""

ALIGNMENT = 8 * WIDTH
"""Bytes at multiples of which a vector is loaded in one go."""

FLOATS = ir.VectorType(ir.DoubleType(), WIDTH)
HALVES = ir.VectorType(ir.FloatType(), WIDTH)
BITS = ir.VectorType(ir.IntType(1), WIDTH)
ZEROS = ir.Constant(FLOATS, [0.0] * WIDTH)
FLAGS = tuple(sorted(FUSED))

Context: TypeAlias = Any
Builder: TypeAlias = Any
Given: TypeAlias = Any
"""What Numba hands to those who write instructions; it has no types of its own for them."""

Typed = tuple[Any, Callable[..., Any]]
"""The signature of an instruction, and what writes it."""


class Vector:
    """Eight floats, as kernels hold them: the sum, difference and product of each two."""

    def __add__(self, other: Vector) -> Vector:
        """Return the sums."""
        raise NotImplementedError

    def __sub__(self, other: Vector) -> Vector:
        """Return the differences."""
        raise NotImplementedError

    def __mul__(self, other: Vector) -> Vector:
        """Return the products."""
        raise NotImplementedError


class VectorType(types.Type):
    """What Numba calls a vector."""

    def __init__(self) -> None:
        """Name the type."""
        super().__init__(name=f"vector of {WIDTH} floats")


VECTOR = VectorType()


@register_model(VectorType)
class _Model(models.PrimitiveModel):
    def __init__(self, manager: object, kind: object) -> None:
        super().__init__(manager, kind, FLOATS)  # type: ignore[no-untyped-call]


def _operator(symbol: Callable[..., object], instruction: str) -> None:
    """Let an operator of two vectors be one instruction."""

    @infer_global(symbol)  # type: ignore[no-untyped-call]
    class _Template(AbstractTemplate):
        def generic(self, args: tuple[Any, ...], kws: dict[str, Any]) -> object:
            del kws
            if args == (VECTOR, VECTOR):
                return signature(VECTOR, VECTOR, VECTOR)  # type: ignore[no-untyped-call]
            return None

    @lower_builtin(symbol, VectorType, VectorType)  # type: ignore[no-untyped-call, untyped-decorator]
    def _lower(context: Context, builder: Builder, sig: Given, args: Given) -> object:
        del context, sig
        return getattr(builder, instruction)(*args, flags=FLAGS)


_operator(operator.add, "fadd")
_operator(operator.sub, "fsub")
_operator(operator.mul, "fmul")


Float = TypeVar("Float", np.float32, np.float64)


@overload
def aligned(shape: tuple[int, ...]) -> NDArray[np.float64]: ...
@overload
def aligned(shape: tuple[int, ...], kind: type[Float]) -> NDArray[Float]: ...
def aligned(shape: tuple[int, ...], kind: type[Any] = np.float64) -> NDArray[Any]:
    """Return zeros that begin where a vector is loaded in one go."""
    size = prod(shape)
    room = np.zeros(size + ALIGNMENT, kind)
    address: int = room.__array_interface__["data"][0]
    skipped = -address % ALIGNMENT // room.itemsize
    return room[skipped : skipped + size].reshape(shape)


def _spread(typing: object, value: object) -> Typed:
    del typing, value

    def write(context: Context, builder: Builder, sig: Given, args: Given) -> object:
        del context, sig
        return _spread_out(builder, args[0])

    return VECTOR(types.float64), write


def _spread_out(builder: Builder, value: object) -> object:
    undefined = ir.Constant(FLOATS, ir.Undefined)
    one = builder.insert_element(undefined, value, ir.Constant(ir.IntType(32), 0))
    first = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH)
    return builder.shuffle_vector(one, undefined, first)


def _load(typing: object, floats: Given, at: object) -> Typed:
    del typing, at

    def write(context: Context, builder: Builder, sig: Given, args: Given) -> object:
        if floats.dtype == types.float64:
            return builder.load(_pointer(context, builder, sig.args[0], args, FLOATS), align=8)
        narrow = builder.load(_pointer(context, builder, sig.args[0], args, HALVES), align=4)
        return builder.fpext(narrow, FLOATS)

    return VECTOR(floats, types.intp), write


def _load_same(typing: object, floats: Given, at: object) -> Typed:
    del typing, at

    def write(context: Context, builder: Builder, sig: Given, args: Given) -> object:
        array = context.make_array(sig.args[0])(context, builder, args[0])
        return _spread_out(builder, builder.load(builder.gep(array.data, [args[1]])))

    return VECTOR(floats, types.intp), write


def _store(typing: object, floats: Given, at: object, vector: object) -> Typed:
    del typing, at, vector

    def write(context: Context, builder: Builder, sig: Given, args: Given) -> object:
        builder.store(args[2], _pointer(context, builder, sig.args[0], args, FLOATS), align=8)
        return context.get_dummy_value()

    return types.void(floats, types.intp, VECTOR), write


def _pointer(
    context: Context, builder: Builder, kind: object, args: Given, floats: ir.VectorType
) -> object:
    array = context.make_array(kind)(context, builder, args[0])
    return builder.bitcast(builder.gep(array.data, [args[1]]), floats.as_pointer())


def _chosen(comparison: str) -> Callable[..., Typed]:
    def chosen(typing: object, one: object, other: object) -> Typed:
        del typing, one, other

        def write(context: Context, builder: Builder, sig: Given, args: Given) -> object:
            del context, sig
            return builder.select(builder.fcmp_ordered(comparison, *args), *args)

        return VECTOR(VECTOR, VECTOR), write

    return chosen


def _where_positive(typing: object, asked: object, one: object, other: object) -> Typed:
    del typing, asked, one, other

    def write(context: Context, builder: Builder, sig: Given, args: Given) -> object:
        del context, sig
        return builder.select(builder.fcmp_ordered(">", args[0], ZEROS), args[1], args[2])

    return VECTOR(VECTOR, VECTOR, VECTOR), write


def _where_set(typing: object, bits: object, one: object, other: object) -> Typed:
    del typing, bits, one, other

    def write(context: Context, builder: Builder, sig: Given, args: Given) -> object:
        del context, sig
        return builder.select(builder.bitcast(args[0], BITS), args[1], args[2])

    return VECTOR(types.uint8, VECTOR, VECTOR), write


spread = cast("Callable[[float], Vector]", intrinsic(_spread))
"""Return a vector of one value."""

load = cast("Callable[[NDArray[np.floating[Any]], int], Vector]", intrinsic(_load))
"""Return the floats of a whole array from the flat index on; nobody checks that they are in it.

Those of an array of 32 bits are widened.
"""

load_same = cast("Callable[[NDArray[np.float64], int], Vector]", intrinsic(_load_same))
"""Return a vector of one float of a whole array, at the flat index, which nobody checks."""

store = cast("Callable[[NDArray[np.float64], int, Vector], None]", intrinsic(_store))
"""Write a vector into a whole array from the flat index on; nobody checks that it fits."""

least = cast("Callable[[Vector, Vector], Vector]", intrinsic(_chosen("<")))
"""Return the smaller one of each two floats."""

most = cast("Callable[[Vector, Vector], Vector]", intrinsic(_chosen(">")))
"""Return the larger one of each two floats."""

where_positive = cast("Callable[[Vector, Vector, Vector], Vector]", intrinsic(_where_positive))
"""Return floats of the second where the first is above zero, and of the third elsewhere."""

where_set = cast("Callable[[int, Vector, Vector], Vector]", intrinsic(_where_set))
"""Return floats of the second where a bit of the byte is set, and of the third elsewhere."""
