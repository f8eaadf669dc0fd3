"""The pledge's own page, and the limits that slow down who tries stolen cards."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from twinhood.giving import actions, errors, limits, pledging
from twinhood.giving.core.pledged import Told
from twinhood.giving.models import Donor, Gift, Pledge
from twinhood.giving.tests import pledges
from twinhood.giving.tests.donor_form import PAY, Pay, entries_in, filled, send, text_of
from twinhood.kit import clock
from twinhood.kit.models import Tally
from twinhood.ledger.models import Fund
from twinhood.needs.models import Campaign

pytestmark = pytest.mark.django_db

# --- limits


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    with clock.showing(moment):
        yield


NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def failed_from_here(count: int) -> None:
    """Let so many payments from the tests' own address fail."""
    pledge = pledges.made(Fund.objects.all()[0]).pledge
    Pledge.objects.filter(pk=pledge.pk).update(sent_from=place_of_tests())
    pledge.refresh_from_db()
    for _ in range(count):
        limits.count_failure(pledge, clock.now())


def place_of_tests() -> bytes:
    request = Client().get("/en/").wsgi_request
    return limits.sent_from(request)


def test_after_some_refused_cards_the_next_one_waits_and_loses_nothing(campaign: Campaign) -> None:
    with at(NOON):
        failed_from_here(5)
        first = send(filled(name="Anna"))
        kept = entries_in(first.content.decode()) | {"rail": "card"}
        too_soon = send(kept)
    with at(NOON + timedelta(seconds=11)):
        answer = send(kept)

    assert (first.status_code, first["Retry-After"]) == (429, "10")
    assert "Nothing that you typed is lost." in text_of(first)
    assert too_soon.status_code == 429
    assert answer.status_code == 303
    assert pledging.told_with(Pledge.objects.latest("pk")).name == "Anna"


def test_a_waiting_form_lets_no_other_form_pass(campaign: Campaign) -> None:
    with at(NOON):
        failed_from_here(5)
        kept = entries_in(send(filled()).content.decode()) | {"rail": "card"}
    with at(NOON + timedelta(seconds=60)):
        answer = send(kept | {"form_key": str(uuid4())})

    assert answer.status_code == 429


def test_after_very_many_refused_cards_only_transfers_are_taken(campaign: Campaign) -> None:
    with at(NOON):
        failed_from_here(limits.FAILURES_MAX)
        by_card = send(filled(name="Anna"))
        by_transfer = send(filled(rail="transfer"))
    with at(NOON + timedelta(hours=1)):
        later = send(filled())

    assert by_card.status_code == 429
    assert "You can give by bank transfer now" in text_of(by_card)
    assert entries_in(by_card.content.decode())["name"] == "Anna"
    assert (by_transfer.status_code, later.status_code) == (303, 303)


def test_a_city_hall_behind_one_address_gives_without_waiting(campaign: Campaign) -> None:
    with at(NOON):
        answers = [send(filled(email=f"clerk{n}@example.org")) for n in range(100)]

    assert {answer.status_code for answer in answers} == {303}
    assert Donor.objects.count() == 100
    assert Tally.objects.get().count == 100


# --- the pledge's page


def own_page(pledge: Pledge, query: str = "") -> str:
    answer = Client().get(f"/en/give/{pledging.secret_of(pledge)}/{query}")
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Robots-Tag"] == "noindex"
    return answer.content.decode()


def card_pledge(campaign: Campaign, **more: Any) -> Pledge:
    made = pledges.made(campaign.fund, **({"rail": "card"} | more))
    return pledging.start(made.pledge, rail_ref=f"cs_{made.pledge.pk}")


def test_a_payment_that_is_not_confirmed_yet_is_looked_for_again(
    campaign: Campaign, pay: Pay
) -> None:
    pledge = card_pledge(campaign)

    page = own_page(pledge)
    answer = send({"act": "look"}, url=f"/en/give/{pledging.secret_of(pledge)}/")

    assert "Your payment is being confirmed" in page
    assert 'http-equiv="refresh"' in page
    assert (answer.status_code, pay.looked) == (303, 1)


def test_who_comes_back_without_paying_can_go_on(campaign: Campaign, pay: Pay) -> None:
    pledge = card_pledge(campaign)

    page = own_page(pledge, "?back=1")
    answer = send({"act": "pay"}, url=f"/en/give/{pledging.secret_of(pledge)}/")

    assert "you have not been charged" in page
    assert 'http-equiv="refresh"' not in page
    assert (answer.status_code, answer["Location"]) == (303, PAY)


def test_a_failed_payment_is_tried_again_with_everything_kept(campaign: Campaign, pay: Pay) -> None:
    pledge = card_pledge(campaign, told=Told("Anna", "anna@example.org", honour="Olena"))
    pledging.fail(pledge, "insufficient_funds")

    page = own_page(pledge)
    changed = send({"again": pledging.secret_of(pledge)})
    answer = send({"act": "pay"}, url=f"/en/give/{pledging.secret_of(pledge)}/")

    assert "There is not enough money on the card." in page
    again = entries_in(changed.content.decode())
    assert (again["name"], again["email"], again["honour"]) == ("Anna", "anna@example.org", "Olena")
    assert (again["amount"], again["other"]) == ("other", "25.00")
    assert answer["Location"] == PAY


def test_a_gift_that_arrived_is_thanked_for_with_its_trace_link(campaign: Campaign) -> None:
    pledge = card_pledge(campaign, told=Told("Anna", "anna@example.org"))
    pledges.settled(pledge)

    page = own_page(pledge)

    secret = pledging.secret_of(pledge)
    assert "Thank you" in page
    assert f"/en/t/{secret}/" in page
    assert '<svg xmlns="http://www.w3.org/2000/svg"' in page
    assert Client().get(f"/en/t/{secret}/").status_code == 200
    assert "Anna" not in page


def test_a_partly_refunded_gift_says_so_on_its_page(campaign: Campaign) -> None:
    pledge = card_pledge(campaign)
    pledges.settled(pledge)
    actions.post_settled()
    gift = Gift.objects.get()
    actions.refund_gift(gift=gift, person=None, amount_minor=1000, reason="asked", earlier=0)

    assert "$10.00 of it went back to you: it is partly refunded." in own_page(pledge)


def test_a_wrong_link_leads_nowhere(campaign: Campaign) -> None:
    assert Client().get("/en/give/" + "0" * 26 + "/").status_code == 404
    assert Client().get("/en/give/x/").status_code == 404


def test_a_link_of_a_pledge_that_asks_a_rail_that_is_down_says_so(
    campaign: Campaign, pay: Pay
) -> None:
    pledge = card_pledge(campaign)
    pay.problem = errors.RailDown()

    answer = send({"act": "look"}, url=f"/en/give/{pledging.secret_of(pledge)}/")

    assert answer.status_code == 503
    assert "does not answer now" in text_of(answer)
