"""The clock runs ahead for tests of a whole site, and never where money is real."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from twinhood.kit import clock


@pytest.fixture
def days_file(tmp_path: Path) -> Iterator[Path]:
    file = tmp_path / "days"
    clock.run_ahead_by(file)
    yield file
    clock.run_ahead_by(None)


def test_the_clock_runs_ahead_by_the_days_in_its_file_as_soon_as_they_stand_there(
    days_file: Path,
) -> None:
    before = clock.now()
    days_file.write_text("31")
    after = clock.now()
    with clock.showing(datetime(2023, 4, 6, tzinfo=UTC)):
        shown = clock.now()

    assert abs(datetime.now(UTC) - before) < timedelta(minutes=1)
    assert timedelta(days=31) <= after - before < timedelta(days=31, minutes=1)
    assert shown == datetime(2023, 4, 6, tzinfo=UTC)


@pytest.mark.parametrize(("production", "starts"), [("", True), ("1", False)])
def test_a_clock_that_runs_ahead_is_refused_in_production(
    production: str, starts: bool, tmp_path: Path
) -> None:
    environment = os.environ | {
        "TWINHOOD_PRODUCTION": production,
        "TWINHOOD_SITE_URL": "https://twinhood.example",
        "TWINHOOD_SECRET_KEY": "x" * 50,
        "TWINHOOD_TEST_CLOCK": str(tmp_path / "days"),
    }

    ran = subprocess.run(
        [sys.executable, "-c", "import twinhood.settings"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (ran.returncode == 0) is starts
    assert starts or "refused in production" in ran.stderr
