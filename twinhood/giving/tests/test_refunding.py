"""Refunds: no more than was given, once for each form sent, and nothing is deleted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinhood.giving import actions, queries
from twinhood.giving.core import refunding
from twinhood.giving.errors import MoreThanWasGiven, NotPosted, OnlyFeeLeft, RefundedMeanwhile
from twinhood.giving.models import Gift, Refund
from twinhood.giving.tests import world
from twinhood.kit import clock
from twinhood.ledger import actions as ledger
from twinhood.ledger.errors import NoGuarantor
from twinhood.ledger.models import Fund, Segment
from twinhood.people.models import Partnership


def refund(gift: Gift, amount_minor: int, earlier: int = 0, reason: str = "Asked for it") -> Refund:
    return actions.refund_gift(
        gift=gift, person=None, amount_minor=amount_minor, reason=reason, earlier=earlier
    )


def order(pair: Partnership, amount_minor: int) -> None:
    ledger.place_order(
        partnership=pair,
        key="order:1",
        fund_codes=["kramatorsk-usd"],
        units=[("ambulance-1", amount_minor)],
        at=clock.now(),
    )


@pytest.mark.django_db
def test_a_gift_is_given_back_with_its_fee_borne_by_the_operating_account() -> None:
    pair = world.partnership()
    world.fund(pair)
    (gift,) = world.posted(pair, world.cheque(10000, fee_minor=320))

    done = refund(gift, 10000)

    assert (done.line_minor, done.operating_minor) == (9680, 320)
    assert (done.displaced_minor, done.advance_minor) == (0, 0)
    assert Fund.objects.get().free_minor == 0
    assert Segment.objects.filter(key=gift.key).exists()


@pytest.mark.django_db
def test_a_part_moves_only_its_own_cents() -> None:
    pair = world.partnership()
    world.fund(pair)
    (gift,) = world.posted(pair, world.cheque(10000, fee_minor=320))

    first, second = refund(gift, 4000), refund(gift, 6000, earlier=1)

    assert (first.line_minor, first.operating_minor) == (4000, 0)
    assert (second.line_minor, second.operating_minor) == (5680, 320)
    assert queries.totals(pair)[0].refunded_minor == 10000


@pytest.mark.django_db
def test_more_than_is_left_is_refused() -> None:
    pair = world.partnership()
    world.fund(pair)
    (gift,) = world.posted(pair, world.cheque(10000))
    refund(gift, 4000)

    with pytest.raises(MoreThanWasGiven) as refused:
        refund(gift, 6001, earlier=1)

    assert refused.value.left_minor == 6000
    assert Refund.objects.count() == 1


@pytest.mark.django_db
def test_the_same_form_sent_twice_refunds_once() -> None:
    pair = world.partnership()
    world.fund(pair)
    (gift,) = world.posted(pair, world.cheque(10000))

    first = refund(gift, 4000)
    again = refund(gift, 4000)

    assert again == first
    with pytest.raises(RefundedMeanwhile):
        refund(gift, 4001)
    assert queries.left_of(gift).total_minor == 6000


@pytest.mark.django_db
def test_a_gift_that_is_not_on_the_line_yet_is_not_refunded() -> None:
    pair = world.partnership()
    world.fund(pair)
    (gift,) = world.taken_in(pair, world.cheque())

    with pytest.raises(NotPosted):
        refund(gift, 2500)


@pytest.mark.django_db
def test_a_fee_alone_is_not_refunded_from_the_line() -> None:
    pair = world.partnership()
    world.fund(pair)
    (gift,) = world.posted(pair, world.cheque(10000, fee_minor=320))
    refund(gift, 9680)

    with pytest.raises(OnlyFeeLeft):
        refund(gift, 320, earlier=1)


@pytest.mark.django_db
def test_spent_cents_are_covered_anew_and_the_guarantor_advances_what_is_missing() -> None:
    pair = world.partnership()
    world.fund(pair)
    _, boris, _ = world.posted(
        pair, world.cheque(2500, fee_minor=98), world.cheque(10000), world.cheque(5000)
    )
    order(pair, 9000)

    plan = queries.refund_plan(gift=boris, amount_minor=10000)
    done = refund(boris, 10000)

    assert (plan.free_minor, plan.displaced_minor, plan.advance_minor) == (3402, 6598, 1598)
    assert (done.displaced_minor, done.advance_minor) == (6598, 1598)
    fund = Fund.objects.get()
    assert (fund.head_minor, fund.free_minor) == (19000, 0)


@pytest.mark.django_db
def test_looking_at_a_refund_writes_nothing() -> None:
    pair = world.partnership()
    world.fund(pair)
    (gift,) = world.posted(pair, world.cheque(10000))
    order(pair, 10000)

    plan = queries.refund_plan(gift=gift, amount_minor=10000)

    assert plan.advance_minor == 10000
    assert not Refund.objects.exists()
    assert Segment.objects.count() == 1


@pytest.mark.django_db
def test_without_a_guarantor_a_refund_that_needs_one_changes_nothing() -> None:
    pair = world.partnership(has_guarantor=False)
    world.fund(pair)
    (gift,) = world.posted(pair, world.cheque(10000))
    order(pair, 10000)

    with pytest.raises(NoGuarantor):
        refund(gift, 10000)

    assert not Refund.objects.exists()


@given(
    line_minor=st.integers(1, 10**12),
    fee_minor=st.integers(0, 10**6),
    shares=st.lists(st.integers(1, 10**12), max_size=6),
)
def test_parts_given_back_never_exceed_the_gift(
    line_minor: int, fee_minor: int, shares: list[int]
) -> None:
    left = refunding.Left(line_minor, fee_minor)
    back = 0

    for asked in shares:
        if left.line_minor <= 0:
            break
        if asked > left.total_minor:
            with pytest.raises(refunding.TooMuch):
                refunding.split(asked, left)
            continue
        part = refunding.split(asked, left)
        assert part.line_minor + part.operating_minor == asked
        left = refunding.Left(
            left.line_minor - part.line_minor, left.fee_minor - part.operating_minor
        )
        back += asked

    assert back + left.total_minor == line_minor + fee_minor
    assert min(left.line_minor, left.fee_minor) >= 0
