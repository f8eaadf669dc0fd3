"""Few cities with the facts about them, as the registry knows them."""

import pytest

from twinhood.places.tests.few import load_few
from twinhood.twinnings.actions import load_facts


@pytest.fixture(autouse=True)
def _cities(db: None) -> None:
    load_few()
    load_facts()
