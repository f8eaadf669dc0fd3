"""Disputes: what may be taken is held, what is taken is a refund; the order of news is all one."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest
from django.db import connection, transaction

from twinhood.giving import actions, disputes, errors, queries
from twinhood.giving.models import Dispute, Gift
from twinhood.giving.tests import world
from twinhood.kit import clock
from twinhood.ledger import actions as ledger
from twinhood.ledger import queries as books
from twinhood.ledger.errors import NoGuarantor
from twinhood.ledger.models import Account, Entry, Fund, Hold
from twinhood.people.models import Partnership

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def clara(request: pytest.FixtureRequest) -> Gift:
    """Clara's $5,000, of which the bank kept $145.30; beside it a gift of $1,000."""
    pair = world.partnership(has_guarantor=getattr(request, "param", True))
    world.fund(pair)
    gift, _ = world.posted(pair, world.cheque(500000, fee_minor=14530), world.cheque(100000))
    return gift


def opened(gift: Gift, amount_minor: int = 500000) -> Dispute:
    return disputes.opened(
        gift=gift, key="dp_1", amount_minor=amount_minor, reason="not known",
        due_date=date(2026, 3, 15), at=DAY,
    )  # fmt: skip


def lost(gift: Gift, days: int = 10) -> Dispute:
    return disputes.lost(
        gift=gift, key="dp_1", amount_minor=500000, fee_minor=1500, at=DAY + timedelta(days=days)
    )


def won(gift: Gift, days: int = 20) -> Dispute:
    return disputes.won(gift=gift, key="dp_1", at=DAY + timedelta(days=days))


def fund() -> Fund:
    return Fund.objects.select_related("account").get()


def balance(code: str) -> int:
    return sum(a.balance_minor for a in Account.objects.filter(code__startswith=code))


def held() -> int:
    return books.held_minor(fund())


def spend(pair: Partnership, amount_minor: int) -> None:
    ledger.place_order(
        partnership=pair, key="order:1", fund_codes=["kramatorsk-usd"],
        units=[("ambulance-1", amount_minor)], at=clock.now(),
    )  # fmt: skip


def test_while_a_dispute_is_open_what_it_may_take_cannot_be_ordered(clara: Gift) -> None:
    before = books.orderable_minor(fund=fund(), at=DAY)

    for _ in range(2):
        opened(clara)

    assert held() == 485470
    assert books.orderable_minor(fund=fund(), at=DAY) == before - 485470
    assert fund().free_minor == 585470
    assert won(clara).state == Dispute.State.WON
    assert held() == 0
    assert books.orderable_minor(fund=fund(), at=DAY) == before


def test_a_lost_dispute_is_a_refund_whose_fees_the_organisation_bears(clara: Gift) -> None:
    spend(clara.partnership, 585470)
    opened(clara)

    for _ in range(2):
        dispute = lost(clara)

    assert dispute.state == Dispute.State.LOST
    assert dispute.refund is not None
    assert (dispute.refund.line_minor, dispute.refund.advance_minor) == (485470, 485470)
    assert balance("operating:") == 14530 + 1500
    assert balance("due-from:") == 485470
    assert held() == fund().free_minor == 0
    assert queries.left_of(clara).total_minor == 0


def test_money_won_back_is_income_in_the_gifts_name(clara: Gift) -> None:
    spend(clara.partnership, 585470)
    opened(clara)
    lost(clara)

    dispute = won(clara)

    assert dispute.state == Dispute.State.WON_BACK
    assert queries.returned_keys(clara) == [f"{clara.key}:back-1"]
    assert fund().free_minor == 485470
    assert balance("operating:") == 1500  # the dispute's fee does not come back


def end_of(gift: Gift, news: tuple[Callable[[Gift], Dispute], ...]) -> tuple[object, ...]:
    """Tell it in this order, look at everything, and let it be as if nothing was told."""
    undo = transaction.savepoint_create()
    for tell in news:
        tell(gift)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    dispute = Dispute.objects.get()
    trace = books.trace(partnership=gift.partnership, key=gift.key)
    end = (
        dispute.state, dispute.amount_minor, dispute.due_date, fund().free_minor, held(),
        balance("operating:"), balance("due-from:"), trace.rows() if trace else None,
        sorted(Entry.objects.filter(seq__gt=4).values_list("key", flat=True)),
    )  # fmt: skip
    transaction.savepoint_rollback(undo)
    return end


@pytest.mark.parametrize("days", [(10, 20), (20, 10)], ids=["lost-then-won", "won-then-lost"])
def test_the_same_news_in_any_order_and_twice_ends_the_same(
    clara: Gift, days: tuple[int, int]
) -> None:
    spend(clara.partnership, 500000)
    news = (opened, lambda gift: lost(gift, days[0]), lambda gift: won(gift, days[1]))

    ends = [end_of(clara, order) for order in permutations((*news, news[1]))]

    assert all(end == ends[0] for end in ends)
    expected = Dispute.State.WON_BACK if days == (10, 20) else Dispute.State.LOST
    assert ends[0][0] == expected


def test_what_was_given_back_already_is_not_given_back_again(clara: Gift) -> None:
    actions.refund_gift(gift=clara, person=None, amount_minor=500000, reason="asked", earlier=0)
    opened(clara)
    assert held() == 0

    dispute = lost(clara)

    assert (dispute.refund, dispute.unbooked_minor) == (None, 500000)
    assert fund().free_minor == 100000
    assert balance("operating:") == 14530 + 1500


def test_a_dispute_after_a_part_was_refunded_takes_the_rest(clara: Gift) -> None:
    actions.refund_gift(gift=clara, person=None, amount_minor=400000, reason="asked", earlier=0)

    dispute = lost(clara)

    assert dispute.refund is not None
    assert (dispute.refund.line_minor, dispute.refund.operating_minor) == (85470, 14530)
    assert dispute.unbooked_minor == 400000


@pytest.mark.parametrize("clara", [False], indirect=True)
def test_without_a_guarantor_a_dispute_of_spent_money_stays_open_and_held(clara: Gift) -> None:
    spend(clara.partnership, 585470)
    opened(clara)

    with pytest.raises(NoGuarantor):
        lost(clara)

    assert Dispute.objects.get().state == Dispute.State.OPEN
    assert held() == 485470
    assert Hold.objects.get().released_at is None


def test_a_dispute_told_otherwise_is_for_a_person_to_look_at(clara: Gift) -> None:
    opened(clara)

    with pytest.raises(errors.DisputeToldOtherwise):
        opened(clara, 400000)
    lost(clara)
    with pytest.raises(errors.DisputeToldOtherwise):
        disputes.lost(gift=clara, key="dp_1", amount_minor=1, fee_minor=0, at=DAY)
    assert Dispute.objects.get().amount_minor == 500000


def test_more_than_the_gift_is_not_disputed_nor_a_gift_that_waits(clara: Gift) -> None:
    with pytest.raises(errors.MoreThanWasGiven):
        opened(clara, 500001)
    ref = actions.take_in(
        partnership=clara.partnership, person=None, rows=[world.cheque(500)]
    ).new[0].ref  # fmt: skip

    with pytest.raises(errors.NotPosted):
        opened(Gift.objects.get(ref=ref), 500)
    assert not Dispute.objects.exists()
