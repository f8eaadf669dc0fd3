"""Folders for data that an unprivileged server can reach, removed at the end."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from twinhood.ops.postgres import start

MEMORY = Path("/dev/shm")  # noqa: S108 (mkdtemp makes private folders there)
MEMORY_BYTES_MIN = 2 * 1024**3


def make_folder() -> Path:
    """Make a folder, in memory where there is enough: these tests make many databases."""
    has_memory = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_BYTES_MIN
    folder = Path(tempfile.mkdtemp(prefix="twinhood-ops-", dir=MEMORY if has_memory else None))
    folder.chmod(0o711)
    return folder


@pytest.fixture
def place() -> Iterator[Path]:
    """Yield an empty folder."""
    folder = make_folder()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def _fresh_database() -> Iterator[Path]:
    folder = make_folder()
    start(folder / "pg", durable=False).stop()
    yield folder / "pg"
    shutil.rmtree(folder)


@pytest.fixture
def data_dir(place: Path, _fresh_database: Path) -> Path:
    """Return a database that was made, started and stopped before."""
    subprocess.run(["/bin/cp", "-a", str(_fresh_database), str(place / "pg")], check=True)
    return place / "pg"
