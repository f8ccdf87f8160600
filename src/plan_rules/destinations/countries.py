"""Countries: ISO codes, names, calling codes and how one dials there."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

GLOBAL = "001"
"""The country of numbers that belong to none: satellite and international networks.

The code is M49's for the world, as libphonenumber uses it.
"""

ALIASES = MappingProxyType(
    {
        "america": "US",
        "bosnia": "BA",
        "britain": "GB",
        "burma": "MM",
        "cape verde": "CV",
        "congo": "CD",
        "czech republic": "CZ",
        "england": "GB",
        "great britain": "GB",
        "holland": "NL",
        "ivory coast": "CI",
        "korea": "KR",
        "macedonia": "MK",
        "swaziland": "SZ",
        "turkey": "TR",
        "uae": "AE",
        "uk": "GB",
        "usa": "US",
    }
)
"""Names people write that no list of standard names holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """A country or territory with numbers of its own.

    `code` is ISO 3166-1 alpha-2 (`XK` for Kosovo, `001` for the world's networks), `names`
    pairs languages with names, `calling_codes` are digits without a plus sign.
    `international_prefixes` are dialed before a foreign number, `trunk_prefix` before a
    national one (empty if none, or if it belongs to the number as in Italy).
    """

    code: str
    name: str
    names: tuple[tuple[str, str], ...]
    calling_codes: tuple[str, ...]
    international_prefixes: tuple[str, ...]
    trunk_prefix: str


@cache
def countries() -> Mapping[str, Country]:
    """Return every country by its code, in the order of codes; read at the first call."""
    text = files("plan_rules.destinations").joinpath("data/countries.json").read_text("utf-8")
    return MappingProxyType(
        {
            code: Country(
                code=code,
                name=row["names"]["en"],
                names=tuple(sorted(row["names"].items())),
                calling_codes=tuple(row["calling-codes"]),
                international_prefixes=tuple(row["international-prefixes"]),
                trunk_prefix=row["trunk-prefix"],
            )
            for code, row in sorted(json.loads(text)["countries"].items())
        }
    )


def country(code: str) -> Country | None:
    """Return the country of an ISO code in capital letters, or `None`."""
    return countries().get(code)


def country_name(code: str) -> str:
    """Return the English name of a country, or the code itself if there is none."""
    known = country(code)
    return code if known is None else known.name


def find_country(text: str) -> Country | None:
    """Return the country a person may mean: by code in any case, by name, or by a known alias."""
    folded = _folded(text)
    known = country(ALIASES.get(folded, text.upper()))
    if known is not None:
        return known
    return next(
        (
            each
            for each in countries().values()
            if any(_folded(name) == folded for _, name in each.names)
        ),
        None,
    )


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.strip()).encode("ascii", "ignore").decode()
    return plain.lower().replace("-", " ").replace("_", " ")
