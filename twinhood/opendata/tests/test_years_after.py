"""What the log holds of the years after a hand-over, and when anybody may read it."""

from datetime import timedelta

import pytest

from twinhood.aftercare import incidents
from twinhood.aftercare.tests.world import World
from twinhood.kit import clock
from twinhood.needs.tests.world import AT
from twinhood.opendata.core.facts import BadFacts, documents, expect_facts
from twinhood.opendata.projection import public_openings

pytestmark = pytest.mark.django_db


def test_answers_and_incidents_are_in_the_log_and_opened_when_they_may_be() -> None:
    with clock.showing(AT):
        world = World()
        incident = world.incident()
        for person, body in ((world.dana, world.city_s), (world.tom, world.charity)):
            incidents.review(incident=incident, revision=1, by=person, organisation=body, at=AT)
    world.answered(holder="Fund of Dr B.")

    def kinds(days: int) -> list[str]:
        found = public_openings(world.partnership, AT + timedelta(days=days))
        facts = [dict(expect_facts(opened.facts)) for opened in found if opened.facts]
        assert "Fund" not in repr(facts)
        assert "AH 1234" not in repr(facts)
        return [f["kind"] for f in facts if f["kind"] in {"follow-up", "incident"}]

    assert kinds(10) == []
    assert kinds(120) == ["incident", "follow-up"]


def test_their_facts_have_one_shape_and_a_document_of_their_own() -> None:
    told = {
        "condition": "in_use", "date": "2026-12-03", "kind": "follow-up", "months": 3, "unit": "ab",
    }  # fmt: skip

    assert list(documents([expect_facts(told)])) == ["documents/follow-ups/ab-3.json"]
    with pytest.raises(BadFacts):
        expect_facts(told | {"holder": "Fund of Dr B."})
