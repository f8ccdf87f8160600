"""Catalogs with one fault: a line of sound files changed, and the issue its author must get."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

from plan_rules.loading.files import find_files
from plan_rules.loading.places import sample_catalog_path

KEY = r"(?P<lead> *(?:- )?)(?P<key>[a-z-]+)"
AMOUNTS = (
    "fee|price|first-price|connection-fee|minimum|cap|minimum-spend|per-minute|per-call|activation"
)
WRITTEN = (
    "plan|name|kind|summary|fee|sold|intro|billing|allowances|rates|overrides|coverage|"
    "restrictions|surcharges|volumes|commitment|rounding|switching|id|to|without|priority|"
    "increment|remnant|limits|reason|block|cycle|members|rate-table|defaults|bands|list|"
    "weekdays|catalog|currency|zone|tax|either|rules|when|then|stage|valid|facts|type|meaning"
)
WORDS = "kind|remnant|when-used-up|share|model|either|early-termination"
FACT_BEFORE = r"(?:^| |\{)"
"""What a fact stands behind."""

EFFECTS = "exclude|warn|note|tag|require|discount|surcharge|deny-intro"
LISTS = "to|members|block|allow|coverage|without|choose"


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to spoil a line: what is found in it, what takes its place, and the issue's code.

    `where` must match the whole line. `instead` is a template as of `re`. `below` is how many
    lines below the issue stands: 1 for a line that is written twice.
    """

    name: str
    code: str
    where: str
    instead: str
    below: int = 0


FAULTS = (
    Fault(
        "a misspelt key",
        "unknown-key",
        rf"(?P<lead> *(?:- )?)(?P<key>{WRITTEN}):(?P<rest>.*)",
        r"\g<lead>\g<key>-x:\g<rest>",
    ),
    Fault(
        "a key given twice",
        "duplicate-key",
        rf"(?P<lead> *)(?P<key>{WRITTEN}): (?P<rest>[^#\[{{>|]+)",
        r"\g<lead>\g<key>: \g<rest>\n\g<lead>\g<key>: \g<rest>",
        below=1,
    ),
    Fault(
        "an amount below nothing",
        "negative-price",
        rf"(?P<lead> *(?:- )?)(?P<key>{AMOUNTS}): [0-9.]+",
        r"\g<lead>\g<key>: -1",
    ),
    Fault(
        "a price of a rate below nothing",
        "negative-price",
        r"(?P<lead>  )(?P<key>[A-Z]{2}(?:/[a-z]+)?): [0-9.]+",
        r"\g<lead>\g<key>: -0.01",
    ),
    Fault(
        "an amount of seven decimals",
        "too-many-decimals",
        rf"(?P<lead> *(?:- )?)(?P<key>{AMOUNTS}): [0-9.]+",
        r"\g<lead>\g<key>: 0.1234567",
    ),
    Fault(
        "a word for an amount",
        "wrong-type",
        rf"(?P<lead> *(?:- )?)(?P<key>{AMOUNTS}): [0-9.]+",
        r"\g<lead>\g<key>: cheap",
    ),
    Fault(
        "a number with zeros before it",
        "ambiguous-scalar",
        rf"{KEY}: (?P<rest>[1-9][0-9]*)",
        r"\g<lead>\g<key>: 00\g<rest>",
    ),
    Fault(
        "a tab before a key",
        "tab-indentation",
        rf" +(?P<key>{WRITTEN}):(?P<rest>.*)",
        r"\t\g<key>:\g<rest>",
    ),
    Fault(
        "a word that is none of the words allowed",
        "unknown-value",
        rf"(?P<lead> *(?:- )?)(?P<key>{WORDS}): [a-z-]+",
        r"\g<lead>\g<key>: perhaps",
    ),
    Fault(
        "an increment without a slash",
        "bad-increment",
        r"(?P<lead>.*\bincrement: )[0-9]+/[0-9]+(?P<rest>.*)",
        r"\g<lead>60-60\g<rest>",
    ),
    Fault(
        "a day that is none",
        "bad-date",
        r"(?P<lead>[^#]*\b)[0-9]{4}-[0-9]{2}-[0-9]{2}(?P<rest>.*)",
        r"\g<lead>2026-02-30\g<rest>",
    ),
    Fault(
        "a country nobody knows, in a list",
        "unknown-country",
        rf"(?P<lead> *(?:- )?(?:{LISTS}): \[(?:[^#\]]*, )?)[A-Z]{{2}}(?P<rest>[,\]].*)",
        r"\g<lead>QQ\g<rest>",
    ),
    Fault(
        "a country nobody knows, with a rate",
        "unknown-country",
        r"(?P<lead>  )[A-Z]{2}(?P<rest>(?:/[a-z]+)?: .*)",
        r"\g<lead>QQ\g<rest>",
    ),
    Fault(
        "a rate table that no file holds",
        "unknown-rate-table",
        r"rates: [a-z-]+",
        "rates: nowhere-at-all",
    ),
    Fault(
        "a misspelt fact",
        "unknown-fact",
        rf"(?P<lead>.*{FACT_BEFORE})(?P<fact>(?:usage|plan|bill)\.[a-z-]+[a-z])(?P<rest>: .*)",
        r"\g<lead>\g<fact>x\g<rest>",
    ),
    Fault(
        "a fact of the operator's that nobody declares",
        "unknown-fact",
        rf"(?P<lead>.*{FACT_BEFORE})customer\.[a-z-]+(?P<rest>: .*)",
        r"\g<lead>customer.nowhere-declared\g<rest>",
    ),
    Fault(
        "minutes to a zone that no file defines",
        "unknown-zone",
        rf"(?P<lead>.*{FACT_BEFORE}usage\.minutes-to\.)[a-z-]+(?P<rest>: .*)",
        r"\g<lead>nowhere-at-all\g<rest>",
    ),
    Fault(
        "an operator there is not",
        "unknown-operator",
        r"(?P<lead>.*: \{)(?:gt|gte|lt|lte|between|in|ne)(?P<rest>: .*)",
        r"\g<lead>greater-than\g<rest>",
    ),
    Fault(
        "an operator of numbers for words",
        "unknown-operator",
        r"(?P<lead>.*plan\.(?:id|kind): \{)in(?P<rest>: .*)",
        r"\g<lead>between\g<rest>",
    ),
    Fault(
        "a share above the whole",
        "out-of-range",
        r"(?P<lead>.*-share: \{[a-z]+: )[0-9]+(?P<rest>\}.*)",
        r"\g<lead>101\g<rest>",
    ),
    Fault(
        "a text for a number",
        "wrong-type",
        r"(?P<lead>.*usage\.[a-z.-]+[a-z]: \{[a-z]+: )(?P<number>[0-9]+)(?P<rest>\}.*)",
        r"\g<lead>\g<number> of them\g<rest>",
    ),
    Fault(
        "a plan that is not there, in a rule",
        "unknown-value",
        r"(?P<lead>.*plan\.id: )[a-z0-9-]+(?P<rest>[,}].*|)",
        r"\g<lead>nowhere-at-all\g<rest>",
    ),
    Fault(
        "a tag that no rule sets",
        "unknown-tag",
        r"(?P<lead>.*tags: \{has: )[a-z-]+(?P<rest>.*)",
        r"\g<lead>nowhere-set\g<rest>",
    ),
    Fault(
        "an effect there is not",
        "unknown-effect",
        rf"(?P<lead> *- )(?:{EFFECTS}):(?P<rest>.*)",
        r"\g<lead>delight:\g<rest>",
    ),
    Fault(
        "an effect without a reason",
        "missing-reason",
        r"(?P<lead> *- (?:exclude|warn|note|deny-intro)): .+",
        r'\g<lead>: " "',
    ),
    Fault(
        "a discount of more than all",
        "bad-percent",
        r"(?P<lead> *- discount: \{percent: )[0-9.]+(?P<rest>.*)",
        r"\g<lead>100.5\g<rest>",
    ),
    Fault(
        "a rule to replace that is not there",
        "unknown-rule",
        r"(?P<lead> *replaces: )[a-z0-9-]+",
        r"\g<lead>nowhere-at-all",
    ),
    Fault(
        "a fact of a type there is not",
        "unknown-value",
        r"(?P<lead> *(?:[a-z-]+: \{)?type: )[a-z]+(?P<rest>.*)",
        r"\g<lead>perhaps\g<rest>",
    ),
    Fault(
        "a rule of another stage",
        "unknown-value",
        r"(?P<lead> *stage: )[a-z]+",
        r"\g<lead>perhaps",
    ),
    Fault(
        "a character that is none of text", "control-character", r"(?P<line>.+)", "\\g<line>\x07"
    ),
)
"""Every way in which one line of a catalog can be spoiled."""


