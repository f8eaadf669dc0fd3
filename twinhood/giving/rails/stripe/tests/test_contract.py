"""Cards keep the contract of all rails (S4, S8)."""

from importlib import import_module

import pytest

from twinhood.giving.rails import RAILS, Rail
from twinhood.giving.rails.stripe.tests.scene import CardScene
from twinhood.giving.tests.rail_contract import RailContract
from twinhood.practice import Practice


@pytest.fixture
def scene(practice: Practice) -> CardScene:
    return CardScene(practice)


class TestCard(RailContract):
    """All of it."""


@pytest.mark.parametrize("rail", [r for r in RAILS if r.hears], ids=lambda rail: rail.code)
def test_every_rail_that_is_told_by_a_machine_keeps_the_contract(rail: Rail) -> None:
    folder = rail.hears.__module__.rpartition(".")[0]

    found = vars(import_module(f"{folder}.tests.test_contract")).values()

    assert any(isinstance(one, type) and RailContract in one.__bases__ for one in found)
