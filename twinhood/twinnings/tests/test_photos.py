"""The scan of a decision and the newsroom's photo: whose they are, and when the world sees them."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import translation

from twinhood.documents.tests.photos import jpeg, photo
from twinhood.kit import clock
from twinhood.people.core.permissions import RoleName
from twinhood.people.models import Partnership
from twinhood.twinnings.models import CeremonyPhoto, Draft, StepPaper
from twinhood.twinnings.tests.test_signing import address, freeze, words_of
from twinhood.twinnings.tests.world import AT, Cities


@pytest.fixture(autouse=True)
def _september_in_english() -> Iterator[None]:
    with clock.showing(AT), translation.override("en"):
        yield


@pytest.fixture
def cities(partnership: Partnership) -> Cities:
    return Cities(partnership)


def photo_form(**changes: Any) -> dict[str, Any]:
    return {
        "form_key": uuid4(), "caption_en": "Both mayors, 1 September", "caption_uk": "",
        "alt_en": "Two people at a table", "alt_uk": "", "credit": "The newsroom <b>",
        "photo": photo(jpeg(900, 600, has_place=True)),
    } | changes  # fmt: skip


def pictures_in(page: Any) -> list[str]:
    return re.findall(r'<img src="(/files/[^"]+)"', page.content.decode())


def announced(cities: Cities) -> Draft:
    draft = freeze(cities)
    cities.signed_in(cities.dana).post(address("announcement", draft.number))
    draft.refresh_from_db()
    return draft


def test_the_newsrooms_photo_stands_on_the_page_of_the_ceremony_until_it_is_pulled_back(
    cities: Cities,
) -> None:
    draft = announced(cities)
    editor = cities._person("Editor", cities.partnership.recipient, RoleName.EDITOR)
    sent = cities.signed_in(editor).post(address("photos", draft.number), photo_form(), follow=True)
    assert "A photo said where it was taken; what others see does not." in words_of(sent)
    page = Client().get(address("ceremony", draft.number))
    (picture,) = pictures_in(page)
    assert "Both mayors, 1 September" in words_of(page)
    assert "Photo: The newsroom &lt;b&gt;" in words_of(page)
    assert 'alt="Two people at a table"' in page.content.decode()
    assert Client().get(picture).status_code == 200

    pk = CeremonyPhoto.objects.get().pk
    cities.signed_in(cities.iryna).post(address("pulling", draft.number), {"photo": pk})

    assert Client().get(picture).status_code == 404
    assert pictures_in(Client().get(address("ceremony", draft.number))) == []
    assert cities.signed_in(editor).get(picture).status_code == 200


def test_before_the_ceremony_is_public_only_those_at_work_see_its_photo(cities: Cities) -> None:
    draft = freeze(cities)

    cities.signed_in(cities.dana).post(address("photos", draft.number), photo_form())
    at_work = cities.signed_in(cities.iryna).get(address("photos", draft.number))

    (picture,) = pictures_in(at_work)
    assert cities.signed_in(cities.iryna).get(picture).status_code == 200
    assert Client().get(picture).status_code == 404


def test_a_photo_sent_twice_is_one_and_one_without_words_comes_back_with_the_photo(
    cities: Cities,
) -> None:
    draft = announced(cities)
    dana = cities.signed_in(cities.dana)
    lacking = dana.post(address("photos", draft.number), photo_form(alt_en="", credit=""))
    (kept,) = re.findall(r'name="(photo-\w+)"', lacking.content.decode())
    whole = photo_form(photo="") | {kept: "1"}

    dana.post(address("photos", draft.number), whole)
    dana.post(address("photos", draft.number), whole)

    assert lacking.status_code == 422
    assert "Say who took it." in words_of(lacking)
    assert CeremonyPhoto.objects.count() == 1


def test_a_decision_has_its_scan_and_the_world_sees_it_with_the_ceremony(cities: Cities) -> None:
    draft = freeze(cities)
    dana = cities.signed_in(cities.dana)
    step = {
        "step-kind": "resolution", "step-number": "LR-31", "step-step_date": "2026-08-01",
        "step-body": "Board of Representatives of Stamford", "step-source": "its archive",
        "step-papers": [photo(jpeg(700, 990), "page1.jpg"), photo(jpeg(701, 990), "page2.jpg")],
    }  # fmt: skip
    dana.post(address("steps", draft.number), step)
    (first, second) = pictures_in(dana.get(address("draft", draft.number)))
    assert Client().get(first).status_code == 404

    dana.post(address("announcement", draft.number))

    assert pictures_in(Client().get(address("ceremony", draft.number))) == [first, second]
    assert {Client().get(one).status_code for one in (first, second)} == {200}
    dana.post(
        address("strike", draft.number, StepPaper.objects.all()[0].step_id), {"reason": "wrong"}
    )
    assert Client().get(first).status_code == 404


def test_the_database_lets_a_photo_only_be_pulled_back(cities: Cities) -> None:
    draft = announced(cities)
    cities.signed_in(cities.dana).post(address("photos", draft.number), photo_form())

    for change in ({"credit": "other"}, {"pulled_back_at": AT, "credit": "other"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            CeremonyPhoto.objects.update(**change)
