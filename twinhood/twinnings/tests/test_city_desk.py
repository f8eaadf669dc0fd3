"""The receiving city: another name by law, and an official list that says it is occupied."""

from datetime import date

import pytest
from django.test import Client

from twinhood.kit import clock
from twinhood.people import safety
from twinhood.people.core.permissions import Action, RoleName
from twinhood.people.models import FormerSlug, Partnership, Vouching
from twinhood.people.queries import workspace
from twinhood.places.queries import search
from twinhood.places.tests.test_standing import CODE, KRAMATORSK, listing, take
from twinhood.twinnings.models import Twinning
from twinhood.twinnings.tests.conftest import facts, partnership
from twinhood.twinnings.tests.world import AT, Cities

__all__ = ["facts", "partnership"]
pytestmark = pytest.mark.usefixtures("facts")
CITY = "/en/desk/stamford-kramatorsk/city/"
NAME = {
    "name-name_en": "Novohrad", "name-name_uk": "Новоград", "name-since_date": "2026-08-01",
    "name-act": "Resolution of parliament no. 1 (test)",
}  # fmt: skip


@pytest.fixture
def cities(partnership: Partnership) -> Cities:
    return Cities(partnership)


def occupied_since(day: str) -> None:
    take(listing(f"{CODE},occupied,{day},,{KRAMATORSK}"), date.fromisoformat(day))


def test_a_renamed_city_is_found_by_both_names_and_its_old_addresses_lead_on(
    cities: Cities, client: Client
) -> None:
    client = cities.signed_in(cities.iryna)
    with clock.showing(AT):
        done = client.post(f"{CITY}name/", NAME, follow=True)

        assert done.redirect_chain[-1][0] == "/en/desk/stamford-novohrad/city/"
        page = done.content.decode()
        assert "Novohrad" in page
        assert "Resolution of parliament no. 1 (test)" in page
        # For ever, with its query, in both languages; a form is sent on as it is.
        moved = client.get("/uk/desk/stamford-kramatorsk/city/?a=1")
        assert (moved.status_code, moved["Location"]) == (
            308, "/uk/desk/stamford-novohrad/city/?a=1",
        )  # fmt: skip
        assert client.post(f"{CITY}name/", NAME).status_code == 308
        assert client.get("/en/desk/stamford-nowhere/city/").status_code == 404
    for typed in ("Novohrad", "Новоград", "Kramatorsk", "Краматорськ", "Краматорск", "Kramtorsk"):
        found = search(typed, limit=3)
        assert found[0].place.geoname_id == KRAMATORSK, typed
    (former,) = [
        hit for hit in search("Краматорськ", limit=3) if hit.place.geoname_id == KRAMATORSK
    ]
    assert former.until_date == date(2026, 8, 1)


def test_a_name_taken_back_takes_its_old_address_back(cities: Cities) -> None:
    client = cities.signed_in(cities.iryna)
    back = NAME | {
        "name-name_en": "Kramatorsk", "name-name_uk": "Краматорськ", "name-since_date": "2026-08-20"
    }  # fmt: skip
    with clock.showing(AT):
        client.post(f"{CITY}name/", NAME)
        client.post("/en/desk/stamford-novohrad/city/name/", back)

    cities.partnership.refresh_from_db()
    assert cities.partnership.slug == "stamford-kramatorsk"
    assert list(FormerSlug.objects.values_list("slug", flat=True)) == ["stamford-novohrad"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name-name_uk": "Novohrad"}, "in the letters of its language"),
        ({"name-name_en": "Nоvohrad"}, "in the letters of its language"),
        ({"name-name_en": "---"}, "in the letters of its language"),
        ({"name-since_date": "2030-01-01"}, "from the day on which the name is in force"),
        ({"name-act": ""}, "By which act"),
    ],
)
def test_a_name_that_cannot_be_is_refused_and_nothing_typed_is_lost(
    cities: Cities, wrong: dict[str, str], words: str
) -> None:
    with clock.showing(AT):
        answer = cities.signed_in(cities.iryna).post(f"{CITY}name/", NAME | wrong)

    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert "2026-08-01" in page or "2030-01-01" in page
    assert not FormerSlug.objects.exists()


def test_only_the_city_itself_records_its_name(cities: Cities) -> None:
    with clock.showing(AT):
        assert cities.signed_in(cities.dana).post(f"{CITY}name/", NAME).status_code == 403
        assert cities.signed_in(cities.bondar).post(f"{CITY}name/", NAME).status_code == 403


def test_a_list_alone_never_ends_the_bond(cities: Cities) -> None:
    before = list(Twinning.objects.order_by("pk").values_list("pk", "state"))

    occupied_since("2026-08-01")

    assert list(Twinning.objects.order_by("pk").values_list("pk", "state")) == before
    with clock.showing(AT):
        page = cities.signed_in(cities.dana).get(CITY).content.decode()
    assert "Temporarily occupied" in page
    assert "The bond of the two cities stays official." in page


def test_under_occupation_one_only_looks_until_two_others_made_sure(cities: Cities) -> None:
    occupied_since("2026-08-01")
    extra = cities._person("Lesia", cities.partnership.recipient, RoleName.APPROVER)
    body = cities.iryna.roles.get().organisation
    vouch = {"vouch-organisation": str(body.pk), "vouch-how": "Called the ministry’s number back."}
    with clock.showing(AT):
        at_work = workspace(cities.iryna, cities.partnership)
        assert at_work.may(Action.SEE_DESK)
        assert not at_work.may(Action.WRITE_NEED)
        assert cities.signed_in(cities.iryna).post(f"{CITY}vouching/", vouch).status_code == 403

        dana = cities.signed_in(cities.dana)
        assert dana.post(f"{CITY}vouching/", vouch | {"vouch-how": ""}).status_code == 422
        assert dana.post(f"{CITY}vouching/", vouch).status_code == 302
        again = dana.post(f"{CITY}vouching/", vouch)
        assert "Somebody said this already" in again.content.decode()
        vouching = Vouching.objects.get()
        own = dana.post(f"{CITY}vouching/{vouching.pk}/", follow=True).content.decode()
        assert "somebody else confirms it" in own
        assert not workspace(cities.iryna, cities.partnership).may(Action.WRITE_NEED)

        cities.signed_in(extra).post(f"{CITY}vouching/{vouching.pk}/")

        assert workspace(cities.iryna, cities.partnership).may(Action.WRITE_NEED)
        # Vetted once, not for ever: the other bodies there still wait.
        assert safety.unvouched_in(cities.partnership) == [cities.bondar.roles.get().organisation]
