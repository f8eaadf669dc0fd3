"""What newsrooms take along: no cookie, nothing from elsewhere, and a figure with its time."""

import re
from datetime import UTC, datetime

import pytest
from django.http import HttpResponse
from django.test import Client

from twinhood.giving import actions, pledging
from twinhood.giving.models import Gift
from twinhood.giving.tests import pledges
from twinhood.giving.tests.donor_form import a_need
from twinhood.kit import clock
from twinhood.needs.models import Campaign

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 17, 0, tzinfo=UTC)
WIDGETS = ["progress.en.html", "button.en.html", "progress.en.svg", "share.en.svg", "share.en.png"]


def widget(name: str) -> HttpResponse:
    with clock.showing(NOON):
        answer = Client().get(f"/embed/stamford-kramatorsk/{name}")
    assert answer.status_code == 200
    return answer  # type: ignore[return-value]


@pytest.fixture
def given(campaign: Campaign) -> Gift:
    """$25.00 of $87,000.00, less a fee of $1.03."""
    a_need(campaign)
    pledges.settled(pledges.made(campaign.fund).pledge)
    actions.post_settled()
    return Gift.objects.get()


@pytest.mark.parametrize("name", WIDGETS)
def test_any_site_may_show_it_and_a_cache_keeps_it_while_the_house_is_down(
    given: Gift, name: str
) -> None:
    answer = widget(name)

    assert "frame-ancestors *" in answer["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "stale-if-error=2592000" in answer["Cache-Control"]
    assert not answer.cookies


@pytest.mark.parametrize("name", [name for name in WIDGETS if not name.endswith("png")])
def test_it_runs_no_script_and_loads_nothing_from_elsewhere(given: Gift, name: str) -> None:
    text = widget(name).content.decode()

    assert "<script" not in text
    loaded = re.findall(r'(?:src|<link[^>]*href)="([^"]*)"', text)
    assert all(address.startswith("/static/") for address in loaded)
    assert "script-src" not in widget(name)["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["progress.en.html", "progress.en.svg", "share.en.svg"])
def test_it_shows_its_figure_with_the_time_of_it(given: Gift, name: str) -> None:
    text = widget(name).content.decode()

    assert "$23.97 of $87,000 is here, after fees." in text
    assert "1 March 2026, 12:00" in text
    assert "all money here is invented" in text


def test_what_was_partly_refunded_counts_with_its_rest(given: Gift) -> None:
    actions.refund_gift(gift=given, person=None, amount_minor=1000, reason="asked", earlier=0)

    assert "$13.97 of $87,000" in widget("progress.en.html").content.decode()


def test_it_speaks_the_language_of_its_address(given: Gift) -> None:
    text = widget("progress.uk.html").content.decode()

    assert 'lang="uk"' in text
    assert "/uk/p/stamford-kramatorsk/give/" in text
    assert "1 березня 2026" in text
    assert Client().get("/embed/stamford-kramatorsk/progress.xx.html").status_code == 404
    assert Client().get("/embed/nowhere/progress.en.html").status_code == 404


def test_a_closed_campaign_has_no_button_to_give(given: Gift) -> None:
    Campaign.objects.update(state=Campaign.State.CLOSED)

    assert "Give to" not in widget("button.en.html").content.decode()


def test_the_snippets_hold_the_figure_of_the_day_and_no_script(given: Gift) -> None:
    with clock.showing(NOON):
        page = Client().get("/en/p/stamford-kramatorsk/give/embed/").content.decode()

    snippets = re.findall(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert len(snippets) == 3
    for snippet in snippets:
        assert "$23.97 of $87,000 is here, after fees." in snippet
        assert "1 March 2026, 12:00" in snippet
        assert "script" not in snippet
        assert "example: all money here is invented." in snippet.lower()


def test_the_poster_is_one_sheet_in_both_languages(given: Gift) -> None:
    answer = Client().get("/en/p/stamford-kramatorsk/give/poster.pdf")

    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert b"/Type/Pages/Count 1/" in answer.content


def test_the_picture_to_share_is_a_png_of_its_size(given: Gift) -> None:
    png = widget("share.uk.png").content

    assert png.startswith(b"\x89PNG")
    assert (int.from_bytes(png[16:20]), int.from_bytes(png[20:24])) == (1200, 630)


def test_nothing_of_a_donor_is_in_it(campaign: Campaign) -> None:
    pledge = pledges.made(campaign.fund, shows_name=True).pledge
    pledges.settled(pledge)
    actions.post_settled()

    for name in WIDGETS:
        content = widget(name).content
        assert b"Anna" not in content
        assert pledging.secret_of(pledge).encode() not in content
