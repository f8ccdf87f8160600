"""Generate the numbering plan and the countries from public numbering metadata.

Run `python tools/build_numbering.py` with the development dependencies installed. Writes
`numbering.txt` and `countries.json` under `src/plan_rules/destinations/data/`. Sources: the
metadata of libphonenumber as packaged in `phonenumberslite` (Apache-2.0) and the names of
territories in CLDR as packaged in `Babel` (Unicode-3.0).

Alpha-3 codes come from the same packages; regions are the subregions of the United Nations'
M49 standard, with Taiwan and Kosovo where CLDR puts them and Ascension and Tristan da Cunha
beside Saint Helena.

How: for each calling code the tree of national digits is walked. At each prefix it is asked
which types of which regions still have a pattern that the prefix can begin. Where one answer
is left, the prefix leads there; at `DEPTH` digits what remains is settled by `settle`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import chain, product
from pathlib import Path

import babel
import phonenumbers
import regex
from babel.core import get_global
from phonenumbers.data import _COUNTRY_CODE_TO_REGION_CODE as REGIONS

DATA = Path(__file__).parents[1] / "src" / "plan_rules" / "destinations" / "data"
DEPTH = 7
LANGUAGES = ("en", "es", "fr")
GLOBAL = "001"

LINE_OF_TYPE = {
    "premium_rate": "premium",
    "toll_free": "toll-free",
    "shared_cost": "special",
    "personal_number": "special",
    "pager": "special",
    "uan": "special",
    "voicemail": "special",
    "mobile": "mobile",
    "fixed_line": "fixed",
    "voip": "fixed",
}
"""Calls to numbers on the internet are billed as calls to fixed lines."""

WORLD = {
    "800": "toll-free",
    "808": "special",
    "870": "satellite",
    "878": "special",
    "881": "satellite",
    "882": "satellite",
    "883": "satellite",
    "979": "premium",
}
"""Calling codes of no country; libphonenumber has no satellite type and says mobile."""

PREFIX_DIGITS = range(1, 6)
"""Digits of the international prefixes that are listed; longer ones name small carriers."""

MANY_PREFIXES = 64
"""A pattern that holds more prefixes than this lists carriers: only `00` is kept of it."""

RETIRED_ALPHA3 = frozenset({"BUR", "DDR", "FXX", "SCG", "TMP", "YMD", "YUG", "ZAR"})
"""Alpha-3 codes of countries that are no more; they are known beside the present ones."""

REGIONS_M49 = {
    "Australia and New Zealand": "AU CC CX NF NZ",
    "Caribbean": (
        "AG AI AW BB BL BQ BS CU CW DM DO GD GP HT JM KN KY LC MF MQ MS PR SX TC TT VC VG VI"
    ),
    "Central America": "BZ CR GT HN MX NI PA SV",
    "Central Asia": "KG KZ TJ TM UZ",
    "Eastern Africa": "BI DJ ER ET IO KE KM MG MU MW MZ RE RW SC SO SS TZ UG YT ZM ZW",
    "Eastern Asia": "CN HK JP KP KR MN MO TW",
    "Eastern Europe": "BG BY CZ HU MD PL RO RU SK UA",
    "Melanesia": "FJ NC PG SB VU",
    "Micronesia": "FM GU KI MH MP NR PW",
    "Middle Africa": "AO CD CF CG CM GA GQ ST TD",
    "Northern Africa": "DZ EG EH LY MA SD TN",
    "Northern America": "BM CA GL PM US",
    "Northern Europe": "AX DK EE FI FO GB GG IE IM IS JE LT LV NO SE SJ",
    "Polynesia": "AS CK NU PF TK TO TV WF WS",
    "South America": "AR BO BR CL CO EC FK GF GY PE PY SR UY VE",
    "South-eastern Asia": "BN ID KH LA MM MY PH SG TH TL VN",
    "Southern Africa": "BW LS NA SZ ZA",
    "Southern Asia": "AF BD BT IN IR LK MV NP PK",
    "Southern Europe": "AD AL BA ES GI GR HR IT ME MK MT PT RS SI SM VA XK",
    "Western Africa": "AC BF BJ CI CV GH GM GN GW LR ML MR NE NG SH SL SN TA TG",
    "Western Asia": "AE AM AZ BH CY GE IL IQ JO KW LB OM PS QA SA SY TR YE",
    "Western Europe": "AT BE CH DE FR LI LU MC NL",
}
"""The subregion of each country."""

EXTRA = {"379": "VA/fixed"}
"""Codes that decks carry and libphonenumber cannot parse."""


@dataclass(frozen=True)
class Answer:
    """A region's pattern for one line: what a prefix may still lead to."""

    region: str
    line: str
    pattern: regex.Pattern[str]
    leading: regex.Pattern[str] | None

    @property
    def home(self) -> str:
        """Where unassigned numbers of the region lead."""
        return f"{self.region}/either"

    def owns(self, digits: str) -> bool:
        """Whether all numbers that begin so are the region's, by its leading digits."""
        return self.leading is not None and self.leading.fullmatch(digits) is not None

    def can_begin_with(self, digits: str) -> bool:
        """Whether some number of the pattern begins with the digits."""
        if self.leading is not None and not self.leading.fullmatch(digits, partial=True):
            return False
        return self.pattern.fullmatch(digits, partial=True) is not None


