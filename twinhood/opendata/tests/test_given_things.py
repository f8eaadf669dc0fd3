"""Promises about acts that hand over what was given in kind, in the log and the public file."""

from datetime import timedelta

import pytest

from twinhood.deliveries import queries, telling
from twinhood.kit import clock
from twinhood.needs.tests.world import AT
from twinhood.opendata.core.facts import BadFacts, expect_facts
from twinhood.opendata.projection import Publicity
from twinhood.transport.tests.test_given import begun, taken
from twinhood.transport.tests.world import World

pytestmark = pytest.mark.django_db


@clock.showing(AT)
def test_the_log_tells_of_it_in_its_shape_and_only_when_the_act_is_public() -> None:
    world = World()
    gift = taken(world)
    act = world.confirmed(begun(world, gift))

    facts = telling.act_facts(act)
    near, later = (Publicity(world.partnership, AT + timedelta(days=n)) for n in (13, 14))

    assert expect_facts(facts)["given"] == [
        {"condition": "good", "key": gift.key, "serial_last4": "3456"}
    ]
    assert not near.lets_out(facts)
    assert later.lets_out(facts)
    assert queries.public_acts(world.partnership, AT + timedelta(days=14)) == {1}
    with pytest.raises(BadFacts):
        expect_facts(facts | {"given": [], "units": []})
