"""Readers of call and customer files, the only part of `usage` that touches files.

A call file goes through three steps, each a module: `lines` (bytes to lines, within bounds),
`rows` (lines to named texts, from CSV or JSON), `fields` (texts to values). `presets` says
which column means what, and `calls` puts them together.
"""

from plan_rules.usage.readers.calls import (
    CallFile,
    CallsRejected,
    RejectedRow,
    UnreadableFile,
    read_calls,
)
from plan_rules.usage.readers.customers import read_customer
from plan_rules.usage.readers.presets import PRESETS, Preset

__all__ = [
    "PRESETS",
    "CallFile",
    "CallsRejected",
    "Preset",
    "RejectedRow",
    "UnreadableFile",
    "read_calls",
    "read_customer",
]
