"""Every example in the docs runs, and says what really comes out.

In `README.md` and `docs/**/*.md`, each ```` ```python ```` fence is run; the fences of one page
share their names, in order, and a fence of `>>>` prompts is compared with what it shows. Each
```` ```console ```` fence is a session: the lines after `$ command` are exactly what the
command prints, errors included (`\\` at the end of a line continues the command). All run at
the root of the repository. `<!-- not run: reason -->` above a fence leaves it out. Examples in
docstrings of `plan_rules` run too.
"""

from __future__ import annotations

import doctest
import importlib
import os
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import plan_rules

ROOT = Path(__file__).parents[2]
FENCE = re.compile(
    r"(?P<skip><!-- not run: \S[^\n]*-->\n\s*)?"
    r"^(?P<indent>[ \t]*)(?P<fence>`{3,})(?P<language>[^\n`]*)\n"
    r"(?P<text>.*?)"
    r"^(?P=indent)(?P=fence)[ \t]*$",
    re.DOTALL | re.MULTILINE,
)
CODE_DIRECTIVE = r"\{(code|code-block|doctest|literalinclude|sourcecode|testcode)\}"
OTHER_LANGUAGE = r"(bash|doctest|py|pycon|python3|sh|shell|shell-session)$"
SECONDS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block that runs: the `line` of its first line of text counts from 1."""

    page: Path
    line: int
    language: str
    text: str

    @property
    def name(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command of a session and what the page says it prints."""

    command: str
    printed: str


def blocks_of(page: Path, text: str, *, above: int = 0) -> Iterator[Block]:
    """Yield the blocks of a page, and those inside of its directives; `above` lines precede."""
    for match in FENCE.finditer(text):
        if match["skip"]:
            continue
        line = above + text.count("\n", 0, match.start("text")) + 1
        inner = "".join(
            each.removeprefix(match["indent"]) for each in match["text"].splitlines(keepends=True)
        )
        language = match["language"].strip().partition(" ")[0]
        yield Block(page=page, line=line, language=language, text=inner)
        if language.startswith("{"):
            yield from blocks_of(page, inner, above=line - 1)


def commands_of(session: str) -> tuple[Command, ...]:
    """Return the commands of a session; text before the first prompt is a mistake of the page."""
    commands: list[Command] = []
    lines = iter(session.splitlines(keepends=True))
    for line in lines:
        if line.startswith("$ "):
            command = line.removeprefix("$ ")
            while command.endswith("\\\n"):
                command += next(lines)
            commands.append(Command(command=command, printed=""))
        else:
            assert commands, "a console block begins with `$ ` and a command"
            last = commands.pop()
            commands.append(Command(command=last.command, printed=last.printed + line))
    return tuple(commands)


def printed_by(command: str) -> str:
    environment = {
        **os.environ,
        "COLUMNS": "100",
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""))),
        "PYTHONUTF8": "1",
        "TERM": "dumb",
    }
    done = subprocess.run(  # noqa: S603 - the commands are those of our own pages
        ["/bin/sh", "-c", command],
        cwd=ROOT,
        env=environment,
        check=False,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=SECONDS,
    )
    return done.stdout


def run_python(block: Block, names: dict[str, Any]) -> None:
    """Run a block in the names of its page; a fault points at the line of the page."""
    if not block.text.lstrip().startswith(">>>"):
        source = "\n" * (block.line - 1) + block.text
        exec(compile(source, str(block.page), "exec", dont_inherit=True), names)  # noqa: S102
        return
    parsed = doctest.DocTestParser().get_doctest(
        block.text, names, block.name, str(block.page), block.line - 1
    )
    doctest.DebugRunner().run(parsed, clear_globs=False)
    names.update(parsed.globs)


def pages() -> Iterator[Path]:
    readme = ROOT / "README.md"
    if readme.is_file():
        yield readme
    yield from sorted((ROOT / "docs").rglob("*.md"))


def documented() -> Iterator[doctest.DocTest]:
    """Yield each docstring of the package that has an example."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    for module in pkgutil.walk_packages(plan_rules.__path__, "plan_rules."):
        if module.name.endswith(".__main__"):
            continue
        for found in finder.find(importlib.import_module(module.name)):
            if found.examples:
                yield found


BLOCKS = [block for page in pages() for block in blocks_of(page, page.read_text("utf-8"))]
PYTHON = {
    page: [block for block in BLOCKS if block.page == page and block.language == "python"]
    for page in pages()
}
SESSIONS = [block for block in BLOCKS if block.language == "console"]
DOCTESTS = sorted(documented(), key=lambda found: found.name)


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, id=str(page.relative_to(ROOT)))
        for page, blocks in PYTHON.items()
        if blocks
    ],
)
def test_the_python_of_a_page_runs(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {"__name__": "__main__"}
    for block in PYTHON[page]:
        run_python(block, names)


@pytest.mark.parametrize("block", SESSIONS, ids=lambda block: block.name)
def test_a_session_prints_what_its_page_shows(block: Block) -> None:
    commands = commands_of(block.text)
    shown = [(each.command, each.printed) for each in commands]
    assert [(each.command, printed_by(each.command)) for each in commands] == shown


@pytest.mark.parametrize("found", DOCTESTS, ids=lambda found: found.name)
def test_the_examples_of_a_docstring_hold(
    found: doctest.DocTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    doctest.DebugRunner().run(found)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.name)
def test_no_example_hides_from_being_run(block: Block) -> None:
    """A spelling that renders as Python or as a session, but is not run, is not used."""
    assert not re.match(f"{CODE_DIRECTIVE}|{OTHER_LANGUAGE}", block.language, re.IGNORECASE)


def test_fences_are_found_with_their_lines_and_without_those_left_out() -> None:
    text = (
        "# Page\n\n```python\na = 1\n```\n\n"
        "<!-- not run: needs a network -->\n```console\n$ pip install x\n```\n\n"
        "1. Then:\n\n   ```console\n   $ echo a\n   a\n   ```\n\n"
        "````{note}\n```python\nb = 2\n```\n````\n"
    )
    found = blocks_of(ROOT / "README.md", text)
    assert [(block.line, block.language, block.text) for block in found] == [
        (4, "python", "a = 1\n"),
        (15, "console", "$ echo a\na\n"),
        (20, "{note}", "```python\nb = 2\n```\n"),
        (21, "python", "b = 2\n"),
    ]


def test_a_session_is_commands_with_what_they_print() -> None:
    commands = commands_of("$ echo a \\\n    b\na b\n$ true\n$ echo c >&2\nc\n")
    assert [each.printed for each in commands] == ["a b\n", "", "c\n"]
    assert [printed_by(each.command) for each in commands] == ["a b\n", "", "c\n"]


def test_a_python_block_that_shows_something_else_fails() -> None:
    names: dict[str, Any] = {}
    page = ROOT / "README.md"
    run_python(Block(page=page, line=1, language="python", text="a = 1\n"), names)
    run_python(Block(page=page, line=4, language="python", text=">>> a + 1\n2\n"), names)
    with pytest.raises(doctest.DocTestFailure):
        run_python(Block(page=page, line=8, language="python", text=">>> a + 1\n3\n"), names)
