"""Promise of both halves of the room: what is signed here holds before the check."""

from datetime import UTC, datetime

import pytest

from twinhood.documents import actions, offices
from twinhood.documents.core.checking import check
from twinhood.documents.core.checking_report import Anchor, Known, Verdict
from twinhood.documents.store import the_store
from twinhood.documents.tests.papers import agreement, head, mayor
from twinhood.people.models import Person


@pytest.mark.django_db
def test_what_two_sides_sign_here_holds_on_the_word_of_our_root() -> None:
    person = Person.objects.create_user("dana@example.org", name="Dana")
    document = actions.freeze(agreement(), about="agreement:1")
    for slot, capacity in zip(document.slots.order_by("position"), (mayor(), head()), strict=True):
        actions.sign_specimen(slot=slot, capacity=capacity, person=person)
    data = the_store().get(actions.last_revision(document).sha256)
    root = offices.root().identity.certificate

    trusting = check(data, Known(anchors=(Anchor(root, "ours"),)), at=datetime.now(UTC))
    strange = check(data, Known(), at=datetime.now(UTC))

    assert [str(one.level) for one in trusting.approvals] == ["B-LTA", "B-LTA"]
    assert trusting.verdict is Verdict.HOLDS
    assert strange.verdict is not Verdict.HOLDS
