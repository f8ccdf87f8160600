"""How kernels are compiled: once, kept on disk, and run without holding back other threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(kernel: Kernel) -> Kernel:
    """Return a function as machine code, compiled at the first call with new types of arguments.

    What is compiled is kept beside the module, or in the user's cache where that cannot be
    written to. Kernels release the interpreter's lock.
    """
    return cast("Kernel", numba.njit(cache=True, nogil=True, error_model="numpy")(kernel))


def compiled_wide(kernel: Kernel) -> Kernel:
    """Return a function as `compiled` does, allowed to fuse multiplications and additions.

    Only for kernels whose floats are whole numbers small enough that every step is exact, so
    that fusing cannot change a result.
    """
    fused = {"contract", "nsz"}
    wide = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath=fused)
    return cast("Kernel", wide(kernel))
