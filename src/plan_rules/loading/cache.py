"""Compiled catalogs kept on disk, so that a host's next process starts without reading YAML.

An entry is named by a digest of every file of the catalog, of the library and of Python: what
has changed is simply not found. It holds the catalog and its compiled tariff as a pickle,
which is code to whoever could write it; so the folder and its entries must belong to the
user who reads them, and others must not be able to write there.
"""

from __future__ import annotations

import functools
import gc
import hashlib
import io
import os
import pickle
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from plan_rules.catalog.catalog import Catalog
from plan_rules.destinations.plan import NumberingPlan
from plan_rules.errors import PlanRulesError
from plan_rules.tariff.compiling import keep_book, tariff_book
from plan_rules.tariff.digest import SCHEMA_VERSION

SUFFIX = ".compiled"
KEPT = 8
"""Entries that stay when one more is written; the oldest go."""

SEAL = hashlib.sha256().digest_size
WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


class UnsafeCache(PlanRulesError, PermissionError):
    """The folder of a cache, or an entry in it, could have been written by somebody else."""

    def __init__(self, *, path: Path) -> None:
        """Keep the path."""
        self.path = path
        super().__init__(
            f"{path} must belong to the user who reads it and be writable by nobody else"
        )


def cache_key(folder: Path) -> str:
    """Return the digest, as 64 hexadecimal digits, of all that decides what a folder compiles to.

    The name of the folder counts, because places in files are told by it.
    """
    try:
        library = version("plan-rules")
    except PackageNotFoundError:
        library = ""
    stamp = (library, SCHEMA_VERSION, NumberingPlan.standard().digest, *sys.version_info[:2])
    found = hashlib.sha256(repr((str(folder), *stamp)).encode())
    for path in _files(folder):
        name = path.relative_to(folder).as_posix().encode()
        content = path.read_bytes()
        found.update(b"%d %d " % (len(name), len(content)))
        found.update(name + content)
    return found.hexdigest()


def read_entry(cache: Path, key: str) -> Catalog | None:
    """Return the catalog of an entry with its compiled tariff, or `None` if there is none.

    An entry cut short or changed is as good as none. Raises `UnsafeCache` if others could have
    written it.
    """
    path = cache / (key + SUFFIX)
    try:
        _demand_own(cache)
        _demand_own(path)
        sealed = path.read_bytes()
    except FileNotFoundError:
        return None
    payload = sealed[SEAL:]
    if hashlib.sha256(payload).digest() != sealed[:SEAL]:
        return None
    with _all_kept():
        catalog, book = pickle.loads(payload)  # noqa: S301  sealed, and written by this user
    keep_book(catalog, book)
    return catalog if isinstance(catalog, Catalog) else None


def write_entry(cache: Path, key: str, catalog: Catalog) -> None:
    """Write an entry at once or not at all, making the folder if need be; old entries go."""
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    _demand_own(cache)
    payload = _pickled((catalog, tariff_book(catalog)))
    handle, name = tempfile.mkstemp(dir=cache)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(payload).digest() + payload)
        Path(name).replace(cache / (key + SUFFIX))
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    entries = sorted(cache.glob("*" + SUFFIX), key=lambda path: path.stat().st_mtime_ns)
    for path in entries[:-KEPT]:
        path.unlink(missing_ok=True)


class _Pickler(pickle.Pickler):
    """Writes frozen values so that they come back three times as fast as dataclasses do alone."""

    def reducer_override(self, value: object) -> Any:
        """Return how a value is made again; every other object is left to pickle."""
        kind = type(value)
        if not is_dataclass(kind) or "__slots__" not in kind.__dict__ or "__reduce__" in vars(kind):
            return NotImplemented
        return _made_again, (kind, tuple(getattr(value, each.name) for each in fields(kind)))


@contextmanager
def _all_kept() -> Iterator[None]:
    """Let the collector rest while hundreds of thousands of values are made that all stay."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _pickled(value: object) -> bytes:
    stream = io.BytesIO()
    _Pickler(stream, protocol=pickle.HIGHEST_PROTOCOL).dump(value)
    return stream.getvalue()


def _made_again(kind: type, values: tuple[object, ...]) -> object:
    """Return a value from its fields; that it is legal was seen to when it was first made."""
    made: object = object.__new__(kind)
    for write, value in zip(_writers(kind), values, strict=True):
        write(made, value)
    return made


@functools.cache
def _writers(kind: type) -> tuple[Callable[[object, object], None], ...]:
    """Return what writes each field of a slotted class, frozen or not."""
    return tuple(getattr(kind, each.name).__set__ for each in fields(kind))


def _files(folder: Path) -> Iterator[Path]:
    """Yield every file that may be part of a catalog, in the order of their names."""
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden:
            yield path


def _demand_own(path: Path) -> None:
    status = path.stat()
    is_own = not hasattr(os, "getuid") or status.st_uid == os.getuid()
    if not is_own or status.st_mode & WRITABLE_BY_OTHERS:
        raise UnsafeCache(path=path)
