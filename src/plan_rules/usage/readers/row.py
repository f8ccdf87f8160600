"""A row of a call file, before anything in it is understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line, its text, its columns by name, and what is wrong with it (or empty)."""

    line: int
    raw: str
    columns: Mapping[str, str] = field(default_factory=dict)
    code: str = ""
    fault: str = ""
