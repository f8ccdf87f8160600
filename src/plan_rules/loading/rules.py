"""Rule files, read when the plans, zones and facts that rules may ask for are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from plan_rules.catalog.catalog import NO_RULES
from plan_rules.catalog.vocabulary import OWN, FactName, vocabulary
from plan_rules.loading.conditions import ConditionReader, Known, places_named
from plan_rules.loading.effects import build_effect
from plan_rules.loading.page import Page
from plan_rules.loading.reader import Steps
from plan_rules.loading.rule_checks import Placed, note_rules
from plan_rules.loading.scalars import period
from plan_rules.loading.sheets import Sheets, ids
from plan_rules.periods import Period
from plan_rules.rules.fact import MOST_WORDS, TAGS, Stage
from plan_rules.rules.rule import Rule, RuleSet

Word = tuple[str, Page, Steps]
"""A label or a tag, and where it is written."""


def build_rules(page: Page) -> tuple[str, ...]:
    """Return the ids of a file's rules; what they say is read when all files are."""
    return tuple(row["id"] for row in page.value["rules"])


def read_rules(sheets: Sheets) -> RuleSet:
    """Return the rules of a catalog and note their issues; no rules, if there is an error."""
    if not sheets.rules and sheets.facts is None:
        return NO_RULES
    known = _known(sheets)
    placed = [each for sheet in sheets.rules if sheet.page for each in _rules(sheet.page, known)]
    is_whole = all(sheet.page is not None for sheet in sheets.rules)
    note_rules(placed, known.vocabulary, is_whole=is_whole)
    if any(page.is_broken for page in sheets.pages()):
        return NO_RULES
    rules = tuple(each.rule for each in placed if each.rule is not None)
    return RuleSet(rules=rules, vocabulary=known.vocabulary)


def _known(sheets: Sheets) -> Known:
    """Return what rules may name. Of files that could not be read, nothing is held against them."""
    labels = _distinct(_labels(sheets), "labels")
    tags = _distinct(_tags(sheets), "tags")
    zones = frozenset(ids(sheets.zones))
    whens = [row["when"] for sheet in sheets.rules if sheet.page for row in _rows(sheet.page)]
    facts = sheets.facts.value if sheets.facts is not None else ()
    unsure: list[str] = []
    if facts is None:
        unsure.append(OWN)
    if any(plan.page is None for plan in sheets.plans):
        unsure.append(FactName.LABELS.value)
    if any(sheet.page is None for sheet in sheets.rules):
        unsure.append(TAGS)
    words = vocabulary(
        plans=ids(sheets.plans),
        labels=labels,
        tags=tags,
        places=(place for when in whens for place in places_named(when, zones)),
        declared=facts or (),
    )
    return Known(vocabulary=words, zones=zones, unsure=tuple(unsure))


def _rows(page: Page) -> list[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = page.value["rules"]
    return rows


def _labels(sheets: Sheets) -> Iterator[Word]:
    for sheet in sheets.plans:
        if sheet.page is not None:
            for index, label in enumerate(sheet.page.value.get("labels", ())):
                yield label, sheet.page, ("labels", index)


def _tags(sheets: Sheets) -> Iterator[Word]:
    for sheet in sheets.rules:
        if sheet.page is not None:
            for index, row in enumerate(_rows(sheet.page)):
                for number, effect in enumerate(row["then"]):
                    if "tag" in effect:
                        yield effect["tag"], sheet.page, ("rules", index, "then", number, "tag")


def _distinct(words: Iterator[Word], what: str) -> tuple[str, ...]:
    """Return the different words, and note the first that is too many."""
    found: dict[str, None] = {}
    is_told = False
    for word, page, path in words:
        if len(found) < MOST_WORDS or word in found:
            found[word] = None
        elif not is_told:
            is_told = True
            message = f"`{word}` is one too many; a catalog has at most {MOST_WORDS} {what}"
            hint = f"use one of the {what} there are"
            page.note("too-many-words", path, message, hint=hint)
    return tuple(found)


def _rules(page: Page, known: Known) -> Iterator[Placed]:
    for index, row in enumerate(_rows(page)):
        path: Steps = ("rules", index)
        reader = ConditionReader(
            page=page, known=known, stage=Stage(row.get("stage", Stage.ELIGIBILITY.value))
        )
        yield Placed(
            id=row["id"],
            replaces=row.get("replaces", ""),
            page=page,
            path=path,
            rule=_rule(reader, row, path),
            denials=reader.denials,
        )


def _rule(reader: ConditionReader, row: Mapping[str, Any], path: Steps) -> Rule | None:
    page, stage = reader.page, reader.stage
    when = reader.read(row["when"], (*path, "when"))
    valid = period(page, row["valid"], (*path, "valid")) if "valid" in row else Period()
    read = [
        build_effect(page, each, (*path, "then", index), stage)
        for index, each in enumerate(row["then"])
    ]
    effects = tuple(each for each in read if each is not None)
    if when is None or len(effects) < len(read):
        return None
    return Rule(
        id=row["id"],
        stage=stage,
        when=when,
        effects=effects,
        valid=valid,
        replaces=row.get("replaces", ""),
        span=page.span((*path, "id")),
    )
