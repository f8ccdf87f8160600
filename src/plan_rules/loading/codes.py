"""Every code an issue of a catalog can carry, with what it means; codes never change."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

CODES: Mapping[str, str] = MappingProxyType(
    {
        # Files
        "missing-file": "the catalog has no root file",
        "unknown-file": "a file or folder that is no part of a catalog",
        "link-outside": "a link that leads out of the catalog",
        "unreadable-file": "a file that the system does not let us read",
        "too-large": "a file of more bytes than are read",
        # Text and YAML
        "empty-file": "a file without content",
        "bad-encoding": "a file that is not UTF-8",
        "control-character": "a character that is none of text",
        "yaml-syntax": "text that is no YAML",
        "tab-indentation": "a line indented by a tab",
        "second-document": "a file of more than one document",
        "duplicate-key": "a key given twice in one mapping",
        "bad-key": "a key that is no single text",
        "merge-key": "a mapping merged into another by `<<`",
        "yaml-tag": "a value with a tag of YAML",
        "ambiguous-scalar": "a value that can be read in more than one way",
        "recursive-alias": "an alias inside what it stands for",
        "alias-bomb": "aliases that stand for too much",
        "too-deep": "values nested too deeply",
        "too-many-issues": "more issues in one file than are worth listing",
        # Form
        "unknown-key": "a key that has no meaning there",
        "missing-key": "a key that must be there and is not",
        "conflicting-keys": "keys of which only one may be there",
        "pointless-key": "a key that says nothing beside the others",
        "wrong-type": "a text instead of a number, a number instead of a list",
        "empty-value": "a key without a value, an empty list or mapping",
        "unknown-value": "a word that is none of the words allowed",
        "out-of-range": "a number too small or too large",
        # Values
        "bad-id": "an id that is not in kebab-case",
        "bad-date": "a date that is no day, or not written as YYYY-MM-DD",
        "bad-clock": "a time of day that is none",
        "bad-increment": "billing increments not written as first/next",
        "bad-cycle-length": "a length that no billing cycle has",
        "bad-currency": "a currency not written in three capital letters",
        "bad-zone": "a time zone nobody knows",
        "bad-percent": "a percentage below 0 or above 100",
        "bad-numbering": "a prefix or a destination that a numbering cannot hold",
        "negative-price": "an amount below 0",
        "too-many-decimals": "an amount finer than a millionth",
        "empty-period": "a period that ends before it begins",
        "overlapping-period": "days listed twice",
        "dated-twice": "a date inside a date",
        "unordered-tiers": "tiers that do not ascend, or leave the end without a price",
        "uneven-increment": "a next increment that does not divide the first",
        "intro-above-fee": "an introductory fee above the usual one",
        "late-fee": "a plan that is sold before its first fee is in force",
        "overlapping-bands": "bands between which only their order decides",
        "listed-twice": "a destination listed twice in one list",
        "reserved-id": "a zone that cannot be named in a selector",
        # Names
        "duplicate-id": "an id that two things have",
        "unknown-selector": "a text that names no destination",
        "unknown-country": "a country nobody knows",
        "unknown-zone": "a zone that no file defines",
        "unknown-rate-table": "a rate table that no file holds",
        "unknown-bands": "a set of bands that no file holds",
        "unknown-band": "a band that its set does not have",
        "unused-rate-table": "a rate table that no plan uses",
        "no-plans": "a catalog without a plan",
        "chosen-without-choose": "a chosen country without a choice",
        "choose-without-chosen": "a choice that nothing depends on",
        "misplaced-chosen": "a chosen country where it has no meaning",
        # Meaning
        "zone-cycle": "a zone that holds itself",
        "zone-empty": "a zone that holds nothing",
        "ambiguous-selector": "two zones of equal rank that share a destination",
        "rate-without-price": "a rate that never comes to a price",
        "rate-without-increment": "a rate that never comes to an increment",
        "band-gap": "hours at which a rate has no price",
        "missing-mobile": "a rate for fixed lines whose mobiles have none",
        "no-rate": "a destination that is promised without a price",
        "allowance-without-rate": "an allowance after which a call has no price",
        "unreachable-allowance": "an allowance that is never used",
    }
)
