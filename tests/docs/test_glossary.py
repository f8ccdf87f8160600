"""The glossary has every word of the domain once, and the code uses no other."""

from __future__ import annotations

import re
from pathlib import Path

from plan_rules.catalog.allowance import Remnant
from plan_rules.destinations.line_type import LineType
from plan_rules.rating.charge import Outcome

ROOT = Path(__file__).parents[2]
GLOSSARY = ROOT / "docs" / "reference" / "glossary.md"
BLOCK = re.compile(r"^```\{glossary\}\n(.*?)^```", re.DOTALL | re.MULTILINE)
ROLE = re.compile(r"\{term\}`(?:[^`<]*<)?([^`>]+)>?`")

OF_THE_DESIGN = """
catalog, plan, rate table, rate, destination, zone, line type, allowance, restriction,
surcharge, fee, cycle, commitment, call, usage, needs, profile, charge, draw, bill, line, rule,
fact, effect, subscription, switch, proration, quote, recommendation, explanation, reason,
start, end, as_of, on, tariff, rejected, id, preset
"""


def entries() -> dict[str, str]:
    """Return the entries of the glossary, each with its meaning."""
    found: dict[str, str] = {}
    for block in BLOCK.findall(GLOSSARY.read_text("utf-8")):
        for entry in block.strip().split("\n\n"):
            term, _, meaning = entry.partition("\n")
            assert term not in found
            found[term] = meaning
    return found


def test_every_word_of_the_domain_has_an_entry() -> None:
    words = {word.strip() for word in OF_THE_DESIGN.replace("\n", " ").split(",")}
    named = {each.value for kind in (LineType, Outcome) for each in kind}

    assert words | named <= entries().keys()


def test_every_entry_has_a_meaning() -> None:
    assert [term for term, meaning in entries().items() if len(meaning.split()) < 3] == []


def test_remnants_are_named_as_in_the_catalog() -> None:
    assert all(f"`{each.value}`" in entries()["remnant"] for each in Remnant)


def test_pages_link_the_words_they_explain() -> None:
    linked = {
        word
        for folder in ("explanation", "reference")
        for page in (ROOT / "docs" / folder).rglob("*.md")
        for word in ROLE.findall(page.read_text("utf-8"))
    }

    assert linked <= entries().keys()
    assert {"allowance"} <= linked
