"""`make verify.pyz`: one file, with exactly what it needs, and as long as its page says."""

import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from twinhood.verify.tests.files import small_world, write, zip_of

CHECKOUT = Path(__file__).resolve().parents[3]
SCRIPT = runpy.run_path(str(CHECKOUT / "scripts" / "verify_pyz.py"))
build: Callable[[Path], None] = SCRIPT["build"]
modules: Callable[[], list[Path]] = SCRIPT["modules"]


def pythons() -> list[str]:
    """This Python, and others from 3.12 on that run here."""
    names = (shutil.which(f"python3.{minor}") for minor in range(12, 20))
    return [sys.executable, *(name for name in names if name and _runs(name))]


def _runs(name: str) -> bool:
    done = subprocess.run([name, "-c", "import json"], capture_output=True, check=False)
    return done.returncode == 0


def run(python: str, *arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [python, "-I", "-S", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)


@pytest.mark.parametrize("python", pythons())
def test_it_runs_alone_in_an_empty_folder(tmp_path: Path, python: str) -> None:
    public_file = zip_of(write(small_world(), tmp_path / "file"), tmp_path / "file.zip")
    empty = tmp_path / "empty"
    empty.mkdir()
    build(tmp_path / "verify.pyz")

    done = run(python, tmp_path / "verify.pyz", public_file, cwd=empty)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Holds: ")
    public_file.write_bytes(public_file.read_bytes()[:-1])
    done = run(python, tmp_path / "verify.pyz", public_file, cwd=empty)
    assert (done.returncode, done.stderr) == (2, "")


def test_the_same_sources_give_the_same_file(tmp_path: Path) -> None:
    build(tmp_path / "a")
    build(tmp_path / "b")

    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_only_cores_and_the_verifier_are_in_it() -> None:
    named = [path.relative_to(CHECKOUT / "twinhood").as_posix() for path in modules()]

    assert all(re.match(r"(verify/|\w+/core/|(\w+/)?__init__\.py$)", name) for name in named)
    assert not any("tests" in name for name in named)


def lines_of(paths: list[Path]) -> int:
    return sum(path.read_text(encoding="utf-8").count("\n") for path in paths)


def test_the_page_says_how_long_it_is() -> None:
    page = (CHECKOUT / "docs" / "reference" / "verify.md").read_text(encoding="utf-8")
    told = re.search(r"some ([\d ]+) lines, of which some ([\d ]+) are", page)
    assert told is not None

    paths = modules()
    own = [path for path in paths if path.parent.name == "verify"]

    for number, counted in zip(told.groups(), (lines_of(paths), lines_of(own)), strict=True):
        assert int(number.replace(" ", "")) == pytest.approx(counted, rel=0.05)