def answers_of(calling_code: int) -> list[Answer]:
    """Return every pattern of every region of a calling code, the main region first."""
    found = []
    for region in REGIONS[calling_code]:
        metadata = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
        if metadata is None:
            continue
        leading = metadata.leading_digits
        for kind, line in LINE_OF_TYPE.items():
            described = getattr(metadata, kind)
            if described is None or not described.national_number_pattern:
                continue
            found.append(
                Answer(
                    region,
                    line,
                    regex.compile(described.national_number_pattern),
                    regex.compile(f"(?:{leading})\\d*") if leading else None,
                )
            )
    return found


def settle(candidates: list[Answer]) -> str:
    """Return where a prefix leads that several patterns share: the first region, then the line.

    Fixed and mobile together are `either`; an ordinary line goes before a service, whose ranges
    are short and known.
    """
    region = candidates[0].region
    lines = {each.line for each in candidates if each.region == region}
    ordinary = lines & {"fixed", "mobile"}
    if len(ordinary) > 1:
        return f"{region}/either"
    if ordinary:
        return f"{region}/{ordinary.pop()}"
    return f"{region}/{next(line for line in LINE_OF_TYPE.values() if line in lines)}"


def walk(digits: str, candidates: list[Answer], fallback: str) -> dict[str, str]:
    """Return prefix -> where, relative to the calling code, for all numbers under `digits`.

    `digits` itself is always among them; prefixes that lead where their parent leads are
    left out.
    """
    alive = [each for each in candidates if each.can_begin_with(digits)]
    fallback = next((each.home for each in alive if each.owns(digits)), fallback)
    if not alive:
        return {digits: fallback}
    if len({(each.region, each.line) for each in alive}) == 1 or len(digits) == DEPTH:
        return {digits: settle(alive)}
    if digits and all(each.line in {"fixed", "mobile"} for each in alive):
        fixed = {each.pattern for each in alive if each.line == "fixed"}
        mobile = {each.pattern for each in alive if each.line == "mobile"}
        if fixed == mobile and len({each.region for each in alive}) == 1:
            return {digits: settle(alive)}
    children: dict[str, str] = {}
    for digit in "0123456789":
        children |= walk(digits + digit, alive, fallback)
    tops = [children[digits + digit] for digit in "0123456789" if digits + digit in children]
    common = max(sorted(set(tops)), key=tops.count)
    kept = {
        prefix: where
        for prefix, where in children.items()
        if len(prefix) > len(digits) + 1 or where != common
    }
    return {digits: common, **kept}


def numbering() -> dict[str, str]:
    """Return every prefix, calling code included, and where it leads."""
    found = dict(EXTRA) | {code: f"{GLOBAL}/{line}" for code, line in WORLD.items()}
    for code in sorted(REGIONS):
        regions = [region for region in REGIONS[code] if region != GLOBAL]
        if regions:
            tree = walk("", answers_of(code), f"{regions[0]}/either")
            found |= {f"{code}{digits}": where for digits, where in tree.items()}
    return found


