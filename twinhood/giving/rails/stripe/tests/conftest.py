"""Practice as the far side of the socket: real HTTP, the real SDK, our own webhook address."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from twinhood.giving.rails.stripe.tests import world
from twinhood.practice import Practice, serve


@pytest.fixture(scope="session")
def _emulator() -> Iterator[Practice]:
    with serve(seed="rail") as running:
        yield running


@pytest.fixture
def practice(_emulator: Practice, settings: Settings, tmp_path: Path) -> Practice:
    """The emulator, with our settings pointing there. What earlier tests did in it stays."""
    settings.KEYS_DIR = tmp_path / "keys"
    settings.STRIPE_KEY = "sk_test_practice"
    settings.STRIPE_URL = _emulator.url
    settings.STRIPE_WEBHOOK_SECRETS = [world.SECRET]
    return _emulator
