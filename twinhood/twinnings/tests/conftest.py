import pytest

from twinhood.people.models import Organisation, Partnership
from twinhood.places.models import Place
from twinhood.places.tests.few import KRAMATORSK, STAMFORD, load_few
from twinhood.twinnings.actions import load_facts, put_to_work
from twinhood.twinnings.models import Twinning


@pytest.fixture
def facts(db: None) -> None:
    """The few cities, and the public facts about them."""
    load_few()
    load_facts()


@pytest.fixture
def partnership(facts: None) -> Partnership:
    """Stamford and Kramatorsk at work here."""
    recipient = Organisation.objects.create(
        kind=Organisation.Kind.CHARITY, name={"en": "Example Aid"}, is_example=True
    )
    partnership = Partnership.objects.create(
        slug="stamford-kramatorsk",
        giving_place=Place.objects.get(geoname_id=STAMFORD),
        receiving_place=Place.objects.get(geoname_id=KRAMATORSK),
        recipient=recipient,
        is_example=True,
    )
    put_to_work(
        twinning=Twinning.objects.get(a_id=KRAMATORSK, b_id=STAMFORD), partnership=partnership
    )
    return partnership
