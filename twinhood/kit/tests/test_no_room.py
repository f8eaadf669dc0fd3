"""A disk that is nearly full: reading goes on, nothing is taken in, and the page says so."""

from typing import Any

import pytest
from django.test import Client

MORE_THAN_ANY_DISK = 2**60


@pytest.fixture
def full_disk(settings: Any) -> None:
    settings.FREE_BYTES_MIN = MORE_THAN_ANY_DISK


@pytest.mark.django_db
def test_with_a_full_disk_a_form_is_answered_in_both_languages(
    client: Client, full_disk: None
) -> None:
    response = client.post("/en/account/login/", {"login": "tom@twinhood.example"})

    assert response.status_code == 503
    assert response["Retry-After"] == "600"
    assert "takes nothing in" in response.content.decode()
    assert "нічого не приймає" in response.content.decode()


@pytest.mark.django_db
def test_with_a_full_disk_pages_are_still_read(client: Client, full_disk: None) -> None:
    assert client.get("/en/account/login/").status_code == 200


@pytest.mark.django_db
def test_with_room_forms_are_taken(client: Client) -> None:
    response = client.post("/en/account/login/", {"login": "nobody@twinhood.example"})

    assert response.status_code != 503
