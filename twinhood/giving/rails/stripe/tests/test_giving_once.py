"""S4, a gift of $25 with hostile webhooks: one gift, whatever is told, however often and when."""

import pytest

from twinhood.giving.models import Gift, Pledge
from twinhood.giving.rails.stripe.tests import world
from twinhood.ledger.models import Segment
from twinhood.practice import Practice

pytestmark = pytest.mark.django_db


def test_a_gift_by_card_is_settled_with_the_fee_that_was_taken(practice: Practice) -> None:
    fund = world.a_fund()
    pledge = world.pledged(fund)

    intent = world.paid(practice, pledge)
    world.heard(world.events_about(intent))

    gift = Gift.objects.get()
    pledge.refresh_from_db()
    assert (gift.amount_minor, gift.fee_minor, gift.intake_key) == (2500, 103, intent)
    assert (pledge.state, pledge.gift) == (Pledge.State.SETTLED, gift)
    segment = Segment.objects.get(entry__key=gift.key)
    assert (segment.start_minor, segment.end_minor) == (0, 2397)
    assert world.balance(fund.partnership, "assets:clearing:card") == 2397
