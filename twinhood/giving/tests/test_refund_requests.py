"""Refunds on their way: two people for a large one, whoever asks the database."""

import re

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from twinhood.giving import errors, refunding
from twinhood.giving.models import Gift, Refund, RefundRequest
from twinhood.giving.tests import world
from twinhood.kit import clock
from twinhood.people import identity
from twinhood.people.models import Person

pytestmark = pytest.mark.django_db
State = RefundRequest.State


@pytest.fixture
def gift() -> Gift:
    pair = world.partnership()
    world.fund(pair)
    (found,) = world.posted(pair, world.cheque(500_000))
    return found


@pytest.fixture
def tom(gift: Gift) -> Person:
    return world.tom(gift.partnership)


@pytest.fixture
def lesia(gift: Gift) -> Person:
    return world.person("Lesia", gift.partnership, "approver")


def proposed(gift: Gift, tom: Person, amount_minor: int = 150_000) -> RefundRequest:
    return refunding.propose(
        gift=gift, person=tom, amount_minor=amount_minor, reason="Asked for", earlier=0
    )


def test_a_small_refund_is_booked_at_once(gift: Gift, tom: Person) -> None:
    request = proposed(gift, tom, 100_000)

    assert (request.state, request.needs_second) == (State.BOOKED, False)
    assert request.refund == Refund.objects.get()
    assert Refund.objects.get().line_minor == 100_000


def test_a_large_refund_waits_for_somebody_else(gift: Gift, tom: Person, lesia: Person) -> None:
    request = proposed(gift, tom)
    assert request.state == State.PROPOSED

    with pytest.raises(errors.SamePerson):
        refunding.confirm(request=request, person=tom)
    assert not Refund.objects.exists()
    done = refunding.confirm(request=request, person=lesia)

    assert (done.state, done.confirmed_by) == (State.BOOKED, lesia)
    assert Refund.objects.get().line_minor == 150_000


def test_a_second_account_of_the_proposer_confirms_no_refund(
    gift: Gift, tom: Person, lesia: Person
) -> None:
    request, pair = proposed(gift, tom), gift.partnership
    other = world.person("Dana", pair, "clerk")
    for account in (tom, lesia):
        identity.check_identity(
            person=account, key="one", paper="passport", by=other, organisation=pair.recipient,
            at=clock.now(),
        )  # fmt: skip

    with pytest.raises(errors.SamePerson):
        refunding.confirm(request=request, person=lesia)

    assert not Refund.objects.exists()


def test_a_large_refund_is_not_split_into_small_ones(gift: Gift, tom: Person) -> None:
    proposed(gift, tom, 60_000)

    second = refunding.propose(
        gift=gift, person=tom, amount_minor=60_000, reason="Again", earlier=1
    )

    assert (second.state, second.needs_second) == (State.PROPOSED, True)


def test_the_same_form_twice_is_one_request(gift: Gift, tom: Person, lesia: Person) -> None:
    first = proposed(gift, tom)

    assert proposed(gift, tom) == first
    for _ in range(2):
        refunding.confirm(request=first, person=lesia)
    assert proposed(gift, tom).state == State.BOOKED
    assert Refund.objects.count() == 1


def test_another_refund_waits_until_the_first_is_done(gift: Gift, tom: Person) -> None:
    proposed(gift, tom)

    with pytest.raises(errors.RefundedMeanwhile):
        proposed(gift, tom, 1_000)


def test_a_withdrawn_refund_gives_nothing_back(gift: Gift, tom: Person, lesia: Person) -> None:
    request = refunding.withdraw(request=proposed(gift, tom))

    assert refunding.confirm(request=request, person=lesia).state == State.WITHDRAWN
    assert not Refund.objects.exists()
    assert proposed(gift, tom, 1_000).state == State.BOOKED


@pytest.mark.parametrize("change", ["state='sent'", "confirmed_by_id=proposed_by_id"])
def test_the_database_itself_wants_two_people(gift: Gift, tom: Person, change: str) -> None:
    request = proposed(gift, tom)

    with pytest.raises(IntegrityError), transaction.atomic():
        RefundRequest.objects.raw(
            f"UPDATE giving_refundrequest SET {change} WHERE id = %s RETURNING *",  # noqa: S608
            [request.pk],
        )[0]


def test_at_the_desk_one_proposes_and_another_confirms(
    client: Client, gift: Gift, tom: Person, lesia: Person
) -> None:
    url = f"/en/desk/{gift.partnership.slug}/gifts/{gift.ref}/"
    form = {"amount": "1,500.00", "reason": "Asked for", "earlier": "0"}
    treasurer = world.signed_in(client, tom)
    looked = treasurer.post(f"{url}refund/", form).content.decode()
    assert "by one person alone" in looked

    treasurer.post(f"{url}refund/", form | {"confirmed": "1,500.00"})

    assert RefundRequest.objects.get().state == State.PROPOSED
    own = treasurer.get(f"{url}refund/second/").content.decode()
    assert "Somebody else has to confirm it" in own
    assert 'value="confirm"' not in own
    assert treasurer.post(f"{url}refund/second/", {"step": "confirm"}).status_code == 422
    approver = world.signed_in(Client(), lesia)
    desk = approver.get(f"/en/desk/{gift.partnership.slug}/").content.decode()
    assert f"/gifts/{gift.ref}/refund/second/" in desk
    page = approver.get(f"{url}refund/second/").content.decode()
    assert re.search(r"Who gave gets back.*\$1,500\.00", page, re.DOTALL)
    answer = approver.post(f"{url}refund/second/", {"step": "confirm"})
    assert answer.status_code == 302
    assert RefundRequest.objects.get().state == State.BOOKED
