"""A folder of files becomes a catalog, or all the reasons why not; and a file a customer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from plan_rules.catalog.catalog import Catalog
from plan_rules.errors import CatalogInvalid, InvalidValue, Issue, PlanRulesError
from plan_rules.usage.customer import Customer, customer_from_mapping
from plan_rules.usage.readers.calls import UnreadableFile

if TYPE_CHECKING:
    from plan_rules.loading.reader import Limits


class NoCatalog(PlanRulesError, FileNotFoundError):
    """The folder that should hold a catalog is not there, or is no folder."""

    def __init__(self, *, path: Path) -> None:
        """Keep the path."""
        self.path = path
        super().__init__(f"{path} is no folder; name the folder that holds catalog.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a folder holds: the catalog, `None` if there is an error, and every issue."""

    catalog: Catalog | None
    issues: tuple[Issue, ...]


def check_catalog(folder: Path | str, *, limits: Limits | None = None) -> Loaded:
    """Return the catalog of a folder with all its issues, in the order of their places.

    No content of the files makes it raise. Raises `NoCatalog` if there is no such folder.
    Issues name files by `folder` as given and the path below it. `limits` bounds each file.
    """
    from plan_rules.loading.checking import read_catalog  # noqa: PLC0415  knows yaml

    place = Path(folder)
    if not place.is_dir():
        raise NoCatalog(path=place)
    catalog, issues = read_catalog(place, limits)
    return Loaded(catalog=catalog, issues=issues)


def load_catalog(folder: Path | str, *, cache: Path | str | None = None) -> Catalog:
    """Return the catalog of a folder.

    With `cache`, a folder of the reader's own, the catalog and its compiled tariff are kept
    there and found again while no file has changed: a host's next process starts without
    reading YAML and compiling. Such an entry holds Python code in effect (a pickle).

    Raises `NoCatalog` if there is no such folder, `CatalogInvalid` with every issue if there
    is an error, and `UnsafeCache` if others can write to the cache. Warnings alone do not keep
    a catalog from being used.
    """
    place = Path(folder)
    if cache is None or not place.is_dir():
        return _sound(check_catalog(place))
    from plan_rules.loading.cache import (  # noqa: PLC0415  compiles
        cache_key,
        read_entry,
        write_entry,
    )

    key = cache_key(place)
    known = read_entry(Path(cache), key)
    if known is None:
        known = _sound(check_catalog(place))
        write_entry(Path(cache), key, known)
    return known


def _sound(loaded: Loaded) -> Catalog:
    if loaded.catalog is None:
        raise CatalogInvalid(loaded.issues)
    return loaded.catalog


def read_customer(path: Path | str) -> Customer:
    """Return the customer of a YAML or JSON file.

    Raises `UnreadableFile` for a file that cannot be read or is no JSON, `CatalogInvalid`
    with the places of what is no YAML, and `InvalidValue` naming the key and the remedy.
    """
    place = Path(path)
    value = _json(place) if place.suffix == ".json" else _yaml(place)
    if not isinstance(value, dict):
        raise InvalidValue(name=str(path), value=type(value).__name__, expected="keys with values")
    return customer_from_mapping(value)


def _json(place: Path) -> object:
    try:
        value: object = json.loads(place.read_text("utf-8"))
    except OSError as error:
        raise UnreadableFile(path=place, reason=error.strerror or str(error)) from error
    except ValueError as error:
        raise UnreadableFile(path=place, reason=f"no JSON: {error}") from error
    return value


def _yaml(place: Path) -> object:
    from plan_rules.loading.reader import read_yaml_file  # noqa: PLC0415  knows yaml

    document, issues = read_yaml_file(place, shown_as=str(place))
    if document is None or any(issue.is_error for issue in issues):
        raise CatalogInvalid(issues)
    return document.value