def countries() -> dict[str, dict[str, object]]:
    """Return each country with its names, calling codes and dialing prefixes."""
    alpha3 = alpha3_codes()
    region_of = {code: name for name, codes in REGIONS_M49.items() for code in codes.split()}
    locales = {language: babel.Locale(language) for language in LANGUAGES}
    rows: dict[str, dict[str, object]] = {}
    for code, regions in sorted(REGIONS.items()):
        for region in regions:
            if region == GLOBAL:
                continue
            metadata = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
            row = rows.setdefault(
                region,
                {
                    "names": {
                        language: locale.territories.get(region, region)
                        for language, locale in locales.items()
                    },
                    "alpha-3": alpha3[region],
                    "region": region_of[region],
                    "calling-codes": [],
                    "international-prefixes": prefixes_of(metadata),
                    "national-digits": national_digits(metadata),
                    "trunk-prefix": (metadata.national_prefix or "") if metadata else "",
                },
            )
            row["calling-codes"].append(str(code))  # type: ignore[attr-defined]
    rows[GLOBAL] = {
        "names": {"en": "World networks", "es": "Redes mundiales", "fr": "Réseaux mondiaux"},
        "alpha-3": "",
        "region": "World",
        "calling-codes": sorted(WORLD),
        "international-prefixes": ["00"],
        "national-digits": [7, 12],
        "trunk-prefix": "",
    }
    return rows


def alpha3_codes() -> dict[str, str]:
    """Return the present alpha-3 code of each country."""
    return {
        present[0]: code
        for code, present in get_global("territory_aliases").items()
        if len(code) == 3 and code.isalpha() and code not in RETIRED_ALPHA3
    }


def national_digits(metadata: phonenumbers.PhoneMetadata | None) -> list[int]:
    """Return how many digits a national number has at least and at most, trunk prefix aside.

    Numbers that can only be dialed within a town are shorter and do not count.
    """
    described = metadata.general_desc if metadata else None
    lengths = described.possible_length if described else (4, 12)
    return [min(lengths), max(lengths)]


def prefixes_of(metadata: phonenumbers.PhoneMetadata | None) -> list[str]:
    """Return the international prefixes of a country, the longest first, those of carriers too.

    `00` is among them always: exchanges write it whatever was dialed.
    """
    if metadata is None:
        return ["00"]
    pattern = regex.compile(metadata.international_prefix or "00")
    dialed = {
        "".join(digits)
        for digits in chain.from_iterable(
            product("0123456789", repeat=length) for length in PREFIX_DIGITS
        )
        if pattern.fullmatch("".join(digits))
    }
    preferred = (metadata.preferred_international_prefix or "").replace("~", "")
    found = (dialed if len(dialed) <= MANY_PREFIXES else set()) | {"00"}
    return sorted(found | {preferred} - {""}, key=lambda prefix: (-len(prefix), prefix))


def main() -> None:
    """Write both files."""
    DATA.mkdir(exist_ok=True)
    by_destination: dict[str, list[str]] = {}
    for prefix, where in sorted(numbering().items()):
        by_destination.setdefault(where, []).append(prefix)
    header = (
        "# Where numbers lead: country/line, then prefixes; the longest prefix decides.\n"
        "# Generated by tools/build_numbering.py from the metadata of libphonenumber "
        f"(phonenumberslite {phonenumbers.__version__}, Apache-2.0).\n"
    )
    rows = (f"{where} {' '.join(prefixes)}\n" for where, prefixes in sorted(by_destination.items()))
    DATA.joinpath("numbering.txt").write_text(header + "".join(rows), "ascii")
    document = {
        "source": "Names: CLDR through Babel (Unicode-3.0). Codes and dialing prefixes: "
        f"libphonenumber through phonenumberslite {phonenumbers.__version__} (Apache-2.0).",
        "countries": countries(),
    }
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)
    DATA.joinpath("countries.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