@dataclass(frozen=True, slots=True)
class InvalidCatalog:
    """A catalog with one fault: its files by path, and the issue that must be found.

    `code` is the issue's; `file` is the path of the file changed and `line` counts from 1.
    """

    fault: str
    code: str
    file: str
    line: int
    files: Mapping[str, str]

    def write(self, folder: Path) -> None:
        """Write the files into a folder."""
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")


def read_files(folder: Path) -> dict[str, str]:
    """Return the YAML files that make up a catalog by their path within its folder."""
    files, _ = find_files(folder)
    return {
        each.path.relative_to(folder).as_posix(): each.path.read_text("utf-8")
        for each in files
        if each.path.suffix == ".yaml"
    }


def spoiled(files: Mapping[str, str]) -> Iterator[InvalidCatalog]:
    """Yield a catalog for every line of sound files and every way to spoil it."""
    for name, text in files.items():
        lines = text.split("\n")
        for index, line in enumerate(lines):
            for fault in FAULTS:
                found = re.fullmatch(fault.where, line)
                if found is None or line.lstrip().startswith("#"):
                    continue
                changed = [*lines[:index], found.expand(fault.instead), *lines[index + 1 :]]
                yield InvalidCatalog(
                    fault=fault.name,
                    code=fault.code,
                    file=name,
                    line=index + 1 + fault.below,
                    files={**files, name: "\n".join(changed)},
                )


def invalid_catalogs(files: Mapping[str, str] | None = None) -> st.SearchStrategy[InvalidCatalog]:
    """Return catalogs with one named fault each, and the issue it must yield.

    `files` are the texts of a sound catalog by path, as `read_files` gives them; by default
    those of the sample catalog. Each way to spoil a line is drawn as often as any other.
    """
    sound = read_files(sample_catalog_path()) if files is None else files
    by_fault: dict[str, list[InvalidCatalog]] = {}
    for each in spoiled(sound):
        by_fault.setdefault(each.fault, []).append(each)
    return st.sampled_from(sorted(by_fault)).flatmap(lambda name: st.sampled_from(by_fault[name]))
