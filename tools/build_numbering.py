"""Generate the numbering plan and the countries from public numbering metadata.

Run `python tools/build_numbering.py` with the development dependencies installed. Writes
`numbering.txt` and `countries.json` under `src/plan_rules/destinations/data/`. Sources: the
metadata of libphonenumber as packaged in `phonenumberslite` (Apache-2.0) and the names of
territories in CLDR as packaged in `Babel` (Unicode-3.0).

How: for each calling code the tree of national digits is walked. At each prefix it is asked
which types of which regions still have a pattern that the prefix can begin. Where one answer
is left, the prefix leads there; at `DEPTH` digits what remains is settled by `settle`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import babel
import phonenumbers
import regex
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

COMMON_PREFIXES = ("00", "010", "011", "0011", "119", "810", "900")
"""International prefixes of plain digits; a country's pattern says which of them it knows."""

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
                    "calling-codes": [],
                    "international-prefixes": prefixes_of(metadata),
                    "trunk-prefix": (metadata.national_prefix or "") if metadata else "",
                },
            )
            row["calling-codes"].append(str(code))  # type: ignore[attr-defined]
    rows[GLOBAL] = {
        "names": {"en": "World networks", "es": "Redes mundiales", "fr": "Réseaux mondiaux"},
        "calling-codes": sorted(WORLD),
        "international-prefixes": ["00"],
        "trunk-prefix": "",
    }
    return rows


def prefixes_of(metadata: phonenumbers.PhoneMetadata | None) -> list[str]:
    """Return the international prefixes of a country: the preferred, then those its pattern holds.

    Only prefixes of plain digits are kept, the longest first: carrier codes are not listed.
    """
    if metadata is None:
        return ["00"]
    pattern = metadata.international_prefix or "00"
    preferred = (metadata.preferred_international_prefix or "").replace("~", "")
    plain = {each for each in COMMON_PREFIXES if regex.fullmatch(pattern, each)}
    if preferred.isdigit():
        plain.add(preferred)
    return sorted(plain or {"00"}, key=lambda prefix: (-len(prefix), prefix))


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
