"""Promises of the pages: a stranger learns nothing, a program that opens links confirms nothing."""

from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client

from twinhood.joining.claiming import secret_of
from twinhood.joining.models import Claim, Pairing
from twinhood.joining.tests.people import House, a_person, link_in_the_letter, signed_in
from twinhood.people.models import Partnership
from twinhood.places.tests.few import KRAMATORSK, STAMFORD

TYPED = {
    "place_text": "Kramatorsk", "name": "Краматорська міська рада", "registry_code": "",
    "website": "krm.gov.ua", "email": "rada@krm.gov.ua", "office": "Secretary",
}  # fmt: skip


@pytest.fixture
def house() -> House:
    return House()


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_a_claim_is_made_once_however_often_it_is_sent(house: House) -> None:
    client = signed_in(house.iryna)
    sent = TYPED | {"form_key": str(uuid4())}

    first = client.post(f"/en/join/{KRAMATORSK}/", sent)
    second = client.post(f"/en/join/{KRAMATORSK}/", sent)

    claim = Claim.objects.get()
    assert first["Location"] == second["Location"] == f"/en/join/claims/{claim.pk}/"
    assert claim.place is not None
    assert claim.place.geoname_id == KRAMATORSK
    page = words(client.get(first["Location"]))
    assert "It has no code in an official register of legal persons." in page
    assert "Nobody has opened the link in the letter" in page


def test_what_is_wrong_is_said_in_ones_language_and_nothing_typed_is_lost(house: House) -> None:
    bad = TYPED | {
        "form_key": str(uuid4()), "email": "mayor@gmail.com", "registry_code": "1234567",
        "name": "Крaматорська рада",
    }  # fmt: skip

    answer = signed_in(house.iryna).post(f"/uk/join/{KRAMATORSK}/", bad)

    page = words(answer)
    assert answer.status_code == 422
    assert "Там адресу може мати будь-хто." in page
    assert "Код ЄДРПОУ має вісім цифр" in page
    assert "схожі літери двох абеток" in page
    assert 'value="1234567"' in page
    assert "Крaматорська рада" in page
    assert not Claim.objects.exists()


def test_a_name_that_several_places_bear_is_asked_about(house: House) -> None:
    client = signed_in(house.dana)
    sent = TYPED | {"form_key": str(uuid4()), "place_text": "Stamford"}

    asked = client.post("/en/join/", sent)
    taken = client.post("/en/join/", sent | {"chosen": str(STAMFORD), "registry_code": ""})

    assert asked.status_code == 422
    assert "Say which one it is." in words(asked)
    assert taken.status_code == 302
    place = Claim.objects.get().place
    assert place is not None
    assert place.geoname_id == STAMFORD


def test_a_place_that_is_none_stays_private_and_says_what_is_missing(house: House) -> None:
    client = signed_in(house.dana)
    sent = TYPED | {
        "form_key": str(uuid4()), "place_text": "Zzkailania", "name": "United Republic of Kailania",
        "website": "kailania.example", "email": "pope@kailania.example",
    }  # fmt: skip

    address = client.post("/en/join/", sent)["Location"]

    page = words(client.get(address))
    assert "It names no place that the registry of cities knows." in page
    assert "It has no code in an official register" in page
    for stranger in (Client(), signed_in(a_person("Ivan"))):
        assert "Kailania" not in words(stranger.get(address, follow=True))
    assert "Kailania" not in words(Client().get("/en/registry/", {"q": "Kailania"})).replace(
        'value="Kailania"', ""
    ).split("<main")[-1].replace("“Kailania”", "")


def test_a_link_confirms_only_by_its_button(house: House) -> None:
    claim = house.kramatorsk()
    link = link_in_the_letter(claim)

    shown = Client().get(link)
    assert not Claim.objects.exclude(mail_confirmed_at=None).exists()

    Client().post(link)
    claim.refresh_from_db()

    assert "Краматорська міська рада" in words(shown)
    assert claim.mail_confirmed_at is not None
    assert mail.outbox[-1].to == ["rada@krm.gov.ua"]
    assert "Чи дієте ви від імені" in mail.outbox[-1].subject
    assert "адресу підтверджено" in words(Client().get(link))
    assert Client().get("/en/join/mail/00/").status_code == 404


def test_a_stranger_finds_no_claim_and_who_claims_vets_nothing(house: House) -> None:
    claim = house.kramatorsk()
    address = f"/en/join/claims/{claim.pk}/"
    stranger, own = signed_in(house.dana), signed_in(house.iryna)

    assert Client().get(address).status_code == 302
    for path in ("", "suggestions/"):
        assert stranger.get(address + path).status_code == 404
    for path in ("call/", "confirmation/", "refusal/", "withdrawal/", "letter/"):
        assert stranger.post(address + path).status_code == 404
    for path in ("call/", "confirmation/", "refusal/"):
        assert own.post(address + path).status_code == 404
    assert own.get(f"{address}suggestions/").status_code == 404


def test_two_people_vet_and_both_cities_accept_on_their_own_pages(house: House) -> None:
    giving, receiving = house.vetted(house.stamford()), house.kramatorsk()
    olha, sasha = signed_in(house.olha), signed_in(house.sasha)
    Client().post(f"/en/join/mail/{secret_of(receiving)}/")
    address = f"/en/join/claims/{receiving.pk}/"

    empty = olha.post(f"{address}call/", {"call-number": "+380"})
    assert (empty.status_code, 'value="+380"' in words(empty)) == (422, True)
    call = {"call-number": "+380 6264 1", "call-source": "Register", "call-answer": "Yes."}
    olha.post(f"{address}call/", call)
    assert "You are the second person" not in words(olha.get(address))
    assert "You are the second person" in words(sasha.get(address))
    sasha.post(f"{address}confirmation/")

    shown = words(olha.get(f"/en/join/claims/{giving.pk}/suggestions/"))
    assert "They are sister cities already." in shown
    assert "no score is shown" in shown
    both = f"/en/join/claims/{giving.pk}/with/{receiving.pk}/"
    assert olha.get(both).status_code == 200
    olha.post(both, {"role": str(receiving.pk), "note": "You know each other."})
    pair = Pairing.objects.get()

    dana, iryna = signed_in(house.dana), signed_in(house.iryna)
    answer = f"pairings/{pair.pk}/answer/"
    assert dana.post(address + answer, {"answer": "yes"}).status_code == 404
    iryna.post(address + answer, {"answer": "yes"})
    assert not Partnership.objects.exists()
    dana.post(f"/en/join/claims/{giving.pk}/{answer}", {"answer": "yes"})

    assert Partnership.objects.get().slug == "stamford-kramatorsk"
    assert "Open the desk" in words(dana.get(f"/en/join/claims/{giving.pk}/"))
    assert dana.get("/en/desk/stamford-kramatorsk/").status_code == 200
    assert Client().get("/en/p/stamford-kramatorsk/").status_code == 200


def test_a_no_needs_a_reason_that_the_others_read(house: House) -> None:
    claim = house.kramatorsk()
    olha = signed_in(house.olha)

    silent = olha.post(f"/en/join/claims/{claim.pk}/refusal/", {"refusal-reason": " "})
    olha.post(f"/en/join/claims/{claim.pk}/refusal/", {"refusal-reason": "Not theirs."})

    assert silent.status_code == 422
    assert "Not theirs." in words(signed_in(house.iryna).get(f"/en/join/claims/{claim.pk}/"))
