"""A folder of files becomes a catalog, or all the reasons why not.

Stages, each of which returns what it has and the issues it found: find the files, read
them, check their shape, build values, check across files.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from plan_rules.catalog.catalog import Catalog, EitherPolicy
from plan_rules.errors import CatalogInvalid, InvalidValue, Issue, PlanRulesError, Severity, Span
from plan_rules.loading.checks import cross_issues
from plan_rules.loading.places import Root, build_bands, build_root, build_zone
from plan_rules.loading.plans import build_plan
from plan_rules.loading.rate_tables import build_rate_table
from plan_rules.loading.reader import Document, read_yaml_file
from plan_rules.loading.scalars import Reading
from plan_rules.loading.schemas import shape_issues
from plan_rules.usage.customer import Customer, customer_from_mapping
from plan_rules.usage.readers.calls import UnreadableFile

ROOT_FILE = "catalog.yaml"
FOLDERS: dict[str, tuple[str, Callable[[Reading], Any]]] = {
    "bands": ("bands", build_bands),
    "plans": ("plan", build_plan),
    "rates": ("rates", build_rate_table),
    "zones": ("zone", build_zone),
}
"""What each folder of a catalog holds: the schema of its files, and who builds the value."""


class NoCatalog(PlanRulesError, FileNotFoundError):
    """The folder that should hold a catalog is not there, or is no folder."""

    def __init__(self, *, path: Path) -> None:
        """Keep the path."""
        self.path = path
        super().__init__(f"{path} is no folder; name the folder that holds {ROOT_FILE}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a folder holds: the catalog, `None` if there is an error, and every issue."""

    catalog: Catalog | None
    issues: tuple[Issue, ...]


@dataclass(slots=True)
class _Found:
    """Values by folder and id while a catalog is being built; `broken` ids could not be."""

    root: Root | None = None
    values: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {name: {} for name in FOLDERS}
    )
    broken: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FOLDERS, 0))
    issues: list[Issue] = field(default_factory=list)
    documents: dict[str, Document] = field(default_factory=dict)


def load_catalog(folder: Path | str) -> Catalog:
    """Return the catalog of a folder.

    Raises `NoCatalog` if there is no such folder, and `CatalogInvalid` with every issue if
    the files have an error. Warnings alone do not keep a catalog from being used.
    """
    loaded = check_catalog(folder)
    if loaded.catalog is None:
        raise CatalogInvalid(loaded.issues)
    return loaded.catalog


def check_catalog(folder: Path | str) -> Loaded:
    """Return the catalog of a folder with all its issues, in the order of their places.

    No content of the files makes it raise; `NoCatalog` if there is no such folder.
    """
    place = Path(folder)
    if not place.is_dir():
        raise NoCatalog(path=place)
    found = _Found()
    for path, kind, build in _files(place, found):
        _read(path, kind, build, found)
    if found.root is None and not any(issue.is_error for issue in found.issues):
        message = f"there is no {ROOT_FILE}"
        span = Span((place / ROOT_FILE).as_posix(), 0, 0)
        hint = "it says the catalog's id, currency and time zone"
        found.issues.append(Issue(code="no-root", span=span, message=message, hint=hint))
    whole = _catalog(found)
    issues = found.issues + list(
        cross_issues(whole, broken=frozenset(name for name, n in found.broken.items() if n))
    )
    issues = [_with_source(issue, found.documents) for issue in issues]
    issues.sort(key=lambda issue: (issue.span, issue.code, issue.message))
    failed = any(issue.is_error for issue in issues)
    return Loaded(catalog=None if failed else whole, issues=tuple(issues))


