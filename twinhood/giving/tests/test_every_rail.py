"""The contract of a rail, run on each that is registered."""

from dataclasses import replace

import pytest

from twinhood.giving import actions
from twinhood.giving.core.offline import OfflineGift
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.errors import BadGift
from twinhood.giving.models import Gift
from twinhood.giving.rails import RAILS, Rail
from twinhood.giving.tests import world
from twinhood.ledger.models import Account, Transfer

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.parametrize("rail", RAILS, ids=lambda rail: rail.code),
]


def gift_by(rail: Rail, amount_minor: int = 10000, fee_minor: int = 0) -> OfflineGift:
    key = rail.name_of("1042", amount_minor)
    return world.cheque(amount_minor, DonorFacts(), key=key, rail=rail.code, fee_minor=fee_minor)


def test_it_says_what_it_is_called_and_which_account_it_fills(rail: Rail) -> None:
    assert rail.code.isidentifier()
    assert len(rail.code) <= (Gift._meta.get_field("rail").max_length or 0)
    assert str(rail.label)
    assert rail.account.startswith("assets:")
    assert bool(rail.reference_label) == ("reference" in rail.asks)


def test_the_same_gift_twice_is_one_gift(rail: Rail) -> None:
    pair = world.partnership()
    world.fund(pair)

    for _ in range(2):
        world.posted(pair, gift_by(rail))

    assert Gift.objects.count() == 1


def test_a_fee_is_smaller_than_the_gift(rail: Rail) -> None:
    pair = world.partnership()
    world.fund(pair)

    with pytest.raises(BadGift):
        world.taken_in(pair, gift_by(rail, 100, fee_minor=100))


@pytest.mark.parametrize("amount", [0, -1, 2**63, 10**30, 1.0, float("inf"), True, None, "25"])
def test_an_amount_that_is_none_is_refused(rail: Rail, amount: object) -> None:
    pair = world.partnership()
    world.fund(pair)
    row = replace(gift_by(rail), amount_minor=amount)  # type: ignore[arg-type]

    with pytest.raises(BadGift):
        world.taken_in(pair, row)

    assert not Gift.objects.exists()


@pytest.mark.parametrize("fee_minor", [0, 320])
def test_its_entry_balances_and_adds_up_to_the_gift(rail: Rail, fee_minor: int) -> None:
    pair = world.partnership()
    world.fund(pair)

    world.posted(pair, gift_by(rail, 10000, fee_minor))

    moves = list(Transfer.objects.select_related("debit", "credit"))
    balance = {a.code: a.balance_minor for a in Account.objects.filter(partnership=pair)}
    assert balance[rail.account] == balance["fund:kramatorsk-usd"] == 10000 - fee_minor
    assert sum(move.amount_minor for move in moves) == 10000
    income = [m for m in moves if m.credit.code.startswith(("fund:", "income:"))]
    assert income == moves


def test_a_refund_leaves_by_the_account_it_came_in(rail: Rail) -> None:
    pair = world.partnership()
    world.fund(pair)
    (gift,) = world.posted(pair, gift_by(rail, 10000, 320))

    actions.refund_gift(
        gift=gift, person=None, amount_minor=10000, reason="Given by mistake", earlier=0
    )

    balance = {a.code: a.balance_minor for a in Account.objects.filter(partnership=pair)}
    assert balance[rail.account] == -320  # the fee was paid back, and the rail kept it
    assert balance["fund:kramatorsk-usd"] == 0
    assert balance[f"operating:{pair.recipient_id}"] == 320
