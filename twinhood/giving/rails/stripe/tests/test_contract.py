"""Cards keep the contract of all rails (S4, S8)."""

import pytest

from twinhood.giving.rails.stripe.tests.scene import CardScene
from twinhood.giving.tests.rail_contract import RailContract
from twinhood.practice import Practice


@pytest.fixture
def scene(practice: Practice) -> CardScene:
    return CardScene(practice)


class TestCard(RailContract):
    """All of it."""
