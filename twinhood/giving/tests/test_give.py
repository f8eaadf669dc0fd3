"""The giving page: whatever is sent, nothing is lost, nothing is paid twice, nothing is hidden."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from twinhood.giving import errors, pledging
from twinhood.giving.core.pledged import Told
from twinhood.giving.models import Gift, Issuer, Pledge
from twinhood.giving.tests import pledges, world
from twinhood.giving.tests.donor_form import (
    PAGE,
    PAY,
    Pay,
    a_need,
    entries_in,
    filled,
    get,
    send,
    text_of,
)
from twinhood.kit import clock
from twinhood.needs.models import Campaign, Need

pytestmark = pytest.mark.django_db


# --- what the page offers


def test_the_campaigns_own_sum_is_chosen_and_nothing_else_is(campaign: Campaign) -> None:
    a_need(campaign)

    entries = entries_in(get())

    assert (entries["amount"], entries["rhythm"], entries["what"]) == (
        "2500", "once", "campaign-usd",
    )  # fmt: skip
    assert not {"cover", "shows_name", "tells_organiser"} & entries.keys()


def test_suggested_amounts_say_what_they_are_of_the_next_thing(campaign: Campaign) -> None:
    a_need(campaign)

    page = get()

    assert "one part in 580" in page  # $25 of a generator for $14,500
    assert "Generator, $14,500" in page


def test_the_fallback_purpose_and_who_keeps_control_stand_on_the_page(campaign: Campaign) -> None:
    page = get()

    assert "Other needs of the city." in page
    assert "control and discretion" in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?amount=50", {"amount": "5000"}),
        ("?amount=40", {"amount": "other", "other": "40.00"}),
        ("?amount=twenty", {"amount": "other", "other": "twenty"}),
        ("?need=1", {"what": "need-1"}),
        ("?need=99", {"what": "campaign-usd"}),
        ("?currency=GBP", {"what": "campaign-gbp"}),
        ("?currency=XXX", {"what": "campaign-usd"}),
        ("?monthly=1", {"rhythm": "monthly"}),
    ],
)
def test_an_address_may_choose_before_the_donor_does(
    campaign: Campaign, query: str, expected: dict[str, str]
) -> None:
    a_need(campaign, own_fund=True)
    world.fund(campaign.partnership, "kramatorsk-gbp", "GBP")

    entries = entries_in(get(query))

    assert {name: entries.get(name) for name in expected} == expected


def test_each_form_has_a_key_of_its_own_and_no_cache_keeps_the_page(campaign: Campaign) -> None:
    answers = [Client().get(PAGE) for _ in range(2)]

    keys = {entries_in(answer.content.decode())["form_key"] for answer in answers}
    assert len(keys) == 2
    assert all("no-store" in answer["Cache-Control"] for answer in answers)
    assert not any(answer.cookies for answer in answers)


def test_the_form_may_lead_to_the_rails_own_page_and_nowhere_else(campaign: Campaign) -> None:
    policy = Client().get(PAGE)["Content-Security-Policy"]

    assert "form-action 'self' https://pay.example" in policy


def test_browsers_and_password_managers_know_what_to_fill_in(campaign: Campaign) -> None:
    page = get()

    for hint in ("email", "name", "transaction-amount", "street-address", "organization"):
        assert f'autocomplete="{hint}"' in page or hint == "street-address"
    assert 'inputmode="decimal"' in page


# --- giving


def test_a_chip_and_one_button_lead_to_pay(campaign: Campaign, pay: Pay) -> None:
    answer = send(filled(email="anna@example.org"))

    pledge = Pledge.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, PAY)
    assert (pledge.amount_minor, pledge.currency, pledge.rhythm) == (2500, "USD", "once")
    assert (pledge.purpose, pledge.fund_id, pledge.state) == (
        "Ambulances", campaign.fund_id, "started",
    )  # fmt: skip
    assert pledging.told_with(pledge) == Told(email="anna@example.org")


def test_in_ukrainian_the_words_and_the_amount_are_ukrainian(campaign: Campaign) -> None:
    entries = entries_in(get(language="uk")) | {"rail": "card", "amount": "other"}

    answer = send(
        entries | {"other": "1 234,50", "seen": "123450"}, url=PAGE.replace("/en/", "/uk/")
    )

    pledge = Pledge.objects.get()
    assert answer.status_code == 303
    assert (pledge.amount_minor, pledge.purpose, pledge.language) == (123_450, "Швидкі", "uk")


def test_a_sum_that_was_not_seen_is_shown_before_it_is_paid(campaign: Campaign, pay: Pay) -> None:
    shown = send(filled(amount="other", other="40", cover="on"))

    assert shown.status_code == 200
    assert "$40.00" in text_of(shown)
    assert "$1.50" in text_of(shown)
    assert "$41.50" in text_of(shown)
    assert not Pledge.objects.exists()
    assert pay.begun == []

    answer = send(entries_in(shown.content.decode()) | {"rail": "card"})

    assert answer.status_code == 303
    pledge = Pledge.objects.get()
    assert (pledge.amount_minor, pledge.cover_minor) == (4150, 150)


def test_what_is_shown_before_says_what_the_next_page_is(campaign: Campaign) -> None:
    typed = {"amount": "other", "other": "37", "seen": ""}

    by_card = text_of(send(filled(**typed)))
    by_transfer = text_of(send(filled(**typed, rail="transfer")))

    assert "Go on to pay $37.00" in by_card
    assert "Show me where to send it" in by_transfer
    assert "You transfer" in by_transfer
    assert "Go on to pay" not in by_transfer


def test_monthly_by_card_is_kept_as_such(campaign: Campaign) -> None:
    answer = send(filled(rhythm="monthly", email="anna@example.org"))

    assert answer.status_code == 303
    assert Pledge.objects.get().rhythm == "monthly"


def test_a_transfer_leads_to_the_pledges_own_page(campaign: Campaign) -> None:
    answer = send(filled(rail="transfer"))

    pledge = Pledge.objects.get()
    own = f"/en/give/{pledging.secret_of(pledge)}/"
    assert (answer.status_code, answer["Location"]) == (303, own)
    page = text_of(Client().get(own))  # type: ignore[arg-type]
    assert "Your transfer is awaited" in page
    assert "RF" in page


def test_a_need_with_its_own_fund_gets_the_gift(campaign: Campaign) -> None:
    need = a_need(campaign, own_fund=True)

    send(filled(what="need-1"))

    pledge = Pledge.objects.get()
    assert (pledge.need, pledge.fund_id, pledge.purpose) == (need, need.fund_id, "Generators")


# --- what goes wrong


def test_a_mistake_keeps_all_that_was_typed(campaign: Campaign) -> None:
    typed = filled(
        amount="other", other="25,00", name="Олена Їжак", honour="Дід", employer="Example Ltd",
        email="anna@", shows_name="on", cover="on", rhythm="monthly",
    )  # fmt: skip

    answer = send(typed)

    assert answer.status_code == 422
    page = answer.content.decode()
    again = entries_in(page)
    assert {name: again[name] for name in typed if name not in {"rail", "seen"}} == {
        name: value for name, value in typed.items() if name not in {"rail", "seen"}
    }
    assert "Enter an e-mail address, like name@example.com." in page
    assert "Enter the amount with digits, such as 1,234.50." in page
    assert "You have not been charged." in page
    assert "<title>Problem:" in page
    assert not Pledge.objects.exists()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("0.50", "Enter an amount of $1 or more."),
        ("0", "Enter an amount of $1 or more."),
        ("25.505", "The amount has more decimal places than USD has."),
        ("-5", "Enter the amount without a minus sign."),
        ("10,000,001", "Enter an amount of $10,000,000 or less."),
        ("", "Enter an amount."),
    ],
)
def test_an_amount_that_is_none_is_refused_with_words(
    campaign: Campaign, typed: str, words: str
) -> None:
    answer = send(filled(amount="other", other=typed))

    assert answer.status_code == 422
    assert words in text_of(answer)


def test_when_the_rail_is_down_the_same_form_can_be_sent_again(
    campaign: Campaign, pay: Pay
) -> None:
    typed = filled(email="anna@example.org", name="Anna")
    pay.problem = errors.RailDown()

    down = send(typed)
    pay.problem = None
    answer = send(entries_in(down.content.decode()) | {"rail": "card"})

    assert down.status_code == 503
    assert "You have not been charged." in text_of(down)
    assert (answer.status_code, answer["Location"]) == (303, PAY)
    assert Pledge.objects.count() == 1


def test_what_the_rail_refuses_is_told_in_words(campaign: Campaign, pay: Pay) -> None:
    pay.problem = errors.RailRefuses("card_declined")

    answer = send(filled(name="Anna"))

    assert answer.status_code == 422
    assert "Your bank declined the payment." in text_of(answer)
    assert entries_in(answer.content.decode())["name"] == "Anna"


def test_a_double_click_is_one_pledge(campaign: Campaign, pay: Pay) -> None:
    entries = filled()

    answers = [send(entries) for _ in range(2)]

    assert [answer["Location"] for answer in answers] == [PAY, PAY]
    assert Pledge.objects.count() == 1


def test_back_and_another_amount_is_asked_about_and_nothing_is_lost(campaign: Campaign) -> None:
    entries = filled(name="Anna")
    send(entries)

    answer = send(entries | {"amount": "5000"})

    again = entries_in(answer.content.decode())
    assert answer.status_code == 409
    assert "You sent this form before with other entries" in text_of(answer)
    assert (again["amount"], again["name"]) == ("5000", "Anna")
    assert again["form_key"] != entries["form_key"]
    assert send(again | {"rail": "card"}).status_code == 303
    assert Pledge.objects.count() == 2


def test_the_form_of_a_gift_that_is_paid_leads_to_its_thanks(campaign: Campaign, pay: Pay) -> None:
    entries = filled()
    send(entries)
    pledge = Pledge.objects.get()
    pledges.settled(pledge)

    answer = send(entries)

    assert answer["Location"] == f"/en/give/{pledging.secret_of(pledge)}/"
    assert len(pay.begun) == 1
    assert Gift.objects.count() == 1


@pytest.mark.parametrize("key", ["", "x", "1234"])
def test_a_form_without_its_key_gets_a_new_one_and_keeps_its_entries(
    campaign: Campaign, key: str
) -> None:
    answer = send(filled(form_key=key, name="Anna"))

    again = entries_in(answer.content.decode())
    assert answer.status_code == 422
    assert again["name"] == "Anna"
    assert send(again | {"rail": "card"}).status_code == 303


def test_a_campaign_that_closed_meanwhile_takes_nothing(campaign: Campaign) -> None:
    entries = filled()
    Campaign.objects.update(state=Campaign.State.CLOSED)

    answer = send(entries)

    assert answer.status_code == 409
    assert "You have not been charged." in text_of(answer)
    assert "Nothing is asked for at the moment" in get()
    assert not Pledge.objects.exists()


def test_the_last_day_of_a_campaign_is_the_giving_citys(campaign: Campaign) -> None:
    assert campaign.ends_date == date(2099, 12, 31)

    with clock.showing(datetime(2100, 1, 1, 4, 59, tzinfo=UTC)):
        still_open = get()
    with clock.showing(datetime(2100, 1, 1, 5, 1, tzinfo=UTC)):
        over = get()

    assert "How much?" in still_open
    assert "Nothing is asked for at the moment" in over


def test_a_need_that_was_withdrawn_meanwhile_is_asked_about_anew(campaign: Campaign) -> None:
    a_need(campaign, own_fund=True)
    entries = filled(what="need-1", name="Anna")
    Need.objects.update(state=Need.State.WITHDRAWN, state_reason="no longer needed")

    answer = send(entries)

    assert answer.status_code == 422
    assert "This is not offered any more." in text_of(answer)
    assert entries_in(answer.content.decode())["name"] == "Anna"


def test_another_currency_is_shown_with_all_that_was_typed(campaign: Campaign) -> None:
    world.fund(campaign.partnership, "kramatorsk-gbp", "GBP")

    answer = send(filled(name="Anna") | {"redraw": "GBP"})

    again = entries_in(answer.content.decode())
    assert answer.status_code == 200
    assert (again["what"], again["name"]) == ("campaign-gbp", "Anna")
    assert "£25" in text_of(answer)


def test_unknown_partnerships_have_no_page(campaign: Campaign) -> None:
    assert Client().get("/en/p/nowhere/give/").status_code == 404


# --- from elsewhere


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site", "origin": "http://testserver"},
        {"sec-fetch-site": "same-site"},
        {"referer": "https://evil.example/http://testserver/"},
    ],
)
def test_a_form_from_another_site_is_refused(campaign: Campaign, headers: Any) -> None:
    assert send(filled(), headers=headers).status_code == 403
    assert not Pledge.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "same-origin"},
        {"origin": "http://testserver"},
        {"referer": "http://testserver/en/p/stamford-kramatorsk/give/"},
    ],
)
def test_a_form_of_ours_needs_no_cookie(campaign: Campaign, headers: Any) -> None:
    assert send(filled(), headers=headers).status_code == 303


def test_gift_aid_is_declared_where_pounds_are_given(campaign: Campaign) -> None:
    Issuer.objects.update(rules="us,uk_gift_aid")
    world.fund(campaign.partnership, "kramatorsk-gbp", "GBP")
    page = get("?currency=GBP")
    entries = entries_in(page) | {
        "rail": "card", "rule": "uk_gift_aid", "gift_aid": "on", "name": "Ann Example",
        "address": "1 High St, London N1 1AA", "email": "ann@example.org",
    }  # fmt: skip

    answer = send(entries)

    assert "it is my responsibility to pay any difference" in page
    assert "Gift Aid" not in get()
    assert answer.status_code == 303
    pledge = Pledge.objects.get()
    assert (pledge.has_gift_aid, pledge.rule) == (True, "uk_gift_aid")
    assert pledging.told_with(pledge).address == "1 High St, London N1 1AA"
