"""The pages that join rooms, on the example's beginning: forty gifts and nothing bought yet."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum
from django.test import Client
from django.test.utils import CaptureQueriesContext

from twinhood.giving import disputes
from twinhood.giving.actions import refund_gift
from twinhood.giving.models import Gift
from twinhood.kit import clock
from twinhood.kit.money import format_money
from twinhood.ledger import actions as ledger
from twinhood.needs.models import Need
from twinhood.needs.tests.world import quotes_unguarded

P = "/en/p/stamford-kramatorsk/"


def text_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def queries_of(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        text_of(client, path)
    return len(captured)


def test_the_partnership_page_takes_at_most_twenty_two_queries(
    client: Client, example: Any
) -> None:
    queries = queries_of(client, P)

    assert queries <= 22


def test_the_equation_and_the_target_are_the_sums_of_what_stands_there(
    client: Client, example: Any
) -> None:
    page = text_of(client, P)

    assert "$3,500,000" in page
    assert "140,000" in page
    assert "135,470, census 2020" in page
    assert "$25.84 each" in page


def test_a_need_whose_quotes_have_all_ended_is_marked_at_the_campaign(
    client: Client, example: Any
) -> None:
    fresh = text_of(client, P)
    yesterday = clock.now().date() - timedelta(days=2)
    asked = Need.objects.filter(partnership=example.partnership, quotes__isnull=False).distinct()
    one = asked.order_by("number")[0]
    with quotes_unguarded():
        one.quotes.update(quoted_date=yesterday, valid_until_date=yesterday)

    page = text_of(client, P)

    assert "Price out of date" not in fresh
    assert page.count("Price out of date") == 1
    assert str(one.title) in page[: page.index("Price out of date")]


def test_the_books_on_the_page_add_up_to_what_is_free(client: Client, example: Any) -> None:
    gross = sum(Gift.objects.values_list("amount_minor", flat=True))
    fees = sum(Gift.objects.values_list("fee_minor", flat=True))

    page = text_of(client, P)

    assert f"{gross / 100:,.2f}" in page
    assert f"−{fees / 100:,.2f}" in page
    assert f"{(gross - fees) / 100:,.2f}" in page


def test_the_page_and_the_widget_say_the_same_of_what_was_given(
    client: Client, example: Any
) -> None:
    work, usd, eur = example.partnership, "kramatorsk-usd", "kramatorsk-eur"
    for key, source, target, amount, received in (
        ("there", usd, eur, 10_000, 9_000), ("back", eur, usd, 9_000, 11_300),
    ):  # fmt: skip
        ledger.exchange(
            partnership=work, key=f"exchange:{key}", fund_code=source, amount_minor=amount,
            to_code=target, received_minor=received, at=clock.now(),
        )  # fmt: skip

    page, widget = text_of(client, P), text_of(client, f"/embed/{work.slug}/progress.en.html")

    gifts = Gift.objects.aggregate(sum=Sum("amount_minor") - Sum("fee_minor"))["sum"]
    given = format_money(gifts, "USD", "en", short=True)
    assert f"{given} given" in page
    assert f"{given} of" in widget


def test_a_waiting_gift_says_so_and_names_nobody(client: Client, example: Any) -> None:
    page = text_of(client, f"/en/t/{example.secrets['boris']}/")

    assert "Your $100 is waiting to be used" in page
    assert "[$0.00, $100.00)" in page
    assert "Boris" not in page
    assert f"gift:{example.refs['boris']}" in page


def test_a_gift_given_back_says_so(client: Client, example: Any) -> None:
    gift = Gift.objects.get(ref=example.refs["boris"])
    refund_gift(gift=gift, person=None, amount_minor=10_000, reason="Asked for it.", earlier=0)

    page = text_of(client, f"/en/t/{example.secrets['boris']}/")

    assert "Your $100 was given back" in page
    assert "Given back to you: $100.00" in page


def test_a_gifts_public_name_opens_no_page(client: Client, example: Any) -> None:
    assert client.get(f"/en/t/{example.refs['boris']}/").status_code == 404
    assert client.get(f"/en/t/{'0' * 26}/").status_code == 404


def test_a_donors_page_is_kept_by_no_cache_and_no_search_engine(
    client: Client, example: Any
) -> None:
    response = client.get(f"/en/t/{example.secrets['clara']}/")

    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Referrer-Policy"] == "same-origin"


def test_a_burst_of_readers_is_answered_with_one_drawing(
    client: Client, example: Any, settings: Any
) -> None:
    settings.BURST_CACHE_S = 60
    first = text_of(client, P)

    with CaptureQueriesContext(connection) as captured:
        second = text_of(client, P)

    assert second == first
    assert len(captured) == 0


@pytest.mark.parametrize("shape", ["wide", "tall"])
def test_the_map_is_a_picture_of_its_own(client: Client, example: Any, shape: str) -> None:
    response = client.get(f"/p/stamford-kramatorsk/map-{shape}.svg")

    assert response["Content-Type"] == "image/svg+xml"
    assert "public" in response["Cache-Control"]
    assert client.get("/p/stamford-kramatorsk/map-round.svg").status_code == 404


def test_the_desk_shows_what_waits_and_only_what_one_may_do(client: Client, example: Any) -> None:
    client.force_login(example.persons["verifier-2"])

    page = text_of(client, "/en/desk/stamford-kramatorsk/")

    assert "Check a need: Generators" in page
    assert "Enter a gift" not in page


def day_page(client: Client, secret: str, on: str, status: int = 200) -> str:
    response = client.get(f"/en/t/{secret}/", {"on": on})
    assert response.status_code == status
    return response.content.decode()


def test_a_gifts_way_can_be_read_as_it_stood_on_another_day(client: Client, example: Any) -> None:
    gift = Gift.objects.get(ref=example.refs["boris"])
    refund_gift(gift=gift, person=None, amount_minor=4000, reason="asked", earlier=0)
    today = clock.today_in("America/New_York")
    settled = gift.settled_at.date()

    now = text_of(client, f"/en/t/{example.secrets['boris']}/")
    before = day_page(client, example.secrets["boris"], str(today - timedelta(days=1)))
    earlier = day_page(client, example.secrets["boris"], str(settled - timedelta(days=9)))

    assert "Given back to you: $40.00" in now
    assert "Given back to you" not in before
    assert "As it stood at the end of" in before
    assert "was not on the line yet" in earlier


def test_money_that_came_back_after_a_dispute_is_followed_with_the_gift(
    client: Client, example: Any
) -> None:
    gift, now = Gift.objects.get(ref=example.refs["boris"]), clock.now()
    disputes.lost(
        gift=gift, key="dp_1", amount_minor=10_000, fee_minor=0, at=now - timedelta(days=9)
    )
    taken = text_of(client, f"/en/t/{example.secrets['boris']}/")
    disputes.won(gift=gift, key="dp_1", at=now)

    page = text_of(client, f"/en/t/{example.secrets['boris']}/")

    assert "Given back to you: $100.00" in taken
    assert "Given back to you" not in page
    assert "waiting to be used" in page


@pytest.mark.parametrize(
    ("on", "words"),
    [
        ("yesterday", "Write the day as year, month and day"),
        ("2026-02-30", "Write the day as year, month and day"),
        ("9999-12-31", "That day is still to come"),
        ("0001-01-01", "That is too long ago"),
    ],
)
def test_a_day_that_cannot_be_shown_is_answered_with_the_reason(
    client: Client, example: Any, on: str, words: str
) -> None:
    page = day_page(client, example.secrets["boris"], on, status=422)

    assert words in page
    assert "Your $100" in page


def test_a_donors_page_takes_a_bounded_number_of_queries(client: Client, example: Any) -> None:
    assert queries_of(client, f"/en/t/{example.secrets['boris']}/") <= 26
