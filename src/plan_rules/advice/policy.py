"""The named policies by which options are ranked."""

from __future__ import annotations

from enum import StrEnum


class Policy(StrEnum):
    """How to rank plans that cover the customer's calls.

    `cheapest-expected` ranks by the expected cost of a month; `low-surprise` by the dearest
    cycle of the history; ties of both go by expected cost, then by id.
    """

    CHEAPEST_EXPECTED = "cheapest-expected"
    LOW_SURPRISE = "low-surprise"
