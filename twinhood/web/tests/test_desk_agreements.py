"""What waits at the desk of whoever writes or signs an agreement."""

import pytest
from django.utils import translation

from twinhood.kit import clock
from twinhood.people.models import Partnership, Person
from twinhood.people.queries import workspace
from twinhood.twinnings import drafting, signing
from twinhood.twinnings.core.drafting import Side
from twinhood.twinnings.queries import seats_of
from twinhood.twinnings.tests.conftest import facts, partnership
from twinhood.twinnings.tests.world import AT, Cities, rewording
from twinhood.web import desk

__all__ = ["facts", "partnership"]


def titles(person: Person, at_work: Partnership) -> list[str]:
    with translation.override("en"), clock.showing(AT):
        return [task.title for task in desk.tasks(workspace(person, at_work))]


@pytest.mark.usefixtures("facts")
def test_a_proposal_waits_for_the_other_city_and_a_paper_for_who_signs_it(
    partnership: Partnership,
) -> None:
    cities = Cities(partnership)
    terms = {
        Side.GIVING: cities.term(Side.GIVING, cities.mayor),
        Side.RECEIVING: cities.term(Side.RECEIVING, cities.head),
    }
    draft = cities.draft()
    content = drafting.last_version(draft).text
    proposal = drafting.propose(
        draft=draft, change=rewording(content, 2, "x"), reason="", by=cities.dana,
        side=Side.GIVING, at=AT,
    )  # fmt: skip
    assert titles(cities.iryna, partnership) == ["Decide on a proposal: Sister cities"]
    assert titles(cities.dana, partnership) == []
    with clock.showing(AT):
        drafting.accept(proposal=proposal, by=cities.iryna, side=Side.RECEIVING, at=AT)
        seen = drafting.last_version(draft).sha256
        for side, by in ((Side.GIVING, cities.dana), (Side.RECEIVING, cities.iryna)):
            drafting.mark_agreed(draft=draft, seen_sha256=seen, by=by, side=side, at=AT)
        signing.freeze(draft=draft, terms=terms, by=cities.dana, at=AT)

    title = "To be signed: Agreement on sister cities: Kramatorsk and Stamford"
    assert titles(cities.head, partnership) == titles(cities.mayor, partnership) == [title]
    with clock.showing(AT):
        (seat,) = (seat for seat in seats_of(draft) if seat.side == Side.RECEIVING)
        signing.sign_specimen(seat=seat, person=cities.head)
    assert titles(cities.head, partnership) == []
    assert titles(cities.iryna, partnership) == []
