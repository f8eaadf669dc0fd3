"""What the tests of the public file share: a folder of their own, a clock, a small world."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from twinhood.deliveries.tests.world import World
from twinhood.needs.tests.world import AT


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: Any) -> None:
    settings.PUBLIC_FILES_DIR = tmp_path / "public-files"


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Set the clock: `now(at)`."""

    def set_clock(at: datetime) -> None:
        monkeypatch.setattr("twinhood.kit.clock.now", lambda: at)

    return set_clock


@pytest.fixture
def world(now: Any) -> World:
    """Two ambulances placed, one of them handed over, on the same day."""
    now(AT)
    world = World()
    unit, _ = world.with_serials(world.placed(2))
    world.handed_over(unit)
    return world
