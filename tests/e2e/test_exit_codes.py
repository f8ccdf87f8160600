"""Every command that reads a catalog ends with 1 where it has errors, and with 2 for misuse."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
CALLS = ("--calls", str(EXAMPLES / "calls-six-months.csv"))
CUSTOMER = ("--customer", str(EXAMPLES / "customer.yaml"))
SUBSCRIPTION = ("--subscription", str(EXAMPLES / "subscription.json"))
COMMANDS = {
    "explain": (*CALLS, *CUSTOMER),
    "numbering lookup": ("+525512345678",),
    "rate": ("--plan", "world-saver", *CALLS, *CUSTOMER),
    "recommend": (*CALLS, *CUSTOMER),
    "rules coverage": (*CALLS, *CUSTOMER),
    "rules explain": (*CALLS, *CUSTOMER),
    "switch": ("--to", "world-saver", *SUBSCRIPTION, *CUSTOMER),
    "usage": (*CALLS, *CUSTOMER),
}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  our own program
        [sys.executable, "-c", "from plan_rules.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "140"},
    )


@pytest.fixture(scope="module")
def unsound(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("unsound")
    (folder / "catalog.yaml").write_text("catalog: broken\ncurrency: dollars\n", "utf-8")
    return str(folder)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_catalog_with_errors_ends_with_1(command: str, unsound: str) -> None:
    done = run(*command.split(), *COMMANDS[command], "--catalog", unsound)
    assert (done.returncode, done.stdout) == (1, "")
    assert "catalog.yaml:" in done.stderr


@pytest.mark.parametrize("command", ["check", "rules check"])
def test_a_catalog_that_is_checked_ends_with_1(command: str, unsound: str) -> None:
    assert run(*command.split(), unsound).returncode == 1


@pytest.mark.parametrize("command", [*COMMANDS, "subscription show", "subscription history"])
def test_a_wrong_option_ends_with_2(command: str) -> None:
    done = run(*command.split(), "--colour", "red")
    assert done.returncode == 2
    assert "--colour" in done.stderr


def test_a_catalog_is_checked_with_the_cases_in_its_tests(tmp_path: Path) -> None:
    folder = tmp_path / "catalog"
    shutil.copytree(ROOT / "catalog", folder)
    assert run("check", str(folder)).returncode == 0
    cases = folder / "tests" / "1-who-may-have-a-plan.yaml"
    cases.write_text(cases.read_text("utf-8").replace("student-world", "students", 1), "utf-8")
    done = run("check", str(folder))
    assert done.returncode == 1
    assert f"{cases}:11:11: error[unknown-value]" in done.stdout
