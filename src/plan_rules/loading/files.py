"""Which files of a folder make up a catalog."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from plan_rules.errors import Issue, Severity, Span

ROOT = "catalog.yaml"
FACTS = "facts.yaml"
FOLDERS = {
    "zones": "zone",
    "bands": "bands",
    "rates": "rates",
    "plans": "plan",
    "rules": "rules",
}
"""The folders of a catalog, and the kind of file each holds."""

CASES = "tests"
"""The folder of cases that try the rules: it stands beside a catalog and is no part of it."""

WELCOME = frozenset({".md", ".txt"})
"""Endings of files that are no part of a catalog and may stand beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogFile:
    """A file of a catalog: its kind, where it is, and the name that issues call it by.

    A `deck` is a CSV file beside the rate tables.
    """

    kind: str
    path: Path
    shown_as: str


def find_files(folder: Path) -> tuple[tuple[CatalogFile, ...], tuple[Issue, ...]]:
    """Return the files of a catalog in the order of their names, and what does not belong.

    Files and folders that begin with a dot are passed over. A link that leads out of the
    folder is not followed.
    """
    files: list[CatalogFile] = []
    issues: list[Issue] = []
    if not (folder / ROOT).exists():
        message = f"the catalog has no `{ROOT}`"
        hint = "write one with the keys `catalog`, `currency` and `zone`"
        issues.append(_whole(folder / ROOT, "missing-file", message, hint))
    for path in _visible(folder):
        if path.name == ROOT:
            _take(folder, path, "catalog", files, issues)
        elif path.name == FACTS:
            _take(folder, path, "facts", files, issues)
        elif path.is_dir() and path.name == CASES:
            continue
        elif path.is_dir() and path.name in FOLDERS:
            if _is_outside(folder, path):
                issues.append(_outside(path))
                continue
            for each in _visible(path):
                _take(folder, each, FOLDERS[path.name], files, issues)
        else:
            issues += _stranger(path, f"catalogs hold `{ROOT}`, `{FACTS}` and {_listed()}")
    return tuple(files), tuple(issues)


def _take(
    folder: Path, path: Path, kind: str, files: list[CatalogFile], issues: list[Issue]
) -> None:
    if _is_outside(folder, path):
        issues.append(_outside(path))
    elif kind == "rates" and path.suffix == ".csv" and not path.is_dir():
        files.append(CatalogFile(kind="deck", path=path, shown_as=path.as_posix()))
    elif path.suffix == ".yaml" and not path.is_dir():
        files.append(CatalogFile(kind=kind, path=path, shown_as=path.as_posix()))
    else:
        issues += _stranger(path, "move it into the folder itself, and let it end in `.yaml`")


def _visible(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.iterdir()) if not path.name.startswith("."))


def _is_outside(folder: Path, path: Path) -> bool:
    return path.is_symlink() and not path.resolve().is_relative_to(folder.resolve())


def _outside(path: Path) -> Issue:
    return _whole(path, "link-outside", "the link leads out of the catalog", "copy the file here")


def _stranger(path: Path, hint: str) -> list[Issue]:
    """Return the issue of what would not be read: an error for YAML, which was meant to be."""
    if path.suffix in WELCOME:
        return []
    if path.is_dir():
        is_meant = any(each.suffix in {".yaml", ".yml"} for each in path.rglob("*"))
    else:
        is_meant = path.suffix in {".yaml", ".yml"}
    severity = Severity.ERROR if is_meant else Severity.WARNING
    return [_whole(path, "unknown-file", "no part of the catalog; it is not read", hint, severity)]


def _listed() -> str:
    return "the folders " + ", ".join(f"`{name}`" for name in FOLDERS)


def _whole(
    path: Path, code: str, message: str, hint: str, severity: Severity = Severity.ERROR
) -> Issue:
    span = Span(path.as_posix(), 0, 0)
    return Issue(code=code, span=span, message=message, hint=hint, severity=severity)
