"""Compiled kernels on disk: a file for each, named by everything it was compiled from.

Numba keeps an index beside the files of a function and numbers them. Two processes that start at
once can give one number to two files, and a change of a function in another module, which was
compiled into this one, is not seen. Here the name of a file says all of it, so that a file is
either the right one or not there, and hosts may start side by side.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numba.core import serialize
from numba.core.caching import FunctionCache

Key = tuple[object, ...]

SUFFIX = ".kernel"

DIGITS = 24
"""Digits of a digest in a name."""

SEAL_BYTES = 32
"""Bytes at the beginning of a file: the digest of what follows."""


class KernelFiles:
    """The compiled forms of one function, one for each type of its arguments.

    It stands in for Numba's index: `load` and `save` are all that Numba asks of one.
    """

    def __init__(self, folder: Path, name: str) -> None:
        """Keep files of a function in a folder; what else is in it is let be."""
        self._folder = folder
        self._name = name

    def load(self, key: Key) -> object | None:
        """Return what was saved for a key, or `None`: never what another source made.

        A file that is damaged counts as none, and is written anew.
        """
        try:
            content = self._path(key).read_bytes()
        except OSError:
            return None
        seal, content = content[:SEAL_BYTES], content[SEAL_BYTES:]
        if seal != hashlib.sha256(content).digest():
            return None
        saved: tuple[Key, object] = pickle.loads(content)  # noqa: S301  written by `save`
        return saved[1] if saved[0] == key else None

    def save(self, key: Key, data: object) -> None:
        """Keep something for a key; whoever reads meanwhile finds all of it, or nothing.

        What other sources made of the function is removed: they have been replaced.
        """
        path = self._path(key)
        handle, name = tempfile.mkstemp(dir=self._folder, prefix=path.stem, suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                content: bytes = serialize.dumps((key, data))  # type: ignore[no-untyped-call]
                file.write(hashlib.sha256(content).digest() + content)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        for other in self._folder.glob(f"{self._name}.*{SUFFIX}"):
            if not other.name.startswith(self._prefix):
                other.unlink(missing_ok=True)

    def flush(self) -> None:
        """Forget every form of the function, those of other sources too."""
        for path in self._folder.glob(f"{self._name}.*{SUFFIX}"):
            path.unlink(missing_ok=True)

    @property
    def _prefix(self) -> str:
        return f"{self._name}.{sources()[:DIGITS]}."

    def _path(self, key: Key) -> Path:
        digest = hashlib.sha256(repr(key).encode()).hexdigest()[:DIGITS]
        return self._folder / f"{self._prefix}{digest}{SUFFIX}"


@cache
def sources() -> str:
    """Return a digest of all that kernels are compiled from and by.

    Constants and functions of every module may be in a kernel, so it is of the whole package.
    """
    digest = hashlib.sha256(f"{numba.__version__} {np.__version__}".encode())
    package = Path(__file__).parents[1]
    for path in sorted(package.rglob("*.py")):
        digest.update(str(path.relative_to(package)).encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def keep_on_disk(kernel: Any) -> Any:  # noqa: ANN401  a function, or what Numba makes of it
    """Let a function that Numba keeps on disk be kept in `KernelFiles`, and return it."""
    if isinstance(getattr(kernel, "_cache", None), FunctionCache):
        kept: Any = kernel._cache  # noqa: SLF001  Numba has no public way
        kept._cache_file = KernelFiles(Path(kept.cache_path), kept._impl.filename_base)  # noqa: SLF001
    return kernel
