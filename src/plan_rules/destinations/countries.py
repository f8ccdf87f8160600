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
        "brazzaville": "CG",
        "britain": "GB",
        "burma": "MM",
        "cape verde": "CV",
        "congo": "CD",
        "czech republic": "CZ",
        "dr congo": "CD",
        "drc": "CD",
        "east timor": "TL",
        "england": "GB",
        "great britain": "GB",
        "holland": "NL",
        "hong kong": "HK",
        "ivory coast": "CI",
        "korea": "KR",
        "macao": "MO",
        "macau": "MO",
        "macedonia": "MK",
        "northern ireland": "GB",
        "palestine": "PS",
        "republic of korea": "KR",
        "russian federation": "RU",
        "scotland": "GB",
        "swaziland": "SZ",
        "turkey": "TR",
        "uae": "AE",
        "uk": "GB",
        "united states of america": "US",
        "vatican": "VA",
        "viet nam": "VN",
        "wales": "GB",
    }
)
"""Names people write that no list of standard names holds."""

LOOSE = str.maketrans("-_.,&", "     ", "'")

UNSAID_WORDS = frozenset({"and", "et", "of", "the", "y"})
"""Words that people put into names of countries or leave out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """A country or territory with numbers of its own.

    `code` is ISO 3166-1 alpha-2 (`XK` for Kosovo, `001` for the world's networks), `alpha3`
    its longer form (empty for `001`), `names` pairs languages with names, `region` is a
    subregion of the United Nations' M49 standard, such as `Central America`.

    `calling_codes` are digits without a plus sign. `international_prefixes` are dialed before
    a foreign number, the longest first; `trunk_prefix` before a national one (empty if none,
    or if it belongs to the number as in Italy). `national_digits` is how many digits a national
    number has at least and at most, both inclusive, calling code and trunk prefix aside.
    """

    code: str
    alpha3: str
    name: str
    names: tuple[tuple[str, str], ...]
    region: str
    calling_codes: tuple[str, ...]
    international_prefixes: tuple[str, ...]
    trunk_prefix: str
    national_digits: tuple[int, int]


@cache
def countries() -> Mapping[str, Country]:
    """Return every country by its code, in the order of codes; read at the first call."""
    text = files("plan_rules.destinations").joinpath("data/countries.json").read_text("utf-8")
    return MappingProxyType(
        {
            code: Country(
                code=code,
                alpha3=row["alpha-3"],
                name=row["names"]["en"],
                names=tuple(sorted(row["names"].items())),
                region=row["region"],
                calling_codes=tuple(row["calling-codes"]),
                international_prefixes=tuple(row["international-prefixes"]),
                trunk_prefix=row["trunk-prefix"],
                national_digits=(min(row["national-digits"]), max(row["national-digits"])),
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
    """Return the country a person may mean, or `None`.

    Known are the codes of two and three letters in any case, the names in every language of
    the table (each part of `Myanmar (Burma)` too) and common aliases. Accents, hyphens, dots,
    `and`, `of`, `the` do not matter, and `St.` is `Saint`. Meant for hints: `congo` may mean
    two countries, and one is returned.
    """
    folded = _folded(text)
    by_code = countries().get(folded.upper())
    return by_code or _by_name().get(folded)


@cache
def _by_name() -> Mapping[str, Country]:
    """Return each country by its folded names, alpha-3 code and aliases; aliases decide first."""
    known: dict[str, Country] = {_folded(alias): countries()[to] for alias, to in ALIASES.items()}
    for each in countries().values():
        if each.alpha3:
            known.setdefault(each.alpha3.lower(), each)
        for _, name in each.names:
            for part in (name, *name.rstrip(")").split(" (")):
                known.setdefault(_folded(part), each)
    return MappingProxyType(known)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = plain.translate(LOOSE).split()
    kept = [word for word in words if word not in UNSAID_WORDS] or words
    return " ".join("saint" if word == "st" else word for word in kept)
