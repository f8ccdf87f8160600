"""Readers of call files, the only part of `usage` that touches files."""

from plan_rules.usage.readers.calls import (
    CallFile,
    CallsRejected,
    RejectedRow,
    UnreadableFile,
    read_calls,
)
from plan_rules.usage.readers.presets import PRESETS, Preset

__all__ = [
    "PRESETS",
    "CallFile",
    "CallsRejected",
    "Preset",
    "RejectedRow",
    "UnreadableFile",
    "read_calls",
]
