"""Disputes at the treasurer's desk: what the bank says, and how it ended."""

from html import unescape
from typing import Any

import pytest
from django.test import Client

from twinhood.giving import queries
from twinhood.giving.tests import world
from twinhood.people.models import Partnership

pytestmark = pytest.mark.django_db

DESK = "/en/desk/stamford-kramatorsk/gifts/"


@pytest.fixture
def pair() -> Partnership:
    made = world.partnership()
    world.fund(made)
    return made


@pytest.fixture
def desk(client: Client, pair: Partnership) -> Client:
    return world.signed_in(client, world.tom(pair))


def text_of(answer: Any) -> str:
    return unescape(answer.content.decode())


def dispute_form(**more: str) -> dict[str, str]:
    typed = {"step": "open", "key": "dp_1", "amount": "100", "reason": "not known", "due": ""}
    return typed | {"day": "2026-03-01"} | more


def end_form(**more: str) -> dict[str, str]:
    typed = {"step": "end", "key": "dp_1", "outcome": "lost", "amount": "100", "fee": "15"}
    return typed | {"day": "2026-03-11"} | more


def test_a_dispute_is_recorded_held_and_lost_from_the_gifts_page(
    pair: Partnership, desk: Client
) -> None:
    (gift,) = world.posted(pair, world.cheque(10000, fee_minor=320))
    page = f"{DESK}{gift.ref}/disputes/"

    for _ in range(2):
        opened = desk.post(page, dispute_form(), follow=True)
    assert "What it may take is held" in text_of(opened)
    assert "open: what it may take is held" in text_of(desk.get(page))
    ended = desk.post(page, end_form(), follow=True)

    assert "What the bank took is booked" in text_of(ended)
    dispute = gift.disputes.get()
    assert (dispute.state, dispute.fee_minor) == ("lost", 1500)
    assert queries.left_of(gift).total_minor == 0
    won = desk.post(page, end_form(outcome="won", amount="", day="2026-04-01"), follow=True)
    assert "Nothing is held any more" in text_of(won)
    assert gift.disputes.get().state == "won back"


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (dispute_form(amount="100.01"), "The gift was $100.00."),
        (dispute_form(amount="0"), "Enter an amount of more than zero."),
        (dispute_form(day="2999-01-01"), "This day has not come yet."),
        (dispute_form(key=""), "Enter the number that the bank gave it."),
        (dispute_form(due="soon"), "Write the day as 2023-04-06"),
    ],
)
def test_a_dispute_that_cannot_be_is_refused_in_words(
    pair: Partnership, desk: Client, form: dict[str, str], words: str
) -> None:
    (gift,) = world.posted(pair, world.cheque(10000))

    answer = desk.post(f"{DESK}{gift.ref}/disputes/", form)

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not gift.disputes.exists()


def test_a_dispute_ends_only_with_an_amount_and_as_it_ended_before(
    pair: Partnership, desk: Client
) -> None:
    (gift,) = world.posted(pair, world.cheque(10000))
    page = f"{DESK}{gift.ref}/disputes/"
    desk.post(page, dispute_form())

    assert "Enter an amount." in text_of(desk.post(page, end_form(amount="")))
    desk.post(page, end_form())
    other = desk.post(page, end_form(amount="50"))

    assert other.status_code == 422
    assert "recorded before, with other facts" in text_of(other)