def read_customer(path: Path | str) -> Customer:
    """Return the customer of a YAML or JSON file.

    Raises `UnreadableFile`, `CatalogInvalid` with the places of what is no YAML, and
    `InvalidValue` naming the key and the remedy.
    """
    place = Path(path)
    if place.suffix == ".json":
        try:
            value = json.loads(place.read_text("utf-8"))
        except OSError as error:
            raise UnreadableFile(path=place, reason=error.strerror or str(error)) from error
        except ValueError as error:
            raise InvalidValue(name=str(path), value="no JSON", expected=str(error)) from error
    else:
        document, issues = read_yaml_file(place, shown_as=str(path))
        if document is None or any(issue.is_error for issue in issues):
            raise CatalogInvalid(issues)
        value = document.value
    if not isinstance(value, dict):
        raise InvalidValue(name=str(path), value=type(value).__name__, expected="keys with values")
    return customer_from_mapping(value)


def _files(
    place: Path, found: _Found
) -> Iterator[tuple[Path, str, Callable[[Reading], Any] | None]]:
    """Yield every file of a catalog with its schema and builder; report what does not belong."""
    for path in sorted(place.rglob("*")):
        inside = path.relative_to(place)
        if any(part.startswith(".") for part in inside.parts) or path.is_dir():
            continue
        folder = inside.parent.as_posix()
        if not path.resolve().is_relative_to(place.resolve()):
            message = "the link leads out of the catalog"
            span = Span(path.as_posix(), 0, 0)
            hint = "copy the file here"
            found.issues.append(Issue(code="outside-link", span=span, message=message, hint=hint))
        elif inside.as_posix() == ROOT_FILE:
            yield path, "catalog", None
        elif path.suffix not in {".yaml", ".yml"}:
            continue
        elif folder in FOLDERS:
            kind, build = FOLDERS[folder]
            yield path, kind, build
        else:
            found.issues.append(
                Issue(
                    code="misplaced-file",
                    span=Span(path.as_posix(), 0, 0),
                    message="the file belongs to no part of a catalog",
                    hint=f"catalog files are {ROOT_FILE} and those in {'/, '.join(FOLDERS)}/",
                    severity=Severity.WARNING,
                )
            )


def _read(
    path: Path,
    kind: str,
    build: Callable[[Reading], Any] | None,
    found: _Found,
) -> None:
    shown = path.as_posix()
    folder = path.parent.name if build else ""
    document, issues = read_yaml_file(path, shown_as=shown)
    found.issues.extend(issues)
    failed = any(issue.is_error for issue in issues)
    if document is not None:
        found.documents[shown] = document
        shape = shape_issues(document, kind)
        found.issues.extend(shape)
        failed = failed or bool(shape)
    if document is None or failed:
        if folder:
            found.broken[folder] += 1
        return
    reading = Reading(document)
    value = build_root(reading) if build is None else build(reading)
    found.issues.extend(reading.issues)
    if isinstance(value, Root):
        found.root = value
        return
    if reading.issues:
        found.broken[folder] += 1
    known = found.values[folder]
    if value.id in known:
        first = known[value.id].span
        message = f"the id `{value.id}` is used twice in {folder}"
        hint = f"it is already at {first}; rename one of them"
        found.issues.append(Issue(code="duplicate-id", span=value.span, message=message, hint=hint))
    known.setdefault(value.id, value)


def _catalog(found: _Found) -> Catalog:
    """Return what could be built as a catalog, for the checks across files."""
    root = found.root
    return Catalog(
        id=root.id if root else "",
        currency=root.currency if root else "XXX",
        zone=root.zone if root else "UTC",
        either=root.either if root else EitherPolicy.DEARER,
        tax=root.tax if root else None,
        numbering=root.numbering if root else {},
        span=root.span if root else Span("", 0, 0),
        plans=found.values["plans"],
        rate_tables=found.values["rates"],
        zones=found.values["zones"],
        band_sets=found.values["bands"],
    )


def _with_source(issue: Issue, documents: dict[str, Document]) -> Issue:
    """Return the issue with its source line, where a check across files left it out."""
    document = documents.get(issue.span.file)
    if issue.source or document is None:
        return issue
    return replace(issue, source=document.source_line(issue.span.line))
