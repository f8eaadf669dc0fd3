from datetime import UTC, datetime
from html import escape
from html.parser import HTMLParser

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from twinhood.people.models import Partnership
from twinhood.places.tests.few import COVENTRY, KRAMATORSK, STAMFORD, VOLGOGRAD
from twinhood.twinnings.models import Signature, Twinning

PAGES = (
    "/{}/registry/",
    "/{}/registry/?q=kramtorsk",
    "/{}/registry/suggest/?q=st",
    f"/{{}}/registry/{STAMFORD}/",
    f"/{{}}/registry/{VOLGOGRAD}/",
    "/{}/p/stamford-kramatorsk/agreement/",
)


class Options(HTMLParser):
    """Collects the rows of a listbox."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.urls: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if found.get("role") == "option":
            self.urls.append(found["data-url"] or "")


def page(client: Client, path: str, **query: str) -> str:
    """The page's words, however its HTML breaks the lines."""
    response = client.get(path, query)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_search_finds_a_city_in_either_script_and_with_a_slip(client: Client, facts: None) -> None:
    for typed in ("Kramatorsk", "Краматорськ", "kramtorsk", "Kramatrosk"):
        assert f'href="/en/registry/{KRAMATORSK}/"' in page(client, "/en/registry/", q=typed)


def test_a_slip_is_answered_with_what_may_have_been_meant(client: Client, facts: None) -> None:
    words = page(client, "/en/registry/", q="kramtorsk")

    assert "Did you mean" in words
    assert "No city is called “kramtorsk”" in words


def test_a_former_name_is_said_to_be_one(client: Client, facts: None) -> None:
    words = page(client, "/en/registry/", q="Сталинград")

    assert '<bdi lang="ru">Сталинград</bdi>: former name of Volgograd, 1925–1961.' in words


def test_a_name_in_another_script_is_shown_beside_the_readers(client: Client, facts: None) -> None:
    assert '<bdi lang="uk">Стемфорд</bdi>' in page(client, "/en/registry/", q="Стемфорд")
    assert "<mark>Стемф</mark>орд" in page(client, "/uk/registry/", q="Стемф")


def test_nothing_found_offers_one_way_on(client: Client, facts: None) -> None:
    words = page(client, "/en/registry/", q="qqqqzzzz")

    assert "No city is called “qqqqzzzz”" in words
    assert words.count('class="btn quiet"') == 1


def test_suggestions_are_options_of_a_listbox_that_lead_to_cities(
    client: Client, facts: None
) -> None:
    options = Options(page(client, "/uk/registry/suggest/", q="Стемф"))

    assert options.urls == [f"/uk/registry/{STAMFORD}/"]
    assert page(client, "/uk/registry/suggest/") == ""


def test_the_page_of_a_city_says_plainly_that_a_twinning_is_suspended(
    client: Client, facts: None
) -> None:
    for city in (COVENTRY, VOLGOGRAD):
        words = page(client, f"/en/registry/{city}/")

        assert "This twinning is suspended." in words
        assert "March 2022" in words
        assert "unanimous vote" in words


def test_links_that_only_lists_name_are_not_confirmed_and_name_the_lists(
    client: Client, facts: None
) -> None:
    words = page(client, f"/en/registry/{STAMFORD}/")

    assert words.count(">not confirmed<") == 7
    assert words.count("Only lists of sister cities name this link.") == 7
    assert "github.com/KaiErikNiermann/sister-city-visualizer" in words


def test_a_city_without_twinnings_has_no_blank_table(client: Client, facts: None) -> None:
    words = page(client, "/en/registry/703448/")

    assert "No sister city is recorded here yet" in words
    assert "Київ" in words


def test_an_unknown_city_and_an_unknown_partnership_are_not_found(
    client: Client, facts: None
) -> None:
    for path in ("/en/registry/1/", "/en/registry/99999999999999999999/", "/en/p/x/agreement/"):
        assert client.get(path).status_code == 404


def test_the_agreement_says_what_is_recorded_and_that_nothing_is_proved(
    client: Client, partnership: Partnership
) -> None:
    words = page(client, "/en/p/stamford-kramatorsk/agreement/")

    assert words.count("(the hour is not recorded)") == 2
    assert words.count(">not recorded<") == 2
    assert "Oleksandr Honcharenko" in words
    assert "Nothing is proved yet." in words
    assert "Connecticut Public, 6 April 2023" in words


def test_a_known_hour_is_shown_on_both_clocks(client: Client, partnership: Partnership) -> None:
    at = datetime(2023, 4, 6, 18, 30, tzinfo=UTC)
    Signature.objects.filter(place__geoname_id=STAMFORD).update(signed_at=at)

    words = page(client, "/en/p/stamford-kramatorsk/agreement/")

    assert "6 April 2023, 14:30 (New York)" in words
    assert "6 April 2023, 21:30 (Kyiv)" in words


@pytest.mark.parametrize("language", ["en", "uk"])
def test_every_page_is_the_same_for_everybody_and_asks_few_statements(
    client: Client, partnership: Partnership, language: str
) -> None:
    for path in PAGES:
        with CaptureQueriesContext(connection) as asked:
            response = client.get(path.format(language))

        assert response.status_code == 200, path
        assert len([q for q in asked if "SAVEPOINT" not in q["sql"]]) <= 12, path
        assert response["Cache-Control"].startswith("public"), path
        assert "Cookie" not in response.get("Vary", ""), path
        assert not response.cookies, path


def test_the_registry_asks_the_same_however_many_twinnings_there_are(
    client: Client, facts: None
) -> None:
    with CaptureQueriesContext(connection) as many:
        client.get("/en/registry/")
    Twinning.objects.filter(is_confirmed=False).delete()
    with CaptureQueriesContext(connection) as few:
        client.get("/en/registry/")

    assert len(many) == len(few)


def test_whatever_is_typed_is_shown_as_text_and_answered(client: Client, facts: None) -> None:
    for typed in (
        "<script>alert(1)</script>",
        '"><img src=x>',
        "\u202eKramatorsk",
        "'; DROP TABLE places_place;--",
        "{{ settings }}",
        "%s%(n)s",
        "к" * 200,
    ):
        response = client.get("/en/registry/", {"q": typed})

        assert response.status_code == 200, typed
        assert "<script>alert" not in response.content.decode()
        assert "<img src=x>" not in response.content.decode()
        assert f'value="{escape(typed[:200], quote=True)}"' in response.content.decode()


def test_an_endless_or_broken_question_is_refused(client: Client, facts: None) -> None:
    assert client.get("/en/registry/", {"q": "x" * 10_000}).status_code == 400
    assert client.get("/en/registry/?q=%00").status_code == 400
    assert client.get("/en/registry/?q=a&q=b").status_code == 400
    assert client.post("/en/registry/", {"q": "a"}).status_code == 405
