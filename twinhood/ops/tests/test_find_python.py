"""`scripts/find-python` believes a Python only after it ran."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from twinhood.ops.var import CHECKOUT_DIR

SCRIPT = CHECKOUT_DIR / "scripts" / "find-python"
pytestmark = pytest.mark.skipif(not SCRIPT.exists(), reason="an installed wheel has no scripts")
SHELLS = [shell for shell in ("sh", "dash", "bash") if shutil.which(shell)]


class Machine:
    """A made-up machine: its PATH, and a home folder."""

    def __init__(self, root: Path) -> None:
        self.bin = root / "bin"
        self.home = root / "home"
        self.bin.mkdir()
        self.home.mkdir()
        for tool in ("tail", "dirname"):
            (self.bin / tool).symlink_to(str(shutil.which(tool)))

    def has(self, path: Path, body: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        path.chmod(0o755)

    def find(self, shell: str = "sh") -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [str(shutil.which(shell)), str(SCRIPT)],
            env={"PATH": str(self.bin), "HOME": str(self.home)},
            capture_output=True,
            text=True,
            check=False,
        )


GOOD = f'exec "{sys.executable}" "$@"'
OLD = "echo old 3.11.7"
BARE = "echo bare 3.13 ensurepip"
BROKEN_SHIM = 'echo "pyenv: python3.13: command not found" >&2; exit 127'


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_failing_shim_on_path_hides_nothing(machine: Machine, shell: str) -> None:
    machine.has(machine.bin / "python3.13", BROKEN_SHIM)
    machine.has(machine.bin / "python3", OLD)
    machine.has(machine.home / ".pyenv" / "versions" / "3.13.0" / "bin" / "python3", GOOD)

    found = machine.find(shell)

    assert found.returncode == 0
    assert found.stdout.strip() == sys.executable
    assert found.stderr == ""


def test_newer_names_come_first_and_any_python3_will_do(machine: Machine) -> None:
    machine.has(machine.bin / "python3", GOOD)

    assert machine.find().stdout.strip() == sys.executable


def test_uv_is_asked_when_there_is_nothing_else(machine: Machine) -> None:
    machine.has(machine.bin / "python3", OLD)
    machine.has(machine.home / "python", GOOD)
    machine.has(machine.bin / "uv", f'[ "$1" = python ] && echo "{machine.home}/python"')

    assert machine.find().stdout.strip() == sys.executable


@pytest.mark.parametrize(
    ("python", "sentence"),
    [
        (None, "needs Python 3.12 or newer, and none was found"),
        (OLD, "needs Python 3.12 or newer, and only 3.11.7 was found"),
        (BARE, "apt install python3.13-venv"),
        (BROKEN_SHIM, "none was found"),
    ],
)
def test_without_one_a_single_sentence_says_what_to_do(
    machine: Machine, python: str | None, sentence: str
) -> None:
    if python:
        machine.has(machine.bin / "python3", python)

    found = machine.find()

    assert found.returncode == 1
    assert found.stdout == ""
    assert sentence in found.stderr
    assert found.stderr.count("\n") == 1
