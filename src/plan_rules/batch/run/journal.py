"""What a batch has done, line by line, so that it goes on after it was stopped.

A line is written only when what it tells is on disk for good. A last line cut short was never
written. The first line tells which batch it is; a batch of other input is refused.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from plan_rules.errors import PlanRulesError

if sys.platform != "win32":  # Windows has no such locks
    import fcntl

NAME = "journal.jsonl"
Line = Mapping[str, Any]


class OutputExists(PlanRulesError, FileExistsError):
    """The folder `path` holds something already, and nobody said to go on with it."""

    def __init__(self, *, path: Path) -> None:
        """Keep the path."""
        self.path = path
        super().__init__(f"{path} is not empty; resume the batch in it, or name another folder")


class ResumeRefused(PlanRulesError, ValueError):
    """The batch to go on with is another one: `differs` names what is not the same."""

    def __init__(self, *, path: Path, differs: tuple[str, ...]) -> None:
        """Keep both."""
        self.path = path
        self.differs = differs
        super().__init__(
            f"{path} holds another batch: {', '.join(differs)} changed; "
            "start anew in another folder"
        )


class BatchRunning(PlanRulesError, RuntimeError):
    """Another process works in the folder `path`."""

    def __init__(self, *, path: Path) -> None:
        """Keep the path."""
        self.path = path
        super().__init__(f"another process works in {path}; wait for it, or name another folder")


class Journal:
    """The journal of one folder; only one process at a time has it."""

    def __init__(self, folder: Path, *, identity: Line, resume: bool) -> None:
        """Begin the journal of a batch, or go on with it.

        Raises `OutputExists`, `ResumeRefused` and `BatchRunning`.
        """
        path = folder / NAME
        if folder.exists() and any(folder.iterdir()) and not (resume and path.exists()):
            raise OutputExists(path=folder)
        folder.mkdir(parents=True, exist_ok=True)
        path.touch()
        self._file = path.open("r+b")
        self._lock(folder)
        raw = self._file.read()
        whole = raw[: raw.rfind(b"\n") + 1]
        self.lines: list[Line] = [json.loads(line) for line in whole.splitlines()]
        self._file.seek(len(whole))
        self._file.truncate()
        if not self.lines:
            self.write("batch", identity)
            return
        known = self.lines[0]
        differs = tuple(key for key in identity if known.get(key) != identity[key])
        if differs:
            self._file.close()
            raise ResumeRefused(path=folder, differs=differs)

    def __enter__(self) -> Self:
        """Return the journal itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the journal, so that another process may have it."""
        self._file.close()

    def write(self, event: str, line: Line) -> None:
        """Note what was done; on return it is on disk for good."""
        whole = {"event": event, **line}
        self._file.write(json.dumps(whole, separators=(",", ":")).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self.lines.append(whole)

    def last(self, event: str) -> Line | None:
        """Return the last line that tells of an event."""
        return next((each for each in reversed(self.lines) if each["event"] == event), None)

    def all(self, event: str) -> tuple[Line, ...]:
        """Return every line that tells of an event, in order."""
        return tuple(each for each in self.lines if each["event"] == event)

    def _lock(self, folder: Path) -> None:
        if sys.platform == "win32":
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise BatchRunning(path=folder) from error
