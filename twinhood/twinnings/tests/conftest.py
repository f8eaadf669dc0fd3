import pytest

from twinhood.people.models import Partnership
from twinhood.places.tests.few import load_few
from twinhood.twinnings.actions import load_facts
from twinhood.twinnings.tests.world import stamford_and_kramatorsk


@pytest.fixture
def facts(db: None) -> None:
    """The few cities, and the public facts about them."""
    load_few()
    load_facts()


@pytest.fixture
def partnership(facts: None) -> Partnership:
    """Stamford and Kramatorsk at work here."""
    return stamford_and_kramatorsk()
