"""How kernels are compiled: once, kept on disk, and run without holding back other threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np

from plan_rules.batch.kernel_files import keep_on_disk

OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy"}
BARE: dict[str, Any] = {**OPTIONS, "_nrt": False}
FUSED = frozenset({"contract"})
"""What may be done to floats that are whole numbers, so that every step is exact."""

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(kernel: Kernel) -> Kernel:
    """Return a function as machine code, compiled at the first call with new types of arguments.

    What is compiled is kept beside the module, or in the user's cache where that cannot be
    written to. Kernels release the interpreter's lock.
    """
    return cast("Kernel", keep_on_disk(numba.njit(**OPTIONS)(kernel)))


def compiled_bare(kernel: Kernel) -> Kernel:
    """Return a function as `compiled` does that makes no arrays.

    It counts no references to the arrays it is given, which would cost more than its work.
    """
    return cast("Kernel", keep_on_disk(numba.njit(**BARE)(kernel)))


def compiled_wide(kernel: Kernel) -> Kernel:
    """Return a function as `compiled_bare` does, allowed to fuse multiplications and additions.

    Only for kernels whose floats are whole numbers small enough that every step is exact, so
    that fusing cannot change a result.
    """
    return cast("Kernel", keep_on_disk(numba.njit(**BARE, fastmath=set(FUSED))(kernel)))


wide = cast("Callable[[object], int]", np.int64)
"""In a kernel: the whole number of 64 bits that an entry of a narrower array is."""
